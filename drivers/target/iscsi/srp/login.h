/* SPDX-License-Identifier: GPL-2.0 */
/* SRP in a connection's login */
#ifndef ISCSIT_SRP_LOGIN_H
#define ISCSIT_SRP_LOGIN_H

struct iscsit_conn;
struct iscsit_srp;

struct iscsit_srp *iscsit_srp_of(struct iscsit_conn *conn);

#endif /* ISCSIT_SRP_LOGIN_H */
