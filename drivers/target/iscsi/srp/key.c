// SPDX-License-Identifier: GPL-2.0
/*
 * The key type "iscsi_srp": each of its keys is the channel of one worker, a
 * process of the user-space helper.  linux/iscsi_srp.h describes the interface.
 *
 * A worker is started by request_key() from a work item, under credentials that
 * nobody else has and that the key type insists on.  From then on
 *
 *	keyctl_read()	waits for a job
 *	keyctl_update()	answers it
 *	the key's end	is the worker's: the key is linked only in the worker's
 *			own keyring, and goes with it
 *
 * A worker is *live* while it waits in a read, or is expected back soon: with
 * an answer if it holds a job, else with the next read.  One that is not back
 * in time (killed and not collected yet, stopped, or stuck) is *lost*: its job
 * goes back to the queue and it no longer counts, until it reads again.  So
 * workers that sit there without working never keep others from being started.
 *
 * A start that failed leaves a negative key in our keyring, which keeps the
 * helper from being started anew for each login.
 *
 * The key's semaphore is held for reading by a read, for as long as that waits.
 * Hence one key for each worker, and hence nothing here that needs it for
 * writing (key_revoke(), key_set_timeout()) while a read may wait.
 */

#define pr_fmt(fmt) "iscsi_srp: " fmt

#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/keyctl.h>
#include <linux/moduleparam.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <trace/events/iscsi_srp.h>
#include "../iscsi_target_srp.h"
#include "key.h"
#include "powers.h"
#include "queue.h"

/* A job is read in one piece: keyctl_read() asks again for more than a page */
static_assert(sizeof(struct iscsi_srp_job) <= PAGE_SIZE);

#define SRP_READ_TIME	(5 * HZ)	/* a read waits so long for a job */
#define SRP_JOB_SLICE	(2 * HZ)	/* a job's worker is lost after that */
#define SRP_IDLE_SLICE	(HZ / 2)	/* one without a job, after that */
#define SRP_START_TIME	(10 * HZ)	/* a start counts as hung after that */
#define SRP_BACK_OFF	5		/* seconds from a failed start to another */

/* Lost workers are replaced, but not without end */
#define SRP_WORKERS_PER_LIVE	4

#define SRP_QUEUE_LEN		128
#define SRP_QUEUE_LEN_MAX	4096
#define SRP_WORKERS_MAX		64

/**
 * struct iscsit_srp_worker - A process of the helper
 * @channel: what it serves; its lock protects the members below
 * @timer: runs while the worker is expected back
 * @job: what it holds, or NULL
 * @reading: it is in a read
 * @served: it has been in one
 * @lost: it did not come back in time, or is @broken
 * @broken: it gave a malformed answer and gets no more jobs
 * @answered: jobs that it answered
 * @rcu: /proc/keys may look at a worker whose key is being revoked
 */
struct iscsit_srp_worker {
	struct iscsit_srp_channel *channel;
	struct timer_list timer;
	struct iscsit_srp_job *job;
	bool reading;
	bool served;
	bool lost;
	bool broken;
	unsigned int answered;
	struct rcu_head rcu;
};

struct iscsit_srp_pool iscsit_srp_pool;
struct iscsit_srp_queue iscsit_srp_queue = { .limit = SRP_QUEUE_LEN };
static struct iscsit_srp_channel srp_channel;

static int srp_queue_len_set(const char *value, const struct kernel_param *kp)
{
	int ret = param_set_uint_minmax(value, kp, 1, SRP_QUEUE_LEN_MAX);

	if (ret)
		pr_err("srp_queue_len: must be 1 to %d jobs\n",
		       SRP_QUEUE_LEN_MAX);

	return ret;
}

static int srp_max_workers_set(const char *value, const struct kernel_param *kp)
{
	int ret = param_set_uint_minmax(value, kp, 1, SRP_WORKERS_MAX);

	if (ret)
		pr_err("srp_max_workers: must be 1 to %d\n", SRP_WORKERS_MAX);

	return ret;
}

