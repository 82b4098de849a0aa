// SPDX-License-Identifier: GPL-2.0
/*
 * A target's table of users: its entries, and the values of their files.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/kstrtox.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "cred.h"
#include "pick.h"
#include "slots.h"
#include "users.h"
#include "worker.h"

#define SRP_NOTE_MAX		255
#define SRP_INITIATORS_MAX	4000	/* fits in a page, with NUL */
#define SRP_TPGTS_MAX		512UL	/* fits in a page: five digits, a blank */
#define SRP_LIST_BLANKS		" \t,"

struct srp_userid {
	const u8 *bytes;
	size_t len;
};

static u32 srp_userid_hash(const void *data, u32 len, u32 seed)
{
	const struct srp_userid *userid = data;

	return jhash(userid->bytes, userid->len, seed);
}

static u32 srp_user_hash(const void *data, u32 len, u32 seed)
{
	const struct iscsit_srp_user *user = data;

	return jhash(user->cred->userid, user->cred->userid_len, seed);
}

static int srp_user_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct srp_userid *userid = arg->key;
	const struct iscsit_srp_user *user = obj;

	return !iscsit_srp_cred_is_of(user->cred, userid->bytes, userid->len);
}

static const struct rhashtable_params srp_users_params = {
	.head_offset = offsetof(struct iscsit_srp_user, node),
	.hashfn = srp_userid_hash,
	.obj_hashfn = srp_user_hash,
	.obj_cmpfn = srp_user_differs,
	.automatic_shrinking = true,
};

/* Find the entries of a user.  Needs the table's lock and rcu_read_lock() */
struct rhlist_head *iscsit_srp_users_find(struct iscsit_srp_users *users,
					  const u8 *bytes, size_t len)
{
	struct srp_userid userid = { bytes, len };

	return rhltable_lookup(&users->by_userid, &userid, srp_users_params);
}

static bool srp_users_has(struct iscsit_srp_users *users,
			  const struct iscsit_srp_cred *cred)
{
	bool has;

	if (!cred || !cred->userid_len)
		return false;

	rcu_read_lock();
	has = iscsit_srp_users_find(users, cred->userid, cred->userid_len);
	rcu_read_unlock();

	return has;
}

/* Allocate a table of users, for iscsit_srp_users_free() */
struct iscsit_srp_users *iscsit_srp_users_alloc(void)
{
	struct iscsit_srp_users *users = kzalloc_obj(*users);

	if (!users)
		return NULL;

	if (rhltable_init(&users->by_userid, &srp_users_params)) {
		kfree(users);
		return NULL;
	}
	mutex_init(&users->lock);
	INIT_LIST_HEAD(&users->entries);

	return users;
}

/* Free a table that has no entries.  It may be NULL */
void iscsit_srp_users_free(struct iscsit_srp_users *users)
{
	if (!users)
		return;

	rhltable_destroy(&users->by_userid);
	mutex_destroy(&users->lock);
	kvfree(users->hints);
	kfree_sensitive(users);
}

/* A target's table of users; NULL if it has none, or for discovery (NULL) */
struct iscsit_srp_users *iscsit_srp_users_of(struct iscsi_tiqn *tiqn)
{
	return tiqn ? iscsit_srp_users_slot(tiqn) : NULL;
}

static bool srp_is_control(char c)
{
	return isascii(c) && iscntrl(c);
}

static struct iscsit_srp_user *
srp_users_oldest(const struct iscsit_srp_users *users, unsigned int min_group)
{
	struct iscsit_srp_user *user;

	list_for_each_entry(user, &users->entries, entry)
		if (iscsit_srp_cred_has_group(user->cred, min_group))
			return user;

	return NULL;
}

/*
 * After a change of @user: made-up credentials must resemble real ones that a
 * login with their minimum group may use.
 */
static void srp_users_find_models(struct iscsit_srp_users *users,
				  struct iscsit_srp_user *user)
{
	unsigned int id;

	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		bool fits = iscsit_srp_cred_has_group(user->cred, id);

		if (fits && !users->model[id])
			users->model[id] = user;
		else if (!fits && users->model[id] == user)
			users->model[id] = srp_users_oldest(users, id);
	}
}

/**
 * iscsit_srp_user_add - Add an entry to a table of users
 * @users: the table
 * @user: the entry, zeroed except for its item and label
 *
 * Context: Process context.  May sleep.
 * Return: 0; -EINVAL if the label is not valid; -ENOMEM.
 */
