/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a password to the values that a target stores */
#ifndef LIB_VERIFIER_H
#define LIB_VERIFIER_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USERID_MAX	255
#define PASSWORD_MAX	USERID_MAX
#define SALT_LEN	16
#define X_LEN		20	/* a SHA-1 digest */

/**
 * struct credentials - What configfs stores for a user
 * @userid: U, terminated
 * @salt_len: length of @salt
 * @salt: s
 * @has: whether there is a verifier, by group id
 * @verifier: v, as long as the group's len, by group id
 */
struct credentials {
	char userid[USERID_MAX + 1];
	size_t salt_len;
	uint8_t salt[ISCSI_SRP_MAX_LEN];
	bool has[ISCSI_SRP_GROUP_MAX + 1];
	uint8_t verifier[ISCSI_SRP_GROUP_MAX + 1][ISCSI_SRP_MAX_LEN];
};

bool is_utf8(const char *text, size_t len);
const char *userid_problem(const char *userid);
const char *password_problem(const char *password, size_t len);
int credentials_make(struct credentials *cred, const char *password,
		     size_t len);

#endif /* LIB_VERIFIER_H */
