// SPDX-License-Identifier: GPL-2.0
/*
 * The job queue: limits, order, how jobs end, malformed answers, and races
 * between the ends of a job.
 */

#include "helpers.h"

#define QUEUE_LIMIT	4

struct queue_ctx {
	struct iscsit_srp_queue queue;
	atomic_t calls;			/* how often it asked for a worker */
};

static void count_call(void *calls)
{
	atomic_inc(calls);
}

static int queue_init(struct kunit *test)
{
	struct queue_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	iscsit_srp_queue_init(&ctx->queue, QUEUE_LIMIT);
	ctx->queue.need_worker = count_call;
	ctx->queue.need_worker_arg = &ctx->calls;
	test->priv = ctx;

	return 0;
}

static void queue_exit(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;

	if (ctx)
		iscsit_srp_queue_stop(&ctx->queue);
}

static struct iscsit_srp_job *submit(struct kunit *test, long timeout)
{
	struct queue_ctx *ctx = test->priv;

	return submit_to(test, &ctx->queue, timeout);
}

/* Take the next job, as a worker: it must be @job */
static void pop(struct kunit *test, struct iscsit_srp_job *job)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *got;

	got = iscsit_srp_queue_pop(&ctx->queue, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(got));
	put_job_later(test, got);
	KUNIT_ASSERT_PTR_EQ(test, got, job);
}

static int complete_job(struct kunit *test, struct iscsit_srp_job *job)
{
	struct iscsi_srp_result *result = new_result(test, job);

	return iscsit_srp_job_complete(job, result, sizeof(*result) + result->len);
}

/* The job has ended with @error, and its secrets are wiped */
static void expect_ended(struct kunit *test, struct iscsit_srp_job *job,
			 int error)
{
	KUNIT_ASSERT_TRUE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, job->state, ISCSIT_SRP_JOB_DONE);
	KUNIT_EXPECT_EQ(test, job->error, error);
	KUNIT_EXPECT_EQ(test, job->result_len, error ? 0 : job->group->len);
	KUNIT_EXPECT_NULL(test, memchr_inv(job->msg.v, 0, sizeof(job->msg.v)));
	KUNIT_EXPECT_NULL(test, memchr_inv(job->msg.b, 0, sizeof(job->msg.b)));
}

static void expect_empty(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	unsigned int prio;

	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 0);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
	for (prio = 0; prio < ISCSIT_SRP_PRIOS; prio++)
		KUNIT_EXPECT_TRUE(test, list_empty(&ctx->queue.turns[prio]));
	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->queue.flows));
	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->queue.running));
}

static void job_is_computed(struct kunit *test)
{
	struct iscsi_srp_job *msg = kunit_kzalloc(test, sizeof(*msg), GFP_KERNEL);
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *job;

	/* Arrange */
	KUNIT_ASSERT_NOT_NULL(test, msg);
	job = submit(test, LONG_TIME);
	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 1);

	/* Act */
	pop(test, job);
	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 0);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 1);
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_read(job, msg), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, complete_job(test, job), 0);

	/* Assert */
	KUNIT_EXPECT_EQ(test, msg->version, ISCSI_SRP_VERSION);
	KUNIT_EXPECT_EQ(test, msg->op, ISCSI_SRP_OP_EPHEMERAL);
	KUNIT_EXPECT_EQ(test, msg->group, ISCSI_SRP_GROUP_SRP_768);
	KUNIT_EXPECT_NULL(test, memchr_inv(msg->v, 0x55, msg->v_len));
	KUNIT_EXPECT_NULL(test, memchr_inv(msg->b, 0xaa, msg->b_len));
	expect_ended(test, job, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(job->result, 0x11, job->result_len));
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_read(job, msg), -ESTALE);
	KUNIT_EXPECT_EQ(test, complete_job(test, job), -ESTALE);
	expect_empty(test);
}

static void oldest_job_first(struct kunit *test)
{
	struct iscsit_srp_job *job[3];
	int i;

	for (i = 0; i < ARRAY_SIZE(job); i++)
		job[i] = submit(test, LONG_TIME);

	for (i = 0; i < ARRAY_SIZE(job); i++)
		pop(test, job[i]);

	KUNIT_EXPECT_LT(test, 0, job[0]->msg.id);
	KUNIT_EXPECT_LT(test, job[0]->msg.id, job[1]->msg.id);
	KUNIT_EXPECT_LT(test, job[1]->msg.id, job[2]->msg.id);
}

