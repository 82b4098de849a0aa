// SPDX-License-Identifier: GPL-2.0
/*
 * TLS: values of the files of a portal, which portals of a socket decide, transports
 * without TLS, and the names of alerts.
 */

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/tls_prot.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target_tls.h"
#include "../portal.h"
#include "../record.h"

/* 32 digits */
#define DIGITS	"0123456789abcdefABCDEF0123456789"

static void modes(struct kunit *test)
{
	static const struct {
		const char *text;
		int mode;
	} cases[] = {
		{ "no", ISCSIT_TLS_NO }, { "no\n", ISCSIT_TLS_NO },
		{ "allow", ISCSIT_TLS_ALLOW }, { "require\n", ISCSIT_TLS_REQUIRE },
		{ "", -EINVAL }, { "\n", -EINVAL }, { "n", -EINVAL },
		{ "No", -EINVAL }, { "required", -EINVAL }, { "allow ", -EINVAL },
		{ " no", -EINVAL }, { "no\n\n", -EINVAL }, { "1", -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].mode,
				    iscsit_tls_parse_mode(cases[i].text,
							  strlen(cases[i].text)),
				    "\"%s\"", cases[i].text);
}

static void certificates(struct kunit *test)
{
	static const u8 start[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
				    0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89 };
	static const struct {
		const char *text;
		int len[ISCSIT_TLS_CERTS];	/* the first is negative: an error */
	} cases[] = {
		{ "", { 0 } }, { "\n", { 0 } }, { " \t\n", { 0 } },
		{ DIGITS DIGITS, { 32 } },
		{ DIGITS DIGITS DIGITS "\n", { 48 } },
		{ " " DIGITS DIGITS DIGITS DIGITS, { 64 } },
		{ DIGITS DIGITS " " DIGITS DIGITS DIGITS, { 32, 48 } },
		{ DIGITS DIGITS DIGITS DIGITS "\n\n" DIGITS DIGITS "\n", { 64, 32 } },
		{ DIGITS, { -EINVAL } },
		{ DIGITS DIGITS "0", { -EINVAL } },
		{ "0x" DIGITS DIGITS, { -EINVAL } },
		{ DIGITS DIGITS "," DIGITS DIGITS, { -EINVAL } },
		{ DIGITS "g123456789abcdef0123456789abcdef", { -EINVAL } },
		{ DIGITS DIGITS DIGITS DIGITS DIGITS, { -EINVAL } },
		{ DIGITS DIGITS " " DIGITS DIGITS " " DIGITS DIGITS, { -EINVAL } },
		{ DIGITS DIGITS " " DIGITS, { -EINVAL } },
	};
	struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;
		int ret = iscsit_tls_parse_certs(text, strlen(text), certs);

		KUNIT_EXPECT_EQ_MSG(test, ret, min(cases[i].len[0], 0), "\"%s\"",
				    text);
		if (ret)
			continue;
		for (j = 0; j < ISCSIT_TLS_CERTS; j++) {
			KUNIT_EXPECT_EQ_MSG(test, certs[j].len, cases[i].len[j],
					    "\"%s\"", text);
			if (certs[j].len)
				KUNIT_EXPECT_MEMEQ(test, certs[j].hash, start,
						   sizeof(start));
		}
	}
}

static ssize_t store(const struct configfs_attribute *attr,
		     struct iscsi_tpg_np *tpg_np, const char *value)
{
	return attr->store(&tpg_np->se_tpg_np.tpg_np_group.cg_item, value,
			   strlen(value));
}

