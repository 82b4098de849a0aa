// SPDX-License-Identifier: GPL-2.0
/*
 * Logins that are under way, from accept() to the session.
 *
 * Whoever reaches the port of a portal can open connections, so a login is
 * small, bounded in number and time, and waits for its peer in no thread: the
 * socket's callbacks queue its work, and the work takes what has arrived.
 *
 * Transports with hardware support receive requests by themselves.  Their
 * first request is waited for by the thread of the portal, as ever.
 */

#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/jhash.h>
#include <linux/moduleparam.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stringhash.h>
#include <linux/wait.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <scsi/iscsi_proto.h>
#include "iscsi_target_login.h"
#include "iscsi_target_nego.h"
#include "iscsi_target_parameters.h"
#include "iscsi_target_pending.h"

static int pending_limit_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, 4096);
}

static const struct kernel_param_ops pending_limit_ops = {
	.set = pending_limit_set,
	.get = param_get_uint,
};

static unsigned int max_logins = 1024;
module_param_cb(max_logins, &pending_limit_ops, &max_logins, 0644);
MODULE_PARM_DESC(max_logins,
		 "Connections that have not logged in yet (1 to 4096, default 1024)");

static unsigned int max_logins_per_address = 256;
module_param_cb(max_logins_per_address, &pending_limit_ops,
		&max_logins_per_address, 0644);
MODULE_PARM_DESC(max_logins_per_address,
		 "The same from one address, or one IPv6 /64 (1 to 4096, default 256)");

/* Counters, which can only be read */
static unsigned int logins_under_way;
static unsigned int logins_timed_out;
static unsigned int logins_dropped;
static unsigned int logins_refused;

static int pending_counter_set(const char *val, const struct kernel_param *kp)
{
	return -EPERM;
}

static const struct kernel_param_ops pending_counter_ops = {
	.set = pending_counter_set,
	.get = param_get_uint,
};

#define PENDING_COUNTER(name)						\
	module_param_cb(name, &pending_counter_ops, &name, 0444)

PENDING_COUNTER(logins_under_way);
MODULE_PARM_DESC(logins_under_way, "Connections that have not logged in yet");
PENDING_COUNTER(logins_timed_out);
MODULE_PARM_DESC(logins_timed_out, "Those closed after login_timeout");
PENDING_COUNTER(logins_dropped);
MODULE_PARM_DESC(logins_dropped, "Those closed to make room for newer ones");
PENDING_COUNTER(logins_refused);
MODULE_PARM_DESC(logins_refused,
		 "Connections that arrived faster than others were closed");

static struct workqueue_struct *pending_wq;
static LIST_HEAD(pendings);		/* oldest first */
static LIST_HEAD(claims);
static DEFINE_SPINLOCK(pendings_lock);	/* both lists, tpg, waiter */
static DECLARE_WAIT_QUEUE_HEAD(pending_gone);
static DECLARE_WAIT_QUEUE_HEAD(claim_gone);

/* Let the login's work, or the thread that waits for it, look at it now */
static void pending_kick(struct iscsit_pending *pending)
{
	struct iscsit_conn *conn = pending->login.conn;

	if (pending->detached)
		return;
	if (pending->sock)
		mod_delayed_work(pending_wq, &pending->work, 0);
	else if (pending->waiter)
		send_sig(SIGINT, pending->waiter, 1);
	else
		queue_delayed_work(pending_wq, &conn->login_work, 0);
}

/* Have a login end; the first reason counts */
static void pending_end(struct iscsit_pending *pending,
			enum iscsit_pending_end why)
{
	lockdep_assert_held(&pendings_lock);

	if (pending->end)
		return;
	WRITE_ONCE(pending->end, why);
	logins_timed_out += why == ISCSIT_PENDING_TIMED_OUT;
	logins_dropped += why == ISCSIT_PENDING_DROPPED;
	wake_up_all(&claim_gone);
	if (why == ISCSIT_PENDING_DROPPED)
		pr_warn_ratelimited("too many logins under way: dropped a connection from %pI6c that had sent %s\n",
				    &pending->peer,
				    pending->spoken ? "a request" : "no request");
	pending_kick(pending);
}

static void pending_timed_out(struct timer_list *timer)
{
	struct iscsit_pending *pending = timer_container_of(pending, timer,
							    timer);

	spin_lock_bh(&pendings_lock);
	pending_end(pending, ISCSIT_PENDING_TIMED_OUT);
	spin_unlock_bh(&pendings_lock);
}