static const struct kernel_param_ops srp_queue_len_ops = {
	.set = srp_queue_len_set,
	.get = param_get_uint,
};

static const struct kernel_param_ops srp_max_workers_ops = {
	.set = srp_max_workers_set,
	.get = param_get_uint,
};

module_param_cb(srp_queue_len, &srp_queue_len_ops, &iscsit_srp_queue.limit,
		0644);
MODULE_PARM_DESC(srp_queue_len,
		 "SRP jobs that may wait for the helper (default 128)");
module_param_cb(srp_max_workers, &srp_max_workers_ops, &srp_channel.max_workers,
		0644);
MODULE_PARM_DESC(srp_max_workers,
		 "Helpers that may work for SRP (default: as many as CPUs, 2 to 4)");

static bool srp_start_hangs(const struct iscsit_srp_start *start)
{
	return time_after(jiffies, start->since + SRP_START_TIME);
}

/* A start is under way that there is still hope for */
static bool srp_starting(const struct iscsit_srp_channel *channel)
{
	unsigned int i;

	lockdep_assert_held(&channel->lock);

	for (i = 0; i < ISCSIT_SRP_STARTS; i++)
		if (channel->start[i].running &&
		    !srp_start_hangs(&channel->start[i]))
			return true;

	return false;
}

/* Jobs made in advance need a worker, but no second one */
static unsigned int srp_jobs_waiting(const struct iscsit_srp_channel *channel)
{
	unsigned int queued = READ_ONCE(channel->queue->queued);
	unsigned int idle = READ_ONCE(channel->queue->idle);

	if (!channel->live)
		return queued;

	return queued > idle ? queued - idle : 0;
}

/* More jobs than workers to take them, and another worker is allowed */
static bool srp_worker_needed(const struct iscsit_srp_channel *channel)
{
	unsigned int max = READ_ONCE(channel->max_workers);

	lockdep_assert_held(&channel->lock);

	/*
	 * Whoever changes @queued, @live or @busy comes here afterwards, so that
	 * the later of two of them sees both changes.
	 */
	return !channel->stopping &&
	       srp_jobs_waiting(channel) > channel->live - channel->busy &&
	       channel->live < max &&
	       channel->workers < max * SRP_WORKERS_PER_LIVE &&
	       !srp_starting(channel);
}

/* Start another worker, if one is needed; one at a time */
static void srp_channel_check(struct iscsit_srp_channel *channel)
{
	unsigned int i;

	spin_lock_bh(&channel->lock);
	for (i = 0; srp_worker_needed(channel) && i < ISCSIT_SRP_STARTS; i++) {
		struct iscsit_srp_start *start = &channel->start[i];

		if (start->running)
			continue;
		start->running = true;
		start->since = jiffies;
		queue_work(channel->wq, &start->work);
	}
	spin_unlock_bh(&channel->lock);
}

static void srp_need_worker(struct iscsit_srp_queue *queue)
{
	srp_channel_check(queue->channel);
}

/* Without a worker, and no hope for one, logins need not wait to fail */
static void srp_start_failed(struct iscsit_srp_channel *channel)
{
	bool hopeless;

	spin_lock_bh(&channel->lock);
	hopeless = !channel->live && !srp_starting(channel);
	spin_unlock_bh(&channel->lock);

	if (hopeless)
		iscsit_srp_queue_fail(channel->queue, -EIO);
}

/**
 * iscsit_srp_start_done - A start has ended
 * @start: the start
 * @error: 0 or negative errno
 *
 * Context: Process context.
 */
VISIBLE_IF_KUNIT void iscsit_srp_start_done(struct iscsit_srp_start *start,
					    int error)
{
	struct iscsit_srp_channel *channel = start->channel;
	unsigned long since;

	spin_lock_bh(&channel->lock);
	since = start->since;
	start->running = false;
	channel->started += !error;
	spin_unlock_bh(&channel->lock);

	trace_iscsi_srp_activate(jiffies_to_usecs(jiffies - since),
				 READ_ONCE(channel->queue->pending), error);
	if (error)
		srp_start_failed(channel);
	else
		srp_channel_check(channel);
}