int iscsit_srp_user_add(struct iscsit_srp_users *users,
			struct iscsit_srp_user *user)
{
	const char *c;
	int ret = 0;

	/* configfs had no memory for a long name */
	if (!user->label)
		return -ENOMEM;
	for (c = user->label; *c && !srp_is_control(*c); c++)
		;
	if (*c || !iscsit_srp_is_utf8(user->label, strlen(user->label))) {
		pr_err("srp_users: name an entry in UTF-8 without control characters\n");
		return -EINVAL;
	}

	mutex_lock(&users->lock);

	if (!users->hints) {
		users->hints = kvcalloc(ISCSIT_SRP_HINTS,
					sizeof(*users->hints), GFP_KERNEL);
		if (!users->hints) {
			ret = -ENOMEM;
			goto out;
		}
		get_random_bytes(&users->secret, sizeof(users->secret));
	}
	user->users = users;
	user->order = ++users->made;
	list_add_tail(&user->entry, &users->entries);

out:
	mutex_unlock(&users->lock);
	return ret;
}

static void srp_user_unlink(struct iscsit_srp_user *user)
{
	struct iscsit_srp_users *users = user->users;

	if (!user->linked)
		return;

	rhltable_remove(&users->by_userid, &user->node, srp_users_params);
	user->linked = false;
	if (srp_users_has(users, user->cred))
		users->doubled--;
}

static int srp_user_link(struct iscsit_srp_user *user)
{
	struct iscsit_srp_users *users = user->users;
	struct srp_userid userid;
	bool doubled;
	int ret;

	if (!user->cred || !user->cred->userid_len)
		return 0;

	userid.bytes = user->cred->userid;
	userid.len = user->cred->userid_len;
	doubled = srp_users_has(users, user->cred);
	ret = rhltable_insert_key(&users->by_userid, &userid, &user->node,
				  srp_users_params);
	if (ret)
		return ret;
	user->linked = true;
	users->doubled += doubled;

	return 0;
}

/* Remove an entry and wipe its values.  A running login keeps its snapshot */
void iscsit_srp_user_del(struct iscsit_srp_user *user)
{
	struct iscsit_srp_users *users = user->users;
	struct iscsit_srp_cred *cred = user->cred;

	mutex_lock(&users->lock);
	srp_user_unlink(user);
	list_del(&user->entry);
	user->cred = NULL;
	users->stale -= cred && cred->stale;
	srp_users_find_models(users, user);
	mutex_unlock(&users->lock);
	iscsit_srp_cred_changed();

	if (cred)
		iscsit_srp_workers_use(-1);
	iscsit_srp_cred_put(cred);
	kfree(user->note);
	kfree(user->initiators);
	kfree(user->tpgts);
}

static ssize_t srp_show_tpgts(const struct iscsit_srp_user *user, char *page)
{
	ssize_t len = 0;
	unsigned int i;

	for (i = 0; i < user->nr_tpgts; i++)
		len += scnprintf(page + len, PAGE_SIZE - len, "%s%u",
				 i ? " " : "", user->tpgts[i]);

	return len;
}

/* Show one value of an entry, as iscsit_srp_user_store() takes it */
ssize_t iscsit_srp_user_show(struct iscsit_srp_user *user, unsigned int field,
			     char *page)
{
	struct mutex *lock = &user->users->lock;
	ssize_t len = 0;

	mutex_lock(lock);
	switch (field) {
	case ISCSIT_SRP_USER_ENABLED:
		len = scnprintf(page, PAGE_SIZE, "%d", user->enabled);
		break;
	case ISCSIT_SRP_USER_EXPIRES:
		if (user->expires)
			len = scnprintf(page, PAGE_SIZE, "%lld", user->expires);
		break;
	case ISCSIT_SRP_USER_NOTE:
		if (user->note)
			len = scnprintf(page, PAGE_SIZE, "%s", user->note);
		break;
	case ISCSIT_SRP_USER_INITIATORS:
		if (user->initiators)
			len = scnprintf(page, PAGE_SIZE, "%s",
					user->initiators);
		break;
	case ISCSIT_SRP_USER_TPGT:
		len = srp_show_tpgts(user, page);
		break;
	case ISCSIT_SRP_USER_SOURCE:
		len = scnprintf(page, PAGE_SIZE, "%s", user->source);
		break;
	default:
		len = iscsit_srp_cred_format(user->cred, field, page);
		goto out;
	}
	len += scnprintf(page + len, PAGE_SIZE - len, "%s\n",
			 len ? "" : ISCSIT_SRP_UNSET);

out:
	mutex_unlock(lock);
	return len;
}

