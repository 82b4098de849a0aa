// SPDX-License-Identifier: GPL-2.0
/*
 * Powers g^b computed in advance, so that a login does not wait for its B.
 *
 * B = v + g^b mod N, and g^b does not depend on the user.  Idle workers compute
 * it for random values of b, in the groups that logins use.  A login takes a
 * pair (b, g^b) from the pool and only adds v.  The pool is as secret as v, and
 * each pair is used once.  When a worker dies, all pairs are wiped, because it
 * may have computed them.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "group.h"
#include "param.h"
#include "powers.h"

#define SRP_POWER_TIMEOUT	(5 * HZ)
#define SRP_BATCH		4	/* jobs in the queue at a time */

/* Refill delay after an exchange: by then the rest of the login has finished */
#define SRP_POOL_DELAY		(HZ / 50)

/*
 * Longest wait for exchanges: one that is not over by then waits for its initiator,
 * who need not be anybody who can log in
 */
#define SRP_POOL_PATIENCE	(HZ / 4)

struct srp_power {
	struct list_head node;
	struct iscsit_srp_job *job;	/* computes it */
	unsigned int flushes;		/* the pool's when it was requested */
	u8 b[ISCSIT_SRP_B_LEN];
	u8 power[ISCSI_SRP_MAX_LEN];	/* g^b, big-endian, padded */
};

struct iscsit_srp_pool iscsit_srp_pool;

static unsigned int srp_precompute = 8;

ISCSIT_SRP_PARAM(srp_precompute, &srp_precompute, 0, 64,
		 "0 (off) to 64 powers for each group");
MODULE_PARM_DESC(srp_precompute,
		 "Powers computed in advance for each group in use (default 8, 0: none)");

/* How long logins still need the CPUs, at most */
static unsigned long srp_pool_busy(const struct iscsit_srp_pool *pool)
{
	lockdep_assert_held(&pool->lock);

	if (!pool->logins || !pool->postponed ||
	    time_after_eq(jiffies, pool->busy_until))
		return 0;

	return pool->busy_until - jiffies;
}

/* Reserve a place in the group that lacks most powers; NULL: none, or not now */
static const struct iscsit_srp_group *
srp_pool_reserve(struct iscsit_srp_pool *pool, struct srp_power *power)
{
	unsigned int limit = READ_ONCE(srp_precompute);
	unsigned int id, best = 0;

	spin_lock_bh(&pool->lock);
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		if (pool->in_use[id] && pool->nr[id] < limit &&
		    (!best || pool->nr[id] < pool->nr[best]))
			best = id;
	if (pool->stopping || srp_pool_busy(pool))
		best = 0;
	else
		pool->postponed = false;
	if (best)
		pool->nr[best]++;
	power->flushes = pool->flushes;
	spin_unlock_bh(&pool->lock);

	return iscsit_srp_group_by_id(best);
}

/* Fill the reserved place or release it, unless a flush has released it */
static void srp_pool_settle(struct iscsit_srp_pool *pool,
			    const struct iscsit_srp_group *group,
			    struct srp_power *power, bool computed)
{
	if (power->job)
		iscsit_srp_job_put(power->job);

	spin_lock_bh(&pool->lock);
	if (power->flushes == pool->flushes) {
		if (computed) {
			list_add_tail(&power->node, &pool->powers[group->id]);
			power = NULL;
		} else {
			pool->nr[group->id]--;
		}
	}
	spin_unlock_bh(&pool->lock);
	kfree_sensitive(power);
}

/* Request one more power, if the pool needs one */
static struct srp_power *srp_pool_request(struct iscsit_srp_pool *pool)
{
	const struct iscsit_srp_group *group;
	struct iscsit_srp_job *job;
	struct srp_power *power;

	power = kzalloc_obj(*power);
	if (!power)
		return NULL;
	group = srp_pool_reserve(pool, power);
	if (!group) {
		kfree(power);
		return NULL;
	}

	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_POWER, group);
	power->job = job;
	if (!job || get_random_bytes_wait(power->b, sizeof(power->b)))
		goto err;

	memcpy(job->msg.b, power->b, sizeof(power->b));
	job->msg.b_len = sizeof(power->b);
	job->priority = ISCSIT_SRP_PRIO_IDLE;
	if (iscsit_srp_job_submit(pool->queue, job,
				  jiffies + SRP_POWER_TIMEOUT))
		goto err;

	return power;

err:
	srp_pool_settle(pool, group, power, false);
	return NULL;
}

static bool srp_pool_collect(struct iscsit_srp_pool *pool,
			     struct srp_power *power)
{
	struct iscsit_srp_job *job = power->job;
	bool computed;

	wait_for_completion(&job->done);
	computed = !job->error;
	if (computed)
		memcpy(power->power, job->result, job->group->len);
	srp_pool_settle(pool, job->group, power, computed);

	return computed;
}

