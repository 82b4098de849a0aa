// SPDX-License-Identifier: GPL-2.0
/*
 * The key type's operations as the keyrings call them, the start of workers,
 * and workers that do not come back.
 *
 * The tests have their own workers and only count the starts.
 */

#include <linux/cred.h>
#include <linux/key-type.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include "../key.h"
#include "../powers.h"
#include "../worker.h"
#include "helpers.h"

#define JOB_SIZE	sizeof(struct iscsi_srp_job)

struct key_ctx {
	struct iscsit_srp_queue queue;
	struct iscsit_srp_workers workers;	/* at first none, at most two */
	atomic_t starts;		/* how often a start was requested */
	struct iscsi_srp_job msg;	/* where a worker reads to */
};

/* The start stays in progress until the test ends it */
static void count_start(struct work_struct *work)
{
	struct key_ctx *ctx = container_of(work, struct key_ctx, workers.start);

	atomic_inc(&ctx->starts);
}

static int key_test_init(struct kunit *test)
{
	struct key_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->workers.max = 2;
	iscsit_srp_queue_init(&ctx->queue, 32);
	iscsit_srp_workers_init(&ctx->workers, &ctx->queue, count_start);
	test->priv = ctx;

	return 0;
}

/* The test's actions, which end threads, workers and jobs, run after this */
static void key_test_exit(struct kunit *test)
{
	struct key_ctx *ctx = test->priv;

	if (ctx)
		iscsit_srp_workers_stop(&ctx->workers);
}

static unsigned int starts(struct kunit *test)
{
	struct key_ctx *ctx = test->priv;

	flush_work(&ctx->workers.start);

	return atomic_read(&ctx->starts);
}

/* Number of all workers, of live ones, and of busy ones */
static void expect_workers(struct kunit *test, unsigned int workers,
			   unsigned int live, unsigned int busy)
{
	struct key_ctx *ctx = test->priv;

	const unsigned int *nr = ctx->workers.nr;

	KUNIT_EXPECT_EQ(test, nr[ISCSIT_SRP_WORKER_LOST] +
			nr[ISCSIT_SRP_WORKER_BROKEN] +
			nr[ISCSIT_SRP_WORKER_LEAVING], workers - live);
	KUNIT_EXPECT_EQ(test, nr[ISCSIT_SRP_WORKER_IDLE], live - busy);
	KUNIT_EXPECT_EQ(test, nr[ISCSIT_SRP_WORKER_BUSY], busy);
}

static struct iscsit_srp_job *submit(struct kunit *test)
{
	struct key_ctx *ctx = test->priv;

	return submit_to(test, &ctx->queue, LONG_TIME);
}

static void expect_ended(struct kunit *test, struct iscsit_srp_job *job,
			 int error)
{
	KUNIT_EXPECT_TRUE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, job->error, error);
}

static void destroy_key(void *data)
{
	iscsit_srp_key_type.destroy(data);
}

/* A key as the keyrings make it; a negative one if @worker is NULL */
static struct key *make_key(struct kunit *test, struct iscsit_srp_worker *worker)
{
	struct key *key = kunit_kzalloc(test, sizeof(*key), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, key);
	init_rwsem(&key->sem);
	key->description = "worker-0";
	key->state = worker ? KEY_IS_POSITIVE : -ENOKEY;
	rcu_assign_keypointer(key, worker);
	ret = kunit_add_action_or_reset(test, destroy_key, key);
	KUNIT_ASSERT_EQ(test, ret, 0);

	return key;
}

static struct key *new_worker(struct kunit *test)
{
	const struct iscsi_srp_hello hello = { .version = ISCSI_SRP_VERSION };
	struct iscsit_srp_worker *worker;
	struct key_ctx *ctx = test->priv;

	worker = iscsit_srp_worker_alloc(&ctx->workers, &hello, sizeof(hello));
	KUNIT_ASSERT_FALSE(test, IS_ERR(worker));

	return make_key(test, worker);
}

static long read_key(struct key *key, void *buffer, size_t len)
{
	long ret;

	down_read(&key->sem);
	ret = iscsit_srp_key_type.read(key, buffer, len);
	up_read(&key->sem);

	return ret;
}

