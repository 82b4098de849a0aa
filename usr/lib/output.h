/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials as text */
#ifndef LIB_OUTPUT_H
#define LIB_OUTPUT_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/verifier.h"

#define HEX_MAX		(2 * ISCSI_SRP_MAX_LEN + 1)
#define TEXT_MAX	16384	/* all groups, the largest salt, JSON escapes */

void hex_encode(const uint8_t *octets, size_t len, char *hex);
void credentials_text(const struct credentials *cred, bool json, char *text);

#endif /* LIB_OUTPUT_H */
