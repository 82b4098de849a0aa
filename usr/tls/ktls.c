// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a TLS session of GnuTLS to one of the kernel.  The keys belong to the
 * socket then: the kernel needs this process no longer.
 */
#include "ktls.h"
#include "lib/log.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#ifndef SOL_TLS
#define SOL_TLS 282	/* not in the headers of libc */
#endif

/**
 * ktls_prepare() - Give a connected socket the kernel's TLS, without keys yet
 * @fd: the socket
 *
 * Needs root, so that the kernel loads its module.  Data still pass as they
 * are.
 *
 * Return: 0, or -1 after logging the error
 */
int ktls_prepare(int fd)
{
	if (setsockopt(fd, SOL_TCP, TCP_ULP, "tls", sizeof("tls")) == 0)
		return 0;
	switch (errno) {
	case ENOENT:
	case ENOPROTOOPT:
		log_error("this kernel has no TLS: load the module \"tls\" (CONFIG_TLS)");
		break;
	case ENOTSOCK:
	case EBADF:
		log_error("file 3 is not a socket; let iscsid(8) or iscsiadm(8) start this program");
		break;
	default:
		log_error("the kernel cannot use TLS on the socket: %s",
			  strerror(errno));
	}
	return -1;
}

/* A part of the kernel's structure; its length must be what GnuTLS has */
static int put(unsigned char *to, size_t len, const gnutls_datum_t *from,
	       size_t offset)
{
	if (from->size < offset + len)
		return -1;
	memcpy(to, from->data + offset, len);
	return 0;
}

/**
 * ktls_keys() - The keys of a session as the kernel wants them
 * @session: after the handshake
 * @receive: the peer's keys, not ours
 * @keys: result; to be wiped
 *
 * Return: length of the structure in @keys that the cipher needs, or -1 after
 * logging the error
 */
ssize_t ktls_keys(gnutls_session_t session, bool receive, union ktls_keys *keys)
{
	gnutls_datum_t iv, key;
	unsigned char seq[8];
	int err;

	memset(keys, 0, sizeof(*keys));
	err = gnutls_record_get_state(session, receive, NULL, &iv, &key, seq);
	if (err) {
		log_error("GnuTLS does not give its keys: %s",
			  gnutls_strerror(err));
		return -1;
	}
	keys->info.version = TLS_1_3_VERSION;
/* The implicit part of the nonce is called salt if the cipher splits it */
#define FILL(part, id)							\
	keys->info.cipher_type = id;					\
	err = put(keys->part.key, sizeof(keys->part.key), &key, 0) |	\
	      put(keys->part.salt, sizeof(keys->part.salt), &iv, 0) |	\
	      put(keys->part.iv, sizeof(keys->part.iv), &iv,		\
		  sizeof(keys->part.salt)) |				\
	      (key.size != sizeof(keys->part.key));			\
	memcpy(keys->part.rec_seq, seq, sizeof(keys->part.rec_seq));	\
	if (!err)							\
		return sizeof(keys->part);				\
	break

	switch (gnutls_cipher_get(session)) {
	case GNUTLS_CIPHER_AES_128_GCM:
		FILL(aes128, TLS_CIPHER_AES_GCM_128);
	case GNUTLS_CIPHER_AES_256_GCM:
		FILL(aes256, TLS_CIPHER_AES_GCM_256);
	case GNUTLS_CIPHER_CHACHA20_POLY1305:
		FILL(chacha, TLS_CIPHER_CHACHA20_POLY1305);
	default:
		break;
	}
#undef FILL
	log_error("the kernel's TLS does not have the keys of cipher %s",
		  gnutls_cipher_get_name(gnutls_cipher_get(session)));
	return -1;
}

static int install(int fd, gnutls_session_t session, bool receive)
{
	union ktls_keys keys;
	ssize_t len = ktls_keys(session, receive, &keys);
	int err = len < 0 ? -1 : 0;

	if (err == 0 && setsockopt(fd, SOL_TLS, receive ? TLS_RX : TLS_TX,
				   &keys, len)) {
		log_error("the kernel does not take the keys of cipher %s: %s",
			  gnutls_cipher_get_name(gnutls_cipher_get(session)),
			  strerror(errno));
		err = -1;
	}
	explicit_bzero(&keys, sizeof(keys));
	return err;
}

/**
 * ktls_install() - Give the kernel the keys of both directions
 * @fd: the socket, after ktls_prepare()
 * @session: after the handshake
 *
 * Return: 0, or -1 after logging the error
 */
int ktls_install(int fd, gnutls_session_t session)
{
	return install(fd, session, false) || install(fd, session, true) ?
		-1 : 0;
}
