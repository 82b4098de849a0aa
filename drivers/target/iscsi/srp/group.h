/* SPDX-License-Identifier: GPL-2.0 */
/* The groups of RFC 3723, appendix A, and big-endian numbers in them */
#ifndef ISCSIT_SRP_GROUP_H
#define ISCSIT_SRP_GROUP_H

#include <linux/types.h>
#include <uapi/linux/iscsi_srp.h>

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