/* Both queued and running jobs count */
static void full_queue_refuses(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *job[QUEUE_LIMIT], *more;
	unsigned long deadline = jiffies + LONG_TIME;
	int i;

	/* Arrange */
	for (i = 0; i < QUEUE_LIMIT; i++)
		job[i] = submit(test, LONG_TIME);
	pop(test, job[0]);
	more = new_job(test, ISCSI_SRP_OP_SESSION);

	/* Act, assert */
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_submit(&ctx->queue, more, deadline),
			-ENOBUFS);
	KUNIT_EXPECT_EQ(test, kref_read(&more->ref), 1);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_job_cancel(more));
	KUNIT_EXPECT_EQ(test, complete_job(test, job[0]), 0);
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_submit(&ctx->queue, more, deadline),
			0);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, QUEUE_LIMIT);
}

/* Portal groups; only their addresses matter */
static const char tpgs[4];

#define TPG_A	(&tpgs[0])
#define TPG_B	(&tpgs[1])
#define TPG_C	(&tpgs[2])
#define TPG_D	(&tpgs[3])

static struct iscsit_srp_job *submit_for(struct kunit *test,
					 const void *portal_group)
{
	struct iscsit_srp_job *job = new_job(test, ISCSI_SRP_OP_EPHEMERAL);
	struct queue_ctx *ctx = test->priv;

	job->portal_group = portal_group;
	KUNIT_ASSERT_EQ(test, iscsit_srp_job_submit(&ctx->queue, job,
						    jiffies + LONG_TIME), 0);

	return job;
}

static void expect_refused(struct kunit *test, const void *portal_group)
{
	struct iscsit_srp_job *job = new_job(test, ISCSI_SRP_OP_EPHEMERAL);
	struct queue_ctx *ctx = test->priv;

	job->portal_group = portal_group;
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_submit(&ctx->queue, job,
						    jiffies + LONG_TIME),
			-ENOBUFS);
	KUNIT_EXPECT_EQ(test, kref_read(&job->ref), 1);
}

static void portal_groups_take_turns(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *a[3], *b[2], *c;
	int i;

	ctx->queue.limit = 100;
	for (i = 0; i < 3; i++)
		a[i] = submit_for(test, TPG_A);
	for (i = 0; i < 2; i++)
		b[i] = submit_for(test, TPG_B);
	c = submit_for(test, TPG_C);

	pop(test, a[0]);
	pop(test, b[0]);
	pop(test, c);
	c = submit_for(test, TPG_C);
	pop(test, a[1]);
	pop(test, b[1]);
	pop(test, c);
	pop(test, a[2]);
}

/* Whenever a job comes, at most one of the other portal group's is served first */
static void storm_delays_no_other(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *storm[50], *other;
	int i, next = 0;

	ctx->queue.limit = 100;
	for (i = 0; i < ARRAY_SIZE(storm); i++)
		storm[i] = submit_for(test, TPG_A);

	for (i = 0; i < 20; i++) {
		other = submit_for(test, TPG_B);
		pop(test, storm[next++]);
		pop(test, other);
	}
}

/* Turns do not change that a job that a login waits for is served first */
static void turns_are_within_a_priority(struct kunit *test)
{
	struct iscsit_srp_job *a[3], *b;
	int i;

	for (i = 0; i < 3; i++)
		a[i] = submit_for(test, TPG_A);
	b = submit_for(test, TPG_B);
	iscsit_srp_job_expedite(a[2]);
	iscsit_srp_job_expedite(a[1]);
	iscsit_srp_job_expedite(b);

	pop(test, a[2]);
	pop(test, b);
	pop(test, a[1]);
	pop(test, a[0]);
}

static void lost_job_is_first_of_all(struct kunit *test)
{
	struct iscsit_srp_job *a[2], *b;

	a[0] = submit_for(test, TPG_A);
	a[1] = submit_for(test, TPG_A);
	b = submit_for(test, TPG_B);
	pop(test, a[0]);

	iscsit_srp_job_requeue(a[0]);

	pop(test, a[0]);
	pop(test, b);
	pop(test, a[1]);
}

