// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: text of a target.  What is accepted is found again by its key, and is
 * the same when it is written; so are binary values.
 */
#include "lib/hex.h"
#include "lib/tests/fuzz.h"
#include "text.h"

#include <strings.h>

/* The text, in memory that ends with it */
static struct text *text_of(const uint8_t *data, size_t size)
{
	struct text *text;

	if (size > TEXT_MAX_LEN)
		size = TEXT_MAX_LEN;
	text = malloc(offsetof(struct text, buf) + size);
	demand(text);
	text->overflow = false;
	text->len = size;
	if (size)
		memcpy(text->buf, data, size);
	return text;
}

/* The digits of one byte more or less are another value, or none */
static void check_hex(const char *value, const uint8_t *want, size_t want_len)
{
	uint8_t *bytes = malloc(want_len);
	ssize_t len;

	demand(bytes);
	len = hex_to_bytes(value, bytes, want_len);
	if (strlen(value) % 2)
		demand(len < 0);
	else
		demand((size_t)len == want_len && !memcmp(bytes, want, len));
	demand(want_len == 1 || hex_to_bytes(value, bytes, want_len - 1) < 0);
	free(bytes);
}

static bool check_binary(const char *value)
{
	uint8_t bytes[ISCSI_SRP_MAX_LEN], again[ISCSI_SRP_MAX_LEN];
	char hex[2 + HEX_MAX] = "0x";
	size_t len, again_len;

	if (text_binary(value, bytes, &len)) {
		/* Nor does the other decoder take it, unless without 0x */
		demand(strncasecmp(value, "0x", 2) ||
		       hex_to_bytes(value, bytes, sizeof(bytes)) < 0);
		return false;
	}
	demand(len && len <= sizeof(bytes));
	hex_encode(bytes, len, hex + 2);
	demand(!text_binary(hex, again, &again_len));
	demand(again_len == len && !memcmp(again, bytes, len));
	if (!strncasecmp(value, "0x", 2))
		check_hex(value, bytes, len);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text *text = text_of(data, size);
	struct text *copy = calloc(1, sizeof(*copy));
	const char *value = NULL, *key;
	bool good = !text_problem(text), binary = false;

	demand(copy);
	while (good && (value = text_next(text, &key, value))) {
		char *name = strndup(key, value - 1 - key);

		demand(text_get(text, name) == value);
		text_put(copy, name, value);
		binary |= check_binary(value);
		free(name);
	}
	if (good && !copy->overflow)
		demand(copy->len == text->len &&
		       (!copy->len || !memcmp(copy->buf, text->buf, copy->len)));
	accepted(good && binary);
	free(copy);
	free(text);
	return 0;
}
