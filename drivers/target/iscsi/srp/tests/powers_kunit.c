// SPDX-License-Identifier: GPL-2.0
/*
 * Powers computed in advance, the addition that turns one into B, and the
 * priorities of the queue.
 */

#include "../powers.h"
#include "helpers.h"
#include "vectors.h"

/* The default of srp_precompute */
#define POWERS	8
#define BATCH	4	/* jobs in the queue at a time */

struct pool_ctx {
	struct iscsit_srp_queue queue;
	struct iscsit_srp_pool pool;
	struct test_worker worker;	/* answers jobs with their own b */
	unsigned int done;		/* jobs answered */
	bool fail;			/* the worker fails */
};

/* A value below any N that shows its b */
static void fake_power(const u8 *b, u8 *power, size_t len)
{
	memset(power, 0, len);
	memcpy(power + 1, b, ISCSIT_SRP_B_LEN);
}

static void fill(void *data, const struct iscsit_srp_job *job,
		 struct iscsi_srp_result *result)
{
	struct pool_ctx *ctx = data;

	if (ctx->fail)
		result->status = ISCSI_SRP_FAILED;
	else
		fake_power(job->msg.b, result->value, job->group->len);
	WRITE_ONCE(ctx->done, ctx->done + 1);
}

static void answer(struct pool_ctx *ctx, struct iscsit_srp_job *job)
{
	answer_job(&ctx->worker, job);
}

static void start_worker(struct kunit *test)
{
	struct pool_ctx *ctx = test->priv;

	start_test_worker(test, &ctx->worker);
}

static const struct iscsit_srp_group *group_of(struct kunit *test,
					       const char *name)
{
	const struct iscsit_srp_group *group;

	group = iscsit_srp_group_by_name(name, strlen(name));
	KUNIT_ASSERT_NOT_NULL(test, group);

	return group;
}

static unsigned int powers(struct pool_ctx *ctx,
			   const struct iscsit_srp_group *group)
{
	unsigned int nr;

	spin_lock_bh(&ctx->pool.lock);
	nr = ctx->pool.nr[group->id];
	spin_unlock_bh(&ctx->pool.lock);

	return nr;
}

/* Whether the pool ends up with @nr powers */
static bool settles_at(struct pool_ctx *ctx,
		       const struct iscsit_srp_group *group, unsigned int nr)
{
	flush_delayed_work(&ctx->pool.work);

	return powers(ctx, group) == nr;
}

static void is_filled(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	const struct iscsit_srp_group *other = group_of(test, "SRP-2048");
	struct pool_ctx *ctx = test->priv;

	start_worker(test);
	KUNIT_EXPECT_EQ(test, powers(ctx, group), 0);
	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
	KUNIT_EXPECT_EQ(test, ctx->done, POWERS);
	/* No powers in groups that no login uses */
	KUNIT_EXPECT_EQ(test, powers(ctx, other), 0);

	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
	KUNIT_EXPECT_EQ(test, ctx->done, POWERS);
}

/* A login has the CPUs to itself */
static void waits_for_logins(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;

	start_worker(test);
	iscsit_srp_pool_login(&ctx->pool, 1);
	iscsit_srp_pool_login(&ctx->pool, 1);
	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));
	iscsit_srp_pool_login(&ctx->pool, -1);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));
	iscsit_srp_pool_login(&ctx->pool, -1);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
}

/* A login that is never continued, and ever new ones, do not stop it */
static void does_not_wait_for_ever(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	const struct iscsit_srp_group *other = group_of(test, "SRP-2048");
	struct pool_ctx *ctx = test->priv;
	unsigned long until;

	start_worker(test);
	iscsit_srp_pool_login(&ctx->pool, 1);
	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));
	until = ctx->pool.busy_until;
	iscsit_srp_pool_login(&ctx->pool, 1);
	iscsit_srp_pool_login(&ctx->pool, -1);
	KUNIT_EXPECT_EQ(test, ctx->pool.busy_until, until);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&ctx->pool.work));
	KUNIT_EXPECT_LE(test, (long)(until - jiffies), (long)HZ);

	ctx->pool.busy_until = jiffies - 1;
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));

	/* A group that is used from now on */
	iscsit_srp_pool_want(&ctx->pool, other);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, other, POWERS));

	/* The next login has the CPUs to itself again */
	iscsit_srp_pool_login(&ctx->pool, 1);
	iscsit_srp_pool_flush(&ctx->pool);
	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));
}

