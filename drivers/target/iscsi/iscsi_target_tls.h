/* SPDX-License-Identifier: GPL-2.0 */
/* What the other files of the target use of tls/ */
#ifndef ISCSI_TARGET_TLS_H
#define ISCSI_TARGET_TLS_H

#include <linux/configfs.h>
#include <linux/net.h>
#include <linux/types.h>

struct iscsi_np;
struct iscsi_tpg_np;
struct iscsit_conn;
struct iscsit_pending;

/* Where the login of a TCP connection is with TLS */
enum iscsit_tls_state {
	ISCSIT_TLS_UNKNOWN,		/* the first octet decides */
	ISCSIT_TLS_PLAIN,
	ISCSIT_TLS_WAITS,		/* for its turn */
	ISCSIT_TLS_HANDSHAKE,
	ISCSIT_TLS_FAILED,
	ISCSIT_TLS_UP,
};

extern struct configfs_attribute iscsit_tls_attr_tls;
extern struct configfs_attribute iscsit_tls_attr_certificate;

bool iscsit_tls_offered(const struct iscsi_np *np);
bool iscsit_tls_used(const struct iscsi_tpg_np *tpg_np);
int iscsit_tls_check(struct iscsit_conn *conn);
void iscsit_tls_forget(const struct iscsi_tpg_np *tpg_np);

#if IS_ENABLED(CONFIG_NET_HANDSHAKE)
int iscsit_tls_prepare(struct socket *sock);
int iscsit_tls_begin(struct iscsit_pending *pending);
void iscsit_tls_end(struct iscsit_pending *pending);
void iscsit_tls_close(struct socket *sock);
void iscsit_tls_rx_failed(struct socket *sock, int error);
bool iscsit_tls_worn_out(struct socket *sock);
#else
static inline int iscsit_tls_prepare(struct socket *sock)
{
	return 0;
}

static inline int iscsit_tls_begin(struct iscsit_pending *pending)
{
	return 0;
}

static inline void iscsit_tls_end(struct iscsit_pending *pending) { }

static inline void iscsit_tls_close(struct socket *sock)
{
	sock_release(sock);
}

static inline void iscsit_tls_rx_failed(struct socket *sock, int error) { }

static inline bool iscsit_tls_worn_out(struct socket *sock)
{
	return false;
}
#endif

#endif /* ISCSI_TARGET_TLS_H */
