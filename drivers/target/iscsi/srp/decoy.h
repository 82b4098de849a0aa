/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up credentials */
#ifndef ISCSIT_SRP_DECOY_H
#define ISCSIT_SRP_DECOY_H

#include <linux/types.h>

struct iscsit_srp_cred;

struct iscsit_srp_cred *iscsit_srp_decoy(const struct iscsit_srp_cred *like,
					 const u8 *userid, size_t userid_len);

#endif /* ISCSIT_SRP_DECOY_H */
