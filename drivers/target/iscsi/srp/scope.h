/* SPDX-License-Identifier: GPL-2.0 */
/* What SRP keeps for an ACL, a portal group or discovery */
#ifndef ISCSIT_SRP_SCOPE_H
#define ISCSIT_SRP_SCOPE_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include "stats.h"

struct iscsi_node_auth;
struct iscsit_srp_cred;

/* State of one scope */
struct iscsit_srp_scope {
	/* the owner's reference, and one for each user */
	struct kref ref;
	struct rcu_head rcu;		/* frees the scope */
	struct mutex lock;	/* serializes changes of @cred and @min_group */
	/* user name, salt and verifiers, or NULL; only for srp/scope.c */
	struct iscsit_srp_cred *cred;
	/* id of the weakest group, 0 if the scope sets no minimum */
	u8 min_group;
	bool mutual_required;		/* TargetAuth must be Yes */
	bool only;			/* no AuthMethod but SRP */
	bool tls_bind;			/* TLS must be bound to SRP */
	/* counters, by enum iscsit_srp_stat */
	atomic_long_t stats[ISCSIT_SRP_STATS];
};

struct iscsit_srp_scope *iscsit_srp_scope_get(const struct iscsi_node_auth *auth);
void iscsit_srp_scope_put(struct iscsit_srp_scope *scope);
struct iscsit_srp_cred *iscsit_srp_scope_cred(struct iscsi_node_auth *auth);
ssize_t iscsit_srp_scope_show(struct iscsi_node_auth *auth, unsigned int field,
			      char *page);
ssize_t iscsit_srp_scope_store(struct iscsi_node_auth *auth, unsigned int field,
			       const char *page, size_t count);
int iscsit_srp_scope_set_min_group(struct iscsit_srp_scope *scope,
				   unsigned int min_group);

#endif /* ISCSIT_SRP_SCOPE_H */
