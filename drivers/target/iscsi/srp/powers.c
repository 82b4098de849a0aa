// SPDX-License-Identifier: GPL-2.0
/*
 * Powers g^b made in advance, so that a login need not wait for its B.
 *
 * B = v + g^b mod N, and g^b depends on nobody: idle workers compute it for
 * fresh b's, in the groups that logins use.  A login takes a pair (b, g^b) out
 * of the pool, for itself alone, and only adds v.  What is in the pool is as
 * secret as v: it is wiped when it is taken, when a worker dies (it might have
 * been the one that computed it), and with the pool.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "group.h"
#include "powers.h"
#include "queue.h"

#define SRP_PRECOMPUTE		8
#define SRP_PRECOMPUTE_MAX	64
#define SRP_POWER_TIMEOUT	(5 * HZ)
#define SRP_BATCH		4	/* jobs that are in the queue at a time */

/* So long after an exchange the rest of its login is over as well */
#define SRP_POOL_DELAY		(HZ / 50)

/**
 * struct srp_power - A pair that no login has taken yet
 * @node: in the pool's list for the group
 * @b: our secret exponent
 * @power: g^b, big-endian, as long as the group's N
 */
struct srp_power {
	struct list_head node;
	u8 b[ISCSIT_SRP_B_LEN];
	u8 power[ISCSI_SRP_MAX_LEN];
};

static unsigned int srp_precompute = SRP_PRECOMPUTE;

static int srp_precompute_set(const char *value, const struct kernel_param *kp)
{
	int ret = param_set_uint_minmax(value, kp, 0, SRP_PRECOMPUTE_MAX);

	if (ret)
		pr_err("srp_precompute: must be 0 (off) to %d powers for each group\n",
		       SRP_PRECOMPUTE_MAX);

	return ret;
}

static const struct kernel_param_ops srp_precompute_ops = {
	.set = srp_precompute_set,
	.get = param_get_uint,
};

module_param_cb(srp_precompute, &srp_precompute_ops, &srp_precompute, 0644);
MODULE_PARM_DESC(srp_precompute,
		 "Powers computed in advance for each group in use (default 8, 0: none)");

/**
 * struct srp_making - A power that is being made
 * @power: gets it; its b is drawn
 * @job: asks a worker for it
 * @flushes: the pool's, at the start
 */
struct srp_making {
	struct srp_power *power;
	struct iscsit_srp_job *job;
	unsigned int flushes;
};

/* A place in the group that lacks most powers; NULL if none does, or not now */
static const struct iscsit_srp_group *
srp_pool_reserve(struct iscsit_srp_pool *pool, unsigned int *flushes)
{
	unsigned int limit = READ_ONCE(srp_precompute);
	unsigned int id, best = 0;

	spin_lock_bh(&pool->lock);
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		if (pool->in_use[id] && pool->nr[id] < limit &&
		    (!best || pool->nr[id] < pool->nr[best]))
			best = id;
	if (pool->stopping || pool->logins)
		best = 0;
	if (best)
		pool->nr[best]++;
	*flushes = pool->flushes;
	spin_unlock_bh(&pool->lock);

	return best ? iscsit_srp_group_by_id(best) : NULL;
}

/* Fill the reserved place, or give it back; a flush has taken it */
static void srp_pool_settle(struct iscsit_srp_pool *pool,
			    const struct iscsit_srp_group *group,
			    struct srp_making *making, bool made)
{
	spin_lock_bh(&pool->lock);
	if (making->flushes == pool->flushes) {
		if (made) {
			list_add_tail(&making->power->node,
				      &pool->powers[group->id]);
			making->power = NULL;
		} else {
			pool->nr[group->id]--;
		}
	}
	spin_unlock_bh(&pool->lock);

	if (making->job)
		iscsit_srp_job_put(making->job);
	kfree_sensitive(making->power);
}

/* Ask for one more power; the job waits behind all those of logins */
static bool srp_pool_begin(struct iscsit_srp_pool *pool,
			   struct srp_making *making)
{
	const struct iscsit_srp_group *group;
	struct iscsit_srp_job *job;
	struct srp_power *power;

	group = srp_pool_reserve(pool, &making->flushes);
	if (!group)
		return false;

	power = kzalloc_obj(*power);
	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_POWER, group);
	making->power = power;
	making->job = job;
	if (!power || !job ||
	    get_random_bytes_wait(power->b, sizeof(power->b)))
		goto err;

	memcpy(job->msg.b, power->b, sizeof(power->b));
	job->msg.b_len = sizeof(power->b);
	job->priority = ISCSIT_SRP_PRIO_IDLE;
	if (iscsit_srp_job_submit(pool->queue, job,
				  jiffies + SRP_POWER_TIMEOUT))
		goto err;

	return true;

