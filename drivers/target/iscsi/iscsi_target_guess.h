/* SPDX-License-Identifier: GPL-2.0 */
/* Slow down those who guess passwords */
#ifndef ISCSI_TARGET_GUESS_H
#define ISCSI_TARGET_GUESS_H

#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct sockaddr_storage;

#define ISCSIT_GUESS_SETS	128
#define ISCSIT_GUESS_WAYS	8

/* What is known of an address and a user name, or of a network */
struct iscsit_guess_entry {
	u64 id;			/* keyed hash; 0: unused */
	u64 used;		/* the time of the last use */
	u64 since;		/* the time from which @failures is halved */
	u64 next;		/* from when on the next proof is verified */
	u32 failures;
	bool proved;		/* this user has logged in from this address */
};

/* All times are in jiffies */
struct iscsit_guess_table {
	spinlock_t lock;	/* all but @key */
	siphash_key_t key;
	struct iscsit_guess_entry set[ISCSIT_GUESS_SETS][ISCSIT_GUESS_WAYS];
};

long iscsit_guess_reserve(const struct sockaddr_storage *addr, const u8 *user,
			  size_t len);
void iscsit_guess_result(const struct sockaddr_storage *addr, const u8 *user,
			 size_t len, bool ok);

/* With a table and a time of the caller's, for tests */
long iscsit_guess_reserve_at(struct iscsit_guess_table *table,
			     const struct sockaddr_storage *addr,
			     const u8 *user, size_t len, u64 now);
u32 iscsit_guess_result_at(struct iscsit_guess_table *table,
			   const struct sockaddr_storage *addr, const u8 *user,
			   size_t len, bool ok, u64 now);

#endif /* ISCSI_TARGET_GUESS_H */
