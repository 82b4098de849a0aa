/* SPDX-License-Identifier: GPL-2.0 */
/* The counters of a scope */
#ifndef ISCSIT_SRP_STATS_H
#define ISCSIT_SRP_STATS_H

#include <uapi/linux/iscsi_srp.h>

/* Logins by group id, logins by method, failures by reason, and the wait */
enum iscsit_srp_stat {
	ISCSIT_SRP_STAT_LOGINS_SRP = ISCSI_SRP_GROUP_MAX + 1,
	ISCSIT_SRP_STAT_LOGINS_CHAP,
	ISCSIT_SRP_STAT_LOGINS_NONE,
	ISCSIT_SRP_STAT_METHOD,		/* none in common, or none used */
	ISCSIT_SRP_STAT_PASSWORD,	/* SRP_M or CHAP_R is wrong */
	ISCSIT_SRP_STAT_USER,		/* SRP_U is unknown */
	ISCSIT_SRP_STAT_POLICY,		/* forbidden by the policy */
	ISCSIT_SRP_STAT_ACL,		/* the initiator has no ACL */
	ISCSIT_SRP_STAT_PROTOCOL,	/* malformed or unexpected request */
	ISCSIT_SRP_STAT_HELPER,		/* no helper, it failed, or it was late */
	ISCSIT_SRP_STAT_RESOURCES,	/* queue full or out of memory */
	ISCSIT_SRP_STAT_ABORTED,	/* the initiator left, or took too long */
	ISCSIT_SRP_STAT_OTHER,
	ISCSIT_SRP_STAT_WAIT,		/* for the helper, in microseconds */
	ISCSIT_SRP_STATS
};

#endif /* ISCSIT_SRP_STATS_H */
