/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users as text */
#ifndef PASSWD_ENTRY_H
#define PASSWD_ENTRY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "entries.h"

void field_name(unsigned int field, char *name);
const char *entry_set(struct entries *list, struct user_entry *entry,
		      unsigned int field, const char *text);
struct user_entry *entries_find(const struct entries *list, const char *label);
struct user_entry *entries_add(struct entries *list, const char *label,
			  const char **problem);
void entries_remove(struct entries *list, struct user_entry *entry);
struct user_entry **entries_sorted(const struct entries *list);
int entries_parse(struct entries *list, char *text, size_t len,
		  const char *path, unsigned int line);

#endif /* PASSWD_ENTRY_H */