static int update_key(struct key *key, const void *data, size_t len)
{
	struct key_preparsed_payload prep = { .data = data, .datalen = len };
	int ret;

	down_write(&key->sem);
	ret = iscsit_srp_key_type.update(key, &prep);
	up_write(&key->sem);

	return ret;
}

static void revoke_key(struct key *key)
{
	down_write(&key->sem);
	iscsit_srp_key_type.revoke(key);
	up_write(&key->sem);
}

/* Read the next job: it must be @job */
static void read_job(struct kunit *test, struct key *key,
		     struct iscsit_srp_job *job)
{
	struct key_ctx *ctx = test->priv;

	memset(&ctx->msg, 0, sizeof(ctx->msg));
	KUNIT_ASSERT_EQ(test, read_key(key, &ctx->msg, sizeof(ctx->msg)),
			(long)JOB_SIZE);
	KUNIT_ASSERT_EQ(test, ctx->msg.id, job->msg.id);
}

static int answer(struct kunit *test, struct key *key,
		  const struct iscsit_srp_job *job)
{
	struct iscsi_srp_result *result = new_result(test, job);

	return update_key(key, result, sizeof(*result) + result->len);
}

static int answer_wrongly(struct kunit *test, struct key *key,
			  const struct iscsit_srp_job *job)
{
	struct iscsi_srp_result *result = new_result(test, job);

	result->id++;

	return update_key(key, result, sizeof(*result) + result->len);
}

static void end_start(struct kunit *test, int error)
{
	struct key_ctx *ctx = test->priv;

	KUNIT_ASSERT_TRUE(test, ctx->workers.starting);
	iscsit_srp_workers_started(&ctx->workers, error);
}

/* A live worker without a job, without a start */
static struct key *idle_worker(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *job = submit(test);

	read_job(test, key, job);
	KUNIT_ASSERT_EQ(test, answer(test, key, job), 0);
	KUNIT_ASSERT_EQ(test, starts(test), 0);

	return key;
}

/* Only the target itself can create keys of this type */
static void others_get_no_key(struct kunit *test)
{
	const struct cred *old_cred;
	struct cred *cred;

	KUNIT_EXPECT_EQ(test, iscsit_srp_key_type.vet_description("worker-0"),
			-EPERM);

	cred = prepare_kernel_cred(&init_task);
	KUNIT_ASSERT_NOT_NULL(test, cred);
	old_cred = override_creds(cred);
	KUNIT_EXPECT_EQ(test, iscsit_srp_key_type.vet_description("worker-0"),
			-EPERM);
	KUNIT_EXPECT_EQ(test, iscsit_srp_key_type.vet_description(".iscsi_srp"),
			-EPERM);
	revert_creds(old_cred);
	put_cred(cred);
}

struct hello_case {
	const char *name;
	int error;
	size_t len;
	struct iscsi_srp_hello hello;
};

#define HELLO_LEN	sizeof(struct iscsi_srp_hello)

static const struct hello_case hello_cases[] = {
	{ "nothing", -EINVAL, 0, { ISCSI_SRP_VERSION } },
	{ "one byte", -EINVAL, 1, { ISCSI_SRP_VERSION } },
	{ "too short", -EINVAL, HELLO_LEN - 1, { ISCSI_SRP_VERSION } },
	{ "too long", -EINVAL, HELLO_LEN + 1, { ISCSI_SRP_VERSION } },
	{ "reserved", -EINVAL, HELLO_LEN, { ISCSI_SRP_VERSION, 1 } },
	{ "no version", -EPROTO, HELLO_LEN, { 0 } },
	{ "newer version", -EPROTO, HELLO_LEN, { ISCSI_SRP_VERSION + 1 } },
	{ "a string", -EINVAL, HELLO_LEN, { 0x64656d6f, 0x6465646f } },
};

KUNIT_ARRAY_PARAM_DESC(hello, hello_cases, name);

