/* SPDX-License-Identifier: GPL-2.0 */
/* srp/text.c: key=value text, RFC 7143, section 6.1 */
#ifndef ISCSIT_SRP_TEXT_H
#define ISCSIT_SRP_TEXT_H

#include <linux/types.h>

/**
 * struct iscsit_srp_pair - One key=value pair of a login's text
 * @key: not terminated
 * @value: not terminated
 * @key_len: octets of @key
 * @value_len: octets of @value
 */
struct iscsit_srp_pair {
	const char *key;
	const char *value;
	size_t key_len;
	size_t value_len;
};

int iscsit_srp_next_pair(const char **pos, const char *end,
			 struct iscsit_srp_pair *pair);
bool iscsit_srp_pair_is(const struct iscsit_srp_pair *pair, const char *key);
int iscsit_srp_decode(const char *value, size_t len, u8 *dst, size_t size);
int iscsit_srp_put_text(char *buf, size_t size, size_t *used, const char *key,
			const char *value);
int iscsit_srp_put_binary(char *buf, size_t size, size_t *used,
			  const char *key, const u8 *value, size_t len);

#endif /* ISCSIT_SRP_TEXT_H */
