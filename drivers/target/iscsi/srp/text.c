// SPDX-License-Identifier: GPL-2.0
/*
 * The text format of login keys: RFC 7143, section 6.1.
 *
 * LIO's own parser cannot be used for SRP: it searches for a key's name
 * anywhere in the text, changes values that begin like a number, and stops at
 * 255 characters.  The largest value here has 2050.
 */
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/string.h>
#include "text.h"

/**
 * iscsit_srp_next_pair - Take the next key=value pair out of a login's text
 * @pos: where to go on; moved behind the pair
 * @end: end of the text, that is DataSegmentLength octets from its beginning
 * @pair: the pair that was found; points into the text
 *
 * The text is used as it is, octet by octet, nothing is skipped: each pair
 * ends with one NUL, the last one too.  A NUL where a key ought to begin is
 * malformed, as in iscsi_decode_text_input(); padding is not part of the
 * DataSegmentLength.  The key ends at the first '=', the value may have more
 * of them.
 *
 * Context: Any.
 * Return: 1 if there is a pair, 0 at the end of the text, -EINVAL if the text
 * goes on with anything but a pair, after which @pos is of no use.
 */
int iscsit_srp_next_pair(const char **pos, const char *end,
			 struct iscsit_srp_pair *pair)
{
	const char *key = *pos;
	const char *nul, *equals;

	if (key == end)
		return 0;

	nul = memchr(key, '\0', end - key);
	if (!nul)
		return -EINVAL;
	equals = memchr(key, '=', nul - key);
	if (!equals || equals == key)
		return -EINVAL;

	pair->key = key;
	pair->key_len = equals - key;
	pair->value = equals + 1;
	pair->value_len = nul - pair->value;
	*pos = nul + 1;
	return 1;
}

/**
 * iscsit_srp_pair_is - Whether a pair has this key
 * @pair: a pair
 * @key: name of a key
 *
 * Context: Any.
 * Return: True if the keys are equal; their case counts.
 */
bool iscsit_srp_pair_is(const struct iscsit_srp_pair *pair, const char *key)
{
	return pair->key_len == strlen(key) &&
	       !memcmp(pair->key, key, pair->key_len);
}

static int decode_hex(const char *digits, size_t len, u8 *dst, size_t size)
{
	size_t used = len / 2 + len % 2;
	size_t i;

	for (i = 0; i < len; i++)
		if (hex_to_bin(digits[i]) < 0)
			return -EINVAL;
	if (used > size)
		return -E2BIG;

	/* An odd count lacks the high half of the first octet: that is zero */
	if (len % 2)
		*dst++ = hex_to_bin(*digits++);

	return hex2bin(dst, digits, len / 2) ?: used;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;

	return -EINVAL;
}

static int decode_base64(const char *digits, size_t len, u8 *dst, size_t size)
{
	unsigned int pad = 0, bits = 0;
	size_t used, i, out = 0;
	u32 acc = 0;

	if (len % 4)
		return -EINVAL;
	while (pad < 2 && digits[len - 1 - pad] == '=')
		pad++;
	used = len / 4 * 3 - pad;

	for (i = 0; i < len - pad; i++) {
		int digit = base64_digit(digits[i]);

		if (digit < 0)
			return -EINVAL;
		acc = acc << 6 | digit;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		/* Go on over the end: malformed is malformed at any length */
		if (out < size)
			dst[out] = acc >> bits;
		out++;
		acc &= (1 << bits) - 1;
	}
	if (acc)
		return -EINVAL;

	return used > size ? -E2BIG : used;
}

/**
 * iscsit_srp_decode - Decode a binary-value
 * @value: what follows "key=", need not be terminated
 * @len: octets of @value
 * @dst: where the octets go
 * @size: octets that @dst has room for, never exceeded
 *
 * hex-constant and base64-constant of RFC 7143, section 6.1, with either case
 * of the prefix.  An odd count of hexadecimal digits is legal.  No key of SRP
 * has a length by itself, so a decimal-constant cannot be one of its values.
 * base64 must be padded, and the bits that the padding leaves over be zero
 * (RFC 4648, sections 3.2 and 3.5), so that no two texts mean the same octets.
 *
 * Context: Any.
 * Return: Number of octets, at least 1; -EINVAL if the value is malformed,
 * empty or without a prefix; -E2BIG if it is well-formed, but has more than
 * @size octets.  @dst has no meaning after an error.
 */
int iscsit_srp_decode(const char *value, size_t len, u8 *dst, size_t size)
{
	if (len <= 2 || value[0] != '0')
		return -EINVAL;

	switch (value[1]) {
	case 'x':
	case 'X':
		return decode_hex(value + 2, len - 2, dst, size);
	case 'b':
	case 'B':
		return decode_base64(value + 2, len - 2, dst, size);
	default:
		return -EINVAL;
	}
}

/* Room for @key, '=', @len characters and a NUL; writes the key and the '=' */
static char *put_key(char *buf, size_t size, size_t *used, const char *key,
		     size_t len)
{
	size_t key_len = strlen(key);
	char *p = buf + *used;

	if (key_len + len + 2 > size - *used)
		return NULL;

	memcpy(p, key, key_len);
	p[key_len] = '=';
	*used += key_len + len + 2;
	return p + key_len + 1;
}

/**
 * iscsit_srp_put_text - Append a pair whose value is text
 * @buf: where the text is made
 * @size: octets of @buf
 * @used: octets of @buf in use, at most @size; grows by those of the pair
 * @key: name of the key
 * @value: its value
 *
 * Context: Any.
 * Return: 0, or -ENOSPC if the pair does not fit; then nothing has changed.
 */
int iscsit_srp_put_text(char *buf, size_t size, size_t *used, const char *key,
			const char *value)
{
	size_t len = strlen(value);
	char *p = put_key(buf, size, used, key, len);

	if (!p)
		return -ENOSPC;

	memcpy(p, value, len + 1);
	return 0;
}

/**
 * iscsit_srp_put_binary - Append a pair whose value is octets
 * @buf: where the text is made
 * @size: octets of @buf
 * @used: octets of @buf in use, at most @size; grows by those of the pair
 * @key: name of the key
 * @value: its value, written as a hex-constant with all its octets
 * @len: octets of @value, 1 to ISCSI_SRP_MAX_LEN
 *
 * Context: Any.
 * Return: 0, or -ENOSPC if the pair does not fit; then nothing has changed.
 */
int iscsit_srp_put_binary(char *buf, size_t size, size_t *used,
			  const char *key, const u8 *value, size_t len)
{
	char *p = put_key(buf, size, used, key, 2 + 2 * len);

	if (!p)
		return -ENOSPC;

	*p++ = '0';
	*p++ = 'x';
	p = bin2hex(p, value, len);
	*p = '\0';
	return 0;
}
