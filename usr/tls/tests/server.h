/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target's end of TLS, in a child process on a pair of sockets */
#ifndef SERVER_H
#define SERVER_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/types.h>

#include "handshake.h"

struct server {
	const char *priority;		/* NULL: the default */
	gnutls_pk_algorithm_t key;	/* 0: ECDSA */
	gnutls_x509_privkey_t kept;	/* NULL: a new key */
	bool lacks_key;			/* it has another than its certificate */
	gnutls_digest_algorithm_t hash;	/* 0: SHA-256 */
	const char *ca;			/* file to write the CA to; else self-signed */
	const char *dns;		/* name of the certificate */
	const char *ip;
	bool expired;
	/* instead of TLS: NULL, or what it says before it closes the connection */
	const char *plain;
	bool silent;			/* says nothing, and stays */
	/* the result */
	gnutls_datum_t der;		/* its certificate */
	pid_t pid;
};

#define SERVER_SAYS "from the target"

gnutls_x509_privkey_t server_key(gnutls_pk_algorithm_t algo);
int server_start(struct server *server);
int server_end(struct server *server);

#endif /* SERVER_H */
