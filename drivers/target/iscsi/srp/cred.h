/* SPDX-License-Identifier: GPL-2.0 */
/* A credential: user name, salt and verifiers */
#ifndef ISCSIT_SRP_CRED_H
#define ISCSIT_SRP_CRED_H

#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/types.h>
#include <uapi/linux/iscsi_srp.h>

#define ISCSIT_SRP_USERID_MAX	255

/* A value that is not set, as in LIO's other auth files */
#define ISCSIT_SRP_UNSET	"NULL"

/* A credential, immutable once published */
struct iscsit_srp_cred {
	struct kref ref;	/* a login holds a reference as its snapshot */
	/*
	 * Verifiers, by BIT(group id), that were stored before the user name or
	 * the salt changed: they do not fit, so more stores will follow
	 */
	u16 stale;
	unsigned long changed;		/* jiffies of the last change */
	/* hash of the strongest verifier, and so of user, salt and password */
	u64 id;
	u16 userid_len;			/* bytes in @userid, 0 if not set */
	u16 salt_len;			/* bytes in @salt, 0 if not set */
	u8 userid[ISCSIT_SRP_USERID_MAX];	/* U */
	u8 *salt;			/* s, or NULL */
	/* v by group id, big-endian, as long as the group's N, or NULL */
	u8 *verifier[ISCSI_SRP_GROUP_MAX + 1];
};

/* Longest time between two stores that replace a credential file by file */
#define ISCSIT_SRP_CHANGE_TIME	(10 * HZ)

/* Fields of a credential: a group's id is the field of its verifier */
#define ISCSIT_SRP_CRED_USERID	(ISCSI_SRP_GROUP_MAX + 1)
#define ISCSIT_SRP_CRED_SALT	(ISCSI_SRP_GROUP_MAX + 2)
#define ISCSIT_SRP_CRED_FIELDS	(ISCSI_SRP_GROUP_MAX + 3)

int iscsit_srp_cred_changes(void);
void iscsit_srp_cred_changed(void);
struct iscsit_srp_cred *iscsit_srp_cred_alloc(void);
void iscsit_srp_cred_put(struct iscsit_srp_cred *cred);
unsigned int iscsit_srp_cred_strongest(const struct iscsit_srp_cred *cred);
bool iscsit_srp_cred_has_group(const struct iscsit_srp_cred *cred,
			       unsigned int min_group);
bool iscsit_srp_cred_is_of(const struct iscsit_srp_cred *cred,
			   const u8 *userid, size_t len);
bool iscsit_srp_cred_is_changing(const struct iscsit_srp_cred *cred);
bool iscsit_srp_cred_same_salt(const struct iscsit_srp_cred *a,
			       const struct iscsit_srp_cred *b);
bool iscsit_srp_is_utf8(const u8 *s, size_t len);
size_t iscsit_srp_value_len(const char *page, size_t count);
ssize_t iscsit_srp_cred_format(const struct iscsit_srp_cred *cred,
			       unsigned int field, char *page);
struct iscsit_srp_cred *iscsit_srp_cred_alter(const struct iscsit_srp_cred *old,
					      unsigned int field,
					      const char *page, size_t count);

#endif /* ISCSIT_SRP_CRED_H */
