// SPDX-License-Identifier: GPL-2.0
/*
 * The key type "iscsi_srp", the transport between kernel and workers.  Each key
 * is the channel of one worker.  linux/iscsi_srp.h describes the interface.
 *
 * A work item calls request_key() to start a worker, with credentials that
 * nobody else has and that the key type requires.  From then on
 *
 *	keyctl_read()	waits for a job
 *	keyctl_update()	answers it
 *
 * and the end of the key means that the worker is gone: the key is linked only
 * in the worker's own keyring.
 *
 * A failed start leaves a negative key in our keyring.  While it lasts, no
 * helper is started (the back-off).
 *
 * A read holds the key's semaphore for reading while it waits.  So each worker
 * has a key of its own, and nothing here takes the semaphore for writing
 * (key_revoke(), key_set_timeout()) while a read may wait.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <kunit/visibility.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/keyctl.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <trace/events/iscsi_srp.h>
#include "../iscsi_target_srp.h"
#include "key.h"
#include "powers.h"
#include "worker.h"

/* A job is read in one piece: keyctl_read() repeats reads of more than a page */
static_assert(sizeof(struct iscsi_srp_job) <= PAGE_SIZE);

/* Our private credentials; their thread keyring is ".iscsi_srp" */
static const struct cred *srp_cred;

/* Reject add_key(), and request_key() by anybody else, root included */
static int srp_key_vet_description(const char *description)
{
	return current_cred() == srp_cred ? 0 : -EPERM;
}

/*
 * The payload from user space is a hello.  The worker, which possesses the key,
 * can neither pass it on nor change its attributes.  Its owner, root, can see it
 * in /proc/keys.
 */
static int srp_key_instantiate(struct key *key,
			       struct key_preparsed_payload *prep)
{
	struct iscsit_srp_worker *worker;

	worker = iscsit_srp_worker_alloc(&iscsit_srp_workers, prep->data,
					 prep->datalen);
	if (IS_ERR(worker))
		return PTR_ERR(worker);

	key->perm = KEY_POS_VIEW | KEY_POS_SEARCH | KEY_POS_READ |
		    KEY_POS_WRITE | KEY_USR_VIEW;
	rcu_assign_keypointer(key, worker);

	return 0;
}

/* Without room for a job, return its size and take none */
static long srp_key_read(const struct key *key, char *buffer, size_t buflen)
{
	struct iscsit_srp_worker *worker = dereference_key_locked(key);

	if (!worker)
		return -EKEYREVOKED;
	if (!buffer || buflen < sizeof(struct iscsi_srp_job))
		return sizeof(struct iscsi_srp_job);

	return iscsit_srp_worker_read(worker, (struct iscsi_srp_job *)buffer);
}

/* The key's semaphore excludes reads */
static int srp_key_update(struct key *key, struct key_preparsed_payload *prep)
{
	struct iscsit_srp_worker *worker = dereference_key_locked(key);

	/* Negative keys can be updated too, but have no worker */
	if (!worker)
		return -EINVAL;

	return iscsit_srp_worker_answer(worker, prep->data, prep->datalen);
}

/* Also called for negative keys, and again for a key that was revoked */
static void srp_key_destroy(struct key *key)
{
	struct iscsit_srp_worker *worker;

	worker = rcu_dereference_protected(key->payload.rcu_data0, true);
	if (!worker)
		return;
	rcu_assign_keypointer(key, NULL);
	if (!iscsit_srp_worker_surplus(worker))
		iscsit_srp_pool_flush(&iscsit_srp_pool);
	iscsit_srp_worker_free(worker);
}

/* For /proc/keys, within rcu_read_lock() */
static void srp_key_describe(const struct key *key, struct seq_file *m)
{
	struct iscsit_srp_worker *worker;

	seq_puts(m, key->description);
	worker = key_is_positive(key) ? dereference_key_rcu(key) : NULL;
	if (worker)
		iscsit_srp_worker_show(worker, m);
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

	return PTR_ERR(ref) == -ENOKEY || PTR_ERR(ref) == -EKEYREJECTED;
}

/*
 * request_key() leaves a negative key for a minute, too long for a login to
 * wait.  Replace it, unless an admin has already cleared the keyring.
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
	key_negate_and_link(key, ISCSIT_SRP_BACK_OFF, keyring, NULL);
	key_put(key);
}

/*
 * A helper that ends without a word may have been killed at its start, for
 * example by an upgrade that replaces workers.  Try once more.
 */
