// SPDX-License-Identifier: GPL-2.0-or-later
/* initiator.c and digest.c: known answers, bad values */
#include "lib/tests/test.h"

#include <openssl/bn.h>

#include "initiator.h"
#include "lib/hex.h"

/* The state before B arrives */
static struct initiator *begin(const struct srp_vector *vec)
{
	struct initiator *srp = secret_alloc(sizeof(*srp));

	assert_non_null(srp);
	srp->group = group_by_id(vec->group);
	memcpy(srp->a + EPHEMERAL_LEN - vec->a.len, vec->a.p, vec->a.len);
	memcpy(srp->A, vec->A.p, vec->A.len);
	srp->A_len = vec->A.len;
	return srp;
}

static void end(struct initiator *srp)
{
	secret_free(srp, sizeof(*srp));
}

static void vector_holds(void **state)
{
	const struct srp_vector *vec = *state;
	const struct bytes U = bytes_of(vec->U), s = bytes_of(vec->s);
	struct initiator *srp = begin(vec);
	size_t len = srp->group->len;

	assert_true(initiator_x(srp, U, bytes_of(vec->P), s));
	assert_memory_equal(srp->x, vec->x.p, SHA1_LEN);
	assert_number(srp->g_x, len, vec->v);
	assert_null(initiator_B_problem(srp->group, bytes_of(vec->B)));
	assert_true(initiator_prove(srp, U, s, bytes_of(vec->B)));
	assert_number(srp->S, len, vec->S);
	assert_memory_equal(srp->K, vec->K.p, sizeof(srp->K));
	assert_memory_equal(srp->M, vec->M.p, SHA1_LEN);
	assert_memory_equal(srp->HM, vec->HM.p, SHA1_LEN);
	end(srp);
}

/* Leading zero bytes do not change B */
static void padded_B_is_the_same(void **state)
{
	const struct srp_vector *vec = &srp_vectors[0];
	const struct bytes U = bytes_of(vec->U), s = bytes_of(vec->s);
	uint8_t padded[ISCSI_SRP_MAX_LEN] = { 0 };
	const struct bytes B = { padded, vec->B.len + 3 };
	struct initiator *srp = begin(vec);

	(void)state;
	memcpy(padded + 3, vec->B.p, vec->B.len);
	assert_true(initiator_x(srp, U, bytes_of(vec->P), s));
	assert_null(initiator_B_problem(srp->group, B));
	assert_true(initiator_prove(srp, U, s, B));
	assert_memory_equal(srp->M, vec->M.p, SHA1_LEN);
	end(srp);
}

/* B - g^x around zero */
static void differences(void **state)
{
	const struct srp_vector *vec = &srp_vectors[0];
	const struct bytes U = bytes_of(vec->U), s = bytes_of(vec->s);
	const struct srp_group *group = group_by_id(vec->group);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *N = BN_new(), *B = BN_new(), *e = BN_new(), *t = BN_new();
	const int from_v[] = { -1, 0, 1 };

	(void)state;
	BN_bin2bn(group_modulus(group)->bytes, group->len, N);
	for (size_t i = 0; i < 3; i++) {
		struct initiator *srp = begin(vec);
		uint8_t bytes[ISCSI_SRP_MAX_LEN], S[ISCSI_SRP_MAX_LEN];
		uint8_t u[SHA1_LEN];
		struct bytes in = { bytes, group->len };

		assert_true(initiator_x(srp, U, bytes_of(vec->P), s));
		BN_bin2bn(srp->g_x, group->len, B);
		if (from_v[i] < 0)
			BN_sub_word(B, 1);
		else
			BN_add_word(B, from_v[i]);
		BN_bn2binpad(B, bytes, group->len);
		assert_null(initiator_B_problem(group, in));
		assert_true(initiator_prove(srp, U, s, in));

		/* Compute S with plain BIGNUM arithmetic */
		in = bytes_minimal(in);
		assert_true(digest_sha1(u, &in, 1));
		BN_bin2bn(u, 4, e);
		BN_bin2bn(srp->x, SHA1_LEN, t);
		BN_mul(e, e, t, ctx);
		BN_bin2bn(srp->a, EPHEMERAL_LEN, t);
		BN_add(e, e, t);
		BN_bin2bn(srp->g_x, group->len, t);
		BN_mod_sub(t, B, t, N, ctx);
		BN_mod_exp(t, t, e, N, ctx);
		BN_bn2binpad(t, S, group->len);
		assert_memory_equal(srp->S, S, group->len);
		end(srp);
	}
	BN_free(N);
	BN_free(B);
	BN_free(e);
	BN_free(t);
	BN_CTX_free(ctx);
}

