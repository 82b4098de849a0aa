// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * a, x, g^x, S and K are secret: arithmetic on them takes the same time for all
 * values.  u, A, B, s and N are public.
 */
#include "initiator.h"

#include <string.h>
#include <sys/random.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "lib/secret.h"

#define U_LEN		4
#define EXP_LEN		(EPHEMERAL_LEN + 1)	/* of a + u * x */

/**
 * bytes_minimal() - Strip leading zero bytes from a number
 * @n: the number, which is public
 *
 * Return: the same number
 */
struct bytes bytes_minimal(struct bytes n)
{
	while (n.len && !*n.p) {
		n.p++;
		n.len--;
	}
	return n;
}

/**
 * initiator_A() - Draw a, compute A = g^a mod N
 * @srp: gets a, A and the group
 * @group: the group
 *
 * Return: false if there are no random numbers or no memory, or OpenSSL failed
 */
bool initiator_A(struct initiator *srp, const struct srp_group *group)
{
	const struct bytes a = { srp->a, EPHEMERAL_LEN };
	struct bytes A = { srp->A, group->len };

	srp->group = NULL;
	if (getrandom(srp->a, EPHEMERAL_LEN, 0) != EPHEMERAL_LEN ||
	    srp_v(group, a, srp->A) != ISCSI_SRP_OK)
		return false;
	A = bytes_minimal(A);
	memmove(srp->A, A.p, A.len);
	srp->A_len = A.len;
	srp->group = group;
	return true;
}

/**
 * initiator_x() - Compute x = H(s | H(U | ":" | P)) and g^x mod N
 * @srp: has the group, gets x and g^x
 * @U: user
 * @P: password
 * @s: salt
 *
 * Return: false if OpenSSL failed
 */
bool initiator_x(struct initiator *srp, struct bytes U, struct bytes P,
		 struct bytes s)
{
	const struct bytes x = { srp->x, SHA1_LEN };
	const struct bytes inner[] = { U, { (const uint8_t *)":", 1 }, P };
	const struct bytes outer[] = { s, x };

	return digest_sha1(srp->x, inner, 3) && digest_sha1(srp->x, outer, 2) &&
	       srp_v(srp->group, x, srp->g_x) == ISCSI_SRP_OK;
}

/* u is the first 4 bytes of H(B) */
static bool make_u(struct bytes B, uint8_t u[SHA1_LEN])
{
	return digest_sha1(u, &B, 1);
}

/**
 * initiator_B_problem() - Check B
 * @group: the group
 * @B: from the target
 *
 * Return: why B must be refused; NULL if 0 < B < N and u is not 0
 */
const char *initiator_B_problem(const struct srp_group *group, struct bytes B)
{
	static const uint8_t zero[U_LEN];
	uint8_t u[SHA1_LEN];

	B = bytes_minimal(B);
	if (!B.len)
		return "is 0";
	if (B.len > group->len ||
	    (B.len == group->len &&
	     memcmp(B.p, group_modulus(group)->bytes, B.len) >= 0))
		return "is not less than the group's N";
	if (!make_u(B, u))
		return "cannot be hashed: OpenSSL failed";
	if (!memcmp(u, zero, U_LEN))
		return "makes u = 0";
	return NULL;
}

