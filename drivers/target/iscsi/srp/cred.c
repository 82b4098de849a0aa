// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials: a user name, a salt and a verifier per group.
 *
 * A credential does not change once published: iscsit_srp_cred_alter() makes a
 * copy, so the reference that a login holds is a consistent snapshot.  Values
 * are validated when they are stored, so a login can rely on them.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <crypto/utils.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/jiffies.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "cred.h"
#include "group.h"

/* Number of changes of any credential, anywhere */
static atomic_t srp_cred_changes = ATOMIC_INIT(0);

/*
 * Call it before a credential is found.  If the number is another one after the
 * login, the credential may be one of which only some files were written.
 */
int iscsit_srp_cred_changes(void)
{
	return atomic_read_acquire(&srp_cred_changes);
}

/* A change has been published */
void iscsit_srp_cred_changed(void)
{
	/* Fully ordered, so after the publication */
	(void)atomic_inc_return(&srp_cred_changes);
}

/* Allocate an empty credential with one reference */
struct iscsit_srp_cred *iscsit_srp_cred_alloc(void)
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

/* Drop a reference.  The last one wipes and frees @cred, which may be NULL */
void iscsit_srp_cred_put(struct iscsit_srp_cred *cred)
{
	if (cred)
		kref_put(&cred->ref, srp_cred_release);
}

/* Id of the strongest group with a verifier, 0 if there is none */
unsigned int iscsit_srp_cred_strongest(const struct iscsit_srp_cred *cred)
{
	unsigned int id = cred ? ISCSI_SRP_GROUP_MAX : 0;

	while (id && !cred->verifier[id])
		id--;

	return id;
}

/* Whether @cred has a salt and a verifier for @min_group (1: any) or above */
bool iscsit_srp_cred_has_group(const struct iscsit_srp_cred *cred,
			       unsigned int min_group)
{
	return cred && cred->salt_len &&
	       iscsit_srp_cred_strongest(cred) >= min_group;
}

/* Whether @cred, which may be NULL, has this user name */
bool iscsit_srp_cred_is_of(const struct iscsit_srp_cred *cred,
			   const u8 *userid, size_t len)
{
	return cred && cred->userid_len == len &&
	       !crypto_memneq(cred->userid, userid, len);
}

/*
 * Whether @cred, which may be NULL, is being replaced file by file: its user name
 * or salt is new, and a verifier is not, yet.
 */
bool iscsit_srp_cred_is_changing(const struct iscsit_srp_cred *cred)
{
	return cred && cred->stale &&
	       time_before(jiffies, cred->changed + ISCSIT_SRP_CHANGE_TIME);
}

/* Whether two credentials have the same salt, or none */
bool iscsit_srp_cred_same_salt(const struct iscsit_srp_cred *a,
			       const struct iscsit_srp_cred *b)
{
	return a->salt_len == b->salt_len &&
	       (!a->salt_len || !memcmp(a->salt, b->salt, a->salt_len));
}

static struct iscsit_srp_cred *srp_cred_copy(const struct iscsit_srp_cred *old)
{
	struct iscsit_srp_cred *new = iscsit_srp_cred_alloc();
	unsigned int id;

	if (!new || !old)
		return new;

