/* SPDX-License-Identifier: GPL-2.0 */
/* The pool of powers g^b computed in advance */
#ifndef ISCSIT_SRP_POWERS_H
#define ISCSIT_SRP_POWERS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include "queue.h"

/* Arrays are indexed by group id */
struct iscsit_srp_pool {
	spinlock_t lock;		/* all but @work and @queue */
	struct list_head powers[ISCSI_SRP_GROUP_MAX + 1];
	unsigned int nr[ISCSI_SRP_GROUP_MAX + 1];	/* ready or requested */
	bool in_use[ISCSI_SRP_GROUP_MAX + 1];		/* by logins */
	unsigned int flushes;		/* how often the pool was flushed */
	unsigned int logins;		/* exchanges in progress */
	bool postponed;			/* for @logins, since @work last ran */
	unsigned long busy_until;	/* if @postponed: no longer than this */
	bool stopping;
	struct delayed_work work;	/* computes more */
	struct iscsit_srp_queue *queue;
};

extern struct iscsit_srp_pool iscsit_srp_pool;	/* the target's */

void iscsit_srp_pool_init(struct iscsit_srp_pool *pool,
			  struct iscsit_srp_queue *queue);
void iscsit_srp_pool_stop(struct iscsit_srp_pool *pool);
void iscsit_srp_pool_login(struct iscsit_srp_pool *pool, int change);
void iscsit_srp_pool_want(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group);
bool iscsit_srp_pool_take(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group,
			  u8 b[ISCSIT_SRP_B_LEN], u8 *power);
void iscsit_srp_pool_flush(struct iscsit_srp_pool *pool);

#endif /* ISCSIT_SRP_POWERS_H */
