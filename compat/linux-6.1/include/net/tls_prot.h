/* SPDX-License-Identifier: GPL-2.0 */
/* Not in 6.1 */
#ifndef COMPAT_NET_TLS_PROT_H
#define COMPAT_NET_TLS_PROT_H

enum {
	TLS_RECORD_TYPE_ALERT = 21,
};

enum {
	TLS_ALERT_DESC_CLOSE_NOTIFY = 0,
};

#endif
