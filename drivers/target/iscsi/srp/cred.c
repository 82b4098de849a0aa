// SPDX-License-Identifier: GPL-2.0
/*
 * User, salt and verifiers: of an ACL, a portal group, discovery, or an entry
 * of a target's table of users.
 *
 * A struct iscsit_srp_cred does not change once published.  A change is made
 * to a copy, which then takes its place, so that the reference that a login
 * holds is a consistent snapshot.  Values are checked when they are stored: a
 * login need not do it again.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/mutex.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "cred.h"
#include "decoy.h"
#include "group.h"
#include "worker.h"
#include "scope.h"

#define SRP_UNSET	"NULL"		/* as in LIO's other auth files */

#define SRP_DECOY_SALT_LEN	16	/* as iscsi-srp-passwd makes them */

/* Makes changes wait for each other; taken before srp_cred_lock */
static DEFINE_MUTEX(srp_cred_change_lock);

/* Protects the pointer in each struct iscsit_srp_scope */
static DEFINE_SPINLOCK(srp_cred_lock);

static struct iscsit_srp_cred *srp_cred_alloc(void)
{
	struct iscsit_srp_cred *cred = kzalloc_obj(*cred);

	if (cred)
		kref_init(&cred->ref);

	return cred;
}

static void srp_cred_release(struct kref *ref)
{
	struct iscsit_srp_cred *cred =
		container_of(ref, struct iscsit_srp_cred, ref);
	unsigned int id;

	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		kfree_sensitive(cred->verifier[id]);
	kfree_sensitive(cred->salt);
	kfree_sensitive(cred);
}

/**
 * iscsit_srp_cred_get - Take a snapshot of a scope's credentials
 * @auth: the scope
 *
 * Context: Process context.  Does not sleep.
 * Return: The credentials, with a reference that iscsit_srp_cred_put() gives
 * back; NULL if none of them is set.
 */
struct iscsit_srp_cred *iscsit_srp_cred_get(struct iscsi_node_auth *auth)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	struct iscsit_srp_cred *cred;

	if (!scope)
		return NULL;

	spin_lock(&srp_cred_lock);
	cred = scope->cred;
	if (cred)
		kref_get(&cred->ref);
	spin_unlock(&srp_cred_lock);
	iscsit_srp_scope_put(scope);

	return cred;
}

/**
 * iscsit_srp_cred_put - Give a snapshot back
 * @cred: from iscsit_srp_cred_get() or iscsit_srp_cred_decoy(), or NULL
 *
 * The last reference wipes and frees it.
 *
 * Context: Any context but hard interrupts.
 */
void iscsit_srp_cred_put(struct iscsit_srp_cred *cred)
{
	if (cred)
		kref_put(&cred->ref, srp_cred_release);
}

/* Let @cred, which may be NULL, take the place of what is there */
static void srp_cred_publish(struct iscsit_srp_scope *scope,
			     struct iscsit_srp_cred *cred)
{
	struct iscsit_srp_cred *old;

	spin_lock(&srp_cred_lock);
	old = scope->cred;
	scope->cred = cred;
	spin_unlock(&srp_cred_lock);
	iscsit_srp_workers_use(!!cred - !!old);

	iscsit_srp_cred_put(old);
}

/**
 * iscsit_srp_cred_forget - Unset all credentials of a scope
 * @scope: the scope, where nothing is stored any more
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_cred_forget(struct iscsit_srp_scope *scope)
{
	mutex_lock(&srp_cred_change_lock);
	srp_cred_publish(scope, NULL);
	mutex_unlock(&srp_cred_change_lock);
}

static struct iscsit_srp_cred *srp_cred_copy(const struct iscsit_srp_cred *old)
{
	struct iscsit_srp_cred *new = srp_cred_alloc();
	unsigned int id;

	if (!new || !old)
		return new;

	new->userid_len = old->userid_len;
	memcpy(new->userid, old->userid, old->userid_len);

	if (old->salt_len) {
		new->salt = kmemdup(old->salt, old->salt_len, GFP_KERNEL);
		if (!new->salt)
			goto err_put;
		new->salt_len = old->salt_len;
	}
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		if (!old->verifier[id])
			continue;
		new->verifier[id] = kmemdup(old->verifier[id],
					    iscsit_srp_group_by_id(id)->len,
					    GFP_KERNEL);
		if (!new->verifier[id])
			goto err_put;
	}

	return new;

err_put:
	iscsit_srp_cred_put(new);
	return NULL;
}

static bool srp_cred_empty(const struct iscsit_srp_cred *cred)
{
	return !cred->userid_len && !cred->salt_len &&
	       !memchr_inv(cred->verifier, 0, sizeof(cred->verifier));
}

/* The strongest group that there is a verifier for, 0: there is none */
static unsigned int srp_cred_strongest(const struct iscsit_srp_cred *cred)
{
	unsigned int id = cred ? ISCSI_SRP_GROUP_MAX : 0;

	while (id && !cred->verifier[id])
		id--;

	return id;
}

