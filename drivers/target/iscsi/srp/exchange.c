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
 * In TLS both ends may add ISCSIT_SRP_BIND_KEY to the last two, see bind.c.
 *
 * This file maps request text to response text; login.c knows the connection.
 * The helper does the exponentiations while the initiator computes and the text
 * travels: B is requested after the answer to step U, for the group that the
 * initiator will probably choose, and S after the answer to step A.
 */

#include <crypto/utils.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "exchange.h"
#include "group.h"
#include "min_group.h"
#include "proof.h"
#include "text.h"

/* How often to try again if B = 0 or u = 0; each has a chance of 1 in 2^32 */
#define SRP_B_TRIES	3

/* Deadline of a job; a login has 15 seconds */
#define SRP_JOB_TIMEOUT	(5 * HZ)

/* How often a wait checks the connection */
#define SRP_WAIT_SLICE	(HZ / 10)

/**
 * iscsit_srp_alloc - Begin an SRP exchange
 * @queue: the queue for its jobs
 * @pool: powers computed in advance, or NULL
 *
 * Context: Process context. May sleep.
 * Return: The exchange, to be released by iscsit_srp_free(), or NULL.
 */
struct iscsit_srp *iscsit_srp_alloc(struct iscsit_srp_queue *queue,
				    struct iscsit_srp_pool *pool)
{
	struct iscsit_srp *srp;

	srp = kzalloc_obj(*srp);
	if (!srp)
		return NULL;

	srp->queue = queue;
	srp->pool = pool;
	if (pool)
		iscsit_srp_pool_login(pool, 1);
	srp->min_group = iscsit_srp_min_group();
	srp->changes = iscsit_srp_cred_changes();

	return srp;
}

#define srp_protocol_error(srp, fmt...)					\
	iscsit_srp_reject(&(srp)->reject, ISCSIT_SRP_FAULT_PROTOCOL, fmt)

static void srp_drop_job(struct iscsit_srp *srp)
{
	if (!srp->job)
		return;

	iscsit_srp_job_cancel(srp->job);
	iscsit_srp_job_put(srp->job);
	srp->job = NULL;
}

/* End an exchange at any step, cancel its job and wipe all secrets */
void iscsit_srp_free(struct iscsit_srp *srp)
{
	if (!srp)
		return;

	srp_drop_job(srp);
	if (srp->pool)
		iscsit_srp_pool_login(srp->pool, -1);
	iscsit_srp_cred_put(srp->cred);
	iscsit_srp_pick_drop(&srp->pick);
	iscsit_srp_text_free(&srp->text);
	kfree_sensitive(srp);
}

static int srp_submit(struct iscsit_srp *srp, enum iscsi_srp_op op)
{
	const struct iscsit_srp_group *group = srp->group;
	struct iscsit_srp_job *job;
	int ret;

	job = iscsit_srp_job_alloc(op, group);
	if (!job)
		return -ENOMEM;

	job->portal_group = srp->portal_group;
	memcpy(job->msg.v, srp->cred->verifier[group->id], group->len);
	job->msg.v_len = group->len;
	memcpy(job->msg.b, srp->b, sizeof(srp->b));
	job->msg.b_len = sizeof(srp->b);
	if (op == ISCSI_SRP_OP_SESSION) {
		memcpy(job->msg.A, srp->A, srp->A_len);
		job->msg.A_len = srp->A_len;
		job->msg.u = srp->u;
	}

	ret = iscsit_srp_job_submit(srp->queue, job, jiffies + SRP_JOB_TIMEOUT);
	if (ret)
		iscsit_srp_job_put(job);
	else
		srp->job = job;

	return ret;
}

/* Choose b and request B = v + g^b, or take b and g^b from the pool */
static int srp_start_ephemeral(struct iscsit_srp *srp,
			       const struct iscsit_srp_group *group)
{
	srp->group = group;
	srp->power_ready = srp->pool &&
			   iscsit_srp_pool_take(srp->pool, group, srp->b, srp->B);
	if (srp->power_ready)
		return 0;

	return get_random_bytes_wait(srp->b, sizeof(srp->b)) ?:
	       srp_submit(srp, ISCSI_SRP_OP_EPHEMERAL);
}

/*
 * Drop a job that failed while nobody waited for it: the helper may have been
 * replaced since
 */
static void srp_drop_failed_job(struct iscsit_srp *srp)
{
	if (srp->job && completion_done(&srp->job->done) && srp->job->error)
		srp_drop_job(srp);
}

