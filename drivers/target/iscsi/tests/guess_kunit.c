// SPDX-License-Identifier: GPL-2.0
/*
 * How guessing of passwords is slowed down: pauses, slots of logins in parallel,
 * forgetting, and what is an address and a network.
 */

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/socket.h>
#include <linux/string.h>
#include "../iscsi_target_guess.h"

#define MINUTE	(60 * HZ)

struct guess_ctx {
	struct iscsit_guess_table table;
	u64 now;
};

static int guess_init(struct kunit *test)
{
	struct guess_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	spin_lock_init(&ctx->table.lock);
	get_random_bytes(&ctx->table.key, sizeof(ctx->table.key));
	/* More than 32 bits */
	ctx->now = 3ULL << 33;
	test->priv = ctx;

	return 0;
}

static struct sockaddr_storage address(struct kunit *test, const char *ip)
{
	struct sockaddr_storage addr = {};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;
	struct sockaddr_in *in = (struct sockaddr_in *)&addr;

	if (strchr(ip, ':')) {
		KUNIT_ASSERT_EQ(test, in6_pton(ip, -1, (u8 *)&in6->sin6_addr, -1,
					       NULL), 1);
		addr.ss_family = AF_INET6;
	} else {
		KUNIT_ASSERT_EQ(test, in4_pton(ip, -1, (u8 *)&in->sin_addr, -1,
					       NULL), 1);
		addr.ss_family = AF_INET;
	}

	return addr;
}

/* Ask for a proof's time: milliseconds to wait, or an error */
static long reserve(struct kunit *test, const char *ip, const char *user)
{
	struct sockaddr_storage addr = address(test, ip);
	struct guess_ctx *ctx = test->priv;
	long wait;

	wait = iscsit_guess_reserve_at(&ctx->table, &addr, user, strlen(user),
				       ctx->now);

	return wait < 0 ? wait : jiffies_to_msecs(wait);
}

static u32 result(struct kunit *test, const char *ip, const char *user, bool ok)
{
	struct sockaddr_storage addr = address(test, ip);
	struct guess_ctx *ctx = test->priv;

	return iscsit_guess_result_at(&ctx->table, &addr, user, strlen(user), ok,
				      ctx->now);
}

/* Wait for a proof's time and fail.  Returns what reserve() does. */
static long fail(struct kunit *test, const char *ip, const char *user)
{
	struct guess_ctx *ctx = test->priv;
	long wait = reserve(test, ip, user);

	KUNIT_ASSERT_GE(test, wait, 0);
	ctx->now += msecs_to_jiffies(wait);
	result(test, ip, user, false);

	return wait;
}

static void fail_times(struct kunit *test, const char *ip, const char *user,
		       unsigned int times)
{
	while (times--)
		fail(test, ip, user);
}

/* A failure of a new user each time, so that no pair of it is slowed down */
static long fail_as_anybody(struct kunit *test, const char *ip)
{
	char user[sizeof("u4294967295")];
	static unsigned int number;

	snprintf(user, sizeof(user), "u%u", number++);

	return fail(test, ip, user);
}

/* HZ may be 100: a jiffy is 10 ms */
static void expect_wait(struct kunit *test, long wait, long ms)
{
	KUNIT_EXPECT_GE(test, wait, ms);
	KUNIT_EXPECT_LE(test, wait, ms + 10);
}

static void pause_of_a_user_grows(struct kunit *test)
{
	static const long ms[] = { 0, 0, 0, 250, 500, 1000, 2000, 4000, 4000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ms); i++)
		expect_wait(test, fail(test, "192.0.2.1", "alice"), ms[i]);
}

static void pause_of_a_network_grows(struct kunit *test)
{
	static const long ms[] = { 50, 100, 200, 400, 800, 1000, 1000 };
	unsigned int i;

	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, fail_as_anybody(test, "192.0.2.1"), 0);
	for (i = 0; i < ARRAY_SIZE(ms); i++)
		expect_wait(test, fail_as_anybody(test, "192.0.2.1"), ms[i]);
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.2", "alice"), 0);
}

