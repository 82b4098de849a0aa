// SPDX-License-Identifier: GPL-2.0
/*
 * The workers: processes of the user-space helper that compute jobs.  The
 * transport (key.c) starts them and carries jobs and answers.
 *
 * A worker is *live* while it waits in a read or is expected back soon: with an
 * answer if it has a job, else with the next read.  A worker that does not come
 * back in time (killed, stopped or stuck) is *lost*: its job returns to the
 * queue, and it does not count as live until it reads again.  So workers that
 * do not work never prevent the start of others.
 *
 * One worker is started at a time.  If the start fails and no worker is live,
 * all queued jobs fail at once.  The transport then starts none for some seconds
 * (the back-off).
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "param.h"
#include "worker.h"

#define SRP_READ_TIME	(5 * HZ)	/* longest wait of a read for a job */
#define SRP_JOB_SLICE	(2 * HZ)	/* after that a BUSY worker is LOST */
#define SRP_IDLE_SLICE	(HZ / 2)	/* after that an IDLE worker is LOST */

/* Limit for all workers, to replace lost ones only so often */
#define SRP_WORKERS_PER_LIVE	4

struct iscsit_srp_worker {
	struct iscsit_srp_workers *workers;	/* its lock protects the rest */
	struct timer_list timer;	/* runs while the worker is not in a read */
	enum iscsit_srp_worker_state state;
	struct iscsit_srp_job *job;	/* of a BUSY worker, else NULL */
	bool reading;
	bool served;			/* it has been in a read */
	unsigned int answered;
	struct rcu_head rcu;		/* for iscsit_srp_worker_show() */
};

struct iscsit_srp_workers iscsit_srp_workers;

ISCSIT_SRP_PARAM(srp_max_workers, &iscsit_srp_workers.max, 1, 64, "1 to 64");
MODULE_PARM_DESC(srp_max_workers,
		 "Helpers that may work for SRP (default: as many as CPUs, 2 to 4)");

static unsigned int srp_live(const struct iscsit_srp_workers *workers)
{
	return workers->nr[ISCSIT_SRP_WORKER_IDLE] +
	       workers->nr[ISCSIT_SRP_WORKER_BUSY];
}

static unsigned int srp_all(const struct iscsit_srp_workers *workers)
{
	return srp_live(workers) + workers->nr[ISCSIT_SRP_WORKER_LOST] +
	       workers->nr[ISCSIT_SRP_WORKER_BROKEN] +
	       workers->nr[ISCSIT_SRP_WORKER_LEAVING];
}

/* Jobs computed in advance need a worker, but no second one */
static unsigned int srp_jobs_waiting(const struct iscsit_srp_workers *workers)
{
	unsigned int queued = READ_ONCE(workers->queue->queued);
	unsigned int idle = READ_ONCE(workers->queue->idle);

	if (!srp_live(workers))
		return queued;

	return queued > idle ? queued - idle : 0;
}

/* Start another worker if there are more than @jobs idle workers could take */
static void srp_workers_start(struct iscsit_srp_workers *workers,
			      unsigned int jobs)
{
	unsigned int max = READ_ONCE(workers->max);

	lockdep_assert_held(&workers->lock);

	if (!workers->stopping && !workers->starting &&
	    jobs > workers->nr[ISCSIT_SRP_WORKER_IDLE] &&
	    srp_live(workers) < max &&
	    srp_all(workers) < max * SRP_WORKERS_PER_LIVE) {
		workers->starting = true;
		queue_work(system_long_wq, &workers->start);
	}
}

/*
 * Start another worker if there are more jobs than idle workers.  To be called
 * after each change of the number of jobs or of workers.
 */
static void srp_workers_check(struct iscsit_srp_workers *workers)
{
	spin_lock_bh(&workers->lock);
	srp_workers_start(workers, srp_jobs_waiting(workers));
	spin_unlock_bh(&workers->lock);
}

/* Logins will follow: have one worker ready */
void iscsit_srp_workers_want(struct iscsit_srp_workers *workers)
{
	spin_lock_bh(&workers->lock);
	srp_workers_start(workers, !srp_live(workers));
	spin_unlock_bh(&workers->lock);
}

static void srp_need_worker(void *workers)
{
	srp_workers_check(workers);
}

