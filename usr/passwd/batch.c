// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes to a users file, and the check of a password against it */
#include "batch.h"
#include "entry.h"
#include "lib/group.h"
#include "lib/log.h"
#include "lib/hex.h"
#include "lib/prompt.h"
#include "lib/secret.h"
#include "lib/verifier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include <openssl/crypto.h>

#define STDIN	"standard input"

static int no_memory(void)
{
	log_error("out of lockable memory; raise the limit RLIMIT_MEMLOCK (ulimit -l)");
	return EX_OSERR;
}

/* Whether a password is an entry's: compare all of its verifiers */
static int right_password(const struct user_entry *entry, const char *password,
			  size_t len, bool *right)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));
	char *hex = secret_alloc(HEX_MAX);
	int code = EX_OK;

	*right = false;
	if (!cred || !hex) {
		code = no_memory();
		goto out;
	}
	if (!entry->value[FIELD_USERID] || !entry->value[FIELD_SALT])
		goto out;
	strcpy(cred->userid, entry->value[FIELD_USERID]);
	cred->salt_len = hex_to_bytes(entry->value[FIELD_SALT], cred->salt,
				    sizeof(cred->salt));
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		cred->has[id] = entry->value[id];
		*right |= cred->has[id];
	}
	if (credentials_make(cred, password, len)) {
		*right = false;
		code = EX_SOFTWARE;
		goto out;
	}
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		if (!cred->has[id])
			continue;
		hex_encode(cred->verifier[id], group_by_id(id)->len, hex);
		if (CRYPTO_memcmp(hex, entry->value[id],
				  2 * group_by_id(id)->len))
			*right = false;
	}
out:
	secret_free(hex, HEX_MAX);
	secret_free(cred, sizeof(*cred));
	return code;
}

/* Another entry of the same user that has a salt, or the entry itself */
static const struct user_entry *other_of_user(const struct entries *list,
					      const struct user_entry *entry)
{
	struct user_entry **all = entries_sorted(list);
	const struct user_entry *other = entry;

	for (size_t i = 0; all && other == entry && i < list->count; i++) {
		const char *userid = all[i]->value[FIELD_USERID];

		if (userid && !strcmp(userid, entry->value[FIELD_USERID]) &&
		    all[i]->value[FIELD_SALT])
			other = all[i];
	}
	free(all);
	return other;
}

static bool groups_of(const struct user_entry *entry, bool *has)
{
	bool any = false;

	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		has[id] = entry->value[id];
		any |= has[id];
	}
	return any;
}

/* Without -g: the groups of the entry, else of the user, else the default */
static void default_groups(const struct entries *list,
			   const struct user_entry *entry, bool *has)
{
	const struct srp_group *found[ISCSI_SRP_GROUP_MAX + 1];

	if (groups_of(entry, has) || groups_of(other_of_user(list, entry), has))
		return;
	(void)groups_parse("-g", GROUPS_DEFAULT, found);
	for (size_t i = 0; found[i]; i++)
		has[found[i]->id] = true;
}

static int set_hex(struct entries *list, struct user_entry *entry,
		      unsigned int field, const uint8_t *bytes, size_t len)
{
	char *value = entries_alloc(list, 2 * len + 1);

	if (!value)
		return no_memory();
	hex_encode(bytes, len, value);
	entry->value[field] = value;
	return EX_OK;
}

/* Set salt and verifiers from a password; remove those of other groups */
static int set_password(struct entries *list, struct user_entry *entry,
			const char *password, size_t len,
			const bool *has)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));
	/* All of a user's have one salt: a change would reveal a rotation */
	const char *salt = other_of_user(list, entry)->value[FIELD_SALT];
	int code = EX_OK;

	if (!cred)
		return no_memory();
	strcpy(cred->userid, entry->value[FIELD_USERID]);
	memcpy(cred->has, has, sizeof(cred->has));
	cred->salt_len = SALT_LEN;
	if (salt) {
		cred->salt_len = hex_to_bytes(salt, cred->salt,
					    sizeof(cred->salt));
	} else if (getrandom(cred->salt, SALT_LEN, 0) != SALT_LEN) {
		log_error("cannot get a random salt: %s", strerror(errno));
		code = EX_OSERR;
	}
	if (code == EX_OK && credentials_make(cred, password, len))
		code = EX_SOFTWARE;
	if (code == EX_OK)
		code = set_hex(list, entry, FIELD_SALT, cred->salt,
				  cred->salt_len);
	for (unsigned int id = 1; code == EX_OK && id <= ISCSI_SRP_GROUP_MAX;
	     id++) {
		entry->value[id] = NULL;
		if (has[id])
			code = set_hex(list, entry, id, cred->verifier[id],
					  group_by_id(id)->len);
	}
	secret_free(cred, sizeof(*cred));
	return code;
}

