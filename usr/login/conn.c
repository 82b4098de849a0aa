// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arrival time of a response is the kernel's: this program may be busy
 * computing when the response arrives.
 */
#include "conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define MS	1000000		/* in nanoseconds */

/* Wait until the socket is ready; -1 with errno if it fails or takes too long */
static int wait_for(const struct conn *conn, short events)
{
	struct pollfd pfd = { .fd = conn->fd, .events = events };
	int64_t left;
	int n;

	do {
		left = conn->deadline - clock_ns(CLOCK_MONOTONIC);
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		n = poll(&pfd, 1, (left + MS - 1) / MS);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : 0;
}

static int broken(struct conn *conn)
{
	return result_fail(conn->res, EX_UNAVAILABLE, "%s: %s",
			   conn->step->name, errno == ETIMEDOUT ?
			   "no response in time" : strerror(errno));
}

/* Connect a socket; -1 with errno */
static int try_address(struct conn *conn, const struct addrinfo *ai)
{
	static const int on = 1;
	socklen_t len = sizeof(int);
	int err = 0;

	conn->fd = socket(ai->ai_family,
			  ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
			  ai->ai_protocol);
	if (conn->fd < 0)
		return -1;
	if (setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ||
	    setsockopt(conn->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		return -1;
	if (!connect(conn->fd, ai->ai_addr, ai->ai_addrlen))
		return 0;
	if (errno != EINPROGRESS || wait_for(conn, POLLOUT) ||
	    getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -1;
	errno = err;
	return err ? -1 : 0;
}

/**
 * conn_open() - Connect
 * @conn: gets filled in
 * @opt: the addresses, tried in order, and the timeout
 * @res: has the start of the login; gets times and errors
 *
 * Return: 0, or -1 with the failure recorded
 */
int conn_open(struct conn *conn, const struct options *opt, struct result *res)
{
	conn->fd = -1;
	conn->res = res;
	conn->rx_len = 0;
	conn->deadline = res->begin + (int64_t)opt->timeout * 1000 * MS;
	conn->step = result_step(res, "connect");
	conn->sent = clock_ns(CLOCK_MONOTONIC);
	conn->step->own = conn->sent - res->begin;

	for (struct addrinfo *ai = opt->addresses; ai; ai = ai->ai_next) {
		if (!try_address(conn, ai)) {
			conn->arrived = clock_ns(CLOCK_MONOTONIC);
			conn->step->response = conn->arrived - conn->sent;
			return 0;
		}
		if (ai->ai_next)
			conn_close(conn);
	}
	return broken(conn);
}

/**
 * conn_close() - Close the connection
 * @conn: from conn_open(), even if that failed
 */
void conn_close(struct conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
}

/**
 * conn_send() - Send a request and begin its step
 * @conn: the connection
 * @step: name of the step
 * @pdu: the request; its length and padding are filled in
 *
 * Return: 0, or -1 with the failure recorded
 */
int conn_send(struct conn *conn, const char *step, struct pdu *pdu)
{
	size_t len = BHS_LEN + ((pdu->len + 3) & ~3);
	size_t done = 0;

	memset(pdu->bytes + BHS_LEN + pdu->len, 0, len - BHS_LEN - pdu->len);
	pdu->bytes[4] = 0;
	pdu->bytes[5] = 0;
	pdu->bytes[6] = pdu->len >> 8;
	pdu->bytes[7] = pdu->len & 0xff;

	conn->step = result_step(conn->res, step);
	if (!conn->step)
		return -1;
	conn->sent_real = clock_ns(CLOCK_REALTIME);
	conn->sent = clock_ns(CLOCK_MONOTONIC);
	conn->step->own = conn->sent - conn->arrived;
	while (done < len) {
		ssize_t n = send(conn->fd, pdu->bytes + done, len - done,
				 MSG_NOSIGNAL);

		if (n >= 0)
			done += n;
		else if (errno == EAGAIN ? wait_for(conn, POLLOUT) :
					   errno != EINTR)
			return broken(conn);
	}
	return 0;
}

/* When the kernel received the data of msg, or now if that is not known */
static int64_t arrival(const struct conn *conn, struct msghdr *msg)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	struct cmsghdr *cmsg;
	struct timespec at;
	int64_t when;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_TIMESTAMPNS ||
		    cmsg->cmsg_len < CMSG_LEN(sizeof(at)))
			continue;
		memcpy(&at, CMSG_DATA(cmsg), sizeof(at));
		when = (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
		when += conn->sent - conn->sent_real;
		/* Out of range if the clock was set in between */
		if (when >= conn->sent && when <= now)
			return when;
	}
	return now;
}

/* Receive what is there, at least one byte */
static int receive(struct conn *conn)
{
	char control[CMSG_SPACE(sizeof(struct timespec))]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec iov = {
		.iov_base = conn->rx + conn->rx_len,
		.iov_len = sizeof(conn->rx) - conn->rx_len,
	};
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	do {
		if (wait_for(conn, POLLIN))
			return broken(conn);
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(conn->fd, &msg, 0);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return result_fail(conn->res, EX_PROTOCOL,
				   "%s: the target closed the connection without a response",
				   conn->step->name);
	if (n < 0)
		return broken(conn);
	conn->rx_len += n;
	conn->arrived = arrival(conn, &msg);
	return 0;
}

/**
 * conn_recv() - Receive a response and end its step
 * @conn: the connection
 * @pdu: gets the response
 *
 * Return: 0, or -1 with the failure recorded
 */
int conn_recv(struct conn *conn, struct pdu *pdu)
{
	size_t total;

	for (;;) {
		if (conn->rx_len >= BHS_LEN) {
			if (conn->rx[4])
				return result_fail(conn->res, EX_PROTOCOL,
						   "%s: the response has an additional header segment",
						   conn->step->name);
			pdu->len = conn->rx[5] << 16 | conn->rx[6] << 8 |
				   conn->rx[7];
			if (pdu->len > PDU_DATA_MAX)
				return result_fail(conn->res, EX_PROTOCOL,
						   "%s: the response has %zu bytes of data, more than the limit of %d",
						   conn->step->name, pdu->len,
						   PDU_DATA_MAX);
			total = BHS_LEN + ((pdu->len + 3) & ~3);
			if (conn->rx_len >= total)
				break;
		}
		if (receive(conn))
			return -1;
	}
	memcpy(pdu->bytes, conn->rx, total);
	conn->rx_len -= total;
	memmove(conn->rx, conn->rx + total, conn->rx_len);
	conn->step->response = conn->arrived - conn->sent;
	return 0;
}
