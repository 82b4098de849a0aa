/* SPDX-License-Identifier: GPL-2.0 */
/* Logins that are under way, from accept() to the session */
#ifndef ISCSI_TARGET_PENDING_H
#define ISCSI_TARGET_PENDING_H

#include <linux/completion.h>
#include <linux/in6.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <target/iscsi/iscsi_target_core.h>
#include "iscsi_target_tls.h"

struct sock;
struct socket;
struct task_struct;

/* Why a login has to end before it is complete */
enum iscsit_pending_end {
	ISCSIT_PENDING_GOES_ON,
	ISCSIT_PENDING_TIMED_OUT,
	ISCSIT_PENDING_DROPPED,		/* a newer connection needs its place */
	ISCSIT_PENDING_SHUT_DOWN,	/* its portal or portal group is removed */
};

struct iscsit_pending {
	struct iscsi_login login;	/* all that transports know */
	struct kref ref;		/* the login and its @waiter */
	struct list_head node;		/* in the list of all, oldest first */
	struct list_head claim_node;
	u64 claim;
	struct in6_addr peer;		/* its network */
	struct iscsi_portal_group *tpg;	/* NULL until it is known */
	struct iscsi_tpg_np *tpg_np;	/* NULL for discovery */
	struct socket *sock;		/* NULL unless TCP; login.conn's later */
	void (*data_ready)(struct sock *sk);	/* the socket's own */
	void (*state_change)(struct sock *sk);
	struct delayed_work work;	/* TCP: what has arrived is handled */
	struct task_struct *waiter;	/* not TCP: waits for a request */
	struct timer_list timer;
	unsigned long began;		/* jiffies */
	unsigned int got;		/* bytes of the request so far */
	unsigned int requests;
	int end;			/* enum iscsit_pending_end */
	enum iscsit_tls_state tls;
	int tls_status;			/* of the handshake, > 0: none yet */
	struct completion tls_done;	/* nobody uses it after the handshake */
	struct list_head handshake_node;	/* it has a handshake, or waits */
	bool spoken;			/* a whole request has arrived */
	bool whole;			/* the request has arrived */
	bool guessing;			/* a proof has its time to be verified */
	bool detached;			/* do not look at the connection */
	bool joined;			/* conn->sess is not the login's own */
};

int iscsit_pending_init(void);
void iscsit_pending_exit(void);
int iscsit_pending_accept(struct iscsi_np *np);
struct iscsit_pending *iscsit_pending_start(struct iscsi_np *np,
					    struct iscsit_conn *conn);
int iscsit_pending_wait(struct iscsit_pending *pending);
void iscsit_pending_no_waiter(struct iscsit_pending *pending);
int iscsit_pending_enter(struct iscsit_pending *pending,
			 struct iscsi_portal_group *tpg);
int iscsit_pending_postpone(struct iscsit_pending *pending,
			    unsigned long wait);
bool iscsit_pending_over(struct iscsit_pending *pending);
void iscsit_pending_detach(struct iscsit_pending *pending);
void iscsit_pending_finish(struct iscsit_pending *pending);
void iscsit_pending_put(struct iscsit_pending *pending);
void iscsit_pending_shut_down(struct iscsi_np *np,
			      struct iscsi_portal_group *tpg);
int iscsit_pending_claim(struct iscsit_pending *pending, const char *name);
void iscsit_pending_unclaim(struct iscsit_pending *pending);

/* Between iscsi_target_pending.c, iscsi_target_pending_tcp.c and tls/ */
extern struct workqueue_struct *iscsit_pending_wq;

bool iscsit_pending_handshake_turn(struct iscsit_pending *pending);
void iscsit_pending_handshake_over(struct iscsit_pending *pending,
				   enum iscsit_tls_state state);
void iscsit_pending_lend_sock(struct iscsit_pending *pending);
void iscsit_pending_take_sock(struct iscsit_pending *pending);

struct iscsit_pending *iscsit_pending_alloc(struct iscsi_np *np);
bool iscsit_pending_add(struct iscsit_pending *pending);
void iscsit_pending_free_buffers(struct iscsit_pending *pending);
void iscsit_pending_attach(struct iscsit_pending *pending);
void iscsit_pending_restore_sock(struct iscsit_pending *pending);

/* The login of a connection that has not logged in yet */
static inline struct iscsit_pending *
iscsit_pending_of(const struct iscsit_conn *conn)
{
	return container_of(conn->conn_login, struct iscsit_pending, login);
}

#endif /* ISCSI_TARGET_PENDING_H */
