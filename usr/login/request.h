/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Login and Logout Requests and their responses, RFC 7143, section 11 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "options.h"
#include "text.h"

struct initiator;

enum {
	STAGE_SECURITY = 0,
	STAGE_OPERATIONAL = 1,
	STAGE_FULL_FEATURE = 3,
};

#define NO_TRANSIT	(-1)

/**
 * struct login - A connection of this process, used for one login after another
 * @opt: options
 * @password: not terminated, in memory for secrets
 * @password_len: its length
 * @guess: the group that A is computed for before the target has chosen one
 * @srp: in memory for secrets
 * @isid: of the session
 * @itt: Initiator Task Tag, the same throughout the login
 * @expstatsn: ExpStatSN
 * @csg: current stage
 * @nsg: the stage that the last request asked for, or NO_TRANSIT
 * @tsih: from the target, 0 before
 * @res: result of the login
 * @conn: the connection
 * @pdu: the PDU to send or the received PDU
 * @out: text to send
 * @in: received text
 */
struct login {
	const struct options *opt;
	const char *password;
	size_t password_len;
	const struct srp_group *guess;
	struct initiator *srp;
	uint8_t isid[6];
	uint32_t itt;
	uint32_t expstatsn;
	int csg;
	int nsg;
	uint16_t tsih;
	struct result *res;
	struct conn conn;
	struct pdu pdu;
	struct text out;
	struct text in;
};

int login_begin(struct login *l);
int login_send(struct login *l, const char *step, int nsg);
int login_recv(struct login *l, bool *transit);
int login_ask(struct login *l, const char *step, int nsg, bool *transit);
int login_invalid(struct login *l, const char *what, const char *why);
int logout_ask(struct login *l);

#endif /* REQUEST_H */
