// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of policy, statistics and the encoding for audit.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <scsi/iscsi_proto.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target.h"
#include "../../iscsi_target_parameters.h"
#include "../../iscsi_target_srp.h"
#include "../audit.h"
#include "../cred.h"
#include "../exchange.h"
#include "../group.h"
#include "../outcome.h"
#include "../policy.h"
#include "../scope.h"
#include "../stats.h"

#define STATUS(cls, detail)	((cls) << 8 | (detail))

/* The parts of a connection in login that policy and statistics use */
struct policy_ctx {
	struct iscsit_conn conn;
	struct iscsit_session sess;
	struct se_session se_sess;
	struct iscsi_portal_group tpg;
	struct iscsi_node_acl nacl;
	struct iscsi_login login;
	struct iscsi_param_list params;
	struct iscsi_param method;
	struct iscsit_srp srp;
	char *page;
};

static int policy_init(struct kunit *test)
{
	struct policy_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return -ENOMEM;
	ctx->page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	if (!ctx->page)
		return -ENOMEM;
	test->priv = ctx;
	ctx->conn.tpg = &ctx->tpg;
	ctx->conn.sess = &ctx->sess;
	ctx->conn.conn_login = &ctx->login;
	ctx->sess.se_sess = &ctx->se_sess;
	ctx->se_sess.se_node_acl = &ctx->nacl.se_node_acl;

	INIT_LIST_HEAD(&ctx->params.param_list);
	INIT_LIST_HEAD(&ctx->params.extra_response_list);
	ctx->method.name = AUTHMETHOD;
	ctx->method.value = SRP;
	list_add(&ctx->method.p_list, &ctx->params.param_list);
	ctx->conn.param_list = &ctx->params;

	return iscsit_srp_scope_init(&ctx->tpg.tpg_demo_auth) ?:
	       iscsit_srp_scope_init(&ctx->nacl.node_auth);
}

static void policy_exit(struct kunit *test)
{
	struct policy_ctx *ctx = test->priv;

	if (!ctx)
		return;
	iscsit_srp_scope_forget(&ctx->nacl.node_auth);
	iscsit_srp_scope_forget(&ctx->tpg.tpg_demo_auth);
}

static ssize_t store(struct iscsi_node_auth *auth,
		     enum iscsit_srp_policy_field field, const char *value)
{
	return iscsit_srp_policy_store(auth, NULL, field, value,
				       strlen(value));
}

static void expect_policy(struct kunit *test, unsigned int min_group,
			  bool mutual_required, bool only)
{
	struct policy_ctx *ctx = test->priv;
	struct iscsit_srp_policy policy;

	iscsit_srp_policy_get(&ctx->conn, &policy);
	KUNIT_EXPECT_EQ(test, policy.min_group, min_group);
	KUNIT_EXPECT_EQ(test, policy.mutual_required, mutual_required);
	KUNIT_EXPECT_EQ(test, policy.only, only);
	KUNIT_EXPECT_EQ(test, iscsit_srp_only(&ctx->conn), only);
}

/* Expect that a field shows @want, and that storing this changes nothing */
static void expect_field(struct kunit *test,
			 enum iscsit_srp_policy_field field, const char *want)
{
	struct policy_ctx *ctx = test->priv;
	struct iscsi_node_auth *auth = &ctx->nacl.node_auth;
	ssize_t len;

	len = iscsit_srp_policy_show(auth, field, ctx->page);
	KUNIT_EXPECT_STREQ(test, ctx->page, want);
	KUNIT_EXPECT_EQ(test, iscsit_srp_policy_store(auth, NULL, field,
						      ctx->page, len), len);
	iscsit_srp_policy_show(auth, field, ctx->page);
	KUNIT_EXPECT_STREQ(test, ctx->page, want);
}

