// SPDX-License-Identifier: GPL-2.0
/*
 * The queue between logins, which submit jobs, and workers, which take them.
 *
 *	NEW -> QUEUED <-> RUNNING -> DONE
 *
 * A job ends exactly once: by its result, its deadline, a cancelling login, the
 * loss of two workers, or the end of the queue.  The queue's lock decides all
 * races between these: the first one ends the job, the others find it DONE and
 * do nothing.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "group.h"
#include "param.h"
#include "queue.h"

#define CREATE_TRACE_POINTS
#include <trace/events/iscsi_srp.h>

struct iscsit_srp_queue iscsit_srp_queue = { .limit = 128 };

ISCSIT_SRP_PARAM(srp_queue_len, &iscsit_srp_queue.limit, 1, 4096,
		 "1 to 4096 jobs");
MODULE_PARM_DESC(srp_queue_len,
		 "SRP jobs that may wait for the helper (default 128)");

#define srp_trace_job(event, traced)					\
do {									\
	const struct iscsit_srp_job *j = (traced);			\
									\
	trace_iscsi_srp_##event(j->msg.id, j->msg.op, j->msg.group,	\
				ktime_us_delta(ktime_get(),		\
					       j->submitted),		\
				j->queue->pending, j->error);		\
} while (0)

/* Set up a queue that accepts @limit jobs at a time */
void iscsit_srp_queue_init(struct iscsit_srp_queue *queue, unsigned int limit)
{
	unsigned int i;

	*queue = (struct iscsit_srp_queue){ .limit = limit };
	spin_lock_init(&queue->lock);
	for (i = 0; i < ISCSIT_SRP_PRIOS; i++)
		INIT_LIST_HEAD(&queue->jobs[i]);
	INIT_LIST_HEAD(&queue->running);
	init_waitqueue_head(&queue->wait);
}

static void srp_job_release(struct kref *ref)
{
	kfree_sensitive(container_of(ref, struct iscsit_srp_job, ref));
}

/* The last put wipes and frees the job */
void iscsit_srp_job_put(struct iscsit_srp_job *job)
{
	kref_put(&job->ref, srp_job_release);
}

static void srp_count(struct iscsit_srp_job *job, int queued, int pending)
{
	struct iscsit_srp_queue *queue = job->queue;

	lockdep_assert_held(&queue->lock);

	queue->queued += queued;
	if (job->priority == ISCSIT_SRP_PRIO_IDLE)
		queue->idle += queued;
	else
		queue->pending += pending;
	queue->pending_max = max(queue->pending_max, queue->pending);
}

/* The only end of a job.  Drops the queue's reference. */
static void srp_job_finish(struct iscsit_srp_job *job, int error)
{
	srp_count(job, job->state == ISCSIT_SRP_JOB_QUEUED ? -1 : 0, -1);
	list_del_init(&job->node);
	job->state = ISCSIT_SRP_JOB_DONE;
	job->error = error;

	/* A worker that still has the job has its own copy */
	memzero_explicit(job->msg.v, sizeof(job->msg.v));
	memzero_explicit(job->msg.b, sizeof(job->msg.b));

	if (error == -ECANCELED)
		srp_trace_job(cancel, job);
	else
		srp_trace_job(complete, job);

	complete_all(&job->done);
	/* A timer that can no longer be stopped drops its own reference */
	if (timer_delete(&job->timer))
		iscsit_srp_job_put(job);
	iscsit_srp_job_put(job);
}

static void srp_job_expired(struct timer_list *timer)
{
	struct iscsit_srp_job *job = timer_container_of(job, timer, timer);
	struct iscsit_srp_queue *queue = job->queue;

	spin_lock_bh(&queue->lock);
	if (job->state != ISCSIT_SRP_JOB_DONE)
		srp_job_finish(job, -ETIMEDOUT);
	spin_unlock_bh(&queue->lock);
	iscsit_srp_job_put(job);
}

/*
 * Allocate a job, or return NULL.  The caller sets v, b, A and u of the message,
 * as @op needs them.  May sleep.
 */
struct iscsit_srp_job *iscsit_srp_job_alloc(enum iscsi_srp_op op,
					    const struct iscsit_srp_group *group)
{
	struct iscsit_srp_job *job;

	job = kzalloc_obj(*job);
	if (!job)
		return NULL;

	kref_init(&job->ref);
	INIT_LIST_HEAD(&job->node);
	init_completion(&job->done);
	timer_setup(&job->timer, srp_job_expired, 0);
	job->group = group;
	job->priority = ISCSIT_SRP_PRIO_NORMAL;
	job->msg.version = ISCSI_SRP_VERSION;
	job->msg.op = op;
	job->msg.group = group->id;

	return job;
}

static void srp_queue_wake(struct iscsit_srp_queue *queue)
{
	wake_up(&queue->wait);
	if (queue->need_worker)
		queue->need_worker(queue->need_worker_arg);
}

