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
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stringhash.h>
#include <linux/wait.h>
#include "iscsi_target_parameters.h"
#include "iscsi_target_peer.h"
#include "iscsi_target_pending.h"
#include "iscsi_target_util.h"

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

/* Each costs a process in user space */
static unsigned int max_tls_handshakes = 48;
module_param_cb(max_tls_handshakes, &pending_limit_ops, &max_tls_handshakes,
		0644);
MODULE_PARM_DESC(max_tls_handshakes,
		 "TLS handshakes at a time, a quarter from one address (1 to 4096, default 48)");

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

module_param_cb(logins_under_way, &pending_counter_ops, &logins_under_way, 0444);
MODULE_PARM_DESC(logins_under_way, "Connections that have not logged in yet");
module_param_cb(logins_timed_out, &pending_counter_ops, &logins_timed_out, 0444);
MODULE_PARM_DESC(logins_timed_out, "Those closed after login_timeout");
module_param_cb(logins_dropped, &pending_counter_ops, &logins_dropped, 0444);
MODULE_PARM_DESC(logins_dropped, "Those closed to make room for newer ones");
module_param_cb(logins_refused, &pending_counter_ops, &logins_refused, 0444);
MODULE_PARM_DESC(logins_refused,
		 "Connections that arrived faster than others were closed");

struct workqueue_struct *iscsit_pending_wq;
static LIST_HEAD(pendings);		/* oldest first */
static LIST_HEAD(claims);
static LIST_HEAD(handshakes);		/* those that have one, oldest first */
static LIST_HEAD(no_handshakes);	/* those that wait for their turn */
static DEFINE_SPINLOCK(pendings_lock);	/* all lists, tpg, waiter */
static DECLARE_WAIT_QUEUE_HEAD(pending_gone);
static DECLARE_WAIT_QUEUE_HEAD(claim_gone);

/* Let the login's work, or the thread that waits for it, look at it now */
static void pending_kick(struct iscsit_pending *pending)
{
	struct iscsit_conn *conn = pending->login.conn;

	if (pending->detached)
		return;
	if (pending->sock)
		mod_delayed_work(iscsit_pending_wq, &pending->work, 0);
	else if (pending->waiter)
		send_sig(SIGINT, pending->waiter, 1);
	else
		queue_delayed_work(iscsit_pending_wq, &conn->login_work, 0);
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
				    pending->spoken ? "a request" :
				    pending->tls == ISCSIT_TLS_HANDSHAKE ?
				    "a part of a TLS handshake" : "no request");
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

	/* Usually there is room for all, whoever they are */
	if (logins_under_way <= min(READ_ONCE(max_logins),
				    READ_ONCE(max_logins_per_address)))
		return NULL;

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

struct iscsit_pending *iscsit_pending_alloc(struct iscsi_np *np)
{
	struct iscsit_pending *pending = kzalloc_obj(*pending);

	if (!pending)
		return NULL;

	kref_init(&pending->ref);
	INIT_LIST_HEAD(&pending->node);
	INIT_LIST_HEAD(&pending->claim_node);
	INIT_LIST_HEAD(&pending->handshake_node);
	timer_setup(&pending->timer, pending_timed_out, 0);
	pending->login.first_request = 1;
	pending->login.np = np;
	pending->began = jiffies;

	return pending;
}

/*
 * From here on the login can be told to end, and a TCP login belongs to its work.
 * Returns false if logins are told to end faster than they do.
 */
bool iscsit_pending_add(struct iscsit_pending *pending)
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
	/* The work may end the login at once, but not before it gets the lock */
	if (pending->sock)
		iscsit_pending_attach(pending);
	spin_unlock_bh(&pendings_lock);

	return true;
}

/* Let the next login of a peer that waits for a handshake try to get one */
static void pending_kick_waiting(const struct in6_addr *peer)
{
	struct iscsit_pending *pending;

	lockdep_assert_held(&pendings_lock);

	list_for_each_entry(pending, &no_handshakes, handshake_node) {
		if (ipv6_addr_equal(&pending->peer, peer)) {
			pending_kick(pending);
			return;
		}
	}
}

/**
 * iscsit_pending_handshake_turn - May a login begin its TLS handshake?
 * @pending: the login
 *
 * A peer that has a quarter of all handshakes waits until one of its own is over.  If
 * there are too many of all, the login with the oldest one ends.
 *
 * Context: The login's work.
 * Return: true, and the handshake counts until iscsit_pending_handshake_over(); or
 * false, and the work is queued when the login may try again.
 */
