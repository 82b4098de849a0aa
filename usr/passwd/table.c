// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A target's users table in configfs: a directory for each entry and a file for
 * each value.
 *
 * New entries are added first and old ones removed last, so a user whose
 * password changes always has one.  An entry is disabled while several of its
 * values change that belong together.  If the kernel refuses one of them, the
 * old values are written back.
 *
 * targetcli has entries in the same table.  The file "source" of an entry names
 * its owner, and entries of others are left alone.
 */
#include "table.h"
#include "configfs.h"
#include "entry.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define TABLE_NAME	"srp_users"
#define SOURCE		"source"
#define US		"iscsi-srp-passwd"

static int no_memory(void)
{
	log_error("out of memory");
	return EX_OSERR;
}

static int failed(const char *dir, const char *label, const char *file)
{
	int err = errno;

	log_error("%s/%s%s%s: %s%s", dir, label, *file ? "/" : "", file,
		  strerror(err), err == EINVAL ?
		  "; the kernel log has the reason" : "");
	switch (err) {
	case EACCES:
	case EPERM:
		return EX_NOPERM;
	case ENOENT:
		return EX_UNAVAILABLE;
	default:
		return EX_IOERR;
	}
}

static int open_table(const char *path, int *dir)
{
	char *real = realpath(path, NULL);
	const char *name = real ? strrchr(real, '/') : "/" TABLE_NAME;
	bool other = strcmp(name + 1, TABLE_NAME);

	/* rmdir(2) in another directory of configfs could remove a target */
	free(real);
	if (other) {
		log_error("%s is not a users table; name the directory " TABLE_NAME " of a target",
			  path);
		return EX_USAGE;
	}
	*dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0) {
		if (errno == EACCES) {
			log_error("%s: %s", path, strerror(errno));
			return EX_NOPERM;
		}
		log_error("%s: %s; name the directory " TABLE_NAME " of a target, on a kernel whose LIO supports SRP",
			  path, strerror(errno));
		return EX_UNAVAILABLE;
	}
	/* Lock out other runs; not all file systems have locks */
	(void)flock(*dir, LOCK_EX);
	return EX_OK;
}

#define VALUE_PATH_MAX	(NAME_MAX + FIELD_NAME_MAX + 2)

/* The path of a value in the table; name gets the name of its file */
static void value_path(const char *label, unsigned int field,
		       char path[VALUE_PATH_MAX], char name[FIELD_NAME_MAX])
{
	field_name(field, name);
	snprintf(path, VALUE_PATH_MAX, "%s/%s", label, name);
}

/* --dry-run: read and print, but write nothing */
static bool dry_run;

/* How to open a file for writing, see configfs_open_write() */
static int open_flags = O_TRUNC;

/* The written files of a user, to be closed together */
static struct {
	int fd[2 * FIELDS];
	unsigned int count;
} written;

/* One system call instead of one for each file: 10,000 users have 60,000 */
static void close_written(void)
{
	unsigned int n = written.count;
	const int *fd = written.fd;

	written.count = 0;
	/* Each got the lowest number that was free */
	if (n && fd[n - 1] - fd[0] == (int)n - 1)
		close_range(fd[0], fd[n - 1], 0);
	else
		for (unsigned int i = 0; i < n; i++)
			close(fd[i]);
}

static int write_file(int dir, const char *path, const char *value)
{
	int fd;

	if (dry_run)
		return 0;
	if (written.count == sizeof(written.fd) / sizeof(*written.fd))
		close_written();
	fd = configfs_open_write(dir, path, value, open_flags);
	if (fd < 0)
		return -1;
	written.fd[written.count++] = fd;
	return 0;
}

static int put(int dir, const char *table, const char *label,
	       unsigned int field, const char *value)
{
	char path[VALUE_PATH_MAX], name[FIELD_NAME_MAX];

	value_path(label, field, path, name);
	if (write_file(dir, path, value))
		return failed(table, label, name);
	return EX_OK;
}

static int get(int dir, const char *table, const char *label,
	       unsigned int field, char *value)
{
	char path[VALUE_PATH_MAX], name[FIELD_NAME_MAX];

	value_path(label, field, path, name);
	if (configfs_read(dir, path, value))
		return failed(table, label, name);
	return EX_OK;
}

