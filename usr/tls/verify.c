// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose certificate it is.  All of this reads what the peer sent. */
#include "verify.h"
#include "lib/log.h"

#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

/**
 * verify_how_name() - The name of a way of verification, as in a record
 * @how: the way
 *
 * Return: "srp", "pin" or "ca"
 */
const char *verify_how_name(enum verify_how how)
{
	static const char *const names[] = {
		[VERIFY_SRP] = "srp", [VERIFY_PIN] = "pin", [VERIFY_CA] = "ca",
	};

	return names[how];
}

/**
 * verify_fingerprint() - Read a fingerprint
 * @text: hexadecimal digits; colons between bytes are ignored
 * @fingerprint: result, FINGERPRINT_LEN bytes
 *
 * Return: 0 or -1
 */
int verify_fingerprint(const char *text, unsigned char *fingerprint)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	size_t len = 0;

	for (; *text; text++) {
		if (*text == ':' && len && len % 2 == 0)
			continue;
		if (len == sizeof(hex) - 1)
			return -1;
		hex[len++] = *text;
	}
	hex[len] = '\0';
	return hex_to_bytes(hex, fingerprint, FINGERPRINT_LEN) ==
		FINGERPRINT_LEN ? 0 : -1;
}

/*
 * RFC 5929's tls-server-end-point: the hash of the certificate by the hash
 * function of its signature, but by SHA-256 instead of MD5 or SHA-1.  A
 * signature without a hash function, as Ed25519's, has none.
 */
static void bind_to(struct verify *verify, const gnutls_datum_t *der,
		    gnutls_x509_crt_t crt)
{
	gnutls_digest_algorithm_t hash = GNUTLS_DIG_UNKNOWN;
	int sign = gnutls_x509_crt_get_signature_algorithm(crt);

	/* To GnuTLS, EdDSA has the hash that it uses inside */
	if (sign > 0 && sign != GNUTLS_SIGN_EDDSA_ED25519 &&
	    sign != GNUTLS_SIGN_EDDSA_ED448)
		hash = gnutls_sign_get_hash_algorithm(sign);
	switch (hash) {
	case GNUTLS_DIG_MD5:
	case GNUTLS_DIG_SHA1:
		hash = GNUTLS_DIG_SHA256;
		break;
	case GNUTLS_DIG_SHA256:
	case GNUTLS_DIG_SHA384:
	case GNUTLS_DIG_SHA512:
		break;
	default:
		return;
	}
	if (gnutls_hash_fast(hash, der->data, der->size, verify->binding) == 0)
		verify->binding_len = gnutls_hash_get_len(hash);
}

/* SHA-256 of the certificate and of its SubjectPublicKeyInfo, as RFC 7469's pins */
static int take_fingerprints(struct verify *verify, const gnutls_datum_t *der,
			     gnutls_x509_crt_t crt)
{
	size_t len = FINGERPRINT_LEN;
	int err;

	err = gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size,
			       verify->found);
	if (err)
		return err;
	return gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256,
					  verify->found_key, &len);
}

static int refuse(struct verify *verify)
{
	verify->refused = true;
	return -1;
}

static int check_fingerprint(struct verify *verify)
{
	char found[2 * FINGERPRINT_LEN + 1], want[2 * FINGERPRINT_LEN + 1];

	if (memcmp(verify->found, verify->fingerprint, FINGERPRINT_LEN) == 0)
		return 0;
	/* Renewed: the handshake proves that the target has the key */
	if (verify->how == VERIFY_SRP && verify->key_known &&
	    memcmp(verify->found_key, verify->key_fingerprint,
		   FINGERPRINT_LEN) == 0)
		return 0;
	hex_encode(verify->found, FINGERPRINT_LEN, found);
	hex_encode(verify->fingerprint, FINGERPRINT_LEN, want);
	log_error("the target's certificate has the fingerprint %s, but tls_fingerprint is %s%s: the target may be an impostor; if its certificate was replaced, %s",
		  found, want, verify->key_known ? ", and it has another key" : "",
		  verify->how == VERIFY_SRP ?
		  "clear tls_fingerprint, and the next login stores the new one after SRP has confirmed it" :
		  "set tls_fingerprint to the new one");
	return refuse(verify);
}

static int check_ca(struct verify *verify, gnutls_session_t session)
{
	gnutls_datum_t text = { NULL, 0 };
	unsigned int status;
	int err;

	err = gnutls_certificate_verify_peers3(session, verify->name, &status);
	if (err < 0) {
		log_error("the target's certificate cannot be verified: %s",
			  gnutls_strerror(err));
		return refuse(verify);
	}
	if (status == 0)
		return 0;
	gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509,
						     &text, 0);
	log_error("the target's certificate is refused: %s It must be signed by a CA in %s, and name %s",
		  text.data ? (char *)text.data : "", verify->ca, verify->name);
	gnutls_free(text.data);
	return refuse(verify);
}

/**
 * verify_peer() - Hash the peer's certificate, and decide if it may go on
 * @verify: settings and result
 * @session: a handshake that has the certificate
 *
 * With VERIFY_SRP and no known fingerprint any certificate passes, and with a known
 * one also another certificate for the known key: SRP confirms the binding later,
 * in the login.
 *
 * Return: 0, or -1 after logging the error
 */
int verify_peer(struct verify *verify, gnutls_session_t session)
{
	const gnutls_datum_t *der;
	gnutls_x509_crt_t crt;
	unsigned int count = 0;
	int err;

	der = gnutls_certificate_get_peers(session, &count);
	if (!der || !count) {
		log_error("the target has sent no certificate");
		return refuse(verify);
	}
	err = gnutls_x509_crt_init(&crt);
	if (err == 0) {
		err = gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER);
		if (err == 0)
			err = take_fingerprints(verify, der, crt);
		if (err == 0)
			bind_to(verify, der, crt);
		gnutls_x509_crt_deinit(crt);
	}
	if (err) {
		log_error("the target's certificate cannot be read: %s",
			  gnutls_strerror(err));
		return refuse(verify);
	}
	if (verify->how == VERIFY_SRP && !verify->binding_len) {
		log_error("SRP cannot confirm the target's certificate, as its signature has no hash of 256, 384 or 512 bits: use ECDSA or RSA with SHA-256");
		return refuse(verify);
	}
	if (verify->how == VERIFY_CA)
		return check_ca(verify, session);
	if (verify->known)
		return check_fingerprint(verify);
	return 0;
}
