/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashes: SHA-1 for SRP, SHA-256 for CHAP */
#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/srp.h"

#define SHA1_LEN	20
#define SHA256_LEN	32

void digest_init(void);
bool digest_sha1(uint8_t *md, const struct bytes *parts, size_t count);
bool digest_sha256(uint8_t *md, const struct bytes *parts, size_t count);

#endif /* DIGEST_H */