/* ...until the others would have more than it */
static void full_queue_drops_the_greediest(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *a[QUEUE_LIMIT], *b[2], *c;
	int i;

	/* Arrange */
	for (i = 0; i < QUEUE_LIMIT; i++)
		a[i] = submit_for(test, TPG_A);

	/* Act, assert */
	expect_refused(test, TPG_A);
	b[0] = submit_for(test, TPG_B);
	expect_ended(test, a[3], -ENOBUFS);
	b[1] = submit_for(test, TPG_B);
	expect_ended(test, a[2], -ENOBUFS);
	expect_refused(test, TPG_B);
	expect_refused(test, TPG_A);
	c = submit_for(test, TPG_C);
	expect_ended(test, a[1], -ENOBUFS);
	expect_refused(test, TPG_C);
	submit_for(test, TPG_D);
	expect_ended(test, b[1], -ENOBUFS);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, QUEUE_LIMIT);
	KUNIT_EXPECT_EQ(test, ctx->queue.queued, QUEUE_LIMIT);
	pop(test, a[0]);
	pop(test, b[0]);
	pop(test, c);
}

static void full_queue_drops_what_can_wait(struct kunit *test)
{
	struct iscsit_srp_job *a[QUEUE_LIMIT];
	int i;

	for (i = 0; i < QUEUE_LIMIT; i++)
		a[i] = submit_for(test, TPG_A);
	iscsit_srp_job_expedite(a[2]);
	iscsit_srp_job_expedite(a[3]);

	submit_for(test, TPG_B);
	expect_ended(test, a[1], -ENOBUFS);
	submit_for(test, TPG_C);
	expect_ended(test, a[0], -ENOBUFS);
}

/* A worker has it: nothing would be saved */
static void full_queue_drops_no_running_job(struct kunit *test)
{
	struct iscsit_srp_job *a[QUEUE_LIMIT];
	int i;

	for (i = 0; i < QUEUE_LIMIT; i++) {
		a[i] = submit_for(test, TPG_A);
		pop(test, a[i]);
	}

	expect_refused(test, TPG_B);
	iscsit_srp_job_requeue(a[1]);
	submit_for(test, TPG_B);
	expect_ended(test, a[1], -ENOBUFS);
}

/* However jobs move and end: A has two of five, no less and no more */
static void jobs_of_portal_groups_are_counted(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *a[6], *idle;
	int i;

	/* Arrange */
	ctx->queue.limit = 100;
	idle = new_job(test, ISCSI_SRP_OP_EPHEMERAL);
	idle->priority = ISCSIT_SRP_PRIO_IDLE;
	idle->portal_group = TPG_A;
	KUNIT_ASSERT_EQ(test, iscsit_srp_job_submit(&ctx->queue, idle,
						    jiffies + LONG_TIME), 0);
	for (i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = submit_for(test, TPG_A);
	pop(test, a[0]);
	iscsit_srp_job_requeue(a[0]);
	pop(test, a[0]);
	iscsit_srp_job_expedite(a[0]);
	KUNIT_EXPECT_EQ(test, complete_job(test, a[0]), 0);
	iscsit_srp_job_expedite(a[1]);
	KUNIT_EXPECT_TRUE(test, iscsit_srp_job_cancel(a[1]));
	KUNIT_EXPECT_TRUE(test, iscsit_srp_job_cancel(a[2]));
	pop(test, a[3]);
	mod_timer(&a[3]->timer, jiffies + 1);
	wait_for_completion_timeout(&a[3]->done, HZ);
	expect_ended(test, a[3], -ETIMEDOUT);
	iscsit_srp_job_expedite(a[4]);
	submit_for(test, TPG_B);
	submit_for(test, TPG_B);
	submit_for(test, TPG_C);
	ctx->queue.limit = 5;

	/* Act, assert */
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 5);
	expect_refused(test, TPG_C);
	submit_for(test, TPG_D);
	expect_ended(test, a[5], -ENOBUFS);
	iscsit_srp_queue_stop(&ctx->queue);
	expect_empty(test);
}

/* Once for each job that is queued */
static void worker_is_asked_for(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *job, *refused;

	job = submit(test, LONG_TIME);
	KUNIT_EXPECT_EQ(test, atomic_read(&ctx->calls), 1);
	ctx->queue.limit = 1;
	refused = new_job(test, ISCSI_SRP_OP_SESSION);
	iscsit_srp_job_submit(&ctx->queue, refused, jiffies + LONG_TIME);
	KUNIT_EXPECT_EQ(test, atomic_read(&ctx->calls), 1);
	pop(test, job);
	iscsit_srp_job_requeue(job);
	KUNIT_EXPECT_EQ(test, atomic_read(&ctx->calls), 2);
	pop(test, job);
	iscsit_srp_job_requeue(job);
	KUNIT_EXPECT_EQ(test, atomic_read(&ctx->calls), 2);
}