static void wrong_hello_is_refused(struct kunit *test)
{
	const struct hello_case *c = test->param_value;
	struct key_preparsed_payload prep = { .datalen = c->len };
	struct key *key = make_key(test, NULL);
	struct key_ctx *ctx = test->priv;
	u8 data[HELLO_LEN + 1] = {};

	/* Arrange */
	memcpy(data, &c->hello, sizeof(c->hello));
	prep.data = c->len ? data : NULL;

	/* Act, assert */
	KUNIT_EXPECT_EQ(test, iscsit_srp_key_type.instantiate(key, &prep),
			c->error);
	KUNIT_EXPECT_NULL(test, key->payload.data[0]);
	KUNIT_EXPECT_EQ(test, PTR_ERR(iscsit_srp_worker_alloc(&ctx->workers,
							      prep.data,
							      c->len)),
			c->error);
	expect_workers(test, 0, 0, 0);
}

static void no_worker_when_stopping(struct kunit *test)
{
	const struct iscsi_srp_hello hello = { .version = ISCSI_SRP_VERSION };
	struct key_ctx *ctx = test->priv;

	ctx->workers.stopping = true;

	KUNIT_EXPECT_EQ(test, PTR_ERR(iscsit_srp_worker_alloc(&ctx->workers,
							      &hello,
							      sizeof(hello))),
			-ESHUTDOWN);
	expect_workers(test, 0, 0, 0);
}

/* A worker computes two jobs */
static void worker_serves(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct key_ctx *ctx = test->priv;
	struct iscsit_srp_job *first, *second;

	first = submit(test);
	second = submit(test);

	read_job(test, key, first);
	KUNIT_EXPECT_EQ(test, ctx->msg.v_len, first->group->len);
	KUNIT_EXPECT_NULL(test, memchr_inv(ctx->msg.b, 0xaa, ctx->msg.b_len));
	expect_workers(test, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, answer(test, key, first), 0);
	expect_ended(test, first, 0);
	KUNIT_EXPECT_EQ(test, first->result_len, first->group->len);
	expect_workers(test, 1, 1, 0);
	read_job(test, key, second);
	KUNIT_EXPECT_EQ(test, answer(test, key, second), 0);
	expect_ended(test, second, 0);
	KUNIT_EXPECT_EQ(test, answer(test, key, second), -ESTALE);
}

static void read_again_is_the_same_job(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *first, *second;

	first = submit(test);
	second = submit(test);

	read_job(test, key, first);
	read_job(test, key, first);
	read_job(test, key, first);
	expect_workers(test, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, answer(test, key, first), 0);
	read_job(test, key, second);
}

static void short_read_takes_no_job(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct key_ctx *ctx = test->priv;
	static const size_t lens[] = { 0, 1, JOB_SIZE - 1 };
	struct iscsit_srp_job *job = submit(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(&ctx->msg, 0xee, sizeof(ctx->msg));
		KUNIT_EXPECT_EQ(test, read_key(key, &ctx->msg, lens[i]),
				(long)JOB_SIZE);
		KUNIT_EXPECT_NULL(test, memchr_inv(&ctx->msg, 0xee,
						   sizeof(ctx->msg)));
	}
	KUNIT_EXPECT_EQ(test, read_key(key, NULL, 0), (long)JOB_SIZE);
	KUNIT_EXPECT_EQ(test, read_key(key, NULL, JOB_SIZE), (long)JOB_SIZE);

	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 1);
	expect_workers(test, 1, 1, 0);
	read_job(test, key, job);
}

static void ended_job_is_passed_over(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *cancelled, *next;

	cancelled = submit(test);
	next = submit(test);
	read_job(test, key, cancelled);
	iscsit_srp_job_cancel(cancelled);

	read_job(test, key, next);

	expect_workers(test, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, answer(test, key, next), 0);
}

/* The answer is refused, but the worker stays in service */
static void late_answer_is_stale(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *late, *next;

	late = submit(test);
	read_job(test, key, late);
	mod_timer(&late->timer, jiffies);
	wait_for_completion_timeout(&late->done, HZ);
	expect_ended(test, late, -ETIMEDOUT);

	KUNIT_EXPECT_EQ(test, answer(test, key, late), -ESTALE);

	expect_workers(test, 1, 1, 0);
	next = submit(test);
	read_job(test, key, next);
	KUNIT_EXPECT_EQ(test, answer(test, key, next), 0);
	expect_ended(test, next, 0);
}

