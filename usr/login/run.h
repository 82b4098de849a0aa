/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many logins: one process for each connection */
#ifndef RUN_H
#define RUN_H

#include <stddef.h>

#include "options.h"
#include "result.h"

int run_logins(const struct options *opt, const char *password,
	       size_t password_len, struct result **results);

#endif /* RUN_H */
