/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arithmetic of RFC 2945 on big-endian numbers */
#ifndef LIB_SRP_H
#define LIB_SRP_H

#include <linux/iscsi_srp.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/group.h"

/**
 * struct bytes - A big-endian number
 * @p: the bytes
 * @len: their number
 */
struct bytes {
	const uint8_t *p;
	size_t len;
};

enum iscsi_srp_status srp_B(const struct srp_group *group, struct bytes v,
			    struct bytes b, uint8_t *B);
enum iscsi_srp_status srp_S(const struct srp_group *group, struct bytes v,
			    struct bytes b, uint32_t u, struct bytes A,
			    uint8_t *S);
enum iscsi_srp_status srp_v(const struct srp_group *group, struct bytes exp,
			    uint8_t *power);

#endif /* LIB_SRP_H */
