/* SPDX-License-Identifier: GPL-2.0 */
/* Which of a user's credentials a login tries */
#ifndef ISCSIT_SRP_PICK_H
#define ISCSIT_SRP_PICK_H

#include <linux/types.h>

struct iscsit_srp_cred;
struct iscsit_srp_users;
struct sockaddr_storage;

/* Logins that a table remembers; a power of two */
#define ISCSIT_SRP_HINTS	1024

/**
 * struct iscsit_srp_hint - How an initiator's last login of a user went
 * @who: hash of initiator, user and address; 0: unused
 * @worked: hash of the last success's credential, or 0
 * @failed: hash of the credential of a failure since, or 0
 * @when: jiffies of the failure
 * @over: the initiator has had its second try as well
 */
struct iscsit_srp_hint {
	u64 who;
	u64 worked;
	u64 failed;
	unsigned long when;
	bool over;
};

/**
 * struct iscsit_srp_peer - Who logs in, and where
 * @users: the target's table, or NULL
 * @initiator: InitiatorName
 * @addr: its address
 * @tpgt: tag of the portal group
 * @acl: it has an ACL of its own
 */
struct iscsit_srp_peer {
	struct iscsit_srp_users *users;
	const char *initiator;
	const struct sockaddr_storage *addr;
	u16 tpgt;
	bool acl;
};

/**
 * struct iscsit_srp_pick - The credential that a login tries
 * @users: the table, or NULL
 * @cred: the credential, with a reference; NULL: there is none for this user
 * @model: what a made-up credential is like, with a reference, or NULL
 * @label: of the entry in the table, to be freed; NULL: it is not from there
 * @id: hash of the credential, whatever place it has
 * @who: of the hint
 * @retry: if it fails, the initiator may try once more, with another one
 */
struct iscsit_srp_pick {
	struct iscsit_srp_users *users;
	struct iscsit_srp_cred *cred;
	struct iscsit_srp_cred *model;
	char *label;
	u64 id;
	u64 who;
	bool retry;
};

int iscsit_srp_users_pick(const struct iscsit_srp_peer *peer,
			  struct iscsit_srp_cred *scope, unsigned int min_group,
			  const u8 *userid, size_t userid_len,
			  struct iscsit_srp_pick *pick);
bool iscsit_srp_pick_failed(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_worked(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_drop(struct iscsit_srp_pick *pick);

#endif /* ISCSIT_SRP_PICK_H */
