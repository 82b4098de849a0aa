/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted target for usr/login.c: what would go over the wire goes to it.
 */
#ifndef PEER_H
#define PEER_H

#include "initiator.h"

/* Flags of a response: T, C, the stage and the next one */
#define PEER_T		0x80
#define PEER_C		0x40
#define PEER_SECURITY	0x00
#define PEER_TO_OP	0x81		/* T, from security to operational */
#define PEER_TO_FULL	0x83		/* T, from security to full feature */
#define PEER_OP_END	0x87		/* T, from operational to full feature */

struct peer_reply {
	int flags;
	const char *text;		/* keys, '\n' behind each one; NULL: no more */
	int status;			/* class and detail, 0xccdd */
};

/* One request as it came: its flags, and its text with '\n' for NUL */
struct peer_request {
	int flags;
	char text[8192];
};

extern struct peer_request peer_requests[32];
extern int peer_count;			/* of requests */
extern char peer_log[16384];		/* what was logged, all levels */

extern void peer_script(const struct peer_reply *replies);
extern struct iscsi_session *peer_session(int type);
extern enum iscsi_login_status peer_login(struct iscsi_session *session,
					  int *status);

#endif
