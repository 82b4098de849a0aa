// SPDX-License-Identifier: GPL-2.0
/*
 * Rotation of passwords: which of a user's credentials a login tries.
 *
 * While a password is changed, a user may have two credentials, one for the old
 * and one for the new password.  SRP_s and SRP_B depend on the credential, so a
 * login can try only one: the one that worked for this initiator before, or
 * else the one that expires first.  If the proof is wrong, ask the initiator to
 * retry, once, and try another credential.  An unknown user gets the same
 * answers.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "cred.h"
#include "decoy.h"
#include "group.h"
#include "pick.h"
#include "users.h"

/* Maximum number of a user's credentials that are tried */
#define SRP_CANDIDATES		8

/* Used instead of the hash of a made-up credential */
#define SRP_ID_MADE_UP		1

/* Longest time from a failed login to its retry */
#define SRP_RETRY_TIME		(30 * HZ)

/* A credential that fits a login, and what decides about its order */
struct srp_candidate {
	struct iscsit_srp_cred *cred;
	const char *label;
	time64_t expires;
	u32 order;
};

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

/* Whether the table has a usable entry for the scope's own user */
static bool srp_scope_doubled(const struct iscsit_srp_peer *peer,
			      const struct iscsit_srp_cred *scope)
{
	struct rhlist_head *list, *at;
	struct iscsit_srp_user *user;
	bool doubled = false;

	if (!scope || !scope->userid_len)
		return false;

	rcu_read_lock();
	list = iscsit_srp_users_find(peer->users, scope->userid,
				     scope->userid_len);
	rhl_for_each_entry_rcu(user, at, list, node)
		doubled |= user->initiators ?
			   srp_names(user, peer->initiator) : !peer->acl;
	rcu_read_unlock();

	return doubled;
}

/* Whether two lists of initiators, NULL for any, are alike or have one in common */
static bool srp_lists_meet(const char *a, const char *b)
{
	size_t n, m;

	if (!a || !b)
		return a == b;

	for (; *a; a += n + !!a[n]) {
		const char *at;

		n = strcspn(a, " ");
		for (at = b; *at; at += m + !!at[m]) {
			m = strcspn(at, " ");
			if (m == n && !memcmp(a, at, n))
				return true;
		}
	}

	return false;
}

/*
 * Whether an entry may be enabled with @cred and @initiators: two salts of a user
 * would tell that he exists, as an unknown user has one.  Entries that name
 * initiators may have the salts of their ACLs, which differ.  Needs the table's
 * lock.
 */
bool iscsit_srp_salt_fits(const struct iscsit_srp_user *user,
			  const struct iscsit_srp_cred *cred,
			  const char *initiators)
{
	struct iscsit_srp_user *other;
	struct rhlist_head *list, *at;
	bool fits = true;

	if (!cred || !cred->userid_len || !cred->salt_len)
		return true;

	rcu_read_lock();
	list = iscsit_srp_users_find(user->users, cred->userid,
				     cred->userid_len);
	rhl_for_each_entry_rcu(other, at, list, node) {
		if (other == user || !other->enabled || !other->cred->salt_len ||
		    iscsit_srp_cred_same_salt(cred, other->cred) ||
		    !srp_lists_meet(initiators, other->initiators))
			continue;
		pr_err("srp_users: entry %s has another salt than entry %s of the same user: use that srp_salt for the new password, or disable or remove entry %s first\n",
		       user->label, other->label, other->label);
		fits = false;
		break;
	}
	rcu_read_unlock();

	return fits;
}

/* The first to expire, then the scope's own, then the oldest */
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

	/* Leave out the one that would be tried last */
	if (nr == SRP_CANDIDATES) {
		if (!srp_comes_before(candidate, &candidates[nr - 1]))
			return nr;
		nr--;
	}

	for (i = nr; i && srp_comes_before(candidate, &candidates[i - 1]); i--)
		candidates[i] = candidates[i - 1];
	candidates[i] = *candidate;

	return nr + 1;
}

/*
 * Find all credentials that fit, in the order in which they are tried.  They
 * have one salt, as two would tell that the user exists: the scope's own, or
 * that of the table, which allows only one.
 */
