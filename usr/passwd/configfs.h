/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials in an auth directory of LIO */
#ifndef PASSWD_CONFIGFS_H
#define PASSWD_CONFIGFS_H

#include <sys/types.h>

#include "lib/verifier.h"

/* configfs shows at most a page */
#define CONFIGFS_VALUE_MAX	8192

int configfs_read(int dir, const char *file, char value[CONFIGFS_VALUE_MAX]);
int configfs_open_write(int dir, const char *file, const char *value, int flags);
int configfs_check(const char *path);
ssize_t configfs_salt(const char *path, struct credentials *cred);
int configfs_store(const char *dir, const struct credentials *cred);

#endif /* PASSWD_CONFIGFS_H */