static void answer_without_job_is_refused(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *job = submit(test);

	KUNIT_EXPECT_EQ(test, answer(test, key, job), -ESTALE);
	KUNIT_EXPECT_EQ(test, update_key(key, NULL, 0), -ESTALE);

	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	expect_workers(test, 1, 1, 0);
}

/* The keyrings call update for negative keys, too */
static void negative_key_has_no_worker(struct kunit *test)
{
	const struct iscsi_srp_hello hello = { .version = ISCSI_SRP_VERSION };
	struct key *key = make_key(test, NULL);
	struct iscsit_srp_job *job = submit(test);
	struct key_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, update_key(key, &hello, sizeof(hello)), -EINVAL);
	KUNIT_EXPECT_EQ(test, answer(test, key, job), -EINVAL);
	KUNIT_EXPECT_EQ(test, read_key(key, &ctx->msg, sizeof(ctx->msg)),
			-EKEYREVOKED);
	KUNIT_EXPECT_NULL(test, key->payload.data[0]);
	expect_workers(test, 0, 0, 0);
	/* As when the type is unregistered */
	iscsit_srp_key_type.destroy(key);
}

struct malformed_case {
	const char *name;
	int error;
	u32 version;
	size_t len;
};

static const struct malformed_case malformed_cases[] = {
	{ "other version", -EPROTO, ISCSI_SRP_VERSION + 1,
	  sizeof(struct iscsi_srp_result) + 96 },
	{ "value cut off", -EINVAL, ISCSI_SRP_VERSION,
	  sizeof(struct iscsi_srp_result) + 95 },
	{ "half a header", -EINVAL, ISCSI_SRP_VERSION, 8 },
	{ "nothing", -EINVAL, ISCSI_SRP_VERSION, 0 },
};

KUNIT_ARRAY_PARAM_DESC(malformed, malformed_cases, name);

/* Its job goes to another worker, and it gets no more jobs */
static void malformed_answer_ends_worker(struct kunit *test)
{
	const struct malformed_case *c = test->param_value;
	struct key *broken = new_worker(test), *other;
	struct iscsit_srp_job *job = submit(test);
	struct iscsi_srp_result *result;
	struct key_ctx *ctx = test->priv;

	/* Arrange */
	read_job(test, broken, job);
	result = new_result(test, job);
	result->version = c->version;
	KUNIT_EXPECT_EQ(test, starts(test), 0);

	/* Act */
	KUNIT_EXPECT_EQ(test, update_key(broken, c->len ? result : NULL, c->len),
			c->error);

	/* Assert */
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	expect_workers(test, 1, 0, 0);
	KUNIT_EXPECT_EQ(test, read_key(broken, &ctx->msg, sizeof(ctx->msg)),
			-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, answer(test, broken, job), -ESTALE);
	other = new_worker(test);
	read_job(test, other, job);
	KUNIT_EXPECT_EQ(test, answer(test, other, job), 0);
	expect_ended(test, job, 0);
	iscsit_srp_key_type.destroy(broken);
	expect_workers(test, 1, 1, 0);
}

static void two_malformed_answers_end_job(struct kunit *test)
{
	struct iscsit_srp_job *job, *next;
	struct key *key;
	int i;

	job = submit(test);
	next = submit(test);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
		key = new_worker(test);
		read_job(test, key, job);
		KUNIT_EXPECT_EQ(test, answer_wrongly(test, key, job), -EINVAL);
	}

	expect_ended(test, job, -EIO);
	KUNIT_EXPECT_FALSE(test, completion_done(&next->done));
	key = new_worker(test);
	read_job(test, key, next);
}

