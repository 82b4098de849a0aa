/* SPDX-License-Identifier: GPL-2.0 */
/* The only accessors of the members that SRP adds to LIO's structures */
#ifndef ISCSIT_SRP_SLOTS_H
#define ISCSIT_SRP_SLOTS_H

#include <linux/rcupdate.h>
#include <target/iscsi/iscsi_target_core.h>

/* Needs rcu_read_lock() */
static inline struct iscsit_srp_scope *
iscsit_srp_scope_slot(const struct iscsi_node_auth *auth)
{
	return rcu_dereference(auth->srp);
}

/* May sleep; one at a time for each @auth */
static inline void iscsit_srp_scope_slot_set(struct iscsi_node_auth *auth,
					     struct iscsit_srp_scope *scope)
{
	rcu_assign_pointer(auth->srp, scope);
}

static inline struct iscsit_srp_users *
iscsit_srp_users_slot(const struct iscsi_tiqn *tiqn)
{
	return tiqn->srp_users;
}

/* May sleep */
static inline void iscsit_srp_users_slot_set(struct iscsi_tiqn *tiqn,
					     struct iscsit_srp_users *users)
{
	tiqn->srp_users = users;
}

static inline struct iscsit_srp_owner *
iscsit_srp_owner_slot(const struct iscsit_session *sess)
{
	return sess->srp_owner;
}

/* May sleep */
static inline void iscsit_srp_owner_slot_set(struct iscsit_session *sess,
					     struct iscsit_srp_owner *owner)
{
	sess->srp_owner = owner;
}

static inline void iscsit_srp_owner_slot_clear(struct iscsit_session *sess)
{
	sess->srp_owner = NULL;
}

#endif /* ISCSIT_SRP_SLOTS_H */