/* A login that begins meanwhile waits for a few powers at most */
static void stops_for_a_login(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;
	struct iscsit_srp_job *job;

	iscsit_srp_pool_want(&ctx->pool, group);
	job = iscsit_srp_queue_pop(&ctx->queue, 5 * HZ);
	KUNIT_ASSERT_FALSE(test, IS_ERR(job));
	iscsit_srp_pool_login(&ctx->pool, 1);
	answer(ctx, job);
	iscsit_srp_job_put(job);
	start_worker(test);
	flush_delayed_work(&ctx->pool.work);
	KUNIT_EXPECT_GE(test, powers(ctx, group), 1);
	KUNIT_EXPECT_LE(test, powers(ctx, group), BATCH);
	iscsit_srp_pool_login(&ctx->pool, -1);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
}

/* A worker gets the next job before all others are done */
static void goes_on_at_half(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;
	struct iscsit_srp_job *job[BATCH + 1];
	int i;

	iscsit_srp_pool_want(&ctx->pool, group);
	for (i = 0; i < ARRAY_SIZE(job); i++) {
		job[i] = iscsit_srp_queue_pop(&ctx->queue, 5 * HZ);
		KUNIT_ASSERT_FALSE(test, IS_ERR(job[i]));
		if (i < BATCH / 2)
			answer(ctx, job[i]);
	}
	for (i = 0; i < ARRAY_SIZE(job); i++) {
		if (i >= BATCH / 2)
			answer(ctx, job[i]);
		iscsit_srp_job_put(job[i]);
	}
	start_worker(test);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
}

/* Each power matches its b and is used once */
static void gives_each_power_once(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;
	u8 (*b)[ISCSIT_SRP_B_LEN];
	u8 *power, *want;
	int i, j;

	b = kunit_kcalloc(test, 3 * POWERS, sizeof(*b), GFP_KERNEL);
	power = kunit_kzalloc(test, group->len, GFP_KERNEL);
	want = kunit_kzalloc(test, group->len, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, b && power && want);

	start_worker(test);
	iscsit_srp_pool_want(&ctx->pool, group);
	for (i = 0; i < 3 * POWERS; i++) {
		flush_delayed_work(&ctx->pool.work);
		KUNIT_ASSERT_TRUE(test, iscsit_srp_pool_take(&ctx->pool, group,
							     b[i], power));
		fake_power(b[i], want, group->len);
		KUNIT_EXPECT_MEMEQ(test, power, want, group->len);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_MEMNEQ(test, b[i], b[j], sizeof(b[i]));
	}
	/* Powers that were taken are replaced */
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
}

static void is_empty_without_worker(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;
	u8 b[ISCSIT_SRP_B_LEN];
	u8 *power;

	power = kunit_kzalloc(test, group->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, power);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pool_take(&ctx->pool, group, b,
						      power));

	/* The helper fails: no power, and no endless retries */
	ctx->fail = true;
	start_worker(test);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));
	KUNIT_EXPECT_EQ(test, ctx->done, BATCH);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pool_take(&ctx->pool, group, b,
						      power));
}

static void is_flushed(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;

	start_worker(test);
	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_ASSERT_TRUE(test, settles_at(ctx, group, POWERS));
	iscsit_srp_pool_flush(&ctx->pool);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));

	iscsit_srp_pool_want(&ctx->pool, group);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, POWERS));
}

/* A power in computation when a worker dies is discarded */
static void flush_meets_a_job(struct kunit *test)
{
	const struct iscsit_srp_group *group = group_of(test, "SRP-1536");
	struct pool_ctx *ctx = test->priv;
	struct iscsit_srp_job *job;

	iscsit_srp_pool_want(&ctx->pool, group);
	job = iscsit_srp_queue_pop(&ctx->queue, 5 * HZ);
	KUNIT_ASSERT_FALSE(test, IS_ERR(job));
	iscsit_srp_pool_flush(&ctx->pool);
	answer(ctx, job);
	iscsit_srp_job_put(job);
	KUNIT_EXPECT_TRUE(test, settles_at(ctx, group, 0));
}