static unsigned int srp_find_candidates(const struct iscsit_srp_peer *peer,
					struct iscsit_srp_cred *scope,
					unsigned int min_group,
					const u8 *userid, size_t userid_len,
					struct srp_candidate *candidates,
					bool *other_salt)
{
	struct srp_candidate candidate = { .cred = scope };
	struct rhlist_head *list, *at;
	struct iscsit_srp_user *user;
	unsigned int nr = 0;

	if (iscsit_srp_cred_is_of(scope, userid, userid_len) &&
	    iscsit_srp_cred_has_group(scope, min_group))
		nr = srp_candidate_add(candidates, nr, &candidate);
	if (!peer->users)
		return nr;

	rcu_read_lock();
	list = iscsit_srp_users_find(peer->users, userid, userid_len);
	rhl_for_each_entry_rcu(user, at, list, node) {
		if (!srp_user_fits(user, peer, peer->acl && scope, min_group))
			continue;
		if (nr && !iscsit_srp_cred_same_salt(user->cred,
						     candidates[0].cred)) {
			*other_salt = true;
			continue;
		}
		candidate.cred = user->cred;
		candidate.label = user->label;
		candidate.expires = user->expires;
		candidate.order = user->order;
		nr = srp_candidate_add(candidates, nr, &candidate);
	}
	rcu_read_unlock();

	return nr;
}

/*
 * Find a credential of a user that this login may not use: it is incomplete,
 * disabled, expired, too weak, or for other portal groups.  Its salt is the same
 * as when and where it may be used.
 */
static struct iscsit_srp_cred *srp_find_kin(const struct iscsit_srp_peer *peer,
					    struct iscsit_srp_cred *scope,
					    const u8 *userid, size_t userid_len)
{
	struct iscsit_srp_user *user, *kin = NULL;
	struct rhlist_head *list, *at;

	if (iscsit_srp_cred_is_of(scope, userid, userid_len) && scope->salt_len)
		return scope;
	if (!peer->users)
		return NULL;

	rcu_read_lock();
	list = iscsit_srp_users_find(peer->users, userid, userid_len);
	rhl_for_each_entry_rcu(user, at, list, node) {
		if (!user->cred->salt_len)
			continue;
		/* An entry may have the salt of an ACL, whose credentials override */
		if (user->initiators ? !srp_names(user, peer->initiator) :
				       peer->acl && scope)
			continue;
		if (!kin || user->enabled > kin->enabled ||
		    (user->enabled == kin->enabled && user->order < kin->order))
			kin = user;
	}
	rcu_read_unlock();

	return kin ? kin->cred : NULL;
}

