/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose certificate it is */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/hex.h"

#define FINGERPRINT_LEN		32	/* SHA-256 */
#define BINDING_MAX		64	/* up to SHA-512 */

enum verify_how {
	VERIFY_SRP,		/* SRP does it, later; see verify_peer() */
	VERIFY_PIN,
	VERIFY_CA,
};

struct verify {
	enum verify_how how;
	bool known;			/* there is a fingerprint to compare */
	unsigned char fingerprint[FINGERPRINT_LEN];
	bool key_known;			/* and one of the key; with VERIFY_SRP */
	unsigned char key_fingerprint[FINGERPRINT_LEN];
	const char *ca;			/* file; NULL without CA */
	const char *name;		/* of the target; NULL without CA */
	/* the result */
	bool refused;
	unsigned char found[FINGERPRINT_LEN];
	unsigned char found_key[FINGERPRINT_LEN];
	unsigned char binding[BINDING_MAX];
	unsigned int binding_len;	/* 0: the signature has no hash */
};

const char *verify_how_name(enum verify_how how);
int verify_fingerprint(const char *text, unsigned char *fingerprint);
int verify_peer(struct verify *verify, gnutls_session_t session);

#endif /* TLS_VERIFY_H */