/* Verifiers of which none may be used are an oversight */
static bool srp_cred_fits(const struct iscsit_srp_cred *cred,
			  unsigned int min_group)
{
	unsigned int strongest = srp_cred_strongest(cred);

	return !strongest || strongest >= min_group;
}

/**
 * iscsit_srp_is_utf8 - Whether text is UTF-8 as RFC 3629 has it
 * @s: the text, not terminated
 * @len: octets of @s
 *
 * No surrogates, and nothing longer than it need be.
 *
 * Context: Any.
 * Return: True if it is.
 */
bool iscsit_srp_is_utf8(const u8 *s, size_t len)
{
	size_t i, j, n;

	for (i = 0; i < len; i += n) {
		u32 c, min;

		if (s[i] < 0x80) {
			n = 1;
			c = s[i];
			min = 0;
		} else if (s[i] >> 5 == 0x06) {
			n = 2;
			c = s[i] & 0x1f;
			min = 0x80;
		} else if (s[i] >> 4 == 0x0e) {
			n = 3;
			c = s[i] & 0x0f;
			min = 0x800;
		} else if (s[i] >> 3 == 0x1e) {
			n = 4;
			c = s[i] & 0x07;
			min = 0x10000;
		} else {
			return false;
		}
		if (n > len - i)
			return false;
		for (j = 1; j < n; j++) {
			if (s[i + j] >> 6 != 0x02)
				return false;
			c = c << 6 | (s[i + j] & 0x3f);
		}
		if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
	}

	return true;
}

/*
 * Hexadecimal, with or without 0x.  Two digits an octet: an odd count is more
 * likely a value that was cut off than one without its leading zero.
 */
static int srp_decode_hex(const char *value, size_t len, u8 *dst, size_t size)
{
	if (len >= 2 && value[0] == '0' && (value[1] == 'x' || value[1] == 'X')) {
		value += 2;
		len -= 2;
	}
	if (!len || len % 2 || len / 2 > size)
		return -EINVAL;

	return hex2bin(dst, value, len / 2) ?: len / 2;
}

static int srp_set_userid(struct iscsit_srp_cred *cred, const char *value,
			  size_t len)
{
	if (len > ISCSIT_SRP_USERID_MAX || memchr(value, '\0', len) ||
	    memchr(value, '\n', len) || !iscsit_srp_is_utf8(value, len)) {
		pr_err("srp_userid: write 1 to %d octets of UTF-8, in one line\n",
		       ISCSIT_SRP_USERID_MAX);
		return -EINVAL;
	}

	memcpy(cred->userid, value, len);
	cred->userid_len = len;
	return 0;
}

static int srp_set_salt(struct iscsit_srp_cred *cred, const char *value,
			size_t len)
{
	u8 *salt = kmalloc(min(len / 2 + 1, ISCSI_SRP_MAX_LEN), GFP_KERNEL);
	int ret;

	if (!salt)
		return -ENOMEM;

	ret = srp_decode_hex(value, len, salt,
			     min(len / 2 + 1, ISCSI_SRP_MAX_LEN));
	if (ret < 0) {
		pr_err("srp_salt: write 1 to %d octets as hexadecimal digits, two for each octet\n",
		       ISCSI_SRP_MAX_LEN);
		kfree_sensitive(salt);
		return ret;
	}

	cred->salt = salt;
	cred->salt_len = ret;
	return 0;
}

static int srp_set_verifier(struct iscsit_srp_cred *cred,
			    const struct iscsit_srp_group *group,
			    const char *value, size_t len)
{
	u8 *v = kzalloc(group->len, GFP_KERNEL);
	int ret;

	if (!v)
		return -ENOMEM;

	ret = srp_decode_hex(value, len, v, group->len);
	if (ret < 0 || !iscsit_srp_group_contains(group, v, ret)) {
		pr_err("srp_verifier_%s: write a number greater than 0 and less than N of the group as hexadecimal digits, an even count of at most %u\n",
		       group->name, 2 * group->len);
		kfree_sensitive(v);
		return -EINVAL;
	}

	/* As long as N, whatever was written */
	memmove(v + group->len - ret, v, ret);
	memset(v, 0, group->len - ret);
	cred->verifier[group->id] = v;
	return 0;
}

