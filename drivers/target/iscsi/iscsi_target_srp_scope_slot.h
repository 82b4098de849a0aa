/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a scope hangs on an ACL, a portal group, or discovery.  Nothing else
 * touches that member.
 */
#ifndef ISCSI_TARGET_SRP_SCOPE_SLOT_H
#define ISCSI_TARGET_SRP_SCOPE_SLOT_H

#include <linux/rcupdate.h>
#include <target/iscsi/iscsi_target_core.h>

/* Within rcu_read_lock() */
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

#endif /* ISCSI_TARGET_SRP_SCOPE_SLOT_H */
