/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up credentials */
#ifndef ISCSIT_SRP_DECOY_H
#define ISCSIT_SRP_DECOY_H

#include <linux/types.h>

struct iscsit_srp_cred;

/* Bytes of the secret that made-up credentials depend on */
#define ISCSIT_SRP_DECOY_SECRET_LEN	32

struct iscsit_srp_cred *iscsit_srp_decoy(const struct iscsit_srp_cred *like,
					 const struct iscsit_srp_cred *kin,
					 const char *target,
					 const char *initiator,
					 const u8 *userid, size_t userid_len);
ssize_t iscsit_srp_decoy_show(char *page);
ssize_t iscsit_srp_decoy_store(const char *page, size_t count);

#endif /* ISCSIT_SRP_DECOY_H */