static int srp_cred_set(struct iscsit_srp_cred *cred, unsigned int field,
			const char *value, size_t len)
{
	const struct iscsit_srp_group *group;

	switch (field) {
	case ISCSIT_SRP_CRED_USERID:
		cred->userid_len = 0;
		return len ? srp_set_userid(cred, value, len) : 0;
	case ISCSIT_SRP_CRED_SALT:
		kfree_sensitive(cred->salt);
		cred->salt = NULL;
		cred->salt_len = 0;
		return len ? srp_set_salt(cred, value, len) : 0;
	}

	group = iscsit_srp_group_by_id(field);
	if (!group)
		return -EINVAL;
	kfree_sensitive(cred->verifier[field]);
	cred->verifier[field] = NULL;
	return len ? srp_set_verifier(cred, group, value, len) : 0;
}

/**
 * iscsit_srp_cred_format - Text of one of the credentials
 * @cred: the credentials, or NULL
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: configfs's buffer, at least 4096 octets
 *
 * What is shown can be stored: the user as it is, salt and verifier as
 * hexadecimal digits, NULL for what is not set.
 *
 * Context: Any.
 * Return: Octets in @page.
 */
ssize_t iscsit_srp_cred_format(const struct iscsit_srp_cred *cred,
			       unsigned int field, char *page)
{
	const struct iscsit_srp_group *group = iscsit_srp_group_by_id(field);
	size_t len = 0;

	if (cred && field == ISCSIT_SRP_CRED_USERID) {
		len = cred->userid_len;
		memcpy(page, cred->userid, len);
	} else if (cred && field == ISCSIT_SRP_CRED_SALT) {
		len = 2 * cred->salt_len;
		bin2hex(page, cred->salt, cred->salt_len);
	} else if (cred && group && cred->verifier[field]) {
		len = 2 * group->len;
		bin2hex(page, cred->verifier[field], group->len);
	}

	if (!len) {
		len = strlen(SRP_UNSET);
		memcpy(page, SRP_UNSET, len);
	}
	page[len] = '\n';

	return len + 1;
}

/**
 * iscsit_srp_cred_alter - Make an altered copy of credentials
 * @old: the credentials, or NULL; they do not change
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: the value; a newline at its end does not count
 * @count: octets of @page
 *
 * A user has 1 to 255 octets of UTF-8 without NUL and newline.  A salt has 1
 * to 1024 octets and a verifier is between 0 and the N of its group; both are
 * hexadecimal digits, an even count of either case, with or without 0x.  An
 * empty value or NULL unsets.
 *
 * All verifiers of a user must belong to the same salt (the salt is sent
 * before the group is chosen): that cannot be checked here.
 *
 * Context: Process context.  May sleep.
 * Return: The copy, to be given to iscsit_srp_cred_put(); NULL if nothing is
 * set in it; an error pointer: -EINVAL if the value is not valid, -ENOMEM.
 */
struct iscsit_srp_cred *iscsit_srp_cred_alter(const struct iscsit_srp_cred *old,
					      unsigned int field,
					      const char *page, size_t count)
{
	struct iscsit_srp_cred *new;
	size_t len = count;
	int ret;

	if (len && page[len - 1] == '\n')
		len--;
	if (len == strlen(SRP_UNSET) && !memcmp(page, SRP_UNSET, len))
		len = 0;

	new = srp_cred_copy(old);
	if (!new)
		return ERR_PTR(-ENOMEM);

	ret = srp_cred_set(new, field, page, len);
	if (ret || srp_cred_empty(new)) {
		iscsit_srp_cred_put(new);
		return ERR_PTR(ret);
	}

	return new;
}

/**
 * iscsit_srp_cred_show - Show one of a scope's credentials
 * @auth: the scope
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: configfs's buffer, at least 4096 octets
 *
 * Context: Process context.
 * Return: Octets in @page, see iscsit_srp_cred_format().
 */
ssize_t iscsit_srp_cred_show(struct iscsi_node_auth *auth, unsigned int field,
			     char *page)
{
	struct iscsit_srp_cred *cred = iscsit_srp_cred_get(auth);
	ssize_t len = iscsit_srp_cred_format(cred, field, page);

	iscsit_srp_cred_put(cred);

	return len;
}

/**
 * iscsit_srp_cred_store - Set or unset one of a scope's credentials
 * @auth: the scope
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: the value, see iscsit_srp_cred_alter()
 * @count: octets of @page
 *
 * What was set before is wiped with the last login that uses it.
 *
 * Context: Process context.  May sleep.
 * Return: @count; -EINVAL if the value is not valid, or if there would be
 * verifiers, but all of them below the scope's minimum group; -ENODEV if the
 * scope has gone; -ENOMEM.  After an error nothing has changed.
 */