/* Wait for the job, but only while the initiator waits for us */
static int srp_wait(struct iscsit_srp *srp)
{
	struct iscsit_srp_job *job = srp->job;
	ktime_t began = ktime_get();
	int ret = -EAGAIN;
	long left;

	iscsit_srp_job_expedite(job);
	while (ret == -EAGAIN) {
		left = wait_for_completion_interruptible_timeout(&job->done,
								 SRP_WAIT_SLICE);
		if (left < 0)
			ret = -EINTR;
		else if (left)
			ret = job->error;
		else if (srp->gone)
			ret = srp->gone(srp->gone_arg) ?: -EAGAIN;
	}
	srp->wait_us += ktime_us_delta(ktime_get(), began);

	return ret;
}

/* Whether a key is not SRP's but valid in every step */
static bool srp_key_is_general(const struct iscsit_srp *srp,
			       const struct iscsit_srp_pair *pair)
{
	/* The answer to our offer comes with the first keys */
	if (srp->step == ISCSIT_SRP_STEP_U && srp->target_proposed &&
	    iscsit_srp_pair_is(pair, "AuthMethod"))
		return true;

	return iscsit_srp_pair_is(pair, "InitiatorAlias") ||
	       iscsit_srp_pair_is_extension(pair);
}

/* Take @nr keys from a request: each exactly once, and only general ones beside */
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
		if (srp_key_is_general(srp, &pair))
			continue;
		for (i = 0; i < nr; i++)
			if (iscsit_srp_pair_is(&pair, keys[i]))
				break;
		if (i == nr)
			return srp_protocol_error(srp, "unexpected key, this step has %s%s%s",
						  keys[0],
						  nr > 1 ? " and " : " only",
						  nr > 1 ? keys[1] : "");
		if (pairs[i].key)
			return srp_protocol_error(srp, "%s was sent twice",
						  keys[i]);
		pairs[i] = pair;
	}
	if (ret < 0)
		return srp_protocol_error(srp, "the text does not consist of key=value pairs");

	for (i = 0; i < nr; i++)
		if (!pairs[i].key)
			return iscsit_srp_reject(&srp->reject,
						 ISCSIT_SRP_FAULT_MISSING,
						 "%s is missing", keys[i]);

	return 0;
}

static bool srp_value_is(const struct iscsit_srp_pair *pair, const char *value)
{
	return pair->value_len == strlen(value) &&
	       !memcmp(pair->value, value, pair->value_len);
}

/* Offer the groups that have a verifier and are not below the minimum */
static int srp_find_offer(struct iscsit_srp *srp)
{
	unsigned int id;

	srp->nr_offered = 0;
	for (id = ISCSI_SRP_GROUP_MAX; id >= srp->min_group; id--)
		if (srp->cred->verifier[id])
			srp->offered[srp->nr_offered++] =
				iscsit_srp_group_by_id(id);
	if (srp->nr_offered)
		return 0;

	return iscsit_srp_reject(&srp->reject, ISCSIT_SRP_FAULT_POLICY,
				 "no verifier for a group of at least %s, see srp_min_group",
				 iscsit_srp_group_by_id(srp->min_group)->name);
}

/*
 * Choose the credential.  An unknown user, or one without a verifier, gets a
 * made-up one that no password fits, so that the exchange up to the proof does
 * not reveal which users exist.
 */