/**
 * iscsit_srp_key_use - Credentials have come, or gone
 * @change: 1 or -1 for the credentials of one ACL, portal group or of discovery
 *
 * As long as there are any the last worker stays, so that no login has to wait
 * for a start.
 *
 * Context: Any.
 */
void iscsit_srp_key_use(int change)
{
	atomic_add(change, &srp_channel.users);
}

/**
 * iscsit_srp_key_stats - How busy workers and queue are, and were
 * @stats: gets it
 *
 * Context: Any but hard interrupts.
 */
void iscsit_srp_key_stats(struct iscsit_srp_key_stats *stats)
{
	struct iscsit_srp_channel *channel = &srp_channel;

	stats->depth = READ_ONCE(iscsit_srp_queue.pending);
	stats->depth_max = READ_ONCE(iscsit_srp_queue.pending_max);
	spin_lock_bh(&channel->lock);
	stats->workers = channel->workers;
	stats->started = channel->started;
	stats->lost = channel->lost;
	spin_unlock_bh(&channel->lock);
}

/**
 * iscsit_srp_channel_init - Set up a channel without workers
 * @channel: the channel, whose wq and max_workers are set
 * @queue: the queue that it serves
 * @start: work function of channel->start[]
 *
 * Context: Any.
 */
VISIBLE_IF_KUNIT void iscsit_srp_channel_init(struct iscsit_srp_channel *channel,
					      struct iscsit_srp_queue *queue,
					      work_func_t start)
{
	unsigned int i;

	spin_lock_init(&channel->lock);
	channel->stopping = false;
	channel->pool = NULL;
	channel->workers = 0;
	channel->live = 0;
	channel->busy = 0;
	channel->started = 0;
	channel->lost = 0;
	for (i = 0; i < ISCSIT_SRP_STARTS; i++) {
		INIT_WORK(&channel->start[i].work, start);
		channel->start[i].channel = channel;
		channel->start[i].running = false;
	}
	channel->queue = queue;
	queue->channel = channel;
	queue->need_worker = srp_need_worker;
}

/* Take the worker's job from it; the caller gets the reference */
static struct iscsit_srp_job *srp_worker_release(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_job *job = worker->job;

	lockdep_assert_held(&worker->channel->lock);

	if (job)
		worker->channel->busy--;
	worker->job = NULL;

	return job;
}

static void srp_job_give_back(struct iscsit_srp_job *job)
{
	if (!job)
		return;
	iscsit_srp_job_requeue(job);
	iscsit_srp_job_put(job);
}

static void srp_worker_expired(struct timer_list *timer)
{
	struct iscsit_srp_worker *worker = timer_container_of(worker, timer,
							      timer);
	struct iscsit_srp_channel *channel = worker->channel;
	struct iscsit_srp_job *job = NULL;
	bool lost;

	spin_lock_bh(&channel->lock);
	/* It may have come back, and even gone again, since the timer fired */
	lost = !worker->reading && !worker->lost && !timer_pending(timer);
	if (lost) {
		worker->lost = true;
		job = srp_worker_release(worker);
		channel->live--;
		channel->lost++;
	}
	spin_unlock_bh(&channel->lock);
	if (!lost)
		return;

	srp_job_give_back(job);
	srp_channel_check(channel);
}

/**
 * iscsit_srp_worker_alloc - Take a new worker into service
 * @channel: what it is to serve
 * @hello: what it says of itself, struct iscsi_srp_hello; not trusted
 * @len: octets of @hello
 *
 * Context: Process context. May sleep.
 * Return: The worker, to be ended by the key type's destroy operation; or, as
 * an ERR_PTR(), -EINVAL for a malformed hello, -EPROTO for another version,
 * -ESHUTDOWN when no workers are wanted, -ENOMEM.
 */
