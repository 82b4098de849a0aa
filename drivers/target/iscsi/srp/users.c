// SPDX-License-Identifier: GPL-2.0
/*
 * A target's table of users, and which of a user's credentials a login tries.
 *
 * A user may have two credentials for a while, the old and the new password's.
 * SRP_s and SRP_B depend on the credential, so that a login can try only one:
 * it is the one that worked for this initiator before, or else the one that
 * expires first.  If its proof fails the initiator is told to try again, once,
 * and then it is another one.  All of it is the same for a user whom nobody
 * knows.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <crypto/utils.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/kstrtox.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <target/iscsi/iscsi_target_core.h>
#include "cred.h"
#include "group.h"
#include "worker.h"
#include "pick.h"
#include "slots.h"
#include "users.h"

#define SRP_UNSET		"NULL"	/* as in LIO's other auth files */
#define SRP_NOTE_MAX		255
#define SRP_INITIATORS_MAX	4000	/* what fits on a page, with NUL */
#define SRP_TPGTS_MAX		512UL	/* five digits and a blank each */
#define SRP_LIST_BLANKS		" \t,"

/* A user's credentials beyond these are not tried */
#define SRP_CANDIDATES		8

/* Instead of the hash of a made-up credential */
#define SRP_ID_MADE_UP		1

/* How soon a login has to follow a failed one to be its second try */
#define SRP_RETRY_TIME		(30 * HZ)

/* A credential that fits a login, and what its place in the order depends on */
struct srp_candidate {
	struct iscsit_srp_cred *cred;
	const char *label;
	time64_t expires;
	u32 order;
};

struct srp_userid {
	const u8 *octets;
	size_t len;
};

static u32 srp_userid_hash(const void *data, u32 len, u32 seed)
{
	const struct srp_userid *userid = data;

	return jhash(userid->octets, userid->len, seed);
}

static u32 srp_user_hash(const void *data, u32 len, u32 seed)
{
	const struct iscsit_srp_user *user = data;

	return jhash(user->cred->userid, user->cred->userid_len, seed);
}

static bool srp_cred_is_of(const struct iscsit_srp_cred *cred,
			   const u8 *userid, size_t len)
{
	return cred && cred->userid_len == len &&
	       !crypto_memneq(cred->userid, userid, len);
}

static int srp_user_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct srp_userid *userid = arg->key;
	const struct iscsit_srp_user *user = obj;

	return !srp_cred_is_of(user->cred, userid->octets, userid->len);
}

static const struct rhashtable_params srp_users_params = {
	.head_offset = offsetof(struct iscsit_srp_user, node),
	.hashfn = srp_userid_hash,
	.obj_hashfn = srp_user_hash,
	.obj_cmpfn = srp_user_differs,
	.automatic_shrinking = true,
};

/* The entries of one user.  Under the table's lock and rcu_read_lock() */
static struct rhlist_head *srp_users_find(struct iscsit_srp_users *users,
					  const u8 *octets, size_t len)
{
	struct srp_userid userid = { octets, len };

	return rhltable_lookup(&users->by_userid, &userid, srp_users_params);
}

static bool srp_users_has(struct iscsit_srp_users *users,
			  const struct iscsit_srp_cred *cred)
{
	bool has;

	if (!cred || !cred->userid_len)
		return false;

	rcu_read_lock();
	has = srp_users_find(users, cred->userid, cred->userid_len);
	rcu_read_unlock();

	return has;
}

/**
 * iscsit_srp_users_alloc - Make a table of users
 *
 * Context: Process context.  May sleep.
 * Return: The table, for iscsit_srp_users_free(); NULL without memory.
 */
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

/**
 * iscsit_srp_users_free - Free a table of users
 * @users: the table, which has no entries any more; or NULL
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_users_free(struct iscsit_srp_users *users)
{
	if (!users)
		return;

	rhltable_destroy(&users->by_userid);
	mutex_destroy(&users->lock);
	kvfree(users->hints);
	kfree_sensitive(users);
}

/**
 * iscsit_srp_users_of - A target's table of users
 * @tiqn: the target; NULL for discovery
 *
 * Context: Any, while @tiqn has a portal group.
 * Return: The table, or NULL if there is none.
 */
