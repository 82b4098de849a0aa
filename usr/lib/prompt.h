/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The password from a terminal or from standard input */
#ifndef LIB_PROMPT_H
#define LIB_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

int prompt_password(const char *kind, const char *userid, bool twice,
		    char *password, size_t *len);

#endif /* LIB_PROMPT_H */
