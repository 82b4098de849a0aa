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

/* Find all credentials that fit, in the order in which they are tried */
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
		candidate.cred = user->cred;
		candidate.label = user->label;
		candidate.expires = user->expires;
		candidate.order = user->order;
		nr = srp_candidate_add(candidates, nr, &candidate);
	}
	rcu_read_unlock();

	return nr;
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

/*
 * Hash a credential, to the same value in the table and in an ACL.  Its
 * strongest verifier depends on user name, salt and password.
 */
static u64 srp_cred_id(const struct iscsit_srp_users *users,
		       const struct iscsit_srp_cred *cred)
{
	unsigned int id = iscsit_srp_cred_strongest(cred);

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
	kfree(pick->label);
	memset(pick, 0, sizeof(*pick));
}