static void stop_ends_all_jobs(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *running, *queued, *late;

	/* Arrange */
	running = submit(test, LONG_TIME);
	queued = submit(test, LONG_TIME);
	late = new_job(test, ISCSI_SRP_OP_SESSION);
	pop(test, running);

	/* Act */
	iscsit_srp_queue_stop(&ctx->queue);

	/* Assert */
	expect_ended(test, running, -ESHUTDOWN);
	expect_ended(test, queued, -ESHUTDOWN);
	expect_empty(test);
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_submit(&ctx->queue, late,
						    jiffies + LONG_TIME),
			-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, kref_read(&late->ref), 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(iscsit_srp_queue_pop(&ctx->queue, LONG_TIME)),
			-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, complete_job(test, running), -ESTALE);
	iscsit_srp_job_requeue(running);
	expect_empty(test);
}

static void fail_ends_queued_jobs(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *running, *queued, *later;

	running = submit(test, LONG_TIME);
	queued = submit(test, LONG_TIME);
	pop(test, running);

	iscsit_srp_queue_fail(&ctx->queue, -EIO);

	expect_ended(test, queued, -EIO);
	KUNIT_EXPECT_EQ(test, complete_job(test, running), 0);
	expect_ended(test, running, 0);
	later = submit(test, LONG_TIME);
	pop(test, later);
}

/* The state of a job, and whether it was requeued */
enum place { NEW, QUEUED, RUNNING, REQUEUED, RUNNING_AGAIN, DONE };

static struct iscsit_srp_job *job_in(struct kunit *test, enum place place,
				     long timeout)
{
	struct iscsit_srp_job *job;

	if (place == NEW)
		return new_job(test, ISCSI_SRP_OP_EPHEMERAL);
	job = submit(test, timeout);
	if (place == QUEUED)
		return job;
	pop(test, job);
	if (place == RUNNING)
		return job;
	if (place == DONE) {
		KUNIT_EXPECT_EQ(test, complete_job(test, job), 0);
		return job;
	}
	iscsit_srp_job_requeue(job);
	if (place == RUNNING_AGAIN)
		pop(test, job);

	return job;
}

struct place_case {
	const char *name;
	enum place place;
	bool open;		/* the job can still be ended */
};

static const struct place_case place_cases[] = {
	{ "new", NEW, false },
	{ "queued", QUEUED, true },
	{ "running", RUNNING, true },
	{ "requeued", REQUEUED, true },
	{ "running again", RUNNING_AGAIN, true },
	{ "done", DONE, false },
};

KUNIT_ARRAY_PARAM_DESC(place, place_cases, name);

static void deadline_ends_job(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *job;

	if (!c->open) {
		/* The timer must not run */
		job = job_in(test, c->place, 1);
		msleep(50);
		KUNIT_EXPECT_EQ(test, job->error, 0);
		KUNIT_EXPECT_FALSE(test, timer_pending(&job->timer));
		return;
	}

	/* Arrange: bring the job to its state before the deadline */
	job = job_in(test, c->place, LONG_TIME);

	/* Act */
	mod_timer(&job->timer, jiffies + 1);
	wait_for_completion_timeout(&job->done, HZ);

	/* Assert */
	expect_ended(test, job, -ETIMEDOUT);
	expect_empty(test);
	KUNIT_EXPECT_EQ(test, complete_job(test, job), -ESTALE);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_job_cancel(job));
	KUNIT_EXPECT_EQ(test, PTR_ERR(iscsit_srp_queue_pop(&ctx->queue, 0)),
			-ETIMEDOUT);
}

static void cancel_says_who_won(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct iscsit_srp_job *job = job_in(test, c->place, LONG_TIME);
	struct queue_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, iscsit_srp_job_cancel(job), c->open);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_job_cancel(job));

	if (c->place != NEW)
		expect_ended(test, job, c->open ? -ECANCELED : 0);
	expect_empty(test);
	if (c->open)
		KUNIT_EXPECT_EQ(test, complete_job(test, job), -ESTALE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(iscsit_srp_queue_pop(&ctx->queue, 0)),
			-ETIMEDOUT);
}

