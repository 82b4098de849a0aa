// SPDX-License-Identifier: GPL-2.0
/*
 * The text of login requests and responses: RFC 7143, section 6.1; and text
 * that continues in another request (C bit), section 6.2.
 *
 * LIO's own parser does not fit SRP: it finds the name of a key anywhere in the
 * text, modifies values that look like numbers, and limits values to 255
 * characters.  SRP has values of up to 2050.
 */
#include <linux/base64.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "text.h"

/* Append @len bytes; -ENOMEM, or -E2BIG if there would be more than @max */
int iscsit_srp_text_append(struct iscsit_srp_text *text, const char *part,
			   size_t len, size_t max)
{
	if (!text->buf)
		text->buf = kmalloc(max, GFP_KERNEL);
	if (!text->buf)
		return -ENOMEM;
	if (len > max - text->len)
		return -E2BIG;
	memcpy(text->buf + text->len, part, len);
	text->len += len;

	return 0;
}

void iscsit_srp_text_free(struct iscsit_srp_text *text)
{
	kfree(text->buf);
	*text = (struct iscsit_srp_text){};
}

/**
 * iscsit_srp_next_pair - Parse the next key=value pair of a text
 * @pos: start of the pair; set to its end
 * @end: end of the text, DataSegmentLength bytes from its start
 * @pair: the pair; points into the text
 *
 * Each pair, including the last one, ends with one NUL, and nothing is skipped:
 * a NUL at the start of a key is malformed, as in iscsi_decode_text_input().
 * The key ends at the first '='.
 *
 * Context: Any.
 * Return: 1 for a pair, 0 at the end of the text, -EINVAL if the text is
 * malformed, after which @pos must not be used.
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

/* Whether a pair has this key.  Case matters. */
bool iscsit_srp_pair_is(const struct iscsit_srp_pair *pair, const char *key)
{
	return pair->key_len == strlen(key) &&
	       !memcmp(pair->key, key, pair->key_len);
}

/* Whether a pair may be one of somebody's extensions, RFC 7143, section 6.1 */
bool iscsit_srp_pair_is_extension(const struct iscsit_srp_pair *pair)
{
	return pair->key_len > 2 && pair->key_len <= ISCSIT_SRP_KEY_NAME_MAX &&
	       pair->key[0] == 'X' &&
	       (pair->key[1] == '-' || pair->key[1] == '#');
}

static int decode_hex(const char *digits, size_t len, u8 *dst, size_t size)
{
	size_t used = len / 2 + len % 2;

	if (used > size)
		return -E2BIG;

	/* An odd number of digits lacks the first one, a zero */
	if (len % 2) {
		int digit = hex_to_bin(*digits++);

		if (digit < 0)
			return -EINVAL;
		*dst++ = digit;
	}

	return hex2bin(dst, digits, len / 2) ?: used;
}

static int decode_base64(const char *digits, size_t len, u8 *dst, size_t size)
{
	size_t used = len / 4 * 3;

	if (len % 4)
		return -EINVAL;
	if (digits[len - 1] == '=')
		used -= 1 + (digits[len - 2] == '=');
	if (used > size)
		return -E2BIG;

	return base64_decode(digits, len, dst, true, BASE64_STD) < 0 ?
	       -EINVAL : used;
}

/**
 * iscsit_srp_decode - Decode a binary-value
 * @value: the value, not terminated
 * @len: bytes of @value
 * @dst: the decoded bytes; undefined after an error
 * @size: bytes at @dst
 *
 * hex-constant or base64-constant of RFC 7143, section 6.1, with an upper or
 * lower case prefix.  An odd number of hex digits is legal.  A
 * decimal-constant is not: no key of SRP has a length by itself.  Base64 must
 * be padded, with all unused bits zero (RFC 4648, sections 3.2 and 3.5).
 *
 * Context: Any.
 * Return: Number of decoded bytes, at least 1; -EINVAL if the value is
 * malformed, empty or without prefix; -E2BIG if it does not fit.
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

/*
 * Write a key and '=' if @len more characters and a NUL fit, too; otherwise return
 * NULL
 */
static char *put_key_len(char *buf, size_t size, size_t *used, const char *key,
			 size_t key_len, size_t len)
{
	char *p = buf + *used;

	if (key_len + len + 2 > size - *used)
		return NULL;

	memcpy(p, key, key_len);
	p[key_len] = '=';
	*used += key_len + len + 2;
	return p + key_len + 1;
}

static char *put_key(char *buf, size_t size, size_t *used, const char *key,
		     size_t len)
{
	return put_key_len(buf, size, used, key, strlen(key), len);
}

/*
 * Append a key=value pair to the @used bytes of a text.  Returns 0, or -ENOSPC
 * if the pair does not fit; then nothing was changed.
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

/* As iscsit_srp_put_text(), for @len bytes as a hex-constant */
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

/*
 * Append the answer to each extension key of a text, as we know none but, unless it is
 * NULL, @understood; ignores all other keys.  Returns 0, or -ENOSPC.
 */
int iscsit_srp_put_not_understood(char *buf, size_t size, size_t *used,
				  const char *text, size_t len,
				  const char *understood)
{
	static const char value[] = "NotUnderstood";
	const char *end = text + len;
	struct iscsit_srp_pair pair;
	char *p;

	while (iscsit_srp_next_pair(&text, end, &pair) > 0) {
		if (!iscsit_srp_pair_is_extension(&pair) ||
		    (understood && iscsit_srp_pair_is(&pair, understood)))
			continue;
		p = put_key_len(buf, size, used, pair.key, pair.key_len,
				sizeof(value) - 1);
		if (!p)
			return -ENOSPC;
		memcpy(p, value, sizeof(value));
	}

	return 0;
}
