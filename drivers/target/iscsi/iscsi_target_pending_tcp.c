// SPDX-License-Identifier: GPL-2.0
/*
 * Logins over TCP: the socket's callbacks queue the login's work, which takes what
 * has arrived and never waits for more.
 */

#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include <scsi/iscsi_proto.h>
#include "iscsi_target_login.h"
#include "iscsi_target_nego.h"
#include "iscsi_target_parameters.h"
#include "iscsi_target_peer.h"
#include "iscsi_target_pending.h"
#include "iscsi_target_tls.h"
#include "iscsi_target_util.h"

static void pending_data_ready(struct sock *sk)
{
	struct iscsit_pending *pending;

	read_lock_bh(&sk->sk_callback_lock);
	pending = sk->sk_user_data;
	if (pending)
		queue_delayed_work(iscsit_pending_wq, &pending->work, 0);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void pending_state_change(struct sock *sk)
{
	void (*state_change)(struct sock *sk) = NULL;
	struct iscsit_pending *pending;

	read_lock_bh(&sk->sk_callback_lock);
	pending = sk->sk_user_data;
	if (pending) {
		state_change = pending->state_change;
		if (iscsit_sock_closed(sk))
			mod_delayed_work(iscsit_pending_wq, &pending->work, 0);
	}
	read_unlock_bh(&sk->sk_callback_lock);
	if (state_change)
		state_change(sk);
}

/*
 * Watch the socket.  The work runs only if something has happened before: the lock
 * keeps data from arriving meanwhile.
 */
void iscsit_pending_attach(struct iscsit_pending *pending)
{
	struct sock *sk = pending->sock->sk;

	bh_lock_sock(sk);
	write_lock(&sk->sk_callback_lock);
	pending->data_ready = sk->sk_data_ready;
	pending->state_change = sk->sk_state_change;
	sk->sk_user_data = pending;
	sk->sk_data_ready = pending_data_ready;
	sk->sk_state_change = pending_state_change;
	write_unlock(&sk->sk_callback_lock);
	if (!skb_queue_empty(&sk->sk_receive_queue) ||
	    iscsit_sock_closed(sk))
		queue_delayed_work(iscsit_pending_wq, &pending->work, 0);
	bh_unlock_sock(sk);
}

/* The counterpart of iscsit_pending_attach() */
void iscsit_pending_restore_sock(struct iscsit_pending *pending)
{
	struct sock *sk = pending->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = pending->data_ready;
	sk->sk_state_change = pending->state_change;
	write_unlock_bh(&sk->sk_callback_lock);
}

/* User space reads from the socket: let it wait for data by itself */
void iscsit_pending_lend_sock(struct iscsit_pending *pending)
{
	struct sock *sk = pending->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = pending->data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
}

/* The counterpart of iscsit_pending_lend_sock(); the caller looks for data now */
void iscsit_pending_take_sock(struct iscsit_pending *pending)
{
	struct sock *sk = pending->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	/* TLS may have one of its own */
	pending->data_ready = sk->sk_data_ready;
	sk->sk_data_ready = pending_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
}

/* Receive until @end bytes of the request are there; a TLS record at a time */
static int pending_receive(struct iscsit_pending *pending, char *buf,
			   unsigned int end)
{
	struct msghdr msg;
	struct kvec iov;
	int ret;

	while (pending->got < end) {
		msg = (struct msghdr){ .msg_flags = MSG_NOSIGNAL };
		iov.iov_base = buf;
		iov.iov_len = end - pending->got;
		ret = kernel_recvmsg(pending->sock, &msg, &iov, 1, iov.iov_len,
				     MSG_DONTWAIT);
		if (ret <= 0) {
			iscsit_tls_rx_failed(pending->sock, ret);
			return ret ?: -ECONNRESET;
		}
		pending->got += ret;
		buf += ret;
	}

	return 0;
}

/* Collect a Login Request; -EAGAIN if some of it has not arrived yet */
static int pending_collect(struct iscsit_pending *pending)
{
	struct iscsi_login *login = &pending->login;
	unsigned int len;
	int ret;

	if (pending->whole)
		return 0;

	if (pending->got < ISCSI_HDR_LEN) {
		ret = pending_receive(pending, login->req + pending->got,
				      ISCSI_HDR_LEN);
		if (ret)
			return ret;
	}
	len = ntoh24(((struct iscsi_login_req *)login->req)->dlength);
	if (len > MAX_KEY_VALUE_PAIRS)
		return -EMSGSIZE;
	len = round_up(len, 4);
	/* Callers rely on a terminating zero */
	if (!login->req_buf)
		login->req_buf = kzalloc(len + 1, GFP_KERNEL);
	if (!login->req_buf)
		return -ENOMEM;
	if (pending->got < ISCSI_HDR_LEN + len) {
		ret = pending_receive(pending, login->req_buf + pending->got -
				      ISCSI_HDR_LEN, ISCSI_HDR_LEN + len);
		if (ret)
			return ret;
	}
	pending->whole = true;

	return 0;
}

/* Handle a request; 0: wait for another, 1: logged in, -EAGAIN: call again */
static int pending_handle(struct iscsit_pending *pending)
{
	struct iscsi_login *login = &pending->login;
	int ret;

	if (!login->rsp_buf)
		login->rsp_buf = kzalloc(MAX_KEY_VALUE_PAIRS, GFP_KERNEL);
	if (!login->rsp_buf)
		return -ENOMEM;

	if (login->conn)
		ret = iscsi_target_check_login_request(login->conn, login) ?:
		      iscsi_target_do_login(login->conn, login);
	else
		ret = iscsi_target_first_request(pending);
	if (!ret) {
		iscsit_pending_free_buffers(pending);
		pending->got = 0;
		pending->whole = false;
	}

	return ret;
}

static void pending_work(struct work_struct *work)
{
	struct iscsit_pending *pending = container_of(work,
						      struct iscsit_pending,
						      work.work);
	int ret;

	do {
		ret = iscsit_pending_over(pending) ? -ECONNRESET :
		      iscsit_tls_begin(pending) ?: pending_collect(pending);
		if (!ret)
			ret = pending_handle(pending);
	} while (!ret);
	if (ret != -EAGAIN)
		iscsi_target_login_end(pending, ret);
}

/**
 * iscsit_pending_accept - Accept a TCP connection and begin its login
 * @np: the portal
 *
 * Context: The portal's thread.  Waits for a connection; a signal ends the wait.
 * Return: 0, or the error of accept().
 */
int iscsit_pending_accept(struct iscsi_np *np)
{
	struct sockaddr_storage addr = { };
	struct iscsit_pending *pending;
	struct socket *sock;
	int ret;

	ret = kernel_accept(np->np_socket, &sock, 0);
	if (ret < 0)
		return ret;

	if (iscsit_tls_offered(np) && iscsit_tls_prepare(sock) < 0)
		return 0;

	pending = iscsit_pending_alloc(np);
	if (!pending || kernel_getpeername(sock, (struct sockaddr *)&addr) < 0)
		goto refuse;

	INIT_DELAYED_WORK(&pending->work, pending_work);
	pending->sock = sock;
	pending->peer = iscsit_peer_network(&addr);
	if (iscsit_pending_add(pending))
		return 0;

refuse:
	kfree(pending);
	iscsit_tls_close(sock);

	return 0;
}
