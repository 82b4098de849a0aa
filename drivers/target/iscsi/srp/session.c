// SPDX-License-Identifier: GPL-2.0
/*
 * The user that a session belongs to.
 *
 * An initiator chooses its name and its ISID, so they do not show who it is.
 * Where several users may log in, each could end another one's session by
 * session reinstatement, or add a connection to it.  A session of an SRP user
 * therefore admits only a login of the same user, by name: a new password does
 * not matter.  The credentials of an ACL belong to its initiator, so they also
 * admit to all sessions of that initiator.
 *
 * Other sessions, of CHAP or None, belong to nobody and admit every login that
 * LIO admits, as before.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target_srp.h"
#include "exchange.h"
#include "login.h"
#include "session.h"
#include "slots.h"

struct iscsit_srp_owner {
	u8 len;
	u8 user[ISCSIT_SRP_USERID_MAX];
};

/* Remember who has authenticated by @srp, for kfree(); NULL without memory */
struct iscsit_srp_owner *iscsit_srp_owner_alloc(const struct iscsit_srp *srp)
{
	struct iscsit_srp_owner *owner = kzalloc_obj(*owner);

	if (!owner)
		return NULL;

	owner->len = srp->user_len;
	memcpy(owner->user, srp->user, srp->user_len);

	return owner;
}

/* Whether the sessions of @owner admit a login; @srp is NULL if it is not SRP */
bool iscsit_srp_owner_admits(const struct iscsit_srp_owner *owner,
			     const struct iscsit_srp *srp)
{
	if (!owner)
		return true;
	if (!srp || srp->step != ISCSIT_SRP_STEP_DONE)
		return false;
	/* The credentials of the ACL itself, not of an entry that names it */
	if (srp->peer.acl && !srp->pick.label[0])
		return true;

	return owner->len == srp->user_len &&
	       !memcmp(owner->user, srp->user, owner->len);
}

/* A new session belongs to the user of @srp; 0 or -ENOMEM.  May sleep. */
int iscsit_srp_session_own(struct iscsit_session *sess,
			   const struct iscsit_srp *srp)
{
	struct iscsit_srp_owner *owner = iscsit_srp_owner_alloc(srp);

	if (!owner)
		return -ENOMEM;
	iscsit_srp_owner_slot_set(sess, owner);

	return 0;
}

/* A session is about to be freed.  Any context but hard interrupts. */
void iscsit_srp_session_forget(struct iscsit_session *sess)
{
	struct iscsit_srp_owner *owner = iscsit_srp_owner_slot(sess);

	if (!owner)
		return;
	iscsit_srp_owner_slot_clear(sess);
	kfree(owner);
}

/**
 * iscsit_srp_session_admits - Whether a login may end or join a session
 * @sess: the session, which cannot be freed meanwhile
 * @conn: the login, right after its authentication if there is one
 *
 * Context: Any but hard interrupts.
 * Return: False if the session belongs to another user.
 */
bool iscsit_srp_session_admits(struct iscsit_session *sess,
			       struct iscsit_conn *conn)
{
	return iscsit_srp_owner_admits(iscsit_srp_owner_slot(sess),
				       iscsit_srp_of(conn));
}
