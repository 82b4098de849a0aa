// SPDX-License-Identifier: GPL-2.0-or-later
/* A handshake with a server of GnuTLS; what comes out is checked with OpenSSL */
#include "lib/tests/test.h"
#include "ktls.h"
#include "server.h"
#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#define BAD_CERTIFICATE 42	/* alert */

static char directory[] = "/tmp/test-tls-XXXXXX";

static const char *in_directory(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

/* A handshake with this server; the result, and that of the server in *status */
static enum handshake_result shake(struct server *server, struct handshake *hs,
				   int *status)
{
	enum handshake_result result;

	hs->fd = server_start(server);
	if (!hs->timeout)
		hs->timeout = 60;
	assert_int_equal(handshake_init(hs), 0);
	result = handshake_run(hs);
	if (result != HANDSHAKE_DONE) {
		close(hs->fd);
		*status = server_end(server);
		handshake_free(hs);
	}
	return result;
}

static void end(struct server *server, struct handshake *hs)
{
	close(hs->fd);
	handshake_free(hs);
	server_end(server);
}

/* What the kernel does with the keys: RFC 8446, 5.2 and 5.3 */
static const EVP_CIPHER *cipher_of(const union ktls_keys *keys,
				   const unsigned char **key,
				   const unsigned char **seq,
				   unsigned char nonce[12])
{
#define PART(part) do {							\
	*key = keys->part.key;						\
	*seq = keys->part.rec_seq;					\
	memcpy(nonce, keys->part.salt, sizeof(keys->part.salt));	\
	memcpy(nonce + sizeof(keys->part.salt), keys->part.iv,		\
	       sizeof(keys->part.iv));					\
} while (0)
	switch (keys->info.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		PART(aes128);
		return EVP_aes_128_gcm();
	case TLS_CIPHER_AES_GCM_256:
		PART(aes256);
		return EVP_aes_256_gcm();
	case TLS_CIPHER_CHACHA20_POLY1305:
		PART(chacha);
		return EVP_chacha20_poly1305();
	default:
		fail();
		abort();
	}
#undef PART
}

static size_t crypt_record(const union ktls_keys *keys, int encrypt,
			   const unsigned char header[5],
			   const unsigned char *in, size_t in_len,
			   unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const unsigned char *key, *seq;
	unsigned char nonce[12];
	const EVP_CIPHER *cipher = cipher_of(keys, &key, &seq, nonce);
	int len, more;

	assert_int_equal(keys->info.version, TLS_1_3_VERSION);
	for (int i = 0; i < 8; i++)
		nonce[4 + i] ^= seq[i];
	assert_int_equal(EVP_CipherInit_ex(ctx, cipher, NULL, key, nonce,
					   encrypt), 1);
	assert_int_equal(EVP_CipherUpdate(ctx, NULL, &len, header, 5), 1);
	if (!encrypt) {
		in_len -= 16;
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16,
				    (void *)(in + in_len));
	}
	assert_int_equal(EVP_CipherUpdate(ctx, out, &len, in, in_len), 1);
	assert_int_equal(EVP_CipherFinal_ex(ctx, out + len, &more), 1);
	if (encrypt)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, out + len);
	EVP_CIPHER_CTX_free(ctx);
	return len + (encrypt ? 16 : 0);
}

static const char *const ciphers[] = {
	"AES-256-GCM", "AES-128-GCM", "CHACHA20-POLY1305",
};

