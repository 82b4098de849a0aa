// SPDX-License-Identifier: GPL-2.0-or-later
/* srp.c and group.c: known answers, OpenSSL's plain arithmetic, refusals */
#include "lib/tests/test.h"

#include <stdlib.h>

#include <openssl/bn.h>

static void vector_holds(void **state)
{
	const struct srp_vector *vec = *state;
	const struct srp_group *group = group_by_id(vec->group);
	uint8_t got[ISCSI_SRP_MAX_LEN];

	assert_string_equal(group->name, vec->group_name);
	assert_int_equal(srp_v(group, bytes_of(vec->x), got), ISCSI_SRP_OK);
	assert_number(got, group->len, vec->v);
	assert_int_equal(srp_v(group, bytes_of(vec->a), got), ISCSI_SRP_OK);
	assert_number(got, group->len, vec->A);
	assert_int_equal(srp_B(group, bytes_of(vec->v), bytes_of(vec->b),
			       got), ISCSI_SRP_OK);
	assert_number(got, group->len, vec->B);
	assert_int_equal(srp_S(group, bytes_of(vec->v), bytes_of(vec->b),
			       vec->u, bytes_of(vec->A), got), ISCSI_SRP_OK);
	assert_number(got, group->len, vec->S);
}

static void groups_are_those_of_the_rfc(void **state)
{
	(void)state;

	for (size_t i = 0; i < ISCSI_SRP_GROUP_MAX; i++) {
		const struct srp_vector_group *want = &srp_vector_groups[i];
		const struct srp_group *group = group_by_id(want->id);

		assert_string_equal(group->name, want->name);
		assert_int_equal(group->id, want->id);
		assert_int_equal(group->g, want->g);
		assert_int_equal(group->len, want->N.len);
		assert_memory_equal(group_modulus(group)->bytes, want->N.p,
				    group->len);
		assert_ptr_equal(group_by_name(want->name, strlen(want->name)),
				 group);
	}
	assert_null(group_by_id(0));
	assert_null(group_by_id(ISCSI_SRP_GROUP_MAX + 1));
	assert_null(group_by_name("SRP-1536", 7));
	assert_null(group_by_name("srp-1536", 8));
	assert_null(group_by_name("", 0));
}

static void modulus_stays(void **state)
{
	const struct srp_group *group = group_by_id(1);

	(void)state;
	assert_ptr_equal(group_modulus(group), group_modulus(group));
}

static void zero_u_vector_has_its_B_and_no_S(void **state)
{
	const struct srp_vector *vec = &srp_zero_u[0];
	const struct srp_group *group = group_by_id(vec->group);
	uint8_t got[ISCSI_SRP_MAX_LEN];

	(void)state;
	assert_int_equal(srp_B(group, bytes_of(vec->v), bytes_of(vec->b),
			       got), ISCSI_SRP_OK);
	assert_number(got, group->len, vec->B);
	assert_int_equal(srp_S(group, bytes_of(vec->v), bytes_of(vec->b), 0,
			       bytes_of(vec->A), got), ISCSI_SRP_BAD_JOB);
}

static void rejected_A_is_refused(void **state)
{
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < SRP_REJECTS; i++) {
		const struct srp_reject *reject = &srp_rejects[i];
		const struct srp_group *group = group_by_id(reject->group);
		const uint8_t one = 1;
		uint8_t got[ISCSI_SRP_MAX_LEN];

		/* A value that is refused as B is refused as A and as verifier */
		assert_int_equal(srp_S(group, (struct bytes){ &one, 1 },
				       (struct bytes){ &one, 1 }, 1,
				       bytes_of(reject->value), got),
				 ISCSI_SRP_BAD_JOB);
		assert_int_equal(srp_B(group, bytes_of(reject->value),
				       (struct bytes){ &one, 1 }, got),
				 ISCSI_SRP_BAD_JOB);
		refused++;
	}
	assert_int_equal(refused, SRP_REJECTS);
}

/* The same formulas with OpenSSL's plain functions */
struct plain {
	BN_CTX *ctx;
	BIGNUM *N, *g, *v, *b, *t;
};

static struct plain plain_begin(const struct srp_group *group)
{
	struct plain p = {
		.ctx = BN_CTX_new(), .N = BN_new(), .g = BN_new(),
		.v = BN_new(), .b = BN_new(), .t = BN_new(),
	};
	const struct srp_vector_group *from = &srp_vector_groups[group->id - 1];

	assert_non_null(BN_bin2bn(from->N.p, from->N.len, p.N));
	assert_true(BN_set_word(p.g, from->g));
	return p;
}

