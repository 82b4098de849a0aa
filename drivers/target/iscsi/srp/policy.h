/* SPDX-License-Identifier: GPL-2.0 */
/* Which logins a scope allows */
#ifndef ISCSIT_SRP_POLICY_H
#define ISCSIT_SRP_POLICY_H

#include <linux/types.h>

struct iscsi_node_auth;
struct iscsi_portal_group;
struct iscsit_conn;

#define ISCSIT_SRP_SCOPES	2	/* portal group and ACL, or discovery */

/* The policy of a login, or of one scope */
struct iscsit_srp_policy {
	/* id of the weakest group to offer, 0 for any */
	unsigned int min_group;
	bool mutual_required;		/* TargetAuth must be Yes */
	bool only;			/* no AuthMethod but SRP */
	bool tls_bind;			/* TLS must be bound to SRP */
};

/* Fields of iscsit_srp_policy_store() and _show() */
enum iscsit_srp_policy_field {
	ISCSIT_SRP_POLICY_MIN_GROUP,
	ISCSIT_SRP_POLICY_MUTUAL_REQUIRED,
	ISCSIT_SRP_POLICY_ONLY,
	ISCSIT_SRP_POLICY_TLS_BIND,
	ISCSIT_SRP_POLICY_FIELDS
};

unsigned int iscsit_srp_scopes(struct iscsit_conn *conn,
			       struct iscsi_node_auth *auth[ISCSIT_SRP_SCOPES]);
void iscsit_srp_policy_get(struct iscsit_conn *conn,
			   struct iscsit_srp_policy *policy);
ssize_t iscsit_srp_policy_show(struct iscsi_node_auth *auth,
			       enum iscsit_srp_policy_field field, char *page);
ssize_t iscsit_srp_policy_store(struct iscsi_node_auth *auth,
				struct iscsi_portal_group *tpg,
				enum iscsit_srp_policy_field field,
				const char *page, size_t count);
bool iscsit_srp_methods_have_srp(const char *methods);

#endif /* ISCSIT_SRP_POLICY_H */
