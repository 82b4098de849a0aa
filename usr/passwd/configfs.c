// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Credentials in an auth directory of LIO, one value per file.
 *
 * A login may come at any time.  Verifiers are unset first and set last, so no
 * login combines those of one password with the user or salt of another.  After
 * an error the old ones are written back; if that fails too, nothing is set.
 */
#include "configfs.h"
#include "entry.h"
#include "lib/group.h"
#include "lib/hex.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <sysexits.h>
#include <unistd.h>

/**
 * configfs_open_write() - Write a value and leave its file open
 * @dir: a directory
 * @file: path of the value's file there
 * @value: the value; "" unsets it
 * @flags: O_TRUNC, or 0 for a file that was never written, which is faster
 *
 * configfs has stored the value when this returns.
 *
 * Return: a file descriptor to close, or -1 with errno
 */
int configfs_open_write(int dir, const char *file, const char *value, int flags)
{
	/* configfs wants a whole value at once */
	const struct iovec line[] = {
		{ (char *)value, strlen(value) }, { (char *)"\n", 1 },
	};
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC | flags);
	ssize_t n;
	int err;

	if (fd < 0)
		return -1;
	n = writev(fd, line, 2);
	if (n >= 0 && (size_t)n == line[0].iov_len + 1)
		return fd;
	err = n < 0 ? errno : EIO;
	close(fd);
	errno = err;
	return -1;
}

/**
 * configfs_read() - Read a value
 * @dir: a directory
 * @file: path of the value's file there
 * @value: result, without the newline; "" if it is not set
 *
 * One read(2) returns a whole value, which is faster than stdio for 10,000 users.
 *
 * Return: 0, or -1 with errno
 */
int configfs_read(int dir, const char *file, char value[CONFIGFS_VALUE_MAX])
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, value, CONFIGFS_VALUE_MAX - 1);
		close(fd);
	}
	if (n < 0)
		return -1;
	if (n && value[n - 1] == '\n')
		n--;
	value[n] = '\0';
	if (!strcmp(value, "NULL"))
		*value = '\0';
	return 0;
}

/**
 * struct values - The values of an auth directory
 * @text: by field; "" for a value that is not set
 */
struct values {
	char text[FIELD_SALT + 1][CONFIGFS_VALUE_MAX];
};

/* The functions below name in file what they read or write, for an error */
static int read_values(int dir, struct values *values,
		       char file[FIELD_NAME_MAX])
{
	for (unsigned int field = 1; field <= FIELD_SALT; field++) {
		field_name(field, file);
		if (configfs_read(dir, file, values->text[field]))
			return -1;
	}
	return 0;
}

static int store(int dir, unsigned int field, const char *value,
		 char file[FIELD_NAME_MAX])
{
	int fd;

	field_name(field, file);
	fd = configfs_open_write(dir, file, value, O_TRUNC);
	return fd < 0 ? fd : close(fd);
}

/* Go on after an error, but report the first one */
static int unset_verifiers(int dir, char file[FIELD_NAME_MAX])
{
	int err = 0;

	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		char name[FIELD_NAME_MAX];

		if (store(dir, id, "", name) && !err) {
			err = errno;
			strcpy(file, name);
		}
	}
	errno = err;
	return err ? -1 : 0;
}

static int write_values(int dir, const struct values *values,
			char file[FIELD_NAME_MAX])
{
	if (unset_verifiers(dir, file) ||
	    store(dir, FIELD_USERID, values->text[FIELD_USERID], file) ||
	    store(dir, FIELD_SALT, values->text[FIELD_SALT], file))
		return -1;
	/* The strongest first: the kernel refuses a set that is all below its minimum */
	for (unsigned int id = ISCSI_SRP_GROUP_MAX; id; id--) {
		if (*values->text[id] &&
		    store(dir, id, values->text[id], file))
			return -1;
	}
	return 0;
}

/* values is zeroed */
static void values_of(const struct credentials *cred, struct values *values)
{
	strcpy(values->text[FIELD_USERID], cred->userid);
	hex_encode(cred->salt, cred->salt_len, values->text[FIELD_SALT]);
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		if (cred->has[id])
			hex_encode(cred->verifier[id], group_by_id(id)->len,
				   values->text[id]);
	}
}

