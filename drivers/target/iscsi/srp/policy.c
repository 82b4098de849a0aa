// SPDX-License-Identifier: GPL-2.0
/*
 * Policy of a portal group, an ACL or discovery: the minimum group, whether the
 * initiator must ask the target for its proof, whether TLS must be bound to SRP, and
 * whether SRP is the only AuthMethod.  The stricter setting of portal group and ACL applies.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <scsi/iscsi_proto.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "../iscsi_target_parameters.h"
#include "../iscsi_target_srp.h"
#include "../iscsi_target_tpg.h"
#include "../iscsi_target_util.h"
#include "cred.h"
#include "group.h"
#include "min_group.h"
#include "policy.h"
#include "scope.h"

/*
 * Find the scopes of a login: discovery's, or the portal group's and, if the
 * initiator has one, the ACL's; none before the portal group is known.
 */
unsigned int iscsit_srp_scopes(struct iscsit_conn *conn,
			       struct iscsi_node_auth *auth[ISCSIT_SRP_SCOPES])
{
	struct iscsit_session *sess = conn->sess;
	struct se_node_acl *se_nacl = NULL;
	unsigned int nr = 0;

	if (!conn->tpg)
		return 0;

	if (conn->tpg == iscsit_global->discovery_tpg) {
		auth[nr++] = &iscsit_global->discovery_acl.node_auth;
		return nr;
	}

	auth[nr++] = &conn->tpg->tpg_demo_auth;
	if (sess && !IS_ERR_OR_NULL(sess->se_sess))
		se_nacl = sess->se_sess->se_node_acl;
	/* A dynamic ACL has no scope of its own */
	if (se_nacl && !se_nacl->dynamic_node_acl)
		auth[nr++] = &to_iscsi_nacl(se_nacl)->node_auth;

	return nr;
}

/*
 * Combine the policies of a login's scopes: the stricter setting applies, or the
 * strictest possible if one of the scopes is gone.
 */
void iscsit_srp_policy_get(struct iscsit_conn *conn,
			   struct iscsit_srp_policy *policy)
{
	struct iscsi_node_auth *auth[ISCSIT_SRP_SCOPES];
	unsigned int nr = iscsit_srp_scopes(conn, auth);

	*policy = (struct iscsit_srp_policy){};
	while (nr--) {
		struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth[nr]);

		/* It is being removed, so its policy is unknown */
		if (!scope) {
			policy->min_group = ISCSI_SRP_GROUP_MAX;
			policy->mutual_required = true;
			policy->only = true;
			policy->tls_bind = true;
			return;
		}
		policy->min_group = max_t(unsigned int, policy->min_group,
					  READ_ONCE(scope->min_group));
		policy->mutual_required |= READ_ONCE(scope->mutual_required);
		policy->only |= READ_ONCE(scope->only);
		policy->tls_bind |= READ_ONCE(scope->tls_bind);
		iscsit_srp_scope_put(scope);
	}
}

/*
 * Whether a login must use SRP; its session or portal group is known.  This makes
 * authentication required, regardless of LIO's other settings.
 */
bool iscsit_srp_only(struct iscsit_conn *conn)
{
	struct iscsit_srp_policy policy;

	iscsit_srp_policy_get(conn, &policy);

	return policy.only;
}

/* Whether SRP is in a list of values of AuthMethod, RFC 7143, section 6.1 */
bool iscsit_srp_methods_have_srp(const char *methods)
{
	size_t len;

	for (; *methods; methods += len + !!methods[len]) {
		len = strcspn(methods, ",\n");
		if (len == strlen(SRP) && !memcmp(methods, SRP, len))
			return true;
	}

	return false;
}

/*
 * Check a new value of a portal group's parameter: -EINVAL if it removes SRP from
 * AuthMethod while srp_only is set.
 */
int iscsit_srp_check_methods(struct iscsi_node_auth *auth, const char *name,
			     const char *value)
{
	struct iscsit_srp_scope *scope;
	bool only;

	if (strcmp(name, AUTHMETHOD) || iscsit_srp_methods_have_srp(value))
		return 0;

	scope = iscsit_srp_scope_get(auth);
	only = scope && READ_ONCE(scope->only);
	if (scope)
		iscsit_srp_scope_put(scope);
	if (!only)
		return 0;

	pr_err("AuthMethod: must list SRP while auth/srp_only is 1, set srp_only to 0 first\n");

	return -EINVAL;
}

