/* SPDX-License-Identifier: GPL-2.0 */
/* The weakest group that a login may use */
#ifndef ISCSIT_SRP_MIN_GROUP_H
#define ISCSIT_SRP_MIN_GROUP_H

#include <linux/types.h>

struct iscsit_srp_cred;

unsigned int iscsit_srp_min_group(void);
int iscsit_srp_min_group_parse(const char *value, size_t len);
bool iscsit_srp_min_group_fits(unsigned int min_group,
			       const struct iscsit_srp_cred *cred);

#endif /* ISCSIT_SRP_MIN_GROUP_H */
