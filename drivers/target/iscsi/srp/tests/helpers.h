/* SPDX-License-Identifier: GPL-2.0 */
/* What several tests set up alike: jobs, answers, threads and workers */
#ifndef ISCSIT_SRP_TESTS_HELPERS_H
#define ISCSIT_SRP_TESTS_HELPERS_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../group.h"
#include "../queue.h"

#define LONG_TIME	(60 * HZ)

static inline void put_job_action(void *job)
{
	iscsit_srp_job_put(job);
}

/* Drop a reference to the job at the end of the test */
static inline void put_job_later(struct kunit *test, struct iscsit_srp_job *job)
{
	int ret = kunit_add_action_or_reset(test, put_job_action, job);

	KUNIT_ASSERT_EQ(test, ret, 0);
}

/* A job in SRP-768 with v and b set, released at the end of the test */
static inline struct iscsit_srp_job *new_job(struct kunit *test,
					     enum iscsi_srp_op op)
{
	struct iscsit_srp_job *job;

	job = iscsit_srp_job_alloc(op, iscsit_srp_group_by_id(ISCSI_SRP_GROUP_SRP_768));
	KUNIT_ASSERT_NOT_NULL(test, job);
	put_job_later(test, job);
	job->msg.v_len = job->group->len;
	memset(job->msg.v, 0x55, job->msg.v_len);
	job->msg.b_len = ISCSIT_SRP_B_LEN;
	memset(job->msg.b, 0xaa, job->msg.b_len);

	return job;
}

static inline struct iscsit_srp_job *submit_to(struct kunit *test,
					       struct iscsit_srp_queue *queue,
					       long timeout)
{
	struct iscsit_srp_job *job = new_job(test, ISCSI_SRP_OP_EPHEMERAL);

	KUNIT_ASSERT_EQ(test, iscsit_srp_job_submit(queue, job,
						    jiffies + timeout), 0);

	return job;
}

static inline void set_result(struct iscsi_srp_result *result,
			      const struct iscsit_srp_job *job)
{
	result->version = ISCSI_SRP_VERSION;
	result->op = job->msg.op;
	result->id = job->msg.id;
	result->len = job->group->len;
}

/* A well-formed answer, with space for a longer value */
static inline struct iscsi_srp_result *
new_result(struct kunit *test, const struct iscsit_srp_job *job)
{
	struct iscsi_srp_result *result;

	result = kunit_kzalloc(test, sizeof(*result) + ISCSI_SRP_MAX_LEN,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, result);
	set_result(result, job);
	memset(result->value, 0x11, result->len);

	return result;
}

/* A thread that is stopped at the end of the test, unless it was before */
static inline void stop_thread(void *task)
{
	kthread_stop(task);
}

static inline struct task_struct *run_thread(struct kunit *test,
					     int (*fn)(void *data), void *data)
{
	struct task_struct *task = kthread_run(fn, data, "srp-test");
	int ret;

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	ret = kunit_add_action_or_reset(test, stop_thread, task);
	KUNIT_ASSERT_EQ(test, ret, 0);

	return task;
}

static inline int wait_for_stop(void)
{
	while (!kthread_should_stop()) {
		flush_signals(current);
		schedule_timeout_interruptible(1);
	}

	return 0;
}

/* A worker that waits for a job in a thread, as @wait does */
struct waiter {
	long (*wait)(void *arg);
	void *arg;
	long ret;			/* what @wait returned */
	struct completion done;		/* @wait returned */
	struct task_struct *task;
};

static inline int waiter_thread(void *data)
{
	struct waiter *waiter = data;

	allow_signal(SIGTERM);
	waiter->ret = waiter->wait(waiter->arg);
	complete_all(&waiter->done);

	return wait_for_stop();
}

static inline struct waiter *start_waiter(struct kunit *test,
					  struct iscsit_srp_queue *queue,
					  long (*wait)(void *arg), void *arg)
{
	struct waiter *waiter = kunit_kzalloc(test, sizeof(*waiter), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, waiter);
	waiter->wait = wait;
	waiter->arg = arg;
	init_completion(&waiter->done);
	waiter->task = run_thread(test, waiter_thread, waiter);
	while (!wq_has_sleeper(&queue->wait) && !completion_done(&waiter->done))
		msleep(20);
	KUNIT_ASSERT_FALSE(test, completion_done(&waiter->done));

	return waiter;
}

/* How a queue's waiters are woken up */
enum wakeup { BY_JOB, BY_REQUEUE, BY_STOP, BY_SIGNAL, BY_TIMEOUT };

struct wakeup_case {
	const char *name;
	enum wakeup by;
	long ret;
};

/* A worker that computes all jobs of a queue: @fill sets status and value */
struct test_worker {
	struct iscsit_srp_queue *queue;
	void (*fill)(void *ctx, const struct iscsit_srp_job *job,
		     struct iscsi_srp_result *result);
	void *ctx;
	struct task_struct *task;
};

static inline void answer_job(struct test_worker *worker,
			      struct iscsit_srp_job *job)
{
	struct iscsi_srp_result *result;

	result = kzalloc(sizeof(*result) + job->group->len, GFP_KERNEL);
	if (!result)
		return;
	set_result(result, job);
	worker->fill(worker->ctx, job, result);
	if (result->status != ISCSI_SRP_OK)
		result->len = 0;
	iscsit_srp_job_complete(job, result, sizeof(*result) + result->len);
	kfree(result);
}

static inline int test_worker_thread(void *data)
{
	struct test_worker *worker = data;

	while (!kthread_should_stop()) {
		struct iscsit_srp_job *job;

		job = iscsit_srp_queue_pop(worker->queue, HZ / 20);
		if (IS_ERR(job)) {
			/* A queue that has been stopped lets nobody wait */
			cond_resched();
			continue;
		}
		answer_job(worker, job);
		iscsit_srp_job_put(job);
	}

	return 0;
}

static inline void start_test_worker(struct kunit *test,
				     struct test_worker *worker)
{
	struct task_struct *task;

	task = kthread_run(test_worker_thread, worker, "srp-test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	worker->task = task;
}

static inline void stop_test_worker(struct test_worker *worker)
{
	if (worker->task)
		kthread_stop(worker->task);
	worker->task = NULL;
}

#endif /* ISCSIT_SRP_TESTS_HELPERS_H */