static int srp_set_min_group(struct iscsit_srp_scope *scope, const char *value,
			     size_t len)
{
	int id = len ? iscsit_srp_min_group_parse(value, len) : 0;

	return id < 0 ? id : iscsit_srp_scope_set_min_group(scope, id);
}

static int srp_set_flag(bool *flag, const char *name, const char *value,
			size_t len)
{
	if (len != 1 || (*value != '0' && *value != '1')) {
		pr_err("%s: write 0 or 1\n", name);
		return -EINVAL;
	}
	WRITE_ONCE(*flag, *value == '1');

	return 0;
}

static int srp_set_only(struct iscsit_srp_scope *scope,
			struct iscsi_portal_group *tpg, const char *value,
			size_t len)
{
	struct iscsi_param *param;
	int ret;

	if (!tpg)
		return srp_set_flag(&scope->only, "srp_only", value, len);

	/* Its lock is also AuthMethod's */
	ret = iscsit_get_tpg(tpg);
	if (ret < 0)
		return -EINVAL;
	param = iscsi_find_param_from_key(AUTHMETHOD, tpg->param_list);
	if (len == 1 && *value == '1' &&
	    !(param && iscsit_srp_methods_have_srp(param->value))) {
		pr_err("srp_only: cannot be 1 while param/AuthMethod does not list SRP, add SRP to it first\n");
		ret = -EINVAL;
	} else {
		ret = srp_set_flag(&scope->only, "srp_only", value, len);
	}
	iscsit_put_tpg(tpg);

	return ret;
}

/* Show a part of a scope's policy, as iscsit_srp_policy_store() takes it */
ssize_t iscsit_srp_policy_show(struct iscsi_node_auth *auth,
			       enum iscsit_srp_policy_field field, char *page)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	const struct iscsit_srp_group *group;
	ssize_t ret = -EINVAL;

	if (!scope)
		return -ENODEV;

	switch (field) {
	case ISCSIT_SRP_POLICY_MIN_GROUP:
		group = iscsit_srp_group_by_id(READ_ONCE(scope->min_group));
		ret = sysfs_emit(page, "%s\n", group ? group->name : ISCSIT_SRP_UNSET);
		break;
	case ISCSIT_SRP_POLICY_MUTUAL_REQUIRED:
		ret = sysfs_emit(page, "%d\n",
				 READ_ONCE(scope->mutual_required));
		break;
	case ISCSIT_SRP_POLICY_ONLY:
		ret = sysfs_emit(page, "%d\n", READ_ONCE(scope->only));
		break;
	case ISCSIT_SRP_POLICY_TLS_BIND:
		ret = sysfs_emit(page, "%d\n", READ_ONCE(scope->tls_bind));
		break;
	default:
		break;
	}
	iscsit_srp_scope_put(scope);

	return ret;
}

/**
 * iscsit_srp_policy_store - Set a part of a scope's policy
 * @auth: the scope
 * @tpg: the portal group whose own scope this is; NULL for an ACL's or
 *	discovery's
 * @field: the part
 * @page: a group's name or NULL, or else 0 or 1, with or without a newline at
 *	its end
 * @count: bytes in @page
 *
 * Refuses only what a saved configuration cannot contain, if AuthMethod and
 * credentials are restored before the policy.  So srp_only does not need
 * credentials, which may be removed at any time.
 *
 * Context: Process context.  May sleep.
 * Return: @count; -EINVAL if the value is not valid or contradicts another
 * setting; -ENODEV if the scope is gone.  After an error nothing has changed.
 */
ssize_t iscsit_srp_policy_store(struct iscsi_node_auth *auth,
				struct iscsi_portal_group *tpg,
				enum iscsit_srp_policy_field field,
				const char *page, size_t count)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	size_t len = iscsit_srp_value_len(page, count);
	int ret = -EINVAL;

	if (!scope)
		return -ENODEV;

	switch (field) {
	case ISCSIT_SRP_POLICY_MIN_GROUP:
		ret = srp_set_min_group(scope, page, len);
		break;
	case ISCSIT_SRP_POLICY_MUTUAL_REQUIRED:
		ret = srp_set_flag(&scope->mutual_required,
				   "srp_mutual_required", page, len);
		break;
	case ISCSIT_SRP_POLICY_ONLY:
		ret = srp_set_only(scope, tpg, page, len);
		break;
	case ISCSIT_SRP_POLICY_TLS_BIND:
		ret = srp_set_flag(&scope->tls_bind, "srp_tls_bind", page, len);
		break;
	default:
		break;
	}
	iscsit_srp_scope_put(scope);

	return ret ?: count;
}
