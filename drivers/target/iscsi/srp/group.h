/* SPDX-License-Identifier: GPL-2.0 */
/* srp/group.c: the groups of RFC 3723, appendix A */
#ifndef ISCSIT_SRP_GROUP_H
#define ISCSIT_SRP_GROUP_H

#include <linux/types.h>
#include <uapi/linux/iscsi_srp.h>

/**
 * struct iscsit_srp_group - One group of RFC 3723, appendix A
 * @name: as in SRP_GROUP
 * @N: the modulus, big-endian, @len octets, its first octet not zero
 * @len: octets of @N
 * @id: enum iscsi_srp_group
 * @g: the generator
 */
struct iscsit_srp_group {
	const char *name;
	const u8 *N;
	u16 len;
	u16 id;
	u8 g;
};

const struct iscsit_srp_group *iscsit_srp_group_by_id(unsigned int id);
const struct iscsit_srp_group *iscsit_srp_group_by_name(const char *name,
							size_t len);
void iscsit_srp_group_add(const struct iscsit_srp_group *group, const u8 *x,
			  u8 *sum);
bool iscsit_srp_group_contains(const struct iscsit_srp_group *group,
			       const u8 *value, size_t len);

#endif /* ISCSIT_SRP_GROUP_H */
