/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key=value text and binary values, RFC 7143, section 6.1 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX_LEN	16384	/* of all PDUs with the C bit together */
#define TEXT_SEND_MAX	8192	/* of one PDU */
#define TEXT_KEY_MAX	63

/**
 * struct text - A text segment
 * @len: length in @buf
 * @overflow: a pair that did not fit was left out
 * @buf: pairs, each terminated by a NUL
 */
struct text {
	size_t len;
	bool overflow;
	char buf[TEXT_MAX_LEN];
};

const char *text_problem(const struct text *text);
const char *text_get(const struct text *text, const char *name);
const char *text_next(const struct text *text, const char **key,
		      const char *value);
void text_put(struct text *text, const char *key, const char *value);
void text_put_binary(struct text *text, const char *key, const uint8_t *bytes,
		     size_t len);
const char *text_binary(const char *value, uint8_t *bytes, size_t *len);

#endif /* TEXT_H */