/* d = (a - b) mod N; all are len bytes long */
static void sub_mod(uint8_t *d, const uint8_t *a, const uint8_t *b,
		    const uint8_t *N, size_t len)
{
	unsigned int borrow = 0, carry = 0;
	uint8_t add;

	for (size_t i = len; i-- > 0;) {
		unsigned int t = 0u + a[i] - b[i] - borrow;

		d[i] = (uint8_t)t;
		borrow = (t >> 8) & 1;
	}
	add = (uint8_t)(0u - borrow);
	for (size_t i = len; i-- > 0;) {
		carry += 0u + d[i] + (N[i] & add);
		d[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

/* e = a + u * x */
static void exponent(uint8_t e[EXP_LEN], const uint8_t a[EPHEMERAL_LEN],
		     uint32_t u, const uint8_t x[SHA1_LEN])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < EXP_LEN; i++) {
		if (i < SHA1_LEN)
			sum += (uint64_t)u * x[SHA1_LEN - 1 - i];
		if (i < EPHEMERAL_LEN)
			sum += a[EPHEMERAL_LEN - 1 - i];
		e[EXP_LEN - 1 - i] = (uint8_t)sum;
		sum >>= 8;
	}
}

/* S = base^e mod N, in OpenSSL's secure heap */
static bool power(uint8_t *S, const struct srp_group *group,
		  const uint8_t *base, const uint8_t e[EXP_LEN])
{
	const struct srp_modulus *mod = group_modulus(group);
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *b = BN_secure_new();
	BIGNUM *p = BN_secure_new();
	BIGNUM *r = BN_secure_new();
	bool ok = false;

	if (ctx && b && p && r) {
		BN_set_flags(b, BN_FLG_CONSTTIME);
		BN_set_flags(p, BN_FLG_CONSTTIME);
		BN_set_flags(r, BN_FLG_CONSTTIME);
		ok = BN_bin2bn(base, group->len, b) &&
		     BN_bin2bn(e, EXP_LEN, p) &&
		     BN_mod_exp_mont_consttime(r, b, p, mod->N, ctx,
					       mod->mont) &&
		     BN_bn2binpad(r, S, group->len) == group->len;
	}
	BN_clear_free(b);
	BN_clear_free(p);
	BN_clear_free(r);
	BN_CTX_free(ctx);		/* wipes the temporaries */
	return ok;
}

/* K = SHA_Interleave(S), RFC 2945, section 3.1 */
static bool interleave(uint8_t K[2 * SHA1_LEN], uint8_t *half, struct bytes S)
{
	struct bytes part = { half, 0 };
	uint8_t md[SHA1_LEN];
	bool ok = true;

	S = bytes_minimal(S);
	if (S.len % 2) {
		S.p++;
		S.len--;
	}
	part.len = S.len / 2;
	for (size_t i = 0; ok && i < 2; i++) {
		for (size_t n = 0; n < part.len; n++)
			half[n] = S.p[2 * n + i];
		ok = digest_sha1(md, &part, 1);
		for (size_t n = 0; n < SHA1_LEN; n++)
			K[2 * n + i] = md[n];
	}
	OPENSSL_cleanse(md, sizeof(md));
	return ok;
}

/* H(N) xor H(g) */
static bool group_hash(const struct srp_group *group, uint8_t hash[SHA1_LEN])
{
	const struct bytes N = { group_modulus(group)->bytes, group->len };
	const struct bytes g = { &group->g, 1 };
	uint8_t other[SHA1_LEN];

	if (!digest_sha1(hash, &N, 1) || !digest_sha1(other, &g, 1))
		return false;
	for (size_t i = 0; i < SHA1_LEN; i++)
		hash[i] ^= other[i];
	return true;
}

/**
 * initiator_prove() - Compute M, and the HM expected from the target
 * @srp: filled in by initiator_A() and initiator_x()
 * @U: user
 * @s: salt
 * @B: accepted by initiator_B_problem()
 *
 * S = (B - g^x)^(a + u * x) mod N.
 *
 * Return: false if OpenSSL failed
 */
bool initiator_prove(struct initiator *srp, struct bytes U, struct bytes s,
		     struct bytes B)
{
	const struct srp_group *group = srp->group;
	const struct bytes A = { srp->A, srp->A_len };
	uint8_t B_padded[ISCSI_SRP_MAX_LEN] = { 0 };
	uint8_t *base = secret_alloc(group->len);
	uint8_t *exp = secret_alloc(EXP_LEN);
	uint8_t u[SHA1_LEN], ng[SHA1_LEN], hu[SHA1_LEN];
	bool ok;

	B = bytes_minimal(B);
	memcpy(B_padded + group->len - B.len, B.p, B.len);
	ok = base && exp && make_u(B, u);
	if (ok) {
		sub_mod(base, B_padded, srp->g_x, group_modulus(group)->bytes,
			group->len);
		exponent(exp, srp->a, (uint32_t)u[0] << 24 | u[1] << 16 |
			 u[2] << 8 | u[3], srp->x);
		/* base is no longer needed: use it for the half of S */
		ok = power(srp->S, group, base, exp) &&
		     interleave(srp->K, base,
				(struct bytes){ srp->S, group->len });
	}
	if (ok) {
		const struct bytes M[] = {
			{ ng, SHA1_LEN }, { hu, SHA1_LEN }, s, A, B,
			{ srp->K, sizeof(srp->K) },
		};
		const struct bytes HM[] = {
			A, { srp->M, SHA1_LEN }, { srp->K, sizeof(srp->K) },
		};

		ok = group_hash(group, ng) && digest_sha1(hu, &U, 1) &&
		     digest_sha1(srp->M, M, 6) && digest_sha1(srp->HM, HM, 3);
	}
	secret_free(exp, EXP_LEN);
	secret_free(base, group->len);
	return ok;
}
