// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A users file: mode 0600, replaced as a whole.
 *
 * A crash leaves the old file or the new one: the new one is written to a
 * temporary file, synced to disk, and renamed to the old one.
 */
#include "usersfile.h"
#include "entry.h"
#include "lib/io.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define FIRST_LINE	"iscsi-srp-users 1"

static int failed(const char *path, const char *what, int code)
{
	log_error("%s: %s%s", path, what, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : code;
}

/* Readers can guess passwords offline, writers can replace verifiers */
static int check_mode(const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode)) {
		log_error("%s is not a regular file; name a users file", path);
		return EX_DATAERR;
	}
	if (st->st_mode & 077) {
		log_error("%s has mode %04o: others may read or write it; run chmod 600 on it if you still trust its contents",
			  path, st->st_mode & 07777);
		return EX_NOPERM;
	}
	if (st->st_uid != geteuid()) {
		log_error("%s belongs to user %u; run this as its owner, or chown it if you trust its contents", path,
			  st->st_uid);
		return EX_NOPERM;
	}
	return EX_OK;
}

/* NFS locks only what is open for writing */
static int open_file(const char *path)
{
	const int flags = O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, O_RDWR | flags);

	if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EISDIR))
		fd = open(path, O_RDONLY | flags);
	return fd;
}

/* The directory of a file, or -1 */
static int open_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		      : -1;

	free(copy);
	return fd;
}

/*
 * Processes that all want to create the file wait for each other: the directory
 * is locked until it is there.  NFS has no locks on directories; there the
 * second process fails in replace().
 */
static void lock_directory(struct users_file *file)
{
	file->dir = open_directory(file->path);
	if (file->dir >= 0)
		(void)flock(file->dir, LOCK_EX);
}

/* Start again if the file was replaced while we waited for its lock */
static int open_locked(struct users_file *file, bool create, struct stat *st)
{
	for (;;) {
		struct stat now;

		file->fd = open_file(file->path);
		if (file->fd < 0 && errno == ENOENT && create &&
		    file->dir < 0) {
			lock_directory(file);
			file->fd = open_file(file->path);
		}
		if (file->fd < 0)
			return -1;
		if (fstat(file->fd, st))
			return -1;
		if (!S_ISREG(st->st_mode))
			return 0;
		if (file->dir >= 0)
			close(file->dir);
		file->dir = -1;
		if (flock(file->fd, LOCK_EX))
			return -1;
		if (!lstat(file->path, &now) && now.st_ino == st->st_ino &&
		    now.st_dev == st->st_dev)
			return 0;
		close(file->fd);
	}
}

static int parse(struct users_file *file)
{
	size_t len, first = strlen(FIRST_LINE);
	char *text = entries_read(&file->list, file->fd, &len);

	if (!text && errno == EFBIG)
		return entries_too_long(file->path);
	if (!text)
		return failed(file->path, "", EX_IOERR);
	if (strncmp(text, FIRST_LINE "\n", first + 1)) {
		log_error("%s is not a users file of this version: its first line must be \"%s\"",
			  file->path, FIRST_LINE);
		return EX_DATAERR;
	}
	first++;
	return entries_parse(&file->list, text + first, len - first,
			     file->path, 2);
}

/**
 * users_file_open() - Open, lock and read a users file
 * @file: result; pass it to users_file_close() also after an error
 * @path: the file
 * @create: a file that does not exist has no users, and is no error
 *
 * Return: an exit code; errors are logged
 */
int users_file_open(struct users_file *file, const char *path, bool create)
{
	struct stat st;
	int code;

	memset(file, 0, sizeof(*file));
	file->path = path;
	file->dir = -1;
	if (open_locked(file, create, &st)) {
		if (errno == ENOENT && create)
			return EX_OK;
		if (errno == ELOOP) {
			log_error("%s is a symbolic link; name the file itself",
				  path);
			return EX_NOINPUT;
		}
		return failed(path, "", EX_NOINPUT);
	}
	code = check_mode(path, &st);
	return code == EX_OK ? parse(file) : code;
}

/* Format an entry for the file; a NULL text only counts */
static size_t entry_text(const struct user_entry *entry, char *text)
{
	/* The strongest group first, as iscsi-srp-passwd prints them */
	static const unsigned int order[] = {
		FIELD_USERID, FIELD_SALT, 9, 8, 7, 6, 5, 4, 3, 2, 1,
		FIELD_ENABLED, FIELD_EXPIRES, FIELD_NOTE, FIELD_INITIATORS,
		FIELD_TPGT,
	};
	char name[FIELD_NAME_MAX];
	size_t len = strlen(entry->label) + strlen("\n[]\n");

	if (text)
		text += sprintf(text, "\n[%s]\n", entry->label);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *value = entry->value[order[i]];

		if (!value)
			continue;
		field_name(order[i], name);
		len += strlen(name) + strlen(value) + strlen("=\n");
		if (text)
			text += sprintf(text, "%s=%s\n", name, value);
	}
	return len;
}

static int write_entries(int fd, struct entries *list)
{
	struct user_entry **all = entries_sorted(list);
	size_t len = strlen(FIRST_LINE "\n");
	char *text = NULL, *end;
	int ret = -1;

	for (size_t i = 0; all && i < list->count; i++)
		len += entry_text(all[i], NULL);
	if (all)
		text = entries_alloc(list, len + 1);
	if (text) {
		end = stpcpy(text, FIRST_LINE "\n");
		for (size_t i = 0; i < list->count; i++)
			end += entry_text(all[i], end);
		ret = write_all(fd, text, len);
	} else {
		errno = ENOMEM;
	}
	free(all);
	return ret;
}

static int sync_directory(const char *path)
{
	int fd = open_directory(path);
	int ret = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return ret;
}

/* Rename a file to one that must not exist; not all file systems can do both */
static int rename_new(const char *new, const char *path)
{
	if (!renameat2(AT_FDCWD, new, AT_FDCWD, path, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL || link(new, path))
		return -1;
	return unlink(new);
}

/* Write a temporary file and rename it; remove it after an error */
static int replace(struct users_file *file, const char *new)
{
	int fd = mkostemp((char *)new, O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -1;
	ret = write_entries(fd, &file->list) || fsync(fd);
	if (close(fd))
		ret = -1;
	/* Fail if another process has created it meanwhile */
	if (!ret)
		ret = file->fd < 0 ? rename_new(new, file->path) :
				     rename(new, file->path);
	if (ret) {
		int err = errno;

		unlink(new);
		errno = err;
	}
	return ret ? -1 : 0;
}

/**
 * users_file_save() - Replace a users file
 * @file: from users_file_open()
 *
 * Return: an exit code; errors are logged and leave the file
 * unchanged
 */
int users_file_save(struct users_file *file)
{
	sigset_t all, old;
	char *new;
	int code = EX_OK;

	if (asprintf(&new, "%s.XXXXXX", file->path) < 0) {
		log_error("out of memory");
		return EX_OSERR;
	}
	/* A signal must not leave the temporary file */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	if (replace(file, new))
		code = failed(file->path, "not changed: ", EX_CANTCREAT);
	else if (sync_directory(file->path))
		code = failed(file->path, "replaced, but its directory is not synced to disk: ",
			      EX_IOERR);
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(new);
	return code;
}

/**
 * users_file_close() - Unlock a users file and wipe its entries
 * @file: from users_file_open()
 */
void users_file_close(struct users_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->dir >= 0)
		close(file->dir);
	entries_free(&file->list);
}
