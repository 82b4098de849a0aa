/* SPDX-License-Identifier: GPL-2.0 */
/* TLS records that are not data */
#ifndef ISCSIT_TLS_RECORD_H
#define ISCSIT_TLS_RECORD_H

#include <linux/types.h>

struct socket;

bool iscsit_tls_sock_is_up(const struct socket *sock);
const char *iscsit_tls_alert_name(u8 description);

#endif /* ISCSIT_TLS_RECORD_H */
