// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: a certificate, or a fingerprint as text.  Hashes are compared with
 * OpenSSL's, and a certificate passes only if it or its key is known, or none is.
 */
#include "verify.h"
#include "lib/log.h"
#include "lib/tests/fuzz.h"

#include <fcntl.h>
#include <strings.h>

#include <openssl/evp.h>

/* What is known, and how to verify */
#define PIN		0x01	/* else SRP */
#define KNOWN		0x02	/* the certificate */
#define OTHER		0x04	/* another one is known */
#define KEY_KNOWN	0x08
#define OTHER_KEY	0x10
#define ALL		0x1f

static gnutls_datum_t peer;

const gnutls_datum_t *__wrap_gnutls_certificate_get_peers(gnutls_session_t session,
							  unsigned int *count);

const gnutls_datum_t *__wrap_gnutls_certificate_get_peers(gnutls_session_t session,
							  unsigned int *count)
{
	(void)session;
	*count = peer.size != 0;
	return peer.size ? &peer : NULL;
}

/* The hash of the certificate whose length this is */
static void hash(unsigned int len, unsigned char *md)
{
	const EVP_MD *type = len == 64 ? EVP_sha512() :
			     len == 48 ? EVP_sha384() : EVP_sha256();

	demand(len == 32 || len == 48 || len == 64);
	demand(EVP_Digest(peer.data, peer.size, md, NULL, type, NULL));
}

/* What must hold after any verification */
static int verify(struct verify *verify)
{
	unsigned char md[BINDING_MAX];
	int ret = verify_peer(verify, NULL);

	demand(ret == (verify->refused ? -1 : 0));
	if (verify->binding_len) {
		hash(verify->binding_len, md);
		demand(!memcmp(verify->binding, md, verify->binding_len));
	}
	if (ret)
		return ret;
	hash(FINGERPRINT_LEN, md);
	demand(!memcmp(verify->found, md, FINGERPRINT_LEN));
	demand(verify->binding_len || verify->how != VERIFY_SRP);
	return ret;
}

static void check_known(const struct verify *first, unsigned int how)
{
	struct verify known = { .how = how & PIN ? VERIFY_PIN : VERIFY_SRP };
	bool may;

	known.known = how & KNOWN;
	memcpy(known.fingerprint, first->found, FINGERPRINT_LEN);
	known.fingerprint[31] ^= !!(how & OTHER);
	known.key_known = how & KEY_KNOWN;
	memcpy(known.key_fingerprint, first->found_key, FINGERPRINT_LEN);
	known.key_fingerprint[0] ^= !!(how & OTHER_KEY);
	may = !(how & KNOWN) || !(how & OTHER) ||
	      (!(how & PIN) && how & KEY_KNOWN && !(how & OTHER_KEY));
	/* What SRP cannot confirm */
	may &= how & PIN || first->binding_len;
	demand(verify(&known) == (may ? 0 : -1));
}

static bool check_certificate(void)
{
	struct verify first = { .how = VERIFY_PIN };

	if (verify(&first))
		return false;
	for (unsigned int how = 0; how <= ALL; how++)
		check_known(&first, how);
	return true;
}

/* Pairs of digits; colons may be between them */
static bool check_text(const char *text)
{
	unsigned char *bytes = malloc(FINGERPRINT_LEN);
	char hex[2 * FINGERPRINT_LEN + 1];
	bool good;

	demand(bytes);
	good = verify_fingerprint(text, bytes) == 0;
	if (good) {
		hex_encode(bytes, FINGERPRINT_LEN, hex);
		for (size_t i = 0; i < FINGERPRINT_LEN; i++) {
			demand(!strncasecmp(text, hex + 2 * i, 2));
			text += 2;
			text += strspn(text, ":");
		}
		demand(!*text);
	}
	free(bytes);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int null = -1;
	char *text;
	bool good;

	if (null < 0)
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_to_parent(null);
	text = fuzz_text(data, size);
	peer = (gnutls_datum_t){ (unsigned char *)text, size };
	good = check_certificate();
	accepted(check_text(text) || good);
	free(text);
	return 0;
}