/**
 * iscsit_srp_job_submit - Queue a job
 * @queue: the queue
 * @job: a new job; the caller keeps its reference
 * @deadline: when the job fails, whether a worker has it or not, in jiffies
 *
 * After 0, @job->done is completed exactly once and @job->error is
 *
 * * 0		- @job->result is valid
 * * -ECANCELED	- iscsit_srp_job_cancel() was called
 * * -EIO	- the helper failed, was lost twice, or cannot be started
 * * -ESHUTDOWN	- the queue was stopped
 * * -ETIMEDOUT	- the deadline has passed
 *
 * After an error, @job->done is never completed.
 *
 * Context: Any but hard interrupts.
 * Return: 0, -ENOBUFS if the queue is full, -ESHUTDOWN if it is stopped.
 */
int iscsit_srp_job_submit(struct iscsit_srp_queue *queue,
			  struct iscsit_srp_job *job, unsigned long deadline)
{
	int ret = 0;

	spin_lock_bh(&queue->lock);
	if (queue->stopping) {
		ret = -ESHUTDOWN;
	} else if (job->priority != ISCSIT_SRP_PRIO_IDLE &&
		   queue->pending >= READ_ONCE(queue->limit)) {
		ret = -ENOBUFS;
	} else {
		kref_get(&job->ref);	/* for the queue */
		kref_get(&job->ref);	/* for the timer */
		job->queue = queue;
		job->msg.id = ++queue->last_id;
		job->submitted = ktime_get();
		job->state = ISCSIT_SRP_JOB_QUEUED;
		list_add_tail(&job->node, &queue->jobs[job->priority]);
		srp_count(job, 1, 1);
		job->timer.expires = deadline;
		add_timer(&job->timer);
		srp_trace_job(submit, job);
	}
	spin_unlock_bh(&queue->lock);
	if (!ret)
		srp_queue_wake(queue);

	return ret;
}

/*
 * End a job that is no longer needed; a worker's answer to it will be refused.
 * Returns false if it had ended before or was never submitted.
 */
bool iscsit_srp_job_cancel(struct iscsit_srp_job *job)
{
	struct iscsit_srp_queue *queue = job->queue;
	bool won;

	if (!queue)
		return false;

	spin_lock_bh(&queue->lock);
	won = job->state != ISCSIT_SRP_JOB_DONE;
	if (won)
		srp_job_finish(job, -ECANCELED);
	spin_unlock_bh(&queue->lock);

	return won;
}

/* A login now waits for a submitted job, not one of ISCSIT_SRP_PRIO_IDLE */
void iscsit_srp_job_expedite(struct iscsit_srp_job *job)
{
	struct iscsit_srp_queue *queue = job->queue;

	spin_lock_bh(&queue->lock);
	job->priority = ISCSIT_SRP_PRIO_URGENT;
	if (job->state == ISCSIT_SRP_JOB_QUEUED)
		list_move_tail(&job->node, &queue->jobs[job->priority]);
	spin_unlock_bh(&queue->lock);
}

/* Take the first job, if any.  Returns true if the wait for one is over. */
static bool srp_queue_take(struct iscsit_srp_queue *queue,
			   struct iscsit_srp_job **taken)
{
	struct iscsit_srp_job *job = NULL;
	unsigned int i;
	bool stopping;

	spin_lock_bh(&queue->lock);
	stopping = queue->stopping;
	for (i = 0; !job && i < ISCSIT_SRP_PRIOS; i++)
		job = list_first_entry_or_null(&queue->jobs[i],
					       struct iscsit_srp_job, node);
	if (job) {
		kref_get(&job->ref);
		list_move_tail(&job->node, &queue->running);
		srp_count(job, -1, 0);
		job->state = ISCSIT_SRP_JOB_RUNNING;
		srp_trace_job(pop, job);
	}
	spin_unlock_bh(&queue->lock);
	*taken = job;

	return job || stopping;
}

/**
 * iscsit_srp_queue_pop - Wait for a job, as a worker
 * @queue: the queue
 * @timeout: how long to wait, in jiffies
 *
 * Context: Process context. Sleeps; a signal ends the wait.
 * Return: A job, to be ended by iscsit_srp_job_complete() or returned by
 * iscsit_srp_job_requeue(), and released by iscsit_srp_job_put(); or
 * ERR_PTR() of -ETIMEDOUT, of -ESHUTDOWN if the queue is stopped, or of
 * -ERESTARTSYS after a signal.
 */
struct iscsit_srp_job *iscsit_srp_queue_pop(struct iscsit_srp_queue *queue,
					    long timeout)
{
	struct iscsit_srp_job *job = NULL;
	long left;

	left = wait_event_interruptible_timeout(queue->wait,
						srp_queue_take(queue, &job),
						timeout);
	if (job)
		return job;
	if (left < 0)
		return ERR_PTR(left);

	return ERR_PTR(left ? -ESHUTDOWN : -ETIMEDOUT);
}