struct iscsit_srp_users *iscsit_srp_users_of(struct iscsi_tiqn *tiqn)
{
	return tiqn ? iscsit_srp_users_slot(tiqn) : NULL;
}

/* A made-up credential is to look like the real ones */
static void srp_users_find_model(struct iscsit_srp_users *users)
{
	struct iscsit_srp_user *user;

	if (users->model && iscsit_srp_cred_has_group(users->model->cred, 1))
		return;

	users->model = NULL;
	list_for_each_entry(user, &users->entries, entry) {
		if (iscsit_srp_cred_has_group(user->cred, 1)) {
			users->model = user;
			break;
		}
	}
}

/**
 * iscsit_srp_user_add - Add an entry to a table of users
 * @users: the table
 * @user: the entry, zeroed but for its item and label; it is not enabled
 *
 * Context: Process context.  May sleep.
 * Return: 0; -EINVAL if the label is not valid, -ENOMEM.
 */
int iscsit_srp_user_add(struct iscsit_srp_users *users,
			struct iscsit_srp_user *user)
{
	const char *c;
	int ret = 0;

	for (c = user->label; *c; c++)
		if (isascii(*c) && iscntrl(*c))
			break;
	if (*c ||
	    !iscsit_srp_is_utf8(user->label, strlen(user->label))) {
		pr_err("srp_users: the name of an entry is UTF-8 without control characters\n");
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

	userid.octets = user->cred->userid;
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

/**
 * iscsit_srp_user_del - Take an entry out of its table, and wipe it
 * @user: the entry, which the caller frees
 *
 * A login that runs keeps its snapshot.
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_user_del(struct iscsit_srp_user *user)
{
	struct iscsit_srp_users *users = user->users;

	mutex_lock(&users->lock);
	srp_user_unlink(user);
	list_del(&user->entry);
	if (users->model == user) {
		users->model = NULL;
		srp_users_find_model(users);
	}
	mutex_unlock(&users->lock);

	if (user->cred)
		iscsit_srp_workers_use(-1);
	iscsit_srp_cred_put(user->cred);
	user->cred = NULL;
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

/**
 * iscsit_srp_user_show - Show one value of an entry
 * @user: the entry
 * @field: one of a cred's, or of ISCSIT_SRP_USER_ENABLED and the like
 * @page: configfs's buffer, PAGE_SIZE octets
 *
 * What is shown can be stored; NULL for what is not set.
 *
 * Context: Process context.  May sleep.
 * Return: Octets in @page.
 */
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
	default:
		len = iscsit_srp_cred_format(user->cred, field, page);
		goto out;
	}
	len += scnprintf(page + len, PAGE_SIZE - len, "%s\n",
			 len ? "" : SRP_UNSET);

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
	user->enabled = *value == '1';

	return 0;
}

