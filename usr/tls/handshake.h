/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS 1.3 with a target */
#ifndef TLS_HANDSHAKE_H
#define TLS_HANDSHAKE_H

#include <gnutls/gnutls.h>

#include "verify.h"

enum handshake_result {
	HANDSHAKE_DONE,
	HANDSHAKE_REFUSED,	/* the certificate */
	HANDSHAKE_FAILED,
};

struct handshake {
	int fd;
	unsigned int timeout;		/* seconds */
	struct verify verify;
	/* not for the caller */
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	long long deadline;
};

int handshake_init(struct handshake *hs);
enum handshake_result handshake_run(struct handshake *hs);
void handshake_free(struct handshake *hs);

#endif /* TLS_HANDSHAKE_H */
