// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: records, as libopeniscsiusr reads them for iscsiadm. What is read is written
 * as text that gives the same settings, and without passwords unless they are wanted.
 */
#include <stdio.h>

#include "lib/tests/fuzz.h"

static FILE *open_input(void);
#define fopen(path, mode)	open_input()
#include "../libopeniscsiusr/idbm.c"
#undef fopen

static struct iscsi_context context;
static const char *input;
static size_t input_size;

static FILE *open_input(void)
{
	return fmemopen((char *)input, input_size, "r");
}

/* NULL if the record is refused */
static struct iscsi_node *node_of(const char *text, size_t size)
{
	struct iscsi_node *node = calloc(1, sizeof(*node));
	struct idbm_rec *recs = _idbm_recs_alloc();
	int rc;

	demand(node && recs);
	_default_node(node);
	_idbm_node_rec_link(node, recs, NULL);
	input = text;
	input_size = size;
	rc = _idbm_recs_read(&context, recs, "record");
	_idbm_recs_free(recs);
	if (!rc)
		return node;
	free(node);
	return NULL;
}

static char *text_of(struct iscsi_node *node, bool show_secret)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	demand(f);
	_idbm_node_print(node, f, show_secret);
	demand(!fclose(f));
	return text;
}

/* Blanks at the end, where a value was cut, are written once */
static void check_written(struct iscsi_node *node)
{
	const struct iscsi_auth_config *auth = &node->session.auth;
	char *text = text_of(node, true);
	struct iscsi_node *again = node_of(text, strlen(text)), *last;
	char *again_text, *last_text;

	demand(again);
	demand(auth->authmethod == again->session.auth.authmethod);
	demand(auth->srp_target_auth == again->session.auth.srp_target_auth);
	demand(node->conn.tls.use == again->conn.tls.use);
	demand(node->conn.tls.verify == again->conn.tls.verify);
	again_text = text_of(again, true);
	last = node_of(again_text, strlen(again_text));
	demand(last);
	last_text = text_of(last, true);
	demand(!strcmp(again_text, last_text));

	free(last_text);
	free(last);
	free(again_text);
	free(again);
	free(text);
}

static void check_masked(struct iscsi_node *node)
{
	static const char *const names[] = {
		SESSION_PASSWORD, SESSION_PASSWORD_IN, SESSION_SRP_PASSWORD
	};
	char *text = text_of(node, false), line[NAME_MAXVAL + 16], *at;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "\n%s = ", names[i]);
		at = strstr(text, line);
		demand(!at || !strncmp(at + strlen(line), "********\n", 9));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iscsi_node *node;

	if (!size)
		return 0;
	node = node_of((const char *)data, size);
	accepted(node);
	if (!node)
		return 0;
	check_written(node);
	check_masked(node);
	free(node);
	return 0;
}
