/* SPDX-License-Identifier: GPL-2.0 */
/* srp/users.c: a target's table of users */
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
#define ISCSIT_SRP_USER_FIELDS		(ISCSIT_SRP_CRED_FIELDS + 5)

/* Number of logins that a table remembers, a power of two */
#define ISCSIT_SRP_HINTS	1024

/**
 * struct iscsit_srp_hint - How an initiator's last login as a user went
 * @who: hash of initiator, user name and address; 0 if unused
 * @worked: hash of the credential of the last success, or 0
 * @failed: hash of the credential of a failure since then, or 0
 * @when: jiffies of the failure
 * @over: the initiator has had its retry as well
 */
struct iscsit_srp_hint {
	u64 who;
	u64 worked;
	u64 failed;
	unsigned long when;
	bool over;
};

/**
 * struct iscsit_srp_users - A target's table of users
 * @group: its directory
 * @tiqn: the target, or NULL
 * @lock: protects all members below, and the entries
 * @by_userid: entries that have a user name
 * @entries: all entries, oldest first
 * @doubled: number of entries whose user name an older one has, too
 * @made: number of entries ever created
 * @model: a complete entry; made-up credentials resemble it
 * @secret: key of the hashes in @hints
 * @hints: ISCSIT_SRP_HINTS of them; NULL before the first entry
 */
struct iscsit_srp_users {
	struct config_group group;
	struct iscsi_tiqn *tiqn;
	struct mutex lock;		/* all below, and the entries */
	struct rhltable by_userid;
	struct list_head entries;
	unsigned int doubled;
	u32 made;
	struct iscsit_srp_user *model;
	siphash_key_t secret;
	struct iscsit_srp_hint *hints;
};

/**
 * struct iscsit_srp_user - An entry of a table of users
 * @item: its directory
 * @users: the table
 * @label: name of the directory
 * @linked: @node is in @users->by_userid
 * @node: for @users->by_userid
 * @entry: for @users->entries
 * @order: number of the entry, in order of creation
 * @enabled: it may be used
 * @expires: end of its use, in seconds since 1970, or 0
 * @note: text, or NULL
 * @initiators: the only ones that may use it, separated by a blank, or NULL
 * @tpgts: the only portal groups to use it in, or NULL
 * @nr_tpgts: number of @tpgts
 * @cred: user name, salt and verifiers, or NULL
 */
struct iscsit_srp_user {
	struct config_item item;
	struct iscsit_srp_users *users;
	const char *label;
	bool linked;
	struct rhlist_head node;
	struct list_head entry;
	u32 order;
	bool enabled;
	time64_t expires;
	char *note;
	char *initiators;
	u16 *tpgts;
	unsigned int nr_tpgts;
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
