// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arithmetic of RFC 2945, section 3, on big-endian numbers.
 *
 * v, b, x, g^b and S are secret; u, A, B and N are public.  OpenSSL computes
 * the powers in constant time, in its secure heap.  It does not promise that
 * for BN_cmp() and BN_mod_add_quick(), so the range checks and the addition are
 * done here, byte by byte.
 */
#include "lib/srp.h"
#include "lib/secret.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>

#ifdef CT_TEST
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(p, len) ((void)0)
#endif

/* Declassify the result of a check; its operands stay secret */
static bool known(bool result)
{
	VALGRIND_MAKE_MEM_DEFINED(&result, sizeof(result));
	return result;
}

/* All ones if any byte is not zero, else 0; the run time depends on len only */
static uint8_t ct_any(const uint8_t *a, size_t len)
{
	unsigned int any = 0;

	for (size_t i = 0; i < len; i++)
		any |= a[i];
	return (uint8_t)((0u - any) >> 8);
}

/* d = a - b; returns all ones if a < b (borrow), else 0 */
static uint8_t ct_sub(uint8_t *d, const uint8_t *a, const uint8_t *b,
		      size_t len)
{
	unsigned int borrow = 0;

	for (size_t i = len; i-- > 0;) {
		unsigned int t = 0u + a[i] - b[i] - borrow;

		d[i] = (uint8_t)t;
		borrow = (t >> 8) & 1;
	}
	return (uint8_t)(0u - borrow);
}

/* a = (a + b) mod N for a, b < N; tmp is as long */
static void ct_mod_add(uint8_t *a, const uint8_t *b, const uint8_t *N,
		       uint8_t *tmp, size_t len)
{
	unsigned int carry = 0;
	uint8_t keep;

	for (size_t i = len; i-- > 0;) {
		carry += 0u + a[i] + b[i];
		a[i] = (uint8_t)carry;
		carry >>= 8;
	}

	/* Keep the sum if it did not carry and is below N */
	keep = ct_sub(tmp, a, N, len) & (uint8_t)(carry - 1);
	for (size_t i = 0; i < len; i++)
		a[i] = (a[i] & keep) | (tmp[i] & (uint8_t)~keep);
}

/**
 * struct work - Memory of one computation, in the secure heap
 * @group: its group
 * @mod: the group's numbers
 * @ctx: OpenSSL's temporaries
 * @base: base of a power
 * @exp: exponent of a power
 * @power: a power
 * @v: v, as long as N
 * @tmp: as long as N
 */
struct work {
	const struct srp_group *group;
	const struct srp_modulus *mod;
	BN_CTX *ctx;
	BIGNUM *base;
	BIGNUM *exp;
	BIGNUM *power;
	uint8_t v[ISCSI_SRP_MAX_LEN];
	uint8_t tmp[ISCSI_SRP_MAX_LEN];
};

static void work_end(struct work *w)
{
	if (!w)
		return;
	BN_clear_free(w->base);
	BN_clear_free(w->exp);
	BN_clear_free(w->power);
	BN_CTX_free(w->ctx);		/* wipes the temporaries */
	secret_free(w, sizeof(*w));
}

static struct work *work_begin(const struct srp_group *group)
{
	struct work *w = secret_alloc(sizeof(*w));

	if (!w)
		return NULL;
	w->group = group;
	w->mod = group_modulus(group);
	w->ctx = BN_CTX_secure_new();
	w->base = BN_secure_new();
	w->exp = BN_secure_new();
	w->power = BN_secure_new();
	if (!w->mod || !w->ctx || !w->base || !w->exp || !w->power) {
		work_end(w);
		return NULL;
	}
	BN_set_flags(w->base, BN_FLG_CONSTTIME);
	BN_set_flags(w->exp, BN_FLG_CONSTTIME);
	BN_set_flags(w->power, BN_FLG_CONSTTIME);
	return w;
}

/* Whether 0 < n < N; padded gets n, as long as N */
static bool work_in_range(struct work *w, struct bytes n, uint8_t *padded)
{
	size_t len = w->group->len;

	if (n.len > len)
		return false;
	memset(padded, 0, len - n.len);
	memcpy(padded + len - n.len, n.p, n.len);
	return known(ct_any(padded, len) &
		     ct_sub(w->tmp, padded, w->mod->bytes, len));
}

static bool set_number(BIGNUM *bn, struct bytes n)
{
	return n.len <= ISCSI_SRP_MAX_LEN && BN_bin2bn(n.p, (int)n.len, bn);
}

static bool work_power(struct work *w, const BIGNUM *base, struct bytes exp)
{
	return set_number(w->exp, exp) &&
	       BN_mod_exp_mont_consttime(w->power, base, w->exp, w->mod->N,
					 w->ctx, w->mod->mont);
}

