/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of users and its memory */
#ifndef PASSWD_ENTRIES_H
#define PASSWD_ENTRIES_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>
#include <stddef.h>

/* Fields of an entry; a verifier's field is its group's id */
enum {
	FIELD_USERID = ISCSI_SRP_GROUP_MAX + 1,
	FIELD_SALT,
	FIELD_EXPIRES,
	FIELD_NOTE,
	FIELD_INITIATORS,
	FIELD_TPGT,
	FIELD_ENABLED,
	FIELDS
};

#define FIELD_NAME_MAX	32

/**
 * struct user_entry - An entry of a users file or table
 * @label: its name
 * @value: values by field, as the kernel shows them; NULL if unset
 * @given: fields that the text sets or unsets
 * @password: in a batch: the password for salt and verifiers, or NULL
 * @remove: in a batch: remove the entry
 */
struct user_entry {
	char *label;
	char *value[FIELDS];
	bool given[FIELDS];
	char *password;
	bool remove;
};

/**
 * struct entries - A list of users
 * @tree: the entries, by label, for tsearch(3)
 * @count: number of entries
 * @batch: allow passwords and removals
 * @full: an allocation failed
 * @blocks: the memory of the list
 */
struct entries {
	void *tree;
	size_t count;
	bool batch;
	bool full;
	struct block *blocks;
};

void *entries_alloc(struct entries *list, size_t len);
char *entries_dup(struct entries *list, const char *text);
char *entries_read(struct entries *list, int fd, size_t *len);
int entries_too_long(const char *path);
void entries_free(struct entries *list);

#endif /* PASSWD_ENTRIES_H */
