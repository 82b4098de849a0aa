// SPDX-License-Identifier: GPL-2.0
/*
 * Scopes: what SRP keeps for an ACL, a portal group (demo mode) or discovery.
 *
 * A scope lives from the creation of its owner's struct iscsi_node_auth until
 * right before that is freed.  An ACL is freed after its last login has ended,
 * so a login may find no scope; a reference keeps the scope that it found.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "../iscsi_target_srp.h"
#include "cred.h"
#include "min_group.h"
#include "scope.h"
#include "slots.h"
#include "worker.h"

/* Protects the pointer to the credential in each scope */
static DEFINE_SPINLOCK(srp_cred_lock);

/**
 * iscsit_srp_scope_init - Create the scope of an ACL, a portal group or discovery
 * @auth: its authentication data, not in use yet
 *
 * Context: Process context.  May sleep.
 * Return: 0, or -ENOMEM.
 */
int iscsit_srp_scope_init(struct iscsi_node_auth *auth)
{
	struct iscsit_srp_scope *scope = kzalloc_obj(*scope);

	if (!scope)
		return -ENOMEM;

	kref_init(&scope->ref);
	mutex_init(&scope->lock);
	iscsit_srp_scope_slot_set(auth, scope);

	return 0;
}

/* Take a reference to a scope; NULL if it is gone, as @auth soon will be */
struct iscsit_srp_scope *iscsit_srp_scope_get(const struct iscsi_node_auth *auth)
{
	struct iscsit_srp_scope *scope;

	rcu_read_lock();
	scope = iscsit_srp_scope_slot(auth);
	if (scope && !kref_get_unless_zero(&scope->ref))
		scope = NULL;
	rcu_read_unlock();

	return scope;
}

static void srp_scope_release(struct kref *ref)
{
	struct iscsit_srp_scope *scope =
		container_of(ref, struct iscsit_srp_scope, ref);

	kfree_rcu(scope, rcu);
}

/* Drop a reference */
void iscsit_srp_scope_put(struct iscsit_srp_scope *scope)
{
	kref_put(&scope->ref, srp_scope_release);
}

/* Replace the credential by @cred, which may be NULL.  Needs @scope->lock */
static void srp_scope_publish(struct iscsit_srp_scope *scope,
			      struct iscsit_srp_cred *cred)
{
	struct iscsit_srp_cred *old;

	spin_lock(&srp_cred_lock);
	old = scope->cred;
	scope->cred = cred;
	spin_unlock(&srp_cred_lock);
	iscsit_srp_cred_changed();
	iscsit_srp_workers_use(!!cred - !!old);

	iscsit_srp_cred_put(old);
}

/**
 * iscsit_srp_scope_forget - Remove a scope and wipe its credential
 * @auth: authentication data that is about to be freed, with or without scope
 *
 * No store to the scope may be running.  A running login keeps its snapshot of
 * the credential.
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_scope_forget(struct iscsi_node_auth *auth)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);

	if (!scope)
		return;

	iscsit_srp_scope_slot_set(auth, NULL);
	mutex_lock(&scope->lock);
	srp_scope_publish(scope, NULL);
	mutex_unlock(&scope->lock);
	iscsit_srp_scope_put(scope);
	iscsit_srp_scope_put(scope);	/* the slot's */
}

/* Take a snapshot for iscsit_srp_cred_put(); NULL if no field is set */
struct iscsit_srp_cred *iscsit_srp_scope_cred(struct iscsi_node_auth *auth)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	struct iscsit_srp_cred *cred;

	if (!scope)
		return NULL;

	spin_lock(&srp_cred_lock);
	cred = scope->cred;
	if (cred)
		kref_get(&cred->ref);
	spin_unlock(&srp_cred_lock);
	iscsit_srp_scope_put(scope);

	return cred;
}

/* Show one field of a scope's credential, see iscsit_srp_cred_format() */
ssize_t iscsit_srp_scope_show(struct iscsi_node_auth *auth, unsigned int field,
			      char *page)
{
	struct iscsit_srp_cred *cred = iscsit_srp_scope_cred(auth);
	ssize_t len = iscsit_srp_cred_format(cred, field, page);

	iscsit_srp_cred_put(cred);

	return len;
}

/**
 * iscsit_srp_scope_store - Set or unset one field of a scope's credential
 * @auth: the scope
 * @field: a group's id for its verifier, ISCSIT_SRP_CRED_USERID or
 *	ISCSIT_SRP_CRED_SALT
 * @page: the value, see iscsit_srp_cred_alter()
 * @count: bytes in @page
 *
 * The old credential is wiped when the last login that uses it has ended.
 *
 * Context: Process context.  May sleep.
 * Return: @count; -EINVAL if the value is not valid, or if all verifiers would
 * be below the scope's minimum group; -ENODEV if the scope is gone; -ENOMEM.
 * After an error nothing has changed.
 */
ssize_t iscsit_srp_scope_store(struct iscsi_node_auth *auth, unsigned int field,
			       const char *page, size_t count)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	struct iscsit_srp_cred *new;

	if (!scope)
		return -ENODEV;

	mutex_lock(&scope->lock);
	new = iscsit_srp_cred_alter(scope->cred, field, page, count);
	if (!IS_ERR(new) &&
	    !iscsit_srp_min_group_fits(scope->min_group, new)) {
		iscsit_srp_cred_put(new);
		new = ERR_PTR(-EINVAL);
	}
	if (!IS_ERR(new))
		srp_scope_publish(scope, new);
	mutex_unlock(&scope->lock);
	iscsit_srp_scope_put(scope);

	return IS_ERR(new) ? PTR_ERR(new) : count;
}

/* Set or (0) unset the minimum group; -EINVAL if all verifiers are below it */
int iscsit_srp_scope_set_min_group(struct iscsit_srp_scope *scope,
				   unsigned int min_group)
{
	int ret = -EINVAL;

	mutex_lock(&scope->lock);
	if (iscsit_srp_min_group_fits(min_group, scope->cred)) {
		WRITE_ONCE(scope->min_group, min_group);
		ret = 0;
	}
	mutex_unlock(&scope->lock);

	return ret;
}
