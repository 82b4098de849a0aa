// SPDX-License-Identifier: GPL-2.0
/*
 * The files of credentials, policy and statistics in configfs, in the auth/
 * directories of ACLs and portal groups, and in discovery_auth/.
 */
#include <linux/capability.h>
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <target/target_core_base.h>
#include <target/target_core_fabric.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "configfs.h"
#include "cred.h"
#include "decoy.h"
#include "group.h"
#include "outcome.h"
#include "policy.h"
#include "powers.h"
#include "scope.h"
#include "stats.h"
#include "worker.h"

/* All scopes share their files: a directory is known by its table of files */
static bool srp_in_tpg(struct config_item *item)
{
	return item->ci_type->ct_attrs == iscsi_ops.tfc_tpg_auth_attrs;
}

static struct iscsi_node_auth *srp_auth(struct config_item *item)
{
	if (srp_in_tpg(item))
		return &to_iscsi_tpg(auth_to_tpg(item))->tpg_demo_auth;
	if (item->ci_type->ct_attrs == iscsi_ops.tfc_tpg_nacl_auth_attrs)
		return &to_iscsi_nacl(auth_to_nacl(item))->node_auth;

	return &iscsit_global->discovery_acl.node_auth;
}

/* After a store of a credential's field, which returned @ret */
void iscsit_srp_cred_stored(unsigned int field, const char *page, size_t count,
			    ssize_t ret)
{
	const struct iscsit_srp_group *group = iscsit_srp_group_by_id(field);

	/* Logins will follow, so have powers and a worker ready */
	if (ret > 0 && group && iscsit_srp_value_len(page, count)) {
		iscsit_srp_pool_want(&iscsit_srp_pool, group);
		iscsit_srp_workers_want(&iscsit_srp_workers);
	}

	/* configfs does not wipe its buffer, and no longer needs it */
	memzero_explicit((char *)page, count);
}

static ssize_t srp_store_cred(struct config_item *item, unsigned int field,
			      const char *page, size_t count)
{
	ssize_t ret = iscsit_srp_scope_store(srp_auth(item), field, page, count);

	iscsit_srp_cred_stored(field, page, count, ret);

	return ret;
}

static ssize_t srp_store_policy(struct config_item *item, unsigned int field,
				const char *page, size_t count)
{
	struct iscsi_portal_group *tpg = NULL;

	if (srp_in_tpg(item))
		tpg = to_iscsi_tpg(auth_to_tpg(item));

	return iscsit_srp_policy_store(srp_auth(item), tpg, field, page, count);
}

/* configfs does not pass the attribute, so each file has its own functions */
#define SRP_SHOW(symbol, call)						\
static ssize_t srp_show_##symbol(struct config_item *item, char *page)	\
{									\
	return capable(CAP_SYS_ADMIN) ? (call) : -EPERM;		\
}

#define SRP_STORE(symbol, call)						\
static ssize_t srp_store_##symbol(struct config_item *item,		\
				  const char *page, size_t count)	\
{									\
	return capable(CAP_SYS_ADMIN) ? (call) : -EPERM;		\
}

#define SRP_ATTR(symbol, name, mode, store_fn)				\
struct configfs_attribute iscsit_srp_attr_##symbol = {			\
	.ca_name	= name,						\
	.ca_owner	= THIS_MODULE,					\
	.ca_mode	= mode,						\
	.show		= srp_show_##symbol,				\
	.store		= store_fn,					\
};

#define SRP_CRED(symbol, field, name)					\
SRP_SHOW(symbol, iscsit_srp_scope_show(srp_auth(item), field, page))	\
SRP_STORE(symbol, srp_store_cred(item, field, page, count))		\
SRP_ATTR(symbol, name, 0600, srp_store_##symbol)

#define SRP_POLICY(symbol, field, name)					\
SRP_SHOW(symbol, iscsit_srp_policy_show(srp_auth(item), field, page))	\
SRP_STORE(symbol, srp_store_policy(item, field, page, count))		\
SRP_ATTR(symbol, name, 0600, srp_store_##symbol)

#define SRP_STAT(symbol, field, name)					\
SRP_SHOW(symbol, iscsit_srp_stat_show(srp_auth(item), field, page))	\
SRP_ATTR(symbol, name, 0400, NULL)

static struct iscsit_srp_worker_stats srp_helper_stats(void)
{
	struct iscsit_srp_worker_stats stats;

	iscsit_srp_workers_stats(&stats);

	return stats;
}

/* Not beside lio_version: tools take an unknown name there for a target */
#define SRP_HELPER(symbol, member, name)				\
SRP_SHOW(symbol, sysfs_emit(page, "%u\n", srp_helper_stats().member))	\
SRP_ATTR(symbol, name, 0400, NULL)

static ssize_t srp_set_decoy_secret(const char *page, size_t count)
{
	ssize_t ret = iscsit_srp_decoy_store(page, count);

	memzero_explicit((char *)page, count);

	return ret;
}

#define SRP_DECOY(symbol, field, name)					\
SRP_SHOW(symbol, iscsit_srp_decoy_show(page))				\
SRP_STORE(symbol, srp_set_decoy_secret(page, count))			\
SRP_ATTR(symbol, name, 0600, srp_store_##symbol)

#define SRP_FILE(kind, symbol, field, name)				\
SRP_##kind(symbol, field, name)

ISCSIT_SRP_SCOPE_FILES(SRP_FILE)
ISCSIT_SRP_MODULE_FILES(SRP_FILE)
