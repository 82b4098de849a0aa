// SPDX-License-Identifier: GPL-2.0
/*
 * The configfs files of policy and statistics, in the auth/ directories of ACLs
 * and portal groups, and in discovery_auth/.
 */
#include <linux/capability.h>
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "../iscsi_target_srp.h"
#include "worker.h"
#include "outcome.h"
#include "policy.h"
#include "stats.h"

static struct iscsi_node_auth *nacl_auth(struct config_item *item)
{
	return &to_iscsi_nacl(auth_to_nacl(item))->node_auth;
}

static struct iscsi_node_auth *tpg_auth(struct config_item *item)
{
	return &to_iscsi_tpg(auth_to_tpg(item))->tpg_demo_auth;
}

static struct iscsi_node_auth *disc_auth(struct config_item *item)
{
	return &iscsit_global->discovery_acl.node_auth;
}

static struct iscsi_portal_group *nacl_tpg(struct config_item *item)
{
	return NULL;
}

static struct iscsi_portal_group *tpg_tpg(struct config_item *item)
{
	return to_iscsi_tpg(auth_to_tpg(item));
}

static struct iscsi_portal_group *disc_tpg(struct config_item *item)
{
	return NULL;
}

/* configfs does not tell a function which file it is called for */
#define SRP_SHOW(scope, field)						\
static ssize_t scope##_show_##field(struct config_item *item, char *page) \
{									\
	if (!capable(CAP_SYS_ADMIN))					\
		return -EPERM;						\
									\
	return iscsit_srp_policy_show(scope##_auth(item), field, page);	\
}

#define SRP_STORE(scope, field)						\
static ssize_t scope##_store_##field(struct config_item *item,		\
				     const char *page, size_t count)	\
{									\
	if (!capable(CAP_SYS_ADMIN))					\
		return -EPERM;						\
									\
	return iscsit_srp_policy_store(scope##_auth(item),		\
				       scope##_tpg(item), field, page, count); \
}

#define SRP_STAT(scope, stat)						\
static ssize_t scope##_show_##stat(struct config_item *item, char *page) \
{									\
	if (!capable(CAP_SYS_ADMIN))					\
		return -EPERM;						\
									\
	return iscsit_srp_stat_show(scope##_auth(item), stat, page);	\
}

#define SRP_POLICY_ATTR(scope, field, name)				\
	[field] = {							\
		.ca_name	= name,					\
		.ca_owner	= THIS_MODULE,				\
		.ca_mode	= 0600,					\
		.show		= scope##_show_##field,			\
		.store		= scope##_store_##field,		\
	}

#define SRP_STAT_ATTR(scope, stat, name)				\
	[stat] = {							\
		.ca_name	= "srp_stat_" name,			\
		.ca_owner	= THIS_MODULE,				\
		.ca_mode	= 0400,					\
		.show		= scope##_show_##stat,			\
	}

#define SRP_SCOPE(type)							\
SRP_SHOW(type, ISCSIT_SRP_POLICY_MIN_GROUP)				\
SRP_STORE(type, ISCSIT_SRP_POLICY_MIN_GROUP)				\
SRP_SHOW(type, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED)			\
SRP_STORE(type, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED)			\
SRP_SHOW(type, ISCSIT_SRP_POLICY_ONLY)					\
SRP_STORE(type, ISCSIT_SRP_POLICY_ONLY)					\
SRP_STAT(type, ISCSI_SRP_GROUP_SRP_768)					\
SRP_STAT(type, ISCSI_SRP_GROUP_SRP_1024)				\
SRP_STAT(type, ISCSI_SRP_GROUP_SRP_1280)				\
SRP_STAT(type, ISCSI_SRP_GROUP_SRP_1536)				\
SRP_STAT(type, ISCSI_SRP_GROUP_SRP_2048)				\
SRP_STAT(type, ISCSI_SRP_GROUP_MODP_3072)				\
SRP_STAT(type, ISCSI_SRP_GROUP_MODP_4096)				\
SRP_STAT(type, ISCSI_SRP_GROUP_MODP_6144)				\
SRP_STAT(type, ISCSI_SRP_GROUP_MODP_8192)				\
SRP_STAT(type, ISCSIT_SRP_STAT_LOGINS_SRP)				\
SRP_STAT(type, ISCSIT_SRP_STAT_LOGINS_CHAP)				\
SRP_STAT(type, ISCSIT_SRP_STAT_LOGINS_NONE)				\
SRP_STAT(type, ISCSIT_SRP_STAT_METHOD)					\
SRP_STAT(type, ISCSIT_SRP_STAT_PASSWORD)				\
SRP_STAT(type, ISCSIT_SRP_STAT_USER)					\
SRP_STAT(type, ISCSIT_SRP_STAT_POLICY)					\
SRP_STAT(type, ISCSIT_SRP_STAT_ACL)					\
SRP_STAT(type, ISCSIT_SRP_STAT_PROTOCOL)				\
SRP_STAT(type, ISCSIT_SRP_STAT_HELPER)					\
SRP_STAT(type, ISCSIT_SRP_STAT_RESOURCES)				\
SRP_STAT(type, ISCSIT_SRP_STAT_ABORTED)					\
SRP_STAT(type, ISCSIT_SRP_STAT_OTHER)					\
SRP_STAT(type, ISCSIT_SRP_STAT_WAIT)					\
									\
struct configfs_attribute iscsit_srp_##type##_policy[] = {		\
	SRP_POLICY_ATTR(type, ISCSIT_SRP_POLICY_MIN_GROUP, "srp_min_group"), \
	SRP_POLICY_ATTR(type, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED, "srp_mutual_required"), \
	SRP_POLICY_ATTR(type, ISCSIT_SRP_POLICY_ONLY, "srp_only"),	\
};									\
									\
struct configfs_attribute iscsit_srp_##type##_stats[] = {		\
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_SRP_768, "logins_SRP-768"),	\
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_SRP_1024, "logins_SRP-1024"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_SRP_1280, "logins_SRP-1280"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_SRP_1536, "logins_SRP-1536"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_SRP_2048, "logins_SRP-2048"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_MODP_3072, "logins_MODP-3072"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_MODP_4096, "logins_MODP-4096"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_MODP_6144, "logins_MODP-6144"), \
	SRP_STAT_ATTR(type, ISCSI_SRP_GROUP_MODP_8192, "logins_MODP-8192"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_LOGINS_SRP, "logins_srp"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_LOGINS_CHAP, "logins_chap"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_LOGINS_NONE, "logins_none"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_METHOD, "failures_method"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_PASSWORD, "failures_password"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_USER, "failures_user"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_POLICY, "failures_policy"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_ACL, "failures_acl"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_PROTOCOL, "failures_protocol"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_HELPER, "failures_helper"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_RESOURCES, "failures_resources"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_ABORTED, "failures_aborted"), \
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_OTHER, "failures_other"),	\
	SRP_STAT_ATTR(type, ISCSIT_SRP_STAT_WAIT, "wait_us"),		\
}

