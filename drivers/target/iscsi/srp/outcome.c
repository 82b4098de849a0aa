// SPDX-License-Identifier: GPL-2.0
/*
 * The outcome of logins: counters of each scope that a login belongs to, a line
 * in the log if it failed, and audit records.
 *
 * A failed login, with any AuthMethod, comes here once: either as rejected or
 * as aborted.
 */

/* The logins are not all SRP's */
#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/errno.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/sysfs.h>
#include <scsi/iscsi_proto.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "../iscsi_target_parameters.h"
#include "../iscsi_target_srp.h"
#include "audit.h"
#include "exchange.h"
#include "group.h"
#include "login.h"
#include "outcome.h"
#include "policy.h"
#include "scope.h"
#include "stats.h"
#include "text.h"

/* Longest logged name, in bytes before escaping */
#define SRP_LOG_NAME	64

/**
 * iscsit_srp_count - Add to a counter of each scope of a login
 * @conn: the connection
 * @stat: the counter, or a group's id for logins with that group
 * @n: what to add
 *
 * Context: Any.
 */
void iscsit_srp_count(struct iscsit_conn *conn, enum iscsit_srp_stat stat,
		      unsigned long n)
{
	struct iscsi_node_auth *auth[ISCSIT_SRP_SCOPES];
	unsigned int nr = iscsit_srp_scopes(conn, auth);

	while (nr--) {
		struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth[nr]);

		if (!scope)
			continue;
		atomic_long_add(n, &scope->stats[stat]);
		iscsit_srp_scope_put(scope);
	}
}

/* Show a counter of a scope in configfs; -ENODEV if the scope is gone */
ssize_t iscsit_srp_stat_show(struct iscsi_node_auth *auth, unsigned int stat,
			     char *page)
{
	struct iscsit_srp_scope *scope = iscsit_srp_scope_get(auth);
	unsigned long n;

	if (!scope)
		return -ENODEV;

	n = atomic_long_read(&scope->stats[stat]);
	iscsit_srp_scope_put(scope);

	return sysfs_emit(page, "%lu\n", n);
}

/*
 * The reason of a reject by LIO's own code.  A wrong CHAP response and a failed
 * negotiation have the same status; @chap tells them apart.
 */
enum iscsit_srp_stat iscsit_srp_failure(u8 status_class, u8 status_detail,
					bool chap)
{
	if (status_class == ISCSI_STATUS_CLS_TARGET_ERR)
		return status_detail == ISCSI_LOGIN_STATUS_NO_RESOURCES ?
		       ISCSIT_SRP_STAT_RESOURCES : ISCSIT_SRP_STAT_OTHER;
	if (status_class != ISCSI_STATUS_CLS_INITIATOR_ERR)
		return ISCSIT_SRP_STAT_OTHER;

	switch (status_detail) {
	case ISCSI_LOGIN_STATUS_AUTH_FAILED:
		return chap ? ISCSIT_SRP_STAT_PASSWORD : ISCSIT_SRP_STAT_METHOD;
	case ISCSI_LOGIN_STATUS_TGT_FORBIDDEN:
		return ISCSIT_SRP_STAT_ACL;
	default:
		return ISCSIT_SRP_STAT_PROTOCOL;
	}
}

static const char *const srp_failure_texts[ISCSIT_SRP_STATS] = {
	[ISCSIT_SRP_STAT_METHOD] = "no AuthMethod in common, or none was used",
	[ISCSIT_SRP_STAT_PASSWORD] = "CHAP failed",
	[ISCSIT_SRP_STAT_ACL] = "not allowed here, or the session belongs to an SRP user",
	[ISCSIT_SRP_STAT_PROTOCOL] = "the initiator violated the protocol",
	[ISCSIT_SRP_STAT_RESOURCES] = "out of memory",
	[ISCSIT_SRP_STAT_ABORTED] = "the initiator closed the connection, or took too long",
};

/* Escape what an initiator sent, so that it cannot forge log lines */
static void srp_printable(const char *name, size_t len, char *buf, size_t size)
{
	int n;

	n = string_escape_mem(name, min_t(size_t, len, SRP_LOG_NAME), buf,
			      size - 1, ESCAPE_HEX | ESCAPE_NAP | ESCAPE_APPEND,
			      "\"\\");
	buf[min_t(size_t, n, size - 1)] = '\0';
}

/*
 * Who logs in, not terminated.  Until LIO has decoded the name, its parameter has
 * LIO's own, and only the first request has the initiator's.
 */
static const char *srp_initiator(struct iscsit_conn *conn, size_t *len)
{
	struct iscsi_login *login = conn->conn_login;
	struct iscsi_param *param = NULL;
	struct iscsit_srp_pair pair;
	const char *text, *end;

	if (conn->param_list)
		param = iscsi_find_param_from_key(INITIATORNAME,
						  conn->param_list);
	if (param && param->value && IS_PSTATE_ACCEPTOR(param)) {
		*len = strlen(param->value);
		return param->value;
	}

	*len = 0;
	if (!login || !login->req_buf)
		return "";
	text = login->req_buf;
	end = text + min_t(size_t, MAX_KEY_VALUE_PAIRS,
			   ntoh24(((struct iscsi_login_req *)login->req)->dlength));
	while (iscsit_srp_next_pair(&text, end, &pair) > 0) {
		if (!iscsit_srp_pair_is(&pair, INITIATORNAME))
			continue;
		*len = pair.value_len;
		return pair.value;
	}

	return "";
}

static bool srp_conn_chap(struct iscsit_conn *conn)
{
	return conn->sess && !strcmp(conn->sess->auth_type, CHAP);
}