static int srp_set_enabled(struct iscsit_srp_user *user, const char *value)
{
	if (*value && strcmp(value, "0") && strcmp(value, "1")) {
		pr_err("enabled: write 0 or 1\n");
		return -EINVAL;
	}
	if (*value == '1' && !iscsit_srp_salt_fits(user, user->cred,
						   user->initiators))
		return -EINVAL;
	user->enabled = *value == '1';

	return 0;
}

static int srp_set_expires(struct iscsit_srp_user *user, const char *value)
{
	s64 expires = 0;

	if (*value && (*value < '0' || *value > '9' ||
		       kstrtos64(value, 10, &expires) || !expires)) {
		pr_err("expires: write a time in seconds since 1970 (UTC), or NULL for never\n");
		return -EINVAL;
	}
	user->expires = expires;

	return 0;
}

static int srp_set_note(struct iscsit_srp_user *user, const char *value)
{
	size_t len = strlen(value);
	char *note = NULL;

	if (len > SRP_NOTE_MAX || strchr(value, '\n') ||
	    !iscsit_srp_is_utf8(value, len)) {
		pr_err("note: write at most %d bytes of UTF-8 in one line\n",
		       SRP_NOTE_MAX);
		return -EINVAL;
	}
	if (len) {
		note = kstrdup(value, GFP_KERNEL);
		if (!note)
			return -ENOMEM;
	}
	kfree(user->note);
	user->note = note;

	return 0;
}

static bool srp_is_iscsi_name(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && len < ISCSI_IQN_LEN &&
	       (!strncmp(name, "iqn.", 4) || !strncmp(name, "eui.", 4) ||
		!strncmp(name, "naa.", 4));
}

static int srp_set_initiators(struct iscsit_srp_user *user, char *value)
{
	char *list = NULL, *at = value, *name;
	size_t len = strlen(value);

	if (len > SRP_INITIATORS_MAX)
		goto invalid;

	/* The normalized list is not longer than the value */
	if (len) {
		list = kzalloc(len + 1, GFP_KERNEL);
		if (!list)
			return -ENOMEM;
	}
	for (len = 0; (name = strsep(&at, SRP_LIST_BLANKS)); ) {
		char *c;

		if (!*name)
			continue;
		/* The target converts initiators' names to lower case, too */
		for (c = name; *c; c++) {
			if (srp_is_control(*c))
				goto invalid;
			*c = tolower(*c);
		}
		if (!srp_is_iscsi_name(name))
			goto invalid;
		len += sprintf(list + len, "%s%s", len ? " " : "", name);
	}
	/* A list without names must not allow all initiators */
	if (list && !len)
		goto invalid;
	if (user->enabled && !iscsit_srp_salt_fits(user, user->cred, list)) {
		kfree(list);
		return -EINVAL;
	}

	kfree(user->initiators);
	user->initiators = list;

	return 0;

invalid:
	kfree(list);
	pr_err("initiators: write names (iqn., eui. or naa., at most %d bytes each), separated by blanks or commas, %d bytes in all\n",
	       ISCSI_IQN_LEN - 1, SRP_INITIATORS_MAX);
	return -EINVAL;
}

static int srp_set_tpgts(struct iscsit_srp_user *user, char *value)
{
	unsigned int max = min(strlen(value) / 2 + 1, SRP_TPGTS_MAX);
	unsigned int nr = 0;
	u16 *tpgts = NULL;
	char *tag;

	if (!*value)
		goto set;

	tpgts = kcalloc(max, sizeof(*tpgts), GFP_KERNEL);
	if (!tpgts)
		return -ENOMEM;
	while ((tag = strsep(&value, SRP_LIST_BLANKS))) {
		if (!*tag)
			continue;
		if (nr == max || *tag < '0' || *tag > '9' ||
		    kstrtou16(tag, 10, &tpgts[nr++]))
			goto err_free;
	}
	if (!nr)
		goto err_free;

set:
	kfree(user->tpgts);
	user->tpgts = tpgts;
	user->nr_tpgts = nr;

	return 0;

err_free:
	kfree(tpgts);
	pr_err("tpgt: write at most %lu tags of portal groups, 0 to 65535, separated by blanks or commas\n",
	       SRP_TPGTS_MAX);
	return -EINVAL;
}

