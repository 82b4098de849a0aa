// SPDX-License-Identifier: GPL-2.0
/*
 * Slow down those who guess passwords, whatever the AuthMethod.
 *
 * Failures are counted for each pair of address and user name, and for each
 * network: an IPv4 address, or the /64 of an IPv6 address, as whoever has one
 * address of it has all.  Above a number that is free, proofs are verified one
 * after the other, with a pause that grows with each failure.  A login gets the
 * time of its proof when it asks, so logins in parallel are no faster.
 *
 * Nobody can slow down a user at another address: an address that is not the
 * guesser's has other pairs, and users who have logged in before from their
 * address do not wait because of their network.  Others do, if a guesser is in
 * their network.
 *
 * Only what was sent is hashed, so an unknown user is treated like a known one.
 * Memory is bounded: in a full set of the table a new entry replaces the one that
 * was used least recently, if possible one without failures.  The hash is keyed,
 * so nobody can choose the entry that is replaced.
 */

#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/once.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/socket.h>
#include <linux/string.h>
#include "iscsi_target_guess.h"
#include "iscsi_target_peer.h"

static bool slow_down_guessing = true;
module_param(slow_down_guessing, bool, 0644);
MODULE_PARM_DESC(slow_down_guessing,
		 "After failed logins, verify the next proofs later (default Y)");

/* Failures are halved whenever so much time has passed */
#define GUESS_HALF	(60 * HZ)

/* Longest wait for a proof to be verified; a login has 15 seconds by default */
#define GUESS_LONGEST	(10 * HZ)

struct guess_limit {
	unsigned int free;	/* failures that have no effect */
	unsigned int first;	/* pause after one more, in milliseconds */
	unsigned int last;	/* it doubles with each further one, up to this */
};

static const struct guess_limit guess_pair = { 3, 250, 4000 };
static const struct guess_limit guess_network = { 20, 50, 1000 };

/* Hashes of what a login sent and of where it came from */
struct guess_ids {
	u64 pair;
	u64 network;
};

static struct iscsit_guess_table guess_table = {
	.lock = __SPIN_LOCK_UNLOCKED(guess_table.lock),
};

static struct guess_ids guess_hash(const struct iscsit_guess_table *table,
				   const struct sockaddr_storage *addr,
				   const u8 *user, size_t len)
{
	struct in6_addr address = iscsit_peer_address(addr);
	struct in6_addr network = iscsit_peer_network(addr);
	struct guess_ids ids;
	u64 half[2];

	memcpy(half, &address, sizeof(half));
	ids.pair = siphash_3u64(half[0], half[1],
				siphash(user, len, &table->key), &table->key);
	memcpy(half, &network, sizeof(half));
	ids.network = siphash_2u64(half[0], half[1], &table->key);

	return ids;
}

/* Forget failures with time */
static void guess_age(struct iscsit_guess_entry *entry, u64 now)
{
	u64 halvings;

	/* Times were taken before the lock, so @now may also be earlier */
	if (now < entry->since + GUESS_HALF)
		return;
	halvings = div_u64(now - entry->since, GUESS_HALF);
	entry->failures = halvings < 32 ? entry->failures >> halvings : 0;
	entry->since += halvings * GUESS_HALF;
}

static struct iscsit_guess_entry *
guess_find(struct iscsit_guess_table *table, u64 id, u64 now)
{
	struct iscsit_guess_entry *entry = table->set[id % ISCSIT_GUESS_SETS];
	unsigned int i;

	for (i = 0; i < ISCSIT_GUESS_WAYS; i++, entry++) {
		if (entry->id != id)
			continue;
		guess_age(entry, now);
		entry->used = now;
		return entry;
	}

	return NULL;
}

/* Whether less is lost with @entry than with @other */
static bool guess_is_less(const struct iscsit_guess_entry *entry,
			  const struct iscsit_guess_entry *other)
{
	if (!entry->failures != !other->failures)
		return !entry->failures;

	return entry->used < other->used;
}

/*
 * As guess_find(), but replace another entry if there is none.  Unless @failed,
 * replace none that has failures; then the result may be NULL.
 */
static struct iscsit_guess_entry *
guess_make(struct iscsit_guess_table *table, u64 id, bool failed, u64 now)
{
	struct iscsit_guess_entry *entry = guess_find(table, id, now);
	struct iscsit_guess_entry *least = NULL;
	unsigned int i;

	if (entry)
		return entry;

	entry = table->set[id % ISCSIT_GUESS_SETS];
	for (i = 0; i < ISCSIT_GUESS_WAYS; i++, entry++) {
		guess_age(entry, now);
		if (entry->failures && !failed)
			continue;
		if (!least || guess_is_less(entry, least))
			least = entry;
	}
	if (least)
		*least = (struct iscsit_guess_entry){ .id = id, .used = now };

	return least;
}

