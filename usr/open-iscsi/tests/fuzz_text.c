// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: binary values, as iscsi-login decodes them, and the line of iscsi-tls,
 * which may speak for a hostile target. What is accepted has no control characters.
 */
#include <linux/iscsi_srp.h>

#include "lib/tests/fuzz.h"
#include "login/text.h"
#include "peer.h"
#include "srp.h"
#include "tls.c"

static int check_binary(const char *text)
{
	unsigned char *bytes = malloc(SRP_VALUE_MAX), again[SRP_VALUE_MAX];
	uint8_t other[ISCSI_SRP_MAX_LEN];
	char hex[SRP_TEXT_MAX];
	size_t len, other_len;
	int rc;

	demand(bytes);
	rc = srp_text_to_bytes(text, bytes, SRP_VALUE_MAX, &len);
	demand(!rc == !text_binary(text, other, &other_len));
	if (!rc) {
		demand(len == other_len && !memcmp(bytes, other, len));
		demand(srp_text_to_bytes(text, again, len - 1, &other_len));
		srp_bytes_to_text(bytes, len, hex);
		demand(!srp_text_to_bytes(hex, again, len, &other_len));
		demand(len == other_len && !memcmp(bytes, again, len));
	}
	free(bytes);
	return !rc;
}

static int is_word(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size && text[i]; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return 0;
	return i && i < size;
}

static int check_line(const char *text)
{
	struct iscsi_session *session = peer_session(ISCSI_SESSION_TYPE_NORMAL);
	struct iscsi_conn *conn = &session->conn[0];
	struct iscsi_tls *tls = &conn->tls;

	strncpy(tls->text, text, sizeof(tls->text) - 1);
	if (parse(conn))
		return 0;
	demand(is_word(tls->version, sizeof(tls->version)));
	demand(is_word(tls->cipher, sizeof(tls->cipher)));
	demand(strspn(tls->fingerprint, "0123456789abcdef") == 64);
	demand(strspn(tls->key_fingerprint, "0123456789abcdef") == 64);
	demand(conn->tls_cert_len >= 32 && conn->tls_cert_len <= 64);
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	accepted(check_binary(text) | check_line(text));
	free(text);
	return 0;
}
