// SPDX-License-Identifier: GPL-2.0-or-later
/* Key=value text and binary-values, RFC 7143, section 6.1 */
#include "login.h"

#include <ctype.h>
#include <string.h>

/**
 * text_next() - The next pair of a segment that text_problem() has passed
 * @text: the segment
 * @key: result, not terminated: it ends where "=" is, before the value
 * @value: the value before; NULL to begin
 *
 * Return: its value, terminated; NULL behind the last pair
 */
const char *text_next(const struct text *text, const char **key,
		      const char *value)
{
	const char *at = value ? value + strlen(value) + 1 : text->buf;

	if (at >= text->buf + text->len)
		return NULL;
	*key = at;
	return strchr(at, '=') + 1;
}

static bool key_is(const char *key, const char *value, const char *name)
{
	size_t len = value - 1 - key;

	return strlen(name) == len && !memcmp(key, name, len);
}

/**
 * text_get() - The value of a key
 * @text: a segment that text_problem() has passed
 * @name: of the key
 *
 * Return: the value, terminated, or NULL if the key is not there
 */
const char *text_get(const struct text *text, const char *name)
{
	const char *value = NULL;
	const char *key;

	while ((value = text_next(text, &key, value))) {
		if (key_is(key, value, name))
			return value;
	}
	return NULL;
}

/**
 * text_problem() - Why a segment is malformed
 * @text: the segment
 *
 * Return: a phrase, or NULL if every pair is KEY=VALUE with a NUL behind it and
 * no key is there twice
 */
const char *text_problem(const struct text *text)
{
	const char *end = text->buf + text->len;
	const char *value, *key, *other, *other_key;

	if (text->len && end[-1])
		return "the last pair does not end";
	for (key = text->buf; key < end; key += strlen(key) + 1) {
		value = strchr(key, '=');
		if (!value)
			return "a pair has no '='";
		if (value == key)
			return "a key is empty";
		if (value - key > TEXT_KEY_MAX)
			return "a key is longer than 63 octets";
	}
	for (value = NULL; (value = text_next(text, &key, value));) {
		for (other = value;
		     (other = text_next(text, &other_key, other));) {
			if (value - key == other - other_key &&
			    !memcmp(key, other_key, value - key))
				return "a key is there twice";
		}
	}
	return NULL;
}

/**
 * text_put() - Append a pair
 * @text: a segment to send
 * @key: of the pair
 * @value: its value
 *
 * A pair for which there is no room in one PDU is left out, and noted in
 * overflow.
 */
void text_put(struct text *text, const char *key, const char *value)
{
	size_t len = strlen(key) + 1 + strlen(value) + 1;
	char *at = text->buf + text->len;

	if (len > PDU_DATA_MAX - text->len) {
		text->overflow = true;
		return;
	}
	at = stpcpy(at, key);
	*at++ = '=';
	strcpy(at, value);
	text->len += len;
}

/**
 * text_put_binary() - Append a pair with a binary-value
 * @text: as text_put()
 * @key: of the pair
 * @octets: the value
 * @len: its octets, at most ISCSI_SRP_MAX_LEN
 */
void text_put_binary(struct text *text, const char *key, const uint8_t *octets,
		     size_t len)
{
	char hex[2 + HEX_MAX] = "0x";

	hex_encode(octets, len, hex + 2);
	text_put(text, key, hex);
}

/* The value of one digit, or -1 */
static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? at - digits : -1;
}

/* An odd count of digits has a zero in front */
static const char *hex_decode(const char *text, uint8_t *octets, size_t *len)
{
	size_t digits = strlen(text);
	size_t odd = digits % 2;

	if (!digits)
		return "has no digits";
	*len = digits / 2 + odd;
	if (*len > ISCSI_SRP_MAX_LEN)
		return "is longer than 1024 octets";
	memset(octets, 0, *len);
	for (size_t i = 0; i < digits; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0)
			return "has a character that is no hexadecimal digit";
		octets[(i + odd) / 2] |= digit << ((i + odd) % 2 ? 0 : 4);
	}
	return NULL;
}

static const char *base64_decode(const char *text, uint8_t *octets,
				 size_t *len)
{
	size_t chars = strlen(text);
	unsigned int have = 0;
	size_t pad = 0, n = 0;
	uint32_t bits = 0;

	if (!chars || chars % 4)
		return "is base64 of a wrong length";
	while (pad < 2 && text[chars - 1 - pad] == '=')
		pad++;
	*len = chars / 4 * 3 - pad;
	if (*len > ISCSI_SRP_MAX_LEN)
		return "is longer than 1024 octets";
	for (size_t i = 0; i < chars; i++) {
		int digit = i < chars - pad ? base64_digit(text[i]) : 0;

		if (digit < 0)
			return "has a character that is not base64";
		bits = bits << 6 | digit;
		have += 6;
		if (have >= 8 && n < *len) {
			have -= 8;
			octets[n++] = bits >> have & 0xff;
		}
	}
	return NULL;
}

/**
 * text_binary() - Decode a binary-value
 * @value: hex-constant or base64-constant
 * @octets: result, ISCSI_SRP_MAX_LEN octets
 * @len: result, how many there are
 *
 * Return: NULL, or a phrase that says why it is malformed
 */
const char *text_binary(const char *value, uint8_t *octets, size_t *len)
{
	if (value[0] == '0' && (value[1] == 'x' || value[1] == 'X'))
		return hex_decode(value + 2, octets, len);
	if (value[0] == '0' && (value[1] == 'b' || value[1] == 'B'))
		return base64_decode(value + 2, octets, len);
	return "begins neither with 0x nor with 0b";
}
