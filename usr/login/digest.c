// SPDX-License-Identifier: GPL-2.0-or-later
#include "digest.h"

#include <openssl/evp.h>

static EVP_MD *sha1, *sha256;

/**
 * digest_init() - Look up the hashes once, since a lookup is slower than a hash
 *
 * If OpenSSL lacks one, only its use fails.
 */
void digest_init(void)
{
	sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* OpenSSL wipes its contexts */
static bool digest(const EVP_MD *type, uint8_t *md, const struct bytes *parts,
		   size_t count)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = ctx && type && EVP_DigestInit_ex(ctx, type, NULL);
	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	return ok;
}

/**
 * digest_sha1() - SHA-1 of concatenated strings
 * @md: gets SHA1_LEN bytes; may be one of the strings
 * @parts: the strings
 * @count: number of strings
 *
 * Return: false if OpenSSL failed
 */
bool digest_sha1(uint8_t *md, const struct bytes *parts, size_t count)
{
	return digest(sha1, md, parts, count);
}

/**
 * digest_sha256() - SHA-256 of concatenated strings
 * @md: gets SHA256_LEN bytes
 * @parts: the strings
 * @count: number of strings
 *
 * Return: false if OpenSSL failed
 */
bool digest_sha256(uint8_t *md, const struct bytes *parts, size_t count)
{
	return digest(sha256, md, parts, count);
}
