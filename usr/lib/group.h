/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The groups of RFC 3723, appendix A */
#ifndef LIB_GROUP_H
#define LIB_GROUP_H

#include <linux/iscsi_srp.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/bn.h>

/**
 * struct srp_group - A group
 * @name: as in SRP_GROUP
 * @id: enum iscsi_srp_group
 * @len: length of N in bytes
 * @g: generator
 * @hex: N, or NULL if @rfc3526 makes it
 * @rfc3526: N as OpenSSL has it
 */
struct srp_group {
	const char *name;
	uint16_t id;
	uint16_t len;
	uint8_t g;
	const char *hex;
	BIGNUM *(*rfc3526)(BIGNUM *N);
};

/**
 * struct srp_modulus - The numbers of a group, computed once and then kept
 * @N: the modulus
 * @g: the generator
 * @mont: Montgomery context of N
 * @bytes: N, big-endian, as long as the group's len
 */
struct srp_modulus {
	BIGNUM *N;
	BIGNUM *g;
	BN_MONT_CTX *mont;
	uint8_t bytes[ISCSI_SRP_MAX_LEN];
};

extern const struct srp_group groups[ISCSI_SRP_GROUP_MAX];	/* by strength */
const struct srp_group *group_by_id(unsigned int id);
const struct srp_group *group_by_name(const char *name, size_t len);
int groups_parse(const char *option, const char *list,
		 const struct srp_group *found[ISCSI_SRP_GROUP_MAX + 1]);
const struct srp_modulus *group_modulus(const struct srp_group *group);

#endif /* LIB_GROUP_H */