static void srp_pool_work(struct work_struct *work)
{
	struct iscsit_srp_pool *pool = container_of(to_delayed_work(work),
						    struct iscsit_srp_pool,
						    work);
	unsigned int begun = 0, ended = 0, last;
	struct srp_power *powers[SRP_BATCH];
	struct srp_power *power;
	bool more = true;

	do {
		while (more && begun - ended < SRP_BATCH) {
			power = srp_pool_request(pool);
			if (power)
				powers[begun++ % SRP_BATCH] = power;
			else
				more = false;
		}
		/*
		 * Collect half of them, so that the workers always have jobs.
		 * After a failure the next login tries again.
		 */
		last = more ? ended + SRP_BATCH / 2 : begun;
		/* The others have ended by then: sleep once for all of them */
		if (ended != last)
			wait_for_completion(&powers[(last - 1) % SRP_BATCH]->job->done);
		while (ended != last)
			more &= srp_pool_collect(pool,
						 powers[ended++ % SRP_BATCH]);
	} while (more || begun != ended);
}

/*
 * The exchange of a login begins (@change is 1) or ends (-1).  Powers are
 * computed between logins, so as not to compete with them for the CPUs.  But
 * logins that follow each other, or do not end, do not postpone them for long.
 */
void iscsit_srp_pool_login(struct iscsit_srp_pool *pool, int change)
{
	unsigned long delay;

	spin_lock_bh(&pool->lock);
	pool->logins += change;
	if (!pool->postponed) {
		pool->postponed = true;
		pool->busy_until = jiffies + SRP_POOL_PATIENCE;
	}
	delay = time_before(jiffies, pool->busy_until) ?
		pool->busy_until - jiffies : 0;
	if (!pool->logins)
		delay = min(delay, (unsigned long)SRP_POOL_DELAY);
	if (!pool->stopping)
		mod_delayed_work(system_long_wq, &pool->work, delay);
	spin_unlock_bh(&pool->lock);
}

/* Logins use @group or will use it: have powers for it */
void iscsit_srp_pool_want(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group)
{
	if (!READ_ONCE(srp_precompute))
		return;

	spin_lock_bh(&pool->lock);
	pool->in_use[group->id] = true;
	if (!pool->stopping)
		queue_delayed_work(system_long_wq, &pool->work,
				   srp_pool_busy(pool));
	spin_unlock_bh(&pool->lock);
}

/**
 * iscsit_srp_pool_take - Take a power for the caller's use alone
 * @pool: the pool
 * @group: the group
 * @b: result, the secret exponent
 * @power: result, g^b mod N, big-endian, as long as the group's N
 *
 * Context: Any but hard interrupts.
 * Return: False if the pool has none.  More are computed in both cases.
 */
bool iscsit_srp_pool_take(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group,
			  u8 b[ISCSIT_SRP_B_LEN], u8 *power)
{
	struct srp_power *entry;

	spin_lock_bh(&pool->lock);
	entry = list_first_entry_or_null(&pool->powers[group->id],
					 struct srp_power, node);
	if (entry) {
		list_del(&entry->node);
		pool->nr[group->id]--;
	}
	spin_unlock_bh(&pool->lock);

	iscsit_srp_pool_want(pool, group);
	if (!entry)
		return false;

	memcpy(b, entry->b, sizeof(entry->b));
	memcpy(power, entry->power, group->len);
	kfree_sensitive(entry);
	return true;
}

/*
 * Wipe all powers, including those in computation, because a worker has died.  A
 * group gets powers again when a login uses it.
 */
void iscsit_srp_pool_flush(struct iscsit_srp_pool *pool)
{
	struct srp_power *power, *next;
	LIST_HEAD(flushed);
	unsigned int id;

	spin_lock_bh(&pool->lock);
	pool->flushes++;
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		list_splice_tail_init(&pool->powers[id], &flushed);
		pool->nr[id] = 0;
		pool->in_use[id] = false;
	}
	spin_unlock_bh(&pool->lock);

	list_for_each_entry_safe(power, next, &flushed, node)
		kfree_sensitive(power);
}

void iscsit_srp_pool_init(struct iscsit_srp_pool *pool,
			  struct iscsit_srp_queue *queue)
{
	unsigned int id;

	*pool = (struct iscsit_srp_pool){ .queue = queue };
	spin_lock_init(&pool->lock);
	for (id = 0; id <= ISCSI_SRP_GROUP_MAX; id++)
		INIT_LIST_HEAD(&pool->powers[id]);
	INIT_DELAYED_WORK(&pool->work, srp_pool_work);
}

/* Wipe all powers and compute no more.  The queue has been stopped.  Sleeps. */
void iscsit_srp_pool_stop(struct iscsit_srp_pool *pool)
{
	spin_lock_bh(&pool->lock);
	pool->stopping = true;
	spin_unlock_bh(&pool->lock);

	cancel_delayed_work_sync(&pool->work);
	iscsit_srp_pool_flush(pool);
}
