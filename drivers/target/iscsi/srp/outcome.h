/* SPDX-License-Identifier: GPL-2.0 */
/* What became of logins, for each scope */
#ifndef ISCSIT_SRP_OUTCOME_H
#define ISCSIT_SRP_OUTCOME_H

#include <linux/types.h>
#include "stats.h"

struct iscsi_node_auth;
struct iscsit_conn;

void iscsit_srp_count(struct iscsit_conn *conn, enum iscsit_srp_stat stat,
		      unsigned long n);
void iscsit_srp_count_login(struct iscsit_conn *conn);
void iscsit_srp_authenticated(struct iscsit_conn *conn);
enum iscsit_srp_stat iscsit_srp_failure(u8 status_class, u8 status_detail,
					bool chap);
ssize_t iscsit_srp_stat_show(struct iscsi_node_auth *auth, unsigned int stat,
			     char *page);

#endif /* ISCSIT_SRP_OUTCOME_H */