ssize_t iscsit_srp_cred_store(struct iscsi_node_auth *auth, unsigned int field,
			      const char *page, size_t count)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	struct iscsit_srp_cred *new;

	if (!scope)
		return -ENODEV;

	mutex_lock(&srp_cred_change_lock);

	/* Nobody else changes or frees it while this lock is held */
	new = iscsit_srp_cred_alter(scope->cred, field, page, count);
	if (!IS_ERR(new) && !srp_cred_fits(new, scope->min_group)) {
		pr_err("srp_verifier_*: refused, as all verifiers would be below srp_min_group, %s: store the strongest first and unset it last, or change srp_min_group\n",
		       iscsit_srp_group_by_id(scope->min_group)->name);
		iscsit_srp_cred_put(new);
		new = ERR_PTR(-EINVAL);
	}
	if (!IS_ERR(new))
		srp_cred_publish(scope, new);

	mutex_unlock(&srp_cred_change_lock);
	iscsit_srp_scope_put(scope);

	return IS_ERR(new) ? PTR_ERR(new) : count;
}

/**
 * iscsit_srp_cred_has_group - Whether a group could be offered
 * @cred: the credentials, or NULL
 * @min_group: id of the weakest group that may be, 1 for any
 *
 * Context: Any.
 * Return: True if there is a salt and a verifier for a group of @min_group or
 * above.
 */
bool iscsit_srp_cred_has_group(const struct iscsit_srp_cred *cred,
			       unsigned int min_group)
{
	unsigned int id;

	if (!cred || !cred->salt_len)
		return false;
	for (id = min_group; id <= ISCSI_SRP_GROUP_MAX; id++)
		if (cred->verifier[id])
			return true;

	return false;
}

/**
 * iscsit_srp_cred_set_min_group - Set a scope's minimum group
 * @scope: the scope
 * @min_group: the group's id, 0: the scope has none
 *
 * Context: Process context.  May sleep.
 * Return: 0; -EINVAL if verifiers are stored, but all of them below @min_group.
 */
int iscsit_srp_cred_set_min_group(struct iscsit_srp_scope *scope,
				  unsigned int min_group)
{
	int ret = 0;

	mutex_lock(&srp_cred_change_lock);
	if (srp_cred_fits(scope->cred, min_group)) {
		WRITE_ONCE(scope->min_group, min_group);
	} else {
		pr_err("srp_min_group: refused, as all stored verifiers are below %s: the strongest is for %s\n",
		       iscsit_srp_group_by_id(min_group)->name,
		       iscsit_srp_group_by_id(srp_cred_strongest(scope->cred))->name);
		ret = -EINVAL;
	}
	mutex_unlock(&srp_cred_change_lock);

	return ret;
}

/* Octets that nobody can foretell and that are the same for the same @seed */
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
	if (like && memchr_inv(like->verifier, 0, sizeof(like->verifier)))
		return like->verifier[id];

	return id == ISCSI_SRP_GROUP_SRP_1536 ||
	       id == ISCSI_SRP_GROUP_SRP_2048 ||
	       id == ISCSI_SRP_GROUP_MODP_3072;
}

/**
 * iscsit_srp_cred_decoy - Make up the credentials of a user who has none
 * @like: credentials of the scope that the initiator logs in to, or NULL
 * @userid: SRP_U
 * @userid_len: octets of @userid, 1 to ISCSIT_SRP_USERID_MAX
 *
 * An initiator must not learn which users exist: an unknown one gets a salt as
 * long as that of @like, and groups as @like has them, or what the tools make
 * by default.  Salt and verifiers are a keyed hash of @userid, so that they
 * are the same whenever it is asked for, until the module is loaded anew.
 * Nobody knows a password to the verifiers.
 *
 * Context: Process context.  May sleep, until there are random numbers.
 * Return: The credentials, to be given to iscsit_srp_cred_put(); NULL if there
 * is no memory, or a signal came before there were random numbers.
 */
struct iscsit_srp_cred *iscsit_srp_cred_decoy(const struct iscsit_srp_cred *like,
					      const u8 *userid,
					      size_t userid_len)
{
	static siphash_key_t secret[2] __read_mostly;
	struct iscsit_srp_cred *cred;
	siphash_key_t seed;
	unsigned int id;

	if (userid_len > ISCSIT_SRP_USERID_MAX || wait_for_random_bytes())
		return NULL;
	get_random_once(secret, sizeof(secret));

	cred = srp_cred_alloc();
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
