/* SPDX-License-Identifier: GPL-2.0 */
/* What is counted in each scope */
#ifndef ISCSIT_SRP_STATS_H
#define ISCSIT_SRP_STATS_H

#include <uapi/linux/iscsi_srp.h>

/* Reasons why a login fails are among them; below: logins by group's id */
enum iscsit_srp_stat {
	ISCSIT_SRP_STAT_LOGINS_SRP = ISCSI_SRP_GROUP_MAX + 1,
	ISCSIT_SRP_STAT_LOGINS_CHAP,
	ISCSIT_SRP_STAT_LOGINS_NONE,
	ISCSIT_SRP_STAT_METHOD,		/* none in common, or none gone through */
	ISCSIT_SRP_STAT_PASSWORD,	/* SRP_M or CHAP_R is wrong */
	ISCSIT_SRP_STAT_USER,		/* SRP_U is not known */
	ISCSIT_SRP_STAT_POLICY,		/* a struct iscsit_srp_policy forbids it */
	ISCSIT_SRP_STAT_ACL,		/* the initiator has none */
	ISCSIT_SRP_STAT_PROTOCOL,	/* the initiator did not keep to it */
	ISCSIT_SRP_STAT_HELPER,		/* none, or it failed, or was late */
	ISCSIT_SRP_STAT_RESOURCES,	/* the queue is full, or no memory */
	ISCSIT_SRP_STAT_ABORTED,	/* the initiator left, or took too long */
	ISCSIT_SRP_STAT_OTHER,
	ISCSIT_SRP_STAT_WAIT,		/* microseconds of waits for the helper */
	ISCSIT_SRP_STATS
};

#endif /* ISCSIT_SRP_STATS_H */
