/* SPDX-License-Identifier: GPL-2.0 */
/* The files in configfs: one list of them, for LIO's tables and for ours */
#ifndef ISCSIT_SRP_CONFIGFS_H
#define ISCSIT_SRP_CONFIGFS_H

#include <linux/configfs.h>
#include "group.h"

/* X(kind, symbol, field, name), in the order of the directory */
#define ISCSIT_SRP_VERIFIER_FILE(group, name, g, X)			\
	X(CRED, v_##group, ISCSI_SRP_GROUP_##group, "srp_verifier_" name)

#define ISCSIT_SRP_LOGINS_FILE(group, name, g, X)			\
	X(STAT, n_##group, ISCSI_SRP_GROUP_##group, "srp_stat_logins_" name)

#define ISCSIT_SRP_CRED_FILES(X)					\
	X(CRED, userid, ISCSIT_SRP_CRED_USERID, "srp_userid")		\
	X(CRED, salt, ISCSIT_SRP_CRED_SALT, "srp_salt")			\
	ISCSIT_SRP_GROUPS(ISCSIT_SRP_VERIFIER_FILE, X)

#define ISCSIT_SRP_SCOPE_FILES(X)					\
	ISCSIT_SRP_CRED_FILES(X)					\
	X(POLICY, min_group, ISCSIT_SRP_POLICY_MIN_GROUP, "srp_min_group") \
	X(POLICY, mutual_required, ISCSIT_SRP_POLICY_MUTUAL_REQUIRED,	\
	  "srp_mutual_required")					\
	X(POLICY, only, ISCSIT_SRP_POLICY_ONLY, "srp_only")		\
	X(POLICY, tls_bind, ISCSIT_SRP_POLICY_TLS_BIND, "srp_tls_bind")	\
	ISCSIT_SRP_GROUPS(ISCSIT_SRP_LOGINS_FILE, X)			\
	X(STAT, srp, ISCSIT_SRP_STAT_LOGINS_SRP, "srp_stat_logins_srp")	\
	X(STAT, chap, ISCSIT_SRP_STAT_LOGINS_CHAP, "srp_stat_logins_chap") \
	X(STAT, none, ISCSIT_SRP_STAT_LOGINS_NONE, "srp_stat_logins_none") \
	X(STAT, method, ISCSIT_SRP_STAT_METHOD, "srp_stat_failures_method") \
	X(STAT, password, ISCSIT_SRP_STAT_PASSWORD, "srp_stat_failures_password") \
	X(STAT, user, ISCSIT_SRP_STAT_USER, "srp_stat_failures_user")	\
	X(STAT, policy, ISCSIT_SRP_STAT_POLICY, "srp_stat_failures_policy") \
	X(STAT, acl, ISCSIT_SRP_STAT_ACL, "srp_stat_failures_acl")	\
	X(STAT, protocol, ISCSIT_SRP_STAT_PROTOCOL, "srp_stat_failures_protocol") \
	X(STAT, helper, ISCSIT_SRP_STAT_HELPER, "srp_stat_failures_helper") \
	X(STAT, resources, ISCSIT_SRP_STAT_RESOURCES, "srp_stat_failures_resources") \
	X(STAT, aborted, ISCSIT_SRP_STAT_ABORTED, "srp_stat_failures_aborted") \
	X(STAT, other, ISCSIT_SRP_STAT_OTHER, "srp_stat_failures_other") \
	X(STAT, wait_us, ISCSIT_SRP_STAT_WAIT, "srp_stat_wait_us")

/*
 * Of the whole module: for HELPER @field is a member of struct
 * iscsit_srp_worker_stats
 */
#define ISCSIT_SRP_MODULE_FILES(X)					\
	X(HELPER, depth, depth, "srp_queue_depth")			\
	X(HELPER, depth_max, depth_max, "srp_queue_depth_max")		\
	X(HELPER, workers, workers, "srp_workers")			\
	X(HELPER, starts, started, "srp_worker_starts")			\
	X(HELPER, lost, lost, "srp_workers_lost")			\
	X(DECOY, decoy_secret, 0, "srp_decoy_secret")

#define ISCSIT_SRP_DECLARE(kind, symbol, field, name)			\
	extern struct configfs_attribute iscsit_srp_attr_##symbol;

ISCSIT_SRP_SCOPE_FILES(ISCSIT_SRP_DECLARE)
ISCSIT_SRP_MODULE_FILES(ISCSIT_SRP_DECLARE)

#define ISCSIT_SRP_POINTER(kind, symbol, field, name)			\
	&iscsit_srp_attr_##symbol,

void iscsit_srp_cred_stored(unsigned int field, const char *page, size_t count,
			    ssize_t ret);

#endif /* ISCSIT_SRP_CONFIGFS_H */
