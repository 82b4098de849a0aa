// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of scopes: each has one owner, and ends with it.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target_srp.h"
#include "../cred.h"
#include "../outcome.h"
#include "../policy.h"
#include "../scope.h"
#include "../stats.h"

#define USERID	ISCSIT_SRP_CRED_USERID

#define OWNERS	64
#define ROUNDS	2000
#define LONG	100	/* rounds from one that lasts longer to the next */

struct scope_test {
	struct iscsi_node_auth auth[OWNERS];
	char page[PAGE_SIZE];
	struct work_struct work;
	struct completion started;
	bool stop;
	unsigned int found;
};

static int scope_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct scope_test), GFP_KERNEL);

	return test->priv ? 0 : -ENOMEM;
}

static void scope_exit(struct kunit *test)
{
	struct scope_test *s = test->priv;
	unsigned int i;

	if (!s)
		return;
	for (i = 0; i < OWNERS; i++)
		iscsit_srp_scope_forget(&s->auth[i]);
}

static void set_userid(struct kunit *test, struct iscsi_node_auth *auth,
		       const char *userid)
{
	KUNIT_EXPECT_EQ(test, iscsit_srp_scope_store(auth, USERID, userid,
						     strlen(userid)),
			(ssize_t)strlen(userid));
}

static void expect_userid(struct kunit *test, struct iscsi_node_auth *auth,
			  const char *want)
{
	struct iscsit_srp_cred *cred = iscsit_srp_scope_cred(auth);

	KUNIT_ASSERT_NOT_NULL(test, cred);
	KUNIT_EXPECT_EQ(test, cred->userid_len, strlen(want));
	KUNIT_EXPECT_MEMEQ(test, cred->userid, want, strlen(want));
	iscsit_srp_cred_put(cred);
}

/* Without a scope, nothing can be read, stored or counted */
static void none_test(struct kunit *test)
{
	struct scope_test *s = test->priv;
	struct iscsi_node_auth *auth = &s->auth[0];

	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_get(auth));
	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_cred(auth));
	KUNIT_EXPECT_EQ(test, iscsit_srp_scope_store(auth, USERID, "alice", 5),
			-ENODEV);
	KUNIT_EXPECT_EQ(test,
			iscsit_srp_policy_store(auth, NULL,
						ISCSIT_SRP_POLICY_ONLY, "1", 1),
			-ENODEV);
	KUNIT_EXPECT_EQ(test,
			iscsit_srp_policy_show(auth, ISCSIT_SRP_POLICY_ONLY,
					       s->page), -ENODEV);
	KUNIT_EXPECT_EQ(test,
			iscsit_srp_stat_show(auth, ISCSIT_SRP_STAT_WAIT,
					     s->page), -ENODEV);
	iscsit_srp_scope_forget(auth);
	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_get(auth));
}

/* Neighbours in memory share nothing */
static void apart_test(struct kunit *test)
{
	struct scope_test *s = test->priv;
	char name[8];
	unsigned int i;

	for (i = 0; i < OWNERS; i++) {
		KUNIT_ASSERT_EQ(test, iscsit_srp_scope_init(&s->auth[i]), 0);
		snprintf(name, sizeof(name), "u%u", i);
		set_userid(test, &s->auth[i], name);
	}
	for (i = 0; i < OWNERS; i += 2)
		iscsit_srp_scope_forget(&s->auth[i]);
	for (i = 0; i < OWNERS; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		if (i % 2)
			expect_userid(test, &s->auth[i], name);
		else
			KUNIT_EXPECT_NULL(test, iscsit_srp_scope_cred(&s->auth[i]));
	}
}

/* A login keeps the scope that it found, but not its credential */
static void outlives_test(struct kunit *test)
{
	struct scope_test *s = test->priv;
	struct iscsi_node_auth *auth = &s->auth[0];
	struct iscsit_srp_scope *scope;

	KUNIT_ASSERT_EQ(test, iscsit_srp_scope_init(auth), 0);
	set_userid(test, auth, "alice");
	scope = iscsit_srp_scope_get(auth);
	KUNIT_ASSERT_NOT_NULL(test, scope);
	iscsit_srp_scope_forget(auth);

	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_get(auth));
	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_cred(auth));
	KUNIT_EXPECT_EQ(test, kref_read(&scope->ref), 1);
	KUNIT_EXPECT_NULL(test, scope->cred);
	iscsit_srp_scope_put(scope);
}