static int check_file(const char *path, int dir, unsigned int field)
{
	char file[FIELD_NAME_MAX];

	field_name(field, file);
	if (faccessat(dir, file, W_OK, AT_EACCESS) == 0)
		return EX_OK;
	if (errno == ENOENT) {
		log_error("%s/%s does not exist; name an auth directory of LIO, on a kernel whose LIO supports SRP",
			  path, file);
		return EX_UNAVAILABLE;
	}
	log_error("%s/%s: %s", path, file, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_IOERR;
}

/* Check that all files exist and are writable before any is written */
static int check_files(const char *path, int dir)
{
	int code = check_file(path, dir, FIELD_USERID);

	for (unsigned int field = 1; code == EX_OK && field <= FIELD_SALT;
	     field++)
		code = check_file(path, dir, field);
	return code;
}

static void unset_all(const char *path, int dir)
{
	char file[FIELD_NAME_MAX];

	if (unset_verifiers(dir, file))
		log_error("cannot unset %s/%s: %s; write an empty line to each srp_verifier_* file there",
			  path, file, strerror(errno));
	/* Without verifiers these two are harmless */
	(void)store(dir, FIELD_SALT, "", file);
	(void)store(dir, FIELD_USERID, "", file);
}

/* All or nothing */
static int replace(const char *path, int dir, const struct credentials *cred)
{
	struct values *old = secret_map(2 * sizeof(*old));
	struct values *new = old + 1;
	char file[FIELD_NAME_MAX] = "";
	int code = EX_OK;

	if (!old) {
		log_error("out of lockable memory; raise the limit RLIMIT_MEMLOCK (ulimit -l)");
		return EX_OSERR;
	}
	values_of(cred, new);
	if (read_values(dir, old, file)) {
		log_error("%s/%s: %s", path, file, strerror(errno));
		code = EX_IOERR;
	} else if (write_values(dir, new, file)) {
		char other[FIELD_NAME_MAX];
		int err = errno;

		code = EX_IOERR;
		if (!write_values(dir, old, other)) {
			log_error("%s/%s: %s; the old credentials are still set",
				  path, file, strerror(err));
		} else {
			log_error("%s/%s: %s; no SRP credentials are set there now; run it again",
				  path, file, strerror(err));
			unset_all(path, dir);
		}
	}
	secret_unmap(old, 2 * sizeof(*old));
	return code;
}

static int open_checked(const char *path, int *dir)
{
	*dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0) {
		log_error("%s: %s", path, strerror(errno));
		return errno == EACCES ? EX_NOPERM : EX_NOINPUT;
	}
	return check_files(path, *dir);
}

/**
 * configfs_check() - Check that configfs_store() can write
 * @path: the auth directory
 *
 * Return: an exit code; errors are logged
 */
int configfs_check(const char *path)
{
	int dir, code = open_checked(path, &dir);

	if (dir >= 0)
		close(dir);
	return code;
}

/**
 * configfs_salt() - Get the salt of a user in an auth directory of LIO
 * @path: the auth directory
 * @cred: has the user, gets the salt
 *
 * A new salt for each password would reveal that the user exists: that of an
 * unknown user does not change.
 *
 * Return: the length, 0 if the directory has none for this user
 */
ssize_t configfs_salt(const char *path, struct credentials *cred)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *value = secret_map(CONFIGFS_VALUE_MAX);
	char file[FIELD_NAME_MAX];
	ssize_t len = 0;

	field_name(FIELD_USERID, file);
	if (dir >= 0 && value && !configfs_read(dir, file, value) &&
	    !strcmp(value, cred->userid)) {
		field_name(FIELD_SALT, file);
		if (!configfs_read(dir, file, value) && *value)
			len = hex_to_bytes(value, cred->salt, sizeof(cred->salt));
	}
	if (value)
		secret_unmap(value, CONFIGFS_VALUE_MAX);
	if (dir >= 0)
		close(dir);
	return len;
}

/**
 * configfs_store() - Replace the credentials in an auth directory of LIO
 * @path: an ACL's or a portal group's auth directory, or discovery_auth
 * @cred: the credentials; other groups are unset
 *
 * Return: an exit code; errors are logged
 */
int configfs_store(const char *path, const struct credentials *cred)
{
	int dir, code = open_checked(path, &dir);
	sigset_t all, before;

	if (code == EX_OK) {
		/* Lock out other runs; not all file systems have locks */
		(void)flock(dir, LOCK_EX);
		/* A signal must not leave half of them */
		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, &before);
		code = replace(path, dir, cred);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	if (dir >= 0)
		close(dir);
	return code;
}
