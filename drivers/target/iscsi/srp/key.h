/* SPDX-License-Identifier: GPL-2.0 */
/* srp/key.c: the key type that is a worker's channel */
#ifndef ISCSIT_SRP_KEY_H
#define ISCSIT_SRP_KEY_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct cred;
struct iscsit_srp_pool;
struct iscsit_srp_queue;

/* So many starts may hang at once before no other is tried */
#define ISCSIT_SRP_STARTS	4

/**
 * struct iscsit_srp_start - One start of the helper
 * @work: waits for it
 * @channel: what it is for
 * @running: @work is queued or runs
 * @since: jiffies when it became @running
 */
struct iscsit_srp_start {
	struct work_struct work;
	struct iscsit_srp_channel *channel;
	bool running;
	unsigned long since;
};

/**
 * struct iscsit_srp_channel - The workers of a queue
 * @queue: where their jobs come from
 * @cred: credentials that only we have; its thread keyring is ".iscsi_srp"
 * @wq: where helpers are started
 * @lock: protects the members below and the state of every worker; the queue's
 *	lock is never taken within
 * @stopping: workers leave, none is started
 * @pool: wiped when a worker dies; may be NULL
 * @max_workers: none is started beyond so many @live ones
 * @users: scopes that have credentials
 * @workers: all of them
 * @live: those that wait for a job or come back in time
 * @busy: those of @live that hold a job
 * @started: starts of the helper that succeeded
 * @lost: workers that did not come back in time, or died with a job in hand
 * @start: starts of the helper
 */
struct iscsit_srp_channel {
	struct iscsit_srp_queue *queue;
	const struct cred *cred;
	struct workqueue_struct *wq;
	spinlock_t lock;		/* all below */
	bool stopping;
	struct iscsit_srp_pool *pool;
	unsigned int max_workers;
	atomic_t users;
	unsigned int workers;
	unsigned int live;
	unsigned int busy;
	unsigned int started;
	unsigned int lost;
	struct iscsit_srp_start start[ISCSIT_SRP_STARTS];
};

/**
 * struct iscsit_srp_key_stats - The target's own queue and its workers
 * @depth: jobs of logins that wait or run
 * @depth_max: the most that there ever were
 * @workers: workers that there are
 * @started: starts of the helper that succeeded
 * @lost: workers that did not come back in time, or died with a job in hand
 */
struct iscsit_srp_key_stats {
	unsigned int depth;
	unsigned int depth_max;
	unsigned int workers;
	unsigned int started;
	unsigned int lost;
};

void iscsit_srp_key_stats(struct iscsit_srp_key_stats *stats);
void iscsit_srp_key_use(int change);

#if IS_ENABLED(CONFIG_KUNIT)
struct iscsit_srp_worker;

extern struct key_type iscsit_srp_key_type;
void iscsit_srp_channel_init(struct iscsit_srp_channel *channel,
			     struct iscsit_srp_queue *queue, work_func_t start);
struct iscsit_srp_worker *
iscsit_srp_worker_alloc(struct iscsit_srp_channel *channel, const void *hello,
			size_t len);
void iscsit_srp_start_done(struct iscsit_srp_start *start, int error);
#endif

#endif /* ISCSIT_SRP_KEY_H */