/* A reused address has nothing of its previous owner */
static void again_test(struct kunit *test)
{
	struct scope_test *s = test->priv;
	struct iscsi_node_auth *auth = &s->auth[0];
	struct iscsit_srp_scope *scope, *old;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, iscsit_srp_scope_init(auth), 0);
	set_userid(test, auth, "alice");
	iscsit_srp_policy_store(auth, NULL, ISCSIT_SRP_POLICY_ONLY, "1", 1);
	iscsit_srp_policy_store(auth, NULL, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED,
				"1", 1);
	iscsit_srp_policy_store(auth, NULL, ISCSIT_SRP_POLICY_MIN_GROUP,
				"SRP-2048", 8);
	old = iscsit_srp_scope_get(auth);
	KUNIT_ASSERT_NOT_NULL(test, old);
	for (i = 0; i < ISCSIT_SRP_STATS; i++)
		atomic_long_inc(&old->stats[i]);
	iscsit_srp_scope_forget(auth);

	/* As an allocator may reuse it */
	memset(auth, 0, sizeof(*auth));
	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_get(auth));
	KUNIT_ASSERT_EQ(test, iscsit_srp_scope_init(auth), 0);
	scope = iscsit_srp_scope_get(auth);
	KUNIT_ASSERT_NOT_NULL(test, scope);
	KUNIT_EXPECT_PTR_NE(test, scope, old);
	KUNIT_EXPECT_NULL(test, scope->cred);
	KUNIT_EXPECT_FALSE(test, scope->only);
	KUNIT_EXPECT_FALSE(test, scope->mutual_required);
	KUNIT_EXPECT_EQ(test, scope->min_group, 0);
	for (i = 0; i < ISCSIT_SRP_STATS; i++)
		KUNIT_EXPECT_EQ(test, atomic_long_read(&scope->stats[i]), 0);
	iscsit_srp_scope_put(scope);
	iscsit_srp_scope_put(old);
}

static void look_all_the_time(struct work_struct *work)
{
	struct scope_test *s = container_of(work, struct scope_test, work);

	complete(&s->started);
	while (!READ_ONCE(s->stop)) {
		struct iscsit_srp_scope *scope;
		struct iscsit_srp_cred *cred;

		scope = iscsit_srp_scope_get(&s->auth[0]);
		if (scope) {
			atomic_long_inc(&scope->stats[0]);
			iscsit_srp_scope_put(scope);
			s->found++;
		}
		cred = iscsit_srp_scope_cred(&s->auth[0]);
		iscsit_srp_cred_put(cred);
		cond_resched();
	}
}

/* Create and remove scopes while another thread looks them up */
static void race_test(struct kunit *test)
{
	struct scope_test *s = test->priv;
	unsigned int i;

	init_completion(&s->started);
	INIT_WORK(&s->work, look_all_the_time);
	queue_work(system_unbound_wq, &s->work);
	wait_for_completion(&s->started);
	for (i = 0; i < ROUNDS; i++) {
		if (iscsit_srp_scope_init(&s->auth[0]))
			break;
		set_userid(test, &s->auth[0], "alice");
		if (i % LONG == 0)
			fsleep(1000);
		iscsit_srp_scope_forget(&s->auth[0]);
	}
	WRITE_ONCE(s->stop, true);
	flush_work(&s->work);
	KUNIT_EXPECT_EQ(test, i, ROUNDS);
	KUNIT_EXPECT_GT(test, s->found, 0);
}

static struct kunit_case scope_cases[] = {
	KUNIT_CASE(none_test),
	KUNIT_CASE(apart_test),
	KUNIT_CASE(outlives_test),
	KUNIT_CASE(again_test),
	KUNIT_CASE(race_test),
	{}
};

static struct kunit_suite scope_suite = {
	.name = "iscsi_target_srp_scope",
	.init = scope_init,
	.exit = scope_exit,
	.test_cases = scope_cases,
};

kunit_test_suite(scope_suite);