/* One start at a time, and no more workers than jobs or the limit */
static void burst_starts_one_by_one(struct kunit *test)
{
	struct key *key[3];
	int i;

	/* Act, assert: the first start */
	for (i = 0; i < 5; i++)
		submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	/* One worker is not enough */
	key[0] = new_worker(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	end_start(test, 0);
	KUNIT_EXPECT_EQ(test, starts(test), 2);
	submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 2);
	/* Two are the limit */
	key[1] = new_worker(test);
	end_start(test, 0);
	submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 2);
	expect_workers(test, 2, 2, 0);

	/* The limit can be raised at any time */
	((struct key_ctx *)test->priv)->workers.max = 3;
	submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 3);
	key[2] = new_worker(test);
	end_start(test, 0);
	KUNIT_EXPECT_EQ(test, starts(test), 3);
	for (i = 0; i < ARRAY_SIZE(key); i++)
		iscsit_srp_key_type.destroy(key[i]);
}

static void idle_worker_is_enough(struct kunit *test)
{
	struct key *key = idle_worker(test);
	struct iscsit_srp_job *job;

	job = submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 0);
	submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	read_job(test, key, job);
}

static void busy_worker_is_not_enough(struct kunit *test)
{
	struct key *key = new_worker(test);

	read_job(test, key, submit(test));
	KUNIT_EXPECT_EQ(test, starts(test), 0);

	submit(test);

	KUNIT_EXPECT_EQ(test, starts(test), 1);
}

/* At once, not at their deadline */
static void failed_start_fails_jobs(struct kunit *test)
{
	struct iscsit_srp_job *job[2], *next;

	job[0] = submit(test);
	job[1] = submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);

	end_start(test, -ENOKEY);

	expect_ended(test, job[0], -EIO);
	expect_ended(test, job[1], -EIO);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	/* The next job tries again: the back-off is the negative key */
	next = submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 2);
	KUNIT_EXPECT_FALSE(test, completion_done(&next->done));
}

static void failed_start_leaves_jobs_to_others(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *running, *queued;

	running = submit(test);
	read_job(test, key, running);
	queued = submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);

	end_start(test, -ENOKEY);

	KUNIT_EXPECT_FALSE(test, completion_done(&queued->done));
	KUNIT_EXPECT_EQ(test, answer(test, key, running), 0);
	read_job(test, key, queued);
}

/* A helper that hangs while it starts only prevents other starts */
static void hung_start_is_the_only_one(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *job, *other;

	read_job(test, key, submit(test));
	job = submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	other = submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 1);

	/* The only worker dies: jobs wait for the start */
	iscsit_srp_key_type.destroy(key);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));

	/* It ends at last */
	end_start(test, -ENOKEY);
	expect_ended(test, job, -EIO);
	expect_ended(test, other, -EIO);
	submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 2);
}

/* SIGKILL with a job */
static void job_of_dead_worker_goes_on(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *job = submit(test);

	read_job(test, key, job);
	KUNIT_EXPECT_EQ(test, starts(test), 0);

	iscsit_srp_key_type.destroy(key);

	expect_workers(test, 0, 0, 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	key = new_worker(test);
	end_start(test, 0);
	read_job(test, key, job);
	KUNIT_EXPECT_EQ(test, answer(test, key, job), 0);
	expect_ended(test, job, 0);
}

/* Until its key is destroyed, a dead worker looks live */
static void job_left_to_dead_worker_goes_on(struct kunit *test)
{
	struct key *key = idle_worker(test);
	struct iscsit_srp_job *job = submit(test);

	KUNIT_EXPECT_EQ(test, starts(test), 0);

	iscsit_srp_key_type.destroy(key);

	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, starts(test), 1);
}

/* Or a helper that dies at once would be started endlessly */
static void worker_that_never_read_is_a_failed_start(struct kunit *test)
{
	struct iscsit_srp_job *job = submit(test);
	struct key *key = new_worker(test);

	KUNIT_EXPECT_EQ(test, starts(test), 1);
	end_start(test, 0);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	KUNIT_EXPECT_EQ(test, read_key(key, NULL, 0), (long)JOB_SIZE);

	iscsit_srp_key_type.destroy(key);

	expect_ended(test, job, -EIO);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
}

