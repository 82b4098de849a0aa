// SPDX-License-Identifier: GPL-2.0
/*
 * AuthMethod=SRP within the login of a connection: whose credentials, text
 * that comes in parts (C bit, RFC 7143, section 6.2), rejects and trace.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include <scsi/iscsi_proto.h>
#include <target/iscsi/iscsi_target_core.h>
#include <trace/events/iscsi_srp.h>
#include "../iscsi_target.h"
#include "../iscsi_target_parameters.h"
#include "../iscsi_target_srp.h"
#include "../iscsi_target_util.h"
#include "cred.h"
#include "exchange.h"
#include "group.h"
#include "login.h"
#include "outcome.h"
#include "pick.h"
#include "policy.h"
#include "powers.h"
#include "queue.h"
#include "scope.h"
#include "users.h"

/* The same test as iscsi_target_sk_check_close(); iSER has no socket */
static bool srp_conn_gone(void *arg)
{
	struct iscsit_conn *conn = arg;
	int state;

	if (!conn->sock)
		return false;
	state = READ_ONCE(conn->sock->sk->sk_state);

	return state == TCP_CLOSE_WAIT || state == TCP_CLOSE;
}

static const char *srp_initiator_name(struct iscsit_conn *conn)
{
	struct iscsi_param *param;

	param = iscsi_find_param_from_key(INITIATORNAME, conn->param_list);

	return param ? param->value : "";
}

/* For the table of users, which discovery has none of */
static void srp_find_peer(struct iscsit_conn *conn,
			  struct iscsit_srp_peer *peer)
{
	struct se_node_acl *acl;

	if (conn->sess->sess_ops->SessionType)
		return;

	acl = conn->sess->se_sess->se_node_acl;
	peer->users = iscsit_srp_users_of(conn->tpg->tpg_tiqn);
	peer->initiator = acl->initiatorname;
	peer->addr = &conn->login_sockaddr;
	peer->tpgt = conn->tpg->tpgt;
	peer->acl = !acl->dynamic_node_acl;
}

static struct iscsit_srp_conn *srp_login_alloc(struct iscsit_conn *conn,
					       struct iscsi_node_auth *auth)
{
	struct iscsit_srp_policy policy;
	struct iscsit_srp_cred *cred;
	struct iscsit_srp_conn *sl;
	struct iscsi_param *param;

	sl = kzalloc_obj(*sl);
	if (!sl)
		return NULL;

	cred = iscsit_srp_scope_cred(auth);
	sl->srp = iscsit_srp_alloc(&iscsit_srp_queue, cred);
	iscsit_srp_cred_put(cred);
	if (!sl->srp) {
		kfree(sl);
		return NULL;
	}

	param = iscsi_find_param_from_key(AUTHMETHOD, conn->param_list);
	sl->srp->target_proposed = param && IS_PSTATE_PROPOSER(param);
	sl->srp->pool = &iscsit_srp_pool;
	iscsit_srp_pool_login(sl->srp->pool, 1);
	iscsit_srp_policy_get(conn, &policy);
	sl->srp->min_group = max(sl->srp->min_group, policy.min_group);
	sl->srp->mutual_required = policy.mutual_required;
	srp_find_peer(conn, &sl->srp->peer);
	sl->srp->gone = srp_conn_gone;
	sl->srp->gone_arg = conn;

	return sl;
}

/**
 * iscsit_srp_login_free - End a connection's SRP exchange
 * @conn: the connection, whose AuthMethod is SRP
 *
 * Cancels what is under way.  Called once the login has come to its end, well
 * or not, and the connection may go.
 *
 * Context: Process context. May sleep.
 */
void iscsit_srp_login_free(struct iscsit_conn *conn)
{
	struct iscsit_srp_conn *sl = conn->auth_protocol;

	if (!sl)
		return;

	conn->auth_protocol = NULL;
	iscsit_srp_free(sl->srp);
	kfree(sl->text);
	kfree(sl);
}

/* Append a request's text to what came before; MAX_KEY_VALUE_PAIRS in all */
static int srp_login_append(struct iscsit_srp_conn *sl, const char *text,
			    size_t len)
{
	if (!sl->text) {
		sl->text = kmalloc(MAX_KEY_VALUE_PAIRS, GFP_KERNEL);
		if (!sl->text)
			return -ENOMEM;
	}
	if (len > MAX_KEY_VALUE_PAIRS - sl->text_len)
		return -E2BIG;
	memcpy(sl->text + sl->text_len, text, len);
	sl->text_len += len;

	return 0;
}

static int srp_login_rejected(struct iscsit_conn *conn, u8 status_class,
			      u8 status_detail, const char *why)
{
	struct iscsit_srp_conn *sl = conn->auth_protocol;

	/* For the log and the statistics, unless the exchange knows better */
	if (sl && sl->srp->step != ISCSIT_SRP_STEP_REJECTED) {
		sl->srp->step = ISCSIT_SRP_STEP_REJECTED;
		sl->srp->reason = iscsit_srp_failure(status_class,
						     status_detail, false);
		sl->srp->why = why;
	}

	/* The login timer's; it must not end the response as well */
	flush_signals(current);

	iscsit_tx_login_rsp(conn, status_class, status_detail);

	return ISCSIT_AUTH_REJECTED;
}

