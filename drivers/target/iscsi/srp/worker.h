/* SPDX-License-Identifier: GPL-2.0 */
/* The workers: who is live, who is lost, and when another one is needed */
#ifndef ISCSIT_SRP_WORKER_H
#define ISCSIT_SRP_WORKER_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include "queue.h"

struct iscsit_srp_worker;
struct seq_file;

/* The back-off: seconds from a failed start to the next one */
#define ISCSIT_SRP_BACK_OFF	5

enum iscsit_srp_worker_state {
	ISCSIT_SRP_WORKER_IDLE,		/* waits for a job, or will soon */
	ISCSIT_SRP_WORKER_BUSY,		/* has a job */
	ISCSIT_SRP_WORKER_LOST,		/* did not come back in time */
	ISCSIT_SRP_WORKER_BROKEN,	/* sent a malformed answer */
	ISCSIT_SRP_WORKER_LEAVING,	/* was told that it may exit */
	ISCSIT_SRP_WORKER_STATES
};

/* The workers of a queue */
struct iscsit_srp_workers {
	struct iscsit_srp_queue *queue;
	struct work_struct start;	/* the transport's: starts one worker */
	unsigned int max;		/* limit for IDLE and BUSY workers */
	atomic_t users;			/* scopes that have credentials */
	spinlock_t lock;		/* all below, and each worker */
	bool stopping;
	bool starting;			/* @start is queued or runs */
	unsigned int nr[ISCSIT_SRP_WORKER_STATES];	/* workers by state */
	unsigned int started;		/* successful starts */
	unsigned int lost;		/* became LOST, or died with a job */
};

/* What configfs shows of the target's queue and workers */
struct iscsit_srp_worker_stats {
	unsigned int depth;		/* pending jobs */
	unsigned int depth_max;
	unsigned int workers;
	unsigned int started;
	unsigned int lost;
};

extern struct iscsit_srp_workers iscsit_srp_workers;	/* the target's */

void iscsit_srp_workers_init(struct iscsit_srp_workers *workers,
			     struct iscsit_srp_queue *queue, work_func_t start);
void iscsit_srp_workers_stop(struct iscsit_srp_workers *workers);
void iscsit_srp_workers_started(struct iscsit_srp_workers *workers, int error);
void iscsit_srp_workers_use(int change);
void iscsit_srp_workers_want(struct iscsit_srp_workers *workers);
void iscsit_srp_workers_stats(struct iscsit_srp_worker_stats *stats);

struct iscsit_srp_worker *
iscsit_srp_worker_alloc(struct iscsit_srp_workers *workers, const void *hello,
			size_t len);
bool iscsit_srp_worker_surplus(struct iscsit_srp_worker *worker);
void iscsit_srp_worker_free(struct iscsit_srp_worker *worker);
long iscsit_srp_worker_read(struct iscsit_srp_worker *worker,
			    struct iscsi_srp_job *msg);
int iscsit_srp_worker_answer(struct iscsit_srp_worker *worker,
			     const void *result, size_t len);
void iscsit_srp_worker_show(const struct iscsit_srp_worker *worker,
			    struct seq_file *m);

#if IS_ENABLED(CONFIG_KUNIT)
void iscsit_srp_worker_expire(struct iscsit_srp_worker *worker);
#endif

#endif /* ISCSIT_SRP_WORKER_H */