VISIBLE_IF_KUNIT struct iscsit_srp_worker *
iscsit_srp_worker_alloc(struct iscsit_srp_channel *channel, const void *hello,
			size_t len)
{
	const struct iscsi_srp_hello *h = hello;
	struct iscsit_srp_worker *worker;
	bool stopping;

	if (!h || len != sizeof(*h) || h->reserved)
		return ERR_PTR(-EINVAL);
	if (h->version != ISCSI_SRP_VERSION) {
		pr_warn_ratelimited("the helper has version %u of the interface, this kernel has %u: install the iscsi-srpd that belongs to it\n",
				    h->version, ISCSI_SRP_VERSION);
		return ERR_PTR(-EPROTO);
	}

	worker = kzalloc_obj(*worker);
	if (!worker)
		return ERR_PTR(-ENOMEM);
	worker->channel = channel;
	timer_setup(&worker->timer, srp_worker_expired, 0);

	spin_lock_bh(&channel->lock);
	stopping = channel->stopping;
	if (!stopping) {
		channel->workers++;
		channel->live++;
		mod_timer(&worker->timer, jiffies + SRP_IDLE_SLICE);
	}
	spin_unlock_bh(&channel->lock);
	if (stopping) {
		kfree(worker);
		return ERR_PTR(-ESHUTDOWN);
	}

	return worker;
}

static void srp_worker_free(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_channel *channel = worker->channel;
	struct iscsit_srp_job *job;
	bool served;

	timer_shutdown_sync(&worker->timer);

	spin_lock_bh(&channel->lock);
	job = srp_worker_release(worker);
	channel->workers--;
	if (!worker->lost)
		channel->live--;
	channel->lost += !!job;
	served = worker->served;
	spin_unlock_bh(&channel->lock);
	kfree_rcu(worker, rcu);
	if (channel->pool)
		iscsit_srp_pool_flush(channel->pool);

	srp_job_give_back(job);
	/*
	 * Jobs may have been left to a worker that was dead already, job in
	 * hand or not.  One that never read was as good as not started: to start
	 * another for the same jobs could go on for ever.
	 */
	if (served)
		srp_channel_check(channel);
	else
		srp_start_failed(channel);
}

static int srp_worker_begin_read(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_channel *channel = worker->channel;
	int ret = 0;

	spin_lock_bh(&channel->lock);
	if (channel->stopping || worker->broken) {
		ret = -ESHUTDOWN;
	} else if (worker->reading) {
		ret = -EBUSY;
	} else {
		timer_delete(&worker->timer);
		worker->reading = true;
		worker->served = true;
		if (worker->lost) {
			worker->lost = false;
			channel->live++;
		}
	}
	spin_unlock_bh(&channel->lock);

	return ret;
}

static void srp_worker_end_read(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_channel *channel = worker->channel;

	spin_lock_bh(&channel->lock);
	worker->reading = false;
	mod_timer(&worker->timer, jiffies +
		  (worker->job ? SRP_JOB_SLICE : SRP_IDLE_SLICE));
	spin_unlock_bh(&channel->lock);
}

/* Logins are to be expected, and nobody else would take their jobs */
static bool srp_worker_wanted(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_channel *channel = worker->channel;
	bool wanted;

	spin_lock_bh(&channel->lock);
	wanted = !channel->stopping && channel->live == 1 &&
		 atomic_read(&channel->users);
	spin_unlock_bh(&channel->lock);

	return wanted;
}

static void srp_worker_hold(struct iscsit_srp_worker *worker,
			    struct iscsit_srp_job *job)
{
	struct iscsit_srp_channel *channel = worker->channel;

	spin_lock_bh(&channel->lock);
	worker->job = job;
	channel->busy++;
	spin_unlock_bh(&channel->lock);