/* The largest a and x: no carry is lost */
static void largest_exponent(void **state)
{
	const struct srp_vector *vec = &srp_vectors[0];
	const struct bytes U = bytes_of(vec->U), s = bytes_of(vec->s);
	struct initiator *srp = begin(vec);
	const struct srp_group *group = srp->group;
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *N = BN_new(), *e = BN_new(), *t = BN_new();
	uint8_t S[ISCSI_SRP_MAX_LEN], u[SHA1_LEN];
	const struct bytes B = bytes_of(vec->B);

	(void)state;
	memset(srp->a, 0xff, EPHEMERAL_LEN);
	memset(srp->x, 0xff, SHA1_LEN);
	assert_true(initiator_prove(srp, U, s, B));

	/* g_x is 0 */
	assert_true(digest_sha1(u, &B, 1));
	BN_bin2bn(group_modulus(group)->bytes, group->len, N);
	BN_bin2bn(u, 4, e);
	BN_bin2bn(srp->x, SHA1_LEN, t);
	BN_mul(e, e, t, ctx);
	BN_bin2bn(srp->a, EPHEMERAL_LEN, t);
	BN_add(e, e, t);
	assert_int_equal(BN_num_bits(e), 257);
	BN_bin2bn(B.p, B.len, t);
	BN_mod_exp(t, t, e, N, ctx);
	BN_bn2binpad(t, S, group->len);
	assert_memory_equal(srp->S, S, group->len);
	BN_free(N);
	BN_free(e);
	BN_free(t);
	BN_CTX_free(ctx);
	end(srp);
}

static void A_is_a_new_power(void **state)
{
	struct initiator *srp = secret_alloc(sizeof(*srp));
	const struct srp_group *group = group_by_id(ISCSI_SRP_GROUP_SRP_768);
	const struct bytes a = { srp->a, EPHEMERAL_LEN };
	uint8_t before[EPHEMERAL_LEN], want[ISCSI_SRP_MAX_LEN];
	size_t shorter = 0;

	(void)state;
	/* About two in 512 are shorter than N */
	for (size_t i = 0; i < 2000 && !shorter; i++) {
		memcpy(before, srp->a, EPHEMERAL_LEN);
		assert_true(initiator_A(srp, group));
		assert_ptr_equal(srp->group, group);
		assert_memory_not_equal(srp->a, before, EPHEMERAL_LEN);
		assert_int_not_equal(srp->A[0], 0);
		assert_int_equal(srp_v(group, a, want), ISCSI_SRP_OK);
		assert_memory_equal(srp->A, want + group->len - srp->A_len,
				    srp->A_len);
		shorter += srp->A_len < group->len;
	}
	assert_int_equal(shorter, 1);
	end(srp);
}

static void bad_B_is_refused(void **state)
{
	(void)state;
	/* Values that are bad for A are bad for B */
	for (size_t i = 0; i < SRP_REJECTS; i++)
		assert_non_null(initiator_B_problem(group_by_id(srp_rejects[i].group),
						    bytes_of(srp_rejects[i].value)));
	assert_int_not_equal(SRP_REJECTS, 0);
	for (size_t i = 0; i < SRP_ZERO_U; i++)
		assert_string_equal(initiator_B_problem(group_by_id(srp_zero_u[i].group),
							bytes_of(srp_zero_u[i].B)),
				    "makes u = 0");
	assert_int_not_equal(SRP_ZERO_U, 0);
}

static void borders_of_B(void **state)
{
	(void)state;
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct srp_group *group = group_by_id(id);
		uint8_t n[ISCSI_SRP_MAX_LEN + 1] = { 0 };
		const uint8_t one = 1;

		assert_null(initiator_B_problem(group,
						(struct bytes){ &one, 1 }));
		memcpy(n + 1, group_modulus(group)->bytes, group->len);
		assert_non_null(initiator_B_problem(group,
						    (struct bytes){ n + 1, group->len }));
		n[group->len]--;
		assert_null(initiator_B_problem(group,
						(struct bytes){ n, group->len + 1u }));
		n[0] = 1;
		assert_non_null(initiator_B_problem(group,
						    (struct bytes){ n, group->len + 1u }));
	}
}

/* SHA-256(1 | "pw" | 0xaa 0xbb), from Python's hashlib */
static void chap_response(void **state)
{
	const uint8_t id = 1, challenge[] = { 0xaa, 0xbb };
	const struct bytes parts[] = {
		{ &id, 1 }, { (const uint8_t *)"pw", 2 }, { challenge, 2 },
	};
	char hex[2 * SHA256_LEN + 1];
	uint8_t md[SHA256_LEN];

	(void)state;
	assert_true(digest_sha256(md, parts, 3));
	hex_encode(md, SHA256_LEN, hex);
	assert_string_equal(hex, "3bf0081d6a51535018d01a3239314959d951fbad1755c9ea8e12057b30a803d2");
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(padded_B_is_the_same),
		cmocka_unit_test(differences),
		cmocka_unit_test(largest_exponent),
		cmocka_unit_test(A_is_a_new_power),
		cmocka_unit_test(bad_B_is_refused),
		cmocka_unit_test(borders_of_B),
		cmocka_unit_test(chap_response),
	};
	struct CMUnitTest vectors[SRP_VECTORS];
	size_t count = 0;

	/* Only an a of up to 32 bytes fits */
	for (size_t i = 0; i < SRP_VECTORS; i++) {
		if (srp_vectors[i].a.len > EPHEMERAL_LEN)
			continue;
		vectors[count++] = (struct CMUnitTest){
			.name = srp_vectors[i].id,
			.test_func = vector_holds,
			.initial_state = (void *)&srp_vectors[i],
		};
	}
	if (secret_init() || count < 100)
		return 1;
	digest_init();
	return run_all(fixed, sizeof(fixed) / sizeof(fixed[0]), vectors, count);
}
