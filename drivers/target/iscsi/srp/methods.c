// SPDX-License-Identifier: GPL-2.0
/* The AuthMethods that a login is offered */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/errno.h>
#include <linux/fips.h>
#include <linux/string.h>
#include <scsi/iscsi_proto.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "../iscsi_target_parameters.h"
#include "../iscsi_target_srp.h"
#include "../iscsi_target_util.h"
#include "cred.h"
#include "methods.h"
#include "scope.h"

/* Remove SRP from a list of AuthMethods, in place; false if it was not there */
static bool srp_methods_remove_srp(char *methods)
{
	char *rest = methods, *to = methods, *method;
	bool removed = false;
	size_t len;

	while ((method = strsep(&rest, ","))) {
		if (!strcmp(method, SRP)) {
			removed = true;
			continue;
		}
		if (to != methods)
			*to++ = ',';
		len = strlen(method);
		memmove(to, method, len);
		to += len;
	}
	*to = '\0';

	return removed;
}

/**
 * iscsit_srp_limit_param - Limit the AuthMethods that a login is offered
 * @param: AuthMethod
 * @only: srp_only is set
 * @fips: the kernel is in FIPS mode, which allows no SHA-1 here
 *
 * If no method is left, offer None, which authenticates nobody: LIO refuses it
 * wherever authentication is required, and srp_only requires it.
 *
 * Context: Process context.  May sleep.
 * Return: 0, or -ENOMEM.
 */
int iscsit_srp_limit_param(struct iscsi_param *param, bool only, bool fips)
{
	if (!fips)
		return only ? iscsi_update_param_value(param, SRP) : 0;
	if (!srp_methods_remove_srp(param->value) && !only)
		return 0;

	pr_warn_once("SRP is not offered while the kernel is in FIPS mode: it uses SHA-1\n");
	if (only || !*param->value)
		return iscsi_update_param_value(param, NONE);

	return 0;
}

/*
 * Set the AuthMethods of a discovery session; 0 or -ENOMEM.  Discovery has no
 * AuthMethod in configfs: LIO offers CHAP and, unless authentication is enforced,
 * None.  If SRP credentials for discovery exist, offer SRP, and CHAP only if it
 * has credentials, too.
 */
static int srp_set_discovery_methods(struct iscsi_param *param)
{
	struct iscsi_node_auth *auth = &iscsit_global->discovery_acl.node_auth;
	const unsigned int chap = NAF_USERID_SET | NAF_PASSWORD_SET;
	struct iscsit_srp_cred *cred = iscsit_srp_scope_cred(auth);
	bool usable = iscsit_srp_cred_has_group(cred, 1) && cred->userid_len;
	char methods[sizeof("SRP,CHAP,None")];

	iscsit_srp_cred_put(cred);
	if (!usable)
		return 0;

	snprintf(methods, sizeof(methods), "%s%s%s", SRP,
		 (auth->naf_flags & chap) == chap ? "," CHAP : "",
		 auth->enforce_discovery_auth ? "" : "," NONE);

	return iscsi_update_param_value(param, methods);
}

/*
 * Set the AuthMethods that a login is offered: those of discovery, and only SRP
 * where srp_only is set.  Returns 0, or -1 after a reject.
 */
int iscsit_srp_limit_methods(struct iscsit_conn *conn)
{
	bool discovery = conn->sess->sess_ops->SessionType;
	struct iscsi_param *param;

	param = iscsi_find_param_from_key(AUTHMETHOD, conn->param_list);
	if (param && !(discovery && srp_set_discovery_methods(param)) &&
	    !iscsit_srp_limit_param(param, iscsit_srp_only(conn), fips_enabled))
		return 0;

	iscsit_tx_login_rsp(conn, ISCSI_STATUS_CLS_TARGET_ERR,
			    ISCSI_LOGIN_STATUS_NO_RESOURCES);

	return -1;
}
