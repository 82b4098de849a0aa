/* SPDX-License-Identifier: GPL-2.0 */
/* srp/powers.c: powers g^b made in advance */
#ifndef ISCSIT_SRP_POWERS_H
#define ISCSIT_SRP_POWERS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <uapi/linux/iscsi_srp.h>

struct iscsit_srp_group;
struct iscsit_srp_queue;

#define ISCSIT_SRP_B_LEN	32			/* b, ours */

/**
 * struct iscsit_srp_pool - Powers g^b that no login has taken yet
 * @lock: protects all members below
 * @powers: by group id
 * @nr: number of @powers and of those being made, by group id
 * @in_use: logins use the group, by group id
 * @flushes: number of times that the pool was flushed
 * @logins: exchanges under way, during which no powers are made
 * @stopping: no more are made
 * @work: makes more
 * @queue: where the jobs go
 */
struct iscsit_srp_pool {
	spinlock_t lock;		/* all but @work and @queue */
	struct list_head powers[ISCSI_SRP_GROUP_MAX + 1];
	unsigned int nr[ISCSI_SRP_GROUP_MAX + 1];
	bool in_use[ISCSI_SRP_GROUP_MAX + 1];
	unsigned int flushes;
	unsigned int logins;
	bool stopping;
	struct delayed_work work;
	struct iscsit_srp_queue *queue;
};

extern struct iscsit_srp_pool iscsit_srp_pool;	/* the target's own */
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
