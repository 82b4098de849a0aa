/* SPDX-License-Identifier: GPL-2.0 */
/* srp/queue.c: jobs between logins and workers */
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

struct iscsit_srp_channel;
struct iscsit_srp_group;

enum iscsit_srp_priority {
	ISCSIT_SRP_PRIO_URGENT,		/* somebody waits for it */
	ISCSIT_SRP_PRIO_NORMAL,		/* somebody will */
	ISCSIT_SRP_PRIO_IDLE,		/* for workers with nothing else to do */
	ISCSIT_SRP_PRIOS
};

enum iscsit_srp_job_state {
	ISCSIT_SRP_JOB_NEW,
	ISCSIT_SRP_JOB_QUEUED,		/* waits for a worker */
	ISCSIT_SRP_JOB_RUNNING,		/* a worker has it */
	ISCSIT_SRP_JOB_DONE,		/* @error and the result are final */
};

/**
 * struct iscsit_srp_queue - Jobs that wait for a worker, or have one
 * @lock: protects all members but @limit, and the state of every job here
 * @jobs: QUEUED jobs by priority, oldest first
 * @running: RUNNING jobs
 * @wait: workers that wait for a job
 * @queued: number of @jobs
 * @idle: those of @queued of the priority ISCSIT_SRP_PRIO_IDLE
 * @pending: number of @jobs and of @running, but for those of that priority
 * @pending_max: the most @pending that there ever were
 * @limit: submit refuses beyond so many @pending
 * @last_id: id of the job submitted last
 * @stopping: no more jobs, workers leave
 * @need_worker: called, without @lock, whenever a job has been queued; may be
 *	NULL
 * @channel: whom @need_worker is about
 */
struct iscsit_srp_queue {
	spinlock_t lock;		/* all but @limit */
	struct list_head jobs[ISCSIT_SRP_PRIOS];
	struct list_head running;
	wait_queue_head_t wait;
	unsigned int queued;
	unsigned int idle;
	unsigned int pending;
	unsigned int pending_max;
	unsigned int limit;
	u64 last_id;
	bool stopping;
	void (*need_worker)(struct iscsit_srp_queue *queue);
	struct iscsit_srp_channel *channel;
};

/**
 * struct iscsit_srp_job - One exponentiation for a worker
 * @ref: the login's, the queue's, the timer's and the worker's references
 * @queue: set by submit
 * @group: the group, whose length is the result's
 * @node: in one of the queue's lists while QUEUED or RUNNING
 * @state: protected by the queue's lock
 * @priority: who comes first; set before submit
 * @requeued: it has lost a worker already
 * @error: 0, or why there is no result; valid once @done
 * @timer: fails the job at its deadline
 * @submitted: when it was
 * @done: completed when DONE
 * @result_len: octets of @result, the group's length; 0 with an @error
 * @result: B or S, big-endian, padded to the group's length; valid once @done
 * @msg: what the worker reads; secret; v and b are wiped when DONE
 */
struct iscsit_srp_job {
	struct kref ref;
	struct iscsit_srp_queue *queue;
	const struct iscsit_srp_group *group;
	struct list_head node;
	enum iscsit_srp_job_state state;
	enum iscsit_srp_priority priority;
	bool requeued;
	int error;
	struct timer_list timer;
	ktime_t submitted;
	struct completion done;
	u16 result_len;
	u8 result[ISCSI_SRP_MAX_LEN];
	struct iscsi_srp_job msg;
};

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

extern struct iscsit_srp_queue iscsit_srp_queue;	/* the target's own */

#endif /* ISCSIT_SRP_QUEUE_H */
