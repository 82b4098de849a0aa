// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No branch and no address in the initiator's arithmetic depends on a, x or
 * g^x. Runs under valgrind's memcheck: the secrets are marked as undefined, and
 * memcheck reports each branch and address that depends on one, except those
 * in ct.supp. SHA_Interleave is not tested: RFC 2945 has it drop the zero bytes
 * at the beginning of S.
 */
#include <valgrind/memcheck.h>

#include "cases.h"
#include "vectors.h"
#include "srp.h"

static unsigned int reports;

/* A copy of len bytes that memcheck treats as undefined */
static unsigned char *secret(unsigned char *copy, size_t len,
			     struct srp_octets from)
{
	memset(copy, 0, len - from.len);
	memcpy(copy + len - from.len, from.p, from.len);
	(void)VALGRIND_MAKE_MEM_UNDEFINED(copy, len);
	return copy;
}

static unsigned char *plain(unsigned char *copy, size_t len,
			    struct srp_octets from)
{
	secret(copy, len, from);
	(void)VALGRIND_MAKE_MEM_DEFINED(copy, len);
	return copy;
}

static void begin(void)
{
	reports = VALGRIND_COUNT_ERRORS;
}

/* All of the result depends on the secret, is correct, and nothing leaked */
static void end(unsigned char *result, size_t len, struct srp_octets wanted)
{
	unsigned char undefined[SRP_VALUE_MAX], octets[SRP_VALUE_MAX];
	size_t i;

	assert_int_equal(VALGRIND_COUNT_ERRORS, reports);
	assert_int_equal(VALGRIND_GET_VBITS(result, undefined, len), 1);
	for (i = 0; i < len; i++)
		assert_int_not_equal(undefined[i], 0);
	(void)VALGRIND_MAKE_MEM_DEFINED(result, len);
	assert_memory_equal(result, plain(octets, len, wanted), len);
}

static const struct srp_group *group_of(const struct srp_vector *v)
{
	return srp_group_find(v->group_name, strlen(v->group_name));
}

static void secret_exponent(void **state)
{
	const struct srp_vector *v = *state;
	const struct srp_group *group = group_of(v);
	unsigned char a[SRP_PRIVATE_LEN], x[SRP_HASH_LEN], g_x[SRP_VALUE_MAX];
	unsigned char b[SRP_VALUE_MAX], u[4], result[SRP_VALUE_MAX];
	size_t b_len, len;

	assert_int_equal(srp_check_b(group, v->B.p, v->B.len, b, &b_len, u),
			 SRP_OK);
	secret(a, sizeof(a), v->a);
	secret(x, sizeof(x), v->x);
	begin();
	assert_int_equal(srp_public(group, a, sizeof(a), result, &len), SRP_OK);
	(void)VALGRIND_MAKE_MEM_DEFINED(&len, sizeof(len));
	end(result, len, v->A);

	begin();
	assert_int_equal(srp_verifier(group, x, result), SRP_OK);
	end(result, group->len, v->v);

	begin();
	assert_int_equal(srp_secret(group, x, plain(g_x, group->len, v->v), a,
				    sizeof(a), b, b_len, u, result), SRP_OK);
	end(result, group->len, v->S);
}

/* ct.supp knows this name */
static void secret_base(void **state)
{
	const struct srp_vector *v = *state;
	const struct srp_group *group = group_of(v);
	unsigned char a[SRP_PRIVATE_LEN], x[SRP_HASH_LEN], g_x[SRP_VALUE_MAX];
	unsigned char b[SRP_VALUE_MAX], u[4], result[SRP_VALUE_MAX];
	size_t b_len;

	assert_int_equal(srp_check_b(group, v->B.p, v->B.len, b, &b_len, u),
			 SRP_OK);
	begin();
	assert_int_equal(srp_secret(group, plain(x, sizeof(x), v->x),
				    secret(g_x, group->len, v->v),
				    plain(a, sizeof(a), v->a), sizeof(a), b,
				    b_len, u, result), SRP_OK);
	end(result, group->len, v->S);
}

/* The test can fail: it finds functions that srp_secret() must not use. */
static void variable_time(const struct srp_vector *v, int power)
{
	const struct srp_group *group = group_of(v);
	unsigned char g_x[SRP_VALUE_MAX];
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *b = BN_bin2bn(v->B.p, v->B.len, NULL);
	BIGNUM *n = NULL, *s = BN_new(), *secret_bn;

	BN_hex2bn(&n, group->hex);
	secret_bn = BN_bin2bn(secret(g_x, group->len, v->v), group->len, NULL);
	begin();
	if (power)
		assert_true(BN_mod_exp_mont(s, b, secret_bn, n, ctx, NULL));
	else
		assert_true(BN_mod_sub_quick(s, b, secret_bn, n));
	assert_true(VALGRIND_COUNT_ERRORS > reports);

	BN_free(secret_bn);
	BN_free(s);
	BN_free(n);
	BN_free(b);
	BN_CTX_free(ctx);
}

static void variable_time_subtraction(void **state)
{
	variable_time(*state, 0);
}

static void variable_time_power(void **state)
{
	variable_time(*state, 1);
}

int main(void)
{
	const struct srp_vector *v;
	size_t i;

	if (!RUNNING_ON_VALGRIND)
		return 1;

	srp_secure_heap();
	for (i = 0; i < COUNT(srp_vectors); i++) {
		v = &srp_vectors[i];
		if (!strstr(v->id, "/basic"))
			continue;
		add(secret_exponent, v, "secret exponents, %s", v->group_name);
		add(secret_base, v, "secret base, %s", v->group_name);
		if (strcmp(v->id, "SRP-1536/basic"))
			continue;
		add(variable_time_subtraction, v,
		    "variable time is found: subtraction");
		add(variable_time_power, v, "variable time is found: power");
	}
	return run_cases(NULL);
}