static int srp_set_expires(struct iscsit_srp_user *user, const char *value)
{
	s64 expires = 0;

	if (*value && (*value < '0' || *value > '9' ||
		       kstrtos64(value, 10, &expires) || !expires)) {
		pr_err("expires: write the time in seconds since 1970, UTC, or NULL for never\n");
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
		pr_err("note: write at most %d octets of UTF-8, in one line\n",
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

	/* What comes out is not longer than what went in */
	if (len) {
		list = kzalloc(len + 1, GFP_KERNEL);
		if (!list)
			return -ENOMEM;
	}
	for (len = 0; (name = strsep(&at, SRP_LIST_BLANKS)); ) {
		char *c;

		if (!*name)
			continue;
		/* As the target does with the initiators' names */
		for (c = name; *c; c++) {
			if (isascii(*c) && iscntrl(*c))
				goto invalid;
			*c = tolower(*c);
		}
		if (!srp_is_iscsi_name(name))
			goto invalid;
		len += sprintf(list + len, "%s%s", len ? " " : "", name);
	}
	/* A list without names must not let everybody in */
	if (list && !len)
		goto invalid;

	kfree(user->initiators);
	user->initiators = list;

	return 0;

invalid:
	kfree(list);
	pr_err("initiators: write names (iqn., eui. or naa., at most %d octets each), %d octets in all, with blanks or commas between\n",
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
	pr_err("tpgt: write tags of portal groups, 0 to 65535, at most %lu, with blanks or commas between\n",
	       SRP_TPGTS_MAX);
	return -EINVAL;
}

static int srp_set_text(struct iscsit_srp_user *user, unsigned int field,
			const char *page, size_t count)
{
	char *value;
	int ret;

	if (count && page[count - 1] == '\n')
		count--;
	if (count == strlen(SRP_UNSET) && !memcmp(page, SRP_UNSET, count))
		count = 0;
	if (memchr(page, '\0', count)) {
		pr_err("a value with a NUL in it\n");
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
	default:
		ret = srp_set_tpgts(user, value);
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

	srp_user_unlink(user);
	user->cred = new;
	ret = srp_user_link(user);
	if (ret) {
		/* Should this fail as well, then the entry fits nobody */
		user->cred = old;
		srp_user_link(user);
		iscsit_srp_cred_put(new);
		return ret;
	}

	iscsit_srp_workers_use(!!new - !!old);
	iscsit_srp_cred_put(old);
	srp_users_find_model(user->users);

	return 0;
}

/**
 * iscsit_srp_user_store - Set or unset one value of an entry
 * @user: the entry
 * @field: one of a cred's, or of ISCSIT_SRP_USER_ENABLED and the like
 * @page: the value; a newline at its end does not count
 * @count: octets of @page
 *
 * For the fields of a cred see iscsit_srp_cred_alter().  Enabled is 0 or 1,
 * expires seconds since 1970, the note a line of at most 255 octets of UTF-8;
 * initiators and tpgt are lists with blanks or commas between.  An empty value
 * or NULL unsets.
 *
 * Context: Process context.  May sleep.
 * Return: @count; -EINVAL if the value is not valid, -ENOMEM.  After an error
 * nothing has changed.
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

	return ret ?: count;
}

static bool srp_names(const struct iscsit_srp_user *user, const char *initiator)
{
	const char *at = user->initiators;
	size_t len = strlen(initiator);

	if (!len)
		return false;

	while ((at = strstr(at, initiator))) {
		if ((at == user->initiators || at[-1] == ' ') &&
		    (at[len] == '\0' || at[len] == ' '))
			return true;
		at += len;
	}

	return false;
}

static bool srp_user_fits(const struct iscsit_srp_user *user,
			  const struct iscsit_srp_peer *peer, bool overridden,
			  unsigned int min_group)
{
	unsigned int i;

	if (!user->enabled || !iscsit_srp_cred_has_group(user->cred, min_group))
		return false;
	if (user->expires && user->expires <= ktime_get_real_seconds())
		return false;
	if (user->initiators ? !srp_names(user, peer->initiator) : overridden)
		return false;
	if (!user->tpgts)
		return true;
	for (i = 0; i < user->nr_tpgts; i++)
		if (user->tpgts[i] == peer->tpgt)
			return true;

	return false;
}

/* Whether the scope's own user has an entry that counts, whoever logs in */
static bool srp_scope_doubled(const struct iscsit_srp_peer *peer,
			      const struct iscsit_srp_cred *scope)
{
	struct rhlist_head *list, *at;
	struct iscsit_srp_user *user;
	bool doubled = false;

	if (!scope || !scope->userid_len)
		return false;

	rcu_read_lock();
	list = srp_users_find(peer->users, scope->userid, scope->userid_len);
	rhl_for_each_entry_rcu(user, at, list, node)
		doubled |= user->initiators ?
			   srp_names(user, peer->initiator) : !peer->acl;
	rcu_read_unlock();

	return doubled;
}

/* What is about to go first, then the scope's own, then the oldest */
static bool srp_comes_before(const struct srp_candidate *a,
			     const struct srp_candidate *b)
{
	if (a->expires != b->expires)
		return a->expires && (!b->expires || a->expires < b->expires);

	return a->order < b->order;
}

static unsigned int srp_candidate_add(struct srp_candidate *candidates,
				      unsigned int nr,
				      const struct srp_candidate *candidate)
{
	unsigned int i;

	if (nr == SRP_CANDIDATES)
		return nr;

	for (i = nr; i && srp_comes_before(candidate, &candidates[i - 1]); i--)
		candidates[i] = candidates[i - 1];
	candidates[i] = *candidate;

	return nr + 1;
}

/* All credentials that fit, in the order in which they are tried */
static unsigned int srp_find_candidates(const struct iscsit_srp_peer *peer,
					struct iscsit_srp_cred *scope,
					unsigned int min_group,
					const u8 *userid, size_t userid_len,
					struct srp_candidate *candidates)
{
	struct srp_candidate candidate = { .cred = scope };
	struct rhlist_head *list, *at;
	struct iscsit_srp_user *user;
	unsigned int nr = 0;

	if (srp_cred_is_of(scope, userid, userid_len) &&
	    iscsit_srp_cred_has_group(scope, min_group))
		nr = srp_candidate_add(candidates, nr, &candidate);
	if (!peer->users)
		return nr;

	rcu_read_lock();
	list = srp_users_find(peer->users, userid, userid_len);
	rhl_for_each_entry_rcu(user, at, list, node) {
		if (!srp_user_fits(user, peer, peer->acl && scope, min_group))
			continue;
		candidate.cred = user->cred;
		candidate.label = user->label;
		candidate.expires = user->expires;
		candidate.order = user->order;
		nr = srp_candidate_add(candidates, nr, &candidate);
	}
	rcu_read_unlock();

	return nr;
}

/* Initiator, user and address as one number, which is not 0 */
static u64 srp_who(const struct iscsit_srp_users *users,
		   const struct iscsit_srp_peer *peer, const u8 *userid,
		   size_t userid_len)
{
	const siphash_key_t *secret = &users->secret;
	const struct sockaddr_in6 *in6;
	const struct sockaddr_in *in;
	u64 addr = 0;

	/* A port is new with each connection */
	if (peer->addr && peer->addr->ss_family == AF_INET) {
		in = (const struct sockaddr_in *)peer->addr;
		addr = siphash(&in->sin_addr, sizeof(in->sin_addr), secret);
	} else if (peer->addr && peer->addr->ss_family == AF_INET6) {
		in6 = (const struct sockaddr_in6 *)peer->addr;
		addr = siphash(&in6->sin6_addr, sizeof(in6->sin6_addr), secret);
	}

	return siphash_3u64(siphash(peer->initiator, strlen(peer->initiator),
				    secret),
			    siphash(userid, userid_len, secret), addr, secret) ?: 1;
}

static struct iscsit_srp_hint *srp_hint(struct iscsit_srp_users *users, u64 who)
{
	return &users->hints[who % ISCSIT_SRP_HINTS];
}

/*
 * The same for the same credential, in the table or in an ACL.  Its strongest
 * verifier depends on user, salt and password.
 */
static u64 srp_cred_id(const struct iscsit_srp_users *users,
		       const struct iscsit_srp_cred *cred)
{
	unsigned int id = ISCSI_SRP_GROUP_MAX;

	while (!cred->verifier[id])
		id--;

	return siphash(cred->verifier[id], iscsit_srp_group_by_id(id)->len,
		       &users->secret);
}

static const struct srp_candidate *
srp_choose(const struct iscsit_srp_users *users,
	   const struct srp_candidate *candidates, unsigned int nr,
	   const struct iscsit_srp_hint *hint)
{
	unsigned int i;

	if (!nr)
		return NULL;

	for (i = 0; hint && hint->failed && i < nr; i++)
		if (srp_cred_id(users, candidates[i].cred) == hint->failed)
			return &candidates[(i + 1) % nr];
	for (i = 0; hint && i < nr; i++)
		if (srp_cred_id(users, candidates[i].cred) == hint->worked)
			return &candidates[i];

	return &candidates[0];
}

static int srp_take(struct iscsit_srp_pick *pick,
		    const struct srp_candidate *candidate)
{
	if (candidate->label) {
		pick->label = kstrdup(candidate->label, GFP_KERNEL);
		if (!pick->label)
			return -ENOMEM;
	}
	pick->cred = candidate->cred;
	kref_get(&pick->cred->ref);
	if (pick->users)
		pick->id = srp_cred_id(pick->users, pick->cred);

	return 0;
}

/**
 * iscsit_srp_users_pick - Choose the credential that a login tries
 * @peer: who logs in, and where
 * @scope: credentials of the ACL, the portal group or discovery, or NULL
 * @min_group: id of the weakest group that may be offered
 * @userid: SRP_U
 * @userid_len: octets of @userid, 1 to ISCSIT_SRP_USERID_MAX
 * @pick: gets the choice, for iscsit_srp_pick_drop() also after an error
 *
 * If an ACL has credentials, only those entries of the table count beside them
 * that name its initiator.
 *
 * Context: Process context.  May sleep.
 * Return: 0, also if there is no such user; -ENOMEM.
 */
int iscsit_srp_users_pick(const struct iscsit_srp_peer *peer,
			  struct iscsit_srp_cred *scope, unsigned int min_group,
			  const u8 *userid, size_t userid_len,
			  struct iscsit_srp_pick *pick)
{
	struct srp_candidate candidates[SRP_CANDIDATES];
	const struct srp_candidate *candidate;
	struct iscsit_srp_users *users = peer->users;
	struct iscsit_srp_hint *hint = NULL;
	unsigned int nr;
	int ret = 0;

	memset(pick, 0, sizeof(*pick));
	pick->id = SRP_ID_MADE_UP;

	if (users)
		mutex_lock(&users->lock);

	nr = srp_find_candidates(peer, scope, min_group, userid, userid_len,
				 candidates);
	if (users && users->hints) {
		pick->users = users;
		pick->who = srp_who(users, peer, userid, userid_len);
		hint = srp_hint(users, pick->who);
		if (hint->who != pick->who)
			hint = NULL;
		/* Whether anybody has two, whoever this is */
		pick->retry = (users->doubled || srp_scope_doubled(peer, scope)) &&
			      !(hint && hint->failed && !hint->over &&
				time_before(jiffies,
					    hint->when + SRP_RETRY_TIME));
		if (users->model) {
			pick->model = users->model->cred;
			kref_get(&pick->model->ref);
		}
	}
	candidate = srp_choose(users, candidates, nr, hint);
	if (candidate)
		ret = srp_take(pick, candidate);

	if (users)
		mutex_unlock(&users->lock);

	return ret;
}

/**
 * iscsit_srp_pick_failed - Remember that a login's proof was wrong
 * @pick: the login's choice
 *
 * Context: Process context.  May sleep.
 * Return: True if the initiator is to try again; then it is another of the
 * user's credentials, should there be one.
 */
bool iscsit_srp_pick_failed(const struct iscsit_srp_pick *pick)
{
	struct iscsit_srp_users *users = pick->users;
	struct iscsit_srp_hint *hint;

	if (!users)
		return false;

	mutex_lock(&users->lock);
	hint = srp_hint(users, pick->who);
	if (hint->who != pick->who) {
		hint->who = pick->who;
		hint->worked = 0;
	}
	hint->failed = pick->id;
	hint->when = jiffies;
	hint->over = !pick->retry;
	mutex_unlock(&users->lock);

	return pick->retry;
}

/**
 * iscsit_srp_pick_worked - Remember that a login succeeded
 * @pick: the login's choice
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_pick_worked(const struct iscsit_srp_pick *pick)
{
	struct iscsit_srp_users *users = pick->users;
	struct iscsit_srp_hint *hint;

	if (!users)
		return;

	mutex_lock(&users->lock);
	hint = srp_hint(users, pick->who);
	memset(hint, 0, sizeof(*hint));
	hint->who = pick->who;
	hint->worked = pick->id;
	mutex_unlock(&users->lock);
}

/**
 * iscsit_srp_pick_drop - Give a choice back
 * @pick: from iscsit_srp_users_pick(), or zeroed
 *
 * Context: Process context.
 */
void iscsit_srp_pick_drop(struct iscsit_srp_pick *pick)
{
	iscsit_srp_cred_put(pick->cred);
	iscsit_srp_cred_put(pick->model);
	kfree(pick->label);
	memset(pick, 0, sizeof(*pick));
}
