// SPDX-License-Identifier: GPL-2.0
/*
 * TLS records: those that are not data, and the number of those that are.
 *
 * Whatever a record says that is not data, the connection ends: an alert ends it anyway,
 * and the target makes no second handshake on it.  The socket fails to receive such a
 * record, with -EIO, until it is asked for the type.
 *
 * As there are no new keys, a connection also ends before its keys have been used for
 * more records than they should.  The initiator connects again.
 */

#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/errno.h>
#include <linux/key.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/net.h>
#include <linux/printk.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/tls.h>
#include <linux/unaligned.h>
#include <net/handshake.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/tls.h>
#include <net/tls_prot.h>
#include "../iscsi_target_tls.h"
#include "record.h"

/*
 * AES-GCM is safe for 2^24.5 full records with a key, RFC 8446, section 5.5.  2^24 leaves
 * more than enough for the command that is under way, and the initiator has the same.
 */
#define TLS_RECORDS_MAX	16777216

static int tls_records_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, TLS_RECORDS_MAX);
}

static const struct kernel_param_ops tls_records_ops = {
	.set = tls_records_set,
	.get = param_get_uint,
};

static unsigned int max_tls_records = TLS_RECORDS_MAX;
module_param_cb(max_tls_records, &tls_records_ops, &max_tls_records, 0644);
MODULE_PARM_DESC(max_tls_records,
		 "Records with AES after which a connection is closed (1 to 16777216, the default)");

static const struct {
	u8 description;
	const char *name;
} tls_alerts[] = {
	{ TLS_ALERT_DESC_CLOSE_NOTIFY, "close_notify" },
	{ TLS_ALERT_DESC_UNEXPECTED_MESSAGE, "unexpected_message" },
	{ TLS_ALERT_DESC_BAD_RECORD_MAC, "bad_record_mac" },
	{ TLS_ALERT_DESC_RECORD_OVERFLOW, "record_overflow" },
	{ TLS_ALERT_DESC_HANDSHAKE_FAILURE, "handshake_failure" },
	{ TLS_ALERT_DESC_BAD_CERTIFICATE, "bad_certificate" },
	{ TLS_ALERT_DESC_UNSUPPORTED_CERTIFICATE, "unsupported_certificate" },
	{ TLS_ALERT_DESC_CERTIFICATE_REVOKED, "certificate_revoked" },
	{ TLS_ALERT_DESC_CERTIFICATE_EXPIRED, "certificate_expired" },
	{ TLS_ALERT_DESC_CERTIFICATE_UNKNOWN, "certificate_unknown" },
	{ TLS_ALERT_DESC_UNKNOWN_CA, "unknown_ca" },
	{ TLS_ALERT_DESC_ACCESS_DENIED, "access_denied" },
	{ TLS_ALERT_DESC_DECRYPT_ERROR, "decrypt_error" },
	{ TLS_ALERT_DESC_INTERNAL_ERROR, "internal_error" },
	{ TLS_ALERT_DESC_USER_CANCELED, "user_canceled" },
};

/* The name of an alert, or NULL */
const char *iscsit_tls_alert_name(u8 description)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tls_alerts); i++)
		if (tls_alerts[i].description == description)
			return tls_alerts[i].name;

	return NULL;
}

/**
 * iscsit_tls_rx_failed - Say why nothing more can be received
 * @sock: the socket, with or without TLS
 * @error: negative errno of the last receive, or 0
 *
 * Context: Process context.
 */
void iscsit_tls_rx_failed(struct socket *sock, int error)
{
	union {
		struct cmsghdr cmsg;
		u8 buf[CMSG_SPACE(sizeof(u8))];
	} control = { };
	struct sockaddr_storage addr = { };
	struct msghdr msg = {
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	u8 alert[2] = { };
	struct kvec iov = { .iov_base = alert, .iov_len = sizeof(alert) };
	const char *name;
	u8 type;

	/* Only connections that may get TLS have a file */
	if (!sock->file || (error != -EIO && error != -EBADMSG))
		return;

	kernel_getpeername(sock, (struct sockaddr *)&addr);
	if (error == -EBADMSG) {
		pr_warn_ratelimited("a TLS record from %pISpc was changed on its way\n",
				    &addr);
		return;
	}
	if (kernel_recvmsg(sock, &msg, &iov, 1, sizeof(alert), MSG_DONTWAIT) < 0)
		return;
	type = tls_get_record_type(sock->sk, &control.cmsg);
	if (type != TLS_RECORD_TYPE_ALERT) {
		pr_warn_ratelimited("a TLS record of type %u from %pISpc: not supported after the handshake\n",
				    type, &addr);
		return;
	}
	name = iscsit_tls_alert_name(alert[1]);
	if (alert[1] == TLS_ALERT_DESC_CLOSE_NOTIFY)
		pr_debug("TLS alert close_notify from %pISpc\n", &addr);
	else
		pr_warn_ratelimited("TLS alert %u%s%s%s from %pISpc\n", alert[1],
				    name ? " (" : "", name ?: "",
				    name ? ")" : "", &addr);
}

/* Whether the keys are in a socket */
bool iscsit_tls_sock_is_up(const struct socket *sock)
{
	return inet_csk_has_ulp(sock->sk) && tls_sw_has_ctx_tx(sock->sk) &&
	       tls_sw_has_ctx_rx(sock->sk);
}

/**
 * iscsit_tls_worn_out - Have the keys been used for as many records as they should?
 * @sock: the socket, with or without TLS
 *
 * Call this once for each command, which causes far less records than there are left.
 *
 * Context: Process context.
 * Return: true if the connection has to end.
 */
bool iscsit_tls_worn_out(struct socket *sock)
{
	struct sockaddr_storage addr = { };
	struct tls_context *ctx;
	u64 records;

	if (!sock->file || !iscsit_tls_sock_is_up(sock))
		return false;

	ctx = tls_get_ctx(sock->sk);
	if (ctx->prot_info.cipher_type == TLS_CIPHER_CHACHA20_POLY1305)
		return false;
	records = max(get_unaligned_be64(ctx->tx.rec_seq),
		      get_unaligned_be64(ctx->rx.rec_seq));
	if (records < READ_ONCE(max_tls_records))
		return false;

	kernel_getpeername(sock, (struct sockaddr *)&addr);
	pr_info("TLS with %pISpc: closed after %llu records, it needs new keys\n",
		&addr, records);

	return true;
}
