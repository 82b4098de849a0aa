/* SPDX-License-Identifier: GPL-2.0 */
/* Replaces srp/slots.h where LIO's structures have no members for SRP */
#ifndef ISCSIT_SRP_SLOTS_H
#define ISCSIT_SRP_SLOTS_H

#include "../compat/side_table.h"

static inline struct iscsit_srp_scope *
iscsit_srp_scope_slot(const struct iscsi_node_auth *auth)
{
	return compat_side_table_get(auth);
}

static inline void iscsit_srp_scope_slot_set(struct iscsi_node_auth *auth,
					     struct iscsit_srp_scope *scope)
{
	compat_side_table_set(auth, scope);
}

static inline struct iscsit_srp_users *
iscsit_srp_users_slot(const struct iscsi_tiqn *tiqn)
{
	return compat_side_table_get(tiqn);
}

static inline void iscsit_srp_users_slot_set(struct iscsi_tiqn *tiqn,
					     struct iscsit_srp_users *users)
{
	compat_side_table_set(tiqn, users);
}

static inline struct iscsit_srp_owner *
iscsit_srp_owner_slot(const struct iscsit_session *sess)
{
	return compat_side_table_get(sess);
}

static inline void iscsit_srp_owner_slot_set(struct iscsit_session *sess,
					     struct iscsit_srp_owner *owner)
{
	compat_side_table_set(sess, owner);
}

static inline void iscsit_srp_owner_slot_clear(struct iscsit_session *sess)
{
	compat_side_table_clear(sess);
}

#endif /* ISCSIT_SRP_SLOTS_H */
