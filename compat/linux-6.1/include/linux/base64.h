/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 6.1 has no lib/base64.c; this is base64_decode() of 6.12, in short */
#ifndef COMPAT_LINUX_BASE64_H
#define COMPAT_LINUX_BASE64_H

#include <linux/types.h>

static inline int base64_decode(const char *src, int len, u8 *dst)
{
	int i, bits = 0, used = 0;
	u32 ac = 0;

	for (i = 0; i < len; i++) {
		char c = src[i];
		int digit = c >= 'A' && c <= 'Z' ? c - 'A' :
			    c >= 'a' && c <= 'z' ? c - 'a' + 26 :
			    c >= '0' && c <= '9' ? c - '0' + 52 :
			    c == '+' ? 62 : c == '/' ? 63 : -1;

		if (digit < 0)
			return -1;
		ac = ac << 6 | digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			dst[used++] = ac >> bits;
		}
	}

	return ac & ((1 << bits) - 1) ? -1 : used;
}

#endif
