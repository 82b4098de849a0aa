/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scripted target in place of the network below usr/login.c */
#ifndef PEER_H
#define PEER_H

#include "initiator.h"

/* Flags of a response: T, C, the current stage and the next one */
#define PEER_C		0x40
#define PEER_TO_OP	0x81		/* T, from security to operational */
#define PEER_TO_FULL	0x83		/* T, from security to full feature */
#define PEER_OP_END	0x87		/* T, from operational to full feature */

struct peer_reply {
	const char *text;		/* '\n' ends a key; NULL: disconnect */
	int flags;
	int status;			/* class and detail, 0xccdd */
};

/* A request as it was received, with '\n' in place of NUL */
struct peer_request {
	int flags;
	char text[8192];
};

extern struct peer_request peer_requests[32];
extern int peer_count;			/* number of requests */
extern char peer_log[16384];		/* log messages of all levels */

extern void peer_script(const struct peer_reply *replies);
extern struct iscsi_session *peer_session(int type);
extern enum iscsi_login_status peer_login(struct iscsi_session *session,
					  int *status);

/* The log must contain the text. */
#define assert_logged(text) do {					\
	if (!strstr(peer_log, text))					\
		fail_msg("'%s' is not in the log: %s", text, peer_log);	\
} while (0)
#define assert_not_logged(text) do {					\
	if (strstr(peer_log, text))					\
		fail_msg("'%s' is in the log: %s", text, peer_log);	\
} while (0)

#endif