static void lost_job_is_tried_once_more(struct kunit *test)
{
	struct iscsit_srp_job *job, *other;

	/* Arrange */
	job = submit(test, LONG_TIME);
	other = submit(test, LONG_TIME);
	pop(test, job);

	/* Act: lost, then first again */
	iscsit_srp_job_requeue(job);
	KUNIT_EXPECT_EQ(test, job->state, ISCSIT_SRP_JOB_QUEUED);
	pop(test, job);
	/* Lost again */
	iscsit_srp_job_requeue(job);

	/* Assert */
	expect_ended(test, job, -EIO);
	pop(test, other);
	KUNIT_EXPECT_EQ(test, complete_job(test, other), 0);
	iscsit_srp_job_requeue(other);
	expect_ended(test, other, 0);
	expect_empty(test);
}

static void lost_job_is_computed_by_another(struct kunit *test)
{
	struct iscsit_srp_job *job = job_in(test, RUNNING_AGAIN, LONG_TIME);

	KUNIT_EXPECT_EQ(test, complete_job(test, job), 0);
	expect_ended(test, job, 0);
}

/* How a reply differs from a good one: numbers are added to its fields */
struct reply_case {
	const char *name;
	int error;
	int version;
	int op;
	int id;
	u32 reserved;
	u16 status;
	u32 len;
	int bytes;		/* added to the real length */
};

#define SRP_768_LEN	96

static const struct reply_case malformed_cases[] = {
	{ "older version", -EPROTO, .version = -1 },
	{ "newer version", -EPROTO, .version = 1 },
	{ "other op", -EINVAL, .op = 1 },
	{ "no op", -EINVAL, .op = -1 },
	{ "later id", -EINVAL, .id = 1 },
	{ "earlier id", -EINVAL, .id = -1 },
	{ "reserved", -EINVAL, .reserved = 1 },
	{ "no such status", -EINVAL, .status = 3, .len = -SRP_768_LEN,
	  .bytes = -SRP_768_LEN },
	{ "highest status", -EINVAL, .status = 0xffff, .len = -SRP_768_LEN,
	  .bytes = -SRP_768_LEN },
	{ "value with a failure", -EINVAL, .status = ISCSI_SRP_FAILED },
	{ "value with a bad job", -EINVAL, .status = ISCSI_SRP_BAD_JOB },
	{ "success without value", -EINVAL, .len = -SRP_768_LEN,
	  .bytes = -SRP_768_LEN },
	{ "value too short", -EINVAL, .len = -1, .bytes = -1 },
	{ "value too long", -EINVAL, .len = 1, .bytes = 1 },
	{ "value cut off", -EINVAL, .bytes = -1 },
	{ "bytes after the value", -EINVAL, .bytes = 1 },
	{ "claims too little", -EINVAL, .len = -1 },
	{ "claims too much", -EINVAL, .len = 1 },
	{ "claims the most", -EINVAL, .len = 0xffffffff - SRP_768_LEN },
	{ "claims that wrap", -EINVAL,
	  .len = -(u32)sizeof(struct iscsi_srp_result) - SRP_768_LEN,
	  .bytes = -SRP_768_LEN },
	{ "largest value of all", -EINVAL, .len = ISCSI_SRP_MAX_LEN - SRP_768_LEN,
	  .bytes = ISCSI_SRP_MAX_LEN - SRP_768_LEN },
	{ "half a header", -EINVAL, .len = -SRP_768_LEN,
	  .bytes = -SRP_768_LEN - 1 },
	{ "one byte", -EINVAL,
	  .bytes = 1 - SRP_768_LEN - (int)sizeof(struct iscsi_srp_result) },
	{ "nothing", -EINVAL,
	  .bytes = -SRP_768_LEN - (int)sizeof(struct iscsi_srp_result) },
};

KUNIT_ARRAY_PARAM_DESC(malformed, malformed_cases, name);

static void malformed_reply_is_refused(struct kunit *test)
{
	const struct reply_case *c = test->param_value;
	struct iscsit_srp_job *job = job_in(test, RUNNING, LONG_TIME);
	struct iscsi_srp_result *result = new_result(test, job);
	size_t len = sizeof(*result) + job->group->len + c->bytes;
	int ret;

	/* Arrange */
	result->version += c->version;
	result->op += c->op;
	result->id += c->id;
	result->reserved = c->reserved;
	result->status = c->status;
	result->len += c->len;

	/* Act */
	ret = iscsit_srp_job_complete(job, result, len);

	/* Assert: nothing was copied, and another worker may still answer */
	KUNIT_EXPECT_EQ(test, ret, c->error);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	KUNIT_EXPECT_EQ(test, job->result_len, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(job->result, 0, sizeof(job->result)));
	iscsit_srp_job_requeue(job);
	pop(test, job);
	KUNIT_EXPECT_EQ(test, complete_job(test, job), 0);
	expect_ended(test, job, 0);
}