static void fields_test(struct kunit *test)
{
	static const char * const bad_flags[] = { "", "\n", "2", "yes", "01",
						  "-1", "NULL", " 1" };
	static const char * const bad_groups[] = { "SRP-1535", "srp-1536",
						   "1536", "SRP-1536,SRP-2048",
						   " SRP-1536", "0" };
	struct policy_ctx *ctx = test->priv;
	struct iscsi_node_auth *auth = &ctx->nacl.node_auth;
	unsigned int id, i;
	char want[16];

	expect_field(test, ISCSIT_SRP_POLICY_MIN_GROUP, "NULL\n");
	expect_field(test, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED, "0\n");
	expect_field(test, ISCSIT_SRP_POLICY_ONLY, "0\n");

	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		snprintf(want, sizeof(want), "%s\n",
			 iscsit_srp_group_by_id(id)->name);
		KUNIT_EXPECT_GT(test, store(auth, ISCSIT_SRP_POLICY_MIN_GROUP,
					    want), 0);
		expect_field(test, ISCSIT_SRP_POLICY_MIN_GROUP, want);
	}
	for (i = 0; i < ARRAY_SIZE(bad_groups); i++)
		KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_MIN_GROUP,
					    bad_groups[i]), -EINVAL);
	expect_field(test, ISCSIT_SRP_POLICY_MIN_GROUP, "MODP-8192\n");
	KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_MIN_GROUP, "NULL"),
			4);
	expect_field(test, ISCSIT_SRP_POLICY_MIN_GROUP, "NULL\n");

	KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED,
				    "1"), 1);
	KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_ONLY, "1\n"), 2);
	for (i = 0; i < ARRAY_SIZE(bad_flags); i++) {
		KUNIT_EXPECT_EQ(test,
				store(auth, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED,
				      bad_flags[i]), -EINVAL);
		KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_ONLY,
					    bad_flags[i]), -EINVAL);
	}
	expect_field(test, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED, "1\n");
	expect_field(test, ISCSIT_SRP_POLICY_ONLY, "1\n");
	store(auth, ISCSIT_SRP_POLICY_ONLY, "0");
	expect_field(test, ISCSIT_SRP_POLICY_ONLY, "0\n");
}

/* TLS has to be bound if the ACL or its portal group says so */
static void tls_bind_test(struct kunit *test)
{
	struct policy_ctx *ctx = test->priv;
	struct iscsi_node_auth *tpg = &ctx->tpg.tpg_demo_auth;
	struct iscsi_node_auth *acl = &ctx->nacl.node_auth;
	struct iscsit_srp_policy policy;
	unsigned int i;

	expect_field(test, ISCSIT_SRP_POLICY_TLS_BIND, "0\n");
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, store(tpg, ISCSIT_SRP_POLICY_TLS_BIND,
					    i & 1 ? "1" : "0"), 1);
		KUNIT_EXPECT_EQ(test, store(acl, ISCSIT_SRP_POLICY_TLS_BIND,
					    i & 2 ? "1\n" : "0\n"), 2);
		iscsit_srp_policy_get(&ctx->conn, &policy);
		KUNIT_EXPECT_EQ(test, policy.tls_bind, i > 0);
		KUNIT_EXPECT_FALSE(test, policy.mutual_required);
		KUNIT_EXPECT_FALSE(test, policy.only);
	}
	KUNIT_EXPECT_EQ(test, store(acl, ISCSIT_SRP_POLICY_TLS_BIND, "yes"),
			-EINVAL);
	expect_field(test, ISCSIT_SRP_POLICY_TLS_BIND, "1\n");

	/* The strictest if a scope is gone */
	store(acl, ISCSIT_SRP_POLICY_TLS_BIND, "0");
	store(tpg, ISCSIT_SRP_POLICY_TLS_BIND, "0");
	iscsit_srp_scope_forget(acl);
	iscsit_srp_policy_get(&ctx->conn, &policy);
	KUNIT_EXPECT_TRUE(test, policy.tls_bind);
}

/* The stricter setting of portal group and ACL applies */
static void stricter_test(struct kunit *test)
{
	struct policy_ctx *ctx = test->priv;
	struct iscsi_node_auth *tpg = &ctx->tpg.tpg_demo_auth;
	struct iscsi_node_auth *acl = &ctx->nacl.node_auth;

	expect_policy(test, 0, false, false);

	store(acl, ISCSIT_SRP_POLICY_MIN_GROUP, "SRP-2048");
	expect_policy(test, ISCSI_SRP_GROUP_SRP_2048, false, false);
	store(tpg, ISCSIT_SRP_POLICY_MIN_GROUP, "SRP-768");
	expect_policy(test, ISCSI_SRP_GROUP_SRP_2048, false, false);
	store(tpg, ISCSIT_SRP_POLICY_MIN_GROUP, "MODP-3072");
	expect_policy(test, ISCSI_SRP_GROUP_MODP_3072, false, false);

	store(tpg, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED, "1");
	store(acl, ISCSIT_SRP_POLICY_ONLY, "1");
	expect_policy(test, ISCSI_SRP_GROUP_MODP_3072, true, true);

	/* A dynamic ACL has no policy */
	ctx->nacl.se_node_acl.dynamic_node_acl = true;
	expect_policy(test, ISCSI_SRP_GROUP_MODP_3072, true, false);
	ctx->se_sess.se_node_acl = NULL;
	expect_policy(test, ISCSI_SRP_GROUP_MODP_3072, true, false);
	ctx->conn.sess = NULL;
	expect_policy(test, ISCSI_SRP_GROUP_MODP_3072, true, false);
	ctx->conn.tpg = NULL;
	expect_policy(test, 0, false, false);
}