/* Keep the entry, and its salt, if it has this password already */
static int new_password(struct entries *list, struct user_entry *entry,
			const char *password, size_t len,
			const bool *has, bool *changed)
{
	bool usual[ISCSI_SRP_GROUP_MAX + 1] = { 0 };
	bool same = true, right;
	int code;

	if (!has) {
		default_groups(list, entry, usual);
		has = usual;
	}
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		same &= has[id] == !!entry->value[id];
	code = right_password(entry, password, len, &right);
	if (code != EX_OK || (same && right))
		return code;
	*changed = true;
	return set_password(list, entry, password, len, has);
}

static struct user_entry *find_or_add(struct entries *list, const char *label,
				 bool *added)
{
	struct user_entry *entry = entries_find(list, label);
	const char *problem;

	*added = !entry;
	if (!entry) {
		entry = entries_add(list, label, &problem);
		if (entry)
			entry_set(list, entry, FIELD_ENABLED, "1");
	}
	return entry;
}

/* Without srp_userid the label is the user */
static int need_userid(struct entries *list, struct user_entry *entry)
{
	const char *problem;

	if (entry->value[FIELD_USERID])
		return EX_OK;
	problem = entry_set(list, entry, FIELD_USERID, entry->label);
	if (problem) {
		log_error("[%s] has no srp_userid, and its label is no user name: it %s; add srp_userid",
			  entry->label, problem);
		return EX_DATAERR;
	}
	return entry->value[FIELD_USERID] ? EX_OK : no_memory();
}

static bool differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : a != b;
}

/* Verifiers belong to one salt and user: new ones must replace all of them */
static bool keeps_verifier(const struct user_entry *entry,
			   const struct user_entry *wanted)
{
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		if (entry->value[id] && !wanted->given[id])
			return true;
	}
	return false;
}

static bool changes(const struct user_entry *entry,
		    const struct user_entry *wanted, unsigned int field)
{
	return wanted->given[field] && entry->value[field] &&
	       differ(entry->value[field], wanted->value[field]);
}

/* Whether the values of a batch fit together, and to the old ones */
static int consistent(const struct user_entry *entry,
		      const struct user_entry *wanted)
{
	bool given = wanted->given[FIELD_SALT];

	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		given |= wanted->given[id];
	if (wanted->password && given) {
		log_error("%s: [%s] has srp_password, and srp_salt or a verifier; remove one of them",
			  STDIN, entry->label);
		return EX_DATAERR;
	}
	if (wanted->password || !keeps_verifier(entry, wanted))
		return EX_OK;
	if (changes(entry, wanted, FIELD_USERID)) {
		log_error("%s: [%s] changes srp_userid, so it needs a new srp_password",
			  STDIN, entry->label);
		return EX_DATAERR;
	}
	if (changes(entry, wanted, FIELD_SALT)) {
		log_error("%s: [%s] changes srp_salt, so it needs all verifiers, or srp_password instead",
			  STDIN, entry->label);
		return EX_DATAERR;
	}
	return EX_OK;
}

static int complete(const struct user_entry *entry)
{
	bool any = false;

	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		any |= !!entry->value[id];
	if (entry->value[FIELD_SALT] && any)
		return EX_OK;
	log_error("%s: [%s] needs srp_password, or srp_salt and a verifier",
		  STDIN, entry->label);
	return EX_DATAERR;
}

/* Apply one entry of the batch */
static int merge(struct entries *list, const struct user_entry *wanted,
		 const bool *has, const char **done)
{
	struct user_entry *entry = entries_find(list, wanted->label);
	bool added, changed = false;
	int code;

	*done = NULL;
	if (wanted->remove) {
		if (entry) {
			entries_remove(list, entry);
			*done = "removed";
		}
		return EX_OK;
	}

	entry = find_or_add(list, wanted->label, &added);
	if (!entry)
		return no_memory();
	code = consistent(entry, wanted);
	if (code != EX_OK)
		return code;
	/* The salt is the user's */
	if (wanted->password && changes(entry, wanted, FIELD_USERID))
		entry->value[FIELD_SALT] = NULL;
	for (unsigned int field = 1; field < FIELDS; field++) {
		if (!wanted->given[field] ||
		    !differ(entry->value[field], wanted->value[field]))
			continue;
		changed = true;
		entry->value[field] = NULL;
		if (wanted->value[field]) {
			entry->value[field] = entries_dup(list,
							  wanted->value[field]);
			if (!entry->value[field])
				return no_memory();
		}
	}
	code = need_userid(list, entry);
	if (code != EX_OK)
		return code;
	if (wanted->password) {
		code = new_password(list, entry, wanted->password,
				    strlen(wanted->password), has, &changed);
		if (code != EX_OK)
			return code;
	}
	*done = added ? "added" : changed ? "changed" : NULL;
	return complete(entry);
}