static struct iscsit_srp_job *submit(struct kunit *test,
				     enum iscsit_srp_priority priority)
{
	struct pool_ctx *ctx = test->priv;
	struct iscsit_srp_job *job;

	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_POWER,
				   group_of(test, "SRP-768"));
	KUNIT_ASSERT_NOT_NULL(test, job);
	job->priority = priority;
	KUNIT_ASSERT_EQ(test, iscsit_srp_job_submit(&ctx->queue, job,
						    jiffies + LONG_TIME), 0);

	return job;
}

static void expect_next(struct kunit *test, struct iscsit_srp_job *want)
{
	struct pool_ctx *ctx = test->priv;
	struct iscsit_srp_job *job;

	job = iscsit_srp_queue_pop(&ctx->queue, HZ);
	KUNIT_ASSERT_FALSE(test, IS_ERR(job));
	KUNIT_EXPECT_PTR_EQ(test, job, want);
	iscsit_srp_job_put(job);
}

static void urgent_jobs_come_first(struct kunit *test)
{
	struct iscsit_srp_job *job[5];
	struct pool_ctx *ctx = test->priv;
	int i;

	job[0] = submit(test, ISCSIT_SRP_PRIO_IDLE);
	job[1] = submit(test, ISCSIT_SRP_PRIO_NORMAL);
	job[2] = submit(test, ISCSIT_SRP_PRIO_NORMAL);
	job[3] = submit(test, ISCSIT_SRP_PRIO_NORMAL);
	job[4] = submit(test, ISCSIT_SRP_PRIO_NORMAL);
	KUNIT_EXPECT_EQ(test, ctx->queue.idle, 1);
	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 5);
	iscsit_srp_job_expedite(job[4]);
	iscsit_srp_job_expedite(job[2]);

	expect_next(test, job[4]);
	expect_next(test, job[2]);
	/* A worker has it already */
	iscsit_srp_job_expedite(job[2]);
	expect_next(test, job[1]);
	expect_next(test, job[3]);
	expect_next(test, job[0]);
	KUNIT_EXPECT_EQ(test, ctx->queue.idle, 0);
	KUNIT_EXPECT_EQ(test, ctx->queue.queued, 0);

	for (i = 0; i < ARRAY_SIZE(job); i++) {
		iscsit_srp_job_cancel(job[i]);
		iscsit_srp_job_put(job[i]);
	}
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
}

/* Jobs computed in advance do not count against the limit */
static void idle_jobs_do_not_fill_the_queue(struct kunit *test)
{
	struct pool_ctx *ctx = test->priv;
	struct iscsit_srp_job *idle, *normal;

	ctx->queue.limit = 1;
	idle = submit(test, ISCSIT_SRP_PRIO_IDLE);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
	normal = submit(test, ISCSIT_SRP_PRIO_NORMAL);
	iscsit_srp_job_cancel(idle);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 1);
	iscsit_srp_job_cancel(normal);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
	iscsit_srp_job_put(idle);
	iscsit_srp_job_put(normal);
}

/* x + y mod N around 0, N - 1, and with carries */
static void additions(struct kunit *test)
{
	unsigned int id, i;

	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct iscsit_srp_group *group = iscsit_srp_group_by_id(id);
		u8 *x = kunit_kzalloc(test, group->len, GFP_KERNEL);
		u8 *y = kunit_kzalloc(test, group->len, GFP_KERNEL);

		KUNIT_ASSERT_TRUE(test, x && y);

		/* (N - 1) + 1 = 0 */
		memcpy(x, group->N, group->len);
		x[group->len - 1] -= 1;
		y[group->len - 1] = 1;
		iscsit_srp_group_add(group, x, y);
		KUNIT_EXPECT_TRUE(test, !memchr_inv(y, 0, group->len));

		/* (N - 1) + 0 = N - 1 */
		iscsit_srp_group_add(group, x, y);
		KUNIT_EXPECT_MEMEQ(test, y, x, group->len);

		/* (N - 1) + (N - 1) = N - 2 */
		iscsit_srp_group_add(group, x, y);
		x[group->len - 1] -= 1;
		KUNIT_EXPECT_MEMEQ(test, y, x, group->len);

		/* A carry through all bytes */
		memset(x, 0, group->len);
		memset(y, 0xff, group->len);
		y[0] = 0;
		x[group->len - 1] = 1;
		iscsit_srp_group_add(group, x, y);
		KUNIT_EXPECT_EQ(test, y[0], 1);
		for (i = 1; i < group->len; i++)
			KUNIT_EXPECT_EQ(test, y[i], 0);

		kunit_kfree(test, x);
		kunit_kfree(test, y);
	}
}

