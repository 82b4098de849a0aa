// SPDX-License-Identifier: GPL-2.0
/*
 * TLS handshakes of logins.
 *
 * The first octet of a connection decides: a TLS handshake begins with 0x16, which is no
 * Login Request.  User space, tlshd, makes the handshake and puts the keys into the
 * socket, see Documentation/networking/tls-handshake.rst; what the socket receives and
 * sends after that is plain for us, and TLS on the wire.
 *
 * A handshake is a part of the login and of its time.  No thread waits for it: its end
 * queues the login's work.
 */

#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/key.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/workqueue.h>
#include <net/handshake.h>
#include <net/sock.h>
#include <net/tls_prot.h>
#include "../iscsi_target_pending.h"
#include "../iscsi_target_tls.h"
#include "record.h"

/* tls_status until the handshake has ended, or if it could not begin yet */
#define TLS_RUNS	1
#define TLS_AGAIN	2

/* The kernel takes few handshakes before tlshd takes them: 3 with a small memory */
#define TLS_AGAIN_DELAY	(HZ / 20)

/**
 * iscsit_tls_prepare - A connection may get TLS
 * @sock: its socket, which nobody watches yet
 *
 * User space needs a file for it.  From now on iscsit_tls_close() has to close it.
 *
 * Context: Process context.  May sleep.
 * Return: 0, or a negative errno; then the socket is closed.
 */
int iscsit_tls_prepare(struct socket *sock)
{
	return PTR_ERR_OR_ZERO(sock_alloc_file(sock, 0, NULL));
}

/* Close a connection, with or without TLS */
void iscsit_tls_close(struct socket *sock)
{
	if (!sock->file) {
		sock_release(sock);
		return;
	}

	tls_handshake_close(sock);
	/* tlshd may still have the file */
	kernel_sock_shutdown(sock, SHUT_RDWR);
	fput(sock->file);
}

/* Look at the first octet; -EAGAIN if there is none yet */
static int tls_look(struct iscsit_pending *pending)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	struct kvec iov;
	u8 octet;
	int ret;

	/* TLS was not offered when the connection was accepted */
	if (!pending->sock->file) {
		pending->tls = ISCSIT_TLS_PLAIN;
		return 0;
	}
	iov.iov_base = &octet;
	iov.iov_len = sizeof(octet);
	ret = kernel_recvmsg(pending->sock, &msg, &iov, 1, sizeof(octet),
			     MSG_DONTWAIT | MSG_PEEK);
	if (ret <= 0)
		return ret ?: -ECONNRESET;
	pending->tls = octet == TLS_RECORD_TYPE_HANDSHAKE ? ISCSIT_TLS_WAITS :
							    ISCSIT_TLS_PLAIN;

	return 0;
}

/* The handshake has ended; called once unless it was cancelled */
static void tls_done(void *data, int status, key_serial_t peerid)
{
	struct iscsit_pending *pending = data;

	WRITE_ONCE(pending->tls_status, min(status, 0));
	mod_delayed_work(iscsit_pending_wq, &pending->work, 0);
	/* From here on the login may be gone */
	complete(&pending->tls_done);
}

static int tls_failed(struct iscsit_pending *pending, int error,
		      const char *why)
{
	iscsit_pending_handshake_over(pending, ISCSIT_TLS_FAILED);
	pr_warn_ratelimited("TLS handshake with %pI6c failed: %s (%d)\n",
			    &pending->peer, why, error);

	/* The work must not wait for more: tlshd may say what it wants */
	return error == -EAGAIN ? -EBUSY : error;
}

static int tls_start(struct iscsit_pending *pending)
{
	/* Until the portal group is known, nobody changes that */
	long left = max_t(long, pending->timer.expires - jiffies, HZ);
	struct tls_handshake_args args = {
		.ta_sock = pending->sock,
		.ta_done = tls_done,
		.ta_data = pending,
		/* Without it tlshd would ask the DNS for one, and wait */
		.ta_peername = "iSCSI initiator",
		.ta_timeout_ms = jiffies_to_msecs(left),
	};
	int ret;

	init_completion(&pending->tls_done);
	pending->tls_status = TLS_RUNS;
	iscsit_pending_lend_sock(pending);
	ret = tls_server_hello_x509(&args, GFP_KERNEL);
	switch (ret) {
	case 0:
		return -EAGAIN;
	case -ESRCH:
		return tls_failed(pending, ret, "tlshd does not run");
	case -EAGAIN:
		iscsit_pending_take_sock(pending);
		pending->tls_status = TLS_AGAIN;
		mod_delayed_work(iscsit_pending_wq, &pending->work,
				 TLS_AGAIN_DELAY);
		return ret;
	default:
		return tls_failed(pending, ret, "cannot ask tlshd");
	}
}

static int tls_collect(struct iscsit_pending *pending)
{
	int status = READ_ONCE(pending->tls_status);

	if (status == TLS_RUNS)
		return -EAGAIN;
	if (status == TLS_AGAIN)
		return tls_start(pending);

	/* tls_done() is about to return */
	wait_for_completion(&pending->tls_done);
	iscsit_pending_take_sock(pending);
	if (status)
		return tls_failed(pending, status,
				  "tlshd says so, see its log");
	if (!iscsit_tls_sock_is_up(pending->sock))
		return tls_failed(pending, -ENOKEY,
				  "tlshd has not set the keys");
	iscsit_pending_handshake_over(pending, ISCSIT_TLS_UP);

	return 0;
}

/**
 * iscsit_tls_begin - Let a login have its TLS handshake, if it wants one
 * @pending: the login
 *
 * Call this before each receive.
 *
 * Context: The login's work.
 * Return: 0 if the login's requests can be received; -EAGAIN if it is not known yet
 * whether it is TLS, or a handshake has not ended: the work is queued then; otherwise a
 * negative errno, the login has to end.
 */
int iscsit_tls_begin(struct iscsit_pending *pending)
{
	int ret;

	if (pending->tls == ISCSIT_TLS_UNKNOWN) {
		ret = tls_look(pending);
		if (ret)
			return ret;
	}

	switch (pending->tls) {
	case ISCSIT_TLS_WAITS:
		if (!iscsit_pending_handshake_turn(pending))
			return -EAGAIN;
		return tls_start(pending);
	case ISCSIT_TLS_HANDSHAKE:
		return tls_collect(pending);
	default:
		return 0;
	}
}

/* A login ends: cancel its handshake, or let others have the one it waits for */
void iscsit_tls_end(struct iscsit_pending *pending)
{
	if (pending->tls == ISCSIT_TLS_WAITS)
		iscsit_pending_handshake_over(pending, ISCSIT_TLS_FAILED);
	if (pending->tls != ISCSIT_TLS_HANDSHAKE)
		return;

	if (pending->tls_status != TLS_AGAIN &&
	    !tls_handshake_cancel(pending->sock->sk))
		/* It was too late, so tls_done() is running or has run */
		wait_for_completion(&pending->tls_done);
	tls_failed(pending, -ECANCELED, pending->end == ISCSIT_PENDING_TIMED_OUT ?
		   "not complete in time" :
		   pending->end ? "the login has to end" :
		   "the initiator closed the connection");
}
