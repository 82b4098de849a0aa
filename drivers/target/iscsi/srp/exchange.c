// SPDX-License-Identifier: GPL-2.0
/*
 * The target's side of AuthMethod=SRP, RFC 7143, section 12.1.2:
 *
 *	I -> T	SRP_U  TargetAuth		step U
 *	T -> I	SRP_GROUP (list)  SRP_s
 *	I -> T	SRP_A  SRP_GROUP (one)		step A
 *	T -> I	SRP_B
 *	I -> T	SRP_M				step M
 *	T -> I	SRP_HM, if TargetAuth=Yes
 *
 * Text goes in and out here, with no connection at hand; what the rest of the
 * target needs to know is in srp/login.c.  The exponentiations
 * are jobs for the helper: B is asked for once U has been answered, for the
 * group that the initiator will probably take, and S once A has been answered,
 * so that they are computed while the peer computes and the text travels.
 */

#include <crypto/utils.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <scsi/iscsi_proto.h>
#include "cred.h"
#include "decoy.h"
#include "exchange.h"
#include "group.h"
#include "min_group.h"
#include "pick.h"
#include "powers.h"
#include "proof.h"
#include "queue.h"
#include "stats.h"
#include "text.h"

/* How often B = 0 or u = 0 is believed; either has a chance of 1 in 2^32 */
#define SRP_B_TRIES	3

/* How long one job may take, of the 15 seconds that a login has */
#define SRP_JOB_TIMEOUT	(5 * HZ)

/* How often a wait looks after the connection */
#define SRP_WAIT_SLICE	(HZ / 10)

static int srp_reject(struct iscsit_srp *srp, u8 status_class, u8 status_detail,
		      enum iscsit_srp_stat reason, const char *why)
{
	srp->step = ISCSIT_SRP_STEP_REJECTED;
	srp->status_class = status_class;
	srp->status_detail = status_detail;
	srp->reason = reason;
	srp->why = why;

	return -EACCES;
}

/* The initiator did not keep to the protocol */
static int srp_protocol_error(struct iscsit_srp *srp, const char *why)
{
	return srp_reject(srp, ISCSI_STATUS_CLS_INITIATOR_ERR,
			  ISCSI_LOGIN_STATUS_INIT_ERR,
			  ISCSIT_SRP_STAT_PROTOCOL, why);
}

static int srp_missing(struct iscsit_srp *srp, const char *why)
{
	return srp_reject(srp, ISCSI_STATUS_CLS_INITIATOR_ERR,
			  ISCSI_LOGIN_STATUS_MISSING_FIELDS,
			  ISCSIT_SRP_STAT_PROTOCOL, why);
}

static int srp_auth_failed(struct iscsit_srp *srp, enum iscsit_srp_stat reason,
			   const char *why)
{
	return srp_reject(srp, ISCSI_STATUS_CLS_INITIATOR_ERR,
			  ISCSI_LOGIN_STATUS_AUTH_FAILED, reason, why);
}

/* The initiator kept to the protocol, but not to what is allowed here */
static int srp_forbidden(struct iscsit_srp *srp, const char *why)
{
	return srp_reject(srp, ISCSI_STATUS_CLS_INITIATOR_ERR,
			  ISCSI_LOGIN_STATUS_TGT_FORBIDDEN,
			  ISCSIT_SRP_STAT_POLICY, why);
}

