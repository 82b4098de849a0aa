/* SPDX-License-Identifier: GPL-2.0 */
/* TLS bound to SRP: each end proves which certificate it has seen or sent */
#ifndef ISCSIT_SRP_BIND_H
#define ISCSIT_SRP_BIND_H

#include <crypto/sha2.h>
#include <linux/types.h>
#include "../tls/portal.h"
#include "proof.h"

struct iscsit_srp_reject;

#define ISCSIT_SRP_BIND_KEY	"X-org.linux-iscsi.tls-bind"
#define ISCSIT_SRP_BIND_LEN	SHA256_DIGEST_SIZE

/* The initiator's and the target's */
#define ISCSIT_SRP_BIND_I	'I'
#define ISCSIT_SRP_BIND_T	'T'

/* What an exchange knows of TLS */
struct iscsit_srp_tls {
	/* Set before step U: the target's, if the connection has TLS */
	struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS_MAX];
	unsigned int nr_certs;
	bool required;			/* it must be bound */

	bool sent;			/* the initiator has sent a value */
	u8 value[ISCSIT_SRP_BIND_LEN];	/* that; once it is verified, ours */
};

void iscsit_srp_bind(const u8 K[ISCSIT_SRP_KEY_LEN], u8 end,
		     const struct iscsit_tls_cert *cert,
		     u8 bind[ISCSIT_SRP_BIND_LEN]);
int iscsit_srp_bind_check(const struct iscsit_srp_tls *tls,
			  struct iscsit_srp_reject *reject);
int iscsit_srp_bind_take(struct iscsit_srp_tls *tls, const char *text,
			 size_t len, struct iscsit_srp_reject *reject);
int iscsit_srp_bind_verify(struct iscsit_srp_tls *tls,
			   const u8 K[ISCSIT_SRP_KEY_LEN],
			   struct iscsit_srp_reject *reject);
int iscsit_srp_bind_put(const struct iscsit_srp_tls *tls, char *rsp,
			size_t rsp_size, size_t *rsp_len);

#endif /* ISCSIT_SRP_BIND_H */
