// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Users as text: entries of a users file, of standard input, or of a table.
 *
 *	[LABEL]
 *	NAME=VALUE
 *	...
 *
 * The names are those of the files in configfs.  Values are stored as the
 * kernel shows them, so that equal values are equal strings.
 */
#include "entry.h"
#include "lib/group.h"
#include "lib/log.h"
#include "lib/hex.h"
#include "lib/secret.h"
#include "lib/verifier.h"

#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define VERIFIER	"srp_verifier_"
#define BLANKS		" \t,"
#define LABEL_LEN_MAX	255
#define NOTE_MAX	255
#define INITIATORS_MAX	4000
#define NAME_LEN_MAX	223	/* of an iSCSI name */

static const char *const plain_names[] = {
	[FIELD_USERID] = "srp_userid",
	[FIELD_SALT] = "srp_salt",
	[FIELD_EXPIRES] = "expires",
	[FIELD_NOTE] = "note",
	[FIELD_INITIATORS] = "initiators",
	[FIELD_TPGT] = "tpgt",
	[FIELD_ENABLED] = "enabled",
};

/**
 * field_name() - The name of a field and of its file
 * @field: the field
 * @name: result; FIELD_NAME_MAX bytes
 */
void field_name(unsigned int field, char *name)
{
	if (field >= 1 && field <= ISCSI_SRP_GROUP_MAX)
		snprintf(name, FIELD_NAME_MAX, VERIFIER "%s",
			 group_by_id(field)->name);
	else
		snprintf(name, FIELD_NAME_MAX, "%s", plain_names[field]);
}

/* The field of this name, 0 if there is none */
static unsigned int field_by_name(const char *name)
{
	size_t prefix = strlen(VERIFIER);

	if (!strncmp(name, VERIFIER, prefix)) {
		const struct srp_group *group =
			group_by_name(name + prefix, strlen(name + prefix));

		return group ? group->id : 0;
	}
	for (unsigned int field = FIELD_USERID; field < FIELDS; field++) {
		if (!strcmp(plain_names[field], name))
			return field;
	}
	return 0;
}

static const char *normal_salt(struct entries *list, const char *text,
			       char **value)
{
	uint8_t salt[ISCSI_SRP_MAX_LEN];
	ssize_t len = hex_to_bytes(text, salt, sizeof(salt));

	if (len < 0)
		return "must be 1 to 1024 bytes, as two hexadecimal digits each";
	*value = entries_alloc(list, 2 * len + 1);
	if (*value)
		hex_encode(salt, len, *value);
	return NULL;
}

static const char *normal_verifier(struct entries *list,
				   const struct srp_group *group,
				   const char *text, char **value)
{
	const struct srp_modulus *modulus = group_modulus(group);
	uint8_t *v = secret_alloc(2 * ISCSI_SRP_MAX_LEN);
	uint8_t *bytes = v + ISCSI_SRP_MAX_LEN;
	const char *problem = NULL;
	ssize_t len;

	if (!v || !modulus)
		goto out;
	len = hex_to_bytes(text, bytes, ISCSI_SRP_MAX_LEN);
	if (len < 0) {
		problem = "must be 1 to 1024 bytes, as two hexadecimal digits each";
		goto out;
	}
	for (; len && !*bytes; len--)
		bytes++;
	if (len <= group->len)
		memcpy(v + group->len - len, bytes, len);
	if (!len) {
		problem = "must not be 0";
	} else if (len > group->len ||
		   memcmp(v, modulus->bytes, group->len) >= 0) {
		problem = "must be below N of its group";
	} else {
		*value = entries_alloc(list, 2 * group->len + 1);
		if (*value)
			hex_encode(v, group->len, *value);
	}
out:
	secret_free(v, 2 * ISCSI_SRP_MAX_LEN);
	return problem;
}

/* A decimal number without leading zeros, as the kernel shows it */
static const char *number(const char *text, unsigned long long max,
			  unsigned long long *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || *value > max)
		return "must be a number";
	return NULL;
}

