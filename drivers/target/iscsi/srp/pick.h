/* SPDX-License-Identifier: GPL-2.0 */
/* Which of a user's credentials a login tries */
#ifndef ISCSIT_SRP_PICK_H
#define ISCSIT_SRP_PICK_H

#include <linux/limits.h>
#include <linux/types.h>

struct iscsit_srp_cred;
struct iscsit_srp_user;
struct iscsit_srp_users;
struct sockaddr_storage;

/* Who logs in, and where */
struct iscsit_srp_peer {
	struct iscsit_srp_users *users;	/* the target's table, or NULL */
	const char *target;		/* TargetName; NULL for discovery */
	const char *initiator;		/* InitiatorName */
	const struct sockaddr_storage *addr;	/* its address */
	u16 tpgt;			/* tag of the portal group */
	bool acl;			/* it has an ACL of its own */
};

/* The credential that a login tries */
struct iscsit_srp_pick {
	struct iscsit_srp_users *users;	/* the table, or NULL */
	/* the credential, with a reference; NULL if the user is unknown */
	struct iscsit_srp_cred *cred;
	/* what a made-up credential must resemble, with a reference, or NULL */
	struct iscsit_srp_cred *model;
	/*
	 * the user's credential that this login may not use, with a reference,
	 * or NULL; a made-up one has the same salt
	 */
	struct iscsit_srp_cred *kin;
	/* some credential here is being replaced, maybe of another user */
	bool changing;
	/* an entry of the user was skipped because of its salt */
	bool other_salt;
	/* a credential that nobody knows a password for */
	struct iscsit_srp_cred *made_up;
	/* copy of the entry's label; empty if @cred is not from the table */
	char label[NAME_MAX + 1];
	u64 id;		/* hash of the credential, wherever it is stored */
	u64 who;		/* hash of initiator, user name and address */
	/* after a failure, ask the initiator to try once more */
	bool retry;
};

bool iscsit_srp_salt_fits(const struct iscsit_srp_user *user,
			  const struct iscsit_srp_cred *cred,
			  const char *initiators);
int iscsit_srp_pick(const struct iscsit_srp_peer *peer,
		    struct iscsit_srp_cred *scope, unsigned int min_group,
		    const u8 *userid, size_t userid_len,
		    struct iscsit_srp_pick *pick);
bool iscsit_srp_pick_failed(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_worked(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_drop(struct iscsit_srp_pick *pick);

#endif /* ISCSIT_SRP_PICK_H */
