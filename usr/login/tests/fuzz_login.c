// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: a login to a hostile target.  By SRP it succeeds only if the target has
 * proved itself; the password is never sent, unless the target has sent it.
 */
#include "digest.h"
#include "initiator.h"
#include "login.h"
#include "lib/tests/replies.h"
#include "lib/tests/test.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sysexits.h>

#define PASSWORD	"password123"

static struct replies replies;
static size_t next;			/* reply */
static struct pdu response;
static size_t response_len, response_sent;
static const struct srp_vector *vector = &srp_vectors[0];

int __wrap_conn_open(struct conn *conn, const struct options *opt,
		     struct result *res);
ssize_t __wrap_getrandom(void *bytes, size_t len, unsigned int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);

int __wrap_conn_open(struct conn *conn, const struct options *opt,
		     struct result *res)
{
	*conn = (struct conn){
		.fd = -1, .res = res, .step = result_step(res, "connect"),
		.deadline = res->begin + opt->timeout * 1000000000LL,
	};
	return 0;
}

/* The a of the vector, and zeros elsewhere: the corpus has fitting answers */
ssize_t __wrap_getrandom(void *bytes, size_t len, unsigned int flags)
{
	(void)flags;
	memset(bytes, 0, len);
	if (len == EPHEMERAL_LEN)
		memcpy(bytes, vector->a.p, len);
	return len;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	(void)fds;
	(void)count;
	(void)timeout;
	return 1;
}

/* The response to a request; without a reply the target closes the connection */
static void respond(uint8_t opcode)
{
	const struct reply *reply = &replies.reply[next];
	uint8_t *bhs = response.bytes;

	response_sent = response_len = 0;
	if (!reply->text || strlen(reply->text) > PDU_DATA_MAX)
		return;
	next++;
	response.len = strlen(reply->text);
	memset(bhs, 0, sizeof(response.bytes));
	bhs[0] = opcode == 0x06 ? 0x26 : 0x23;
	bhs[1] = reply->flags;
	bhs[6] = response.len >> 8;
	bhs[7] = response.len;
	bhs[8] = 0x80;			/* ISID */
	bhs[15] = 1;			/* TSIH */
	bhs[19] = opcode == 0x06;	/* ITT */
	bhs[36] = reply->class;
	bhs[37] = reply->detail;
	for (size_t i = 0; i < response.len; i++)
		bhs[BHS_LEN + i] = reply->text[i] == '\n' ? 0 : reply->text[i];
	response_len = BHS_LEN + ((response.len + 3) & ~3);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
	const uint8_t *bhs = bytes;

	(void)fd;
	(void)flags;
	demand(!memmem(bytes, len, PASSWORD, strlen(PASSWORD)) ||
	       replies_say(&replies, PASSWORD));
	if (!(replies.how & HOW_RAW))
		respond(bhs[0] & 0x3f);
	return len;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	const uint8_t *from = replies.how & HOW_RAW ?
		(const uint8_t *)replies.input + 1 : response.bytes;
	size_t end = replies.how & HOW_RAW ? replies.size - 1 : response_len;
	size_t len = end - response_sent;

	(void)fd;
	(void)flags;
	if (len > msg->msg_iov->iov_len)
		len = msg->msg_iov->iov_len;
	memcpy(msg->msg_iov->iov_base, from + response_sent, len);
	response_sent += len;
	msg->msg_controllen = 0;
	return len;
}

static void set_options(struct options *opt)
{
	static const enum method methods[] = {
		[HOW_SRP] = METHOD_SRP, [HOW_SRP_ONE_WAY] = METHOD_SRP,
		[HOW_CHAP] = METHOD_CHAP, [HOW_NONE] = METHOD_NONE,
	};

	*opt = (struct options){
		.target = replies.how & HOW_DISCOVERY ? NULL : "iqn.t",
		.initiator = "iqn.i",
		.method = methods[replies.how & HOW_METHOD],
		/* The large groups are only slower */
		.allowed = { group_by_id(ISCSI_SRP_GROUP_SRP_768) },
		.user = "alice",
		.one_way = (replies.how & HOW_METHOD) == HOW_SRP_ONE_WAY,
		.timeout = 60,
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct login *l = calloc(1, sizeof(*l));
	struct options opt;
	struct result res;

	digest_init();
	replies_read(&replies, data, size);
	next = response_len = response_sent = 0;
	set_options(&opt);
	l->opt = &opt;
	l->password = PASSWORD;
	l->password_len = strlen(PASSWORD);
	l->guess = opt.allowed[0];
	l->srp = calloc(1, sizeof(*l->srp));
	login_run(l, &res);

	demand(strlen(res.error) < ERROR_MAX);
	demand((res.code == EX_OK) == !*res.error);
	if (res.code == EX_OK && (replies.how & HOW_METHOD) == HOW_SRP)
		demand(replies_have(&replies, vector->HM.p, vector->HM.len) ||
		       replies.how & HOW_RAW);
	accepted(res.code == EX_OK);
	free(l->srp);
	free(l);
	replies_free(&replies);
	return 0;
}
