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
 *
 * Within a priority portal groups take turns, so that many logins to one do not
 * delay those to another, and a full queue drops a job of the greediest for one of
 * the others.  The jobs of a portal group are a flow, which exists while there are
 * any.  Submitting searches the flows one after the other: whoever logs in does
 * not choose how many portal groups there are.
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

/* The jobs of a portal group */
struct iscsit_srp_flow {
	const void *portal_group;
	struct list_head node;		/* in the queue's flows */
	struct list_head turn[ISCSIT_SRP_PRIOS];	/* in its turns */
	struct list_head jobs[ISCSIT_SRP_PRIOS];	/* QUEUED, oldest first */
	unsigned int pending;		/* as the queue's */
	unsigned int nr;		/* QUEUED and RUNNING jobs */
};

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
	INIT_LIST_HEAD(&queue->flows);
	for (i = 0; i < ISCSIT_SRP_PRIOS; i++)
		INIT_LIST_HEAD(&queue->turns[i]);
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

/* The flow of a portal group, for srp_flow_put(); NULL without memory */
static struct iscsit_srp_flow *srp_flow_get(struct iscsit_srp_queue *queue,
					    const void *portal_group)
{
	struct iscsit_srp_flow *flow;
	unsigned int i;

	list_for_each_entry(flow, &queue->flows, node)
		if (flow->portal_group == portal_group)
			goto found;

	flow = kzalloc_obj(*flow, GFP_ATOMIC);
	if (!flow)
		return NULL;
	flow->portal_group = portal_group;
	for (i = 0; i < ISCSIT_SRP_PRIOS; i++) {
		INIT_LIST_HEAD(&flow->turn[i]);
		INIT_LIST_HEAD(&flow->jobs[i]);
	}
	list_add_tail(&flow->node, &queue->flows);
found:
	flow->nr++;

	return flow;
}

static void srp_flow_put(struct iscsit_srp_flow *flow)
{
	if (--flow->nr)
		return;
	list_del(&flow->node);
	kfree(flow);
}

static void srp_count(struct iscsit_srp_job *job, int queued, int pending)
{
	struct iscsit_srp_queue *queue = job->queue;

	lockdep_assert_held(&queue->lock);

	queue->queued += queued;
	if (job->priority == ISCSIT_SRP_PRIO_IDLE) {
		queue->idle += queued;
	} else {
		queue->pending += pending;
		job->flow->pending += pending;
	}
	queue->pending_max = max(queue->pending_max, queue->pending);
}

/* Make a job the last QUEUED one of its flow; a flow that had none comes last */
static void srp_job_add(struct iscsit_srp_job *job)
{
	struct list_head *turn = &job->flow->turn[job->priority];

	list_add_tail(&job->node, &job->flow->jobs[job->priority]);
	if (list_empty(turn))
		list_add_tail(turn, &job->queue->turns[job->priority]);
}

/* Remove a QUEUED or RUNNING job from its list */
static void srp_job_del(struct iscsit_srp_job *job)
{
	list_del_init(&job->node);
	if (list_empty(&job->flow->jobs[job->priority]))
		list_del_init(&job->flow->turn[job->priority]);
}

/* The next job to serve, or NULL */
static struct iscsit_srp_job *srp_queue_next(struct iscsit_srp_queue *queue)
{
	struct iscsit_srp_flow *flow;
	unsigned int i;

	for (i = 0; i < ISCSIT_SRP_PRIOS; i++) {
		flow = list_first_entry_or_null(&queue->turns[i],
						struct iscsit_srp_flow, turn[i]);
		if (flow)
			return list_first_entry(&flow->jobs[i],
						struct iscsit_srp_job, node);
	}

	return NULL;
}