/* A fault on our side is never said to be the initiator's */
static int srp_target_error(struct iscsit_srp *srp, int error)
{
	switch (error) {
	case -ENOMEM:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_NO_RESOURCES,
				  ISCSIT_SRP_STAT_RESOURCES,
				  "out of memory");
	case -ENOBUFS:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_NO_RESOURCES,
				  ISCSIT_SRP_STAT_RESOURCES,
				  "the job queue is full, see srp_queue_len");
	case -ETIMEDOUT:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE,
				  ISCSIT_SRP_STAT_HELPER,
				  "the helper iscsi-srpd did not answer in time");
	case -EIO:
	case -ESHUTDOWN:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE,
				  ISCSIT_SRP_STAT_HELPER,
				  "the helper iscsi-srpd failed or cannot be started");
	case -EINTR:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE,
				  ISCSIT_SRP_STAT_ABORTED,
				  "the login was interrupted or took too long");
	case -ECONNRESET:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_TARGET_ERROR,
				  ISCSIT_SRP_STAT_ABORTED,
				  "the initiator closed the connection");
	default:
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_TARGET_ERROR,
				  ISCSIT_SRP_STAT_OTHER,
				  "internal error");
	}
}

/**
 * iscsit_srp_alloc - Begin an SRP exchange
 * @queue: where its jobs go
 * @cred: credentials of the scope that the initiator logs in to, or NULL if
 *	none are configured; the caller keeps its reference
 *
 * Context: Process context. May sleep.
 * Return: The exchange, for iscsit_srp_free(), or NULL without memory.
 */
struct iscsit_srp *iscsit_srp_alloc(struct iscsit_srp_queue *queue,
				    struct iscsit_srp_cred *cred)
{
	struct iscsit_srp *srp;

	srp = kzalloc_obj(*srp);
	if (!srp)
		return NULL;

	srp->queue = queue;
	srp->step = ISCSIT_SRP_STEP_U;
	srp->min_group = iscsit_srp_min_group();
	if (cred) {
		kref_get(&cred->ref);
		srp->cred = cred;
	}

	return srp;
}

static void srp_drop_job(struct iscsit_srp_job **job)
{
	if (!*job)
		return;

	iscsit_srp_job_cancel(*job);
	iscsit_srp_job_put(*job);
	*job = NULL;
}

/**
 * iscsit_srp_free - End an SRP exchange at any step
 * @srp: the exchange, or NULL
 *
 * Cancels the jobs that are under way and wipes all secrets.
 *
 * Context: Process context. May sleep.
 */
void iscsit_srp_free(struct iscsit_srp *srp)
{
	if (!srp)
		return;

	srp_drop_job(&srp->ephemeral);
	srp_drop_job(&srp->session);
	if (srp->pool)
		iscsit_srp_pool_login(srp->pool, -1);
	iscsit_srp_cred_put(srp->cred);
	iscsit_srp_pick_drop(&srp->pick);
	kfree_sensitive(srp);
}

/* Have B = v + g^b for @group and a new b made, or begin with a ready g^b */
static int srp_start_ephemeral(struct iscsit_srp *srp,
			       const struct iscsit_srp_group *group)
{
	struct iscsit_srp_job *job;
	int ret;

	srp->group = group;
	srp->power_ready = srp->pool &&
			   iscsit_srp_pool_take(srp->pool, group, srp->b, srp->B);
	if (srp->power_ready)
		return 0;

	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_EPHEMERAL, group);
	if (!job)
		return -ENOMEM;

	ret = get_random_bytes_wait(srp->b, sizeof(srp->b));
	if (ret)
		goto err_put;

	memcpy(job->msg.v, srp->cred->verifier[group->id], group->len);
	job->msg.v_len = group->len;
	memcpy(job->msg.b, srp->b, sizeof(srp->b));
	job->msg.b_len = sizeof(srp->b);

	ret = iscsit_srp_job_submit(srp->queue, job, jiffies + SRP_JOB_TIMEOUT);
	if (ret)
		goto err_put;

	srp->ephemeral = job;

	return 0;

err_put:
	iscsit_srp_job_put(job);
	return ret;
}