/* One key for all addresses that count as the same peer */
static void pending_set_peer(struct iscsit_pending *pending,
			     const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

	if (addr->ss_family == AF_INET) {
		ipv6_addr_set_v4mapped(in->sin_addr.s_addr, &pending->peer);
	} else if (addr->ss_family == AF_INET6) {
		pending->peer = in6->sin6_addr;
		if (!ipv6_addr_v4mapped(&pending->peer))
			memset(&pending->peer.s6_addr[8], 0, 8);
	}
}

/*
 * The login that gives its place to one from @peer, or NULL if there is room.
 * The oldest one that has sent no request goes first.
 */
static struct iscsit_pending *pending_victim(const struct in6_addr *peer)
{
	struct iscsit_pending *pending, *silent = NULL, *oldest = NULL;
	struct iscsit_pending *peer_silent = NULL, *peer_oldest = NULL;
	unsigned int all = 0, of_peer = 0;
	bool same;

	list_for_each_entry(pending, &pendings, node) {
		if (pending->end)
			continue;
		same = ipv6_addr_equal(&pending->peer, peer);
		all++;
		of_peer += same;
		oldest = oldest ?: pending;
		if (same && !peer_oldest)
			peer_oldest = pending;
		if (READ_ONCE(pending->spoken))
			continue;
		silent = silent ?: pending;
		if (same && !peer_silent)
			peer_silent = pending;
	}
	if (of_peer >= READ_ONCE(max_logins_per_address))
		return peer_silent ?: peer_oldest;
	if (all >= READ_ONCE(max_logins))
		return silent ?: oldest;

	return NULL;
}

static struct iscsit_pending *pending_alloc(struct iscsi_np *np)
{
	struct iscsit_pending *pending = kzalloc_obj(*pending);

	if (!pending)
		return NULL;

	kref_init(&pending->ref);
	INIT_LIST_HEAD(&pending->node);
	INIT_LIST_HEAD(&pending->claim_node);
	timer_setup(&pending->timer, pending_timed_out, 0);
	pending->login.first_request = 1;
	pending->login.np = np;
	pending->began = jiffies;

	return pending;
}

/*
 * From here on the login can be told to end.  Returns false if logins are told to end
 * faster than they do.
 */
static bool pending_add(struct iscsit_pending *pending)
{
	struct iscsit_pending *victim;

	spin_lock_bh(&pendings_lock);
	if (logins_under_way / 2 >= READ_ONCE(max_logins)) {
		logins_refused++;
		spin_unlock_bh(&pendings_lock);
		return false;
	}
	logins_under_way++;
	victim = pending_victim(&pending->peer);
	if (victim)
		pending_end(victim, ISCSIT_PENDING_DROPPED);
	list_add_tail(&pending->node, &pendings);
	mod_timer(&pending->timer, pending->began + TA_LOGIN_TIMEOUT * HZ);
	spin_unlock_bh(&pendings_lock);

	return true;
}

static bool pending_sock_closed(const struct sock *sk)
{
	int state = READ_ONCE(sk->sk_state);

	return state == TCP_CLOSE_WAIT || state == TCP_CLOSE;
}

static void pending_data_ready(struct sock *sk)
{
	struct iscsit_pending *pending;

	read_lock_bh(&sk->sk_callback_lock);
	pending = sk->sk_user_data;
	if (pending)
		queue_delayed_work(pending_wq, &pending->work, 0);
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
		if (pending_sock_closed(sk))
			mod_delayed_work(pending_wq, &pending->work, 0);
	}
	read_unlock_bh(&sk->sk_callback_lock);
	if (state_change)
		state_change(sk);
}

static void pending_attach(struct iscsit_pending *pending)
{
	struct sock *sk = pending->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	pending->data_ready = sk->sk_data_ready;
	pending->state_change = sk->sk_state_change;
	sk->sk_user_data = pending;
	sk->sk_data_ready = pending_data_ready;
	sk->sk_state_change = pending_state_change;
	write_unlock_bh(&sk->sk_callback_lock);
}

/* The connection is used for something else now, or is going to be closed */
void iscsit_pending_detach(struct iscsit_pending *pending)
{
	struct sock *sk;

	if (pending->detached)
		return;
	spin_lock_bh(&pendings_lock);
	pending->detached = true;
	spin_unlock_bh(&pendings_lock);

	if (!pending->sock) {
		cancel_delayed_work(&pending->login.conn->login_work);
		return;
	}
	sk = pending->sock->sk;
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = pending->data_ready;
	sk->sk_state_change = pending->state_change;
	write_unlock_bh(&sk->sk_callback_lock);
}