	/* Until now a job that came later could count on this worker */
	srp_channel_check(channel);
}

static void srp_worker_drop(struct iscsit_srp_worker *worker)
{
	struct iscsit_srp_channel *channel = worker->channel;
	struct iscsit_srp_job *job;

	spin_lock_bh(&channel->lock);
	job = srp_worker_release(worker);
	spin_unlock_bh(&channel->lock);
	iscsit_srp_job_put(job);
}

/* While in a read nobody but the reader changes the worker's job */
static long srp_worker_read(struct iscsit_srp_worker *worker,
			    struct iscsi_srp_job *msg)
{
	struct iscsit_srp_job *job;

	for (;;) {
		if (!worker->job) {
			job = iscsit_srp_queue_pop(worker->channel->queue,
						   SRP_READ_TIME);
			if (job == ERR_PTR(-ETIMEDOUT) &&
			    srp_worker_wanted(worker))
				return -EAGAIN;
			if (IS_ERR(job))
				return PTR_ERR(job);
			srp_worker_hold(worker, job);
		}
		if (!iscsit_srp_job_read(worker->job, msg))
			return sizeof(*msg);
		/* It has been cancelled, or is past its deadline */
		srp_worker_drop(worker);
	}
}

/* Only under our own credentials: neither add_key() nor root's request_key() */
static int srp_key_vet_description(const char *description)
{
	return current_cred() == srp_channel.cred ? 0 : -EPERM;
}

/*
 * The payload comes from user space and is no more than a hello.  The worker
 * needs to possess its key and may neither pass it on nor change its attributes;
 * its owner, root, sees it in /proc/keys.
 */
static int srp_key_instantiate(struct key *key,
			       struct key_preparsed_payload *prep)
{
	struct iscsit_srp_worker *worker;

	worker = iscsit_srp_worker_alloc(&srp_channel, prep->data,
					 prep->datalen);
	if (IS_ERR(worker))
		return PTR_ERR(worker);

	key->perm = KEY_POS_VIEW | KEY_POS_SEARCH | KEY_POS_READ |
		    KEY_POS_WRITE | KEY_USR_VIEW;
	rcu_assign_keypointer(key, worker);

	return 0;
}

/* Without room for a job: tell its size and take none */
static long srp_key_read(const struct key *key, char *buffer, size_t buflen)
{
	struct iscsit_srp_worker *worker = dereference_key_locked(key);
	long ret;

	if (!worker)
		return -EKEYREVOKED;
	if (!buffer || buflen < sizeof(struct iscsi_srp_job))
		return sizeof(struct iscsi_srp_job);

	ret = srp_worker_begin_read(worker);
	if (ret)
		return ret;
	ret = srp_worker_read(worker, (struct iscsi_srp_job *)buffer);
	srp_worker_end_read(worker);

	return ret;
}

/*
 * The semaphore keeps reads out.  The answer may be too late, -ESTALE: the job
 * was taken away or has ended, or there never was one.
 */
static int srp_key_update(struct key *key, struct key_preparsed_payload *prep)
{
	struct iscsit_srp_worker *worker = dereference_key_locked(key);
	struct iscsit_srp_channel *channel;
	struct iscsit_srp_job *job;
	int ret;

	/* Negative keys may be updated too, but have no worker */
	if (!worker)
		return -EINVAL;
	channel = worker->channel;

	spin_lock_bh(&channel->lock);
	job = srp_worker_release(worker);
	if (job)
		mod_timer(&worker->timer, jiffies + SRP_IDLE_SLICE);
	spin_unlock_bh(&channel->lock);
	if (!job)
		return -ESTALE;

	ret = iscsit_srp_job_complete(job, prep->data, prep->datalen);

	spin_lock_bh(&channel->lock);
	if (ret && ret != -ESTALE) {
		worker->broken = true;
		if (!worker->lost)
			channel->live--;
		worker->lost = true;
	} else {
		worker->answered++;
	}
	spin_unlock_bh(&channel->lock);

	if (worker->broken) {
		pr_warn_ratelimited("the helper's answer is malformed (error %d), its worker gets no more jobs\n",
				    ret);
		iscsit_srp_job_requeue(job);
		srp_channel_check(channel);
	}
	iscsit_srp_job_put(job);

	return ret;
}