/* The AuthMethod that both ends agreed on, or NULL */
static const char *srp_method(struct iscsit_conn *conn)
{
	struct iscsi_param *param = NULL;

	if (conn->param_list)
		param = iscsi_find_param_from_key(AUTHMETHOD, conn->param_list);
	if (!param || !param->value || strchr(param->value, ',') ||
	    (!IS_PSTATE_ACCEPTOR(param) && !IS_PSTATE_RESPONSE_GOT(param)))
		return NULL;

	return param->value;
}

static const char *srp_target(struct iscsit_conn *conn)
{
	return conn->tpg && conn->tpg->tpg_tiqn ? conn->tpg->tpg_tiqn->tiqn :
						  NULL;
}

static void srp_audit(struct iscsit_conn *conn, const struct iscsit_srp *srp,
		      const char *why)
{
	struct iscsit_srp_event event = {
		.addr = &conn->login_sockaddr,
		.target = srp_target(conn),
		.why = why,
	};

	event.initiator = srp_initiator(conn, &event.initiator_len);
	if (srp) {
		event.method = SRP;
		event.user = srp->user;
		event.user_len = srp->user_len;
		event.group = srp->group ? srp->group->name : NULL;
	}
	iscsit_srp_audit(&event);
}

/* Whose credentials and policy a login uses */
static const char *srp_scope_name(struct iscsit_conn *conn)
{
	struct iscsi_node_auth *auth[ISCSIT_SRP_SCOPES];
	unsigned int nr = iscsit_srp_scopes(conn, auth);

	if (nr == 1 && conn->tpg == iscsit_global->discovery_tpg)
		return "discovery";

	return nr > 1 ? "ACL" : nr ? "portal group" : "no portal group yet";
}

static void srp_login_failed(struct iscsit_conn *conn, u8 status_class,
			     u8 status_detail, enum iscsit_srp_stat reason)
{
	const struct iscsit_srp *srp = iscsit_srp_of(conn);
	char initiator[4 * SRP_LOG_NAME + 1];
	char user[4 * SRP_LOG_NAME + 1] = "";
	const char *target = srp_target(conn);
	const char *method = srp ? SRP : srp_method(conn);
	const char *why = NULL;
	const char *name;
	size_t len;

	if (srp) {
		iscsit_srp_count(conn, ISCSIT_SRP_STAT_WAIT, srp->wait_us);
		srp_printable(srp->user, srp->user_len, user, sizeof(user));
		if (srp->step == ISCSIT_SRP_STEP_REJECTED) {
			reason = srp->reject.reason;
			why = srp->reject.why;
		}
	}
	if (!why)
		why = srp_failure_texts[reason] ?: "see the lines above";
	iscsit_srp_count(conn, reason, 1);

	name = srp_initiator(conn, &len);
	srp_printable(name, len, initiator, sizeof(initiator));
	pr_warn_ratelimited("login of \"%s\" from %pISpc%s%s%s%s%s failed with status %02x%02x: %s (%s%s%s)\n",
			    initiator, &conn->login_sockaddr,
			    method ? " by " : "", method ?: "",
			    *user ? " as \"" : "", user, *user ? "\"" : "",
			    status_class, status_detail, why,
			    srp_scope_name(conn), target ? " of " : "",
			    target ?: "");
	if (srp || reason == ISCSIT_SRP_STAT_METHOD)
		srp_audit(conn, srp, why);
}

static bool srp_login_has_status(struct iscsit_conn *conn)
{
	struct iscsi_login *login = conn->conn_login;

	return login && ((struct iscsi_login_rsp *)login->rsp)->status_class;
}

/*
 * A login is going to be rejected, with a @status_class other than 0.  Call this
 * before the response is made.  Only the first call for a login has an effect.
 */
void iscsit_srp_login_rejected(struct iscsit_conn *conn, u8 status_class,
			       u8 status_detail)
{
	if (srp_login_has_status(conn))
		return;

	srp_login_failed(conn, status_class, status_detail,
			 iscsit_srp_failure(status_class, status_detail,
					    srp_conn_chap(conn)));
}

/*
 * A failed login is cleaned up, its AuthMethod's state still exists.  If it was
 * not rejected, the connection broke or the login took too long.
 */
void iscsit_srp_login_aborted(struct iscsit_conn *conn)
{
	if (!srp_login_has_status(conn))
		srp_login_failed(conn, 0, 0, ISCSIT_SRP_STAT_ABORTED);
}

/* A login has succeeded; iscsit_srp_authenticated() counts those with SRP */
void iscsit_srp_count_login(struct iscsit_conn *conn)
{
	if (srp_conn_chap(conn))
		iscsit_srp_count(conn, ISCSIT_SRP_STAT_LOGINS_CHAP, 1);
	else if (strcmp(conn->sess->auth_type, SRP))
		iscsit_srp_count(conn, ISCSIT_SRP_STAT_LOGINS_NONE, 1);
}

/* An initiator has authenticated by SRP */
void iscsit_srp_authenticated(struct iscsit_conn *conn)
{
	struct iscsit_srp *srp = iscsit_srp_of(conn);

	if (!srp)
		return;

	iscsit_srp_count(conn, ISCSIT_SRP_STAT_LOGINS_SRP, 1);
	iscsit_srp_count(conn, srp->group->id, 1);
	iscsit_srp_count(conn, ISCSIT_SRP_STAT_WAIT, srp->wait_us);
	srp->wait_us = 0;	/* the login may still fail */
	srp_audit(conn, srp, NULL);
}
