// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS 1.3 with a target.  The socket may block or not, so the program waits by
 * poll(2), with one deadline for the whole handshake.
 */
#include "handshake.h"
#include "lib/log.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

/* What the kernel has, too.  No tickets: a session is not resumed. */
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:" \
		 "+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:%NO_TICKETS"

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	struct handshake *hs = ptr;
	ssize_t n = recv(hs->fd, buf, len, MSG_DONTWAIT);

	if (n < 0)
		gnutls_transport_set_errno(hs->session, errno);
	return n;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *buf, size_t len)
{
	struct handshake *hs = ptr;
	ssize_t n = send(hs->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		gnutls_transport_set_errno(hs->session, errno);
	return n;
}

static int check_peer(gnutls_session_t session)
{
	struct handshake *hs = gnutls_session_get_ptr(session);

	return verify_peer(&hs->verify, session);
}

static int load_ca(struct handshake *hs)
{
	const char *ca = hs->verify.ca;
	int count;

	if (!ca)
		return 0;
	count = gnutls_certificate_set_x509_trust_file(hs->credentials, ca,
						       GNUTLS_X509_FMT_PEM);
	if (count > 0)
		return 0;
	log_error("%s: %s; tls_ca must be a file of certificates in PEM", ca,
		  count < 0 ? gnutls_strerror(count) : "no certificate");
	return -1;
}

/**
 * handshake_init() - Prepare a handshake; reads the file of the CA
 * @hs: fd, timeout and verify are set, all else is zero
 *
 * Return: 0, or -1 after logging the error
 */
int handshake_init(struct handshake *hs)
{
	int err;

	err = gnutls_certificate_allocate_credentials(&hs->credentials);
	if (err == 0 && load_ca(hs))
		return -1;
	if (err == 0)
		err = gnutls_init(&hs->session, GNUTLS_CLIENT |
				  GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS |
				  GNUTLS_NO_SIGNAL);
	if (err == 0)
		err = gnutls_priority_set_direct(hs->session, PRIORITY, NULL);
	if (err == 0)
		err = gnutls_credentials_set(hs->session, GNUTLS_CRD_CERTIFICATE,
					     hs->credentials);
	if (err) {
		log_error("cannot set up TLS: %s", gnutls_strerror(err));
		return -1;
	}
	gnutls_session_set_ptr(hs->session, hs);
	gnutls_session_set_verify_function(hs->session, check_peer);
	gnutls_transport_set_ptr(hs->session, hs);
	gnutls_transport_set_pull_function(hs->session, pull);
	gnutls_transport_set_push_function(hs->session, push);
	hs->deadline = now_ms() + hs->timeout * 1000LL;
	return 0;
}

/* Whether the socket is ready for what the handshake waits for */
static bool wait_socket(struct handshake *hs)
{
	struct pollfd pfd = {
		.fd = hs->fd,
		.events = gnutls_record_get_direction(hs->session) ?
			POLLOUT : POLLIN,
	};
	long long left;
	int ready;

	do {
		left = hs->deadline - now_ms();
		ready = left > 0 ? poll(&pfd, 1, left) : 0;
	} while (ready < 0 && errno == EINTR);
	if (ready > 0)
		return true;
	if (ready == 0)
		log_error("the target has not finished the TLS handshake within %u s",
			  hs->timeout);
	else
		log_error("poll: %m");
	return false;
}

static void log_failure(struct handshake *hs, int err)
{
	const char *alert;

	switch (err) {
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		alert = gnutls_alert_get_name(gnutls_alert_get(hs->session));
		log_error("the target has ended the TLS handshake: alert \"%s\"",
			  alert ? alert : "unknown");
		break;
	case GNUTLS_E_PREMATURE_TERMINATION:
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
		log_error("the target has closed the connection during the TLS handshake: is TLS enabled on its portal?");
		break;
	case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
	case GNUTLS_E_UNEXPECTED_PACKET:
	case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
	case GNUTLS_E_RECORD_OVERFLOW:
		log_error("the target does not speak TLS 1.3: %s",
			  gnutls_strerror(err));
		break;
	default:
		log_error("the TLS handshake has failed: %s",
			  gnutls_strerror(err));
	}
}

/**
 * handshake_run() - Make the handshake
 * @hs: from handshake_init()
 *
 * Return: the result; the error is logged
 */
enum handshake_result handshake_run(struct handshake *hs)
{
	int err;

	for (;;) {
		err = gnutls_handshake(hs->session);
		if (err == GNUTLS_E_SUCCESS)
			break;
		if (hs->verify.refused) {
			/* So that the target's log has a reason */
			gnutls_alert_send_appropriate(hs->session, err);
			return HANDSHAKE_REFUSED;
		}
		if (err == GNUTLS_E_AGAIN) {
			if (!wait_socket(hs))
				return HANDSHAKE_FAILED;
		} else if (gnutls_error_is_fatal(err)) {
			log_failure(hs, err);
			gnutls_alert_send_appropriate(hs->session, err);
			return HANDSHAKE_FAILED;
		}
	}
	/* The kernel could not read what is here already */
	if (gnutls_record_check_pending(hs->session)) {
		log_error("the target has sent data within the TLS handshake");
		return HANDSHAKE_FAILED;
	}
	return HANDSHAKE_DONE;
}

/**
 * handshake_free() - Wipe keys and free memory; the socket stays open
 * @hs: from handshake_init(), also after a failure of that
 */
void handshake_free(struct handshake *hs)
{
	if (hs->session)
		gnutls_deinit(hs->session);
	if (hs->credentials)
		gnutls_certificate_free_credentials(hs->credentials);
}