static void nothing_at_all_is_refused(struct kunit *test)
{
	struct iscsit_srp_job *job = job_in(test, RUNNING, LONG_TIME);

	KUNIT_EXPECT_EQ(test, iscsit_srp_job_complete(job, NULL, 0), -EINVAL);
}

struct value_case {
	const char *name;
	enum iscsi_srp_op op;
	int N;			/* multiple of N, 0 or 1 */
	int add;		/* added to its last byte */
	int error;
};

static const struct value_case value_cases[] = {
	{ "B is 0", ISCSI_SRP_OP_EPHEMERAL, 0, 0, 0 },
	{ "B is 1", ISCSI_SRP_OP_EPHEMERAL, 0, 1, 0 },
	{ "B is N - 1", ISCSI_SRP_OP_EPHEMERAL, 1, -1, 0 },
	{ "B is N", ISCSI_SRP_OP_EPHEMERAL, 1, 0, -EINVAL },
	{ "S is 0", ISCSI_SRP_OP_SESSION, 0, 0, -EINVAL },
	{ "S is 1", ISCSI_SRP_OP_SESSION, 0, 1, 0 },
	{ "S is N - 1", ISCSI_SRP_OP_SESSION, 1, -1, 0 },
	{ "S is N", ISCSI_SRP_OP_SESSION, 1, 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(value, value_cases, name);

static void value_has_to_be_of_the_group(struct kunit *test)
{
	const struct value_case *c = test->param_value;
	struct iscsit_srp_job *job = new_job(test, c->op);
	struct iscsi_srp_result *result;
	struct queue_ctx *ctx = test->priv;
	size_t len = job->group->len;

	/* Arrange */
	KUNIT_ASSERT_EQ(test, iscsit_srp_job_submit(&ctx->queue, job,
						    jiffies + LONG_TIME), 0);
	pop(test, job);
	result = new_result(test, job);
	if (c->N)
		memcpy(result->value, job->group->N, len);
	else
		memset(result->value, 0, len);
	result->value[len - 1] += c->add;

	/* Act, assert */
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_complete(job, result,
						      sizeof(*result) + len),
			c->error);
	if (!c->error)
		KUNIT_EXPECT_MEMEQ(test, job->result, result->value, len);
}

static void worker_may_say_that_it_failed(struct kunit *test)
{
	static const u16 status[] = { ISCSI_SRP_BAD_JOB, ISCSI_SRP_FAILED };
	int i;

	for (i = 0; i < ARRAY_SIZE(status); i++) {
		struct iscsit_srp_job *job = job_in(test, RUNNING, LONG_TIME);
		struct iscsi_srp_result *result = new_result(test, job);

		result->status = status[i];
		result->len = 0;
		KUNIT_EXPECT_EQ(test, iscsit_srp_job_complete(job, result,
							      sizeof(*result)), 0);
		expect_ended(test, job, -EIO);
	}
	expect_empty(test);
}

static const struct wakeup_case wakeup_cases[] = {
	{ "job", BY_JOB, 0 },
	{ "job that was lost", BY_REQUEUE, 0 },
	{ "stop", BY_STOP, -ESHUTDOWN },
	{ "signal", BY_SIGNAL, -ERESTARTSYS },
	{ "timeout", BY_TIMEOUT, -ETIMEDOUT },
};

KUNIT_ARRAY_PARAM_DESC(wakeup, wakeup_cases, name);

struct popper {
	struct iscsit_srp_queue *queue;
	long timeout;
};

static long wait_in_pop(void *arg)
{
	struct popper *popper = arg;

	return (long)iscsit_srp_queue_pop(popper->queue, popper->timeout);
}

static void waiting_worker_wakes_up(struct kunit *test)
{
	const struct wakeup_case *c = test->param_value;
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *job = NULL;
	struct popper popper = {
		.queue = &ctx->queue,
		.timeout = c->by == BY_TIMEOUT ? HZ / 10 : LONG_TIME,
	};
	struct waiter *waiter;

	/* Arrange */
	if (c->by == BY_REQUEUE) {
		job = submit(test, LONG_TIME);
		pop(test, job);
	}
	waiter = start_waiter(test, &ctx->queue, wait_in_pop, &popper);

	/* Act */
	switch (c->by) {
	case BY_JOB:
		job = submit(test, LONG_TIME);
		break;
	case BY_REQUEUE:
		iscsit_srp_job_requeue(job);
		break;
	case BY_STOP:
		iscsit_srp_queue_stop(&ctx->queue);
		break;
	case BY_SIGNAL:
		send_sig(SIGTERM, waiter->task, 1);
		break;
	case BY_TIMEOUT:
		break;
	}

	/* Assert */
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&waiter->done, 5 * HZ),
			0);
	if (c->ret) {
		KUNIT_EXPECT_EQ(test, waiter->ret, c->ret);
	} else {
		KUNIT_ASSERT_EQ(test, waiter->ret, (long)job);
		put_job_later(test, job);
	}
}

