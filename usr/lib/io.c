// SPDX-License-Identifier: GPL-2.0-or-later
/* Files without stdio, which would keep copies of secrets */
#include "lib/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/**
 * standard_files() - Open /dev/null in place of standard files that are closed
 *
 * Else the next file that is opened would get the messages.  Standard input and
 * output still fail.
 */
void standard_files(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDWR };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", flags[fd]);
	}
}

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
