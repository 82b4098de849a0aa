/* SPDX-License-Identifier: GPL-2.0 */
/* The AuthMethods that a login is offered */
#ifndef ISCSIT_SRP_METHODS_H
#define ISCSIT_SRP_METHODS_H

#include <linux/types.h>

struct iscsi_param;

int iscsit_srp_limit_param(struct iscsi_param *param, bool only, bool fips);

#endif /* ISCSIT_SRP_METHODS_H */
