// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No branch and no address in srp.c, or in the functions of OpenSSL that it calls,
 * depends on a secret: runs under valgrind's memcheck.  The secrets are
 * marked as undefined, and memcheck reports where one decides.  ct.supp lists
 * what does not count.
 */
#include "lib/tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <valgrind/memcheck.h>

static unsigned int reports;

/* Copy a number, and mark the copy as undefined */
static struct bytes secret(struct srp_octets from, uint8_t *buf)
{
	memcpy(buf, from.p, from.len);
	(void)VALGRIND_MAKE_MEM_UNDEFINED(buf, from.len);
	return (struct bytes){ buf, from.len };
}

static void begin(void)
{
	reports = VALGRIND_COUNT_ERRORS;
}

static unsigned int reported(void)
{
	return VALGRIND_COUNT_ERRORS - reports;
}

/* The result depends on the secret and is right, and memcheck reported nothing */
static void end(const struct srp_group *group, uint8_t *got,
		struct srp_octets want)
{
	uint8_t undefined[ISCSI_SRP_MAX_LEN];

	assert_int_equal(reported(), 0);
	assert_int_equal(VALGRIND_GET_VBITS(got, undefined, group->len), 1);
	for (size_t i = 0; i < group->len; i++)
		assert_int_not_equal(undefined[i], 0);
	(void)VALGRIND_MAKE_MEM_DEFINED(got, group->len);
	assert_number(got, group->len, want);
}

static void secret_exponent(void **state)
{
	const struct srp_vector *vec = *state;
	const struct srp_group *group = group_by_id(vec->group);
	uint8_t buf[ISCSI_SRP_MAX_LEN], got[ISCSI_SRP_MAX_LEN];

	begin();
	assert_int_equal(srp_v(group, secret(vec->x, buf), got), ISCSI_SRP_OK);
	end(group, got, vec->v);

	begin();
	assert_int_equal(srp_B(group, bytes_of(vec->v), secret(vec->b, buf),
			       got), ISCSI_SRP_OK);
	end(group, got, vec->B);

	begin();
	assert_int_equal(srp_S(group, bytes_of(vec->v), secret(vec->b, buf),
			       vec->u, bytes_of(vec->A), got), ISCSI_SRP_OK);
	end(group, got, vec->S);
}

/* ct.supp knows this name */
static void secret_base(void **state)
{
	const struct srp_vector *vec = *state;
	const struct srp_group *group = group_by_id(vec->group);
	uint8_t buf[ISCSI_SRP_MAX_LEN], got[ISCSI_SRP_MAX_LEN];

	begin();
	assert_int_equal(srp_B(group, secret(vec->v, buf), bytes_of(vec->b),
			       got), ISCSI_SRP_OK);
	end(group, got, vec->B);

	begin();
	assert_int_equal(srp_S(group, secret(vec->v, buf), bytes_of(vec->b),
			       vec->u, bytes_of(vec->A), got), ISCSI_SRP_OK);
	end(group, got, vec->S);
}

/* The test can fail: memcheck reports OpenSSL's variable-time function */
static void variable_time_is_found(void **state)
{
	const struct srp_vector *vec = &srp_vectors[0];
	const struct srp_modulus *mod = group_modulus(group_by_id(vec->group));
	uint8_t buf[ISCSI_SRP_MAX_LEN];
	struct bytes b = secret(vec->b, buf);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *exp = BN_bin2bn(b.p, (int)b.len, NULL), *power = BN_new();

	(void)state;
	begin();
	assert_true(BN_mod_exp_mont(power, mod->g, exp, mod->N, ctx,
				    mod->mont));
	assert_int_not_equal(reported(), 0);
	BN_free(power);
	BN_free(exp);
	BN_CTX_free(ctx);
}

static void table_lookup_is_found(void **state)
{
	static const uint8_t table[256] = { 1, 2, 3 };
	uint8_t buf[ISCSI_SRP_MAX_LEN];
	volatile uint8_t sum = 0;

	(void)state;
	secret(srp_vectors[0].b, buf);
	begin();
	sum += table[buf[0]];
	assert_int_not_equal(reported(), 0);
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(variable_time_is_found),
		cmocka_unit_test(table_lookup_is_found),
	};
	struct CMUnitTest tests[2 * SRP_VECTORS];
	char names[2 * SRP_VECTORS][64];
	size_t count = 0;

	for (size_t i = 0; i < SRP_VECTORS; i++) {
		const struct srp_vector *vec = &srp_vectors[i];

		if (!strstr(vec->id, "/basic"))
			continue;
		for (int base = 0; base < 2; base++, count++) {
			snprintf(names[count], sizeof(names[count]),
				 "secret %s, %s", base ? "base" : "exponent",
				 vec->group_name);
			tests[count] = (struct CMUnitTest){
				.name = names[count],
				.test_func = base ? secret_base :
						    secret_exponent,
				.initial_state = (void *)vec,
			};
		}
	}

	if (!RUNNING_ON_VALGRIND) {
		execlp("valgrind", "valgrind", "-q", "--suppressions=" CT_SUPP,
		       program_invocation_name, NULL);
		perror("valgrind");
		return 1;
	}
	if (secret_init())
		return 1;
	return run_all(fixed, sizeof(fixed) / sizeof(fixed[0]), tests, count);
}
