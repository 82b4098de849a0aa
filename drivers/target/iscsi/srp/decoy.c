// SPDX-License-Identifier: GPL-2.0
/*
 * Made-up credentials for unknown users, so that a login does not reveal which
 * users exist.
 */
#include <linux/minmax.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "cred.h"
#include "decoy.h"
#include "group.h"

#define SRP_DECOY_SALT_LEN	16	/* as iscsi-srp-passwd makes them */

/* Fill @dst with unpredictable bytes that are the same for the same @seed */
static void srp_decoy_fill(u8 *dst, size_t len, unsigned int label,
			   const siphash_key_t *seed)
{
	size_t i, n;

	for (i = 0; i < len; i += n) {
		u64 word = siphash_2u64(label, i, seed);

		n = min(len - i, sizeof(word));
		memcpy(dst + i, &word, n);
	}
}

static bool srp_decoy_has_group(const struct iscsit_srp_cred *like,
				unsigned int id)
{
	if (iscsit_srp_cred_strongest(like))
		return like->verifier[id];

	return id == ISCSI_SRP_GROUP_SRP_1536 ||
	       id == ISCSI_SRP_GROUP_SRP_2048 ||
	       id == ISCSI_SRP_GROUP_MODP_3072;
}

/**
 * iscsit_srp_decoy - Make up a credential for a user who has none
 * @like: credential that the decoy must resemble, or NULL
 * @userid: SRP_U
 * @userid_len: bytes in @userid, 1 to ISCSIT_SRP_USERID_MAX
 *
 * The salt is as long as that of @like, and the groups are the same; without
 * them, both are what the tools create by default.  Salt and verifiers are a
 * keyed hash of @userid, so they do not change until the module is loaded
 * again.  Nobody knows a password for the verifiers.
 *
 * Context: Process context.  May sleep, until random numbers are available.
 * Return: The credential, for iscsit_srp_cred_put(); NULL if there is no
 * memory, or a signal came before there were random numbers.
 */
struct iscsit_srp_cred *iscsit_srp_decoy(const struct iscsit_srp_cred *like,
					 const u8 *userid, size_t userid_len)
{
	static siphash_key_t secret[2] __read_mostly;
	struct iscsit_srp_cred *cred;
	siphash_key_t seed;
	unsigned int id;

	if (userid_len > ISCSIT_SRP_USERID_MAX || wait_for_random_bytes())
		return NULL;
	get_random_once(secret, sizeof(secret));

	cred = iscsit_srp_cred_alloc();
	if (!cred)
		return NULL;
	memcpy(cred->userid, userid, userid_len);
	cred->userid_len = userid_len;

	seed.key[0] = siphash(userid, userid_len, &secret[0]);
	seed.key[1] = siphash(userid, userid_len, &secret[1]);

	cred->salt_len = like && like->salt_len ? like->salt_len :
						  SRP_DECOY_SALT_LEN;
	cred->salt = kmalloc(cred->salt_len, GFP_KERNEL);
	if (!cred->salt)
		goto err_put;
	srp_decoy_fill(cred->salt, cred->salt_len, 0, &seed);

	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct iscsit_srp_group *group;
		u8 *v;

		if (!srp_decoy_has_group(like, id))
			continue;
		group = iscsit_srp_group_by_id(id);
		v = kmalloc(group->len, GFP_KERNEL);
		if (!v)
			goto err_put;
		srp_decoy_fill(v, group->len, id, &seed);
		v[0] %= group->N[0];		/* less than N */
		v[group->len - 1] |= 1;		/* more than 0 */
		cred->verifier[id] = v;
	}

out:
	memzero_explicit(&seed, sizeof(seed));
	return cred;

err_put:
	iscsit_srp_cred_put(cred);
	cred = NULL;
	goto out;
}