static void revoked_key_is_a_dead_worker(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *job = submit(test);
	struct key_ctx *ctx = test->priv;

	read_job(test, key, job);

	revoke_key(key);

	expect_workers(test, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	KUNIT_EXPECT_EQ(test, read_key(key, &ctx->msg, sizeof(ctx->msg)),
			-EKEYREVOKED);
	KUNIT_EXPECT_EQ(test, answer(test, key, job), -EINVAL);
	/* Destroyed later, after it was revoked */
	iscsit_srp_key_type.destroy(key);
	expect_workers(test, 0, 0, 0);
}

/* SIGSTOP with a job; the slice is two seconds */
static void stopped_worker_loses_its_job(struct kunit *test)
{
	struct key *stopped = new_worker(test), *other;
	struct iscsit_srp_job *job = submit(test), *next;

	/* Arrange */
	read_job(test, stopped, job);
	msleep(1700);
	expect_workers(test, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, starts(test), 0);

	/* Act */
	msleep(600);

	/* Assert: the answer is refused, another worker gets the job */
	expect_workers(test, 1, 0, 0);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, answer(test, stopped, job), -ESTALE);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	other = new_worker(test);
	end_start(test, 0);
	read_job(test, other, job);
	KUNIT_EXPECT_EQ(test, answer(test, other, job), 0);
	expect_workers(test, 2, 1, 0);

	/* It is live again when it reads again */
	next = submit(test);
	read_job(test, stopped, next);
	expect_workers(test, 2, 2, 1);
	KUNIT_EXPECT_EQ(test, answer(test, stopped, next), 0);
	expect_ended(test, next, 0);
}

/* SIGSTOP without a job */
static void stopped_idle_worker_does_not_count(struct kunit *test)
{
	struct key_ctx *ctx = test->priv;
	struct key *key = idle_worker(test);
	struct iscsit_srp_job *job = submit(test);
	unsigned int i;

	ctx->workers.max = 1;
	KUNIT_EXPECT_EQ(test, starts(test), 0);
	msleep(700);
	expect_workers(test, 1, 0, 0);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));

	/* Lost workers are replaced up to four workers per live one */
	for (i = 2; i <= 4; i++) {
		new_worker(test);
		end_start(test, 0);
		expect_workers(test, i, 1, 0);
		KUNIT_EXPECT_EQ(test, starts(test), i - 1);
		msleep(700);
		KUNIT_EXPECT_EQ(test, starts(test), i == 4 ? 3 : i);
	}
	expect_workers(test, 4, 0, 0);

	read_job(test, key, job);
	expect_workers(test, 4, 1, 1);
	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 0);
}

struct reader {
	struct key *key;
	struct iscsi_srp_job msg;
};

static long wait_in_read(void *arg)
{
	struct reader *reader = arg;

	return read_key(reader->key, &reader->msg, JOB_SIZE);
}

static struct waiter *start_reader(struct kunit *test, struct key *key)
{
	struct reader *reader = kunit_kzalloc(test, sizeof(*reader), GFP_KERNEL);
	struct key_ctx *ctx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, reader);
	reader->key = key;

	return start_waiter(test, &ctx->queue, wait_in_read, reader);
}

static const struct wakeup_case read_cases[] = {
	{ "job", BY_JOB, JOB_SIZE },
	{ "stop", BY_STOP, -ESHUTDOWN },
	{ "signal", BY_SIGNAL, -ERESTARTSYS },
	{ "five seconds", BY_TIMEOUT, -ETIMEDOUT },
};

KUNIT_ARRAY_PARAM_DESC(read, read_cases, name);

