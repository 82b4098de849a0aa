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
#include "iscsi_target_srp.h"

#define SRP_PRECOMPUTE		8
#define SRP_PRECOMPUTE_MAX	64
#define SRP_POWER_TIMEOUT	(5 * HZ)

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

static void srp_power_free(struct srp_power *power)
{
	kfree_sensitive(power);
}

/* The group that lacks most powers, or NULL */
static const struct iscsit_srp_group *srp_pool_lacks(struct iscsit_srp_pool *pool)
{
	unsigned int limit = READ_ONCE(srp_precompute);
	unsigned int id, best = 0;

	spin_lock_bh(&pool->lock);
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		if (pool->in_use[id] && pool->nr[id] < limit &&
		    (!best || pool->nr[id] < pool->nr[best]))
			best = id;
	if (pool->stopping)
		best = 0;
	spin_unlock_bh(&pool->lock);

	return best ? iscsit_srp_group_by_id(best) : NULL;
}

/* Compute one more power; the job waits behind all those of logins */
static int srp_pool_add(struct iscsit_srp_pool *pool,
			const struct iscsit_srp_group *group)
{
	struct iscsit_srp_job *job;
	struct srp_power *power;
	unsigned int flushes;
	int ret = -ENOMEM;

	power = kzalloc_obj(*power);
	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_POWER, group);
	if (!power || !job)
		goto out;

	ret = get_random_bytes_wait(power->b, sizeof(power->b));
	if (ret)
		goto out;
	memcpy(job->msg.b, power->b, sizeof(power->b));
	job->msg.b_len = sizeof(power->b);
	job->priority = ISCSIT_SRP_PRIO_IDLE;

	flushes = READ_ONCE(pool->flushes);
	ret = iscsit_srp_job_submit(pool->queue, job,
				    jiffies + SRP_POWER_TIMEOUT);
	if (ret)
		goto out;
	wait_for_completion(&job->done);
	ret = job->error;
	if (ret)
		goto out;
	memcpy(power->power, job->result, group->len);

	spin_lock_bh(&pool->lock);
	if (flushes == pool->flushes && !pool->stopping) {
		list_add_tail(&power->node, &pool->powers[group->id]);
		pool->nr[group->id]++;
		power = NULL;
	}
	spin_unlock_bh(&pool->lock);

out:
	if (job)
		iscsit_srp_job_put(job);
	srp_power_free(power);
	return ret;
}

static void srp_pool_work(struct work_struct *work)
{
	struct iscsit_srp_pool *pool = container_of(work, struct iscsit_srp_pool,
						    work);
	const struct iscsit_srp_group *group;

	while ((group = srp_pool_lacks(pool)))
		if (srp_pool_add(pool, group))
			break;	/* the next login tries again */
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
	bool stopping;

	if (!READ_ONCE(srp_precompute))
		return;

	spin_lock_bh(&pool->lock);
	pool->in_use[group->id] = true;
	stopping = pool->stopping;
	spin_unlock_bh(&pool->lock);

	if (!stopping)
		queue_work(system_unbound_wq, &pool->work);
}

/**
 * iscsit_srp_pool_take - Take a power that nobody else has or will have
 * @pool: the pool
 * @group: the group
 * @b: result, the secret exponent
 * @power: result, g^b mod N, big-endian, as many octets as the group's N
 *
 * Context: Any but hard interrupts.
 * Return: True if there was one.  In any case more are made.
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
		srp_power_free(entry);
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
		srp_power_free(power);
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
	INIT_WORK(&pool->work, srp_pool_work);
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

	cancel_work_sync(&pool->work);
	iscsit_srp_pool_flush(pool);
}