/* Queue S = (A * v^u)^b */
static int srp_start_session(struct iscsit_srp *srp)
{
	const struct iscsit_srp_group *group = srp->group;
	struct iscsit_srp_job *job;
	int ret;

	job = iscsit_srp_job_alloc(ISCSI_SRP_OP_SESSION, group);
	if (!job)
		return -ENOMEM;

	memcpy(job->msg.v, srp->cred->verifier[group->id], group->len);
	job->msg.v_len = group->len;
	memcpy(job->msg.b, srp->b, sizeof(srp->b));
	job->msg.b_len = sizeof(srp->b);
	memcpy(job->msg.A, srp->A, srp->A_len);
	job->msg.A_len = srp->A_len;
	job->msg.u = srp->u;

	ret = iscsit_srp_job_submit(srp->queue, job, jiffies + SRP_JOB_TIMEOUT);
	if (ret) {
		iscsit_srp_job_put(job);
		return ret;
	}
	srp->session = job;

	return 0;
}

/* Wait for a job, but not longer than somebody waits for us */
static int srp_wait(struct iscsit_srp *srp, struct iscsit_srp_job *job)
{
	ktime_t began = ktime_get();
	int ret;
	long left;

	iscsit_srp_job_expedite(job);
	do {
		left = wait_for_completion_interruptible_timeout(&job->done,
								 SRP_WAIT_SLICE);
		if (left < 0)
			ret = -EINTR;
		else if (left)
			ret = job->error;
		else if (srp->gone && srp->gone(srp->gone_arg))
			ret = -ECONNRESET;
		else
			continue;
		break;
	} while (true);
	srp->wait_us += ktime_us_delta(ktime_get(), began);

	return ret;
}

/*
 * Take @nr keys out of a request, each of which must be there exactly once and
 * beside which nothing may be.
 */
static int srp_take_keys(struct iscsit_srp *srp, const char *text, size_t len,
			 const char *const *keys, struct iscsit_srp_pair *pairs,
			 unsigned int nr)
{
	const char *end = text + len;
	struct iscsit_srp_pair pair;
	unsigned int i;
	int ret;

	memset(pairs, 0, nr * sizeof(*pairs));
	while ((ret = iscsit_srp_next_pair(&text, end, &pair)) > 0) {
		/* The answer to our offer comes together with the first keys */
		if (srp->step == ISCSIT_SRP_STEP_U && srp->target_proposed &&
		    iscsit_srp_pair_is(&pair, "AuthMethod"))
			continue;

		for (i = 0; i < nr; i++)
			if (iscsit_srp_pair_is(&pair, keys[i]))
				break;
		if (i == nr)
			return srp_protocol_error(srp, "a key that does not belong to this step");
		if (pairs[i].key)
			return srp_protocol_error(srp, "a key was sent twice");
		pairs[i] = pair;
	}
	if (ret < 0)
		return srp_protocol_error(srp, "the text is not made of key=value pairs");

	for (i = 0; i < nr; i++)
		if (!pairs[i].key)
			return srp_missing(srp, "a key of this step is missing");

	return 0;
}

static bool srp_value_is(const struct iscsit_srp_pair *pair, const char *value)
{
	return pair->value_len == strlen(value) &&
	       !memcmp(pair->value, value, pair->value_len);
}

/* The groups at or above the minimum that there is a verifier for */
static void srp_find_offer(struct iscsit_srp *srp,
			   const struct iscsit_srp_cred *cred)
{
	unsigned int id;

	srp->nr_offered = 0;
	for (id = ISCSI_SRP_GROUP_MAX; id >= srp->min_group; id--)
		if (cred->verifier[id])
			srp->offered[srp->nr_offered++] =
				iscsit_srp_group_by_id(id);
}

/*
 * Settle whose credentials are used.  An unknown user, and one without a
 * verifier, is led up to the proof like any other, with a made-up credential
 * that no password fits, so that nobody learns which users exist.  It is made
 * for known users as well: so both take the same time.
 */
