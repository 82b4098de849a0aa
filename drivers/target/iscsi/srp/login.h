/* SPDX-License-Identifier: GPL-2.0 */
/* srp/login.c: the exchange within a connection's login */
#ifndef ISCSIT_SRP_LOGIN_H
#define ISCSIT_SRP_LOGIN_H

#include <linux/ktime.h>
#include <linux/types.h>
#include "exchange.h"

struct iscsit_conn;

/**
 * struct iscsit_srp_conn - What hangs on a connection's auth_protocol
 * @srp: the exchange
 * @text: text that came with the C bit set, to be continued
 * @text_len: octets of @text
 * @step: step of the request that is being answered
 * @began: when its handling began
 * @over: it was the last one
 */
struct iscsit_srp_conn {
	struct iscsit_srp *srp;
	char *text;
	size_t text_len;
	enum iscsit_srp_login_step step;
	ktime_t began;
	bool over;
};

void iscsit_srp_authenticated(struct iscsit_conn *conn);

#endif /* ISCSIT_SRP_LOGIN_H */
