/* SPDX-License-Identifier: GPL-2.0 */
/* In place of the header of that name, where the structure has no member */
#ifndef ISCSI_TARGET_SRP_SCOPE_SLOT_H
#define ISCSI_TARGET_SRP_SCOPE_SLOT_H

#include "compat/side_table.h"

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

#endif /* ISCSI_TARGET_SRP_SCOPE_SLOT_H */
