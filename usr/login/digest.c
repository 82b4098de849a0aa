// SPDX-License-Identifier: GPL-2.0-or-later
/* Hashes of SRP and of CHAP; OpenSSL wipes what its contexts held */
#include "login.h"

#include <string.h>

#include <openssl/evp.h>

/* Values of CHAP_A, RFC 7143, section 12.1.3, and the IANA registry */
static struct alg {
	unsigned int chap_a;
	const char *name;
	const char *openssl;
	EVP_MD *md;
} algs[CHAP_ALGS] = {
	{ .chap_a = 5, .name = "md5", .openssl = "MD5" },
	{ .chap_a = 6, .name = "sha1", .openssl = "SHA1" },
	{ .chap_a = 7, .name = "sha256", .openssl = "SHA256" },
};

static struct alg *alg_find(unsigned int chap_a)
{
	for (size_t i = 0; i < CHAP_ALGS; i++) {
		if (algs[i].chap_a == chap_a)
			return &algs[i];
	}
	return NULL;
}

/**
 * chap_alg_by_name() - Find a hash
 * @name: as on the command line, not terminated
 * @len: octets of @name
 *
 * Return: its value in CHAP_A, or 0
 */
unsigned int chap_alg_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < CHAP_ALGS; i++) {
		if (strlen(algs[i].name) == len &&
		    !memcmp(algs[i].name, name, len))
			return algs[i].chap_a;
	}
	return 0;
}

/**
 * digest_init() - Look the hashes up
 *
 * Once: each time would take longer than most hashes.  OpenSSL may lack one, a
 * FIPS provider MD5 for instance; then only its use fails.
 */
void digest_init(void)
{
	for (size_t i = 0; i < CHAP_ALGS; i++)
		algs[i].md = EVP_MD_fetch(NULL, algs[i].openssl, NULL);
}

static bool digest(struct alg *alg, uint8_t *md, const struct octets *parts,
		   size_t count)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = ctx && alg->md && EVP_DigestInit_ex(ctx, alg->md, NULL);
	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].p, parts[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, md, NULL);
	EVP_MD_CTX_free(ctx);
	return ok;
}

/**
 * digest_sha1() - Hash strings one after the other
 * @md: result, SHA1_LEN octets; may be one of the strings
 * @parts: the strings
 * @count: how many
 *
 * Return: false if OpenSSL failed
 */
bool digest_sha1(uint8_t *md, const struct octets *parts, size_t count)
{
	return digest(alg_find(6), md, parts, count);
}

/**
 * digest_chap() - Hash strings one after the other
 * @chap_a: hash, one of chap_alg_by_name()
 * @md: result, DIGEST_MAX octets
 * @parts: the strings
 * @count: how many
 *
 * Return: octets of the hash, 0 if OpenSSL failed
 */
size_t digest_chap(unsigned int chap_a, uint8_t *md,
		   const struct octets *parts, size_t count)
{
	struct alg *alg = alg_find(chap_a);

	if (!alg || !digest(alg, md, parts, count))
		return 0;
	return EVP_MD_get_size(alg->md);
}