static int srp_choose_cred(struct iscsit_srp *srp, const u8 *userid, size_t len)
{
	const struct iscsit_srp_cred *like = srp->cred;
	struct iscsit_srp_pick *pick = &srp->pick;
	struct iscsit_srp_cred *made_up;
	int ret;

	ret = iscsit_srp_users_pick(&srp->peer, srp->cred, srp->min_group,
				    userid, len, pick);
	if (ret)
		return srp_target_error(srp, ret);

	if (!iscsit_srp_cred_has_group(srp->cred, 1) && pick->model)
		like = pick->model;
	made_up = iscsit_srp_decoy(like, userid, len);
	if (!made_up)
		return srp_target_error(srp, -ENOMEM);

	srp->known = pick->cred;
	iscsit_srp_cred_put(srp->cred);
	if (srp->known) {
		srp->cred = pick->cred;
		pick->cred = NULL;
		iscsit_srp_cred_put(made_up);
	} else {
		srp->cred = made_up;
	}

	srp_find_offer(srp, srp->cred);
	if (!srp->nr_offered)
		return srp_forbidden(srp, "no verifier for a group that srp_min_group allows");

	return 0;
}

static int srp_step_u(struct iscsit_srp *srp, const char *text, size_t len,
		      char *rsp, size_t rsp_size, size_t *rsp_len)
{
	static const char *const keys[] = { "SRP_U", "TargetAuth" };
	/* Nine names of at most nine letters, and a comma or NUL for each */
	char list[ISCSI_SRP_GROUP_MAX * 10];
	struct iscsit_srp_pair pairs[ARRAY_SIZE(keys)];
	unsigned int i;
	int ret, n = 0;

	ret = srp_take_keys(srp, text, len, keys, pairs, ARRAY_SIZE(keys));
	if (ret)
		return ret;

	if (!pairs[0].value_len || pairs[0].value_len > ISCSIT_SRP_USERID_MAX)
		return srp_protocol_error(srp, "SRP_U is empty or longer than 255 octets");
	memcpy(srp->user, pairs[0].value, pairs[0].value_len);
	srp->user_len = pairs[0].value_len;

	if (srp_value_is(&pairs[1], "Yes"))
		srp->mutual = true;
	else if (!srp_value_is(&pairs[1], "No"))
		return srp_protocol_error(srp, "TargetAuth is neither Yes nor No");
	if (srp->mutual_required && !srp->mutual)
		return srp_forbidden(srp, "TargetAuth=No, but srp_mutual_required is set");

	ret = srp_choose_cred(srp, pairs[0].value, pairs[0].value_len);
	if (ret)
		return ret;

	for (i = 0; i < srp->nr_offered; i++)
		n += scnprintf(list + n, sizeof(list) - n, "%s%s",
			       i ? "," : "", srp->offered[i]->name);

	ret = iscsit_srp_put_text(rsp, rsp_size, rsp_len, "SRP_GROUP", list);
	if (!ret)
		ret = iscsit_srp_put_binary(rsp, rsp_size, rsp_len, "SRP_s",
					    srp->cred->salt,
					    srp->cred->salt_len);
	if (ret)
		return srp_target_error(srp, ret);

	srp->step = ISCSIT_SRP_STEP_A;

	return 0;
}

static const struct iscsit_srp_group *
srp_find_offered(const struct iscsit_srp *srp,
		 const struct iscsit_srp_pair *pair)
{
	unsigned int i;

	for (i = 0; i < srp->nr_offered; i++)
		if (srp_value_is(pair, srp->offered[i]->name))
			return srp->offered[i];

	return NULL;
}