/* Receive until @end bytes of the request are there */
static int pending_receive(struct iscsit_pending *pending, void *buf,
			   unsigned int end)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	struct kvec iov = { .iov_base = buf, .iov_len = end - pending->got };
	int ret;

	ret = kernel_recvmsg(pending->sock, &msg, &iov, 1, iov.iov_len,
			     MSG_DONTWAIT);
	if (ret <= 0)
		return ret ?: -ECONNRESET;
	pending->got += ret;

	return pending->got < end ? -EAGAIN : 0;
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
	WRITE_ONCE(pending->spoken, true);
	pending->whole = true;

	return 0;
}

static void pending_free_buffers(struct iscsit_pending *pending)
{
	kfree(pending->login.req_buf);
	kfree(pending->login.rsp_buf);
	pending->login.req_buf = NULL;
	pending->login.rsp_buf = NULL;
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
		pending_free_buffers(pending);
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
						     pending_collect(pending);
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

	pending = pending_alloc(np);
	if (!pending || kernel_getpeername(sock, (struct sockaddr *)&addr) < 0)
		goto refuse;

	INIT_DELAYED_WORK(&pending->work, pending_work);
	pending->sock = sock;
	pending_set_peer(pending, &addr);
	pending_attach(pending);
	if (!pending_add(pending)) {
		iscsit_pending_detach(pending);
		cancel_delayed_work_sync(&pending->work);
		goto refuse;
	}
	/* Some of the request may have arrived before */
	queue_delayed_work(pending_wq, &pending->work, 0);

	return 0;

refuse:
	kfree(pending);
	sock_release(sock);

	return 0;
}

/**
 * iscsit_pending_start - Begin the login of a connection that is not TCP
 * @np: the portal
 * @conn: the connection that its transport has accepted
 *
 * Until iscsit_pending_no_waiter(), the calling thread gets a signal if the
 * login has to end.  It calls iscsit_pending_put() when it does not use @pending
 * any more.
 *
 * Context: The portal's thread.
 * Return: NULL without memory, or if there are too many logins.
 */
struct iscsit_pending *iscsit_pending_start(struct iscsi_np *np,
					    struct iscsit_conn *conn)
{
	struct iscsit_pending *pending = pending_alloc(np);

	if (!pending)
		return NULL;

	pending->login.req_buf = kzalloc(MAX_KEY_VALUE_PAIRS + 1, GFP_KERNEL);
	pending->login.rsp_buf = kzalloc(MAX_KEY_VALUE_PAIRS, GFP_KERNEL);
	if (!pending->login.req_buf || !pending->login.rsp_buf) {
		pending_free_buffers(pending);
		kfree(pending);
		return NULL;
	}
	pending->login.conn = conn;
	pending->waiter = current;
	pending_set_peer(pending, &conn->login_sockaddr);
	kref_get(&pending->ref);
	if (pending_add(pending))
		return pending;

	pending_free_buffers(pending);
	kfree(pending);

	return NULL;
}

/* The calling thread may wait for the transport; -1 if the login has to end */
int iscsit_pending_wait(struct iscsit_pending *pending)
{
	int ret = -1;

	spin_lock_bh(&pendings_lock);
	if (!pending->end) {
		pending->waiter = current;
		ret = 0;
	}
	spin_unlock_bh(&pendings_lock);

	return ret;
}

/* The calling thread leaves the login to the transport's work */
void iscsit_pending_no_waiter(struct iscsit_pending *pending)
{
	spin_lock_bh(&pendings_lock);
	if (pending->waiter == current) {
		pending->waiter = NULL;
		if (pending->end)
			pending_kick(pending);
	}
	spin_unlock_bh(&pendings_lock);
	flush_signals(current);
}

/*
 * The portal group of a login is known; -ENODEV if it is not enabled.  First, let
 * iscsit_pending_shut_down() see the login; then, look at the state that its caller
 * has changed before.
 */
int iscsit_pending_enter(struct iscsit_pending *pending,
			 struct iscsi_portal_group *tpg)
{
	bool active;

	spin_lock_bh(&pendings_lock);
	pending->tpg = tpg;
	mod_timer(&pending->timer, pending->began +
		  tpg->tpg_attrib.login_timeout * HZ);
	spin_unlock_bh(&pendings_lock);

	spin_lock(&tpg->tpg_state_lock);
	active = tpg->tpg_state == TPG_STATE_ACTIVE;
	spin_unlock(&tpg->tpg_state_lock);
	if (active)
		return 0;

	spin_lock_bh(&pendings_lock);
	pending->tpg = NULL;
	spin_unlock_bh(&pendings_lock);
	wake_up_all(&pending_gone);

	return -ENODEV;
}

/* Whether a login has to end: it was told to, or the initiator has left */
bool iscsit_pending_over(struct iscsit_pending *pending)
{
	return READ_ONCE(pending->end) ||
	       (pending->sock && pending_sock_closed(pending->sock->sk));
}