static ssize_t store_cred(struct iscsi_node_auth *auth, unsigned int field,
			  const char *value)
{
	return iscsit_srp_scope_store(auth, field, value, strlen(value));
}

static ssize_t store_minimum(struct iscsi_node_auth *auth, const char *group)
{
	return store(auth, ISCSIT_SRP_POLICY_MIN_GROUP, group);
}

/* A minimum above all verifiers is refused, whichever is stored first */
static void contradiction_test(struct kunit *test)
{
	struct policy_ctx *ctx = test->priv;
	struct iscsi_node_auth *auth = &ctx->nacl.node_auth;

	/* User name and salt are not verifiers */
	store_cred(auth, ISCSIT_SRP_CRED_USERID, "alice");
	KUNIT_EXPECT_GT(test, store_minimum(auth, "MODP-8192"), 0);
	KUNIT_EXPECT_GT(test, store_minimum(auth, "SRP-768"), 0);
	KUNIT_EXPECT_GT(test, store_cred(auth, ISCSI_SRP_GROUP_SRP_1536, "02"), 0);
	KUNIT_EXPECT_EQ(test, store_minimum(auth, "SRP-2048"), -EINVAL);
	expect_field(test, ISCSIT_SRP_POLICY_MIN_GROUP, "SRP-768\n");
	KUNIT_EXPECT_GT(test, store_minimum(auth, "SRP-1536"), 0);
	KUNIT_EXPECT_GT(test, store_cred(auth, ISCSI_SRP_GROUP_MODP_3072, "02"), 0);
	KUNIT_EXPECT_GT(test, store_minimum(auth, "SRP-2048"), 0);

	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_MODP_3072, "NULL"), -EINVAL);
	KUNIT_EXPECT_EQ(test, iscsit_srp_scope_show(auth, ISCSI_SRP_GROUP_MODP_3072,
						    ctx->page), 769);
	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_SRP_1536, "NULL"), 4);
	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_MODP_3072, "NULL"), 4);
	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_SRP_1536, "02"), -EINVAL);
	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_SRP_2048, "02"), 2);
	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_SRP_1536, "02"), 2);
	KUNIT_EXPECT_GT(test, store_minimum(auth, "NULL"), 0);
	KUNIT_EXPECT_EQ(test, store_cred(auth, ISCSI_SRP_GROUP_SRP_2048, "NULL"), 4);
}

static void methods_test(struct kunit *test)
{
	static const struct {
		const char *methods;
		bool srp;
	} cases[] = {
		{ "SRP", true }, { "SRP\n", true }, { "CHAP,SRP", true },
		{ "SRP,CHAP,None", true }, { "None,SRP\n", true },
		{ "", false }, { "\n", false }, { "CHAP,None", false },
		{ "SRPX", false }, { "XSRP", false }, { "CHAP,SRPX,None", false },
		{ ",", false }, { "srp", false }, { "SR,P", false },
	};
	struct policy_ctx *ctx = test->priv;
	struct iscsi_node_auth *auth = &ctx->tpg.tpg_demo_auth;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *methods = cases[i].methods;
		bool srp = cases[i].srp;

		KUNIT_EXPECT_EQ_MSG(test, iscsit_srp_methods_have_srp(methods),
				    srp, "%s", methods);
		KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_ONLY, "1"),
				1);
		KUNIT_EXPECT_EQ(test, iscsit_srp_check_methods(auth, AUTHMETHOD,
							       methods),
				srp ? 0 : -EINVAL);
		KUNIT_EXPECT_EQ(test, iscsit_srp_check_methods(auth,
							       HEADERDIGEST,
							       methods), 0);
		KUNIT_EXPECT_EQ(test, store(auth, ISCSIT_SRP_POLICY_ONLY, "0"),
				1);
		KUNIT_EXPECT_EQ(test, iscsit_srp_check_methods(auth, AUTHMETHOD,
							       methods), 0);
	}
}