static int count_wakeup(struct wait_queue_entry *entry, unsigned int mode,
			int flags, void *key)
{
	int *woken = entry->private;

	(*woken)++;

	return 1;
}

/* The others stay asleep */
static void job_wakes_one_worker(struct kunit *test)
{
	struct queue_ctx *ctx = test->priv;
	struct popper popper = { .queue = &ctx->queue, .timeout = LONG_TIME };
	int woken = 0;
	struct wait_queue_entry other = {
		.private = &woken,
		.func = count_wakeup,
	};
	struct iscsit_srp_job *job;
	struct waiter *waiter;

	waiter = start_waiter(test, &ctx->queue, wait_in_pop, &popper);
	add_wait_queue_exclusive(&ctx->queue.wait, &other);
	job = submit(test, LONG_TIME);
	remove_wait_queue(&ctx->queue.wait, &other);
	KUNIT_EXPECT_EQ(test, woken, 0);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&waiter->done, 5 * HZ),
			0);
	KUNIT_ASSERT_EQ(test, waiter->ret, (long)job);
	put_job_later(test, job);
}

#define RACE_ROUNDS	600

/* A thread that tries to end the jobs */
struct racer {
	struct race *race;
	bool cancels;			/* else it answers */
	struct completion go;		/* there is a job */
	struct completion done;		/* it has tried */
	bool won;
};

/* A worker and a login that end the same job, near its deadline */
struct race {
	struct iscsit_srp_job *job;	/* NULL: the race is over */
	struct iscsi_srp_result *result;
	struct racer racer[2];
};

static int racer_thread(void *data)
{
	struct racer *racer = data;
	struct race *race = racer->race;
	const struct iscsi_srp_result *result = race->result;

	for (;;) {
		wait_for_completion(&racer->go);
		if (!race->job)
			break;
		if (racer->cancels)
			racer->won = iscsit_srp_job_cancel(race->job);
		else
			racer->won = !iscsit_srp_job_complete(race->job, result,
							      sizeof(*result) +
							      result->len);
		complete(&racer->done);
	}
	complete(&racer->done);

	return wait_for_stop();
}

static void run_race(struct race *race, struct iscsit_srp_job *job, int first)
{
	race->job = job;
	complete(&race->racer[first].go);
	complete(&race->racer[!first].go);
	wait_for_completion(&race->racer[0].done);
	wait_for_completion(&race->racer[1].done);
}

static void job_ends_once(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct queue_ctx *ctx = test->priv;
	int completed = 0, cancelled = 0, expired = 0, wrong = 0;
	struct iscsit_srp_job *job, *got;
	unsigned long deadline;
	int i, round, error;

	/* Arrange */
	KUNIT_ASSERT_NOT_NULL(test, race);
	job = new_job(test, ISCSI_SRP_OP_EPHEMERAL);
	race->result = new_result(test, job);
	for (i = 0; i < ARRAY_SIZE(race->racer); i++) {
		race->racer[i].race = race;
		race->racer[i].cancels = i;
		init_completion(&race->racer[i].go);
		init_completion(&race->racer[i].done);
		run_thread(test, racer_thread, &race->racer[i]);
	}

	for (round = 0; round < RACE_ROUNDS; round++) {
		job = iscsit_srp_job_alloc(ISCSI_SRP_OP_EPHEMERAL, job->group);
		if (!job)
			break;
		put_job_later(test, job);
		/* Sometimes the deadline is close or has passed */
		deadline = jiffies + (round % 3 ? LONG_TIME : round % 2);
		if (iscsit_srp_job_submit(&ctx->queue, job, deadline))
			break;
		got = iscsit_srp_queue_pop(&ctx->queue, 0);
		if (!IS_ERR(got))
			put_job_later(test, got);
		race->result->id = job->msg.id;
		if (round % 24 == 0)
			mdelay(3 * MSEC_PER_SEC / HZ);
		else if (round % 3 == 0)
			udelay(round % 997);

		/* Act */
		run_race(race, job, round % 2);

		/* Assert */
		error = race->racer[0].won ? 0 :
			race->racer[1].won ? -ECANCELED : -ETIMEDOUT;
		if (!completion_done(&job->done) || job->error != error ||
		    (race->racer[0].won && race->racer[1].won))
			wrong++;
		completed += race->racer[0].won;
		cancelled += race->racer[1].won;
		expired += error == -ETIMEDOUT;
	}
	KUNIT_EXPECT_EQ(test, round, RACE_ROUNDS);
	run_race(race, NULL, 0);

	kunit_info(test, "%d completed, %d cancelled, %d expired\n", completed,
		   cancelled, expired);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GT(test, completed, 0);
	KUNIT_EXPECT_GT(test, cancelled, 0);
	KUNIT_EXPECT_GT(test, expired, 0);
	expect_empty(test);
}

