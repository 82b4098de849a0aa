// SPDX-License-Identifier: GPL-2.0
/*
 * Made-up credentials for unknown users, so that a login does not reveal which
 * users exist.
 *
 * A real salt differs from target to target and stays the same when the module
 * is loaded again, so a made-up one does as well: it depends on a secret that
 * the tools save and restore, on the place and on the name.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "cred.h"
#include "decoy.h"
#include "group.h"

#define SRP_DECOY_SALT_LEN	16	/* as iscsi-srp-passwd makes them */

static DEFINE_SPINLOCK(srp_decoy_lock);	/* protects the two below */
static u8 srp_decoy_secret[ISCSIT_SRP_DECOY_SECRET_LEN];
static bool srp_decoy_ready;		/* there is a secret */

/* Copy the secret; choose it the first time.  May sleep */
static int srp_decoy_get_secret(u8 *secret)
{
	int ret = wait_for_random_bytes();

	if (ret)
		return ret;

	spin_lock(&srp_decoy_lock);
	if (!srp_decoy_ready)
		get_random_bytes(srp_decoy_secret, sizeof(srp_decoy_secret));
	srp_decoy_ready = true;
	memcpy(secret, srp_decoy_secret, sizeof(srp_decoy_secret));
	spin_unlock(&srp_decoy_lock);

	return 0;
}

/* Show the secret, so that it can be saved */
ssize_t iscsit_srp_decoy_show(char *page)
{
	u8 secret[ISCSIT_SRP_DECOY_SECRET_LEN];
	int ret = srp_decoy_get_secret(secret);

	if (ret)
		return ret;
	bin2hex(page, secret, sizeof(secret));
	memzero_explicit(secret, sizeof(secret));

	return 2 * sizeof(secret) + sprintf(page + 2 * sizeof(secret), "\n");
}

/* Set the secret, or (empty or NULL) choose another one */
ssize_t iscsit_srp_decoy_store(const char *page, size_t count)
{
	u8 secret[ISCSIT_SRP_DECOY_SECRET_LEN] = {};
	size_t len = iscsit_srp_value_len(page, count);

	if (len && (len != 2 * sizeof(secret) ||
		    hex2bin(secret, page, sizeof(secret)))) {
		pr_err("srp_decoy_secret: write %d bytes as %d hexadecimal digits, or NULL to choose them by chance\n",
		       ISCSIT_SRP_DECOY_SECRET_LEN,
		       2 * ISCSIT_SRP_DECOY_SECRET_LEN);
		memzero_explicit(secret, sizeof(secret));
		return -EINVAL;
	}

	spin_lock(&srp_decoy_lock);
	memcpy(srp_decoy_secret, secret, sizeof(secret));
	srp_decoy_ready = len;
	spin_unlock(&srp_decoy_lock);
	memzero_explicit(secret, sizeof(secret));

	return count;
}

/* Hash who is unknown where.  @initiator and @target may be NULL */
static u64 srp_decoy_hash(const char *target, const char *initiator,
			  const u8 *userid, size_t userid_len, const u8 *secret)
{
	siphash_key_t key = { {
		get_unaligned_le64(secret), get_unaligned_le64(secret + 8),
	} };
	u64 hash;

	hash = siphash_3u64(target ? siphash(target, strlen(target), &key) : 0,
			    initiator ? siphash(initiator, strlen(initiator),
						&key) : 0,
			    siphash(userid, userid_len, &key), &key);
	memzero_explicit(&key, sizeof(key));

	return hash;
}

/* Fill @dst with unpredictable bytes that are the same for the same @seed */
static void srp_decoy_fill(u8 *dst, size_t len, unsigned int label,
			   const siphash_key_t *seed)
{
	size_t i, n;

	for (i = 0; i < len; i += n) {
		__le64 word = cpu_to_le64(siphash_2u64(label, i, seed));

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
 * @kin: credential with a salt to copy, or NULL
 * @target: name of the target, or NULL for discovery
 * @initiator: name of the initiator if its ACL has credentials, or NULL
 * @userid: SRP_U
 * @userid_len: bytes in @userid, 1 to ISCSIT_SRP_USERID_MAX
 *
 * The salt is as long as that of @like, and the groups are the same; without
 * them, both are what the tools create by default.  Salt and verifiers are a
 * hash of @target, @initiator and @userid, whose key is srp_decoy_secret.
 * Nobody knows a password for the verifiers.
 *
 * A user who exists, but may not log in here, has the same salt as elsewhere: it
 * is that of @kin.
 *
 * Context: Process context.  May sleep, until random numbers are available.
 * Return: The credential, for iscsit_srp_cred_put(); NULL if there is no
 * memory, or a signal came before there were random numbers.
 */
struct iscsit_srp_cred *iscsit_srp_decoy(const struct iscsit_srp_cred *like,
					 const struct iscsit_srp_cred *kin,
					 const char *target,
					 const char *initiator,
					 const u8 *userid, size_t userid_len)
{
	u8 secret[ISCSIT_SRP_DECOY_SECRET_LEN];
	struct iscsit_srp_cred *cred;
	siphash_key_t seed;
	unsigned int id;

	if (userid_len > ISCSIT_SRP_USERID_MAX || srp_decoy_get_secret(secret))
		return NULL;
	seed.key[0] = srp_decoy_hash(target, initiator, userid, userid_len,
				     secret);
	seed.key[1] = srp_decoy_hash(target, initiator, userid, userid_len,
				     secret + sizeof(secret) / 2);
	memzero_explicit(secret, sizeof(secret));

	cred = iscsit_srp_cred_alloc();
	if (!cred)
		goto out;
	memcpy(cred->userid, userid, userid_len);
	cred->userid_len = userid_len;

	cred->salt_len = like && like->salt_len ? like->salt_len :
						  SRP_DECOY_SALT_LEN;
	if (kin)
		cred->salt_len = kin->salt_len;
	cred->salt = kmalloc(cred->salt_len, GFP_KERNEL);
	if (!cred->salt)
		goto err_put;
	srp_decoy_fill(cred->salt, cred->salt_len, 0, &seed);
	if (kin)
		memcpy(cred->salt, kin->salt, cred->salt_len);

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
