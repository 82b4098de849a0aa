/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initiator's side of RFC 2945, section 3 */
#ifndef INITIATOR_H
#define INITIATOR_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "lib/group.h"
#include "lib/srp.h"

#define EPHEMERAL_LEN	32	/* of a */

/**
 * struct initiator - SRP state of one login, in memory for secrets
 * @group: the group that A belongs to, or NULL
 * @a: secret exponent
 * @x: derived from the password
 * @g_x: g^x, as long as N
 * @S: as long as N
 * @K: SHA_Interleave(S)
 * @M: the initiator's proof
 * @HM: the proof expected from the target
 * @A_len: length of @A
 * @A: without leading zero bytes
 */
struct initiator {
	const struct srp_group *group;
	uint8_t a[EPHEMERAL_LEN];
	uint8_t x[SHA1_LEN];
	uint8_t g_x[ISCSI_SRP_MAX_LEN];
	uint8_t S[ISCSI_SRP_MAX_LEN];
	uint8_t K[2 * SHA1_LEN];
	uint8_t M[SHA1_LEN];
	uint8_t HM[SHA1_LEN];
	size_t A_len;
	uint8_t A[ISCSI_SRP_MAX_LEN];
};

struct bytes bytes_minimal(struct bytes n);
bool initiator_A(struct initiator *srp, const struct srp_group *group);
bool initiator_x(struct initiator *srp, struct bytes U, struct bytes P,
		 struct bytes s);
const char *initiator_B_problem(const struct srp_group *group, struct bytes B);
bool initiator_prove(struct initiator *srp, struct bytes U, struct bytes s,
		     struct bytes B);

#endif /* INITIATOR_H */
