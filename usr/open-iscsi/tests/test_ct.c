// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * That no branch and no address in the initiator's arithmetic depends on a, x
 * or g^x: to be run under valgrind's memcheck. The secrets are marked as
 * undefined, and memcheck reports where one decides. What ct.supp has does not
 * count. SHA_Interleave is left out: RFC 2945 has it drop the zero octets that
 * S begins with.
 */
#include <valgrind/memcheck.h>

#include "tap.h"
#include "vectors.h"
#include "srp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned int reports;

/* A copy with len octets that memcheck takes for undefined */
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

/* All of the result is made from the secret, and right; nothing was told */
static void end(unsigned char *result, size_t len, struct srp_octets wanted)
{
	unsigned char undefined[SRP_VALUE_MAX], octets[SRP_VALUE_MAX];
	size_t i;

	expect(VALGRIND_COUNT_ERRORS == reports);
	expect(VALGRIND_GET_VBITS(result, undefined, len) == 1);
	for (i = 0; i < len; i++)
		expect(undefined[i]);
	(void)VALGRIND_MAKE_MEM_DEFINED(result, len);
	expect(!memcmp(result, plain(octets, len, wanted), len));
}

static void secret_exponent(const struct srp_vector *v,
			    const struct srp_group *group,
			    const unsigned char *b, size_t b_len,
			    const unsigned char u[4])
{
	unsigned char a[SRP_PRIVATE_LEN], x[SRP_HASH_LEN], g_x[SRP_VALUE_MAX];
	unsigned char result[SRP_VALUE_MAX];
	size_t len;

	secret(a, sizeof(a), v->a);
	secret(x, sizeof(x), v->x);
	begin();
	expect(srp_public(group, a, sizeof(a), result, &len) == SRP_OK);
	(void)VALGRIND_MAKE_MEM_DEFINED(&len, sizeof(len));
	end(result, len, v->A);

	begin();
	expect(srp_verifier(group, x, result) == SRP_OK);
	end(result, group->len, v->v);

	begin();
	expect(srp_secret(group, x, plain(g_x, group->len, v->v), a, sizeof(a),
			  b, b_len, u, result) == SRP_OK);
	end(result, group->len, v->S);
	test("secret exponents, %s", v->group_name);
}

/* ct.supp knows this name */
static void secret_base(const struct srp_vector *v,
			const struct srp_group *group,
			const unsigned char *b, size_t b_len,
			const unsigned char u[4])
{
	unsigned char a[SRP_PRIVATE_LEN], x[SRP_HASH_LEN], g_x[SRP_VALUE_MAX];
	unsigned char result[SRP_VALUE_MAX];

	begin();
	expect(srp_secret(group, plain(x, sizeof(x), v->x),
			  secret(g_x, group->len, v->v),
			  plain(a, sizeof(a), v->a), sizeof(a), b, b_len, u,
			  result) == SRP_OK);
	end(result, group->len, v->S);
	test("secret base, %s", v->group_name);
}

/* This test can fail: what srp_secret() must not do, with the same numbers */
static void variable_time_is_found(const struct srp_vector *v)
{
	unsigned char g_x[SRP_VALUE_MAX];
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *b = BN_bin2bn(v->B.p, v->B.len, NULL);
	BIGNUM *n = NULL, *s = BN_new(), *secret_bn;
	const struct srp_group *group = srp_group_find(v->group_name,
						       strlen(v->group_name));

	BN_hex2bn(&n, group->hex);
	secret_bn = BN_bin2bn(secret(g_x, group->len, v->v), group->len, NULL);
	begin();
	expect(BN_mod_sub_quick(s, b, secret_bn, n));
	expect(VALGRIND_COUNT_ERRORS > reports);
	test("variable time is found: subtraction");

	begin();
	expect(BN_mod_exp_mont(s, b, secret_bn, n, ctx, NULL));
	expect(VALGRIND_COUNT_ERRORS > reports);
	test("variable time is found: power");

	BN_free(secret_bn);
	BN_free(s);
	BN_free(n);
	BN_free(b);
	BN_CTX_free(ctx);
}

int main(void)
{
	const struct srp_group *group;
	const struct srp_vector *v;
	unsigned char b[SRP_VALUE_MAX], u[4];
	size_t i, b_len;

	if (!RUNNING_ON_VALGRIND)
		return 1;

	srp_secure_heap();
	for (i = 0; i < COUNT(srp_vectors); i++) {
		v = &srp_vectors[i];
		if (!strstr(v->id, "/basic"))
			continue;
		group = srp_group_find(v->group_name, strlen(v->group_name));
		expect(srp_check_b(group, v->B.p, v->B.len, b, &b_len, u) ==
		       SRP_OK);
		secret_exponent(v, group, b, b_len, u);
		secret_base(v, group, b, b_len, u);
		if (!strcmp(v->id, "SRP-1536/basic"))
			variable_time_is_found(v);
	}
	return tap_end(20);
}
