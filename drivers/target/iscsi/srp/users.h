/* SPDX-License-Identifier: GPL-2.0 */
/* A target's table of users */
#ifndef ISCSIT_SRP_USERS_H
#define ISCSIT_SRP_USERS_H

#include <linux/configfs.h>
#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/siphash.h>
#include <linux/types.h>
#include "cred.h"

struct iscsi_tiqn;
struct iscsit_srp_user;

/* Fields of an entry, after those of a credential */
#define ISCSIT_SRP_USER_ENABLED		(ISCSIT_SRP_CRED_FIELDS + 0)
#define ISCSIT_SRP_USER_EXPIRES		(ISCSIT_SRP_CRED_FIELDS + 1)
#define ISCSIT_SRP_USER_NOTE		(ISCSIT_SRP_CRED_FIELDS + 2)
#define ISCSIT_SRP_USER_INITIATORS	(ISCSIT_SRP_CRED_FIELDS + 3)
#define ISCSIT_SRP_USER_TPGT		(ISCSIT_SRP_CRED_FIELDS + 4)
#define ISCSIT_SRP_USER_SOURCE		(ISCSIT_SRP_CRED_FIELDS + 5)
#define ISCSIT_SRP_USER_FIELDS		(ISCSIT_SRP_CRED_FIELDS + 6)

/* Bytes of the name of the tool that an entry belongs to */
#define ISCSIT_SRP_SOURCE_MAX	31

/* Number of logins that a table remembers, a power of two */
#define ISCSIT_SRP_HINTS	1024

/* How an initiator's last login as a user went */
struct iscsit_srp_hint {
	/* hash of initiator, user name and address; 0 if unused */
	u64 who;
	u64 worked;	/* hash of the credential of the last success, or 0 */
	/* hash of the credential of a failure since then, or 0 */
	u64 failed;
	unsigned long when;		/* jiffies of the failure */
	bool over;		/* the initiator has had its retry as well */
};

/* A target's table of users */
struct iscsit_srp_users {
	struct config_group group;	/* its directory */
	struct iscsi_tiqn *tiqn;	/* the target, or NULL */
	/* protects all members below, and the entries */
	struct mutex lock;
	struct rhltable by_userid;	/* entries that have a user name */
	struct list_head entries;	/* all entries, oldest first */
	/* number of entries whose user name an older one has, too */
	unsigned int doubled;
	u32 made;			/* number of entries ever created */
	unsigned int stale;	/* number of entries with stale verifiers */
	unsigned long changed;	/* jiffies of the last change of an entry */
	/*
	 * by minimum group: an entry with a verifier for it or a stronger one,
	 * or NULL; made-up credentials resemble it
	 */
	struct iscsit_srp_user *model[ISCSI_SRP_GROUP_MAX + 1];
	siphash_key_t secret;		/* key of the hashes in @hints */
	/* ISCSIT_SRP_HINTS of them; NULL before the first entry */
	struct iscsit_srp_hint *hints;
};

/* An entry of a table of users */
struct iscsit_srp_user {
	struct config_item item;	/* its directory */
	struct iscsit_srp_users *users;	/* the table */
	const char *label;		/* name of the directory */
	bool linked;			/* @node is in @users->by_userid */
	struct rhlist_head node;	/* for @users->by_userid */
	struct list_head entry;		/* for @users->entries */
	u32 order;		/* number of the entry, in order of creation */
	bool enabled;			/* it may be used */
	/* end of its use, in seconds since 1970, or 0 */
	time64_t expires;
	char *note;			/* text, or NULL */
	char source[ISCSIT_SRP_SOURCE_MAX + 1];	/* its tool, or empty */
	/* the only ones that may use it, separated by a blank, or NULL */
	char *initiators;
	u16 *tpgts;	/* the only portal groups to use it in, or NULL */
	unsigned int nr_tpgts;		/* number of @tpgts */
	/* user name, salt and verifiers, or NULL */
	struct iscsit_srp_cred *cred;
};

struct iscsit_srp_users *iscsit_srp_users_alloc(void);
void iscsit_srp_users_free(struct iscsit_srp_users *users);
struct iscsit_srp_users *iscsit_srp_users_of(struct iscsi_tiqn *tiqn);
struct rhlist_head *iscsit_srp_users_find(struct iscsit_srp_users *users,
					  const u8 *bytes, size_t len);
int iscsit_srp_user_add(struct iscsit_srp_users *users,
			struct iscsit_srp_user *user);
void iscsit_srp_user_del(struct iscsit_srp_user *user);
ssize_t iscsit_srp_user_show(struct iscsit_srp_user *user, unsigned int field,
			     char *page);
ssize_t iscsit_srp_user_store(struct iscsit_srp_user *user, unsigned int field,
			      const char *page, size_t count);

#endif /* ISCSIT_SRP_USERS_H */
