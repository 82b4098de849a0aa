// SPDX-License-Identifier: GPL-2.0-or-later
/* read(2) and write(2) until done; stdio would keep copies of secrets */
#include "lib/io.h"

#include <errno.h>
#include <unistd.h>

/**
 * read_all() - Read until a buffer is full or the file ends
 * @fd: file
 * @buf: buffer
 * @len: its length in bytes
 *
 * Return: bytes read, fewer than @len only at the end of the file; or -1
 */
ssize_t read_all(int fd, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

/**
 * write_all() - Write a whole buffer
 * @fd: file
 * @buf: buffer
 * @len: its length in bytes
 *
 * Return: 0 or -1
 */
int write_all(int fd, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, (const char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += n;
	}
	return 0;
}
