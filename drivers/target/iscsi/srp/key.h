/* SPDX-License-Identifier: GPL-2.0 */
/* The key type "iscsi_srp", the transport between kernel and workers */
#ifndef ISCSIT_SRP_KEY_H
#define ISCSIT_SRP_KEY_H

#if IS_ENABLED(CONFIG_KUNIT)
extern struct key_type iscsit_srp_key_type;
#endif

#endif /* ISCSIT_SRP_KEY_H */