static struct key *srp_request_worker(struct key *keyring,
				      const char *description)
{
	struct key *key;

	key = request_key(&iscsit_srp_key_type, description, "");
	if (key != ERR_PTR(-ENOKEY))
		return key;

	keyring_clear(keyring);
	return request_key(&iscsit_srp_key_type, description, "");
}

static const char *srp_start_hint(int error)
{
	switch (error) {
	case -EDQUOT:
		return "too many keys: raise root_maxkeys, root_maxbytes in /proc/sys/kernel/keys.";
	case -EKEYREJECTED:
		return "iscsi-srpd refused.";
	default:
		return "is iscsi-srpd installed, with /etc/request-key.d/iscsi_srp.conf?";
	}
}

/* Start a worker and wait until it serves, however long that takes */
static int srp_start_worker(struct key *keyring, const char *description)
{
	struct key *key;
	int ret;

	if (srp_backing_off(keyring, description))
		return -ENOKEY;

	key = srp_request_worker(keyring, description);
	if (IS_ERR(key)) {
		pr_warn_ratelimited("cannot start the helper (%pe): %s  Next try in %d s, or at once after \"keyctl clear %d\".  request-key and iscsi-srpd log details\n",
				    key, srp_start_hint(PTR_ERR(key)),
				    ISCSIT_SRP_BACK_OFF, key_serial(keyring));
		srp_back_off(keyring, description);
		return PTR_ERR(key);
	}

	/*
	 * Only the worker may keep its key, or we would not notice its death.
	 * If there is no memory to unlink the key, end it after its read.
	 */
	ret = key_unlink(keyring, key);
	if (ret && ret != -ENOENT)
		key_invalidate(key);
	key_put(key);

	return 0;
}

static void srp_start_work(struct work_struct *work)
{
	struct iscsit_srp_workers *workers =
		container_of(work, struct iscsit_srp_workers, start);
	ktime_t began = ktime_get();
	const struct cred *old_cred;
	int error;

	old_cred = override_creds(srp_cred);
	error = srp_start_worker(srp_cred->thread_keyring, "worker");
	revert_creds(old_cred);

	trace_iscsi_srp_activate(ktime_us_delta(ktime_get(), began),
				 READ_ONCE(workers->queue->pending), error);
	iscsit_srp_workers_started(workers, error);
}

/**
 * iscsit_srp_key_init - Set up the target's queue, pool, workers and key type
 *
 * Context: Process context. May sleep.
 * Return: 0, -ENOMEM, or an error of keyring_alloc() or register_key_type().
 */
int __init iscsit_srp_key_init(void)
{
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
	/* Lets an admin end a back-off */
	set_bit(KEY_FLAG_ROOT_CAN_CLEAR, &keyring->flags);
	cred->thread_keyring = keyring;
	cred->jit_keyring = KEY_REQKEY_DEFL_THREAD_KEYRING;
	srp_cred = cred;

	iscsit_srp_queue_init(&iscsit_srp_queue, iscsit_srp_queue.limit);
	iscsit_srp_pool_init(&iscsit_srp_pool, &iscsit_srp_queue);
	iscsit_srp_workers_init(&iscsit_srp_workers, &iscsit_srp_queue,
				srp_start_work);

	ret = register_key_type(&iscsit_srp_key_type);
	if (ret)
		goto err_put_cred;

	return 0;

err_put_cred:
	put_cred(cred);
	return ret;
}

/**
 * iscsit_srp_key_exit - Undo iscsit_srp_key_init()
 *
 * Jobs fail with -ESHUTDOWN and workers exit.
 *
 * Context: Process context. Sleeps; waits for a start in progress, which only
 * the helper can end.
 */
void iscsit_srp_key_exit(void)
{
	/* Ends all reads, without which the type cannot be unregistered */
	iscsit_srp_workers_stop(&iscsit_srp_workers);
	iscsit_srp_pool_stop(&iscsit_srp_pool);

	key_revoke(srp_cred->thread_keyring);
	/* Destroys all keys, which removes all workers */
	unregister_key_type(&iscsit_srp_key_type);
	put_cred(srp_cred);
}
