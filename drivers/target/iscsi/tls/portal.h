/* SPDX-License-Identifier: GPL-2.0 */
/* What a portal says of TLS */
#ifndef ISCSIT_TLS_PORTAL_H
#define ISCSIT_TLS_PORTAL_H

#include <linux/types.h>

struct iscsi_np;
struct iscsi_tpg_np;

/* The stricter one is greater */
enum iscsit_tls_mode {
	ISCSIT_TLS_NO,
	ISCSIT_TLS_ALLOW,
	ISCSIT_TLS_REQUIRE,
};

#define ISCSIT_TLS_HASH_MAX	64	/* SHA-512 */
#define ISCSIT_TLS_CERTS	2	/* of a portal: the new one and the old one */

/* The hash of a certificate: tls-server-end-point of RFC 5929 */
struct iscsit_tls_cert {
	u8 len;				/* 0: none */
	u8 hash[ISCSIT_TLS_HASH_MAX];
};

/* More than a portal has: discovery has those of all that share a socket */
#define ISCSIT_TLS_CERTS_MAX	8

int iscsit_tls_parse_mode(const char *page, size_t count);
int iscsit_tls_parse_certs(const char *page, size_t count,
			   struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS]);
enum iscsit_tls_mode iscsit_tls_mode(const struct iscsi_np *np,
				     const struct iscsi_tpg_np *tpg_np);
unsigned int iscsit_tls_certs(const struct iscsi_np *np,
			      const struct iscsi_tpg_np *tpg_np,
			      struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS_MAX]);

#endif /* ISCSIT_TLS_PORTAL_H */