bool iscsit_pending_handshake_turn(struct iscsit_pending *pending)
{
	struct iscsit_pending *other, *oldest = NULL;
	unsigned int all = 0, of_peer = 0, limit;
	bool turn;

	spin_lock_bh(&pendings_lock);
	list_for_each_entry(other, &handshakes, handshake_node) {
		if (other->end)
			continue;
		all++;
		of_peer += ipv6_addr_equal(&other->peer, &pending->peer);
		oldest = oldest ?: other;
	}
	limit = READ_ONCE(max_tls_handshakes);
	turn = of_peer < DIV_ROUND_UP(limit, 4);
	if (turn) {
		if (all >= limit)
			pending_end(oldest, ISCSIT_PENDING_DROPPED);
		pending->tls = ISCSIT_TLS_HANDSHAKE;
		list_move_tail(&pending->handshake_node, &handshakes);
		/* Two that are over at once kick the same login */
		pending_kick_waiting(&pending->peer);
	} else if (list_empty(&pending->handshake_node)) {
		list_add_tail(&pending->handshake_node, &no_handshakes);
	}
	spin_unlock_bh(&pendings_lock);

	return turn;
}

/*
 * The handshake is over, or a login does not wait for one any more, and @state says
 * why; another login of the same peer may have its turn.
 */
void iscsit_pending_handshake_over(struct iscsit_pending *pending,
				   enum iscsit_tls_state state)
{
	spin_lock_bh(&pendings_lock);
	pending->tls = state;
	list_del_init(&pending->handshake_node);
	pending_kick_waiting(&pending->peer);
	spin_unlock_bh(&pendings_lock);
}

void iscsit_pending_free_buffers(struct iscsit_pending *pending)
{
	kfree(pending->login.req_buf);
	kfree(pending->login.rsp_buf);
	pending->login.req_buf = NULL;
	pending->login.rsp_buf = NULL;
}

/* The connection is used for something else now, or is going to be closed */
void iscsit_pending_detach(struct iscsit_pending *pending)
{
	if (pending->detached)
		return;
	spin_lock_bh(&pendings_lock);
	pending->detached = true;
	spin_unlock_bh(&pendings_lock);

	if (pending->sock)
		iscsit_pending_restore_sock(pending);
	else
		cancel_delayed_work(&pending->login.conn->login_work);
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
	struct iscsit_pending *pending = iscsit_pending_alloc(np);

	if (!pending)
		return NULL;

	pending->login.req_buf = kzalloc(MAX_KEY_VALUE_PAIRS + 1, GFP_KERNEL);
	pending->login.rsp_buf = kzalloc(MAX_KEY_VALUE_PAIRS, GFP_KERNEL);
	if (!pending->login.req_buf || !pending->login.rsp_buf)
		goto free;

	pending->login.conn = conn;
	pending->waiter = current;
	pending->peer = iscsit_peer_network(&conn->login_sockaddr);
	kref_get(&pending->ref);
	if (iscsit_pending_add(pending))
		return pending;

free:
	iscsit_pending_free_buffers(pending);
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

/*
 * Handle the request later, after @wait jiffies: -EAGAIN.  The work of other transports
 * sleeps instead and gets 0, or -ETIMEDOUT if the login has to end.
 */
int iscsit_pending_postpone(struct iscsit_pending *pending, unsigned long wait)
{
	if (pending->sock) {
		/* Data may have arrived, and queued the work */
		mod_delayed_work(iscsit_pending_wq, &pending->work, wait);
		return -EAGAIN;
	}

	return schedule_timeout_interruptible(wait) ? -ETIMEDOUT : 0;
}

/* Whether a login has to end: it was told to, or the initiator has left */
bool iscsit_pending_over(struct iscsit_pending *pending)
{
	return READ_ONCE(pending->end) ||
	       (pending->sock && iscsit_sock_closed(pending->sock->sk));
}

static void pending_release(struct kref *ref)
{
	struct iscsit_pending *pending = container_of(ref, struct iscsit_pending,
						      ref);

	iscsit_pending_free_buffers(pending);
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
	iscsit_pending_wq = alloc_workqueue("iscsi_login",
					    WQ_UNBOUND | WQ_MEM_RECLAIM, 0);

	return iscsit_pending_wq ? 0 : -ENOMEM;
}

void iscsit_pending_exit(void)
{
	destroy_workqueue(iscsit_pending_wq);
}