/* No live worker and none starting: fail queued jobs now */
static void srp_start_failed(struct iscsit_srp_workers *workers)
{
	bool hopeless;

	spin_lock_bh(&workers->lock);
	hopeless = !srp_live(workers) && !workers->starting;
	spin_unlock_bh(&workers->lock);

	if (hopeless)
		iscsit_srp_queue_fail(workers->queue, -EIO);
}

/* The work @workers->start has started a worker, or failed to: @error */
void iscsit_srp_workers_started(struct iscsit_srp_workers *workers, int error)
{
	spin_lock_bh(&workers->lock);
	workers->starting = false;
	workers->started += !error;
	spin_unlock_bh(&workers->lock);

	if (error)
		srp_start_failed(workers);
	else
		srp_workers_check(workers);
}

/*
 * The credentials of a scope were added (@change is 1) or removed (-1).  While
 * there are any, the last worker stays, so that logins do not wait for a start.
 */
void iscsit_srp_workers_use(int change)
{
	atomic_add(change, &iscsit_srp_workers.users);
}

void iscsit_srp_workers_stats(struct iscsit_srp_worker_stats *stats)
{
	struct iscsit_srp_workers *workers = &iscsit_srp_workers;

	stats->depth = READ_ONCE(iscsit_srp_queue.pending);
	stats->depth_max = READ_ONCE(iscsit_srp_queue.pending_max);
	spin_lock_bh(&workers->lock);
	stats->workers = srp_all(workers);
	stats->started = workers->started;
	stats->lost = workers->lost;
	spin_unlock_bh(&workers->lock);
}

/*
 * Set up the workers of a queue.  @workers is zeroed, except for @workers->max.
 * @start starts a worker and then calls iscsit_srp_workers_started().
 */
void iscsit_srp_workers_init(struct iscsit_srp_workers *workers,
			     struct iscsit_srp_queue *queue, work_func_t start)
{
	spin_lock_init(&workers->lock);
	INIT_WORK(&workers->start, start);
	/* At least two, so that logins go on while one is stuck */
	if (!workers->max)
		workers->max = clamp(num_online_cpus(), 2U, 4U);
	workers->queue = queue;
	queue->need_worker_arg = workers;
	queue->need_worker = srp_need_worker;
}

/*
 * Stop the queue, which ends all reads, and start no more workers.  Sleeps until
 * a start in progress has ended, which only the helper can do.
 */
void iscsit_srp_workers_stop(struct iscsit_srp_workers *workers)
{
	spin_lock_bh(&workers->lock);
	workers->stopping = true;
	spin_unlock_bh(&workers->lock);
	iscsit_srp_queue_stop(workers->queue);
	cancel_work_sync(&workers->start);
}

static void srp_worker_set_state(struct iscsit_srp_worker *worker,
				 enum iscsit_srp_worker_state state)
{
	lockdep_assert_held(&worker->workers->lock);

	worker->workers->nr[worker->state]--;
	worker->workers->nr[state]++;
	worker->state = state;
}

/* Take the worker's job from it, with its reference; NULL if it has none */
static struct iscsit_srp_job *srp_worker_release(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_job *job = worker->job;

	if (job)
		srp_worker_set_state(worker, ISCSIT_SRP_WORKER_IDLE);
	worker->job = NULL;

	return job;
}

static void srp_job_give_back(struct iscsit_srp_job *job)
{
	if (!job)
		return;
	iscsit_srp_job_requeue(job);
	iscsit_srp_job_put(job);
}

/* The timer has fired, perhaps some time ago */
VISIBLE_IF_KUNIT void iscsit_srp_worker_expire(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_workers *workers = worker->workers;
	struct iscsit_srp_job *job = NULL;
	bool lost;

	spin_lock_bh(&workers->lock);
	/* It may have come back, and even left again, since the timer fired */
	lost = !worker->reading && worker->state <= ISCSIT_SRP_WORKER_BUSY &&
	       !timer_pending(&worker->timer);
	if (lost) {
		job = srp_worker_release(worker);
		srp_worker_set_state(worker, ISCSIT_SRP_WORKER_LOST);
		workers->lost++;
	}
	spin_unlock_bh(&workers->lock);
	if (!lost)
		return;

	srp_job_give_back(job);
	srp_workers_check(workers);
}

static void srp_worker_expired(struct timer_list *timer)
{
	struct iscsit_srp_worker *worker = timer_container_of(worker, timer,
							      timer);

	iscsit_srp_worker_expire(worker);
}