/* B and u for the chosen group, with another b should either be zero */
static int srp_finish_ephemeral(struct iscsit_srp *srp,
				const struct iscsit_srp_group *group)
{
	unsigned int tries;
	const u8 *B;
	size_t len;
	int ret;

	if (srp->group != group) {
		srp_drop_job(&srp->ephemeral);
		srp->power_ready = false;
	}

	for (tries = 0; tries < SRP_B_TRIES; tries++) {
		if (!srp->ephemeral && !srp->power_ready) {
			ret = srp_start_ephemeral(srp, group);
			if (ret)
				return ret;
		}

		if (srp->power_ready) {
			iscsit_srp_group_add(group,
					     srp->cred->verifier[group->id],
					     srp->B);
			srp->power_ready = false;
		} else {
			ret = srp_wait(srp, srp->ephemeral);
			if (ret)
				return ret;
			memcpy(srp->B, srp->ephemeral->result, group->len);
			srp_drop_job(&srp->ephemeral);
		}

		len = group->len;
		B = iscsit_srp_minimal(srp->B, &len);
		memmove(srp->B, B, len);
		srp->B_len = len;
		if (!len)
			continue;
		srp->u = iscsit_srp_u(srp->B, len);
		if (srp->u)
			return 0;
	}

	return -EIO;
}

static int srp_step_a(struct iscsit_srp *srp, const char *text, size_t len,
		      char *rsp, size_t rsp_size, size_t *rsp_len)
{
	static const char *const keys[] = { "SRP_A", "SRP_GROUP" };
	struct iscsit_srp_pair pairs[ARRAY_SIZE(keys)];
	const struct iscsit_srp_group *group;
	size_t A_len;
	const u8 *A;
	int ret;

	ret = srp_take_keys(srp, text, len, keys, pairs, ARRAY_SIZE(keys));
	if (ret)
		return ret;

	group = srp_find_offered(srp, &pairs[1]);
	if (!group)
		return srp_protocol_error(srp, "SRP_GROUP is not one of the groups offered");

	ret = iscsit_srp_decode(pairs[0].value, pairs[0].value_len, srp->A,
				sizeof(srp->A));
	if (ret < 0)
		return srp_protocol_error(srp, "SRP_A is not a binary value of 1 to 1024 octets");
	if (!iscsit_srp_group_contains(group, srp->A, ret))
		return srp_auth_failed(srp, ISCSIT_SRP_STAT_PROTOCOL,
				       "SRP_A is not between 0 and N");
	A_len = ret;
	A = iscsit_srp_minimal(srp->A, &A_len);
	memmove(srp->A, A, A_len);
	srp->A_len = A_len;

	ret = srp_finish_ephemeral(srp, group);
	if (!ret)
		ret = iscsit_srp_put_binary(rsp, rsp_size, rsp_len, "SRP_B",
					    srp->B, srp->B_len);
	if (ret)
		return srp_target_error(srp, ret);

	srp->step = ISCSIT_SRP_STEP_M;

	return 0;
}

/* The password is wrong, or it is the one of another credential of the user */
static int srp_proof_failed(struct iscsit_srp *srp)
{
	enum iscsit_srp_stat reason = srp->known ? ISCSIT_SRP_STAT_PASSWORD :
						   ISCSIT_SRP_STAT_USER;

	if (iscsit_srp_pick_failed(&srp->pick))
		return srp_reject(srp, ISCSI_STATUS_CLS_TARGET_ERR,
				  ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE, reason,
				  "SRP_M is wrong, the next try is with the user's other credential, if there is one");

	return srp_auth_failed(srp, reason, srp->known ?
			       "SRP_M is wrong: not the user's password" :
			       "SRP_U is not the user of this target, or has no verifier");
}