/**
 * iscsit_srp_login - Handle one Login Request once SRP has been negotiated
 * @conn: connection in the SecurityNegotiation stage, RFC 7143, section 6.3.2;
 *	its login holds the request and gets the response's text
 * @auth: credentials of the scope that the initiator logs in to
 *
 * All of the request's text has to be SRP's, RFC 7143, section 12.1.2.
 *
 * Context: Login worker. Sleeps, for at most five seconds.
 * Return:
 * * ISCSIT_AUTH_MORE		- send the response, more requests follow
 * * ISCSIT_AUTH_OK		- authenticated, send the response
 * * ISCSIT_AUTH_REJECTED	- a Login Reject has been sent
 */
int iscsit_srp_login(struct iscsit_conn *conn, struct iscsi_node_auth *auth)
{
	struct iscsit_srp_conn *sl = conn->auth_protocol;
	struct iscsi_login *login = conn->login;
	struct iscsi_login_req *req = (struct iscsi_login_req *)login->req;
	const char *text = login->req_buf;
	size_t len = ntoh24(req->dlength);
	unsigned int group_id;
	struct iscsit_srp *srp;
	size_t rsp_len = 0;
	int ret;

	if (!sl) {
		sl = srp_login_alloc(conn, auth);
		if (!sl)
			return srp_login_rejected(conn, ISCSI_STATUS_CLS_TARGET_ERR,
						  ISCSI_LOGIN_STATUS_NO_RESOURCES,
						  "out of memory");
		conn->auth_protocol = sl;
	}
	srp = sl->srp;

	if (sl->text || (req->flags & ISCSI_FLAG_LOGIN_CONTINUE)) {
		ret = srp_login_append(sl, text, len);
		if (ret == -ENOMEM)
			return srp_login_rejected(conn, ISCSI_STATUS_CLS_TARGET_ERR,
						  ISCSI_LOGIN_STATUS_NO_RESOURCES,
						  "out of memory");
		if (ret)
			return srp_login_rejected(conn, ISCSI_STATUS_CLS_INITIATOR_ERR,
						  ISCSI_LOGIN_STATUS_INIT_ERR,
						  "continued text of more than 8192 octets");
		text = sl->text;
		len = sl->text_len;
	}
	/* An empty response asks for the rest */
	if (req->flags & ISCSI_FLAG_LOGIN_CONTINUE)
		return ISCSIT_AUTH_MORE;

	sl->step = srp->step;
	sl->began = ktime_get();
	ret = iscsit_srp_step(srp, text, len, login->rsp_buf,
			      MAX_KEY_VALUE_PAIRS, &rsp_len);
	kfree(sl->text);
	sl->text = NULL;
	sl->text_len = 0;
	login->rsp_length = rsp_len;
	if (!ret)
		return ISCSIT_AUTH_MORE;

	group_id = srp->group ? srp->group->id : 0;
	trace_iscsi_srp_login(srp_initiator_name(conn), group_id, srp->mutual,
			      srp->status_class, srp->status_detail);
	if (ret < 0)
		return srp_login_rejected(conn, srp->status_class,
					  srp->status_detail, srp->why);

	iscsit_srp_authenticated(conn);
	if (srp->pick.label)
		pr_info_ratelimited("login of %s from %pISpc as user of the table: %s\n",
				    srp_initiator_name(conn),
				    &conn->login_sockaddr, srp->pick.label);
	sl->over = true;

	return ISCSIT_AUTH_OK;
}

/**
 * iscsit_srp_login_sent - The response to a Login Request has left
 * @conn: the connection, whose AuthMethod is SRP
 *
 * Context: Login worker. May sleep.
 */
void iscsit_srp_login_sent(struct iscsit_conn *conn)
{
	struct iscsit_srp_conn *sl = conn->auth_protocol;

	if (!sl)
		return;

	/* Not for an empty response that asks for the rest of a text */
	if (!sl->text) {
		trace_iscsi_srp_step(sl->step, ktime_us_delta(ktime_get(),
							      sl->began));
		iscsit_srp_sent(sl->srp);
	}
	if (sl->over)
		iscsit_srp_login_free(conn);
}

static bool srp_usable(struct iscsi_node_auth *auth)
{
	struct iscsit_srp_cred *cred = iscsit_srp_scope_cred(auth);
	bool usable = iscsit_srp_cred_has_group(cred, 1) && cred->userid_len;

	iscsit_srp_cred_put(cred);

	return usable;
}

/**
 * iscsit_srp_set_discovery_methods - What a discovery session may log in with
 * @conn: connection of a discovery session whose parameters have been set up
 *
 * Discovery has no AuthMethod in configfs: CHAP is offered and, unless
 * authentication is enforced, None.  Offer SRP where SRP credentials for
 * discovery exist, and CHAP beside it only if it has credentials as well.
 *
 * Context: Process context. May sleep.
 * Return: 0, or -ENOMEM.
 */
int iscsit_srp_set_discovery_methods(struct iscsit_conn *conn)
{
	struct iscsi_node_auth *auth = &iscsit_global->discovery_acl.node_auth;
	const unsigned int chap = NAF_USERID_SET | NAF_PASSWORD_SET;
	struct iscsi_param *param;
	char methods[sizeof("SRP,CHAP,None")];

	param = iscsi_find_param_from_key(AUTHMETHOD, conn->param_list);
	if (!param || !srp_usable(auth))
		return 0;

	snprintf(methods, sizeof(methods), "%s%s%s", SRP,
		 (auth->naf_flags & chap) == chap ? "," CHAP : "",
		 auth->enforce_discovery_auth ? "" : "," NONE);

	return iscsi_update_param_value(param, methods);
}
