/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials as text */
#ifndef LIB_OUTPUT_H
#define LIB_OUTPUT_H

#include <stdbool.h>

#include "lib/hex.h"
#include "lib/verifier.h"

#define TEXT_MAX	16384	/* all groups, the longest salt, JSON escapes */

void credentials_text(const struct credentials *cred, bool json, char *text);

#endif /* LIB_OUTPUT_H */
