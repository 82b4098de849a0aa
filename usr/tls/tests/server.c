// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A target's end of TLS.  After the handshake it sends SERVER_SAYS, and ends
 * with status 0 once it got the same back.
 */
#include "lib/tests/test.h"
#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OK(call) assert_true((call) >= 0)

/* A new private key */
gnutls_x509_privkey_t server_key(gnutls_pk_algorithm_t algo)
{
	gnutls_x509_privkey_t key;

	OK(gnutls_x509_privkey_init(&key));
	OK(gnutls_x509_privkey_generate(key, algo, algo == GNUTLS_PK_RSA ? 2048 :
		GNUTLS_CURVE_TO_BITS(algo == GNUTLS_PK_ECDSA ?
				     GNUTLS_ECC_CURVE_SECP256R1 :
				     GNUTLS_ECC_CURVE_ED25519), 0));
	return key;
}

static gnutls_x509_crt_t make_crt(gnutls_x509_privkey_t key, const char *name,
				  bool expired)
{
	gnutls_x509_crt_t crt;
	time_t now = time(NULL);

	OK(gnutls_x509_crt_init(&crt));
	OK(gnutls_x509_crt_set_version(crt, 3));
	OK(gnutls_x509_crt_set_serial(crt, "\1", 1));
	OK(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
					 name, strlen(name)));
	OK(gnutls_x509_crt_set_activation_time(crt, now - 7200));
	OK(gnutls_x509_crt_set_expiration_time(crt, expired ? now - 3600 :
					       now + 3600));
	OK(gnutls_x509_crt_set_key(crt, key));
	return crt;
}

static void write_ca(const char *file, gnutls_x509_crt_t ca)
{
	gnutls_datum_t pem;
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	OK(gnutls_x509_crt_export2(ca, GNUTLS_X509_FMT_PEM, &pem));
	assert_int_equal(fwrite(pem.data, 1, pem.size, f), pem.size);
	assert_int_equal(fclose(f), 0);
	gnutls_free(pem.data);
}

static void make_certificate(struct server *server,
			     gnutls_certificate_credentials_t credentials)
{
	/* GnuTLS wants SHA-512 for Ed25519 */
	gnutls_digest_algorithm_t hash = server->hash ? server->hash :
		server->key == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512 :
		GNUTLS_DIG_SHA256;
	gnutls_x509_privkey_t key = server->kept ? server->kept :
		server_key(server->key ? server->key : GNUTLS_PK_ECDSA);
	gnutls_x509_crt_t crt = make_crt(key, "target", server->expired);

	if (server->dns)
		OK(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
			server->dns, strlen(server->dns), GNUTLS_FSAN_APPEND));
	if (server->ip)
		OK(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS,
			server->ip, 4, GNUTLS_FSAN_APPEND));
	if (server->ca) {
		gnutls_x509_privkey_t ca_key = server_key(GNUTLS_PK_ECDSA);
		gnutls_x509_crt_t ca = make_crt(ca_key, "CA", false);

		OK(gnutls_x509_crt_set_basic_constraints(ca, 1, -1));
		OK(gnutls_x509_crt_sign2(ca, ca, ca_key, GNUTLS_DIG_SHA256, 0));
		OK(gnutls_x509_crt_sign2(crt, ca, ca_key, hash, 0));
		write_ca(server->ca, ca);
		gnutls_x509_crt_deinit(ca);
		gnutls_x509_privkey_deinit(ca_key);
	} else {
		OK(gnutls_x509_crt_sign2(crt, crt, key, hash, 0));
	}
	OK(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &server->der));
	if (server->lacks_key) {
		key = server_key(GNUTLS_PK_ECDSA);
		gnutls_certificate_set_flags(credentials,
					     GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	}
	OK(gnutls_certificate_set_x509_key(credentials, &crt, 1, key));
	gnutls_x509_crt_deinit(crt);
	if (key != server->kept)
		gnutls_x509_privkey_deinit(key);
}

static int serve(const struct server *server, int fd,
		 gnutls_certificate_credentials_t credentials)
{
	gnutls_session_t session;
	char text[64] = "";
	int err;

	if (server->silent) {
		pause();
		return 1;
	}
	if (server->plain) {
		err = write(fd, server->plain, strlen(server->plain));
		shutdown(fd, SHUT_WR);
		while (read(fd, text, sizeof(text)) > 0)
			;
		return err < 0;
	}
	OK(gnutls_init(&session, GNUTLS_SERVER));
	OK(gnutls_priority_set_direct(session, server->priority ?
				      server->priority : "NORMAL", NULL));
	OK(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials));
	gnutls_transport_set_int(session, fd);
	do
		err = gnutls_handshake(session);
	while (err < 0 && !gnutls_error_is_fatal(err));
	if (err == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return gnutls_alert_get(session);
	if (err < 0)
		return 1;
	if (gnutls_record_send(session, SERVER_SAYS, strlen(SERVER_SAYS)) < 0)
		return 2;
	if (gnutls_record_recv(session, text, sizeof(text)) < 0)
		return 3;
	gnutls_deinit(session);
	return strcmp(text, SERVER_SAYS) ? 4 : 0;
}

/* Start it; return the initiator's end of the connection */
int server_start(struct server *server)
{
	gnutls_certificate_credentials_t credentials;
	int pair[2];

	OK(gnutls_certificate_allocate_credentials(&credentials));
	make_certificate(server, credentials);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	server->pid = fork();
	OK(server->pid);
	if (server->pid == 0) {
		close(pair[0]);
		alarm(60);
		_exit(serve(server, pair[1], credentials));
	}
	close(pair[1]);
	gnutls_certificate_free_credentials(credentials);
	return pair[0];
}

/* Its exit status: 0, or the number of the alert that it got */
int server_end(struct server *server)
{
	int status;

	if (server->silent)
		kill(server->pid, SIGKILL);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	gnutls_free(server->der.data);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