/* Expect the counters of @want, by enum iscsit_srp_stat, and reset them */
static void expect_scope_counted(struct kunit *test, const char *name,
				 struct iscsi_node_auth *auth,
				 const unsigned int want[ISCSIT_SRP_STATS])
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, scope);
	for (i = 0; i < ISCSIT_SRP_STATS; i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    atomic_long_xchg(&scope->stats[i], 0),
				    want[i], "%s, %u", name, i);
	iscsit_srp_scope_put(scope);
}

static void expect_counted(struct kunit *test,
			   const unsigned int want[ISCSIT_SRP_STATS])
{
	struct policy_ctx *ctx = test->priv;

	expect_scope_counted(test, "portal group", &ctx->tpg.tpg_demo_auth,
			     want);
	expect_scope_counted(test, "ACL", &ctx->nacl.node_auth, want);
}

static void reject(struct kunit *test, u8 status_class, u8 status_detail)
{
	struct policy_ctx *ctx = test->priv;
	struct iscsi_login_rsp *rsp = (struct iscsi_login_rsp *)ctx->login.rsp;

	iscsit_srp_login_rejected(&ctx->conn, status_class, status_detail);
	rsp->status_class = status_class;
}

/* A rejected login is cleaned up as well, but is one failure */
static void rejected_test(struct kunit *test)
{
	static const struct {
		u16 status;
		const char *method;
		enum iscsit_srp_stat reason;
	} cases[] = {
		{ STATUS(2, ISCSI_LOGIN_STATUS_AUTH_FAILED), "",
		  ISCSIT_SRP_STAT_METHOD },
		{ STATUS(2, ISCSI_LOGIN_STATUS_AUTH_FAILED), CHAP,
		  ISCSIT_SRP_STAT_PASSWORD },
		{ STATUS(2, ISCSI_LOGIN_STATUS_TGT_FORBIDDEN), "",
		  ISCSIT_SRP_STAT_ACL },
		{ STATUS(2, ISCSI_LOGIN_STATUS_INIT_ERR), CHAP,
		  ISCSIT_SRP_STAT_PROTOCOL },
		{ STATUS(2, ISCSI_LOGIN_STATUS_MISSING_FIELDS), "",
		  ISCSIT_SRP_STAT_PROTOCOL },
		{ STATUS(3, ISCSI_LOGIN_STATUS_NO_RESOURCES), "",
		  ISCSIT_SRP_STAT_RESOURCES },
		{ STATUS(3, ISCSI_LOGIN_STATUS_TARGET_ERROR), CHAP,
		  ISCSIT_SRP_STAT_OTHER },
		{ STATUS(1, 1), "", ISCSIT_SRP_STAT_OTHER },
	};
	struct policy_ctx *ctx = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int want[ISCSIT_SRP_STATS] = {};

		want[cases[i].reason] = 1;
		memset(ctx->login.rsp, 0, sizeof(ctx->login.rsp));
		strscpy(ctx->sess.auth_type, cases[i].method);
		reject(test, cases[i].status >> 8, cases[i].status & 0xff);
		reject(test, cases[i].status >> 8, cases[i].status & 0xff);
		iscsit_srp_login_aborted(&ctx->conn);
		expect_counted(test, want);
	}
}

static void aborted_test(struct kunit *test)
{
	unsigned int want[ISCSIT_SRP_STATS] = {
		[ISCSIT_SRP_STAT_ABORTED] = 1,
		[ISCSIT_SRP_STAT_WAIT] = 7,
	};
	struct policy_ctx *ctx = test->priv;

	/* An exchange whose initiator no longer answers */
	ctx->conn.auth_protocol = &ctx->srp;
	ctx->srp.step = ISCSIT_SRP_STEP_A;
	ctx->srp.wait_us = 7;
	iscsit_srp_login_aborted(&ctx->conn);
	expect_counted(test, want);

	/* With CHAP, auth_protocol is not SRP's */
	ctx->method.value = CHAP;
	want[ISCSIT_SRP_STAT_WAIT] = 0;
	iscsit_srp_login_aborted(&ctx->conn);
	expect_counted(test, want);
}

/* The exchange knows more than its status says */
static void exchange_test(struct kunit *test)
{
	unsigned int want[ISCSIT_SRP_STATS] = {
		[ISCSIT_SRP_STAT_USER] = 1,
		[ISCSIT_SRP_STAT_WAIT] = 1500,
	};
	struct policy_ctx *ctx = test->priv;

	ctx->conn.auth_protocol = &ctx->srp;
	ctx->srp.step = ISCSIT_SRP_STEP_REJECTED;
	ctx->srp.reject.reason = ISCSIT_SRP_STAT_USER;
	strscpy(ctx->srp.reject.why, "a test of the statistics");
	ctx->srp.wait_us = 1500;
	reject(test, 2, ISCSI_LOGIN_STATUS_AUTH_FAILED);
	iscsit_srp_login_aborted(&ctx->conn);
	expect_counted(test, want);
}

