/* SPDX-License-Identifier: GPL-2.0 */
/* The user that a session belongs to */
#ifndef ISCSIT_SRP_SESSION_H
#define ISCSIT_SRP_SESSION_H

#include <linux/types.h>

struct iscsit_session;
struct iscsit_srp;
struct iscsit_srp_owner;

int iscsit_srp_session_own(struct iscsit_session *sess,
			   const struct iscsit_srp *srp);
bool iscsit_srp_owner_admits(const struct iscsit_srp_owner *owner,
			     const struct iscsit_srp *srp);
struct iscsit_srp_owner *iscsit_srp_owner_alloc(const struct iscsit_srp *srp);

#endif /* ISCSIT_SRP_SESSION_H */