static void pending_release(struct kref *ref)
{
	struct iscsit_pending *pending = container_of(ref, struct iscsit_pending,
						      ref);

	pending_free_buffers(pending);
	kfree(pending);
}

void iscsit_pending_put(struct iscsit_pending *pending)
{
	kref_put(&pending->ref, pending_release);
}

/*
 * The login has ended, and its connection and portal group are not used any more.
 * Called by its work, which does not run again.
 */
void iscsit_pending_finish(struct iscsit_pending *pending)
{
	spin_lock_bh(&pendings_lock);
	list_del(&pending->node);
	logins_under_way--;
	spin_unlock_bh(&pendings_lock);
	timer_delete_sync(&pending->timer);
	if (pending->sock)
		cancel_delayed_work(&pending->work);
	iscsit_pending_put(pending);
	wake_up_all(&pending_gone);
}

/* Whether a login uses this portal and this portal group; NULL: any */
static bool pending_uses(const struct iscsit_pending *pending,
			 const struct iscsi_np *np,
			 const struct iscsi_portal_group *tpg)
{
	return (!np || pending->login.np == np) &&
	       (!tpg || pending->tpg == tpg);
}

static bool pending_none(const struct iscsi_np *np,
			 const struct iscsi_portal_group *tpg)
{
	struct iscsit_pending *pending;
	bool none = true;

	spin_lock_bh(&pendings_lock);
	list_for_each_entry(pending, &pendings, node) {
		if (pending_uses(pending, np, tpg)) {
			none = false;
			break;
		}
	}
	spin_unlock_bh(&pendings_lock);

	return none;
}

/**
 * iscsit_pending_shut_down - End logins and wait until they have ended
 * @np: those that use this portal; NULL: any
 * @tpg: those that use this portal group; NULL: any
 *
 * The caller makes sure that no new ones begin.
 *
 * Context: Process context. Sleeps.
 */
void iscsit_pending_shut_down(struct iscsi_np *np,
			      struct iscsi_portal_group *tpg)
{
	struct iscsit_pending *pending;

	spin_lock_bh(&pendings_lock);
	list_for_each_entry(pending, &pendings, node) {
		if (pending_uses(pending, np, tpg))
			pending_end(pending, ISCSIT_PENDING_SHUT_DOWN);
	}
	spin_unlock_bh(&pendings_lock);
	wait_event(pending_gone, pending_none(np, tpg));
}

/* Returns true if the wait for a claim is over */
static bool pending_try_claim(struct iscsit_pending *pending)
{
	struct iscsit_pending *other;
	bool over = true;

	spin_lock_bh(&pendings_lock);
	if (!pending->end) {
		list_for_each_entry(other, &claims, claim_node) {
			if (other->claim == pending->claim) {
				over = false;
				break;
			}
		}
		if (over)
			list_add_tail(&pending->claim_node, &claims);
	}
	spin_unlock_bh(&pendings_lock);

	return over;
}

/**
 * iscsit_pending_claim - Claim a session, as the last step of a login
 * @pending: the login, in the portal group of the session
 * @name: the InitiatorName
 *
 * Only one login at a time may look for sessions of an initiator and ISID, end
 * or join them, and register its own, RFC 7143, section 6.3.5.  Others are not
 * kept waiting.
 *
 * Context: Process context. Sleeps, until the login has to end.
 * Return: 0, or -ETIMEDOUT if the login has to end.
 */
int iscsit_pending_claim(struct iscsit_pending *pending, const char *name)
{
	const char *isid = pending->login.isid;

	/* A collision is harmless */
	pending->claim = (u64)full_name_hash(pending->tpg, name,
					     strlen(name)) << 32 |
			 jhash(isid, sizeof(pending->login.isid), 0);
	wait_event(claim_gone, pending_try_claim(pending));

	return list_empty(&pending->claim_node) ? -ETIMEDOUT : 0;
}

/* The counterpart of iscsit_pending_claim() */
void iscsit_pending_unclaim(struct iscsit_pending *pending)
{
	spin_lock_bh(&pendings_lock);
	list_del_init(&pending->claim_node);
	spin_unlock_bh(&pendings_lock);
	wake_up_all(&claim_gone);
}

int iscsit_pending_init(void)
{
	pending_wq = alloc_workqueue("iscsi_login",
				     WQ_UNBOUND | WQ_MEM_RECLAIM, 0);

	return pending_wq ? 0 : -ENOMEM;
}

void iscsit_pending_exit(void)
{
	destroy_workqueue(pending_wq);
}