/**
 * iscsit_srp_worker_alloc - Add a new worker
 * @workers: the workers that it joins
 * @hello: its first message, struct iscsi_srp_hello; not trusted
 * @len: bytes of @hello
 *
 * Context: Process context. May sleep.
 * Return: The worker, to be removed by iscsit_srp_worker_free(); or ERR_PTR()
 * of -EINVAL for a malformed @hello, -EPROTO for another version, -ESHUTDOWN
 * after iscsit_srp_workers_stop(), or -ENOMEM.
 */
struct iscsit_srp_worker *
iscsit_srp_worker_alloc(struct iscsit_srp_workers *workers, const void *hello,
			size_t len)
{
	const struct iscsi_srp_hello *h = hello;
	struct iscsit_srp_worker *worker;
	bool stopping;

	if (!h || len != sizeof(*h) || h->reserved)
		return ERR_PTR(-EINVAL);
	if (h->version != ISCSI_SRP_VERSION) {
		pr_warn_ratelimited("the helper uses version %u of the interface, this kernel version %u: install the matching iscsi-srpd\n",
				    h->version, ISCSI_SRP_VERSION);
		return ERR_PTR(-EPROTO);
	}

	worker = kzalloc_obj(*worker);
	if (!worker)
		return ERR_PTR(-ENOMEM);
	worker->workers = workers;
	timer_setup(&worker->timer, srp_worker_expired, 0);

	spin_lock_bh(&workers->lock);
	stopping = workers->stopping;
	if (!stopping) {
		workers->nr[worker->state]++;
		mod_timer(&worker->timer, jiffies + SRP_IDLE_SLICE);
	}
	spin_unlock_bh(&workers->lock);
	if (stopping) {
		kfree(worker);
		return ERR_PTR(-ESHUTDOWN);
	}

	return worker;
}

/*
 * Whether a worker was told that it may exit, and others go on: what it computed
 * is still as secret as before
 */
bool iscsit_srp_worker_surplus(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_workers *workers = worker->workers;
	bool surplus;

	spin_lock_bh(&workers->lock);
	surplus = worker->state == ISCSIT_SRP_WORKER_LEAVING &&
		  srp_live(workers);
	spin_unlock_bh(&workers->lock);

	return surplus;
}

/* Remove a worker whose process is gone; its job goes to another one.  Sleeps. */
void iscsit_srp_worker_free(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_workers *workers = worker->workers;
	bool served = worker->served;
	struct iscsit_srp_job *job;

	timer_shutdown_sync(&worker->timer);

	spin_lock_bh(&workers->lock);
	job = srp_worker_release(worker);
	workers->nr[worker->state]--;
	workers->lost += !!job;
	spin_unlock_bh(&workers->lock);
	kfree_rcu(worker, rcu);

	srp_job_give_back(job);
	/*
	 * Jobs may have waited for this worker, so start another.  But a worker
	 * that never read is a failed start: do not repeat it for the same jobs.
	 */
	if (served)
		srp_workers_check(workers);
	else
		srp_start_failed(workers);
}

/*
 * An idle worker may leave, unless it is the only live one and there are
 * credentials.  One that may leave is not live any more, or two could leave at the
 * same time.
 */
static bool srp_worker_may_leave(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_workers *workers = worker->workers;
	bool leaves;

	spin_lock_bh(&workers->lock);
	leaves = workers->stopping || srp_live(workers) != 1 ||
		 !atomic_read(&workers->users);
	if (leaves) {
		srp_worker_set_state(worker, ISCSIT_SRP_WORKER_LEAVING);
		/* Jobs may have come that rely on it */
		srp_workers_start(workers, srp_jobs_waiting(workers));
	}
	spin_unlock_bh(&workers->lock);

	return leaves;
}

/* Give the worker @job, or take its job from it if that is NULL */
static void srp_worker_hold(struct iscsit_srp_worker *worker,
			    struct iscsit_srp_job *job)
{
	struct iscsit_srp_workers *workers = worker->workers;

	spin_lock_bh(&workers->lock);
	swap(worker->job, job);
	srp_worker_set_state(worker, worker->job ? ISCSIT_SRP_WORKER_BUSY :
						   ISCSIT_SRP_WORKER_IDLE);
	spin_unlock_bh(&workers->lock);
	if (job)
		iscsit_srp_job_put(job);

	/* Jobs that came meanwhile relied on this worker */
	srp_workers_check(workers);
}

/* During a read only the reader changes the worker's job */
static long srp_worker_wait(struct iscsit_srp_worker *worker,
			    struct iscsi_srp_job *msg)
{
	struct iscsit_srp_job *job;

