/* SPDX-License-Identifier: GPL-2.0 */
/* The groups of RFC 3723, appendix A, and big-endian numbers in them */
#ifndef ISCSIT_SRP_GROUP_H
#define ISCSIT_SRP_GROUP_H

#include <linux/types.h>
#include <uapi/linux/iscsi_srp.h>

/* X(enum iscsi_srp_group without its prefix, name, generator, ...) */
#define ISCSIT_SRP_GROUPS(X, ...)					\
	X(SRP_768, "SRP-768", 2, ##__VA_ARGS__)				\
	X(SRP_1024, "SRP-1024", 2, ##__VA_ARGS__)			\
	X(SRP_1280, "SRP-1280", 2, ##__VA_ARGS__)			\
	X(SRP_1536, "SRP-1536", 2, ##__VA_ARGS__)			\
	X(SRP_2048, "SRP-2048", 2, ##__VA_ARGS__)			\
	X(MODP_3072, "MODP-3072", 5, ##__VA_ARGS__)			\
	X(MODP_4096, "MODP-4096", 5, ##__VA_ARGS__)			\
	X(MODP_6144, "MODP-6144", 5, ##__VA_ARGS__)			\
	X(MODP_8192, "MODP-8192", 19, ##__VA_ARGS__)

struct iscsit_srp_group {
	const char *name;	/* the value of SRP_GROUP */
	const u8 *N;		/* modulus, big-endian, first byte not zero */
	u16 len;		/* bytes of @N */
	u16 id;			/* enum iscsi_srp_group */
	u8 g;			/* generator */
};

const struct iscsit_srp_group *iscsit_srp_group_by_id(unsigned int id);
const struct iscsit_srp_group *iscsit_srp_group_by_name(const char *name,
							size_t len);
const u8 *iscsit_srp_minimal(const u8 *value, size_t *len);
bool iscsit_srp_group_contains(const struct iscsit_srp_group *group,
			       const u8 *value, size_t len);
void iscsit_srp_group_add(const struct iscsit_srp_group *group, const u8 *x,
			  u8 *sum);

#endif /* ISCSIT_SRP_GROUP_H */