static int srp_set_source(struct iscsit_srp_user *user, const char *value)
{
	const char *c;

	for (c = value; isascii(*c) && isprint(*c); c++)
		;
	if (*c || c - value > ISCSIT_SRP_SOURCE_MAX) {
		pr_err("source: write the name of the tool that manages the entry, at most %d bytes of printable ASCII\n",
		       ISCSIT_SRP_SOURCE_MAX);
		return -EINVAL;
	}
	strscpy(user->source, value, sizeof(user->source));

	return 0;
}

static int srp_set_text(struct iscsit_srp_user *user, unsigned int field,
			const char *page, size_t count)
{
	static const char * const names[] = {
		"enabled", "expires", "note", "initiators", "tpgt", "source",
	};
	char *value;
	int ret;

	count = iscsit_srp_value_len(page, count);
	if (memchr(page, '\0', count)) {
		pr_err("%s: the value contains a NUL byte, write text\n",
		       names[field - ISCSIT_SRP_USER_ENABLED]);
		return -EINVAL;
	}
	value = kmemdup_nul(page, count, GFP_KERNEL);
	if (!value)
		return -ENOMEM;

	switch (field) {
	case ISCSIT_SRP_USER_ENABLED:
		ret = srp_set_enabled(user, value);
		break;
	case ISCSIT_SRP_USER_EXPIRES:
		ret = srp_set_expires(user, value);
		break;
	case ISCSIT_SRP_USER_NOTE:
		ret = srp_set_note(user, value);
		break;
	case ISCSIT_SRP_USER_INITIATORS:
		ret = srp_set_initiators(user, value);
		break;
	case ISCSIT_SRP_USER_TPGT:
		ret = srp_set_tpgts(user, value);
		break;
	default:
		ret = srp_set_source(user, value);
		break;
	}
	kfree(value);

	return ret;
}

static int srp_set_cred(struct iscsit_srp_user *user, unsigned int field,
			const char *page, size_t count)
{
	struct iscsit_srp_cred *old = user->cred;
	struct iscsit_srp_cred *new;
	int ret;

	new = iscsit_srp_cred_alter(old, field, page, count);
	if (IS_ERR(new))
		return PTR_ERR(new);
	if (user->enabled && !iscsit_srp_salt_fits(user, new, user->initiators)) {
		iscsit_srp_cred_put(new);
		return -EINVAL;
	}

	srp_user_unlink(user);
	user->cred = new;
	ret = srp_user_link(user);
	if (ret) {
		/* If this fails as well, no login can use the entry */
		user->cred = old;
		srp_user_link(user);
		iscsit_srp_cred_put(new);
		return ret;
	}

	user->users->stale -= old && old->stale;
	user->users->stale += new && new->stale;
	user->users->changed = jiffies;
	iscsit_srp_workers_use(!!new - !!old);
	iscsit_srp_cred_put(old);
	srp_users_find_models(user->users, user);

	return 0;
}

/**
 * iscsit_srp_user_store - Set or unset one value of an entry
 * @user: the entry
 * @field: a field of a credential, or ISCSIT_SRP_USER_ENABLED and so on
 * @page: the value, with or without a newline at its end
 * @count: bytes in @page
 *
 * For the fields of a credential see iscsit_srp_cred_alter().  Enabled is 0 or
 * 1, expires is in seconds since 1970, the note is a line of at most 255 bytes
 * of UTF-8; initiators and tpgt are lists separated by blanks or commas; the
 * source is at most 31 bytes of printable ASCII.  An empty value or NULL unsets
 * the field.
 *
 * Context: Process context.  May sleep.
 * Return: @count; -EINVAL if the value is not valid, if @field is unknown, or if
 * two enabled entries of a user would have different salts; -ENOMEM.  After an
 * error nothing has changed.
 */
ssize_t iscsit_srp_user_store(struct iscsit_srp_user *user, unsigned int field,
			      const char *page, size_t count)
{
	struct mutex *lock = &user->users->lock;
	int ret;

	mutex_lock(lock);
	if (field < ISCSIT_SRP_CRED_FIELDS)
		ret = srp_set_cred(user, field, page, count);
	else
		ret = srp_set_text(user, field, page, count);
	mutex_unlock(lock);
	iscsit_srp_cred_changed();

	return ret ?: count;
}
