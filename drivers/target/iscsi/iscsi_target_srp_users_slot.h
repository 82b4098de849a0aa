/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a table of users hangs on its target.  Nothing else touches that
 * member.
 */
#ifndef ISCSI_TARGET_SRP_USERS_SLOT_H
#define ISCSI_TARGET_SRP_USERS_SLOT_H

#include <target/iscsi/iscsi_target_core.h>

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

#endif /* ISCSI_TARGET_SRP_USERS_SLOT_H */