static void success_test(struct kunit *test)
{
	unsigned int srp[ISCSIT_SRP_STATS] = {
		[ISCSI_SRP_GROUP_SRP_2048] = 1,
		[ISCSIT_SRP_STAT_LOGINS_SRP] = 1,
		[ISCSIT_SRP_STAT_WAIT] = 20,
	};
	unsigned int chap[ISCSIT_SRP_STATS] = {
		[ISCSIT_SRP_STAT_LOGINS_CHAP] = 1,
	};
	unsigned int none[ISCSIT_SRP_STATS] = {
		[ISCSIT_SRP_STAT_LOGINS_NONE] = 1,
	};
	struct policy_ctx *ctx = test->priv;

	ctx->conn.auth_protocol = &ctx->srp;
	ctx->srp.step = ISCSIT_SRP_STEP_DONE;
	ctx->srp.group = iscsit_srp_group_by_id(ISCSI_SRP_GROUP_SRP_2048);
	ctx->srp.wait_us = 20;
	iscsit_srp_authenticated(&ctx->conn);
	ctx->conn.auth_protocol = NULL;
	strscpy(ctx->sess.auth_type, SRP);
	iscsit_srp_login_done(&ctx->conn);
	expect_counted(test, srp);

	strscpy(ctx->sess.auth_type, CHAP);
	iscsit_srp_login_done(&ctx->conn);
	expect_counted(test, chap);

	/* Not set if a login starts in the next stage */
	strscpy(ctx->sess.auth_type, "");
	iscsit_srp_login_done(&ctx->conn);
	expect_counted(test, none);
	strscpy(ctx->sess.auth_type, NONE);
	iscsit_srp_login_done(&ctx->conn);
	expect_counted(test, none);
}

static void audit_text_test(struct kunit *test)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "alice", "\"alice\"" },
		{ "a b", "612062" },
		{ "a\"b", "612262" },
		{ "a\nres=1", "610A7265733D31" },
		{ "\xc3\xaf", "C3AF" },
		{ "\x7f", "7F" },
		{ "~", "\"~\"" },
		{ "=,;'", "\"=,;'\"" },
	};
	char buf[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;

		KUNIT_EXPECT_EQ(test, iscsit_srp_audit_text(text, strlen(text),
							    buf, sizeof(buf)),
				strlen(cases[i].want));
		KUNIT_EXPECT_STREQ(test, buf, cases[i].want);
	}
	KUNIT_EXPECT_EQ(test, iscsit_srp_audit_text("1234567890123", 13, buf,
						    sizeof(buf)), 15);
	KUNIT_EXPECT_EQ(test, iscsit_srp_audit_text("12345678901234", 14, buf,
						    sizeof(buf)), -E2BIG);
	KUNIT_EXPECT_EQ(test, iscsit_srp_audit_text("1234567 ", 8, buf,
						    sizeof(buf)), -E2BIG);
}

/* A login whose ACL is being removed gets the strictest policy */
static void gone_test(struct kunit *test)
{
	struct policy_ctx *ctx = test->priv;

	expect_policy(test, 0, false, false);
	iscsit_srp_scope_forget(&ctx->nacl.node_auth);
	expect_policy(test, ISCSI_SRP_GROUP_MAX, true, true);

	/* The portal group still counts */
	iscsit_srp_count(&ctx->conn, ISCSIT_SRP_STAT_WAIT, 3);
	KUNIT_EXPECT_EQ(test,
			iscsit_srp_stat_show(&ctx->tpg.tpg_demo_auth,
					     ISCSIT_SRP_STAT_WAIT, ctx->page),
			2);
	KUNIT_EXPECT_STREQ(test, ctx->page, "3\n");
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(fields_test),
	KUNIT_CASE(tls_bind_test),
	KUNIT_CASE(stricter_test),
	KUNIT_CASE(gone_test),
	KUNIT_CASE(contradiction_test),
	KUNIT_CASE(methods_test),
	KUNIT_CASE(rejected_test),
	KUNIT_CASE(aborted_test),
	KUNIT_CASE(exchange_test),
	KUNIT_CASE(success_test),
	KUNIT_CASE(audit_text_test),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "iscsi_target_srp_policy",
	.init = policy_init,
	.exit = policy_exit,
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