/* However a job ends, only the caller's reference is left */
static void no_reference_is_left(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct queue_ctx *ctx = test->priv;
	struct iscsit_srp_job *job, *got;

	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_SESSION,
				   iscsit_srp_group_by_id(ISCSI_SRP_GROUP_MODP_8192));
	KUNIT_ASSERT_NOT_NULL(test, job);
	put_job_later(test, job);
	if (c->place == NEW)
		return;
	KUNIT_ASSERT_EQ(test, iscsit_srp_job_submit(&ctx->queue, job,
						    jiffies + LONG_TIME), 0);
	if (c->place != QUEUED) {
		got = iscsit_srp_queue_pop(&ctx->queue, 0);
		KUNIT_ASSERT_PTR_EQ(test, got, job);
		if (c->place != RUNNING)
			iscsit_srp_job_requeue(job);
		if (c->place == DONE)
			iscsit_srp_job_cancel(job);
		iscsit_srp_job_put(got);
	}
	if (c->place == RUNNING_AGAIN) {
		got = iscsit_srp_queue_pop(&ctx->queue, 0);
		KUNIT_ASSERT_PTR_EQ(test, got, job);
		iscsit_srp_job_put(got);
	}
	KUNIT_EXPECT_EQ(test, kref_read(&job->ref), c->open ? 3 : 1);

	iscsit_srp_queue_stop(&ctx->queue);

	KUNIT_EXPECT_EQ(test, kref_read(&job->ref), 1);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(job_is_computed),
	KUNIT_CASE(oldest_job_first),
	KUNIT_CASE(full_queue_refuses),
	KUNIT_CASE(portal_groups_take_turns),
	KUNIT_CASE(storm_delays_no_other),
	KUNIT_CASE(turns_are_within_a_priority),
	KUNIT_CASE(lost_job_is_first_of_all),
	KUNIT_CASE(full_queue_drops_the_greediest),
	KUNIT_CASE(full_queue_drops_what_can_wait),
	KUNIT_CASE(full_queue_drops_no_running_job),
	KUNIT_CASE(jobs_of_portal_groups_are_counted),
	KUNIT_CASE(worker_is_asked_for),
	KUNIT_CASE(stop_ends_all_jobs),
	KUNIT_CASE(fail_ends_queued_jobs),
	KUNIT_CASE_PARAM(deadline_ends_job, place_gen_params),
	KUNIT_CASE_PARAM(cancel_says_who_won, place_gen_params),
	KUNIT_CASE(lost_job_is_tried_once_more),
	KUNIT_CASE(lost_job_is_computed_by_another),
	KUNIT_CASE_PARAM(malformed_reply_is_refused, malformed_gen_params),
	KUNIT_CASE(nothing_at_all_is_refused),
	KUNIT_CASE_PARAM(value_has_to_be_of_the_group, value_gen_params),
	KUNIT_CASE(worker_may_say_that_it_failed),
	KUNIT_CASE_PARAM(waiting_worker_wakes_up, wakeup_gen_params),
	KUNIT_CASE(job_wakes_one_worker),
	KUNIT_CASE(job_ends_once),
	KUNIT_CASE_PARAM(no_reference_is_left, place_gen_params),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "iscsi_target_srp_queue",
	.init = queue_init,
	.exit = queue_exit,
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
