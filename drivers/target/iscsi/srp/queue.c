// SPDX-License-Identifier: GPL-2.0
/*
 * The queue between logins, which submit jobs, and workers, which take them.
 *
 *	NEW -> QUEUED <-> RUNNING -> DONE
 *
 * A job ends exactly once: by its result, by its deadline, by its login that
 * cancels it, by the loss of two workers, or with the queue.  The queue's lock
 * decides every race between these; whoever comes later finds the job DONE and
 * changes nothing.
 *
 * Nothing here knows of keys or of iSCSI.
 */

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "group.h"
#include "queue.h"

#define CREATE_TRACE_POINTS
#include <trace/events/iscsi_srp.h>

#define srp_trace_job(event, traced)					\
do {									\
	const struct iscsit_srp_job *j = (traced);			\
									\
	trace_iscsi_srp_##event(j->msg.id, j->msg.op, j->msg.group,	\
				ktime_us_delta(ktime_get(),		\
					       j->submitted),		\
				j->queue->pending, j->error);		\
} while (0)

/**
 * iscsit_srp_queue_init - Set up a queue
 * @queue: the queue
 * @limit: number of jobs that may wait or run at a time
 *
 * Context: Any.
 */
void iscsit_srp_queue_init(struct iscsit_srp_queue *queue, unsigned int limit)
{
	unsigned int i;

	spin_lock_init(&queue->lock);
	for (i = 0; i < ISCSIT_SRP_PRIOS; i++)
		INIT_LIST_HEAD(&queue->jobs[i]);
	INIT_LIST_HEAD(&queue->running);
	init_waitqueue_head(&queue->wait);
	queue->queued = 0;
	queue->idle = 0;
	queue->pending = 0;
	queue->pending_max = 0;
	queue->limit = limit;
	queue->last_id = 0;
	queue->stopping = false;
	queue->need_worker = NULL;
	queue->channel = NULL;
}

static void srp_job_release(struct kref *ref)
{
	kfree_sensitive(container_of(ref, struct iscsit_srp_job, ref));
}

