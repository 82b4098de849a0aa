// SPDX-License-Identifier: GPL-2.0
/*
 * Scopes: what SRP keeps for an ACL, a portal group (demo mode) or discovery.
 *
 * A scope lives from the making of its owner's struct iscsi_node_auth to right
 * before its end.  An ACL is freed when its last login has ended, so a login
 * may come by when the scope has gone; a reference keeps what it found.
 */
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "../iscsi_target_srp.h"
#include "scope.h"
#include "slots.h"

/**
 * iscsit_srp_scope_init - Give an ACL, a portal group or discovery its scope
 * @auth: its authentication data, which nobody uses yet
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
	iscsit_srp_scope_slot_set(auth, scope);

	return 0;
}

/**
 * iscsit_srp_scope_get - Find the scope of an ACL, a portal group or discovery
 * @auth: its authentication data
 *
 * Context: Any.
 * Return: The scope, with a reference that iscsit_srp_scope_put() gives back;
 * NULL if it has gone, as @auth is about to.
 */
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

/**
 * iscsit_srp_scope_put - Give a scope back
 * @scope: from iscsit_srp_scope_get()
 *
 * Context: Any.
 */
void iscsit_srp_scope_put(struct iscsit_srp_scope *scope)
{
	kref_put(&scope->ref, srp_scope_release);
}

/**
 * iscsit_srp_scope_forget - Take the scope away, and wipe its credentials
 * @auth: authentication data that is about to be freed, and may have no scope
 *
 * The caller has made sure that nothing is stored there any more.  A login
 * that runs keeps its snapshot of the credentials.
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_scope_forget(struct iscsi_node_auth *auth)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);

	if (!scope)
		return;

	iscsit_srp_scope_slot_set(auth, NULL);
	iscsit_srp_cred_forget(scope);
	iscsit_srp_scope_put(scope);
	iscsit_srp_scope_put(scope);	/* the slot's */
}
