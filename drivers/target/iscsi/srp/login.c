// SPDX-License-Identifier: GPL-2.0
/*
 * AuthMethod=SRP as part of a connection's login: which credentials to use,
 * requests and responses, and the AuthMethods of discovery.
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <scsi/iscsi_proto.h>
#include <target/iscsi/iscsi_target_core.h>
#include <trace/events/iscsi_srp.h>
#include "../iscsi_target.h"
#include "../iscsi_target_parameters.h"
#include "../iscsi_target_pending.h"
#include "../iscsi_target_srp.h"
#include "../iscsi_target_tls.h"
#include "../iscsi_target_util.h"
#include "exchange.h"
#include "group.h"
#include "login.h"
#include "outcome.h"
#include "policy.h"
#include "scope.h"
#include "session.h"
#include "users.h"

/* An initiator that is still there learns that the service is not available */
static int srp_conn_gone(void *arg)
{
	struct iscsit_pending *pending = iscsit_pending_of(arg);

	if (!iscsit_pending_over(pending))
		return 0;

	return READ_ONCE(pending->end) ? -EINTR : -ECONNRESET;
}

static const char *srp_initiator_name(struct iscsit_conn *conn)
{
	struct iscsi_param *param;

	param = iscsi_find_param_from_key(INITIATORNAME, conn->param_list);

	return param ? param->value : "";
}

/* Who logs in, for the user table.  Discovery has none. */
static void srp_find_peer(struct iscsit_conn *conn,
			  struct iscsit_srp_peer *peer)
{
	struct se_node_acl *acl;

	if (conn->sess->sess_ops->SessionType)
		return;

	acl = conn->sess->se_sess->se_node_acl;
	peer->users = iscsit_srp_users_of(conn->tpg->tpg_tiqn);
	peer->target = conn->tpg->tpg_tiqn->tiqn;
	peer->initiator = acl->initiatorname;
	peer->addr = &conn->login_sockaddr;
	peer->tpgt = conn->tpg->tpgt;
	peer->acl = !acl->dynamic_node_acl;
}

/* The exchange of a login, or NULL: auth_protocol may be CHAP's */
struct iscsit_srp *iscsit_srp_of(struct iscsit_conn *conn)
{
	struct iscsi_param *param = NULL;

	if (conn->param_list)
		param = iscsi_find_param_from_key(AUTHMETHOD, conn->param_list);

	return param && param->value && !strcmp(param->value, SRP) ?
	       conn->auth_protocol : NULL;
}

static struct iscsit_srp *srp_login_alloc(struct iscsit_conn *conn,
					  struct iscsi_node_auth *auth)
{
	struct iscsit_pending *pending = iscsit_pending_of(conn);
	struct iscsit_srp_policy policy;
	struct iscsi_param *param;
	struct iscsit_srp *srp;

	srp = iscsit_srp_alloc(&iscsit_srp_queue, &iscsit_srp_pool);
	if (!srp)
		return NULL;

	srp->cred = iscsit_srp_scope_cred(auth);
	param = iscsi_find_param_from_key(AUTHMETHOD, conn->param_list);
	srp->target_proposed = param && IS_PSTATE_PROPOSER(param);
	iscsit_srp_policy_get(conn, &policy);
	srp->min_group = max(srp->min_group, policy.min_group);
	srp->mutual_required = policy.mutual_required;
	srp->tls.required = policy.tls_bind;
	if (pending->tls == ISCSIT_TLS_UP)
		srp->tls.nr_certs = iscsit_tls_certs(pending->login.np,
						     pending->tpg_np,
						     srp->tls.certs);
	srp_find_peer(conn, &srp->peer);
	srp->portal_group = conn->tpg;
	srp->gone = srp_conn_gone;
	srp->gone_arg = conn;

	return srp;
}

/* End the SRP exchange of a connection whose login has ended.  May sleep. */
void iscsit_srp_login_free(struct iscsit_conn *conn)
{
	struct iscsit_srp *srp = conn->auth_protocol;

	conn->auth_protocol = NULL;
	iscsit_srp_free(srp);
}

/* A login has succeeded, with any AuthMethod.  May sleep. */
void iscsit_srp_login_done(struct iscsit_conn *conn)
{
	iscsit_srp_count_login(conn);
	if (iscsit_srp_of(conn))
		iscsit_srp_login_free(conn);
}

static int srp_login_reject(struct iscsit_conn *conn,
			    const struct iscsit_srp_reject *reject)
{
	/* A signal of the login timer must not end the response as well */
	flush_signals(current);

	iscsit_tx_login_rsp(conn, reject->status_class, reject->status_detail);

	return ISCSIT_AUTH_REJECTED;
}

/* A login is rejected that would end or join a session of another user */
void iscsit_srp_reject_other_user(struct iscsit_conn *conn)
{
	struct iscsit_srp *srp = iscsit_srp_of(conn);

	if (srp) {
		iscsit_srp_reject(&srp->reject, ISCSIT_SRP_FAULT_POLICY,
				  "the session belongs to another user");
		srp->step = ISCSIT_SRP_STEP_REJECTED;
	}
	iscsit_tx_login_rsp(conn, ISCSI_STATUS_CLS_INITIATOR_ERR,
			    ISCSI_LOGIN_STATUS_TGT_FORBIDDEN);
}

