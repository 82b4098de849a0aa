// SPDX-License-Identifier: GPL-2.0
/*
 * TLS bound to SRP.
 *
 * SRP's key K is known to those who know the password, or its verifier.  In TLS, each
 * end sends an HMAC with K of the hash of the target's certificate, as it has seen or
 * sent it (tls-server-end-point, RFC 5929).  Somebody in the middle, who has another
 * certificate and no K, cannot make it, so no certificate has to be known before.
 */

#include <crypto/utils.h>
#include <linux/string.h>
#include "bind.h"
#include "reject.h"
#include "text.h"

/**
 * iscsit_srp_bind - What an end of a connection has to send
 * @K: the session key
 * @end: ISCSIT_SRP_BIND_I or ISCSIT_SRP_BIND_T
 * @cert: the target's certificate
 * @bind: HMAC-SHA256(K, end | hash of the certificate)
 *
 * Context: Any.
 */
void iscsit_srp_bind(const u8 K[ISCSIT_SRP_KEY_LEN], u8 end,
		     const struct iscsit_tls_cert *cert,
		     u8 bind[ISCSIT_SRP_BIND_LEN])
{
	u8 data[1 + ISCSIT_TLS_HASH_MAX];

	data[0] = end;
	memcpy(&data[1], cert->hash, cert->len);
	hmac_sha256_usingrawkey(K, ISCSIT_SRP_KEY_LEN, data, 1 + cert->len, bind);
}

/* Whether an exchange may go on: it must be possible to bind TLS where it is required */
int iscsit_srp_bind_check(const struct iscsit_srp_tls *tls,
			  struct iscsit_srp_reject *reject)
{
	if (!tls->required || tls->nr_certs)
		return 0;

	return iscsit_srp_reject(reject, ISCSIT_SRP_FAULT_POLICY,
				 "no TLS, or no tls_certificate of the portal, but srp_tls_bind is set");
}

/* Take the initiator's value, if any, from the request that brings SRP_M */
int iscsit_srp_bind_take(struct iscsit_srp_tls *tls, const char *text,
			 size_t len, struct iscsit_srp_reject *reject)
{
	const char *end = text + len;
	struct iscsit_srp_pair pair;

	/* Otherwise it is not understood */
	if (!tls->nr_certs)
		return 0;

	while (iscsit_srp_next_pair(&text, end, &pair) > 0) {
		if (!iscsit_srp_pair_is(&pair, ISCSIT_SRP_BIND_KEY))
			continue;
		if (tls->sent)
			return iscsit_srp_reject(reject, ISCSIT_SRP_FAULT_PROTOCOL,
						 "%s was sent twice",
						 ISCSIT_SRP_BIND_KEY);
		if (iscsit_srp_decode(pair.value, pair.value_len, tls->value,
				      sizeof(tls->value)) != sizeof(tls->value))
			return iscsit_srp_reject(reject, ISCSIT_SRP_FAULT_PROTOCOL,
						 "%s is not a binary value of %zu bytes",
						 ISCSIT_SRP_BIND_KEY,
						 sizeof(tls->value));
		tls->sent = true;
	}
	if (!tls->sent && tls->required)
		return iscsit_srp_reject(reject, ISCSIT_SRP_FAULT_POLICY,
					 "the initiator has not bound TLS to SRP, but srp_tls_bind is set");

	return 0;
}

/**
 * iscsit_srp_bind_verify - Verify the initiator's value, if any, and make ours
 * @tls: the value, and the target's certificates
 * @K: the session key
 * @reject: why the value is wrong
 *
 * Ours is for the certificate that the initiator has seen.
 *
 * Context: Any.
 * Return: 0, or -EACCES if the value is wrong.
 */
int iscsit_srp_bind_verify(struct iscsit_srp_tls *tls,
			   const u8 K[ISCSIT_SRP_KEY_LEN],
			   struct iscsit_srp_reject *reject)
{
	const struct iscsit_tls_cert *seen = NULL;
	u8 wanted[ISCSIT_SRP_BIND_LEN];
	unsigned int i;

	if (!tls->sent)
		return 0;

	for (i = 0; i < tls->nr_certs; i++) {
		iscsit_srp_bind(K, ISCSIT_SRP_BIND_I, &tls->certs[i], wanted);
		if (!crypto_memneq(tls->value, wanted, sizeof(wanted)))
			seen = &tls->certs[i];
	}
	memzero_explicit(wanted, sizeof(wanted));
	if (!seen)
		return iscsit_srp_reject(reject, ISCSIT_SRP_FAULT_VALUE,
					 "%s is wrong: the initiator sees another certificate than the portal's tls_certificate",
					 ISCSIT_SRP_BIND_KEY);
	iscsit_srp_bind(K, ISCSIT_SRP_BIND_T, seen, tls->value);

	return 0;
}

/* Append our value to a response, if the initiator has sent one; 0 or -ENOSPC */
int iscsit_srp_bind_put(const struct iscsit_srp_tls *tls, char *rsp,
			size_t rsp_size, size_t *rsp_len)
{
	if (!tls->sent)
		return 0;

	return iscsit_srp_put_binary(rsp, rsp_size, rsp_len, ISCSIT_SRP_BIND_KEY,
				     tls->value, sizeof(tls->value));
}
