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
struct iscsit_srp_hint;
struct iscsit_srp_user;

/* What iscsit_srp_user_show() and _store() are about, beside a cred's fields */
#define ISCSIT_SRP_USER_ENABLED		(ISCSIT_SRP_CRED_FIELDS + 0)
#define ISCSIT_SRP_USER_EXPIRES		(ISCSIT_SRP_CRED_FIELDS + 1)
#define ISCSIT_SRP_USER_NOTE		(ISCSIT_SRP_CRED_FIELDS + 2)
#define ISCSIT_SRP_USER_INITIATORS	(ISCSIT_SRP_CRED_FIELDS + 3)
#define ISCSIT_SRP_USER_TPGT		(ISCSIT_SRP_CRED_FIELDS + 4)
#define ISCSIT_SRP_USER_FIELDS		(ISCSIT_SRP_CRED_FIELDS + 5)

/**
 * struct iscsit_srp_users - A target's table of users
 * @group: its directory
 * @tiqn: the target, or NULL
 * @lock: protects all below and every entry
 * @by_userid: entries that have a userid
 * @entries: all of them, oldest first
 * @doubled: entries whose userid an older one has as well
 * @made: number of entries that were ever made
 * @model: an entry that is of use in a login; what made-up credentials are like
 * @secret: key of the hashes in @hints
 * @hints: ISCSIT_SRP_HINTS of them; NULL as long as there was no entry
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
 * @label: its name there
 * @linked: @node is in @users->by_userid
 * @node: there
 * @entry: in @users->entries
 * @order: later ones have larger ones
 * @enabled: it may log in
 * @expires: from then on it may not, in seconds since 1970; 0: never
 * @note: text, or NULL
 * @initiators: the only ones it may log in from, a blank between; NULL: any
 * @tpgts: the only portal groups it may log in to; NULL: any
 * @nr_tpgts: number of @tpgts
 * @cred: user, salt and verifiers, or NULL
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
int iscsit_srp_user_add(struct iscsit_srp_users *users,
			struct iscsit_srp_user *user);
void iscsit_srp_user_del(struct iscsit_srp_user *user);
ssize_t iscsit_srp_user_show(struct iscsit_srp_user *user, unsigned int field,
			     char *page);
ssize_t iscsit_srp_user_store(struct iscsit_srp_user *user, unsigned int field,
			      const char *page, size_t count);

#endif /* ISCSIT_SRP_USERS_H */