/**
 * iscsit_srp_job_put - Drop a reference to a job
 * @job: the job; wiped and freed with its last reference
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_job_put(struct iscsit_srp_job *job)
{
	kref_put(&job->ref, srp_job_release);
}

static void srp_count_queued(struct iscsit_srp_job *job, int change)
{
	job->queue->queued += change;
	if (job->priority == ISCSIT_SRP_PRIO_IDLE)
		job->queue->idle += change;
}

/* The job's only end.  Drops the queue's reference. */
static void srp_job_finish(struct iscsit_srp_job *job, int error)
{
	struct iscsit_srp_queue *queue = job->queue;

	lockdep_assert_held(&queue->lock);

	if (job->state == ISCSIT_SRP_JOB_QUEUED)
		srp_count_queued(job, -1);
	list_del_init(&job->node);
	if (job->priority != ISCSIT_SRP_PRIO_IDLE)
		queue->pending--;
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
	/* If the timer can no longer be stopped it drops its own reference */
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

/**
 * iscsit_srp_job_alloc - Make a job
 * @op: what to compute
 * @group: the group to compute in
 *
 * The caller fills in v, b, A and u of the job's message, as the op needs them,
 * before iscsit_srp_job_submit().
 *
 * Context: Process context. May sleep.
 * Return: The job, for iscsit_srp_job_put(), or NULL without memory.
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

/**
 * iscsit_srp_job_submit - Queue a job
 * @queue: the queue
 * @job: the job, not submitted before; the caller keeps its reference
 * @deadline: jiffies at which the job fails, wherever it is then
 *
 * Zero means that @job->done will be completed, once; @job->error then is
 *
 * * 0		- @job->result is there
 * * -ECANCELED	- iscsit_srp_job_cancel() was called
 * * -EIO	- the helper failed, was lost twice, or cannot be started
 * * -ESHUTDOWN	- the queue was stopped
 * * -ETIMEDOUT	- the deadline has passed
 *
 * Any other value means that nothing will follow.
 *
 * Context: Any but hard interrupts.
 * Return: 0, -ENOBUFS when the queue is full, -ESHUTDOWN when it is stopped.
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
		srp_count_queued(job, 1);
		if (job->priority != ISCSIT_SRP_PRIO_IDLE)
			queue->pending++;
		queue->pending_max = max(queue->pending_max, queue->pending);
		job->timer.expires = deadline;
		add_timer(&job->timer);
		srp_trace_job(submit, job);
	}
	spin_unlock_bh(&queue->lock);
	if (ret)
		return ret;

	wake_up(&queue->wait);
	if (queue->need_worker)
		queue->need_worker(queue);

	return 0;
}

/**
 * iscsit_srp_job_cancel - End a job that is no longer wanted
 * @job: the job; the caller keeps its reference
 *
 * A worker may go on computing it, but its answer is refused.
 *
 * Context: Any but hard interrupts.
 * Return: True if that ended the job, false if it had ended already or was
 * never submitted.
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

/**
 * iscsit_srp_job_expedite - Somebody waits for a job now
 * @job: a job that was submitted, not with ISCSIT_SRP_PRIO_IDLE
 *
 * Unless a worker has it already it comes before the jobs that nobody waits for
 * yet.
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_job_expedite(struct iscsit_srp_job *job)
{
	struct iscsit_srp_queue *queue = job->queue;

	spin_lock_bh(&queue->lock);
	job->priority = ISCSIT_SRP_PRIO_URGENT;
	if (job->state == ISCSIT_SRP_JOB_QUEUED)
		list_move_tail(&job->node, &queue->jobs[job->priority]);
	spin_unlock_bh(&queue->lock);
}

static struct iscsit_srp_job *srp_queue_first(struct iscsit_srp_queue *queue)
{
	struct iscsit_srp_job *job = NULL;
	unsigned int i;

	for (i = 0; !job && i < ISCSIT_SRP_PRIOS; i++)
		job = list_first_entry_or_null(&queue->jobs[i],
					       struct iscsit_srp_job, node);

	return job;
}

/* Take the first job, if there is one; true also if none will come */
static bool srp_queue_take(struct iscsit_srp_queue *queue,
			   struct iscsit_srp_job **taken)
{
	struct iscsit_srp_job *job;
	bool stopping;

	spin_lock_bh(&queue->lock);
	stopping = queue->stopping;
	job = srp_queue_first(queue);
	if (job) {
		kref_get(&job->ref);
		list_move_tail(&job->node, &queue->running);
		srp_count_queued(job, -1);
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
 * Context: Process context. Sleeps; a signal ends it.
 * Return: A job, to be ended by iscsit_srp_job_complete() or given back by
 * iscsit_srp_job_requeue(), and then iscsit_srp_job_put(); or -ETIMEDOUT when
 * there was none, -ESHUTDOWN when the queue is stopped, -ERESTARTSYS after a
 * signal, as an ERR_PTR().
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

/**
 * iscsit_srp_job_read - Copy what a worker needs to compute a job
 * @job: a job from iscsit_srp_queue_pop()
 * @msg: where to
 *
 * Context: Any but hard interrupts.
 * Return: 0, or -ESTALE if the job has ended meanwhile.
 */
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

/* A helper is not trusted with more than its key: check all that it says */
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

	/* B may be 0, S may not: A and v are not multiples of N, a prime */
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
 * @len: octets of @result and of the value behind it
 *
 * Copies nothing before the whole of @result has been checked.  A malformed
 * answer leaves the job RUNNING: the worker is broken, and the caller is to
 * give the job to another one by iscsit_srp_job_requeue().
 *
 * Context: Any but hard interrupts.
 * Return:
 * * 0		- the job has ended, by a result or with -EIO as the worker said
 * * -EINVAL	- the answer is malformed or not this job's
 * * -EPROTO	- the answer is of another version
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

/**
 * iscsit_srp_job_requeue - Give a job back that its worker will not answer
 * @job: a job from iscsit_srp_queue_pop(); the caller keeps its reference
 *
 * It goes to the front of those of its priority.  A job that was given back
 * before fails with -EIO instead: it may be what makes workers fail.
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_job_requeue(struct iscsit_srp_job *job)
{
	struct iscsit_srp_queue *queue = job->queue;
	bool queued = false;

	spin_lock_bh(&queue->lock);
	if (job->state == ISCSIT_SRP_JOB_RUNNING) {
		if (job->requeued) {
			srp_job_finish(job, -EIO);
		} else {
			job->requeued = true;
			job->state = ISCSIT_SRP_JOB_QUEUED;
			list_move(&job->node, &queue->jobs[job->priority]);
			srp_count_queued(job, 1);
			srp_trace_job(requeue, job);
			queued = true;
		}
	}
	spin_unlock_bh(&queue->lock);
	if (!queued)
		return;

	wake_up(&queue->wait);
	if (queue->need_worker)
		queue->need_worker(queue);
}

static void srp_fail_list(struct list_head *list, int error)
{
	struct iscsit_srp_job *job, *next;

	list_for_each_entry_safe(job, next, list, node)
		srp_job_finish(job, error);
}

static void srp_fail_queued(struct iscsit_srp_queue *queue, int error)
{
	unsigned int i;

	for (i = 0; i < ISCSIT_SRP_PRIOS; i++)
		srp_fail_list(&queue->jobs[i], error);
}

/**
 * iscsit_srp_queue_fail - Fail the jobs that no worker has taken
 * @queue: the queue
 * @error: negative errno that the jobs get
 *
 * For when there is no worker and none can be started.
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_queue_fail(struct iscsit_srp_queue *queue, int error)
{
	spin_lock_bh(&queue->lock);
	srp_fail_queued(queue, error);
	spin_unlock_bh(&queue->lock);
}

/**
 * iscsit_srp_queue_stop - Fail all jobs with -ESHUTDOWN and take no more
 * @queue: the queue
 *
 * Workers that wait for a job leave.
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_queue_stop(struct iscsit_srp_queue *queue)
{
	spin_lock_bh(&queue->lock);
	queue->stopping = true;
	srp_fail_queued(queue, -ESHUTDOWN);
	srp_fail_list(&queue->running, -ESHUTDOWN);
	spin_unlock_bh(&queue->lock);
	wake_up_all(&queue->wait);
}
