// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes as hexadecimal digits; OpenSSL keeps no copy */
#include "lib/hex.h"

#include <openssl/crypto.h>

/**
 * hex_encode() - Write bytes as hexadecimal digits in lower case
 * @bytes: the bytes
 * @len: their number
 * @hex: gets 2 * @len digits and a NUL
 */
void hex_encode(const uint8_t *bytes, size_t len, char *hex)
{
	OPENSSL_buf2hexstr_ex(hex, 2 * len + 1, NULL, bytes, len, '\0');
	for (; *hex; hex++)
		*hex |= 0x20;		/* OpenSSL writes upper case */
}

/**
 * hex_to_bytes() - Read hexadecimal digits, two for each byte
 * @hex: the digits, with or without 0x
 * @bytes: result
 * @max: size of @bytes
 *
 * Return: number of bytes; -1 if there are none, too many, half a byte, or
 * characters that are not digits
 */
ssize_t hex_to_bytes(const char *hex, uint8_t *bytes, size_t max)
{
	size_t len;

	if (hex[0] == '0' && (hex[1] == 'x' || hex[1] == 'X'))
		hex += 2;
	if (!OPENSSL_hexstr2buf_ex(bytes, max, &len, hex, '\0') || !len)
		return -1;
	return len;
}