	new->stale = old->stale;
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

/* Whether text is UTF-8 as in RFC 3629: shortest form, no surrogates */
bool iscsit_srp_is_utf8(const u8 *s, size_t len)
{
	/* Smallest code point by length */
	static const u32 smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, j, n;

	for (i = 0; i < len; i += n) {
		u32 c = s[i];

		n = 1;
		if (c < 0x80)
			continue;
		if (c < 0xc0 || c >= 0xf8)
			return false;
		n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
		if (n > len - i)
			return false;
		c &= 0x7f >> n;
		for (j = 1; j < n; j++) {
			if (s[i + j] >> 6 != 0x02)
				return false;
			c = c << 6 | (s[i + j] & 0x3f);
		}
		if (c < smallest[n] || c > 0x10ffff ||
		    (c >= 0xd800 && c <= 0xdfff))
			return false;
	}

	return true;
}

/* Length of a value written to configfs, without its newline; 0 to unset it */
size_t iscsit_srp_value_len(const char *page, size_t count)
{
	if (count && page[count - 1] == '\n')
		count--;
	if (count == strlen(ISCSIT_SRP_UNSET) &&
	    !memcmp(page, ISCSIT_SRP_UNSET, count))
		return 0;

	return count;
}

/*
 * Decode hexadecimal digits, with or without 0x, into @dst, which has @min to
 * @max bytes, padded in front.  Two digits per byte: an odd number of digits
 * is more likely a truncated value than a missing leading zero.
 */
static int srp_decode_hex(const char *value, size_t len, size_t min, size_t max,
			  u8 **dst)
{
	size_t size;

	if (len >= 2 && value[0] == '0' && (value[1] == 'x' || value[1] == 'X')) {
		value += 2;
		len -= 2;
	}
	if (!len || len % 2 || len / 2 > max)
		return -EINVAL;
	len /= 2;
	size = max(len, min);
	*dst = kzalloc(size, GFP_KERNEL);
	if (!*dst)
		return -ENOMEM;

	return hex2bin(*dst + size - len, value, len) ?: size;
}

static int srp_set_userid(struct iscsit_srp_cred *cred, const char *value,
			  size_t len)
{
	if (len > ISCSIT_SRP_USERID_MAX || memchr(value, '\0', len) ||
	    memchr(value, '\n', len) || !iscsit_srp_is_utf8(value, len)) {
		pr_err("srp_userid: write 1 to %d bytes of UTF-8 in one line\n",
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
	int ret = srp_decode_hex(value, len, 0, ISCSI_SRP_MAX_LEN, &cred->salt);

	if (ret == -EINVAL)
		pr_err("srp_salt: write 1 to %d bytes as hexadecimal digits, two per byte\n",
		       ISCSI_SRP_MAX_LEN);
	if (ret < 0)
		return ret;

	cred->salt_len = ret;
	return 0;
}

static int srp_set_verifier(struct iscsit_srp_cred *cred,
			    const struct iscsit_srp_group *group,
			    const char *value, size_t len)
{
	u8 **v = &cred->verifier[group->id];
	int ret = srp_decode_hex(value, len, group->len, group->len, v);

	if (ret > 0 && !iscsit_srp_group_contains(group, *v, ret))
		ret = -EINVAL;
	if (ret == -EINVAL)
		pr_err("srp_verifier_%s: write a number greater than 0 and less than the group's N as an even number of hexadecimal digits, at most %u\n",
		       group->name, 2 * group->len);

	return min(ret, 0);
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
 * iscsit_srp_cred_format - Format one field of a credential for configfs
 * @cred: the credential, or NULL
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: configfs's buffer, at least 4096 bytes
 *
 * The output can be stored again: the user name as it is, salt and verifier as
 * hexadecimal digits, NULL for what is not set.
 *
 * Context: Any.
 * Return: Bytes in @page.
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

	return len + sprintf(page + len, "%s\n", len ? "" : ISCSIT_SRP_UNSET);
}

/* After a change of @field of @old, which may be NULL */
static void srp_find_stale(struct iscsit_srp_cred *new,
			   const struct iscsit_srp_cred *old,
			   unsigned int field)
{
	unsigned int id;

	new->changed = jiffies;
	if (field <= ISCSI_SRP_GROUP_MAX) {
		new->stale &= ~BIT(field);
		return;
	}
	/* Values of a new credential may come in any order */
	if (!old || (field == ISCSIT_SRP_CRED_SALT ?
		     !old->salt_len || iscsit_srp_cred_same_salt(old, new) :
		     !old->userid_len ||
		     iscsit_srp_cred_is_of(old, new->userid, new->userid_len)))
		return;
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		if (new->verifier[id])
			new->stale |= BIT(id);
}

/* Here, and not in a login, where it would take time for known users only */
static u64 srp_cred_id(const struct iscsit_srp_cred *cred)
{
	static siphash_key_t key __read_mostly;
	unsigned int id = iscsit_srp_cred_strongest(cred);

	if (!id)
		return 0;
	get_random_once(&key, sizeof(key));

	return siphash(cred->verifier[id], iscsit_srp_group_by_id(id)->len,
		       &key);
}

/**
 * iscsit_srp_cred_alter - Copy a credential and set or unset one field
 * @old: the credential, which does not change, or NULL
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: the value, with or without a newline at its end
 * @count: bytes in @page
 *
 * A user name has 1 to 255 bytes of UTF-8 without NUL and newline.  A salt has
 * 1 to 1024 bytes and a verifier is between 0 and the N of its group, both as
 * an even number of hexadecimal digits, with or without 0x.  An empty value or
 * NULL unsets the field.
 *
 * All verifiers must belong to the same salt, because SRP_s is sent before the
 * group is chosen.  The kernel cannot check that.
 *
 * Context: Process context.  May sleep.
 * Return: The copy, for iscsit_srp_cred_put(); NULL if all its fields are unset;
 * an error pointer: -EINVAL if the value is not valid, -ENOMEM.
 */
struct iscsit_srp_cred *iscsit_srp_cred_alter(const struct iscsit_srp_cred *old,
					      unsigned int field,
					      const char *page, size_t count)
{
	struct iscsit_srp_cred *new = srp_cred_copy(old);
	int ret;

	if (!new)
		return ERR_PTR(-ENOMEM);

	ret = srp_cred_set(new, field, page, iscsit_srp_value_len(page, count));
	if (ret || (!new->userid_len && !new->salt_len &&
		    !iscsit_srp_cred_strongest(new))) {
		iscsit_srp_cred_put(new);
		return ERR_PTR(ret);
	}
	srp_find_stale(new, old, field);
	new->id = srp_cred_id(new);

	return new;
}
