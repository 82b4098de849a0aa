// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: records and iscsid.conf. What is read is written as text that gives the
 * same settings, and does not depend on what was read before.
 */
#include <ctype.h>

#include "lib/tests/fuzz.h"
#include "idbm.h"
#include "peer.h"
#include "srp.h"
#include "srp_config.h"
#include "tls_config.h"

static const char comment[] =
	"# node.session.auth.srp_password = from the line before\n";

static struct node_rec *record_of(const char *text, size_t size)
{
	struct node_rec *rec = calloc(1, sizeof(*rec));
	recinfo_t *info = idbm_recinfo_alloc(MAX_KEYS);
	FILE *f = fmemopen((char *)text, size, "r");

	demand(rec && info && f);
	idbm_node_setup_defaults(rec);
	idbm_recinfo_node(rec, info);
	idbm_recinfo_config(info, f);
	fclose(f);
	free(info);
	return rec;
}

/*
 * A blank at the end is left only where a value was cut, and a list of which no word
 * is known is not written.
 */
static int same(const recinfo_t *a, const recinfo_t *b)
{
	size_t len = strlen(a->value);

	if (a->type == TYPE_INT_LIST && !len)
		return 1;
	while (len && isspace((unsigned char)a->value[len - 1]))
		len--;
	return !strcmp(a->name, b->name) && len == strlen(b->value) &&
	       !memcmp(a->value, b->value, len);
}

static recinfo_t *settings_of(struct node_rec *rec)
{
	recinfo_t *info = idbm_recinfo_alloc(MAX_KEYS);

	demand(info);
	idbm_recinfo_node(rec, info);
	return info;
}

static void demand_same(struct node_rec *one, struct node_rec *other)
{
	const char *end = (const char *)(one + 1);
	recinfo_t *a, *b;
	int i;

	/* The same bytes, but for the list: nearly always, and faster */
	if (!memcmp(one->name, other->name, end - one->name))
		return;
	a = settings_of(one);
	b = settings_of(other);
	for (i = 0; i < MAX_KEYS; i++)
		demand(same(&a[i], &b[i]));
	free(a);
	free(b);
}

static char *text_of(struct node_rec *rec, size_t *size)
{
	char *text;
	FILE *f = open_memstream(&text, size);

	demand(f && !idbm_print(IDBM_PRINT_TYPE_NODE, rec, 1, f) && !fclose(f));
	return text;
}

/* Leave out the lines of a record without settings: to read them takes most of the time */
static size_t without_defaults(char *text)
{
	static size_t size;
	static char *defaults;
	char *line, *next, *kept;

	if (!defaults) {
		struct node_rec *rec = record_of("\n", 1), *again;

		defaults = text_of(rec, &size);
		again = record_of(defaults, size);
		demand_same(rec, again);
		free(again);
		free(rec);
	}
	/* The first line is a comment */
	kept = strchr(text, '\n') + 1;
	for (line = kept; *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (memmem(defaults, size, line, next - line))
			continue;
		memmove(kept, line, next - line);
		kept += next - line;
	}
	return kept - text;
}

static void check_written(struct node_rec *rec)
{
	struct node_rec *again;
	size_t size;
	char *text = text_of(rec, &size);

	again = record_of(text, without_defaults(text));
	demand_same(rec, again);
	free(again);
	free(text);
}

static void check_after_comment(struct node_rec *rec, const uint8_t *data,
				size_t size)
{
	char *text = malloc(sizeof(comment) + size);
	struct node_rec *again;

	demand(text);
	memcpy(text, comment, sizeof(comment) - 1);
	memcpy(text + sizeof(comment) - 1, data, size);
	again = record_of(text, sizeof(comment) - 1 + size);
	demand_same(rec, again);
	free(again);
	free(text);
}

/* Does a line end with this, so that it was not cut? */
static int ends_line(const char *at, size_t size, const char *value)
{
	const char *end = at + size, *next;

	while ((at = memmem(at, end - at, value, strlen(value)))) {
		at += strlen(value);
		for (next = at; next < end && *next != '\n'; next++)
			if (!isspace((unsigned char)*next))
				break;
		if (next < end && *next == '\n')
			return 1;
	}
	return 0;
}

/* With these settings a login is possible: they are complete */
static void check_settings(const struct node_rec *rec, const char *data,
			   size_t size)
{
	const struct iscsi_auth_config *auth = &rec->session.auth;
	const struct iscsi_tls_config *tls = &rec->conn[0].tls;
	unsigned int groups;
	char bad[64];

	if (srp_config_check(auth, SRP_CONFIG_NODE) ||
	    auth->authmethod != ISCSI_AUTH_METHOD_SRP)
		return;
	demand(*auth->srp_username && *auth->srp_password);
	demand(!srp_groups_parse(auth->srp_groups, &groups, bad, sizeof(bad)));
	demand(groups);
	if (tls_config_check(tls, auth, TLS_CONFIG_NODE))
		return;
	demand(tls->use == ISCSI_TLS_NO || tls->use == ISCSI_TLS_YES);
	if (tls->use == ISCSI_TLS_NO)
		return;
	demand(*tls->fingerprint || tls->verify != ISCSI_TLS_VERIFY_PIN);
	demand(!*tls->fingerprint || ends_line(data, size, tls->fingerprint));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct peer_reply nothing[1];
	struct node_rec *rec;

	if (!size)
		return 0;
	peer_script(nothing);
	rec = record_of((const char *)data, size);
	check_written(rec);
	check_after_comment(rec, data, size);
	check_settings(rec, (const char *)data, size);
	accepted(rec->session.auth.authmethod == ISCSI_AUTH_METHOD_SRP &&
		 !srp_config_check(&rec->session.auth, SRP_CONFIG_NODE));
	free(rec);
	return 0;
}