/* Hash initiator, user name and address.  Never 0 */
static u64 srp_who(const struct iscsit_srp_users *users,
		   const struct iscsit_srp_peer *peer, const u8 *userid,
		   size_t userid_len)
{
	const siphash_key_t *secret = &users->secret;
	const struct sockaddr_in6 *in6;
	const struct sockaddr_in *in;
	u64 addr = 0;

	/* Without the port, which differs for each connection */
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

static const struct srp_candidate *
srp_choose(const struct srp_candidate *candidates, unsigned int nr,
	   const struct iscsit_srp_hint *hint)
{
	unsigned int i;

	if (!nr)
		return NULL;

	for (i = 0; hint && hint->failed && i < nr; i++)
		if (candidates[i].cred->id == hint->failed)
			return &candidates[(i + 1) % nr];
	for (i = 0; hint && i < nr; i++)
		if (candidates[i].cred->id == hint->worked)
			return &candidates[i];

	return &candidates[0];
}

/**
 * iscsit_srp_pick - Choose the credential that a login tries
 * @peer: who logs in, and where
 * @scope: credential of the ACL, the portal group or discovery, or NULL
 * @min_group: id of the weakest group that may be offered, at least 1
 * @userid: SRP_U
 * @userid_len: bytes in @userid, 1 to ISCSIT_SRP_USERID_MAX
 * @pick: gets the choice, for iscsit_srp_pick_drop() even after an error
 *
 * If an ACL has a credential, only those entries of the table count that name
 * its initiator.
 *
 * A made-up credential is made for a known user as well, and kept until the end
 * of the login, so that step U takes as long as for an unknown one.
 *
 * Context: Process context.  May sleep.
 * Return: 0, even if the user is unknown; -ENOMEM.
 */
int iscsit_srp_pick(const struct iscsit_srp_peer *peer,
		    struct iscsit_srp_cred *scope, unsigned int min_group,
		    const u8 *userid, size_t userid_len,
		    struct iscsit_srp_pick *pick)
{
	struct srp_candidate candidates[SRP_CANDIDATES];
	const struct srp_candidate *candidate;
	struct iscsit_srp_users *users = peer->users;
	struct iscsit_srp_hint *hint = NULL;
	const struct iscsit_srp_cred *like = scope;
	unsigned int nr;

	memset(pick, 0, sizeof(*pick));
	pick->id = SRP_ID_MADE_UP;

	if (users)
		mutex_lock(&users->lock);

	nr = srp_find_candidates(peer, scope, min_group, userid, userid_len,
				 candidates, &pick->other_salt);
	if (!nr) {
		pick->kin = srp_find_kin(peer, scope, userid, userid_len);
		if (pick->kin)
			kref_get(&pick->kin->ref);
	}
	pick->changing = iscsit_srp_cred_is_changing(scope) ||
			 (users && users->stale &&
			  time_before(jiffies, users->changed +
					       ISCSIT_SRP_CHANGE_TIME));
	if (users && users->hints) {
		pick->users = users;
		pick->who = srp_who(users, peer, userid, userid_len);
		hint = srp_hint(users, pick->who);
		if (hint->who != pick->who)
			hint = NULL;
		/*
		 * Decide from the whole table, so a retry does not reveal
		 * whose password is rotating
		 */
		pick->retry = (users->doubled || srp_scope_doubled(peer, scope)) &&
			      !(hint && hint->failed && !hint->over &&
				time_before(jiffies,
					    hint->when + SRP_RETRY_TIME));
		if (users->model[min_group]) {
			pick->model = users->model[min_group]->cred;
			kref_get(&pick->model->ref);
		}
	}
	candidate = srp_choose(candidates, nr, hint);
	if (candidate) {
		pick->cred = candidate->cred;
		kref_get(&pick->cred->ref);
		pick->id = candidate->cred->id;
		strscpy(pick->label, candidate->label ?: "",
			sizeof(pick->label));
	}

	if (users)
		mutex_unlock(&users->lock);

	/* If nobody has a group to offer here, everybody is rejected */
	if (!iscsit_srp_cred_has_group(scope, min_group) && pick->model)
		like = pick->model;
	/* Real salts differ between ACLs, but are the same in the whole table */
	pick->made_up = iscsit_srp_decoy(like, pick->kin, peer->target,
					 peer->acl && scope ? peer->initiator :
							      NULL,
					 userid, userid_len);

	return pick->made_up ? 0 : -ENOMEM;
}

/**
 * iscsit_srp_pick_failed - Remember that a login's proof was wrong
 * @pick: the login's choice
 *
 * Context: Process context.  May sleep.
 * Return: True to ask the initiator to retry, which then tries another of the
 * user's credentials, if there is one.
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

/* Remember that a login succeeded.  May sleep */
void iscsit_srp_pick_worked(const struct iscsit_srp_pick *pick)
{
	struct iscsit_srp_users *users = pick->users;

	if (!users)
		return;

	mutex_lock(&users->lock);
	*srp_hint(users, pick->who) = (struct iscsit_srp_hint){
		.who = pick->who,
		.worked = pick->id,
	};
	mutex_unlock(&users->lock);
}

/* Release a choice of iscsit_srp_pick(), or a zeroed one */
void iscsit_srp_pick_drop(struct iscsit_srp_pick *pick)
{
	iscsit_srp_cred_put(pick->cred);
	iscsit_srp_cred_put(pick->model);
	iscsit_srp_cred_put(pick->kin);
	iscsit_srp_cred_put(pick->made_up);
	memset(pick, 0, sizeof(*pick));
}
