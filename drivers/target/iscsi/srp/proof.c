// SPDX-License-Identifier: GPL-2.0
/*
 * The hashes of SRP: RFC 2945, section 3.
 *
 *	u  = first 4 bytes of H(B)
 *	K  = SHA_Interleave(S)
 *	M  = H((H(N) xor H(g)) | H(U) | s | A | B | K)
 *	HM = H(A | M | K)
 *
 * H is SHA-1 and | concatenates.  Numbers are hashed big-endian without leading
 * zero bytes; the byte strings s, U, K and M keep theirs.
 */
#include <linux/string.h>
#include <linux/unaligned.h>
#include "group.h"
#include "proof.h"

/* The scrambling parameter u.  If it is 0, the target has to choose another b. */
u32 iscsit_srp_u(const u8 *B, size_t B_len)
{
	u8 digest[SHA1_DIGEST_SIZE];

	B = iscsit_srp_minimal(B, &B_len);
	sha1(B, B_len, digest);

	return get_unaligned_be32(digest);
}

/* H() of every second byte, the first one included */
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
 * @S: big-endian, with any number of leading zero bytes
 * @S_len: bytes of @S
 * @K: the session key
 *
 * RFC 2945, section 3.1: remove the leading zero bytes of S and, if the length
 * is odd then, one more byte, but not zero bytes after that one.  Hash the even
 * and the odd bytes, and interleave the hashes.
 *
 * Context: Any.  The run time depends on the number of leading zero bytes.
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

/*
 * The initiator's proof, to be compared by crypto_memneq().  g is hashed as one
 * byte, not padded to the length of N.
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

/* The target's proof; must not be sent before @M was found correct */
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