/*
 * Of an unused key, of one whose type is unregistered (then negative keys come
 * here too), or of one that its worker revokes.
 */
static void srp_key_destroy(struct key *key)
{
	struct iscsit_srp_worker *worker;

	worker = rcu_dereference_protected(key->payload.rcu_data0, true);
	if (!worker)
		return;
	rcu_assign_keypointer(key, NULL);
	srp_worker_free(worker);
}

/* For /proc/keys, in an RCU read-side section */
static void srp_key_describe(const struct key *key, struct seq_file *m)
{
	struct iscsit_srp_worker *worker;
	const char *state = "idle";

	seq_puts(m, key->description);
	if (!key_is_positive(key))
		return;
	worker = dereference_key_rcu(key);
	if (!worker)
		return;

	if (READ_ONCE(worker->broken))
		state = "broken";
	else if (READ_ONCE(worker->lost))
		state = "lost";
	else if (READ_ONCE(worker->job))
		state = "busy";
	seq_printf(m, ": %s, %u answered", state, READ_ONCE(worker->answered));
}

VISIBLE_IF_KUNIT struct key_type iscsit_srp_key_type = {
	.name			= ISCSI_SRP_KEY_TYPE,
	.flags			= KEY_TYPE_INSTANT_REAP,
	.vet_description	= srp_key_vet_description,
	.instantiate		= srp_key_instantiate,
	.update			= srp_key_update,
	.revoke			= srp_key_destroy,
	.destroy		= srp_key_destroy,
	.describe		= srp_key_describe,
	.read			= srp_key_read,
};

/* Whether a negative key forbids a start */
static bool srp_backing_off(struct key *keyring, const char *description)
{
	key_ref_t ref;

	ref = keyring_search(make_key_ref(keyring, true), &iscsit_srp_key_type,
			     description, false);
	if (!IS_ERR(ref)) {
		key_ref_put(ref);
		return false;
	}

	return PTR_ERR(ref) == -ENOKEY;
}

/*
 * The kernel's own negative key lasts a minute, too long for a login to wait.
 * Replace it, unless an admin has cleared the keyring already.
 */
static void srp_back_off(struct key *keyring, const char *description)
{
	struct key *key;

	if (!srp_backing_off(keyring, description))
		return;

	key = key_alloc(&iscsit_srp_key_type, description, GLOBAL_ROOT_UID,
			GLOBAL_ROOT_GID, current_cred(),
			KEY_POS_VIEW | KEY_POS_SEARCH | KEY_USR_VIEW,
			KEY_ALLOC_NOT_IN_QUOTA, NULL);
	if (IS_ERR(key))
		return;
	key_negate_and_link(key, SRP_BACK_OFF, keyring, NULL);
	key_put(key);
}

/*
 * Start a worker and wait until it serves, as long as it takes: a helper that
 * hangs holds up its own start only.
 */
static int srp_start_worker(struct key *keyring, const char *description)
{
	struct key *key;
	int ret;

	if (srp_backing_off(keyring, description))
		return -ENOKEY;

	key = request_key(&iscsit_srp_key_type, description, "");
	if (IS_ERR(key)) {
		pr_warn_ratelimited("cannot start the helper (error %ld): is iscsi-srpd installed, with /etc/request-key.d/iscsi_srp.conf?  Next try in %d s, or at once after \"keyctl clear %d\"\n",
				    PTR_ERR(key), SRP_BACK_OFF,
				    key_serial(keyring));
		srp_back_off(keyring, description);
		return PTR_ERR(key);
	}

	/*
	 * Nobody but the worker may keep its key, or its death goes unnoticed.
	 * Without the memory to unlink it, end it: that waits for its read.
	 */
	ret = key_unlink(keyring, key);
	if (ret && ret != -ENOENT)
		key_invalidate(key);
	key_put(key);

	return 0;
}

