/* SPDX-License-Identifier: GPL-2.0 */
/* The text of login requests and responses: RFC 7143, sections 6.1 and 6.2 */
#ifndef ISCSIT_SRP_TEXT_H
#define ISCSIT_SRP_TEXT_H

#include <linux/types.h>

#define ISCSIT_SRP_KEY_NAME_MAX	63	/* bytes, RFC 7143, section 6.1 */

/* A key=value pair; neither part is terminated */
struct iscsit_srp_pair {
	const char *key;
	const char *value;
	size_t key_len;
	size_t value_len;
};

/* Text that continues in another request (C bit), so far */
struct iscsit_srp_text {
	char *buf;		/* NULL: none */
	size_t len;
};

int iscsit_srp_text_append(struct iscsit_srp_text *text, const char *part,
			   size_t len, size_t max);
void iscsit_srp_text_free(struct iscsit_srp_text *text);
int iscsit_srp_next_pair(const char **pos, const char *end,
			 struct iscsit_srp_pair *pair);
bool iscsit_srp_pair_is(const struct iscsit_srp_pair *pair, const char *key);
bool iscsit_srp_pair_is_extension(const struct iscsit_srp_pair *pair);
int iscsit_srp_decode(const char *value, size_t len, u8 *dst, size_t size);
int iscsit_srp_put_text(char *buf, size_t size, size_t *used, const char *key,
			const char *value);
int iscsit_srp_put_binary(char *buf, size_t size, size_t *used,
			  const char *key, const u8 *value, size_t len);
int iscsit_srp_put_not_understood(char *buf, size_t size, size_t *used,
				  const char *text, size_t len,
				  const char *understood);

#endif /* ISCSIT_SRP_TEXT_H */
