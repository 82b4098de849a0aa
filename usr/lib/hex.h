/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as hexadecimal digits */
#ifndef LIB_HEX_H
#define LIB_HEX_H

#include <linux/iscsi_srp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HEX_MAX	(2 * ISCSI_SRP_MAX_LEN + 1)

void hex_encode(const uint8_t *bytes, size_t len, char *hex);
ssize_t hex_to_bytes(const char *hex, uint8_t *bytes, size_t max);

#endif /* LIB_HEX_H */