/* Who is not slowed down by three failures of alice at one address */
struct other_case {
	const char *name;
	const char *ip;
	const char *other_ip;
	const char *other_user;
	bool same;		/* it is the same address and user */
};

static const struct other_case other_cases[] = {
	{ "other user", "192.0.2.1", "192.0.2.1", "bob" },
	{ "longer name", "192.0.2.1", "192.0.2.1", "alice2" },
	{ "shorter name", "192.0.2.1", "192.0.2.1", "alic" },
	{ "other case", "192.0.2.1", "192.0.2.1", "Alice" },
	{ "other address", "192.0.2.1", "192.0.2.2", "alice" },
	{ "other address of the /64", "2001:db8::1", "2001:db8::2", "alice" },
	{ "other /64", "2001:db8::1", "2001:db8:0:1::1", "alice" },
	{ "mapped", "192.0.2.1", "::ffff:192.0.2.1", "alice", true },
	{ "not mapped", "::ffff:192.0.2.1", "192.0.2.1", "alice", true },
	{ "compatible", "192.0.2.1", "::192.0.2.1", "alice" },
};

KUNIT_ARRAY_PARAM_DESC(other, other_cases, name);

static void others_do_not_wait(struct kunit *test)
{
	const struct other_case *c = test->param_value;

	fail_times(test, c->ip, "alice", 3);

	expect_wait(test, reserve(test, c->other_ip, c->other_user),
		    c->same ? 250 : 0);
	expect_wait(test, reserve(test, c->ip, "alice"), c->same ? 500 : 250);
}

/* Which addresses are in the network of one with twenty failures */
struct network_case {
	const char *name;
	const char *ip;
	const char *other_ip;
	bool same;
};

static const struct network_case network_cases[] = {
	{ "same address", "192.0.2.1", "192.0.2.1", true },
	{ "mapped", "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "next address", "192.0.2.1", "192.0.2.0", false },
	{ "next mapped address", "::ffff:192.0.2.1", "::ffff:192.0.2.0", false },
	{ "same /64", "2001:db8::1", "2001:db8::ffff:0:0:1", true },
	{ "next /64", "2001:db8::1", "2001:db8:0:1::1", false },
	{ "first /64", "::1", "::ffff:192.0.2.1", false },
};

KUNIT_ARRAY_PARAM_DESC(network, network_cases, name);

static void network_is_address_or_64(struct kunit *test)
{
	const struct network_case *c = test->param_value;
	unsigned int i;

	for (i = 0; i < 20; i++)
		fail_as_anybody(test, c->ip);

	expect_wait(test, reserve(test, c->other_ip, "alice"), c->same ? 50 : 0);
}

/* Logins in parallel get a time each, for up to ten seconds */
static void parallel_logins_wait_in_line(struct kunit *test)
{
	struct guess_ctx *ctx = test->priv;
	long ms;

	fail_times(test, "192.0.2.1", "alice", 5);
	for (ms = 1000; ms <= 10000; ms += 1000)
		expect_wait(test, reserve(test, "192.0.2.1", "alice"), ms);

	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "alice"), -EAGAIN);
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "alice"), -EAGAIN);
	ctx->now += HZ;
	expect_wait(test, reserve(test, "192.0.2.1", "alice"), 10000);
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "alice"), -EAGAIN);
	/* Those who may not even wait take no time of others */
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "bob"), 0);
}

/* The line of a network is as long */
static void network_waits_in_line(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 25; i++)
		fail_as_anybody(test, "2001:db8::1");
	for (i = 1; i <= 10; i++)
		expect_wait(test, reserve(test, "2001:db8::2", "alice"), i * 1000);
	KUNIT_EXPECT_EQ(test, reserve(test, "2001:db8::3", "bob"), -EAGAIN);
	KUNIT_EXPECT_EQ(test, reserve(test, "2001:db8:0:1::3", "bob"), 0);
}