/* Copy the message of a job that a worker has; -ESTALE if the job has ended */
int iscsit_srp_job_read(struct iscsit_srp_job *job, struct iscsi_srp_job *msg)
{
	struct iscsit_srp_queue *queue = job->queue;
	int ret = -ESTALE;

	spin_lock_bh(&queue->lock);
	if (job->state == ISCSIT_SRP_JOB_RUNNING) {
		memcpy(msg, &job->msg, sizeof(*msg));
		ret = 0;
	}
	spin_unlock_bh(&queue->lock);

	return ret;
}

/* Do not trust the helper: check each field */
static int srp_result_check(const struct iscsit_srp_job *job,
			    const struct iscsi_srp_result *result, size_t len)
{
	const struct iscsit_srp_group *group = job->group;

	if (len < sizeof(*result))
		return -EINVAL;
	if (result->version != ISCSI_SRP_VERSION)
		return -EPROTO;
	if (result->op != job->msg.op || result->id != job->msg.id ||
	    result->reserved || result->len != len - sizeof(*result))
		return -EINVAL;

	switch (result->status) {
	case ISCSI_SRP_OK:
		break;
	case ISCSI_SRP_BAD_JOB:
	case ISCSI_SRP_FAILED:
		return result->len ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
	if (result->len != group->len)
		return -EINVAL;

	/* B may be 0.  S may not: A and v are not multiples of the prime N. */
	if (job->msg.op == ISCSI_SRP_OP_EPHEMERAL &&
	    !memchr_inv(result->value, 0, group->len))
		return 0;

	return iscsit_srp_group_contains(group, result->value, group->len) ?
	       0 : -EINVAL;
}

/**
 * iscsit_srp_job_complete - Take a worker's answer
 * @job: a job from iscsit_srp_queue_pop()
 * @result: the answer
 * @len: bytes of @result, including its value
 *
 * Checks all of @result before it copies anything.  A malformed answer leaves
 * the job RUNNING: the caller passes the job to another worker by
 * iscsit_srp_job_requeue().
 *
 * Context: Any but hard interrupts.
 * Return:
 * * 0		- the job has ended, with a result or with -EIO from the worker
 * * -EINVAL	- the answer is malformed or for another job
 * * -EPROTO	- the answer has another version
 * * -ESTALE	- the answer is well-formed, but the job had ended before
 */
int iscsit_srp_job_complete(struct iscsit_srp_job *job,
			    const struct iscsi_srp_result *result, size_t len)
{
	struct iscsit_srp_queue *queue = job->queue;
	int ret;

	ret = srp_result_check(job, result, len);
	if (ret)
		return ret;

	spin_lock_bh(&queue->lock);
	if (job->state != ISCSIT_SRP_JOB_RUNNING) {
		ret = -ESTALE;
	} else if (result->status != ISCSI_SRP_OK) {
		srp_job_finish(job, -EIO);
	} else {
		memcpy(job->result, result->value, result->len);
		job->result_len = result->len;
		srp_job_finish(job, 0);
	}
	spin_unlock_bh(&queue->lock);

	return ret;
}

/*
 * Queue a RUNNING job again, as the first of its priority: its worker will not
 * answer it.  The second time the job fails with -EIO instead, as it may be what
 * makes workers fail.
 */
void iscsit_srp_job_requeue(struct iscsit_srp_job *job)
{
	struct iscsit_srp_queue *queue = job->queue;
	bool queued = false;

	spin_lock_bh(&queue->lock);
	if (job->state == ISCSIT_SRP_JOB_RUNNING) {
		queued = !job->requeued;
		if (queued) {
			job->requeued = true;
			job->state = ISCSIT_SRP_JOB_QUEUED;
			list_move(&job->node, &queue->jobs[job->priority]);
			srp_count(job, 1, 0);
			srp_trace_job(requeue, job);
		} else {
			srp_job_finish(job, -EIO);
		}
	}
	spin_unlock_bh(&queue->lock);
	if (queued)
		srp_queue_wake(queue);
}

static void srp_fail_list(struct list_head *list, int error)
{
	struct iscsit_srp_job *job, *next;

	list_for_each_entry_safe(job, next, list, node)
		srp_job_finish(job, error);
}

/* Fail all QUEUED jobs with @error: there is no worker and none can start */
void iscsit_srp_queue_fail(struct iscsit_srp_queue *queue, int error)
{
	unsigned int i;

	spin_lock_bh(&queue->lock);
	for (i = 0; i < ISCSIT_SRP_PRIOS; i++)
		srp_fail_list(&queue->jobs[i], error);
	spin_unlock_bh(&queue->lock);
}

/* Accept no more jobs, fail all others with -ESHUTDOWN, wake up all workers */
void iscsit_srp_queue_stop(struct iscsit_srp_queue *queue)
{
	spin_lock_bh(&queue->lock);
	queue->stopping = true;
	srp_fail_list(&queue->running, -ESHUTDOWN);
	spin_unlock_bh(&queue->lock);
	iscsit_srp_queue_fail(queue, -ESHUTDOWN);
	wake_up_all(&queue->wait);
}
