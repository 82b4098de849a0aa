// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scripted target, and stubs for what a login uses outside the code under
 * test. Builds against open-iscsi with and without the patches.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "transport.h"

struct peer_request peer_requests[32];
int peer_count;
char peer_log[16384];
int log_level = 8;

static const struct peer_reply *script;
static size_t logged;

static void add_to_log(const char *format, va_list args)
{
	size_t room = sizeof(peer_log) - logged;
	size_t length = vsnprintf(peer_log + logged, room, format, args);

	if (length + 1 < room) {
		logged += length;
		peer_log[logged++] = '\n';
		peer_log[logged] = '\0';
	} else
		logged = sizeof(peer_log) - 1;
}

#define LOGGER(name, ...)			\
void name(__VA_ARGS__ const char *format, ...)	\
{						\
	va_list args;				\
						\
	va_start(args, format);			\
	add_to_log(format, args);		\
	va_end(args);				\
}

LOGGER(log_error)
LOGGER(log_warning)
LOGGER(log_info)
LOGGER(log_debug, int level,)
LOGGER(conn_log_connect, int level, iscsi_session_t *session,)	/* of 2.1.11 */
LOGGER(sess_log_connect, int level, iscsi_session_t *session,)	/* of 2.1.13 */

int iscsi_io_send_pdu(iscsi_conn_t *conn, struct iscsi_hdr *hdr,
		      int hdr_digest, char *data, int data_digest, int timeout)
{
	struct peer_request *request = &peer_requests[peer_count];
	int length = ntoh24(hdr->dlength), i;

	if (peer_count == sizeof(peer_requests) / sizeof(peer_requests[0]) ||
	    length >= (int)sizeof(request->text))
		return 0;
	request->flags = hdr->flags;
	for (i = 0; i < length; i++)
		request->text[i] = data[i] ? data[i] : '\n';
	request->text[length] = '\0';
	peer_count++;
	return 1;
}

int iscsi_io_recv_pdu(iscsi_conn_t *conn, struct iscsi_hdr *hdr,
		      int hdr_digest, char *data, int max_data_length,
		      int data_digest, int timeout)
{
	struct iscsi_login_rsp *rsp = (struct iscsi_login_rsp *)hdr;
	int length, i;

	memset(data, 0, max_data_length);
	memset(rsp, 0, sizeof(*rsp));
	if (!script->text)
		return -1;	/* the target has closed the connection */

	length = strlen(script->text);
	if (length > max_data_length)
		return -1;
	for (i = 0; i < length; i++)
		data[i] = script->text[i] == '\n' ? '\0' : script->text[i];
	rsp->opcode = ISCSI_OP_LOGIN_RSP;
	rsp->flags = script->flags;
	rsp->status_class = script->status >> 8;
	rsp->status_detail = script->status;
	hton24(rsp->dlength, length);
	script++;
	return sizeof(*rsp) + length;
}

void peer_script(const struct peer_reply *replies)
{
	script = replies;
	peer_count = 0;
	logged = 0;
	*peer_log = '\0';
}

#define BUFFER(block) (struct auth_buffer_desc){ \
	.address = &(block), .length = sizeof(block) }

/* A session without credentials */
struct iscsi_session *peer_session(int type)
{
	static struct iscsi_transport_template template;
	static struct iscsi_transport transport = {
		.name = "tcp",
		.template = &template,
	};
	static struct iscsi_session session;
	struct auth_buffer_desc *buffer = session.auth_buffers;
	static int ready[2];

	/* login.c polls before it reads */
	if (!ready[1] && (pipe(ready) || write(ready[1], "", 1) != 1))
		abort();

	free(session.target_alias);
	memset(&session, 0, sizeof(session));
	session.t = &transport;
	session.type = type;
	session.id = 1;
	session.initiator_name = "iqn.2026-01.org.example:client";
	strcpy(session.target_name, "iqn.2026-01.org.example:disk");
	session.portal_group_tag = -1;
	session.conn[0].session = &session;
	session.conn[0].socket_fd = ready[0];
	session.conn[0].active_timeout = 5;
	session.conn[0].max_recv_dlength = 8192;
	session.conn[0].hdrdgst_en = ISCSI_DIGEST_NONE;
	session.conn[0].datadgst_en = ISCSI_DIGEST_NONE;

	buffer[0] = BUFFER(session.auth_client_block);
	buffer[1] = BUFFER(session.auth_recv_string_block);
	buffer[2] = BUFFER(session.auth_send_string_block);
	buffer[3] = BUFFER(session.auth_recv_binary_block);
	buffer[4] = BUFFER(session.auth_send_binary_block);
	session.num_auth_buffers = 5;
	return &session;
}

/* status: class and detail of the last response */
enum iscsi_login_status peer_login(struct iscsi_session *session, int *status)
{
	static char buffer[ISCSI_DEF_MAX_RECV_SEG_LEN];
	uint8_t class = 0, detail = 0;
	enum iscsi_login_status rc;

	rc = iscsi_login(session, 0, buffer, sizeof(buffer), &class, &detail);
	*status = class << 8 | detail;
	return rc;
}