/* A user whose next time is late leaves the others of the network theirs */
static void late_user_does_not_block_the_network(struct kunit *test)
{
	struct guess_ctx *ctx = test->priv;
	unsigned int i;

	fail_times(test, "192.0.2.1", "alice", 10);
	for (i = 0; i < 10; i++)
		fail_as_anybody(test, "192.0.2.1");
	ctx->now += HZ;
	KUNIT_EXPECT_GT(test, reserve(test, "192.0.2.1", "alice"), 2000);
	expect_wait(test, reserve(test, "192.0.2.1", "bob"), 50);
}

static void success_forgets_failures_of_the_user(struct kunit *test)
{
	fail_times(test, "192.0.2.1", "alice", 7);
	KUNIT_EXPECT_GE(test, reserve(test, "192.0.2.1", "alice"), 4000);

	result(test, "192.0.2.1", "alice", true);

	fail_times(test, "192.0.2.1", "alice", 3);
	expect_wait(test, fail(test, "192.0.2.1", "alice"), 250);
}

/* ...and not those of the network */
static void success_of_one_does_not_help_others(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		fail_as_anybody(test, "192.0.2.1");
		result(test, "192.0.2.1", "mallory", true);
	}

	expect_wait(test, reserve(test, "192.0.2.1", "alice"), 50);
}

static void known_user_does_not_wait_for_the_network(struct kunit *test)
{
	unsigned int i;

	result(test, "2001:db8::1", "alice", true);
	for (i = 0; i < 30; i++)
		fail_as_anybody(test, "2001:db8::2");

	KUNIT_EXPECT_EQ(test, reserve(test, "2001:db8::1", "alice"), 0);
	KUNIT_EXPECT_GT(test, reserve(test, "2001:db8::1", "bob"), 900);
	KUNIT_EXPECT_GT(test, reserve(test, "2001:db8::3", "alice"), 900);
	/* But guessing at its own address is slowed down */
	fail_times(test, "2001:db8::1", "alice", 3);
	expect_wait(test, reserve(test, "2001:db8::1", "alice"), 250);
}

static void failures_are_halved_each_minute(struct kunit *test)
{
	struct guess_ctx *ctx = test->priv;
	u64 began = ctx->now;
	unsigned int i;

	for (i = 0; i < 13; i++)
		result(test, "192.0.2.1", "alice", false);

	ctx->now = began + MINUTE - 1;
	KUNIT_EXPECT_EQ(test, fail(test, "192.0.2.1", "alice"), 0);
	/* 14 have become 7 */
	ctx->now = began + MINUTE + 5 * HZ;
	reserve(test, "192.0.2.1", "alice");
	expect_wait(test, reserve(test, "192.0.2.1", "alice"), 4000);
	/* 3 */
	ctx->now = began + 2 * MINUTE;
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "alice"), 0);
	expect_wait(test, reserve(test, "192.0.2.1", "alice"), 250);
	/* 1 */
	ctx->now = began + 3 * MINUTE;
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "alice"), 0);
	KUNIT_EXPECT_EQ(test, reserve(test, "192.0.2.1", "alice"), 0);
	/* None after a long time */
	ctx->now = began + 3000ULL * MINUTE;
	KUNIT_EXPECT_EQ(test, fail(test, "192.0.2.1", "alice"), 0);
	KUNIT_EXPECT_EQ(test, fail(test, "192.0.2.1", "alice"), 0);
	KUNIT_EXPECT_EQ(test, fail(test, "192.0.2.1", "alice"), 0);
	expect_wait(test, reserve(test, "192.0.2.1", "alice"), 250);
}

/* A login that took its time before another one did must not end all pauses */
static void earlier_time_forgets_nothing(struct kunit *test)
{
	struct guess_ctx *ctx = test->priv;

	fail_times(test, "192.0.2.1", "alice", 3);
	ctx->now -= 1;
	expect_wait(test, reserve(test, "192.0.2.1", "alice"), 250);
}

static void network_is_reported_once(struct kunit *test)
{
	unsigned int i;

	for (i = 1; i <= 40; i++)
		KUNIT_EXPECT_EQ(test, result(test, "192.0.2.1", "alice", false),
				i == 20 ? 20 : 0);
}