static int srp_choose_cred(struct iscsit_srp *srp)
{
	struct iscsit_srp_pick *pick = &srp->pick;
	int ret;

	ret = iscsit_srp_pick(&srp->peer, srp->cred, srp->min_group, srp->user,
			      srp->user_len, pick);
	if (ret)
		return iscsit_srp_reject_error(&srp->reject, ret);

	srp->known = pick->cred;
	iscsit_srp_cred_put(srp->cred);
	srp->cred = pick->cred ?: pick->made_up;
	kref_get(&srp->cred->ref);

	return srp_find_offer(srp);
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
		return srp_protocol_error(srp, "SRP_U is empty or longer than 255 bytes");
	memcpy(srp->user, pairs[0].value, pairs[0].value_len);
	srp->user_len = pairs[0].value_len;

	if (srp_value_is(&pairs[1], "Yes"))
		srp->mutual = true;
	else if (!srp_value_is(&pairs[1], "No"))
		return srp_protocol_error(srp, "TargetAuth is neither Yes nor No");
	if (srp->mutual_required && !srp->mutual)
		return iscsit_srp_reject(&srp->reject, ISCSIT_SRP_FAULT_POLICY,
					 "TargetAuth=No, but srp_mutual_required is set");

	ret = iscsit_srp_bind_check(&srp->tls, &srp->reject) ?:
	      srp_choose_cred(srp);
	if (ret)
		return ret;

	for (i = 0; i < srp->nr_offered; i++)
		n += scnprintf(list + n, sizeof(list) - n, "%s%s",
			       i ? "," : "", srp->offered[i]->name);

	ret = iscsit_srp_put_text(rsp, rsp_size, rsp_len, "SRP_GROUP", list) ?:
	      iscsit_srp_put_binary(rsp, rsp_size, rsp_len, "SRP_s",
				    srp->cred->salt, srp->cred->salt_len);
	if (ret)
		return iscsit_srp_reject_error(&srp->reject, ret);

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

/* Move the minimal bytes of a number to its start and return their number */
static size_t srp_strip(u8 *value, size_t len)
{
	const u8 *minimal = iscsit_srp_minimal(value, &len);

	memmove(value, minimal, len);

	return len;
}

/* Get B and u for the chosen group; use another b if one of them is zero */
static int srp_finish_ephemeral(struct iscsit_srp *srp,
				const struct iscsit_srp_group *group)
{
	unsigned int tries;
	int ret;

	if (srp->group != group) {
		srp_drop_job(srp);
		srp->power_ready = false;
	}
	srp_drop_failed_job(srp);

	for (tries = 0; tries < SRP_B_TRIES; tries++) {
		if (!srp->job && !srp->power_ready) {
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
			ret = srp_wait(srp);
			if (ret)
				return ret;
			memcpy(srp->B, srp->job->result, group->len);
			srp_drop_job(srp);
		}

		srp->B_len = srp_strip(srp->B, group->len);
		srp->u = iscsit_srp_u(srp->B, srp->B_len);
		if (srp->B_len && srp->u)
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
	int ret;

	ret = srp_take_keys(srp, text, len, keys, pairs, ARRAY_SIZE(keys));
	if (ret)
		return ret;

	group = srp_find_offered(srp, &pairs[1]);
	if (!group)
		return srp_protocol_error(srp, "SRP_GROUP is not one of the offered groups");

	ret = iscsit_srp_decode(pairs[0].value, pairs[0].value_len, srp->A,
				sizeof(srp->A));
	if (ret < 0)
		return srp_protocol_error(srp, "SRP_A is not a binary value of 1 to 1024 bytes");
	if (!iscsit_srp_group_contains(group, srp->A, ret))
		return iscsit_srp_reject(&srp->reject, ISCSIT_SRP_FAULT_VALUE,
					 "SRP_A is not between 0 and N of %s",
					 group->name);
	srp->A_len = srp_strip(srp->A, ret);

	ret = srp_finish_ephemeral(srp, group) ?:
	      iscsit_srp_put_binary(rsp, rsp_size, rsp_len, "SRP_B", srp->B,
				    srp->B_len);
	if (ret)
		return iscsit_srp_reject_error(&srp->reject, ret);

	srp->step = ISCSIT_SRP_STEP_M;

	return 0;
}

static int srp_proof_failed(struct iscsit_srp *srp)
{
	enum iscsit_srp_fault fault = srp->known ? ISCSIT_SRP_FAULT_PASSWORD :
						   ISCSIT_SRP_FAULT_USER;

	if (iscsit_srp_pick_failed(&srp->pick))
		return iscsit_srp_reject_retry(&srp->reject, fault,
					       "SRP_M is wrong; the next try uses the user's other credential, if any");
	/* Known and unknown users: whose credentials changed is not told */
	if (srp->pick.changing || srp->changes != iscsit_srp_cred_changes())
		return iscsit_srp_reject_retry(&srp->reject, fault,
					       "SRP_M is wrong, but credentials were changed during the login");

	if (srp->pick.other_salt)
		return iscsit_srp_reject(&srp->reject, fault,
					 "SRP_M is wrong: the user's entry in srp_users has another salt, so it is not used");

	return iscsit_srp_reject(&srp->reject, fault, "%s", srp->known ?
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
	int proof_len, bound, ret;
	bool differs;

	ret = srp_take_keys(srp, text, len, keys, &pair, ARRAY_SIZE(keys));
	if (ret)
		return ret;

	proof_len = iscsit_srp_decode(pair.value, pair.value_len, proof,
				      sizeof(proof));
	if (proof_len < 0)
		return srp_protocol_error(srp, "SRP_M is not a binary value of 1 to 1024 bytes");
	ret = iscsit_srp_bind_take(&srp->tls, text, len, &srp->reject);
	if (ret)
		return ret;

	srp_drop_failed_job(srp);
	ret = srp->job ? 0 : srp_submit(srp, ISCSI_SRP_OP_SESSION);
	if (!ret)
		ret = srp_wait(srp);
	if (ret)
		return iscsit_srp_reject_error(&srp->reject, ret);

	iscsit_srp_interleave(srp->job->result, srp->job->result_len, K);
	srp_drop_job(srp);

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
	bound = iscsit_srp_bind_verify(&srp->tls, K, &srp->reject);
	memzero_explicit(K, sizeof(K));

	differs = proof_len != sizeof(M);
	differs |= crypto_memneq(proof, M, sizeof(M)) != 0;
	memzero_explicit(M, sizeof(M));
	if (differs || !srp->known) {
		ret = srp_proof_failed(srp);
		goto out;
	}
	if (bound < 0) {
		ret = bound;
		goto out;
	}
	iscsit_srp_pick_worked(&srp->pick);

	ret = 0;
	if (srp->mutual)
		ret = iscsit_srp_put_binary(rsp, rsp_size, rsp_len, "SRP_HM",
					    HM, sizeof(HM));
	ret = ret ?: iscsit_srp_bind_put(&srp->tls, rsp, rsp_size, rsp_len);
	if (ret) {
		ret = iscsit_srp_reject_error(&srp->reject, ret);
		goto out;
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
 * @text: key=value pairs of the request, RFC 7143, section 6.1
 * @len: bytes of @text
 * @rsp: buffer for key=value pairs of the answer
 * @rsp_size: bytes at @rsp
 * @rsp_len: bytes used of @rsp; updated
 *
 * Accepts only the keys of the next step, RFC 7143, section 12.1.2, and keys that
 * are valid in every step.  Waits for the helper if needed, for up to five seconds
 * or until a signal.
 *
 * Context: Process context. Sleeps.
 * Return:
 * * 0		- the answer is complete, another step follows
 * * 1		- the initiator has authenticated, the answer is complete
 * * -EACCES	- rejected by @srp->reject; the exchange is over
 */
int iscsit_srp_step(struct iscsit_srp *srp, const char *text, size_t len,
		    char *rsp, size_t rsp_size, size_t *rsp_len)
{
	const char *understood = NULL;
	int ret;

	if (srp->step == ISCSIT_SRP_STEP_M && srp->tls.nr_certs)
		understood = ISCSIT_SRP_BIND_KEY;
	/* LIO has decoded, and answers, what came with the answer to our offer */
	if (!(srp->step == ISCSIT_SRP_STEP_U && srp->target_proposed) &&
	    iscsit_srp_put_not_understood(rsp, rsp_size / 2, rsp_len, text,
					  len, understood)) {
		srp->step = ISCSIT_SRP_STEP_REJECTED;
		return srp_protocol_error(srp, "too many extension keys");
	}

	switch (srp->step) {
	case ISCSIT_SRP_STEP_U:
		ret = srp_step_u(srp, text, len, rsp, rsp_size, rsp_len);
		break;
	case ISCSIT_SRP_STEP_A:
		ret = srp_step_a(srp, text, len, rsp, rsp_size, rsp_len);
		break;
	case ISCSIT_SRP_STEP_M:
		ret = srp_step_m(srp, text, len, rsp, rsp_size, rsp_len);
		break;
	default:
		ret = srp_protocol_error(srp, "the exchange is over");
	}
	if (ret < 0)
		srp->step = ISCSIT_SRP_STEP_REJECTED;

	return ret;
}

/**
 * iscsit_srp_sent - The answer to a request was sent
 * @srp: the exchange, whose last step returned 0
 *
 * Requests what the next step will need; earlier, a worker would compete with
 * the answer for the CPU.  Ignores errors, as the next step tries again: the
 * initiator may choose another group, or leave.
 *
 * Context: Process context. May sleep.
 */
void iscsit_srp_sent(struct iscsit_srp *srp)
{
	if (srp->step == ISCSIT_SRP_STEP_A)
		srp_start_ephemeral(srp, srp->offered[0]);
	else if (srp->step == ISCSIT_SRP_STEP_M)
		srp_submit(srp, ISCSI_SRP_OP_SESSION);
}
