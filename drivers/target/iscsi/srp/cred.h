/* SPDX-License-Identifier: GPL-2.0 */
/* srp/cred.c: user, salt and verifiers, as configfs stores them */
#ifndef ISCSIT_SRP_CRED_H
#define ISCSIT_SRP_CRED_H

#include <linux/kref.h>
#include <linux/types.h>
#include <uapi/linux/iscsi_srp.h>

#define ISCSIT_SRP_USERID_MAX	255

/**
 * struct iscsit_srp_cred - Credentials of one scope, immutable once published
 * @ref: a login holds a reference: that is its snapshot
 * @userid_len: octets of @userid, 0: not set
 * @salt_len: octets of @salt, 0: not set
 * @userid: U
 * @salt: s; NULL: not set
 * @verifier: v by group id; big-endian, as long as the group's N; NULL: not set
 */
struct iscsit_srp_cred {
	struct kref ref;
	u16 userid_len;
	u16 salt_len;
	u8 userid[ISCSIT_SRP_USERID_MAX];
	u8 *salt;
	u8 *verifier[ISCSI_SRP_GROUP_MAX + 1];
};

/* What an iscsit_srp_cred_store() or _show() is about; above: a group's id */
#define ISCSIT_SRP_CRED_USERID	(ISCSI_SRP_GROUP_MAX + 1)
#define ISCSIT_SRP_CRED_SALT	(ISCSI_SRP_GROUP_MAX + 2)
#define ISCSIT_SRP_CRED_FIELDS	(ISCSI_SRP_GROUP_MAX + 3)

void iscsit_srp_cred_put(struct iscsit_srp_cred *cred);
bool iscsit_srp_is_utf8(const u8 *s, size_t len);
ssize_t iscsit_srp_cred_format(const struct iscsit_srp_cred *cred,
			       unsigned int field, char *page);
struct iscsit_srp_cred *iscsit_srp_cred_alter(const struct iscsit_srp_cred *old,
					      unsigned int field,
					      const char *page, size_t count);
bool iscsit_srp_cred_has_group(const struct iscsit_srp_cred *cred,
			       unsigned int min_group);

#endif /* ISCSIT_SRP_CRED_H */