/* A batch may also say a number of days from now, such as 7d */
static const char *normal_expires(struct entries *list, const char *text,
				  char **value)
{
	const char *problem = list->batch ?
		"must be a time in seconds since 1970, or a number of days from now such as 7d" :
		"must be a time in seconds since 1970";
	unsigned long long seconds;
	char days[8] = "";
	size_t len = strlen(text);

	if (list->batch && len && len < sizeof(days) && text[len - 1] == 'd') {
		memcpy(days, text, len - 1);
		if (number(days, 999999, &seconds) || !seconds)
			return problem;
		seconds = time(NULL) + seconds * 24 * 60 * 60;
	} else if (number(text, INT64_MAX, &seconds) || !seconds) {
		return problem;
	}
	*value = entries_alloc(list, 24);
	if (*value)
		snprintf(*value, 24, "%llu", seconds);
	return NULL;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static const char *normal_note(struct entries *list, const char *text,
			       char **value)
{
	if (strlen(text) > NOTE_MAX || !is_utf8(text, strlen(text)) ||
	    strchr(text, '\n'))
		return "must be one line of at most 255 bytes of UTF-8";
	if (!strcmp(text, "NULL"))
		return "is NULL, which the kernel reads as \"unset\"";
	*value = entries_dup(list, text);
	return NULL;
}

static bool is_iscsi_name(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && len <= NAME_LEN_MAX && !has_control(name) &&
	       (!strncmp(name, "iqn.", 4) || !strncmp(name, "eui.", 4) ||
		!strncmp(name, "naa.", 4));
}

static bool is_tag(const char *word)
{
	unsigned long long tag;

	return !number(word, UINT16_MAX, &tag);
}

/* Words separated by blanks or commas; by one blank in the result */
static const char *normal_list(struct entries *list, const char *text,
			       bool (*good)(const char *), const char *problem,
			       char **value)
{
	char *words, *rest, *word, *end;

	if (strlen(text) > INITIATORS_MAX)
		return problem;
	words = entries_dup(list, text);
	*value = end = entries_alloc(list, strlen(text) + 1);
	if (!words || !*value) {
		*value = NULL;
		return NULL;
	}
	for (rest = words; (word = strsep(&rest, BLANKS)) != NULL;) {
		if (!*word)
			continue;
		for (char *c = word; *c; c++) {
			if (*c >= 'A' && *c <= 'Z')
				*c |= 0x20;
		}
		if (!good(word))
			return problem;
		if (end != *value)
			*end++ = ' ';
		if (good == is_tag)
			end += sprintf(end, "%lu", strtoul(word, NULL, 10));
		else
			end = stpcpy(end, word);
	}
	return end == *value ? problem : NULL;
}

static const char *normal_enabled(struct entries *list, const char *text,
				  char **value)
{
	if (strcmp(text, "0") && strcmp(text, "1"))
		return "must be 0 or 1";
	*value = entries_dup(list, text);
	return NULL;
}

/**
 * entry_set() - Set a field of an entry
 * @list: the entry's list
 * @entry: the entry
 * @field: the field
 * @text: the value in any notation; "" unsets
 *
 * Return: what is wrong with the value, as a phrase to follow the field's name,
 * or NULL.  Without memory NULL, and @list->full is set.
 */
const char *entry_set(struct entries *list, struct user_entry *entry,
		      unsigned int field, const char *text)
{
	const char *problem = NULL;
	char *value = NULL;

	if (!*text) {
		entry->value[field] = NULL;
		return NULL;
	}
	switch (field) {
	case FIELD_USERID:
		problem = userid_problem(text);
		if (!problem)
			value = entries_dup(list, text);
		break;
	case FIELD_SALT:
		problem = normal_salt(list, text, &value);
		break;
	case FIELD_EXPIRES:
		problem = normal_expires(list, text, &value);
		break;
	case FIELD_NOTE:
		problem = normal_note(list, text, &value);
		break;
	case FIELD_INITIATORS:
		problem = normal_list(list, text, is_iscsi_name,
				      "must be a list of initiator names (iqn., eui. or naa., at most 223 bytes each, 4000 in total)",
				      &value);
		break;
	case FIELD_TPGT:
		problem = normal_list(list, text, is_tag,
				      "must be a list of portal group tags, 0 to 65535",
				      &value);
		break;
	case FIELD_ENABLED:
		problem = normal_enabled(list, text, &value);
		break;
	default:
		problem = normal_verifier(list, group_by_id(field), text,
					  &value);
		break;
	}
	if (problem)
		return problem;
	if (!value)
		list->full = true;
	entry->value[field] = value;
	return NULL;
}

static int by_label(const void *a, const void *b)
{
	const struct user_entry *x = a, *y = b;

	return strcmp(x->label, y->label);
}

/**
 * entries_find() - Find an entry
 * @list: the list
 * @label: the entry's label
 *
 * Return: the entry, or NULL
 */
struct user_entry *entries_find(const struct entries *list, const char *label)
{
	const struct user_entry key = { .label = (char *)label };
	struct user_entry **found = tfind(&key, &list->tree, by_label);

	return found ? *found : NULL;
}

/* What is wrong with a label; it is the name of a directory */
static const char *label_problem(const char *label)
{
	if (!*label || strlen(label) > LABEL_LEN_MAX)
		return "must have 1 to 255 bytes";
	if (!strcmp(label, ".") || !strcmp(label, "..") || strchr(label, '/'))
		return "cannot be the name of a directory";
	if (has_control(label) || !is_utf8(label, strlen(label)))
		return "must be UTF-8 without control characters";
	return NULL;
}

/**
 * entries_add() - Add an empty entry
 * @list: the list
 * @label: the label, which must be new there
 * @problem: set to what is wrong with the label, or NULL
 *
 * Return: the entry; NULL if there is a @problem or no memory
 */
struct user_entry *entries_add(struct entries *list, const char *label,
			  const char **problem)
{
	struct user_entry *entry;

	*problem = label_problem(label);
	if (*problem)
		return NULL;
	entry = entries_alloc(list, sizeof(*entry));
	if (!entry)
		return NULL;
	memset(entry, 0, sizeof(*entry));
	entry->label = entries_dup(list, label);
	if (!entry->label || !tsearch(entry, &list->tree, by_label)) {
		list->full = true;
		return NULL;
	}
	list->count++;
	return entry;
}

/**
 * entries_remove() - Remove an entry
 * @list: the list, which keeps the entry's memory
 * @entry: the entry
 */
void entries_remove(struct entries *list, struct user_entry *entry)
{
	tdelete(entry, &list->tree, by_label);
	list->count--;
}

static void visit(const void *node, VISIT which, void *arg)
{
	struct user_entry ***next = arg;

	if (which == postorder || which == leaf)
		*(*next)++ = *(struct user_entry *const *)node;
}

/**
 * entries_sorted() - All entries, sorted by label
 * @list: the list
 *
 * Return: an array of list->count entries for free(); NULL without memory
 */
struct user_entry **entries_sorted(const struct entries *list)
{
	struct user_entry **all = calloc(list->count + 1, sizeof(*all));
	struct user_entry **next = all;

	if (all)
		twalk_r(list->tree, visit, &next);
	return all;
}

static int line_error(const char *path, unsigned int line, const char *name,
		      const char *problem)
{
	log_error("%s, line %u: %s %s", path, line, name, problem);
	return EX_DATAERR;
}

static int unknown_name(const char *path, unsigned int line, const char *name)
{
	if (!strncmp(name, VERIFIER, strlen(VERIFIER)))
		log_error("%s, line %u: unknown group '%.20s'; -g in iscsi-srp-passwd(8) lists the groups",
			  path, line, name + strlen(VERIFIER));
	else
		log_error("%s, line %u: unknown name '%.20s'; FILES in iscsi-srp-passwd(8) lists the names",
			  path, line, name);
	return EX_DATAERR;
}

static int parse_value(struct entries *list, struct user_entry *entry, char *text,
		       const char *path, unsigned int line)
{
	char *value = strchr(text, '=');
	const char *problem;
	unsigned int field;

	if (!value)
		return line_error(path, line, "a line", "must be [LABEL] or NAME=VALUE");
	*value++ = '\0';
	if (!entry)
		return line_error(path, line, text, "must follow a [LABEL]");
	if (list->batch && !strcmp(text, "srp_password")) {
		if (entry->password)
			return line_error(path, line, text, "is listed twice; remove one");
		problem = password_problem(value, strlen(value));
		if (problem)
			return line_error(path, line, text, problem);
		entry->password = value;
		return EX_OK;
	}
	if (list->batch && !strcmp(text, "remove")) {
		if (strcmp(value, "1"))
			return line_error(path, line, text, "must be 1");
		entry->remove = true;
		return EX_OK;
	}
	field = field_by_name(text);
	if (!field)
		return unknown_name(path, line, text);
	if (entry->given[field])
		return line_error(path, line, text, "is listed twice; remove one");
	if (!*value && !list->batch)
		return line_error(path, line, text, "has no value; remove the line");
	entry->given[field] = true;
	problem = entry_set(list, entry, field, value);
	return problem ? line_error(path, line, text, problem) : EX_OK;
}

/**
 * entries_parse() - Read entries from text
 * @list: gets them; with batch set also passwords and removals
 * @text: the text, which is changed and must outlive the list's passwords
 * @len: its length in bytes; text[len] is NUL
 * @path: its name in errors
 * @line: the number of its first line
 *
 * Return: an exit code; errors are logged
 */
int entries_parse(struct entries *list, char *text, size_t len,
		  const char *path, unsigned int line)
{
	struct user_entry *entry = NULL;
	const char *problem;
	int code = EX_OK;

	if (memchr(text, '\0', len)) {
		log_error("%s contains a NUL byte; name a text file", path);
		return EX_DATAERR;
	}
	for (; code == EX_OK && text && *text; line++) {
		char *at = strsep(&text, "\n");
		size_t n = strlen(at);

		if (!n || *at == '#')
			continue;
		if (*at != '[' || at[n - 1] != ']') {
			code = parse_value(list, entry, at, path, line);
		} else {
			at[n - 1] = '\0';
			if (entries_find(list, at + 1))
				return line_error(path, line, at + 1, "is listed twice; remove one");
			entry = entries_add(list, at + 1, &problem);
			if (problem)
				return line_error(path, line, "the label", problem);
		}
		if (list->full) {
			log_error("out of lockable memory; raise the limit RLIMIT_MEMLOCK (ulimit -l)");
			return EX_OSERR;
		}
	}
	return code;
}