/* The keys decrypt what the server sends, and it decrypts what they encrypt */
static void keys_are_those_of_the_connection(void **state)
{
	unsigned char record[256], text[256];
	struct handshake hs = { .verify.how = VERIFY_SRP };
	const char *cipher = *state;
	struct server server = { 0 };
	char priority[128];
	union ktls_keys keys;
	size_t len;
	int status;

	snprintf(priority, sizeof(priority), "NORMAL:-CIPHER-ALL:+%s", cipher);
	server.priority = priority;
	assert_int_equal(shake(&server, &hs, &status), HANDSHAKE_DONE);
	assert_string_equal(gnutls_cipher_get_name(gnutls_cipher_get(hs.session)),
			    cipher);

	assert_int_equal(recv(hs.fd, record, 5, MSG_WAITALL), 5);
	len = record[3] << 8 | record[4];
	assert_int_equal(recv(hs.fd, record + 5, len, MSG_WAITALL), len);
	assert_true(ktls_keys(hs.session, true, &keys) > 0);
	len = crypt_record(&keys, 0, record, record + 5, len, text);
	assert_int_equal(len, strlen(SERVER_SAYS) + 1);
	assert_int_equal(text[len - 1], 23);	/* application data */
	assert_memory_equal(text, SERVER_SAYS, len - 1);

	assert_true(ktls_keys(hs.session, false, &keys) > 0);
	memcpy(record, "\x17\x03\x03\x00", 4);
	record[4] = len + 16;
	assert_int_equal(crypt_record(&keys, 1, record, text, len, record + 5),
			 len + 16);
	assert_int_equal(send(hs.fd, record, 5 + len + 16, 0), 5 + len + 16);
	assert_int_equal(server_end(&server), 0);
	close(hs.fd);
	handshake_free(&hs);
}

/* SHA-256 of the SubjectPublicKeyInfo, by OpenSSL */
static void hash_of_key(const gnutls_datum_t *der, unsigned char *hash)
{
	const unsigned char *in = der->data;
	X509 *crt = d2i_X509(NULL, &in, der->size);
	unsigned char *key = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(crt), &key);

	assert_true(len > 0);
	EVP_Digest(key, len, hash, NULL, EVP_sha256(), NULL);
	OPENSSL_free(key);
	X509_free(crt);
}

static void binding_is_rfc5929(void **state)
{
	static const struct {
		gnutls_pk_algorithm_t key;
		gnutls_digest_algorithm_t signature;
		const char *hash;
	} cases[] = {
		{ GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "SHA256" },
		{ GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA384, "SHA384" },
		{ GNUTLS_PK_RSA, GNUTLS_DIG_SHA512, "SHA512" },
		{ GNUTLS_PK_RSA, GNUTLS_DIG_SHA1, "SHA256" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server server = {
			.key = cases[i].key, .hash = cases[i].signature,
		};
		struct handshake hs = { .verify.how = VERIFY_SRP };
		unsigned char hash[EVP_MAX_MD_SIZE];
		unsigned int len;
		int status;

		assert_int_equal(shake(&server, &hs, &status), HANDSHAKE_DONE);
		EVP_Digest(server.der.data, server.der.size, hash, &len,
			   EVP_get_digestbyname(cases[i].hash), NULL);
		assert_int_equal(hs.verify.binding_len, len);
		assert_memory_equal(hs.verify.binding, hash, len);
		EVP_Digest(server.der.data, server.der.size, hash, &len,
			   EVP_sha256(), NULL);
		assert_memory_equal(hs.verify.found, hash, FINGERPRINT_LEN);
		hash_of_key(&server.der, hash);
		assert_memory_equal(hs.verify.found_key, hash, FINGERPRINT_LEN);
		end(&server, &hs);
	}
}

static void signature_without_hash(void **state)
{
	struct server server = { .key = GNUTLS_PK_EDDSA_ED25519 };
	struct handshake hs = { .verify.how = VERIFY_SRP };
	int status;

	(void)state;
	assert_int_equal(shake(&server, &hs, &status), HANDSHAKE_REFUSED);
	assert_int_equal(status, BAD_CERTIFICATE);
}

static void known_fingerprint(void **state)
{
	/* The same certificate again would need its key: compare by hand */
	struct server server = { 0 };
	struct handshake hs = { .verify.how = VERIFY_SRP };
	int status;

	(void)state;
	assert_int_equal(shake(&server, &hs, &status), HANDSHAKE_DONE);
	hs.verify.known = true;
	memcpy(hs.verify.fingerprint, hs.verify.found, FINGERPRINT_LEN);
	assert_int_equal(verify_peer(&hs.verify, hs.session), 0);
	hs.verify.fingerprint[FINGERPRINT_LEN - 1] ^= 1;
	assert_int_equal(verify_peer(&hs.verify, hs.session), -1);
	assert_true(hs.verify.refused);
	end(&server, &hs);
}

static void unknown_certificate(void **state)
{
	static const enum verify_how hows[] = { VERIFY_SRP, VERIFY_PIN };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct server server = { 0 };
		struct handshake hs = {
			.verify = { .how = hows[i], .known = true },
		};
		int status;

		assert_int_equal(shake(&server, &hs, &status),
				 HANDSHAKE_REFUSED);
		assert_int_equal(status, BAD_CERTIFICATE);
	}
}