static unsigned int used_entries(const struct iscsit_guess_table *table,
				 bool failed)
{
	const struct iscsit_guess_entry *entry;
	unsigned int i, way, nr = 0;

	for (i = 0; i < ISCSIT_GUESS_SETS; i++)
		for (way = 0; way < ISCSIT_GUESS_WAYS; way++) {
			entry = &table->set[i][way];
			nr += failed ? !!entry->failures : !!entry->id;
		}

	return nr;
}

/* A full table replaces what was used least recently, but for no success */
static void table_is_full(struct kunit *test)
{
	struct guess_ctx *ctx = test->priv;
	unsigned int i, failed;
	char ip[32];

	/* Arrange */
	fail_times(test, "192.0.2.1", "alice", 5);
	for (i = 0; i < 5000; i++) {
		snprintf(ip, sizeof(ip), "10.%u.%u.1", i / 250, i % 250);
		result(test, ip, "bob", false);
		/* An initiator that keeps trying */
		if (i % 20 == 0) {
			ctx->now++;
			reserve(test, "192.0.2.1", "alice");
		}
	}

	/* Act, assert */
	KUNIT_EXPECT_EQ(test, used_entries(&ctx->table, false),
			ISCSIT_GUESS_SETS * ISCSIT_GUESS_WAYS);
	KUNIT_EXPECT_NE(test, reserve(test, "192.0.2.1", "alice"), 0);
	failed = used_entries(&ctx->table, true);
	KUNIT_EXPECT_EQ(test, failed, ISCSIT_GUESS_SETS * ISCSIT_GUESS_WAYS);
	for (i = 0; i < 5000; i++) {
		snprintf(ip, sizeof(ip), "10.%u.%u.2", i / 250, i % 250);
		result(test, ip, "carol", true);
	}
	KUNIT_EXPECT_EQ(test, used_entries(&ctx->table, true), failed);
	/* Failures that are forgotten make room */
	ctx->now += 2 * MINUTE;
	result(test, "10.0.0.2", "carol", true);
	KUNIT_EXPECT_LT(test, used_entries(&ctx->table, true), failed);
}

/* Whoever does not know the key cannot choose what is replaced */
static void places_depend_on_the_key(struct kunit *test)
{
	struct guess_ctx *ctx = test->priv;
	unsigned int round, i, last = 0, differ = 0;

	for (round = 0; round < 20; round++) {
		memset(ctx->table.set, 0, sizeof(ctx->table.set));
		get_random_bytes(&ctx->table.key, sizeof(ctx->table.key));
		result(test, "192.0.2.1", "alice", true);
		for (i = 0; !ctx->table.set[i][0].id; i++)
			;
		differ += i != last;
		last = i;
	}

	KUNIT_EXPECT_GT(test, differ, 10);
}

static struct kunit_case guess_cases[] = {
	KUNIT_CASE(pause_of_a_user_grows),
	KUNIT_CASE(pause_of_a_network_grows),
	KUNIT_CASE_PARAM(others_do_not_wait, other_gen_params),
	KUNIT_CASE_PARAM(network_is_address_or_64, network_gen_params),
	KUNIT_CASE(parallel_logins_wait_in_line),
	KUNIT_CASE(network_waits_in_line),
	KUNIT_CASE(late_user_does_not_block_the_network),
	KUNIT_CASE(success_forgets_failures_of_the_user),
	KUNIT_CASE(success_of_one_does_not_help_others),
	KUNIT_CASE(known_user_does_not_wait_for_the_network),
	KUNIT_CASE(failures_are_halved_each_minute),
	KUNIT_CASE(earlier_time_forgets_nothing),
	KUNIT_CASE(network_is_reported_once),
	KUNIT_CASE(table_is_full),
	KUNIT_CASE(places_depend_on_the_key),
	{}
};

static struct kunit_suite guess_suite = {
	.name = "iscsi_target_guess",
	.init = guess_init,
	.test_cases = guess_cases,
};

kunit_test_suite(guess_suite);
