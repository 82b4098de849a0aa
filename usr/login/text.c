// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <linux/iscsi_srp.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "lib/hex.h"

/**
 * text_next() - Get the next pair of a segment that text_problem() accepted
 * @text: the segment
 * @key: set to the key, which ends at the "=" before the value
 * @value: the previous value, or NULL for the first pair
 *
 * Return: the value, terminated; NULL after the last pair
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

/**
 * text_get() - Get the value of a key
 * @text: a segment that text_problem() accepted
 * @name: the key
 *
 * Return: the value, terminated, or NULL if the key is missing
 */
const char *text_get(const struct text *text, const char *name)
{
	size_t len = strlen(name);
	const char *value = NULL;
	const char *key;

	while ((value = text_next(text, &key, value))) {
		if ((size_t)(value - 1 - key) == len && !memcmp(key, name, len))
			return value;
	}
	return NULL;
}

/**
 * text_problem() - Check that a segment is well-formed
 * @text: the segment
 *
 * Return: why it is malformed; NULL if every pair is a terminated KEY=VALUE
 * and no key occurs twice
 */
const char *text_problem(const struct text *text)
{
	const char *end = text->buf + text->len;
	const char *value, *key, *other, *other_key;

	if (text->len && end[-1])
		return "the last pair is not terminated";
	for (key = text->buf; key < end; key += strlen(key) + 1) {
		value = strchr(key, '=');
		if (!value)
			return "a pair has no '='";
		if (value == key)
			return "a key is empty";
		if (value - key > TEXT_KEY_MAX)
			return "a key is longer than 63 bytes";
	}
	for (value = NULL; (value = text_next(text, &key, value));) {
		for (other = value;
		     (other = text_next(text, &other_key, other));) {
			if (value - key == other - other_key &&
			    !memcmp(key, other_key, value - key))
				return "a key occurs twice";
		}
	}
	return NULL;
}

/**
 * text_put() - Append a pair
 * @text: a segment to send
 * @key: the key
 * @value: its value
 *
 * A pair that does not fit in one PDU is left out and sets overflow.
 */
void text_put(struct text *text, const char *key, const char *value)
{
	size_t len = strlen(key) + 1 + strlen(value) + 1;
	char *at = text->buf + text->len;

	if (len > TEXT_SEND_MAX - text->len) {
		text->overflow = true;
		return;
	}
	at = stpcpy(at, key);
	*at++ = '=';
	strcpy(at, value);
	text->len += len;
}

/**
 * text_put_binary() - Append a pair with a binary value
 * @text: a segment to send
 * @key: the key
 * @bytes: the value
 * @len: its length, at most ISCSI_SRP_MAX_LEN
 */
void text_put_binary(struct text *text, const char *key, const uint8_t *bytes,
		     size_t len)
{
	char hex[2 + HEX_MAX] = "0x";

	hex_encode(bytes, len, hex + 2);
	text_put(text, key, hex);
}

/* OPENSSL_hexstr2buf() takes no odd number of digits; the values are public */
static const char *hex_decode(const char *text, uint8_t *bytes, size_t *len)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEF");
	BIGNUM *n = NULL;
	bool ok;

	if (text[digits])
		return "contains a character that is not a hexadecimal digit";
	if (!digits)
		return "has no digits";
	*len = (digits + 1) / 2;
	if (*len > ISCSI_SRP_MAX_LEN)
		return "is longer than 1024 bytes";
	ok = BN_hex2bn(&n, text) && BN_bn2binpad(n, bytes, *len) >= 0;
	BN_free(n);
	return ok ? NULL : "cannot be decoded: out of memory";
}

/* EVP_DecodeBlock() allows spaces and '=' where RFC 7143 does not */
static const char *base64_decode(const char *text, uint8_t *bytes, size_t *len)
{
	size_t digits = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/");
	size_t pad = strspn(text + digits, "=");
	uint8_t padded[ISCSI_SRP_MAX_LEN + 3];

	if (text[digits + pad])
		return "contains a character that is not base64";
	if (!digits || pad > 2 || (digits + pad) % 4)
		return "has an invalid base64 length";
	*len = (digits + pad) / 4 * 3 - pad;
	if (*len > ISCSI_SRP_MAX_LEN)
		return "is longer than 1024 bytes";
	EVP_DecodeBlock(padded, (const uint8_t *)text, digits + pad);
	memcpy(bytes, padded, *len);
	return NULL;
}

/**
 * text_binary() - Decode a binary value
 * @value: hex-constant or base64-constant
 * @bytes: gets up to ISCSI_SRP_MAX_LEN bytes
 * @len: set to the length
 *
 * Return: NULL, or why the value is malformed
 */
const char *text_binary(const char *value, uint8_t *bytes, size_t *len)
{
	if (value[0] == '0' && (value[1] == 'x' || value[1] == 'X'))
		return hex_decode(value + 2, bytes, len);
	if (value[0] == '0' && (value[1] == 'b' || value[1] == 'B'))
		return base64_decode(value + 2, bytes, len);
	return "does not begin with 0x or 0b";
}