/* Another certificate than the known one, for the known key or not */
static void renewed_certificate(void **state)
{
	static const struct {
		enum verify_how how;
		bool key_known, other_key, lacks_key;
		enum handshake_result result;
	} cases[] = {
		{ VERIFY_SRP, true, false, false, HANDSHAKE_DONE },
		{ VERIFY_SRP, true, true, false, HANDSHAKE_REFUSED },
		{ VERIFY_SRP, false, false, false, HANDSHAKE_REFUSED },
		{ VERIFY_PIN, true, false, false, HANDSHAKE_REFUSED },
		/* Whoever has seen the certificate can show its key */
		{ VERIFY_SRP, true, false, true, HANDSHAKE_FAILED },
	};
	gnutls_x509_privkey_t key = server_key(GNUTLS_PK_ECDSA);
	struct server before = { .kept = key };
	struct handshake hs = { .verify.how = VERIFY_SRP };
	struct verify known;
	int status;

	(void)state;
	assert_int_equal(shake(&before, &hs, &status), HANDSHAKE_DONE);
	known = hs.verify;
	end(&before, &hs);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server server = {
			.kept = cases[i].other_key ? NULL : key,
			.lacks_key = cases[i].lacks_key,
			.dns = "renewed",
		};

		hs = (struct handshake){ .verify = {
			.how = cases[i].how, .known = true,
			.key_known = cases[i].key_known,
		} };
		memcpy(hs.verify.fingerprint, known.found, FINGERPRINT_LEN);
		memcpy(hs.verify.key_fingerprint, known.found_key,
		       FINGERPRINT_LEN);
		assert_int_equal(shake(&server, &hs, &status),
				 cases[i].result);
		assert_memory_not_equal(hs.verify.found, known.found,
					FINGERPRINT_LEN);
		if (cases[i].result == HANDSHAKE_DONE)
			end(&server, &hs);
		else if (cases[i].result == HANDSHAKE_REFUSED)
			assert_int_equal(status, BAD_CERTIFICATE);
	}
	gnutls_x509_privkey_deinit(key);
}

struct ca_case {
	const char *name;		/* that the initiator asks for */
	const char *dns;
	const char *ip;
	bool expired;
	bool other;			/* the initiator has another CA */
	enum handshake_result result;
};

