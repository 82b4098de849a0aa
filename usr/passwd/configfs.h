/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials in an auth directory of LIO */
#ifndef PASSWD_CONFIGFS_H
#define PASSWD_CONFIGFS_H

#include "lib/verifier.h"

int configfs_write(int dir, const char *file, const char *value);
int configfs_check(const char *path);
int configfs_store(const char *dir, const struct credentials *cred);

#endif /* PASSWD_CONFIGFS_H */
