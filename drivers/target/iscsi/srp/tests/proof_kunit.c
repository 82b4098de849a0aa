// SPDX-License-Identifier: GPL-2.0
/*
 * The groups and the hashes, by known answers.
 */
#include <kunit/test.h>
#include <linux/string.h>
#include "../group.h"
#include "../proof.h"
#include "vectors.h"

static void group_desc(const struct srp_vector_group *g, char *desc)
{
	strscpy(desc, g->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(group, srp_vector_groups, group_desc);

static void group_test(struct kunit *test)
{
	const struct srp_vector_group *want = test->param_value;
	const struct iscsit_srp_group *group;
	size_t len = strlen(want->name);

	group = iscsit_srp_group_by_name(want->name, len);
	KUNIT_ASSERT_NOT_NULL(test, group);
	KUNIT_EXPECT_PTR_EQ(test, group, iscsit_srp_group_by_id(want->id));
	KUNIT_EXPECT_STREQ(test, group->name, want->name);
	KUNIT_EXPECT_EQ(test, group->id, want->id);
	KUNIT_EXPECT_EQ(test, group->g, want->g);
	KUNIT_ASSERT_EQ(test, group->len, want->N.len);
	KUNIT_EXPECT_MEMEQ(test, group->N, want->N.p, want->N.len);
	KUNIT_EXPECT_NE(test, group->N[0], 0);
	KUNIT_EXPECT_NULL(test, iscsit_srp_group_by_name(want->name, len - 1));
}

static void group_unknown_test(struct kunit *test)
{
	static const char * const names[] = {
		"", "SRP", "SRP-1536 ", "srp-1536", "SRP-3072", "MODP-1536",
		"MODP-3072,SRP-1536", "SRP_N",
	};
	size_t i;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(srp_vector_groups),
			ISCSI_SRP_GROUP_MAX);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		KUNIT_EXPECT_NULL_MSG(test,
				      iscsit_srp_group_by_name(names[i],
							       strlen(names[i])),
				      "\"%s\"", names[i]);
	KUNIT_EXPECT_NULL(test, iscsit_srp_group_by_id(0));
	KUNIT_EXPECT_NULL(test, iscsit_srp_group_by_id(ISCSI_SRP_GROUP_MAX + 1));
	KUNIT_EXPECT_NULL(test, iscsit_srp_group_by_id(~0U));
}

/* Both edges of 0 < value < N, with and without leading zero bytes */
static void group_contains_test(struct kunit *test)
{
	const struct srp_vector_group *want = test->param_value;
	const struct iscsit_srp_group *group = iscsit_srp_group_by_id(want->id);
	u8 *buf = kunit_kzalloc(test, 3 + ISCSI_SRP_MAX_LEN, GFP_KERNEL);
	u8 *value = buf + 3;
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, group);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	len = group->len;

	KUNIT_EXPECT_FALSE(test, iscsit_srp_group_contains(group, value, 0));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_group_contains(group, value, 1));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_group_contains(group, buf, len + 3));

	value[len - 1] = 1;
	KUNIT_EXPECT_TRUE(test, iscsit_srp_group_contains(group, value, len));
	KUNIT_EXPECT_TRUE(test, iscsit_srp_group_contains(group, buf, len + 3));
	KUNIT_EXPECT_TRUE(test,
			  iscsit_srp_group_contains(group, &value[len - 1], 1));

	/* N is odd, so N - 1 and N + 1 differ from it in the last byte only */
	memcpy(value, want->N.p, len);
	KUNIT_ASSERT_EQ(test, value[len - 1] & 1, 1);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_group_contains(group, value, len));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_group_contains(group, buf, len + 3));
	value[len - 1]--;
	KUNIT_EXPECT_TRUE(test, iscsit_srp_group_contains(group, value, len));
	KUNIT_EXPECT_TRUE(test, iscsit_srp_group_contains(group, buf, len + 3));

	/* As long as N, and greater; then longer than N */
	memcpy(value, want->N.p, len);
	value[len / 2 - 1] = 0xff;
	value[len / 2]++;
	if (memcmp(value, want->N.p, len) < 0)
		memset(value, 0xff, len);
	KUNIT_EXPECT_FALSE(test, iscsit_srp_group_contains(group, value, len));
	memset(value, 0, len);
	buf[2] = 1;
	KUNIT_EXPECT_FALSE(test,
			   iscsit_srp_group_contains(group, buf + 2, len + 1));
}