/**
 * batch_run() - Apply the changes on standard input
 * @file: the file, replaced if anything changes
 * @has: groups to compute verifiers for, by id; NULL: those of the user, else
 *       GROUPS_DEFAULT
 *
 * Applies all of them or none, and prints each on standard output.
 *
 * Return: an exit code; errors are logged
 */
int batch_run(struct users_file *file, const bool *has)
{
	struct entries batch = { .batch = true };
	struct user_entry **all = NULL;
	const char **done = NULL;
	size_t len, changes = 0;
	int code = EX_OK;
	char *text;

	text = entries_read(&batch, STDIN_FILENO, &len);
	if (!text && errno == EFBIG) {
		code = entries_too_long(STDIN);
		goto out;
	}
	if (!text) {
		log_error("%s: %s", STDIN, strerror(errno));
		code = errno == ENOMEM ? no_memory() : EX_IOERR;
		goto out;
	}
	code = entries_parse(&batch, text, len, STDIN, 1);
	if (code != EX_OK)
		goto out;

	all = entries_sorted(&batch);
	done = calloc(batch.count + 1, sizeof(*done));
	if (!all || !done) {
		code = no_memory();
		goto out;
	}
	for (size_t i = 0; code == EX_OK && i < batch.count; i++) {
		code = merge(&file->list, all[i], has, &done[i]);
		changes += !!done[i];
	}
	if (code == EX_OK && changes)
		code = users_file_save(file);
	for (size_t i = 0; code == EX_OK && i < batch.count; i++) {
		if (done[i])
			printf("%s %s\n", done[i], all[i]->label);
	}
	if (code == EX_OK && fflush(stdout)) {
		log_error("cannot write to standard output: %s", strerror(errno));
		code = EX_IOERR;
	}
out:
	free(done);
	free(all);
	entries_free(&batch);
	return code;
}

/**
 * batch_password() - Ask for the password of one entry of a file
 * @file: the file, replaced if the password is new
 * @label: the entry; for a new one also the user name
 * @has: groups to compute verifiers for, by id; NULL: those of the user, else
 *       GROUPS_DEFAULT
 *
 * Return: an exit code; errors are logged
 */
int batch_password(struct users_file *file, const char *label,
		   const bool *has)
{
	char *password = secret_alloc(PASSWORD_MAX + 1);
	bool added, changed = false;
	struct user_entry *entry;
	int code = EX_OSERR;
	size_t len;

	entry = find_or_add(&file->list, label, &added);
	if (!password || !entry) {
		if (file->list.full || !password) {
			code = no_memory();
		} else {
			log_error("USER cannot be the name of a directory; use --batch with another label and srp_userid");
			code = EX_DATAERR;
		}
		goto out;
	}
	code = need_userid(&file->list, entry);
	if (code != EX_OK)
		goto out;
	code = prompt_password("SRP", entry->value[FIELD_USERID], true,
			       password, &len);
	if (code == EX_OK)
		code = new_password(&file->list, entry, password, len, has,
				    &changed);
	if (code == EX_OK && changed)
		code = users_file_save(file);
out:
	secret_free(password, PASSWORD_MAX + 1);
	return code;
}

/**
 * batch_check() - Ask for a password and check it
 * @file: the file
 * @userid: the user, all of whose entries are checked, enabled or not
 *
 * Return: EX_OK if it is the password of an entry, whose label is printed; 1 if
 * it is not; else another exit code, and the error is logged
 */
int batch_check(const struct users_file *file, const char *userid)
{
	struct user_entry **all = entries_sorted(&file->list);
	char *password = secret_alloc(PASSWORD_MAX + 1);
	bool known = false, found = false, right;
	int code = EX_OK;
	size_t len;

	if (!all || !password) {
		code = no_memory();
		goto out;
	}
	for (size_t i = 0; i < file->list.count; i++)
		known |= !differ(all[i]->value[FIELD_USERID], userid);
	if (!known) {
		log_error("%s has no user %s; add it with iscsi-srp-passwd -f",
			  file->path, userid);
		code = EX_NOUSER;
		goto out;
	}
	code = prompt_password("SRP", userid, false, password, &len);
	for (size_t i = 0; code == EX_OK && i < file->list.count; i++) {
		if (differ(all[i]->value[FIELD_USERID], userid))
			continue;
		code = right_password(all[i], password, len, &right);
		if (code == EX_OK && right) {
			printf("right: %s\n", all[i]->label);
			found = true;
		}
	}
	if (code == EX_OK && !found) {
		log_error("this is not the password of %s", userid);
		code = 1;
	}
out:
	secret_free(password, PASSWORD_MAX + 1);
	free(all);
	return code;
}