	for (;;) {
		if (!worker->job) {
			job = iscsit_srp_queue_pop(worker->workers->queue,
						   SRP_READ_TIME);
			if (job == ERR_PTR(-ETIMEDOUT) &&
			    !srp_worker_may_leave(worker))
				return -EAGAIN;
			if (IS_ERR(job))
				return PTR_ERR(job);
			srp_worker_hold(worker, job);
		}
		if (!iscsit_srp_job_read(worker->job, msg))
			return sizeof(*msg);
		/* It was cancelled, or its deadline has passed */
		srp_worker_hold(worker, NULL);
	}
}

/**
 * iscsit_srp_worker_read - Wait for a job, or read the current one again
 * @worker: the worker
 * @msg: the job
 *
 * Context: Process context. Sleeps up to five seconds; a signal ends the wait.
 * Return: The size of @msg, or
 * * -EAGAIN	- there was no job, but the worker shall stay
 * * -ETIMEDOUT	- there was no job, and the worker may exit
 * * -ESHUTDOWN	- the worker shall exit
 * * -EBUSY	- another thread of the worker is in a read
 * * -ERESTARTSYS - there was a signal
 */
long iscsit_srp_worker_read(struct iscsit_srp_worker *worker,
			    struct iscsi_srp_job *msg)
{
	struct iscsit_srp_workers *workers = worker->workers;
	long ret = 0;

	spin_lock_bh(&workers->lock);
	if (workers->stopping || worker->state == ISCSIT_SRP_WORKER_BROKEN) {
		ret = -ESHUTDOWN;
	} else if (worker->reading) {
		ret = -EBUSY;
	} else {
		timer_delete(&worker->timer);
		worker->reading = true;
		worker->served = true;
		if (worker->state == ISCSIT_SRP_WORKER_LOST ||
		    worker->state == ISCSIT_SRP_WORKER_LEAVING)
			srp_worker_set_state(worker, ISCSIT_SRP_WORKER_IDLE);
	}
	spin_unlock_bh(&workers->lock);
	if (ret)
		return ret;

	ret = srp_worker_wait(worker, msg);

	spin_lock_bh(&workers->lock);
	worker->reading = false;
	mod_timer(&worker->timer, jiffies +
		  (worker->job ? SRP_JOB_SLICE : SRP_IDLE_SLICE));
	spin_unlock_bh(&workers->lock);

	return ret;
}

/**
 * iscsit_srp_worker_answer - Take the answer to the worker's job
 * @worker: the worker, not in a read
 * @result: the answer, struct iscsi_srp_result; not trusted
 * @len: bytes of @result
 *
 * Context: Process context.
 * Return: As iscsit_srp_job_complete(); -ESTALE if the worker has no job.
 * After -EINVAL or -EPROTO it gets no more jobs.
 */
int iscsit_srp_worker_answer(struct iscsit_srp_worker *worker,
			     const void *result, size_t len)
{
	struct iscsit_srp_workers *workers = worker->workers;
	struct iscsit_srp_job *job;
	bool broken;
	int ret;

	spin_lock_bh(&workers->lock);
	job = srp_worker_release(worker);
	if (job)
		mod_timer(&worker->timer, jiffies + SRP_IDLE_SLICE);
	spin_unlock_bh(&workers->lock);
	if (!job)
		return -ESTALE;

	ret = iscsit_srp_job_complete(job, result, len);
	broken = ret && ret != -ESTALE;

	spin_lock_bh(&workers->lock);
	if (broken)
		srp_worker_set_state(worker, ISCSIT_SRP_WORKER_BROKEN);
	else
		worker->answered++;
	spin_unlock_bh(&workers->lock);

	if (broken) {
		pr_warn_ratelimited("the helper's answer is malformed (error %d), its worker gets no more jobs\n",
				    ret);
		iscsit_srp_job_requeue(job);
		srp_workers_check(workers);
	}
	iscsit_srp_job_put(job);

	return ret;
}

/* For /proc/keys.  Within rcu_read_lock(), as the worker may be removed. */
void iscsit_srp_worker_show(const struct iscsit_srp_worker *worker,
			    struct seq_file *m)
{
	static const char *const states[] = { "idle", "busy", "lost", "broken",
					      "leaving" };

	seq_printf(m, ": %s, %u answered", states[READ_ONCE(worker->state)],
		   READ_ONCE(worker->answered));
}
