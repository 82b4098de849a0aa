/* SPDX-License-Identifier: GPL-2.0 */
/* srp/proof.c: what the kernel computes itself, RFC 2945 */
#ifndef ISCSIT_SRP_PROOF_H
#define ISCSIT_SRP_PROOF_H

#include <crypto/sha1.h>
#include <linux/types.h>

struct iscsit_srp_group;

#define ISCSIT_SRP_KEY_LEN	(2 * SHA1_DIGEST_SIZE)	/* K */

const u8 *iscsit_srp_minimal(const u8 *value, size_t *len);
u32 iscsit_srp_u(const u8 *B, size_t B_len);
void iscsit_srp_interleave(const u8 *S, size_t S_len,
			   u8 K[ISCSIT_SRP_KEY_LEN]);

/**
 * struct iscsit_srp_transcript - What both proofs cover
 * @group: the negotiated group
 * @U: SRP_U as sent
 * @s: SRP_s as sent
 * @A: SRP_A without leading zero octets
 * @B: SRP_B without leading zero octets
 * @K: session key, ISCSIT_SRP_KEY_LEN octets
 * @U_len: octets of @U
 * @s_len: octets of @s
 * @u: SRP's scrambling parameter, the first octets of SHA-1 of @B
 * @A_len: octets of @A
 * @B_len: octets of @B
 */
struct iscsit_srp_transcript {
	const struct iscsit_srp_group *group;
	const u8 *U;
	const u8 *s;
	const u8 *A;
	const u8 *B;
	const u8 *K;
	size_t U_len;
	size_t s_len;
	size_t A_len;
	size_t B_len;
};

void iscsit_srp_M(const struct iscsit_srp_transcript *t,
		  u8 M[SHA1_DIGEST_SIZE]);
void iscsit_srp_HM(const struct iscsit_srp_transcript *t,
		   const u8 M[SHA1_DIGEST_SIZE], u8 HM[SHA1_DIGEST_SIZE]);

#endif /* ISCSIT_SRP_PROOF_H */
