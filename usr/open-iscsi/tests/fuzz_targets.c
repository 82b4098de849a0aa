// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: what a hostile target answers to SendTargets: the length of a PDU, then
 * text, in which a line feed stands for NUL. What is found is what the target has named,
 * its names have no other characters than those of iSCSI names, and it does not depend
 * on how many PDUs there are.
 */
#include "lib/tests/fuzz.h"
#include "discovery.c"
#include "peer.h"

#define NAME_CHARACTERS "-.:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* fuzz_record fuzzes iscsid.conf */
void idbm_node_setup_from_conf(node_rec_t *rec)
{
	memset(rec, 0, sizeof(*rec));
}

/* Answer in PDUs of this length, each in memory of its own */
static void answer(const char *text, size_t size, size_t length,
		   struct list_head *found)
{
	static const struct peer_reply nothing[1];
	iscsi_session_t *session = peer_session(ISCSI_SESSION_TYPE_DISCOVERY);
	discovery_rec_t drec = {
		.type = DISCOVERY_TYPE_SENDTARGETS,
		.address = "192.0.2.1",
		.port = ISCSI_LISTEN_PORT,
	};
	int active = 1, valid = 0;
	struct str_buffer buffer;

	peer_script(nothing);
	str_init_buffer(&buffer, 0);
	while (active) {
		struct iscsi_text_rsp rsp = { .opcode = ISCSI_OP_TEXT_RSP };
		char *data;

		if (length >= size) {
			length = size;
			rsp.flags = ISCSI_FLAG_CMD_FINAL;
		}
		hton24(rsp.dlength, length);
		data = malloc(length);
		demand(data || !length);
		memcpy(data, text, length);
		peer_count = 0;
		demand(!process_recvd_pdu((struct iscsi_hdr *)&rsp, &drec, found,
					  session, &buffer, &active, &valid,
					  data));
		free(data);
		text += length;
		size -= length;
	}
	demand(valid);
	str_free_buffer(&buffer);
}

static void check_named(const node_rec_t *rec, const char *text, size_t size)
{
	const char *address = rec->conn[0].address;
	char key[sizeof(rec->name) + 16];

	demand(strspn(rec->name, NAME_CHARACTERS) == strlen(rec->name));
	/* It is that of a directory, too */
	demand(*rec->name && strcmp(rec->name, ".") && strcmp(rec->name, ".."));
	snprintf(key, sizeof(key), "TargetName=%s", rec->name);
	demand(memmem(text, size, key, strlen(key)));
	demand(!strcmp(address, "192.0.2.1") ||
	       memmem(text, size, address, strlen(address)));
}

/* One line for each target and address; empties the list */
static char *listed(struct list_head *found, const char *text, size_t size)
{
	char *lines;
	size_t length;
	FILE *f = open_memstream(&lines, &length);

	demand(f);
	while (!list_empty(found)) {
		/* Its first member; list_entry() begins at address 0 */
		node_rec_t *rec = (node_rec_t *)found->next;

		check_named(rec, text, size);
		fprintf(f, "%s %s %d %d\n", rec->name, rec->conn[0].address,
			rec->conn[0].port, rec->tpgt);
		list_del(&rec->list);
		free(rec);
	}
	demand(!fclose(f));
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *whole, *parts;
	LIST_HEAD(found);
	int failed;
	size_t i;

	if (!size)
		return 0;
	text = fuzz_text(data + 1, --size);
	for (i = 0; i < size; i++)
		if (text[i] == '\n')
			text[i] = '\0';

	answer(text, size, size, &found);
	/* The rest of the answer is dropped; a full log may not say so */
	failed = strstr(peer_log, "failed to add") ||
		 strlen(peer_log) == sizeof(peer_log) - 1;
	whole = listed(&found, text, size);
	/* Not too many, or it is slow */
	answer(text, size, *data + size / 32 + 1, &found);
	parts = listed(&found, text, size);
	demand(!strncmp(parts, whole, strlen(whole)));
	demand(failed || !parts[strlen(whole)]);
	accepted(*whole && !failed);

	free(parts);
	free(whole);
	free(text);
	return 0;
}