static unsigned long guess_pause(const struct iscsit_guess_entry *entry,
				 const struct guess_limit *limit)
{
	unsigned int doublings;

	if (!entry || entry->failures < limit->free)
		return 0;
	doublings = min(entry->failures - limit->free, 8U);

	return msecs_to_jiffies(min(limit->first << doublings, limit->last));
}

/* How long a proof has to wait for its time */
static u64 guess_wait(const struct iscsit_guess_entry *entry,
		      const struct guess_limit *limit, u64 now)
{
	if (!guess_pause(entry, limit) || entry->next <= now)
		return 0;

	return entry->next - now;
}

/* The next proof's time is taken */
static void guess_take(struct iscsit_guess_entry *entry,
		       const struct guess_limit *limit, u64 now)
{
	unsigned long pause = guess_pause(entry, limit);

	if (pause)
		entry->next = max(entry->next, now) + pause;
}

static void guess_failed(struct iscsit_guess_entry *entry,
			 const struct guess_limit *limit, u64 now)
{
	if (!entry->failures)
		entry->since = now;
	entry->failures++;
	entry->next = max(entry->next, now + guess_pause(entry, limit));
}

/* As iscsit_guess_reserve() */
long iscsit_guess_reserve_at(struct iscsit_guess_table *table,
			     const struct sockaddr_storage *addr,
			     const u8 *user, size_t len, u64 now)
{
	struct guess_ids ids = guess_hash(table, addr, user, len);
	struct iscsit_guess_entry *pair, *network;
	long ret = -EAGAIN;
	u64 wait;

	spin_lock(&table->lock);
	pair = guess_find(table, ids.pair, now);
	network = guess_find(table, ids.network, now);
	if (pair && pair->proved)
		network = NULL;
	wait = max(guess_wait(pair, &guess_pair, now),
		   guess_wait(network, &guess_network, now));
	if (wait <= GUESS_LONGEST) {
		guess_take(pair, &guess_pair, now);
		guess_take(network, &guess_network, now);
		ret = wait;
	}
	spin_unlock(&table->lock);

	return ret;
}

/*
 * As iscsit_guess_result().  Returns the number of failures if logins of the network
 * are slowed down from this one on, otherwise 0.
 */
u32 iscsit_guess_result_at(struct iscsit_guess_table *table,
			   const struct sockaddr_storage *addr, const u8 *user,
			   size_t len, bool ok, u64 now)
{
	struct guess_ids ids = guess_hash(table, addr, user, len);
	struct iscsit_guess_entry *pair, *network;
	u32 failures = 0;

	spin_lock(&table->lock);
	pair = guess_make(table, ids.pair, !ok, now);
	if (!ok) {
		guess_failed(pair, &guess_pair, now);
		network = guess_make(table, ids.network, true, now);
		guess_failed(network, &guess_network, now);
		if (network->failures == guess_network.free)
			failures = network->failures;
	} else if (pair) {
		pair->failures = 0;
		pair->next = 0;
		pair->proved = true;
	}
	spin_unlock(&table->lock);

	return failures;
}

static struct iscsit_guess_table *guess_target_table(void)
{
	get_random_once(&guess_table.key, sizeof(guess_table.key));

	return &guess_table;
}

/**
 * iscsit_guess_reserve - When may a login's proof be verified?
 * @addr: the initiator's address
 * @user: the user name that it sent, whether such a user exists or not
 * @len: bytes of @user
 *
 * Call this once for each proof, before it is verified, and iscsit_guess_result()
 * afterwards.  The time that is returned is reserved for this proof.
 *
 * Context: Process context.
 * Return: Jiffies to wait before the proof is verified, at most ten seconds;
 * -EAGAIN if too many wait already: do not verify it, reject the login so that
 * the initiator tries again later.
 */
long iscsit_guess_reserve(const struct sockaddr_storage *addr, const u8 *user,
			  size_t len)
{
	if (!READ_ONCE(slow_down_guessing))
		return 0;

	return iscsit_guess_reserve_at(guess_target_table(), addr, user, len,
				       get_jiffies_64());
}

/**
 * iscsit_guess_result - A login's proof was verified
 * @addr: as for iscsit_guess_reserve()
 * @user: likewise
 * @len: likewise
 * @ok: the proof was right
 *
 * After a success the failures of this user at this address are forgotten, but not
 * those of the network: whoever has an account could use it to guess those of others.
 *
 * Context: Process context.
 */
void iscsit_guess_result(const struct sockaddr_storage *addr, const u8 *user,
			 size_t len, bool ok)
{
	u32 failures;

	if (!READ_ONCE(slow_down_guessing))
		return;

	failures = iscsit_guess_result_at(guess_target_table(), addr, user, len,
					  ok, get_jiffies_64());
	if (failures)
		pr_warn_ratelimited("logins from %pIS are slowed down after %u failures\n",
				    addr, failures);
}