static void certificate_of_a_ca(void **state)
{
	static const struct ca_case cases[] = {
		{ "disk.example.org", "disk.example.org", NULL, false, false,
		  HANDSHAKE_DONE },
		{ "192.0.2.7", NULL, "\300\0\2\7", false, false,
		  HANDSHAKE_DONE },
		{ "other.example.org", "disk.example.org", NULL, false, false,
		  HANDSHAKE_REFUSED },
		{ "192.0.2.8", NULL, "\300\0\2\7", false, false,
		  HANDSHAKE_REFUSED },
		{ "disk.example.org", "disk.example.org", NULL, true, false,
		  HANDSHAKE_REFUSED },
		{ "disk.example.org", "disk.example.org", NULL, false, true,
		  HANDSHAKE_REFUSED },
	};
	char ca[128], other[128];

	(void)state;
	strcpy(ca, in_directory("ca"));
	strcpy(other, in_directory("other"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct ca_case *c = &cases[i];
		struct server server = {
			.ca = ca, .dns = c->dns, .ip = c->ip,
			.expired = c->expired,
		};
		struct handshake hs = {
			.verify = {
				.how = VERIFY_CA, .name = c->name,
				.ca = c->other ? other : ca,
			},
		};
		int status;

		assert_int_equal(shake(&server, &hs, &status), c->result);
		if (c->result == HANDSHAKE_DONE) {
			end(&server, &hs);
			rename(ca, other);
		} else {
			assert_int_equal(status, BAD_CERTIFICATE);
		}
	}
	unlink(ca);
	unlink(other);
}

static void bad_ca_file(void **state)
{
	char path[128];
	struct handshake hs = {
		.timeout = 1, .verify = { .how = VERIFY_CA, .name = "x" },
	};
	FILE *f;

	(void)state;
	hs.verify.ca = strcpy(path, in_directory("none"));
	assert_int_equal(handshake_init(&hs), -1);
	handshake_free(&hs);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	hs.credentials = NULL;
	hs.session = NULL;
	assert_int_equal(handshake_init(&hs), -1);
	handshake_free(&hs);
	unlink(path);
}

static void targets_without_tls(void **state)
{
	struct server servers[] = {
		{ .plain = "" },
		{ .plain = "\x23\x87 an iSCSI response, of 48 bytes or more....." },
		{ .plain = "\x16\x03\x03" },
		{ .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		struct handshake hs = { .verify.how = VERIFY_SRP };
		int status;

		assert_int_equal(shake(&servers[i], &hs, &status),
				 HANDSHAKE_FAILED);
	}
}

static void target_that_says_nothing(void **state)
{
	struct server server = { .silent = true };
	struct handshake hs = { .verify.how = VERIFY_SRP, .timeout = 1 };
	int status;

	(void)state;
	assert_int_equal(shake(&server, &hs, &status), HANDSHAKE_FAILED);
}

static void kernel_without_tls(void **state)
{
	int pair[2];

	(void)state;
	/* Never on this kind of socket */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(ktls_prepare(pair[0]), -1);
	assert_int_equal(ktls_prepare(STDIN_FILENO), -1);
	close(pair[0]);
	close(pair[1]);
}

static void fingerprints(void **state)
{
	static const char good[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
	unsigned char got[FINGERPRINT_LEN];
	char text[128] = "";

	(void)state;
	assert_int_equal(verify_fingerprint(good, got), 0);
	for (int i = 0; i < FINGERPRINT_LEN; i++) {
		assert_int_equal(got[i], i);
		snprintf(text + strlen(text), 4, "%s%02x", i ? ":" : "", i);
	}
	memset(got, 0, sizeof(got));
	assert_int_equal(verify_fingerprint(text, got), 0);
	assert_int_equal(got[31], 31);

	strcpy(text, good);
	text[62] = '\0';
	assert_int_equal(verify_fingerprint(text, got), -1);
	assert_int_equal(verify_fingerprint("", got), -1);
	strcpy(text, good);
	assert_int_equal(verify_fingerprint(strcat(text, "00"), got), -1);
	strcpy(text, good);
	text[5] = 'g';
	assert_int_equal(verify_fingerprint(text, got), -1);
	strcpy(text, good);
	text[1] = ':';
	assert_int_equal(verify_fingerprint(text, got), -1);
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(binding_is_rfc5929),
		cmocka_unit_test(signature_without_hash),
		cmocka_unit_test(known_fingerprint),
		cmocka_unit_test(unknown_certificate),
		cmocka_unit_test(renewed_certificate),
		cmocka_unit_test(certificate_of_a_ca),
		cmocka_unit_test(bad_ca_file),
		cmocka_unit_test(targets_without_tls),
		cmocka_unit_test(target_that_says_nothing),
		cmocka_unit_test(kernel_without_tls),
		cmocka_unit_test(fingerprints),
	};
	struct CMUnitTest each[sizeof(ciphers) / sizeof(ciphers[0])];
	int failed;

	log_to(LOG_TO_STDERR, "test");
	if (!mkdtemp(directory))
		return 1;
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		each[i] = (struct CMUnitTest){
			.name = ciphers[i],
			.test_func = keys_are_those_of_the_connection,
			.initial_state = (void *)ciphers[i],
		};
	failed = run_all(fixed, sizeof(fixed) / sizeof(fixed[0]), each,
			 sizeof(each) / sizeof(each[0]));
	rmdir(directory);
	return failed;
}
