/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a TLS session of GnuTLS to one of the kernel */
#ifndef TLS_KTLS_H
#define TLS_KTLS_H

#include <gnutls/gnutls.h>
#include <linux/tls.h>
#include <stdbool.h>
#include <sys/types.h>

/* Structures of the kernel for the ciphers that the handshake offers */
union ktls_keys {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 aes128;
	struct tls12_crypto_info_aes_gcm_256 aes256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

int ktls_prepare(int fd);
ssize_t ktls_keys(gnutls_session_t session, bool receive, union ktls_keys *keys);
int ktls_install(int fd, gnutls_session_t session);

#endif /* TLS_KTLS_H */
