/* SPDX-License-Identifier: GPL-2.0 */
/* In place of the header of that name, where the structure has no member */
#ifndef ISCSI_TARGET_SRP_USERS_SLOT_H
#define ISCSI_TARGET_SRP_USERS_SLOT_H

#include "compat/side_table.h"

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

#endif /* ISCSI_TARGET_SRP_USERS_SLOT_H */
