/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A users file */
#ifndef PASSWD_USERSFILE_H
#define PASSWD_USERSFILE_H

#include <stdbool.h>

#include "entries.h"

/**
 * struct users_file - A users file, open and locked
 * @path: the file
 * @fd: the file, -1 if it does not exist
 * @dir: its directory, locked, while the file does not exist; else -1
 * @list: its entries
 */
struct users_file {
	const char *path;
	int fd;
	int dir;
	struct entries list;
};

int users_file_open(struct users_file *file, const char *path, bool create);
int users_file_save(struct users_file *file);
void users_file_close(struct users_file *file);

#endif /* PASSWD_USERSFILE_H */