static void plain_end(struct plain *p)
{
	BN_free(p->N);
	BN_free(p->g);
	BN_free(p->v);
	BN_free(p->b);
	BN_free(p->t);
	BN_CTX_free(p->ctx);
}

static struct bytes to_bytes(const BIGNUM *bn, uint8_t *buf)
{
	return (struct bytes){ buf, (size_t)BN_bn2bin(bn, buf) };
}

/* B of p->v and p->b, against plain arithmetic */
static void check_B(const struct srp_group *group, struct plain *p)
{
	uint8_t v[ISCSI_SRP_MAX_LEN], b[ISCSI_SRP_MAX_LEN];
	uint8_t got[ISCSI_SRP_MAX_LEN], want[ISCSI_SRP_MAX_LEN];

	assert_true(BN_mod_exp(p->t, p->g, p->b, p->N, p->ctx));
	assert_true(BN_mod_add(p->t, p->t, p->v, p->N, p->ctx));
	assert_int_equal(BN_bn2binpad(p->t, want, group->len), group->len);
	assert_int_equal(srp_B(group, to_bytes(p->v, v), to_bytes(p->b, b),
			       got), ISCSI_SRP_OK);
	assert_memory_equal(got, want, group->len);
}

static void B_at_the_edges_of_the_addition(void **state)
{
	(void)state;
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct srp_group *group = group_by_id(id);
		struct plain p = plain_begin(group);

		/* v = N - g^b + d: the sum is N - 1, N, N + 1 */
		assert_true(BN_set_word(p.b, 12345));
		for (int d = -1; d <= 1; d++) {
			assert_true(BN_mod_exp(p.t, p.g, p.b, p.N, p.ctx));
			assert_true(BN_sub(p.v, p.N, p.t));
			assert_true(d < 0 ? BN_sub_word(p.v, 1) :
					    BN_add_word(p.v, d));
			check_B(group, &p);
		}
		/* The smallest and the largest v */
		assert_true(BN_one(p.v));
		check_B(group, &p);
		assert_true(BN_sub(p.v, p.N, BN_value_one()));
		check_B(group, &p);
		/* b = 1, and b of all ones, longer than N */
		assert_true(BN_one(p.b));
		check_B(group, &p);
		assert_true(BN_lshift(p.b, BN_value_one(), 8192));
		assert_true(BN_sub_word(p.b, 1));
		check_B(group, &p);
		plain_end(&p);
	}
}

static void B_of_random_numbers(void **state)
{
	(void)state;
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_SRP_2048; id++) {
		const struct srp_group *group = group_by_id(id);
		struct plain p = plain_begin(group);

		for (int i = 0; i < 20; i++) {
			assert_true(BN_rand_range(p.v, p.N));
			assert_true(BN_rand(p.b, 256, BN_RAND_TOP_ANY,
					    BN_RAND_BOTTOM_ANY));
			check_B(group, &p);
		}
		plain_end(&p);
	}
}

static void leading_zeros_do_not_count(void **state)
{
	const struct srp_vector *vec = &srp_vectors[0];
	const struct srp_group *group = group_by_id(vec->group);
	uint8_t b[ISCSI_SRP_MAX_LEN] = { 0 };
	uint8_t got[ISCSI_SRP_MAX_LEN];

	(void)state;
	memcpy(b + sizeof(b) - vec->b.len, vec->b.p, vec->b.len);
	assert_int_equal(srp_B(group, bytes_of(vec->v),
			       (struct bytes){ b, sizeof(b) }, got),
			 ISCSI_SRP_OK);
	assert_number(got, group->len, vec->B);
}

static void out_of_range_is_refused(void **state)
{
	static const uint8_t zeros[ISCSI_SRP_MAX_LEN + 1], one = 1;
	const struct bytes ok = { &one, 1 };

	(void)state;
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct srp_group *group = group_by_id(id);
		const uint8_t *N = group_modulus(group)->bytes;
		const struct bytes bad[] = {
			{ zeros, 0 },
			{ zeros, 1 },
			{ zeros, group->len },
			{ N, group->len },
			{ zeros, group->len + 1 },
		};
		uint8_t more[ISCSI_SRP_MAX_LEN], got[ISCSI_SRP_MAX_LEN];
		const struct bytes larger = { more, group->len };

		/* N + 1: N is odd, and its last byte is not 255 here */
		memcpy(more, N, group->len);
		for (size_t i = group->len; ++more[--i] == 0;)
			;
		assert_int_equal(srp_B(group, larger, ok, got),
				 ISCSI_SRP_BAD_JOB);
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			assert_int_equal(srp_B(group, bad[i], ok, got),
					 ISCSI_SRP_BAD_JOB);
			assert_int_equal(srp_S(group, bad[i], ok, 1, ok, got),
					 ISCSI_SRP_BAD_JOB);
			assert_int_equal(srp_S(group, ok, ok, 1, bad[i], got),
					 ISCSI_SRP_BAD_JOB);
		}
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(srp_B(group, ok, bad[i], got),
					 ISCSI_SRP_BAD_JOB);
		assert_int_equal(srp_B(group, ok, (struct bytes){ zeros,
				       sizeof(zeros) }, got),
				 ISCSI_SRP_BAD_JOB);
	}
}

