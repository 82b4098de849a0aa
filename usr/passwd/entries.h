/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for a list of users */
#ifndef PASSWD_ENTRIES_H
#define PASSWD_ENTRIES_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>
#include <stddef.h>

/* Fields of an entry; a group's id is that of its verifier */
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
 * struct user_entry - One user of a file or of a table
 * @label: its name there
 * @value: as the kernel shows it, by field; NULL if it is not set
 * @given: whether the text had the field, set or unset
 * @password: of a batch: what to make salt and verifiers of, or NULL
 * @remove: of a batch: the entry is to go
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
 * @count: how many
 * @batch: passwords and removals are allowed
 * @full: there was no memory for a value
 * @blocks: where all of it is
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
void entries_free(struct entries *list);

#endif /* PASSWD_ENTRIES_H */