/* Append to a text that continues; the request is rejected after an error */
static int srp_login_append(struct iscsit_srp *srp, const char *text,
			    size_t len)
{
	int ret = iscsit_srp_text_append(&srp->text, text, len,
					 MAX_KEY_VALUE_PAIRS);

	if (!ret)
		return 0;

	srp->step = ISCSIT_SRP_STEP_REJECTED;
	if (ret == -E2BIG)
		return iscsit_srp_reject(&srp->reject, ISCSIT_SRP_FAULT_PROTOCOL,
					 "continued text of more than %u bytes",
					 MAX_KEY_VALUE_PAIRS);

	return iscsit_srp_reject_error(&srp->reject, ret);
}

/* Keep an alias that comes with SRP's keys, as LIO does for other requests */
static void srp_take_alias(struct iscsit_conn *conn, const char *text,
			   size_t len)
{
	struct iscsi_param *param;
	const char *end = text + len;
	struct iscsit_srp_pair pair;
	char *alias;

	while (iscsit_srp_next_pair(&text, end, &pair) > 0) {
		if (!iscsit_srp_pair_is(&pair, INITIATORALIAS) ||
		    pair.value_len > VALUE_MAXLEN)
			continue;
		param = iscsi_find_param_from_key(INITIATORALIAS,
						  conn->param_list);
		alias = kmemdup_nul(pair.value, pair.value_len, GFP_KERNEL);
		if (param && alias) {
			swap(param->value, alias);
			SET_PSTATE_ACCEPTOR(param);
			SET_PSTATE_REPLY_OPTIONAL(param);
		}
		kfree(alias);
	}
}

/* The user, not terminated, whose proof a request brings; NULL if it has no proof */
const char *iscsit_srp_proof_of(struct iscsit_conn *conn, size_t *len)
{
	struct iscsi_login_req *req = (struct iscsi_login_req *)conn->login->req;
	struct iscsit_srp *srp = conn->auth_protocol;

	if (!srp || srp->step != ISCSIT_SRP_STEP_M ||
	    req->flags & ISCSI_FLAG_LOGIN_CONTINUE)
		return NULL;
	*len = srp->user_len;

	return srp->user;
}

/**
 * iscsit_srp_login - Handle a Login Request after SRP was negotiated
 * @conn: connection in the SecurityNegotiation stage, RFC 7143, section 6.3.2;
 *	its login has the request and gets the response's text
 * @auth: credentials of the scope that the initiator logs in to
 *
 * The keys of the request must be SRP's, RFC 7143, section 12.1.2, or valid in
 * every step.
 *
 * Context: Login worker. Sleeps for up to five seconds.
 * Return:
 * * ISCSIT_AUTH_MORE		- send the response, more requests follow
 * * ISCSIT_AUTH_OK		- authenticated, send the response
 * * ISCSIT_AUTH_REJECTED	- a Login Reject was sent
 */
int iscsit_srp_login(struct iscsit_conn *conn, struct iscsi_node_auth *auth)
{
	struct iscsi_login *login = conn->login;
	struct iscsi_login_req *req = (struct iscsi_login_req *)login->req;
	bool continues = req->flags & ISCSI_FLAG_LOGIN_CONTINUE;
	struct iscsit_srp *srp = conn->auth_protocol;
	const char *text = login->req_buf;
	size_t len = ntoh24(req->dlength);
	struct iscsit_srp_reject reject;
	size_t rsp_len = 0;
	int ret;

	if (!srp) {
		srp = srp_login_alloc(conn, auth);
		if (!srp) {
			iscsit_srp_reject_error(&reject, -ENOMEM);
			return srp_login_reject(conn, &reject);
		}
		conn->auth_protocol = srp;
	}

	if (srp->text.buf || continues) {
		if (srp_login_append(srp, text, len))
			return srp_login_reject(conn, &srp->reject);
		text = srp->text.buf;
		len = srp->text.len;
	}
	/* An empty response requests the rest */
	if (continues)
		return ISCSIT_AUTH_MORE;

	srp_take_alias(conn, text, len);
	srp->answered = srp->step;
	srp->began = ktime_get();
	ret = iscsit_srp_step(srp, text, len, login->rsp_buf,
			      MAX_KEY_VALUE_PAIRS, &rsp_len);
	iscsit_srp_text_free(&srp->text);
	login->rsp_length = rsp_len;
	if (!ret)
		return ISCSIT_AUTH_MORE;

	trace_iscsi_srp_login(srp_initiator_name(conn),
			      srp->group ? srp->group->id : 0, srp->mutual,
			      srp->reject.status_class,
			      srp->reject.status_detail);
	if (ret < 0)
		return srp_login_reject(conn, &srp->reject);

	if (login->leading_connection &&
	    iscsit_srp_session_own(conn->sess, srp)) {
		srp->step = ISCSIT_SRP_STEP_REJECTED;
		iscsit_srp_reject_error(&srp->reject, -ENOMEM);
		return srp_login_reject(conn, &srp->reject);
	}
	iscsit_srp_authenticated(conn);
	if (srp->pick.label[0])
		pr_info_ratelimited("login of %s from %pISpc with user table entry %s\n",
				    srp_initiator_name(conn),
				    &conn->login_sockaddr, srp->pick.label);

	return ISCSIT_AUTH_OK;
}

/*
 * The response to a Login Request was sent, or is about to be if the connection has
 * no socket; AuthMethod is SRP.  May sleep.
 */
void iscsit_srp_login_sent(struct iscsit_conn *conn)
{
	struct iscsit_srp *srp = conn->auth_protocol;

	/* An empty response to text that continues answers no step */
	if (!srp || !srp->began)
		return;

	trace_iscsi_srp_step(srp->answered, ktime_us_delta(ktime_get(),
							   srp->began));
	srp->began = 0;
	iscsit_srp_sent(srp);
}