enum owner { OWNER_US, OWNER_NONE, OWNER_OTHER };

/* Whose an entry is; value gets the name */
static int get_owner(int dir, const char *table, const char *label,
		     enum owner *owner, char *value)
{
	char path[VALUE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/" SOURCE, label);
	if (configfs_read(dir, path, value)) {
		if (errno != ENOENT)
			return failed(table, label, SOURCE);
		/* An older kernel: only one tool can use the table */
		strcpy(value, US);
	}
	*owner = !strcmp(value, US) ? OWNER_US :
		 *value ? OWNER_OTHER : OWNER_NONE;
	return EX_OK;
}

static int put_owner(int dir, const char *table, const char *label)
{
	char path[VALUE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/" SOURCE, label);
	if (write_file(dir, path, US) && errno != ENOENT)
		return failed(table, label, SOURCE);
	return EX_OK;
}

static const char *wanted(const struct user_entry *entry, unsigned int field)
{
	const char *value = entry->value[field];

	if (!value)
		return field == FIELD_ENABLED ? "0" : "";
	return value;
}

static int say(const char *what, const char *label, const char *more)
{
	return printf("%s %s%s%s\n", what, label, *more ? ":" : "", more);
}

/*
 * The nth field to write: user name and salt first.  For the kernel, verifiers that
 * are older than these are a change in progress.
 */
static unsigned int nth_field(unsigned int n)
{
	if (n <= 2)
		return n == 1 ? FIELD_USERID : FIELD_SALT;
	return n <= FIELD_SALT ? n - 2 : n;
}

static int add(int dir, const char *path, const struct user_entry *entry)
{
	int code = EX_OK;

	if (!dry_run && mkdirat(dir, entry->label, 0755))
		return failed(path, entry->label, "");
	open_flags = 0;
	code = put_owner(dir, path, entry->label);
	/* Enabled is the last field */
	for (unsigned int n = 1; code == EX_OK && n < FIELDS; n++) {
		unsigned int field = nth_field(n);

		if (entry->value[field])
			code = put(dir, path, entry->label, field,
				   entry->value[field]);
	}
	open_flags = O_TRUNC;
	close_written();
	if (code != EX_OK)
		unlinkat(dir, entry->label, AT_REMOVEDIR);
	else
		say("added", entry->label, "");
	return code;
}

/**
 * struct changes - What to change of an entry
 * @field: fields that differ
 * @any: number of these
 * @together: number of these that belong together
 * @enabled: the entry is
 */
struct changes {
	bool field[FIELDS];
	unsigned int any;
	unsigned int together;
	bool enabled;
};

static int compare(int dir, const char *path, const struct user_entry *entry,
		   struct changes *changes, char *value)
{
	memset(changes, 0, sizeof(*changes));
	for (unsigned int field = 1; field < FIELDS; field++) {
		int code = get(dir, path, entry->label, field, value);

		if (code != EX_OK)
			return code;
		changes->field[field] = strcmp(value, wanted(entry, field));
		changes->any += changes->field[field];
		if (field == FIELD_ENABLED)
			changes->enabled = !strcmp(value, "1");
		else if (field != FIELD_EXPIRES && field != FIELD_NOTE)
			changes->together += changes->field[field];
	}
	return EX_OK;
}

#define NAMES_MAX	((FIELDS + 1) * (FIELD_NAME_MAX + 2))

/* Write what differs; names gets the names of these values */
static int write_changes(int dir, const char *path,
			 const struct user_entry *entry,
			 const struct changes *changes, char *names)
{
	bool enabled = changes->enabled;
	int code = EX_OK;

	*names = '\0';
	if (enabled && changes->together > 1) {
		code = put(dir, path, entry->label, FIELD_ENABLED, "0");
		enabled = false;
	}
	for (unsigned int field = 1; field < FIELDS; field++) {
		char name[FIELD_NAME_MAX];

		if (changes->field[field]) {
			field_name(field, name);
			strcat(strcat(names, *names ? ", " : " "), name);
		}
	}
	for (unsigned int n = 1; code == EX_OK && n < FIELDS; n++) {
		unsigned int field = nth_field(n);

		if (field == FIELD_ENABLED ?
		    enabled != !strcmp(wanted(entry, field), "1") :
		    changes->field[field])
			code = put(dir, path, entry->label, field,
				   wanted(entry, field));
	}
	return code;
}

static int take(int dir, const char *path, const char *label,
		struct entries *list, char *value)
{
	const char *problem;
	struct user_entry *entry = entries_add(list, label, &problem);
	int code = EX_OK;

	for (unsigned int field = 1; entry && code == EX_OK && field < FIELDS;
	     field++) {
		code = get(dir, path, label, field, value);
		if (code != EX_OK)
			return code;
		problem = entry_set(list, entry, field, value);
		if (problem) {
			char name[FIELD_NAME_MAX];

			field_name(field, name);
			log_error("%s/%s/%s %s", path, label, name, problem);
			return EX_DATAERR;
		}
	}
	return entry && !list->full ? EX_OK : no_memory();
}

static int write_back(int dir, const char *path, const struct user_entry *old,
		      char *value)
{
	struct changes changes;
	char names[NAMES_MAX];
	int code = compare(dir, path, old, &changes, value);

	return code == EX_OK ? write_changes(dir, path, old, &changes, names) :
			       code;
}

/* All or nothing */
static int change(int dir, const char *path, const struct user_entry *entry,
		  char *value)
{
	struct entries old = { 0 };
	struct changes changes;
	char names[NAMES_MAX];
	enum owner owner;
	int code = get_owner(dir, path, entry->label, &owner, value);

	if (code == EX_OK && owner == OWNER_OTHER) {
		log_error("%s/%s: belongs to %s; delete it there, or use another label",
			  path, entry->label, value);
		return EX_DATAERR;
	}
	if (code == EX_OK)
		code = compare(dir, path, entry, &changes, value);
	/* Most entries */
	if (code == EX_OK && !changes.any && owner == OWNER_US)
		return EX_OK;
	if (code == EX_OK)
		code = take(dir, path, entry->label, &old, value);
	if (code == EX_OK) {
		code = write_changes(dir, path, entry, &changes, names);
		if (code == EX_OK && owner == OWNER_NONE) {
			code = put_owner(dir, path, entry->label);
			strcat(strcat(names, *names ? ", " : " "), SOURCE);
		}
		if (code == EX_OK)
			say("changed", entry->label, names);
		else if (write_back(dir, path,
				    entries_find(&old, entry->label), value) !=
			 EX_OK)
			log_error("%s/%s: cannot write the old values back; run it again, for this user may be unable to log in",
				  path, entry->label);
	}
	close_written();
	entries_free(&old);
	return code;
}

/* Whether an entry of this user failed; they belong together */
static bool user_failed(struct user_entry **all, const bool *bad, size_t count,
			const char *userid)
{
	for (size_t i = 0; userid && i < count; i++) {
		const char *other = all[i]->value[FIELD_USERID];

		if (bad[i] && other && !strcmp(other, userid))
			return true;
	}
	return false;
}

static int skip(const char *path, const char *label)
{
	log_error("%s/%s: not changed, because another entry of this user failed",
		  path, label);
	return EX_IOERR;
}

static int is_label(const struct dirent *at)
{
	return strcmp(at->d_name, ".") && strcmp(at->d_name, "..");
}

static int compare_label(const void *label, const void *at)
{
	return strcmp(label, (*(struct dirent *const *)at)->d_name);
}

/* The labels of all entries, sorted; their number, or -1 */
static int read_labels(int dir, struct dirent ***labels)
{
	/* Without setlocale() alphasort() compares by strcmp() */
	return scandirat(dir, ".", labels, is_label, alphasort);
}

static void free_labels(struct dirent **labels, int count)
{
	for (int i = 0; i < count; i++)
		free(labels[i]);
	free(labels);
}

/* Print the changes that were made, also after an error */
static int flush(int code)
{
	if (fflush(stdout) && code == EX_OK) {
		log_error("cannot write to standard output: %s", strerror(errno));
		code = EX_IOERR;
	}
	return code;
}

/* Remove an entry that is not in the file, if it is ours */
static int drop(int dir, const char *path, const char *label, char *value)
{
	enum owner owner;
	int code = get_owner(dir, path, label, &owner, value);

	if (code != EX_OK || owner == OWNER_OTHER)
		return code;
	if (owner == OWNER_NONE) {
		log_error("warning: %s/%s has no " SOURCE " and is not in the file: it stays; remove its directory, or write its owner to " SOURCE " there",
			  path, label);
		return EX_OK;
	}
	if (!dry_run && unlinkat(dir, label, AT_REMOVEDIR))
		return failed(path, label, "");
	say("removed", label, "");
	return EX_OK;
}

/**
 * table_apply() - Make a target's users table match a list
 * @path: the table's directory
 * @list: the list
 * @dry: write nothing, only print
 *
 * Writes what differs, and prints it on standard output.  A user that fails keeps
 * what he has, and the others go on.  Entries of other tools stay.
 *
 * Return: an exit code, that of the first error; all are logged
 */
int table_apply(const char *path, const struct entries *list, bool dry)
{
	struct user_entry **all = entries_sorted(list);
	bool *bad = calloc(list->count + 1, sizeof(*bad));
	char *value = secret_map(CONFIGFS_VALUE_MAX);
	struct dirent **labels = NULL;
	sigset_t signals, before;
	size_t failures = 0;
	int count = 0;
	int dir = -1;
	int code;

	dry_run = dry;
	if (!all || !value || !bad) {
		code = no_memory();
		goto out;
	}
	code = open_table(path, &dir);
	if (code != EX_OK)
		goto out;
	count = read_labels(dir, &labels);
	if (count < 0) {
		code = failed(path, "", "");
		goto out;
	}

	/* A signal waits until a user is complete, or 64: the calls take time, too */
	sigfillset(&signals);
	sigprocmask(SIG_BLOCK, &signals, &before);
	for (int old = 0; old <= 1; old++) {
		for (size_t i = 0; i < list->count; i++) {
			bool known = count &&
				     bsearch(all[i]->label, labels, count,
					     sizeof(*labels), compare_label);
			int ret = EX_OK;

			if (i % 64 == 0) {
				sigprocmask(SIG_SETMASK, &before, NULL);
				sigprocmask(SIG_BLOCK, &signals, NULL);
			}
			if (known != old)
				continue;
			if (failures && user_failed(all, bad, list->count,
					all[i]->value[FIELD_USERID]))
				ret = skip(path, all[i]->label);
			else if (known)
				ret = change(dir, path, all[i], value);
			else
				ret = add(dir, path, all[i]);
			bad[i] = ret != EX_OK;
			failures += bad[i];
			code = code == EX_OK ? ret : code;
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (int i = 0; i < count; i++) {
		const char *label = labels[i]->d_name;
		int ret = EX_OK;

		if (entries_find(list, label))
			continue;
		/* The old password stays until the new one is there */
		if (failures)
			ret = get(dir, path, label, FIELD_USERID, value);
		if (ret == EX_OK && failures &&
		    user_failed(all, bad, list->count, value))
			ret = skip(path, label);
		else if (ret == EX_OK)
			ret = drop(dir, path, label, value);
		failures += ret != EX_OK;
		code = code == EX_OK ? ret : code;
	}
	if (failures)
		log_error("%zu entries are unchanged, see above; all others match the file",
			  failures);
	code = flush(code);
out:
	free_labels(labels, count);
	if (dir >= 0)
		close(dir);
	if (value)
		secret_unmap(value, CONFIGFS_VALUE_MAX);
	free(bad);
	free(all);
	return code;
}

/**
 * table_export() - Read a target's users table
 * @path: the table's directory
 * @list: gets its entries; must be empty
 *
 * Return: an exit code; errors are logged
 */
int table_export(const char *path, struct entries *list)
{
	char *value = secret_map(CONFIGFS_VALUE_MAX);
	struct dirent **labels = NULL;
	int count = 0;
	int dir = -1;
	int code;

	if (!value)
		return no_memory();
	code = open_table(path, &dir);
	if (code != EX_OK)
		goto out;
	count = read_labels(dir, &labels);
	if (count < 0)
		code = failed(path, "", "");
	for (int i = 0; code == EX_OK && i < count; i++) {
		const char *label = labels[i]->d_name;
		enum owner owner;

		code = get_owner(dir, path, label, &owner, value);
		if (code == EX_OK && owner != OWNER_OTHER)
			code = take(dir, path, label, list, value);
	}
out:
	free_labels(labels, count);
	if (dir >= 0)
		close(dir);
	secret_unmap(value, CONFIGFS_VALUE_MAX);
	return code;
}