err:
	srp_pool_settle(pool, group, making, false);
	return false;
}

static bool srp_pool_end(struct iscsit_srp_pool *pool,
			 struct srp_making *making)
{
	struct iscsit_srp_job *job = making->job;
	bool made;

	wait_for_completion(&job->done);
	made = !job->error;
	if (made)
		memcpy(making->power->power, job->result, job->group->len);
	srp_pool_settle(pool, job->group, making, made);

	return made;
}

static void srp_pool_work(struct work_struct *work)
{
	struct iscsit_srp_pool *pool = container_of(to_delayed_work(work),
						    struct iscsit_srp_pool,
						    work);
	struct srp_making making[SRP_BATCH];
	unsigned int begun = 0, ended = 0, last;
	bool more = true;

	do {
		while (more && begun - ended < SRP_BATCH) {
			more = srp_pool_begin(pool, &making[begun % SRP_BATCH]);
			begun += more;
		}
		/*
		 * Half of them: the workers go on with the others meanwhile.
		 * After a failure the next login tries again.
		 */
		last = more ? ended + SRP_BATCH / 2 : begun;
		while (ended != last)
			more &= srp_pool_end(pool, &making[ended++ % SRP_BATCH]);
	} while (more || begun != ended);
}

/**
 * iscsit_srp_pool_login - A login's exchange begins or ends
 * @pool: the pool
 * @change: 1 or -1
 *
 * Powers are made between logins: during one they would compete with it for the
 * CPUs.  If logins leave no time between them, they have their own made.
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_pool_login(struct iscsit_srp_pool *pool, int change)
{
	bool work;

	spin_lock_bh(&pool->lock);
	pool->logins += change;
	work = !pool->logins && !pool->stopping;
	spin_unlock_bh(&pool->lock);

	if (work)
		mod_delayed_work(system_unbound_wq, &pool->work,
				 SRP_POOL_DELAY);
}

/**
 * iscsit_srp_pool_want - Have powers at hand for a group
 * @pool: the pool
 * @group: the group that logins use, or will
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_pool_want(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group)
{
	bool work;

	if (!READ_ONCE(srp_precompute))
		return;

	spin_lock_bh(&pool->lock);
	pool->in_use[group->id] = true;
	work = !pool->logins && !pool->stopping;
	spin_unlock_bh(&pool->lock);

	if (work)
		queue_delayed_work(system_unbound_wq, &pool->work, 0);
}

/**
 * iscsit_srp_pool_take - Take a power that nobody else has or will have
 * @pool: the pool
 * @group: the group
 * @b: result, the secret exponent
 * @power: result, g^b mod N, big-endian, as many octets as the group's N
 *
 * Context: Any but hard interrupts.
 * Return: True if there was one.  In any case more will be made.
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

	if (entry) {
		memcpy(b, entry->b, sizeof(entry->b));
		memcpy(power, entry->power, group->len);
		kfree_sensitive(entry);
	}
	iscsit_srp_pool_want(pool, group);

	return entry;
}

/**
 * iscsit_srp_pool_flush - Wipe all powers
 * @pool: the pool
 *
 * For when a worker dies: what it computed, and whatever went wrong with it,
 * must not outlive it.  A power that is being computed is not kept either.
 *
 * Context: Any but hard interrupts.
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

/**
 * iscsit_srp_pool_init - Set up an empty pool
 * @pool: the pool
 * @queue: where its jobs go
 *
 * Context: Any.
 */
void iscsit_srp_pool_init(struct iscsit_srp_pool *pool,
			  struct iscsit_srp_queue *queue)
{
	unsigned int id;

	memset(pool, 0, sizeof(*pool));
	spin_lock_init(&pool->lock);
	for (id = 0; id <= ISCSI_SRP_GROUP_MAX; id++)
		INIT_LIST_HEAD(&pool->powers[id]);
	INIT_DELAYED_WORK(&pool->work, srp_pool_work);
	pool->queue = queue;
}

/**
 * iscsit_srp_pool_stop - Wipe all powers and make no more
 * @pool: the pool, whose queue has been stopped
 *
 * Context: Process context. Sleeps.
 */
void iscsit_srp_pool_stop(struct iscsit_srp_pool *pool)
{
	spin_lock_bh(&pool->lock);
	pool->stopping = true;
	spin_unlock_bh(&pool->lock);

	cancel_delayed_work_sync(&pool->work);
	iscsit_srp_pool_flush(pool);
}