static void reject_desc(const struct srp_reject *r, char *desc)
{
	strscpy(desc, r->id, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reject, srp_rejects, reject_desc);

static void reject_test(struct kunit *test)
{
	const struct srp_reject *r = test->param_value;

	KUNIT_EXPECT_FALSE(test,
			   iscsit_srp_group_contains(iscsit_srp_group_by_id(r->group),
						     r->value.p, r->value.len));
}

static void minimal_test(struct kunit *test)
{
	static const u8 value[] = { 0, 0, 1, 0 };
	size_t len;

	len = 4;
	KUNIT_EXPECT_PTR_EQ(test, iscsit_srp_minimal(value, &len), &value[2]);
	KUNIT_EXPECT_EQ(test, len, 2);
	len = 2;
	iscsit_srp_minimal(value, &len);
	KUNIT_EXPECT_EQ(test, len, 0);
	len = 0;
	KUNIT_EXPECT_PTR_EQ(test, iscsit_srp_minimal(value, &len), &value[0]);
	KUNIT_EXPECT_EQ(test, len, 0);
}

static void vector_desc(const struct srp_vector *v, char *desc)
{
	strscpy(desc, v->id, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vector, srp_vectors, vector_desc);

/* Each value that the target computes, from the known answers before it */
static void vector_test(struct kunit *test)
{
	const struct srp_vector *v = test->param_value;
	const struct iscsit_srp_transcript t = {
		.group = iscsit_srp_group_by_id(v->group),
		.U = v->U.p, .U_len = v->U.len,
		.s = v->s.p, .s_len = v->s.len,
		.A = v->A.p, .A_len = v->A.len,
		.B = v->B.p, .B_len = v->B.len,
		.K = v->K.p,
	};
	u8 K[ISCSIT_SRP_KEY_LEN], M[SHA1_DIGEST_SIZE], HM[SHA1_DIGEST_SIZE];
	u8 *padded;
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, t.group);
	len = t.group->len;
	padded = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, padded);

	KUNIT_EXPECT_TRUE(test,
			  iscsit_srp_group_contains(t.group, v->A.p, v->A.len));
	KUNIT_EXPECT_TRUE(test,
			  iscsit_srp_group_contains(t.group, v->v.p, v->v.len));
	KUNIT_EXPECT_EQ(test, iscsit_srp_u(v->B.p, v->B.len), v->u);
	iscsit_srp_interleave(v->S.p, v->S.len, K);
	KUNIT_EXPECT_MEMEQ(test, K, v->K.p, sizeof(K));
	iscsit_srp_M(&t, M);
	KUNIT_EXPECT_MEMEQ(test, M, v->M.p, sizeof(M));
	iscsit_srp_HM(&t, v->M.p, HM);
	KUNIT_EXPECT_MEMEQ(test, HM, v->HM.p, sizeof(HM));

	/* B and S padded to the length of N, as from a worker */
	memcpy(padded + len - v->B.len, v->B.p, v->B.len);
	KUNIT_EXPECT_EQ(test, iscsit_srp_u(padded, len), v->u);
	memset(padded, 0, len);
	memcpy(padded + len - v->S.len, v->S.p, v->S.len);
	iscsit_srp_interleave(padded, len, K);
	KUNIT_EXPECT_MEMEQ(test, K, v->K.p, sizeof(K));
}

static void zero_u_test(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(srp_zero_u); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    iscsit_srp_u(srp_zero_u[i].B.p,
						 srp_zero_u[i].B.len),
				    0, "%s", srp_zero_u[i].id);
}

static struct kunit_case srp_proof_cases[] = {
	KUNIT_CASE_PARAM(group_test, group_gen_params),
	KUNIT_CASE(group_unknown_test),
	KUNIT_CASE_PARAM(group_contains_test, group_gen_params),
	KUNIT_CASE_PARAM(reject_test, reject_gen_params),
	KUNIT_CASE(minimal_test),
	KUNIT_CASE_PARAM(vector_test, vector_gen_params),
	KUNIT_CASE(zero_u_test),
	{}
};

static struct kunit_suite srp_proof_suite = {
	.name = "iscsi_target_srp_proof",
	.test_cases = srp_proof_cases,
};

kunit_test_suite(srp_proof_suite);
