/* SPDX-License-Identifier: GPL-2.0 */
/* The queue: jobs between logins and workers */
#ifndef ISCSIT_SRP_QUEUE_H
#define ISCSIT_SRP_QUEUE_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uapi/linux/iscsi_srp.h>

struct iscsit_srp_flow;
struct iscsit_srp_group;

#define ISCSIT_SRP_B_LEN	32	/* bytes of our secret exponent b */

enum iscsit_srp_priority {
	ISCSIT_SRP_PRIO_URGENT,		/* a login waits for it */
	ISCSIT_SRP_PRIO_NORMAL,		/* a login will need it */
	ISCSIT_SRP_PRIO_IDLE,		/* only for workers that are idle */
	ISCSIT_SRP_PRIOS
};

enum iscsit_srp_job_state {
	ISCSIT_SRP_JOB_NEW,
	ISCSIT_SRP_JOB_QUEUED,		/* waits for a worker */
	ISCSIT_SRP_JOB_RUNNING,		/* a worker has it */
	ISCSIT_SRP_JOB_DONE,		/* error and result are final */
};

/* @pending and @limit do not include jobs of ISCSIT_SRP_PRIO_IDLE */
struct iscsit_srp_queue {
	spinlock_t lock;		/* all but @limit; every job's state */
	struct list_head flows;		/* one for each portal group with jobs */
	/* Those with QUEUED jobs: the first one is served next */
	struct list_head turns[ISCSIT_SRP_PRIOS];
	struct list_head running;
	wait_queue_head_t wait;		/* workers that wait for a job */
	unsigned int queued;		/* QUEUED jobs */
	unsigned int idle;		/* those of ISCSIT_SRP_PRIO_IDLE */
	unsigned int pending;		/* QUEUED and RUNNING jobs */
	unsigned int pending_max;	/* highest @pending so far */
	unsigned int limit;		/* of @pending */
	u64 last_id;
	bool stopping;
	/* Called without @lock after a job was queued; NULL: do not call */
	void (*need_worker)(void *arg);
	void *need_worker_arg;
};

/* A modular exponentiation */
struct iscsit_srp_job {
	struct kref ref;		/* login, queue, timer and worker */
	struct iscsit_srp_queue *queue;	/* NULL until submitted */
	const struct iscsit_srp_group *group;
	struct list_head node;		/* in the queue while QUEUED or RUNNING */
	struct iscsit_srp_flow *flow;	/* valid while QUEUED or RUNNING */
	enum iscsit_srp_job_state state;
	/* Set before submit */
	enum iscsit_srp_priority priority;
	const void *portal_group;	/* only compared; NULL: none */
	bool requeued;			/* a worker was lost with it */
	int error;			/* valid once @done */
	struct timer_list timer;	/* the deadline */
	ktime_t submitted;
	struct completion done;
	u16 result_len;			/* the group's length, 0 with an @error */
	u8 result[ISCSI_SRP_MAX_LEN];	/* big-endian, padded; valid once @done */
	struct iscsi_srp_job msg;	/* v and b are wiped when DONE */
};

extern struct iscsit_srp_queue iscsit_srp_queue;	/* the target's */

void iscsit_srp_queue_init(struct iscsit_srp_queue *queue, unsigned int limit);
void iscsit_srp_queue_stop(struct iscsit_srp_queue *queue);
void iscsit_srp_queue_fail(struct iscsit_srp_queue *queue, int error);
struct iscsit_srp_job *iscsit_srp_queue_pop(struct iscsit_srp_queue *queue,
					    long timeout);
struct iscsit_srp_job *iscsit_srp_job_alloc(enum iscsi_srp_op op,
					    const struct iscsit_srp_group *group);
void iscsit_srp_job_put(struct iscsit_srp_job *job);
int iscsit_srp_job_submit(struct iscsit_srp_queue *queue,
			  struct iscsit_srp_job *job, unsigned long deadline);
bool iscsit_srp_job_cancel(struct iscsit_srp_job *job);
void iscsit_srp_job_expedite(struct iscsit_srp_job *job);
int iscsit_srp_job_read(struct iscsit_srp_job *job, struct iscsi_srp_job *msg);
int iscsit_srp_job_complete(struct iscsit_srp_job *job,
			    const struct iscsi_srp_result *result, size_t len);
void iscsit_srp_job_requeue(struct iscsit_srp_job *job);

#endif /* ISCSIT_SRP_QUEUE_H */