/* Whether n is 0, 1 or N - 1, which does not happen in an honest login */
static bool work_degenerate(struct work *w, const uint8_t *n)
{
	const uint8_t *N = w->mod->bytes;
	size_t rest = w->group->len - 1;

	/* N is odd, so N and N - 1 differ only in the last byte */
	unsigned int small = !ct_any(n, rest) & ((n[rest] & 0xfe) == 0);
	unsigned int minus_1 = !CRYPTO_memcmp(n, N, rest) &
			       (n[rest] == (N[rest] & 0xfe));

	return known(small | minus_1);
}

static bool work_get(struct work *w, uint8_t *n)
{
	return BN_bn2binpad(w->power, n, w->group->len) == w->group->len;
}

/**
 * srp_B() - B = (v + g^b) mod N
 * @group: gives N and g
 * @v: verifier; refused unless 0 < v < N
 * @b: refused if it is 0 or longer than ISCSI_SRP_MAX_LEN
 * @B: result, as long as N
 *
 * B may be 0; the target then chooses another b.
 *
 * Return: ISCSI_SRP_OK; ISCSI_SRP_BAD_JOB if an argument is refused;
 * ISCSI_SRP_FAILED without memory or if OpenSSL fails
 */
enum iscsi_srp_status srp_B(const struct srp_group *group, struct bytes v,
			    struct bytes b, uint8_t *B)
{
	enum iscsi_srp_status status = ISCSI_SRP_FAILED;
	struct work *w = work_begin(group);

	if (!w)
		return ISCSI_SRP_FAILED;
	if (!work_in_range(w, v, w->v) || !known(ct_any(b.p, b.len)) ||
	    b.len > ISCSI_SRP_MAX_LEN) {
		status = ISCSI_SRP_BAD_JOB;
		goto out;
	}

	if (!work_power(w, w->mod->g, b) || !work_get(w, B))
		goto out;
	ct_mod_add(B, w->v, w->mod->bytes, w->tmp, group->len);
	status = ISCSI_SRP_OK;
out:
	work_end(w);
	return status;
}

/**
 * srp_S() - S = (A * v^u)^b mod N
 * @group: gives N
 * @v: verifier; refused unless 0 < v < N
 * @b: refused if it is 0 or longer than ISCSI_SRP_MAX_LEN
 * @u: refused if it is 0: S would not depend on v
 * @A: refused unless 0 < A < N
 * @S: result, as long as N
 *
 * A * v^u and S are refused if they are 0, 1 or N - 1: S then does not depend
 * on b, or can be guessed.
 *
 * Return: as srp_B()
 */
enum iscsi_srp_status srp_S(const struct srp_group *group, struct bytes v,
			    struct bytes b, uint32_t u, struct bytes A,
			    uint8_t *S)
{
	const uint8_t u_bytes[] = { u >> 24, u >> 16, u >> 8, u };
	const struct bytes u_exp = { u_bytes, sizeof(u_bytes) };
	enum iscsi_srp_status status = ISCSI_SRP_BAD_JOB;
	struct work *w = work_begin(group);

	if (!w)
		return ISCSI_SRP_FAILED;
	/* w->v is only scratch space for the checks here */
	if (u == 0 || !work_in_range(w, A, w->v) ||
	    !work_in_range(w, v, w->v) || !known(ct_any(b.p, b.len)) ||
	    b.len > ISCSI_SRP_MAX_LEN)
		goto out;

	/* A in Montgomery form times v^u in plain form is in plain form */
	status = ISCSI_SRP_FAILED;
	if (!set_number(w->base, v) || !work_power(w, w->base, u_exp) ||
	    !set_number(w->base, A) ||
	    !BN_to_montgomery(w->base, w->base, w->mod->mont, w->ctx) ||
	    !BN_mod_mul_montgomery(w->base, w->base, w->power, w->mod->mont,
				   w->ctx) ||
	    BN_bn2binpad(w->base, w->v, group->len) != group->len)
		goto out;
	if (work_degenerate(w, w->v)) {
		status = ISCSI_SRP_BAD_JOB;
		goto out;
	}

	if (!work_power(w, w->base, b) || !work_get(w, S))
		goto out;
	status = work_degenerate(w, S) ? ISCSI_SRP_BAD_JOB : ISCSI_SRP_OK;
out:
	work_end(w);
	return status;
}

/**
 * srp_v() - g^exp mod N: a verifier, a public value, or a part of B
 * @group: gives N and g
 * @exp: secret exponent; refused if it is 0 or longer than ISCSI_SRP_MAX_LEN
 * @power: result, as long as N
 *
 * Return: as srp_B()
 */
enum iscsi_srp_status srp_v(const struct srp_group *group, struct bytes exp,
			    uint8_t *power)
{
	struct work *w;
	bool ok;

	if (exp.len > ISCSI_SRP_MAX_LEN || !known(ct_any(exp.p, exp.len)))
		return ISCSI_SRP_BAD_JOB;
	w = work_begin(group);
	if (!w)
		return ISCSI_SRP_FAILED;
	ok = work_power(w, w->mod->g, exp) && work_get(w, power);
	work_end(w);
	return ok ? ISCSI_SRP_OK : ISCSI_SRP_FAILED;
}
