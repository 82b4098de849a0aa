/* SPDX-License-Identifier: GPL-2.0 */
/* srp/pick.c: which of a user's credentials a login tries */
#ifndef ISCSIT_SRP_PICK_H
#define ISCSIT_SRP_PICK_H

#include <linux/types.h>

struct iscsit_srp_cred;
struct iscsit_srp_users;
struct sockaddr_storage;

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
 * @cred: the credential, with a reference; NULL if the user is unknown
 * @model: what a made-up credential must resemble, with a reference, or NULL
 * @label: copy of the entry's label; NULL if @cred is not from the table
 * @id: hash of the credential, wherever it is stored
 * @who: hash of initiator, user name and address
 * @retry: after a failure, ask the initiator to try once more
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

int iscsit_srp_pick(const struct iscsit_srp_peer *peer,
		    struct iscsit_srp_cred *scope, unsigned int min_group,
		    const u8 *userid, size_t userid_len,
		    struct iscsit_srp_pick *pick);
bool iscsit_srp_pick_failed(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_worked(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_drop(struct iscsit_srp_pick *pick);

#endif /* ISCSIT_SRP_PICK_H */