/* The only end of a job.  Drops the queue's reference. */
static void srp_job_finish(struct iscsit_srp_job *job, int error)
{
	srp_count(job, job->state == ISCSIT_SRP_JOB_QUEUED ? -1 : 0, -1);
	srp_job_del(job);
	srp_flow_put(job->flow);
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

/* The newest QUEUED job of a flow, if possible one that no login waits for */
static struct iscsit_srp_job *srp_flow_newest(struct iscsit_srp_flow *flow)
{
	int i;

	for (i = ISCSIT_SRP_PRIO_NORMAL; i >= ISCSIT_SRP_PRIO_URGENT; i--)
		if (!list_empty(&flow->jobs[i]))
			return list_last_entry(&flow->jobs[i],
					       struct iscsit_srp_job, node);

	return NULL;
}

/*
 * The queue is full: end the newest QUEUED job of the portal group that has most
 * jobs, unless the one that needs the place would have more than it then
 */
static bool srp_queue_make_room(struct iscsit_srp_queue *queue,
				const struct iscsit_srp_flow *needy)
{
	struct iscsit_srp_job *newest, *victim = NULL;
	unsigned int most = needy->pending + 1;
	struct iscsit_srp_flow *flow;

	list_for_each_entry(flow, &queue->flows, node) {
		if (flow->pending <= most)
			continue;
		newest = srp_flow_newest(flow);
		if (newest) {
			most = flow->pending;
			victim = newest;
		}
	}
	if (victim)
		srp_job_finish(victim, -ENOBUFS);

	return victim;
}

static int srp_queue_add(struct iscsit_srp_queue *queue,
			 struct iscsit_srp_job *job)
{
	struct iscsit_srp_flow *flow;

	if (queue->stopping)
		return -ESHUTDOWN;
	flow = srp_flow_get(queue, job->portal_group);
	if (!flow)
		return -ENOMEM;
	if (job->priority != ISCSIT_SRP_PRIO_IDLE &&
	    queue->pending >= READ_ONCE(queue->limit) &&
	    !srp_queue_make_room(queue, flow)) {
		srp_flow_put(flow);
		return -ENOBUFS;
	}

	job->queue = queue;
	job->flow = flow;
	job->state = ISCSIT_SRP_JOB_QUEUED;
	srp_job_add(job);
	srp_count(job, 1, 1);

	return 0;
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
 * * -ENOBUFS	- the queue was full and another portal group had fewer jobs
 * * -ESHUTDOWN	- the queue was stopped
 * * -ETIMEDOUT	- the deadline has passed
 *
 * After an error, @job->done is never completed.
 *
 * Context: Any but hard interrupts.
 * Return: 0, -ENOBUFS if the queue is full, -ESHUTDOWN if it is stopped, or
 * -ENOMEM.
 */
int iscsit_srp_job_submit(struct iscsit_srp_queue *queue,
			  struct iscsit_srp_job *job, unsigned long deadline)
{
	int ret;

	spin_lock_bh(&queue->lock);
	ret = srp_queue_add(queue, job);
	if (!ret) {
		kref_get(&job->ref);	/* for the queue */
		kref_get(&job->ref);	/* for the timer */
		job->msg.id = ++queue->last_id;
		job->submitted = ktime_get();
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
	bool queued;

	spin_lock_bh(&queue->lock);
	queued = job->state == ISCSIT_SRP_JOB_QUEUED;
	if (queued)
		srp_job_del(job);
	job->priority = ISCSIT_SRP_PRIO_URGENT;
	if (queued)
		srp_job_add(job);
	spin_unlock_bh(&queue->lock);
}

/* Take the first job, if any.  Returns true if the wait for one is over. */
static bool srp_queue_take(struct iscsit_srp_queue *queue,
			   struct iscsit_srp_job **taken)
{
	struct iscsit_srp_job *job;
	struct list_head *turn;
	bool stopping;

	spin_lock_bh(&queue->lock);
	stopping = queue->stopping;
	job = srp_queue_next(queue);
	if (job) {
		kref_get(&job->ref);
		srp_job_del(job);
		list_add_tail(&job->node, &queue->running);
		turn = &job->flow->turn[job->priority];
		if (!list_empty(turn))
			list_move_tail(turn, &queue->turns[job->priority]);
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

	/* Exclusive: a job wakes one worker, not all that are idle */
	left = ___wait_event(queue->wait,
			     ___wait_cond_timeout(srp_queue_take(queue, &job)),
			     TASK_INTERRUPTIBLE, 1, timeout,
			     __ret = schedule_timeout(__ret));
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
 * Queue a RUNNING job again, as the first of its priority, whosever turn it is:
 * its worker will not answer it.  The second time the job fails with -EIO instead,
 * as it may be what makes workers fail.
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
			list_move(&job->node, &job->flow->jobs[job->priority]);
			list_move(&job->flow->turn[job->priority],
				  &queue->turns[job->priority]);
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

/* Fail all QUEUED jobs with @error: there is no worker and none can start */
void iscsit_srp_queue_fail(struct iscsit_srp_queue *queue, int error)
{
	struct iscsit_srp_job *job;

	spin_lock_bh(&queue->lock);
	while ((job = srp_queue_next(queue)))
		srp_job_finish(job, error);
	spin_unlock_bh(&queue->lock);
}

/* Accept no more jobs, fail all others with -ESHUTDOWN, wake up all workers */
void iscsit_srp_queue_stop(struct iscsit_srp_queue *queue)
{
	struct iscsit_srp_job *job, *next;

	spin_lock_bh(&queue->lock);
	queue->stopping = true;
	list_for_each_entry_safe(job, next, &queue->running, node)
		srp_job_finish(job, -ESHUTDOWN);
	spin_unlock_bh(&queue->lock);
	iscsit_srp_queue_fail(queue, -ESHUTDOWN);
	wake_up_all(&queue->wait);
}
