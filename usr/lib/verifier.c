// SPDX-License-Identifier: GPL-2.0-or-later
/* From a password to the values that a target stores, RFC 2945, section 3 */
#include "lib/verifier.h"
#include "lib/log.h"
#include "lib/secret.h"
#include "lib/srp.h"

#include <string.h>
#include <unistr.h>

#include <openssl/evp.h>

/**
 * is_utf8() - Whether text is UTF-8 in its shortest form, without surrogates
 * @text: the text, not terminated
 * @len: its length in bytes
 *
 * Return: true if it is
 */
bool is_utf8(const char *text, size_t len)
{
	return !u8_check((const uint8_t *)text, len);
}

/*
 * The rule for user names and passwords.  iscsiadm(8) has the same one: records
 * of open-iscsi lose blanks at the ends, and cannot have control characters.
 */
static const char *text_problem(const char *text, size_t len)
{
	if (len == 0)
		return "is empty";
	if (len > USERID_MAX)
		return "is longer than 255 bytes";
	if (memchr(text, '\0', len))
		return "contains a NUL byte";
	if (!is_utf8(text, len))
		return "is not valid UTF-8";
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return "contains a control character";
	}
	if (text[0] == ' ' || text[len - 1] == ' ')
		return "begins or ends with a space";
	return NULL;
}

/**
 * userid_problem() - Why a user name is not valid
 * @userid: U
 *
 * Return: a phrase to follow the word "USER", or NULL if it is valid
 */
const char *userid_problem(const char *userid)
{
	if (!strcmp(userid, "NULL"))
		return "is NULL, which the kernel reads as \"unset\"";
	return text_problem(userid, strlen(userid));
}

/**
 * password_problem() - Why a password is not valid
 * @password: P, not terminated
 * @len: its length in bytes
 *
 * Return: a phrase to follow the word "password", or NULL if it is valid
 */
const char *password_problem(const char *password, size_t len)
{
	if (len && len <= PASSWORD_MAX && password[len - 1] == '\r')
		return "ends with a carriage return; convert the file to Unix line ends";
	return text_problem(password, len);
}

/* x = SHA1(s | SHA1(U | ":" | P)); OpenSSL wipes its context */
static bool make_x(const struct credentials *cred, const char *password,
		   size_t len, uint8_t x[X_LEN])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok;

	ok = md && EVP_DigestInit_ex(md, EVP_sha1(), NULL) &&
	     EVP_DigestUpdate(md, cred->userid, strlen(cred->userid)) &&
	     EVP_DigestUpdate(md, ":", 1) &&
	     EVP_DigestUpdate(md, password, len) &&
	     EVP_DigestFinal_ex(md, x, NULL) &&
	     EVP_DigestInit_ex(md, EVP_sha1(), NULL) &&
	     EVP_DigestUpdate(md, cred->salt, cred->salt_len) &&
	     EVP_DigestUpdate(md, x, X_LEN) &&
	     EVP_DigestFinal_ex(md, x, NULL);
	EVP_MD_CTX_free(md);
	return ok;
}

/**
 * credentials_make() - Compute the verifiers of a password
 * @cred: has userid, salt and has; gets the verifiers
 * @password: P, not terminated
 * @len: its length in bytes
 *
 * Return: 0, or -1 after logging the error
 */
int credentials_make(struct credentials *cred, const char *password,
		     size_t len)
{
	uint8_t *x = secret_alloc(X_LEN);
	const struct bytes exp = { x, X_LEN };
	bool ok = x && make_x(cred, password, len, x);

	for (unsigned int id = 1; ok && id <= ISCSI_SRP_GROUP_MAX; id++) {
		if (cred->has[id])
			ok = srp_v(group_by_id(id), exp,
				   cred->verifier[id]) == ISCSI_SRP_OK;
	}
	secret_free(x, X_LEN);
	if (!ok)
		log_error("OpenSSL cannot compute the verifiers; check that it provides SHA-1 and that there is memory");
	return ok ? 0 : -1;
}