SRP_SCOPE(nacl);
SRP_SCOPE(tpg);
SRP_SCOPE(disc);

/*
 * Of the whole module.  Not beside lio_version: tools take every name there
 * that they do not know for a target.
 */
#define SRP_HELPER_STAT(member)						\
static ssize_t srp_show_##member(struct config_item *item, char *page)	\
{									\
	struct iscsit_srp_worker_stats stats;				\
									\
	if (!capable(CAP_SYS_ADMIN))					\
		return -EPERM;						\
	iscsit_srp_workers_stats(&stats);					\
									\
	return sysfs_emit(page, "%u\n", stats.member);			\
}

#define SRP_HELPER_ATTR(member, name) {					\
		.ca_name	= name,					\
		.ca_owner	= THIS_MODULE,				\
		.ca_mode	= 0400,					\
		.show		= srp_show_##member,			\
	}

SRP_HELPER_STAT(depth);
SRP_HELPER_STAT(depth_max);
SRP_HELPER_STAT(workers);
SRP_HELPER_STAT(started);
SRP_HELPER_STAT(lost);

struct configfs_attribute iscsit_srp_helper_stats[] = {
	SRP_HELPER_ATTR(depth, "srp_queue_depth"),
	SRP_HELPER_ATTR(depth_max, "srp_queue_depth_max"),
	SRP_HELPER_ATTR(workers, "srp_workers"),
	SRP_HELPER_ATTR(started, "srp_worker_starts"),
	SRP_HELPER_ATTR(lost, "srp_workers_lost"),
};