/* A such that A * v^u is the given number */
static void degenerate(unsigned int id, int product)
{
	const struct srp_group *group = group_by_id(id);
	struct plain p = plain_begin(group);
	uint8_t v[ISCSI_SRP_MAX_LEN], A[ISCSI_SRP_MAX_LEN];
	uint8_t got[ISCSI_SRP_MAX_LEN];
	const uint8_t b[] = { 0x7e, 0x11 };
	BIGNUM *u = BN_new();

	assert_true(BN_set_word(u, 0xdeadbeef));
	assert_true(BN_set_word(p.v, 0x12345));
	assert_true(BN_mod_exp(p.t, p.v, u, p.N, p.ctx));
	assert_non_null(BN_mod_inverse(p.t, p.t, p.N, p.ctx));
	assert_true(BN_set_word(p.b, abs(product)));
	if (product < 0)
		assert_true(BN_sub(p.b, p.N, p.b));
	assert_true(BN_mod_mul(p.t, p.t, p.b, p.N, p.ctx));
	assert_int_equal(srp_S(group, to_bytes(p.v, v),
			       (struct bytes){ b, sizeof(b) }, 0xdeadbeef,
			       to_bytes(p.t, A), got),
			 product == 2 || product == -2 ? ISCSI_SRP_OK :
							 ISCSI_SRP_BAD_JOB);
	BN_free(u);
	plain_end(&p);
}

static void degenerate_product_is_refused(void **state)
{
	(void)state;
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_SRP_2048; id++) {
		degenerate(id, 1);
		degenerate(id, -1);
		/* Neighbouring values are accepted */
		degenerate(id, 2);
		degenerate(id, -2);
	}
}

static void degenerate_S_is_refused(void **state)
{
	const struct srp_group *group = group_by_id(1);
	struct plain p = plain_begin(group);
	uint8_t b[ISCSI_SRP_MAX_LEN], got[ISCSI_SRP_MAX_LEN];
	const uint8_t one = 1, two = 2;

	(void)state;
	/* (1 * 2^1)^((N - 1) / 2) is 1 or N - 1, 2 being a primitive root */
	assert_true(BN_rshift1(p.b, p.N));
	assert_int_equal(srp_S(group, (struct bytes){ &two, 1 },
			       to_bytes(p.b, b), 1,
			       (struct bytes){ &one, 1 }, got),
			 ISCSI_SRP_BAD_JOB);
	assert_true(BN_add_word(p.b, 1));
	assert_int_equal(srp_S(group, (struct bytes){ &two, 1 },
			       to_bytes(p.b, b), 1,
			       (struct bytes){ &one, 1 }, got), ISCSI_SRP_OK);
	plain_end(&p);
}

static void secrets_are_returned(void **state)
{
	const struct srp_vector *vec = &srp_vectors[0];
	const struct srp_group *group = group_by_id(vec->group);
	size_t before = CRYPTO_secure_used();
	uint8_t got[ISCSI_SRP_MAX_LEN];

	(void)state;
	srp_S(group, bytes_of(vec->v), bytes_of(vec->b), vec->u,
	      bytes_of(vec->A), got);
	srp_B(group, bytes_of(vec->v), bytes_of(vec->b), got);
	assert_int_equal(CRYPTO_secure_used(), before);
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(groups_are_those_of_the_rfc),
		cmocka_unit_test(modulus_stays),
		cmocka_unit_test(zero_u_vector_has_its_B_and_no_S),
		cmocka_unit_test(rejected_A_is_refused),
		cmocka_unit_test(B_at_the_edges_of_the_addition),
		cmocka_unit_test(B_of_random_numbers),
		cmocka_unit_test(leading_zeros_do_not_count),
		cmocka_unit_test(out_of_range_is_refused),
		cmocka_unit_test(degenerate_product_is_refused),
		cmocka_unit_test(degenerate_S_is_refused),
		cmocka_unit_test(secrets_are_returned),
	};

	if (secret_init())
		return 1;
	return run_with_vectors(fixed, sizeof(fixed) / sizeof(fixed[0]),
				vector_holds);
}
