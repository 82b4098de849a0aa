// SPDX-License-Identifier: GPL-2.0
/*
 * The part of SRP that is hashing: RFC 2945, section 3.
 *
 *	u  = first 4 octets of H(B)
 *	K  = SHA_Interleave(S)
 *	M  = H((H(N) xor H(g)) | H(U) | s | A | B | K)
 *	HM = H(A | M | K)
 *
 * H is SHA-1 and | joins octets.  Numbers are hashed big-endian without
 * leading zero octets, the octet strings s, U, K and M with all of theirs.
 */
#include <linux/string.h>
#include <linux/unaligned.h>
#include "group.h"
#include "proof.h"

/**
 * iscsit_srp_minimal - Skip the leading zero octets of a number
 * @value: big-endian
 * @len: octets of @value; becomes the number of those left, 0 for zero
 *
 * Context: Any.
 * Return: The first octet that is not zero, within @value.
 */
const u8 *iscsit_srp_minimal(const u8 *value, size_t *len)
{
	while (*len && !*value) {
		value++;
		--*len;
	}

	return value;
}

/**
 * iscsit_srp_u - The scrambling parameter u
 * @B: big-endian, with any number of leading zero octets
 * @B_len: octets of @B
 *
 * Context: Any.
 * Return: u, which may be 0: then the target has to draw another b.
 */
u32 iscsit_srp_u(const u8 *B, size_t B_len)
{
	u8 digest[SHA1_DIGEST_SIZE];

	B = iscsit_srp_minimal(B, &B_len);
	sha1(B, B_len, digest);

	return get_unaligned_be32(digest);
}

/* H() of every second octet, the first one included */
static void hash_every_other(const u8 *value, size_t len,
			     u8 digest[SHA1_DIGEST_SIZE])
{
	struct sha1_ctx ctx;
	size_t i;

	sha1_init(&ctx);
	for (i = 0; i < len; i += 2)
		sha1_update(&ctx, &value[i], 1);
	sha1_final(&ctx, digest);	/* wipes ctx */
}

/**
 * iscsit_srp_interleave - The session key, SHA_Interleave(S)
 * @S: big-endian, with any number of leading zero octets
 * @S_len: octets of @S
 * @K: the session key
 *
 * RFC 2945, section 3.1: without its leading zero octets, and without one
 * octet more if that leaves an odd number, S is split into its even and its
 * odd octets; the hashes of both make up K in the same way.  An octet behind
 * the one dropped stays, even if it is zero.
 *
 * Context: Any.  The time taken depends on the number of leading zero octets.
 */
void iscsit_srp_interleave(const u8 *S, size_t S_len,
			   u8 K[ISCSIT_SRP_KEY_LEN])
{
	u8 even[SHA1_DIGEST_SIZE], odd[SHA1_DIGEST_SIZE];
	size_t i;

	S = iscsit_srp_minimal(S, &S_len);
	if (S_len % 2) {
		S++;
		S_len--;
	}

	hash_every_other(S, S_len, even);
	hash_every_other(S + 1, S_len, odd);
	for (i = 0; i < SHA1_DIGEST_SIZE; i++) {
		K[2 * i] = even[i];
		K[2 * i + 1] = odd[i];
	}

	memzero_explicit(even, sizeof(even));
	memzero_explicit(odd, sizeof(odd));
}

/**
 * iscsit_srp_M - The initiator's proof
 * @t: what both ends have exchanged, and K
 * @M: the proof
 *
 * RFC 2945, section 3.  g is hashed as one octet, it is not padded to the
 * length of N.  Compare with crypto_memneq().
 *
 * Context: Any.
 */
void iscsit_srp_M(const struct iscsit_srp_transcript *t,
		  u8 M[SHA1_DIGEST_SIZE])
{
	u8 group[SHA1_DIGEST_SIZE], digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx ctx;
	size_t i;

	sha1(t->group->N, t->group->len, group);
	sha1(&t->group->g, 1, digest);
	for (i = 0; i < SHA1_DIGEST_SIZE; i++)
		group[i] ^= digest[i];
	sha1(t->U, t->U_len, digest);

	sha1_init(&ctx);
	sha1_update(&ctx, group, sizeof(group));
	sha1_update(&ctx, digest, sizeof(digest));
	sha1_update(&ctx, t->s, t->s_len);
	sha1_update(&ctx, t->A, t->A_len);
	sha1_update(&ctx, t->B, t->B_len);
	sha1_update(&ctx, t->K, ISCSIT_SRP_KEY_LEN);
	sha1_final(&ctx, M);
}

/**
 * iscsit_srp_HM - The target's proof
 * @t: what both ends have exchanged, and K
 * @M: the initiator's proof, found to be right
 * @HM: the target's proof
 *
 * RFC 2945, section 3: it must not be sent before @M has been found right.
 *
 * Context: Any.
 */
void iscsit_srp_HM(const struct iscsit_srp_transcript *t,
		   const u8 M[SHA1_DIGEST_SIZE], u8 HM[SHA1_DIGEST_SIZE])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	sha1_update(&ctx, t->A, t->A_len);
	sha1_update(&ctx, M, SHA1_DIGEST_SIZE);
	sha1_update(&ctx, t->K, ISCSIT_SRP_KEY_LEN);
	sha1_final(&ctx, HM);
}
