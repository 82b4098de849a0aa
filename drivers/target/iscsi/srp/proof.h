/* SPDX-License-Identifier: GPL-2.0 */
/* The hashes of RFC 2945: u, the session key and both proofs */
#ifndef ISCSIT_SRP_PROOF_H
#define ISCSIT_SRP_PROOF_H

#include <crypto/sha1.h>
#include <linux/types.h>

struct iscsit_srp_group;

#define ISCSIT_SRP_KEY_LEN	(2 * SHA1_DIGEST_SIZE)	/* bytes of K */

/* What both proofs cover.  A and B have no leading zero bytes. */
struct iscsit_srp_transcript {
	const struct iscsit_srp_group *group;
	const u8 *U;
	const u8 *s;
	const u8 *A;
	const u8 *B;
	const u8 *K;		/* ISCSIT_SRP_KEY_LEN bytes */
	size_t U_len;
	size_t s_len;
	size_t A_len;
	size_t B_len;
};

u32 iscsit_srp_u(const u8 *B, size_t B_len);
void iscsit_srp_interleave(const u8 *S, size_t S_len,
			   u8 K[ISCSIT_SRP_KEY_LEN]);
void iscsit_srp_M(const struct iscsit_srp_transcript *t,
		  u8 M[SHA1_DIGEST_SIZE]);
void iscsit_srp_HM(const struct iscsit_srp_transcript *t,
		   const u8 M[SHA1_DIGEST_SIZE], u8 HM[SHA1_DIGEST_SIZE]);

#endif /* ISCSIT_SRP_PROOF_H */
