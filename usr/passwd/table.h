/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target's users table */
#ifndef PASSWD_TABLE_H
#define PASSWD_TABLE_H

#include "entries.h"

int table_apply(const char *dir, const struct entries *list, bool dry);
int table_export(const char *dir, struct entries *list);

#endif /* PASSWD_TABLE_H */
