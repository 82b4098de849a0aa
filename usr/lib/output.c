// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Credentials as text.  Neither stdio nor json-c: both keep copies in memory
 * that is not wiped, and a verifier is a secret.
 */
#include "lib/output.h"
#include "lib/group.h"

#include <string.h>

/* Append text at to, with JSON escapes if requested; return the new end */
static char *put(char *to, const char *text, bool json)
{
	for (; *text; text++) {
		if (json && (*text == '"' || *text == '\\'))
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return to;
}

static char *put_hex(char *to, const uint8_t *bytes, size_t len)
{
	hex_encode(bytes, len, to);
	return to + 2 * len;
}

/**
 * credentials_text() - Credentials as lines NAME=VALUE or as a JSON object
 * @cred: the credentials
 * @json: print JSON
 * @text: result, terminated; TEXT_MAX bytes
 *
 * The names are those of the files in configfs; the strongest group is first.
 */
void credentials_text(const struct credentials *cred, bool json, char *text)
{
	const char *is = json ? "\": \"" : "=";
	const char *next = json ? "\",\n  \"" : "\n";

	if (json)
		text = put(text, "{\n  \"", false);
	text = put(put(text, "srp_userid", false), is, false);
	text = put(text, cred->userid, json);
	text = put(put(put(text, next, false), "srp_salt", false), is, false);
	text = put_hex(text, cred->salt, cred->salt_len);

	for (unsigned int id = ISCSI_SRP_GROUP_MAX; id >= 1; id--) {
		const struct srp_group *group = group_by_id(id);

		if (!cred->has[id])
			continue;
		text = put(put(text, next, false), "srp_verifier_", false);
		text = put(put(text, group->name, false), is, false);
		text = put_hex(text, cred->verifier[id], group->len);
	}
	put(text, json ? "\"\n}\n" : "\n", false);
}