/* A worker is live while it waits, and can return however the wait ends */
static void waiting_read_ends(struct kunit *test)
{
	const struct wakeup_case *c = test->param_value;
	struct key *key = new_worker(test);
	unsigned long since = jiffies;
	struct key_ctx *ctx = test->priv;
	struct iscsit_srp_job *job = NULL;
	struct waiter *waiter;

	/* Arrange */
	waiter = start_reader(test, key);
	msleep(700);
	expect_workers(test, 1, 1, 0);

	/* Act */
	switch (c->by) {
	case BY_JOB:
		job = submit(test);
		break;
	case BY_STOP:
		iscsit_srp_queue_stop(&ctx->queue);
		break;
	case BY_SIGNAL:
		send_sig(SIGTERM, waiter->task, 1);
		break;
	default:
		break;
	}
	wait_for_completion_timeout(&waiter->done, 8 * HZ);

	/* Assert */
	KUNIT_ASSERT_TRUE(test, completion_done(&waiter->done));
	KUNIT_EXPECT_EQ(test, waiter->ret, c->ret);
	expect_workers(test, 1, c->by != BY_TIMEOUT, c->by == BY_JOB);
	KUNIT_EXPECT_EQ(test, starts(test), 0);
	if (c->by == BY_TIMEOUT) {
		KUNIT_EXPECT_TRUE(test, time_after(jiffies, since + 4 * HZ));
		KUNIT_EXPECT_TRUE(test, time_before(jiffies, since + 7 * HZ));
	}
	if (c->by == BY_STOP)
		return;
	if (c->by != BY_JOB) {
		/* Lost, then live again */
		msleep(700);
		expect_workers(test, 1, 0, 0);
		job = submit(test);
		read_job(test, key, job);
	}
	KUNIT_EXPECT_EQ(test, answer(test, key, job), 0);
}

/* Two threads of a worker must not both get a job */
static void one_read_at_a_time(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct key_ctx *ctx = test->priv;
	struct waiter *waiter;
	struct reader *reader;
	struct iscsit_srp_job *job;

	waiter = start_reader(test, key);

	KUNIT_EXPECT_EQ(test, read_key(key, &ctx->msg, sizeof(ctx->msg)), -EBUSY);

	job = submit(test);
	wait_for_completion_timeout(&waiter->done, HZ);
	KUNIT_EXPECT_EQ(test, waiter->ret, (long)JOB_SIZE);
	reader = waiter->arg;
	KUNIT_EXPECT_EQ(test, reader->msg.id, job->msg.id);
	expect_workers(test, 1, 1, 1);
}

static void no_read_when_stopping(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct key_ctx *ctx = test->priv;

	ctx->workers.stopping = true;

	KUNIT_EXPECT_EQ(test, read_key(key, &ctx->msg, sizeof(ctx->msg)),
			-ESHUTDOWN);
	submit(test);
	submit(test);
	KUNIT_EXPECT_EQ(test, starts(test), 0);
}

/* A worker that came back, and left again, while its timer fired is not lost */
static void fired_timer_is_late(struct kunit *test)
{
	struct key *key = idle_worker(test);
	struct iscsit_srp_worker *worker;
	struct iscsit_srp_job *job;

	worker = rcu_dereference_protected(key->payload.rcu_data0, true);
	iscsit_srp_worker_expire(worker);
	expect_workers(test, 1, 1, 0);
	job = submit(test);
	read_job(test, key, job);
	iscsit_srp_worker_expire(worker);
	expect_workers(test, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, answer(test, key, job), 0);
	expect_ended(test, job, 0);
}

/* Idle workers leave, but not the last one, and powers stay */
static void all_but_one_leave(struct kunit *test)
{
	struct key *key[2] = { new_worker(test), new_worker(test) };
	unsigned int flushes = READ_ONCE(iscsit_srp_pool.flushes);
	struct key_ctx *ctx = test->priv;
	struct waiter *waiter[2];
	unsigned int i, left;

	atomic_set(&ctx->workers.users, 1);
	for (i = 0; i < 2; i++)
		waiter[i] = start_reader(test, key[i]);
	for (i = 0; i < 2; i++)
		wait_for_completion_timeout(&waiter[i]->done, 8 * HZ);
	left = waiter[0]->ret == -ETIMEDOUT ? 0 : 1;
	KUNIT_EXPECT_EQ(test, waiter[left]->ret, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, waiter[!left]->ret, -EAGAIN);
	expect_workers(test, 2, 1, 0);

	/* A surplus worker takes no powers with it; one that dies does */
	revoke_key(key[left]);
	expect_workers(test, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(iscsit_srp_pool.flushes), flushes);
	revoke_key(key[!left]);
	expect_workers(test, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(iscsit_srp_pool.flushes), flushes + 1);
	KUNIT_EXPECT_EQ(test, starts(test), 0);
}