/* A socket does what the strictest of its portals says, and has all certificates */
static void shared_socket(struct kunit *test)
{
	static const char hashes[] = DIGITS DIGITS " " DIGITS DIGITS DIGITS;
	struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS_MAX];
	struct iscsi_tpg_np *tpg_np;
	struct iscsi_np *np;
	unsigned int i;

	/* More portals with different certificates than a login can know */
	tpg_np = kunit_kcalloc(test, 5, sizeof(*tpg_np), GFP_KERNEL);
	np = kunit_kcalloc(test, 2, sizeof(*np), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tpg_np);
	KUNIT_ASSERT_NOT_NULL(test, np);
	for (i = 0; i < 5; i++)
		tpg_np[i].tpg_np = &np[0];

	KUNIT_EXPECT_FALSE(test, iscsit_tls_offered(&np[0]));
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[0], &tpg_np[0], certs), 0);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, store(&iscsit_tls_attr_certificate,
					    &tpg_np[i], hashes),
				strlen(hashes));
	KUNIT_EXPECT_FALSE(test, iscsit_tls_used(&tpg_np[0]));
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[0], &tpg_np[1], certs), 2);
	KUNIT_EXPECT_EQ(test, certs[0].len, 32);
	KUNIT_EXPECT_EQ(test, certs[1].len, 48);
	/* Those of discovery, each once */
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[0], NULL, certs), 2);
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[1], NULL, certs), 0);
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[0], &tpg_np[2], certs), 0);

	for (i = 0; i < 5; i++) {
		char value[] = DIGITS DIGITS " " DIGITS DIGITS;

		value[0] = '1' + i;
		value[65] = 'a' + i;
		KUNIT_EXPECT_EQ(test, store(&iscsit_tls_attr_certificate,
					    &tpg_np[i], value), strlen(value));
	}
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[0], NULL, certs),
			ISCSIT_TLS_CERTS_MAX);

	for (i = 0; i < 5; i++)
		iscsit_tls_forget(&tpg_np[i]);
	KUNIT_EXPECT_EQ(test, iscsit_tls_certs(&np[0], NULL, certs), 0);
	KUNIT_EXPECT_EQ(test, iscsit_tls_mode(&np[0], &tpg_np[0]), ISCSIT_TLS_NO);
}

/* A portal has TLS, or a transport with hardware support */
static void other_transports(struct kunit *test)
{
	static const int transports[] = { ISCSI_INFINIBAND, ISCSI_CXGBIT };
	struct iscsi_portal_group *tpg;
	struct iscsi_tpg_np *tpg_np;
	struct iscsi_np *np;
	unsigned int i;

	tpg = kunit_kzalloc(test, sizeof(*tpg), GFP_KERNEL);
	tpg_np = kunit_kcalloc(test, 2, sizeof(*tpg_np), GFP_KERNEL);
	np = kunit_kcalloc(test, 2, sizeof(*np), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tpg);
	KUNIT_ASSERT_NOT_NULL(test, tpg_np);
	KUNIT_ASSERT_NOT_NULL(test, np);
	mutex_init(&tpg->tpg_access_lock);
	for (i = 0; i < 2; i++) {
		tpg_np[i].tpg = tpg;
		tpg_np[i].tpg_np = &np[i];
		spin_lock_init(&tpg_np[i].tpg_np_parent_lock);
		INIT_LIST_HEAD(&tpg_np[i].tpg_np_parent_list);
	}
	list_add_tail(&tpg_np[1].tpg_np_child_list, &tpg_np[0].tpg_np_parent_list);

	for (i = 0; i < ARRAY_SIZE(transports); i++) {
		np[1].np_network_transport = transports[i];
		KUNIT_EXPECT_EQ(test, store(&iscsit_tls_attr_tls, &tpg_np[0],
					    "allow"), -EINVAL);
		KUNIT_EXPECT_EQ(test, store(&iscsit_tls_attr_tls, &tpg_np[0],
					    "require\n"), -EINVAL);
		KUNIT_EXPECT_FALSE(test, iscsit_tls_used(&tpg_np[0]));
		KUNIT_EXPECT_EQ(test, store(&iscsit_tls_attr_tls, &tpg_np[0],
					    "no"), 2);
	}
	np[1].np_network_transport = ISCSI_TCP;
	KUNIT_EXPECT_EQ(test, store(&iscsit_tls_attr_tls, &tpg_np[0], "allow"), 5);
	KUNIT_EXPECT_TRUE(test, iscsit_tls_used(&tpg_np[0]));
	iscsit_tls_forget(&tpg_np[0]);
}

static void alerts(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, iscsit_tls_alert_name(0), "close_notify");
	KUNIT_EXPECT_STREQ(test, iscsit_tls_alert_name(42), "bad_certificate");
	KUNIT_EXPECT_STREQ(test, iscsit_tls_alert_name(90), "user_canceled");
	KUNIT_EXPECT_NULL(test, iscsit_tls_alert_name(1));
	KUNIT_EXPECT_NULL(test, iscsit_tls_alert_name(255));
}

static struct kunit_case tls_cases[] = {
	KUNIT_CASE(modes),
	KUNIT_CASE(certificates),
	KUNIT_CASE(shared_socket),
	KUNIT_CASE(other_transports),
	KUNIT_CASE(alerts),
	{}
};

static struct kunit_suite tls_suite = {
	.name = "iscsi_target_tls",
	.test_cases = tls_cases,
};

kunit_test_suite(tls_suite);
