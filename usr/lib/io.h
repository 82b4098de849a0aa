/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read(2) and write(2) until done */
#ifndef LIB_IO_H
#define LIB_IO_H

#include <stddef.h>
#include <sys/types.h>

void standard_files(void);
ssize_t read_all(int fd, void *buf, size_t len);
int write_all(int fd, const void *buf, size_t len);

#endif /* LIB_IO_H */
