// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Credentials in an auth directory of LIO, one value per file.
 *
 * A login may come at any time.  Verifiers are unset first and set last, so no
 * login combines those of one password with the user or salt of another.  After
 * an error nothing is set, and logins fail.
 */
#include "configfs.h"
#include "lib/group.h"
#include "lib/log.h"
#include "lib/hex.h"
#include "lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#define FILE_NAME_MAX	32
#define VALUE_MAX	(HEX_MAX + 1)	/* and a newline */

static void verifier_file(char name[FILE_NAME_MAX], unsigned int id)
{
	snprintf(name, FILE_NAME_MAX, "srp_verifier_%s", group_by_id(id)->name);
}

/* One write(2) must have the whole value; "" unsets it */
static int store(int dir, const char *file, const char *value, char *buf)
{
	size_t len = strlen(value);
	int fd = openat(dir, file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int err = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	memcpy(buf, value, len);
	buf[len++] = '\n';
	n = write(fd, buf, len);
	if (n < 0)
		err = errno;
	else if ((size_t)n != len)
		err = EIO;
	explicit_bzero(buf, len);
	if (close(fd) && !err)
		err = errno;
	return err;
}

static int store_hex(int dir, const char *file, const uint8_t *bytes,
		     size_t len, char *buf)
{
	char *hex = secret_alloc(HEX_MAX);
	int err;

	if (!hex)
		return ENOMEM;
	hex_encode(bytes, len, hex);
	err = store(dir, file, hex, buf);
	secret_free(hex, HEX_MAX);
	return err;
}

static int unset_verifiers(int dir, char file[FILE_NAME_MAX], char *buf)
{
	int first = 0;

	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		char name[FILE_NAME_MAX];
		int err;

		verifier_file(name, id);
		err = store(dir, name, "", buf);
		if (err && !first) {
			first = err;
			memcpy(file, name, FILE_NAME_MAX);
		}
	}
	return first;
}

static int store_all(int dir, const struct credentials *cred,
		     char file[FILE_NAME_MAX], char *buf)
{
	int err = unset_verifiers(dir, file, buf);

	if (err)
		return err;
	strcpy(file, "srp_userid");
	err = store(dir, file, cred->userid, buf);
	if (err)
		return err;
	strcpy(file, "srp_salt");
	err = store_hex(dir, file, cred->salt, cred->salt_len, buf);
	/* The strongest first: the kernel refuses a set that is all below its minimum */
	for (unsigned int id = ISCSI_SRP_GROUP_MAX; !err && id; id--) {
		if (!cred->has[id])
			continue;
		verifier_file(file, id);
		err = store_hex(dir, file, cred->verifier[id],
				   group_by_id(id)->len, buf);
	}
	return err;
}

/* Check that all files exist and are writable before any is written */
static int check_files(const char *path, int dir)
{
	char file[FILE_NAME_MAX];

	for (unsigned int i = 0; i < ISCSI_SRP_GROUP_MAX + 2; i++) {
		if (i == 0)
			strcpy(file, "srp_userid");
		else if (i == 1)
			strcpy(file, "srp_salt");
		else
			verifier_file(file, i - 1);

		if (faccessat(dir, file, W_OK, AT_EACCESS) == 0)
			continue;
		if (errno == ENOENT) {
			log_error("%s/%s does not exist; name an auth directory of LIO, on a kernel whose LIO supports SRP",
				  path, file);
			return EX_UNAVAILABLE;
		}
		log_error("%s/%s: %s", path, file, strerror(errno));
		return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_IOERR;
	}
	return EX_OK;
}

static void unset_all(const char *path, int dir, char *buf)
{
	char file[FILE_NAME_MAX] = "srp_salt";
	int err = unset_verifiers(dir, file, buf);

	/* Without verifiers these two are harmless */
	(void)store(dir, "srp_salt", "", buf);
	(void)store(dir, "srp_userid", "", buf);
	if (err)
		log_error("cannot unset %s/%s: %s; write an empty line to each srp_verifier_* file there",
			  path, file, strerror(err));
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
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char file[FILE_NAME_MAX];
	int code = EX_OSERR;
	char *buf;
	int err;

	if (dir < 0) {
		log_error("%s: %s", path, strerror(errno));
		return errno == EACCES ? EX_NOPERM : EX_NOINPUT;
	}

	buf = secret_alloc(VALUE_MAX);
	if (!buf) {
		log_error("out of memory");
		goto out;
	}
	code = check_files(path, dir);
	if (code != EX_OK)
		goto out;

	/* Lock out other runs; not all file systems have locks */
	(void)flock(dir, LOCK_EX);
	err = store_all(dir, cred, file, buf);
	if (err) {
		log_error("%s/%s: %s; no SRP credentials are set there now; run it again",
			  path, file, strerror(err));
		unset_all(path, dir, buf);
		code = EX_IOERR;
	}
out:
	secret_free(buf, VALUE_MAX);
	close(dir);
	return code;
}