static void srp_start_work(struct work_struct *work)
{
	struct iscsit_srp_start *start = container_of(work,
						      struct iscsit_srp_start,
						      work);
	struct iscsit_srp_channel *channel = start->channel;
	const struct cred *old_cred;
	unsigned int nr = start - channel->start;
	char description[20];
	int error;

	/* A name for each, as a start waits for another one of its name */
	snprintf(description, sizeof(description), "worker-%u", nr);

	old_cred = override_creds(channel->cred);
	error = srp_start_worker(channel->cred->thread_keyring, description);
	revert_creds(old_cred);

	iscsit_srp_start_done(start, error);
}

/**
 * iscsit_srp_key_init - Make the target's queue and its channel ready for use
 *
 * Context: Process context. May sleep.
 * Return: 0, -ENOMEM, or what keyring_alloc() or register_key_type() return.
 */
int __init iscsit_srp_key_init(void)
{
	struct iscsit_srp_channel *channel = &srp_channel;
	struct key *keyring;
	struct cred *cred;
	int ret;

	cred = prepare_kernel_cred(&init_task);
	if (!cred)
		return -ENOMEM;

	keyring = keyring_alloc(".iscsi_srp", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
				cred, (KEY_POS_ALL & ~KEY_POS_SETATTR) |
				KEY_USR_VIEW | KEY_USR_READ,
				KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	if (IS_ERR(keyring)) {
		ret = PTR_ERR(keyring);
		goto err_put_cred;
	}
	/* So that an admin can end a back-off */
	set_bit(KEY_FLAG_ROOT_CAN_CLEAR, &keyring->flags);
	cred->thread_keyring = keyring;
	cred->jit_keyring = KEY_REQKEY_DEFL_THREAD_KEYRING;

	channel->wq = alloc_workqueue("iscsi_srp", WQ_UNBOUND, 0);
	if (!channel->wq) {
		ret = -ENOMEM;
		goto err_put_cred;
	}

	/* At least two, so that logins go on while one is stuck */
	if (!channel->max_workers)
		channel->max_workers = clamp(num_online_cpus(), 2U, 4U);
	channel->cred = cred;
	iscsit_srp_queue_init(&iscsit_srp_queue, iscsit_srp_queue.limit);
	iscsit_srp_channel_init(channel, &iscsit_srp_queue, srp_start_work);
	iscsit_srp_pool_init(&iscsit_srp_pool, &iscsit_srp_queue);
	channel->pool = &iscsit_srp_pool;

	ret = register_key_type(&iscsit_srp_key_type);
	if (ret)
		goto err_destroy_wq;

	return 0;

err_destroy_wq:
	destroy_workqueue(channel->wq);
err_put_cred:
	put_cred(cred);
	return ret;
}

/**
 * iscsit_srp_key_exit - End what iscsit_srp_key_init() began
 *
 * Jobs fail with -ESHUTDOWN and workers leave.  This waits for a helper that is
 * just being started, as nothing can end that wait but the helper.
 *
 * Context: Process context. Sleeps.
 */
void iscsit_srp_key_exit(void)
{
	struct iscsit_srp_channel *channel = &srp_channel;

	spin_lock_bh(&channel->lock);
	channel->stopping = true;
	spin_unlock_bh(&channel->lock);
	/* Reads end with this, and only then the type can be unregistered */
	iscsit_srp_queue_stop(channel->queue);
	iscsit_srp_pool_stop(channel->pool);
	destroy_workqueue(channel->wq);

	key_revoke(channel->cred->thread_keyring);
	/* Destroys all keys, and so frees all workers */
	unregister_key_type(&iscsit_srp_key_type);
	put_cred(channel->cred);
}