/* (B - v) + v = B for all vectors; B - v = B + (N - v) */
static void additions_of_vectors(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < SRP_VECTORS; i++) {
		const struct srp_vector *vec = &srp_vectors[i];
		const struct iscsit_srp_group *group =
			iscsit_srp_group_by_id(vec->group);
		u8 *v = kunit_kzalloc(test, group->len, GFP_KERNEL);
		u8 *minus_v = kunit_kzalloc(test, group->len, GFP_KERNEL);
		u8 *B = kunit_kzalloc(test, group->len, GFP_KERNEL);
		u8 *sum = kunit_kzalloc(test, group->len, GFP_KERNEL);
		int borrow = 0;

		KUNIT_ASSERT_TRUE(test, v && minus_v && B && sum);
		memcpy(v + group->len - vec->v.len, vec->v.p, vec->v.len);
		memcpy(B + group->len - vec->B.len, vec->B.p, vec->B.len);
		for (j = group->len; j--; ) {
			int digit = group->N[j] - v[j] - borrow;

			borrow = digit < 0;
			minus_v[j] = digit;
		}
		memcpy(sum, B, group->len);
		iscsit_srp_group_add(group, minus_v, sum);
		KUNIT_EXPECT_MEMNEQ(test, sum, B, group->len);
		KUNIT_EXPECT_TRUE(test, memcmp(sum, group->N, group->len) < 0);
		iscsit_srp_group_add(group, v, sum);
		KUNIT_EXPECT_MEMEQ_MSG(test, sum, B, group->len, "%s", vec->id);

		kunit_kfree(test, v);
		kunit_kfree(test, minus_v);
		kunit_kfree(test, B);
		kunit_kfree(test, sum);
	}
}

static int pool_test_init(struct kunit *test)
{
	struct pool_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	test->priv = ctx;
	iscsit_srp_queue_init(&ctx->queue, 8);
	iscsit_srp_pool_init(&ctx->pool, &ctx->queue);
	ctx->worker = (struct test_worker){ &ctx->queue, fill, ctx };

	return 0;
}

static void pool_test_exit(struct kunit *test)
{
	struct pool_ctx *ctx = test->priv;

	if (!ctx)
		return;
	iscsit_srp_queue_stop(&ctx->queue);
	iscsit_srp_pool_stop(&ctx->pool);
	stop_test_worker(&ctx->worker);
}

static struct kunit_case pool_test_cases[] = {
	KUNIT_CASE(is_filled),
	KUNIT_CASE(waits_for_logins),
	KUNIT_CASE(does_not_wait_for_ever),
	KUNIT_CASE(stops_for_a_login),
	KUNIT_CASE(goes_on_at_half),
	KUNIT_CASE(gives_each_power_once),
	KUNIT_CASE(is_empty_without_worker),
	KUNIT_CASE(is_flushed),
	KUNIT_CASE(flush_meets_a_job),
	KUNIT_CASE(urgent_jobs_come_first),
	KUNIT_CASE(idle_jobs_do_not_fill_the_queue),
	KUNIT_CASE(additions),
	KUNIT_CASE(additions_of_vectors),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "iscsi_target_srp_powers",
	.init = pool_test_init,
	.exit = pool_test_exit,
	.test_cases = pool_test_cases,
};

kunit_test_suite(pool_suite);