/* One worker is started where logins will follow */
static void first_worker(struct kunit *test)
{
	struct key_ctx *ctx = test->priv;

	iscsit_srp_workers_want(&ctx->workers);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	iscsit_srp_workers_want(&ctx->workers);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
	new_worker(test);
	end_start(test, 0);
	iscsit_srp_workers_want(&ctx->workers);
	KUNIT_EXPECT_EQ(test, starts(test), 1);
}

static void describe(struct kunit *test, struct key *key, const char *expected)
{
	char text[80] = {};
	struct seq_file m = { .buf = text, .size = sizeof(text) - 1 };

	rcu_read_lock();
	iscsit_srp_key_type.describe(key, &m);
	rcu_read_unlock();
	KUNIT_EXPECT_STREQ(test, text, expected);
}

static void description_says_state(struct kunit *test)
{
	struct key *key = new_worker(test);
	struct iscsit_srp_job *job = submit(test);

	describe(test, key, "worker-0: idle, 0 answered");
	read_job(test, key, job);
	describe(test, key, "worker-0: busy, 0 answered");
	KUNIT_EXPECT_EQ(test, answer(test, key, job), 0);
	describe(test, key, "worker-0: idle, 1 answered");
	msleep(700);
	describe(test, key, "worker-0: lost, 1 answered");
	job = submit(test);
	read_job(test, key, job);
	KUNIT_EXPECT_EQ(test, answer_wrongly(test, key, job), -EINVAL);
	describe(test, key, "worker-0: broken, 1 answered");
	revoke_key(key);
	describe(test, key, "worker-0");
	describe(test, make_key(test, NULL), "worker-0");
}

static struct kunit_case key_cases[] = {
	KUNIT_CASE(others_get_no_key),
	KUNIT_CASE_PARAM(wrong_hello_is_refused, hello_gen_params),
	KUNIT_CASE(no_worker_when_stopping),
	KUNIT_CASE(worker_serves),
	KUNIT_CASE(read_again_is_the_same_job),
	KUNIT_CASE(short_read_takes_no_job),
	KUNIT_CASE(ended_job_is_passed_over),
	KUNIT_CASE(late_answer_is_stale),
	KUNIT_CASE(answer_without_job_is_refused),
	KUNIT_CASE(negative_key_has_no_worker),
	KUNIT_CASE_PARAM(malformed_answer_ends_worker, malformed_gen_params),
	KUNIT_CASE(two_malformed_answers_end_job),
	KUNIT_CASE(burst_starts_one_by_one),
	KUNIT_CASE(idle_worker_is_enough),
	KUNIT_CASE(busy_worker_is_not_enough),
	KUNIT_CASE(failed_start_fails_jobs),
	KUNIT_CASE(failed_start_leaves_jobs_to_others),
	KUNIT_CASE(hung_start_is_the_only_one),
	KUNIT_CASE(job_of_dead_worker_goes_on),
	KUNIT_CASE(job_left_to_dead_worker_goes_on),
	KUNIT_CASE(worker_that_never_read_is_a_failed_start),
	KUNIT_CASE(revoked_key_is_a_dead_worker),
	KUNIT_CASE_SLOW(stopped_worker_loses_its_job),
	KUNIT_CASE_SLOW(stopped_idle_worker_does_not_count),
	KUNIT_CASE_PARAM_ATTR(waiting_read_ends, read_gen_params,
			      ((struct kunit_attributes){ .speed = KUNIT_SPEED_SLOW })),
	KUNIT_CASE(fired_timer_is_late),
	KUNIT_CASE_SLOW(all_but_one_leave),
	KUNIT_CASE(first_worker),
	KUNIT_CASE(one_read_at_a_time),
	KUNIT_CASE(no_read_when_stopping),
	KUNIT_CASE(description_says_state),
	{}
};

static struct kunit_suite key_suite = {
	.name = "iscsi_target_srp_key",
	.init = key_test_init,
	.exit = key_test_exit,
	.test_cases = key_cases,
};

kunit_test_suite(key_suite);