static int srp_step_m(struct iscsit_srp *srp, const char *text, size_t len,
		      char *rsp, size_t rsp_size, size_t *rsp_len)
{
	static const char *const keys[] = { "SRP_M" };
	struct iscsit_srp_transcript t = {};
	struct iscsit_srp_pair pair;
	u8 K[ISCSIT_SRP_KEY_LEN];
	u8 M[SHA1_DIGEST_SIZE];
	u8 HM[SHA1_DIGEST_SIZE];
	u8 proof[ISCSI_SRP_MAX_LEN] = {};
	int proof_len, ret;
	bool differs;

	ret = srp_take_keys(srp, text, len, keys, &pair, ARRAY_SIZE(keys));
	if (ret)
		return ret;

	proof_len = iscsit_srp_decode(pair.value, pair.value_len, proof,
				      sizeof(proof));
	if (proof_len < 0)
		return srp_protocol_error(srp, "SRP_M is not a binary value of 1 to 1024 octets");

	ret = srp->session ? 0 : srp_start_session(srp);
	if (!ret)
		ret = srp_wait(srp, srp->session);
	if (ret)
		return srp_target_error(srp, ret);

	iscsit_srp_interleave(srp->session->result, srp->session->result_len,
			      K);
	srp_drop_job(&srp->session);

	t.group = srp->group;
	t.U = srp->cred->userid;
	t.U_len = srp->cred->userid_len;
	t.s = srp->cred->salt;
	t.s_len = srp->cred->salt_len;
	t.A = srp->A;
	t.A_len = srp->A_len;
	t.B = srp->B;
	t.B_len = srp->B_len;
	t.K = K;
	iscsit_srp_M(&t, M);
	iscsit_srp_HM(&t, M, HM);
	memzero_explicit(K, sizeof(K));

	differs = proof_len != sizeof(M);
	differs |= crypto_memneq(proof, M, sizeof(M)) != 0;
	memzero_explicit(M, sizeof(M));
	if (differs || !srp->known) {
		ret = srp_proof_failed(srp);
		goto out;
	}
	iscsit_srp_pick_worked(&srp->pick);

	if (srp->mutual) {
		ret = iscsit_srp_put_binary(rsp, rsp_size, rsp_len, "SRP_HM",
					    HM, sizeof(HM));
		if (ret) {
			ret = srp_target_error(srp, ret);
			goto out;
		}
	}

	srp->step = ISCSIT_SRP_STEP_DONE;
	ret = 1;

out:
	memzero_explicit(HM, sizeof(HM));
	return ret;
}

/**
 * iscsit_srp_step - Answer one request of an SRP exchange
 * @srp: the exchange
 * @text: the request's key=value pairs, RFC 7143, section 6.1
 * @len: octets of @text
 * @rsp: where the answer's key=value pairs go
 * @rsp_size: octets at @rsp
 * @rsp_len: octets used of @rsp, appended to
 *
 * Takes the keys of the step that is due, RFC 7143, section 12.1.2, and no
 * others.  Waits for the helper where it must, for at most five seconds or
 * until the login's timer sends a signal.
 *
 * Context: Process context. Sleeps.
 * Return:
 * * 0		- the answer is complete, the next step is due
 * * 1		- the initiator has authenticated, the answer is complete
 * * -EACCES	- rejected: @srp->status_class, @srp->status_detail and
 *		  @srp->why say how and why; the exchange is at its end
 */
int iscsit_srp_step(struct iscsit_srp *srp, const char *text, size_t len,
		    char *rsp, size_t rsp_size, size_t *rsp_len)
{
	switch (srp->step) {
	case ISCSIT_SRP_STEP_U:
		return srp_step_u(srp, text, len, rsp, rsp_size, rsp_len);
	case ISCSIT_SRP_STEP_A:
		return srp_step_a(srp, text, len, rsp, rsp_size, rsp_len);
	case ISCSIT_SRP_STEP_M:
		return srp_step_m(srp, text, len, rsp, rsp_size, rsp_len);
	default:
		return srp_protocol_error(srp, "the exchange is over");
	}
}

/**
 * iscsit_srp_sent - The answer to a request has left
 * @srp: the exchange, whose last step returned 0
 *
 * Begins what the next step will need.  Before, a worker would compete with the
 * answer for the CPU.  A failure is left to the next step to find: the initiator
 * might choose another group, or go away.
 *
 * Context: Process context. May sleep.
 */
void iscsit_srp_sent(struct iscsit_srp *srp)
{
	if (srp->step == ISCSIT_SRP_STEP_A)
		srp_start_ephemeral(srp, srp->offered[0]);
	else if (srp->step == ISCSIT_SRP_STEP_M)
		srp_start_session(srp);
}
