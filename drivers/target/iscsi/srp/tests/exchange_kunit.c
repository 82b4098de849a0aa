// SPDX-License-Identifier: GPL-2.0
/*
 * The SRP exchange of the target, with an initiator's texts and known answers
 * instead of a helper.
 */

#include <linux/hex.h>
#include <scsi/iscsi_proto.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target_srp.h"
#include "../configfs.h"
#include "../exchange.h"
#include "../proof.h"
#include "../scope.h"
#include "../session.h"
#include "../text.h"
#include "helpers.h"
#include "vectors.h"

#define STATUS(cls, detail)	((cls) << 8 | (detail))
#define INIT_ERROR	STATUS(2, ISCSI_LOGIN_STATUS_INIT_ERR)
#define AUTH_FAILED	STATUS(2, ISCSI_LOGIN_STATUS_AUTH_FAILED)
#define FORBIDDEN	STATUS(2, ISCSI_LOGIN_STATUS_TGT_FORBIDDEN)
#define MISSING		STATUS(2, ISCSI_LOGIN_STATUS_MISSING_FIELDS)
#define TARGET_ERROR	STATUS(3, ISCSI_LOGIN_STATUS_TARGET_ERROR)
#define UNAVAILABLE	STATUS(3, ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE)
#define NO_RESOURCES	STATUS(3, ISCSI_LOGIN_STATUS_NO_RESOURCES)

#define TEXT_SIZE	8192

struct srp_ctx {
	struct iscsit_srp_queue queue;
	struct test_worker worker;	/* answers jobs with @vector's B and S */
	struct iscsit_srp *srp;
	const struct srp_vector *vector;
	struct iscsit_srp_cred *cred;	/* made of @vector */
	unsigned int zero_B;		/* answers B = 0 that come first */
	unsigned int zero_u;		/* answers B with u = 0 that come next */
	enum iscsi_srp_status status;	/* of all answers */
	unsigned int ephemeral;		/* jobs for B so far */
	char *req;
	char *rsp;
	size_t req_len;
	size_t rsp_len;
};

static const struct srp_vector *find_vector(struct kunit *test, const char *id)
{
	unsigned int i;

	for (i = 0; i < SRP_VECTORS; i++)
		if (!strcmp(srp_vectors[i].id, id))
			return &srp_vectors[i];
	KUNIT_FAIL_AND_ABORT(test, "no vector %s", id);

	return NULL;
}

static void fill(void *data, const struct iscsit_srp_job *job,
		 struct iscsi_srp_result *result)
{
	struct srp_ctx *ctx = data;
	const struct srp_octets *value = &ctx->vector->S;
	static const struct srp_octets none = {};

	if (job->msg.op == ISCSI_SRP_OP_EPHEMERAL) {
		value = &ctx->vector->B;
		ctx->ephemeral++;
		if (ctx->zero_B) {
			ctx->zero_B--;
			value = &none;
		} else if (ctx->zero_u) {
			ctx->zero_u--;
			value = &srp_zero_u[0].B;
		}
	}
	result->status = ctx->status;
	memcpy(result->value + job->group->len - value->len, value->p,
	       value->len);
}

static struct iscsit_srp_cred *make_cred(struct kunit *test,
					 const struct srp_vector *v)
{
	const struct iscsit_srp_group *group = iscsit_srp_group_by_id(v->group);
	struct iscsit_srp_cred *cred;

	cred = kzalloc_obj(*cred);
	KUNIT_ASSERT_NOT_NULL(test, cred);
	kref_init(&cred->ref);
	memcpy(cred->userid, v->U.p, v->U.len);
	cred->userid_len = v->U.len;
	cred->salt = kmemdup(v->s.p, v->s.len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cred->salt);
	cred->salt_len = v->s.len;
	cred->verifier[v->group] = kzalloc(group->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cred->verifier[v->group]);
	memcpy(cred->verifier[v->group] + group->len - v->v.len, v->v.p,
	       v->v.len);

	return cred;
}

/* Begin a new exchange for @v */
static void begin(struct kunit *test, const struct srp_vector *v)
{
	struct srp_ctx *ctx = test->priv;

	iscsit_srp_free(ctx->srp);
	if (ctx->cred)
		iscsit_srp_cred_put(ctx->cred);
	ctx->vector = v;
	ctx->cred = make_cred(test, v);
	ctx->srp = iscsit_srp_alloc(&ctx->queue, NULL);
	KUNIT_ASSERT_NOT_NULL(test, ctx->srp);
	kref_get(&ctx->cred->ref);
	ctx->srp->cred = ctx->cred;
	ctx->srp->min_group = ISCSI_SRP_GROUP_SRP_768;
	ctx->req_len = 0;
}

static void add(struct kunit *test, const char *key, const char *value)
{
	struct srp_ctx *ctx = test->priv;
	int ret;

	ret = iscsit_srp_put_text(ctx->req, TEXT_SIZE, &ctx->req_len, key,
				  value);
	KUNIT_ASSERT_EQ(test, ret, 0);
}

static void add_bytes(struct kunit *test, const char *key, const u8 *value,
		      size_t len)
{
	struct srp_ctx *ctx = test->priv;

	KUNIT_ASSERT_LE(test, ctx->req_len + strlen(key) + 1 + len + 1,
			(size_t)TEXT_SIZE);
	ctx->req_len += sprintf(ctx->req + ctx->req_len, "%s=", key);
	memcpy(ctx->req + ctx->req_len, value, len);
	ctx->req_len += len;
	ctx->req[ctx->req_len++] = '\0';
}

static void add_binary(struct kunit *test, const char *key, const u8 *value,
		       size_t len)
{
	struct srp_ctx *ctx = test->priv;
	int ret;

	ret = iscsit_srp_put_binary(ctx->req, TEXT_SIZE, &ctx->req_len, key,
				    value, len);
	KUNIT_ASSERT_EQ(test, ret, 0);
}

/* Send the request text and get the answer */
static int step_unsent(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	int ret;

	ctx->rsp_len = 0;
	ret = iscsit_srp_step(ctx->srp, ctx->req, ctx->req_len, ctx->rsp,
			      TEXT_SIZE, &ctx->rsp_len);
	ctx->req_len = 0;

	return ret;
}

static int step(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	int ret = step_unsent(test);

	if (!ret)
		iscsit_srp_sent(ctx->srp);

	return ret;
}

static void expect_reject(struct kunit *test, int ret, unsigned int status)
{
	struct srp_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, ret, -EACCES);
	KUNIT_EXPECT_EQ_MSG(test, STATUS(ctx->srp->reject.status_class,
					 ctx->srp->reject.status_detail), status,
			    "%s", ctx->srp->reject.why);
	KUNIT_EXPECT_GT(test, strlen(ctx->srp->reject.why), 0);

	/* A rejected exchange stays rejected */
	add_binary(test, "SRP_M", ctx->vector->M.p, ctx->vector->M.len);
	KUNIT_EXPECT_EQ(test, step(test), -EACCES);
}

/* The response has exactly key=hex(value) at *@pos; advance it */
static void expect_binary(struct kunit *test, size_t *pos, const char *key,
			  const u8 *value, size_t len)
{
	struct srp_ctx *ctx = test->priv;
	char *text = kunit_kzalloc(test, TEXT_SIZE, GFP_KERNEL);
	size_t used = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	used = sprintf(text, "%s=0x", key);
	bin2hex(text + used, value, len);
	used += 2 * len + 1;
	KUNIT_ASSERT_LE(test, *pos + used, ctx->rsp_len);
	KUNIT_EXPECT_STREQ(test, ctx->rsp + *pos, text);
	*pos += used;
	kunit_kfree(test, text);
}

static int send_U(struct kunit *test, const char *target_auth)
{
	struct srp_ctx *ctx = test->priv;

	add_bytes(test, "SRP_U", ctx->vector->U.p, ctx->vector->U.len);
	add(test, "TargetAuth", target_auth);

	return step(test);
}

static int send_A(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	add_binary(test, "SRP_A", ctx->vector->A.p, ctx->vector->A.len);
	add(test, "SRP_GROUP", ctx->vector->group_name);

	return step(test);
}

static int send_M(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	add_binary(test, "SRP_M", ctx->vector->M.p, ctx->vector->M.len);

	return step(test);
}

/* Run an exchange up to the step @due */
static void bring_to(struct kunit *test, const struct srp_vector *v,
		     enum iscsit_srp_login_step due)
{
	begin(test, v);
	if (due >= ISCSIT_SRP_STEP_A)
		KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);
	if (due >= ISCSIT_SRP_STEP_M)
		KUNIT_ASSERT_EQ(test, send_A(test), 0);
	if (due >= ISCSIT_SRP_STEP_DONE)
		KUNIT_ASSERT_EQ(test, send_M(test), 1);
}

/* The whole exchange of every vector, byte by byte */
static void vectors(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	const struct srp_vector *v;
	unsigned int i;
	size_t pos;

	for (i = 0; i < SRP_VECTORS; i++) {
		v = &srp_vectors[i];
		begin(test, v);

		KUNIT_ASSERT_EQ_MSG(test, send_U(test, "Yes"), 0, "%s", v->id);
		KUNIT_EXPECT_STREQ(test, ctx->rsp + strlen("SRP_GROUP="),
				   v->group_name);
		pos = strlen(ctx->rsp) + 1;
		expect_binary(test, &pos, "SRP_s", v->s.p, v->s.len);
		KUNIT_EXPECT_EQ(test, pos, ctx->rsp_len);

		KUNIT_ASSERT_EQ_MSG(test, send_A(test), 0, "%s", v->id);
		pos = 0;
		expect_binary(test, &pos, "SRP_B", v->B.p, v->B.len);
		KUNIT_EXPECT_EQ(test, pos, ctx->rsp_len);

		KUNIT_ASSERT_EQ_MSG(test, send_M(test), 1, "%s", v->id);
		pos = 0;
		expect_binary(test, &pos, "SRP_HM", v->HM.p, v->HM.len);
		KUNIT_EXPECT_EQ(test, pos, ctx->rsp_len);
		KUNIT_EXPECT_EQ(test, ctx->srp->step, ISCSIT_SRP_STEP_DONE);
	}
}

static void one_way(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	begin(test, find_vector(test, "SRP-1536/basic"));
	KUNIT_ASSERT_EQ(test, send_U(test, "No"), 0);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	KUNIT_ASSERT_EQ(test, send_M(test), 1);
	KUNIT_EXPECT_EQ(test, ctx->rsp_len, 0);
}

static void wrong_proof(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;
	u8 M[24] = {};
	unsigned int bit;

	for (bit = 0; bit < 160; bit += 53) {
		bring_to(test, v, ISCSIT_SRP_STEP_M);
		memcpy(M, v->M.p, v->M.len);
		M[bit / 8] ^= 1 << bit % 8;
		add_binary(test, "SRP_M", M, v->M.len);
		expect_reject(test, step(test), AUTH_FAILED);
		KUNIT_EXPECT_EQ(test, ctx->rsp_len, 0);
	}

	/* Exactly 20 bytes, not an integer */
	memcpy(M, v->M.p, v->M.len);
	bring_to(test, v, ISCSIT_SRP_STEP_M);
	add_binary(test, "SRP_M", M, v->M.len - 1);
	expect_reject(test, step(test), AUTH_FAILED);
	bring_to(test, v, ISCSIT_SRP_STEP_M);
	add_binary(test, "SRP_M", M, v->M.len + 1);
	expect_reject(test, step(test), AUTH_FAILED);

	/* S hashed backwards, as Stanford's code may be read; and HM */
	bring_to(test, v, ISCSIT_SRP_STEP_M);
	add_binary(test, "SRP_M", v->HM.p, v->HM.len);
	expect_reject(test, step(test), AUTH_FAILED);
}

/* Before the proof, an unknown user looks like a known one */
static void unknown_user(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;
	char *first = kunit_kzalloc(test, TEXT_SIZE, GFP_KERNEL);
	size_t known_len;

	KUNIT_ASSERT_NOT_NULL(test, first);
	begin(test, v);
	KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);
	known_len = ctx->rsp_len;

	begin(test, v);
	add(test, "SRP_U", "mallory");
	add(test, "TargetAuth", "Yes");
	KUNIT_ASSERT_EQ(test, step(test), 0);
	KUNIT_EXPECT_EQ(test, ctx->rsp_len, known_len);
	memcpy(first, ctx->rsp, ctx->rsp_len);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	expect_reject(test, send_M(test), AUTH_FAILED);

	/* The same salt again */
	begin(test, v);
	add(test, "SRP_U", "mallory");
	add(test, "TargetAuth", "Yes");
	KUNIT_ASSERT_EQ(test, step(test), 0);
	KUNIT_EXPECT_MEMEQ(test, ctx->rsp, first, known_len);
}

/* Even the right proof for a made-up credential fails */
static void unknown_user_right_proof(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;
	struct iscsit_srp_transcript t = {};
	u8 K[ISCSIT_SRP_KEY_LEN], M[SHA1_DIGEST_SIZE];

	begin(test, v);
	add(test, "SRP_U", "mallory");
	add(test, "TargetAuth", "Yes");
	KUNIT_ASSERT_EQ(test, step(test), 0);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);

	iscsit_srp_interleave(v->S.p, v->S.len, K);
	t.group = iscsit_srp_group_by_id(v->group);
	t.U = "mallory";
	t.U_len = strlen("mallory");
	t.s = ctx->srp->cred->salt;
	t.s_len = ctx->srp->cred->salt_len;
	t.A = v->A.p;
	t.A_len = v->A.len;
	t.B = v->B.p;
	t.B_len = v->B.len;
	t.K = K;
	iscsit_srp_M(&t, M);
	add_binary(test, "SRP_M", M, sizeof(M));
	expect_reject(test, step(test), AUTH_FAILED);
}

static void no_credentials(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;

	begin(test, v);
	iscsit_srp_free(ctx->srp);
	ctx->srp = iscsit_srp_alloc(&ctx->queue, NULL);
	KUNIT_ASSERT_NOT_NULL(test, ctx->srp);
	KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);
	KUNIT_EXPECT_STREQ(test, ctx->rsp,
			   "SRP_GROUP=MODP-3072,SRP-2048,SRP-1536");
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	expect_reject(test, send_M(test), AUTH_FAILED);
}

/* Where the target must prove itself, the initiator must ask it to */
static void mutual_required(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;

	begin(test, v);
	ctx->srp->mutual_required = true;
	expect_reject(test, send_U(test, "No"), FORBIDDEN);

	begin(test, v);
	ctx->srp->mutual_required = true;
	KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
	KUNIT_EXPECT_GT(test, ctx->rsp_len, 0);
}

/* Begin an exchange on a connection with TLS, and bring it to step M */
static void bring_tls(struct kunit *test, bool required, unsigned int nr_certs,
		      const char *target_auth)
{
	struct srp_ctx *ctx = test->priv;

	begin(test, find_vector(test, "SRP-1536/basic"));
	ctx->srp->tls.required = required;
	ctx->srp->tls.nr_certs = nr_certs;
	memset(ctx->srp->tls.certs, 0, sizeof(ctx->srp->tls.certs));
	ctx->srp->tls.certs[0].len = 32;
	ctx->srp->tls.certs[1].len = 48;
	KUNIT_ASSERT_EQ(test, send_U(test, target_auth), 0);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
}

/* Send SRP_M, and the binding of the @i-th certificate by @end */
static int send_bound_M(struct kunit *test, unsigned int i, u8 end)
{
	struct srp_ctx *ctx = test->priv;
	u8 bind[ISCSIT_SRP_BIND_LEN];

	iscsit_srp_bind(ctx->vector->K.p, end, &ctx->srp->tls.certs[i], bind);
	add_binary(test, ISCSIT_SRP_BIND_KEY, bind, sizeof(bind));

	return send_M(test);
}

/* The target binds TLS, too, with the certificate that the initiator has seen */
static void tls_bound(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	const char *const target_auth[] = { "No", "Yes" };
	u8 bind[ISCSIT_SRP_BIND_LEN];
	unsigned int i, mutual;
	size_t pos;

	for (i = 0; i < 4; i++) {
		mutual = i / 2;
		bring_tls(test, mutual, 2, target_auth[mutual]);
		KUNIT_ASSERT_EQ(test, send_bound_M(test, i % 2, ISCSIT_SRP_BIND_I), 1);
		pos = 0;
		if (mutual)
			expect_binary(test, &pos, "SRP_HM", ctx->vector->HM.p,
				      ctx->vector->HM.len);
		iscsit_srp_bind(ctx->vector->K.p, ISCSIT_SRP_BIND_T,
				&ctx->srp->tls.certs[i % 2], bind);
		expect_binary(test, &pos, ISCSIT_SRP_BIND_KEY, bind, sizeof(bind));
		KUNIT_EXPECT_EQ(test, ctx->rsp_len, pos);
	}

	/* It is not required, so the initiator need not */
	bring_tls(test, false, 2, "No");
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
	KUNIT_EXPECT_EQ(test, ctx->rsp_len, 0);

	/* Without TLS, or a certificate, it is an extension like others */
	bring_tls(test, false, 0, "No");
	KUNIT_EXPECT_EQ(test, send_bound_M(test, 0, ISCSIT_SRP_BIND_I), 1);
	KUNIT_EXPECT_STREQ(test, ctx->rsp, ISCSIT_SRP_BIND_KEY "=NotUnderstood");
}

static void tls_not_bound(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	u8 bind[ISCSIT_SRP_BIND_LEN + 1] = {};

	/* Wrong: by somebody in the middle, and the target's own sent back */
	bring_tls(test, false, 1, "Yes");
	expect_reject(test, send_bound_M(test, 1, ISCSIT_SRP_BIND_I), AUTH_FAILED);
	bring_tls(test, false, 2, "Yes");
	expect_reject(test, send_bound_M(test, 0, ISCSIT_SRP_BIND_T), AUTH_FAILED);

	/* Missing */
	bring_tls(test, true, 2, "Yes");
	expect_reject(test, send_M(test), FORBIDDEN);
	begin(test, find_vector(test, "SRP-1536/basic"));
	ctx->srp->tls.required = true;
	expect_reject(test, send_U(test, "Yes"), FORBIDDEN);

	/* Malformed */
	bring_tls(test, false, 2, "Yes");
	add_binary(test, ISCSIT_SRP_BIND_KEY, bind, sizeof(bind));
	expect_reject(test, send_M(test), INIT_ERROR);
	bring_tls(test, false, 2, "Yes");
	add_binary(test, ISCSIT_SRP_BIND_KEY, bind, sizeof(bind) - 2);
	expect_reject(test, send_M(test), INIT_ERROR);
	bring_tls(test, false, 2, "Yes");
	add(test, ISCSIT_SRP_BIND_KEY, "NotUnderstood");
	expect_reject(test, send_M(test), INIT_ERROR);
	bring_tls(test, false, 2, "Yes");
	add_binary(test, ISCSIT_SRP_BIND_KEY, bind, sizeof(bind) - 1);
	expect_reject(test, send_bound_M(test, 0, ISCSIT_SRP_BIND_I), INIT_ERROR);
}

/* A value of a credential does not stay in the buffer of configfs */
static void stored_value_is_wiped(struct kunit *test)
{
	char page[] = "0123456789";
	size_t len = sizeof(page) - 1;

	/* Also if it was refused */
	iscsit_srp_cred_stored(ISCSIT_SRP_CRED_SALT, page, len, -EINVAL);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, len));
	memset(page, '1', len);
	iscsit_srp_cred_stored(ISCSIT_SRP_CRED_SALT, page, len, len);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, len));
}

/*
 * Credentials that are changed file by file: a login that saw only a part, or the
 * old ones, must try again
 */
static void changed_during_login(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct iscsi_node_auth auth = {};
	u8 M[20] = {};
	int i;

	KUNIT_ASSERT_EQ(test, iscsit_srp_scope_init(&auth), 0);
	for (i = 0; i < 3; i++) {
		bring_to(test, v, ISCSIT_SRP_STEP_M);
		if (i)
			KUNIT_EXPECT_EQ(test, iscsit_srp_scope_store(&auth, i,
								     "05", 2), 2);
		add_binary(test, "SRP_M", M, sizeof(M));
		expect_reject(test, step(test), i ? UNAVAILABLE : AUTH_FAILED);
	}

	/* The same for an unknown user */
	begin(test, v);
	add(test, "SRP_U", "mallory");
	add(test, "TargetAuth", "Yes");
	KUNIT_ASSERT_EQ(test, step(test), 0);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	KUNIT_EXPECT_EQ(test, iscsit_srp_scope_store(&auth, 1, "", 0), 0);
	expect_reject(test, send_M(test), UNAVAILABLE);

	/* The right password is right, even if it is an old one */
	bring_to(test, v, ISCSIT_SRP_STEP_M);
	iscsit_srp_scope_forget(&auth);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);

	/* A change that ended before the login does not matter */
	bring_to(test, v, ISCSIT_SRP_STEP_M);
	add_binary(test, "SRP_M", M, sizeof(M));
	expect_reject(test, step(test), AUTH_FAILED);
}

/* What step U allocates for a known user, it does for an unknown one */
static void same_work(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;
	const struct iscsit_srp_cred *made_up;

	bring_to(test, v, ISCSIT_SRP_STEP_A);
	made_up = ctx->srp->pick.made_up;
	KUNIT_ASSERT_NOT_NULL(test, made_up);
	KUNIT_EXPECT_PTR_EQ(test, ctx->srp->cred, ctx->cred);
	KUNIT_EXPECT_EQ(test, made_up->salt_len, ctx->cred->salt_len);
	KUNIT_EXPECT_NOT_NULL(test, made_up->verifier[v->group]);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	KUNIT_ASSERT_EQ(test, send_M(test), 1);
	KUNIT_EXPECT_PTR_EQ(test, ctx->srp->pick.made_up, made_up);

	begin(test, v);
	add(test, "SRP_U", "mallory");
	add(test, "TargetAuth", "Yes");
	KUNIT_ASSERT_EQ(test, step(test), 0);
	KUNIT_EXPECT_PTR_EQ(test, ctx->srp->cred, ctx->srp->pick.made_up);
	KUNIT_EXPECT_EQ(test, kref_read(&ctx->srp->cred->ref), 2);
}

static void minimum_group(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	begin(test, find_vector(test, "SRP-1280/basic"));
	ctx->srp->min_group = ISCSI_SRP_GROUP_SRP_1536;
	expect_reject(test, send_U(test, "Yes"), FORBIDDEN);

	begin(test, find_vector(test, "SRP-1280/basic"));
	ctx->srp->min_group = ISCSI_SRP_GROUP_SRP_1280;
	KUNIT_EXPECT_EQ(test, send_U(test, "Yes"), 0);
}

/* The strongest group comes first, but any may be chosen */
static void choice_of_group(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	const struct srp_vector *w = find_vector(test, "SRP-2048/basic");
	struct srp_ctx *ctx = test->priv;

	begin(test, v);
	ctx->cred->verifier[w->group] = kzalloc(w->v.len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx->cred->verifier[w->group]);
	memcpy(ctx->cred->verifier[w->group], w->v.p, w->v.len);
	KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);
	KUNIT_EXPECT_STREQ(test, ctx->rsp, "SRP_GROUP=SRP-2048,SRP-1536");
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
}

struct order_case {
	const char *name;
	enum iscsit_srp_login_step due;
	unsigned int status;
	const char *text;		/* pairs end with ';' */
};

#define A_OK	"SRP_A=0x2;"
#define G_OK	"SRP_GROUP=SRP-1536;"

static const struct order_case order_cases[] = {
	/* The first step */
	{ "nothing", ISCSIT_SRP_STEP_U, MISSING, "" },
	{ "no TargetAuth", ISCSIT_SRP_STEP_U, MISSING, "SRP_U=alice;" },
	{ "no SRP_U", ISCSIT_SRP_STEP_U, MISSING, "TargetAuth=Yes;" },
	{ "empty SRP_U", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=;TargetAuth=Yes;" },
	{ "TargetAuth=yes", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=yes;" },
	{ "empty TargetAuth", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=;" },
	{ "SRP_U twice", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;SRP_U=alice;TargetAuth=Yes;" },
	{ "TargetAuth twice", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;TargetAuth=Yes;" },
	{ "SRP_A first", ISCSIT_SRP_STEP_U, INIT_ERROR, A_OK G_OK },
	{ "SRP_M first", ISCSIT_SRP_STEP_U, INIT_ERROR, "SRP_M=0x1;" },
	{ "SRP_HM first", ISCSIT_SRP_STEP_U, INIT_ERROR, "SRP_HM=0x1;" },
	{ "SRP_A with SRP_U", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;SRP_A=0x2;" },
	{ "SRP_N of the drafts", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;SRP_N=0x2;" },
	{ "unknown SRP key", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;SRP_x=1;" },
	{ "key of CHAP", ISCSIT_SRP_STEP_U, INIT_ERROR, "CHAP_A=5;" },
	{ "AuthMethod not asked for", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "AuthMethod=SRP;SRP_U=alice;TargetAuth=Yes;" },
	{ "key in lower case", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "srp_u=alice;TargetAuth=Yes;" },
	{ "key that begins alike", ISCSIT_SRP_STEP_U, INIT_ERROR,
	  "SRP_U2=alice;TargetAuth=Yes;" },
	{ "no pair", ISCSIT_SRP_STEP_U, INIT_ERROR, "SRP_U;" },
	{ "key in a value", ISCSIT_SRP_STEP_U, MISSING,
	  "SRP_U=TargetAuth=Yes;" },

	/* The second */
	{ "nothing", ISCSIT_SRP_STEP_A, MISSING, "" },
	{ "no group", ISCSIT_SRP_STEP_A, MISSING, A_OK },
	{ "no SRP_A", ISCSIT_SRP_STEP_A, MISSING, G_OK },
	{ "SRP_U again", ISCSIT_SRP_STEP_A, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;" },
	{ "SRP_M too early", ISCSIT_SRP_STEP_A, INIT_ERROR, "SRP_M=0x1;" },
	{ "group not offered", ISCSIT_SRP_STEP_A, INIT_ERROR,
	  A_OK "SRP_GROUP=SRP-2048;" },
	{ "unknown group", ISCSIT_SRP_STEP_A, INIT_ERROR,
	  A_OK "SRP_GROUP=SRP-1537;" },
	{ "list of groups", ISCSIT_SRP_STEP_A, INIT_ERROR,
	  A_OK "SRP_GROUP=SRP-1536,SRP-1536;" },
	{ "empty group", ISCSIT_SRP_STEP_A, INIT_ERROR, A_OK "SRP_GROUP=;" },
	{ "SRP_A twice", ISCSIT_SRP_STEP_A, INIT_ERROR, A_OK A_OK G_OK },
	{ "group twice", ISCSIT_SRP_STEP_A, INIT_ERROR, A_OK G_OK G_OK },
	{ "empty SRP_A", ISCSIT_SRP_STEP_A, INIT_ERROR, "SRP_A=;" G_OK },
	{ "SRP_A of no digits", ISCSIT_SRP_STEP_A, INIT_ERROR,
	  "SRP_A=0x;" G_OK },
	{ "decimal SRP_A", ISCSIT_SRP_STEP_A, INIT_ERROR, "SRP_A=2;" G_OK },
	{ "SRP_A not hex", ISCSIT_SRP_STEP_A, INIT_ERROR,
	  "SRP_A=0xg1;" G_OK },
	{ "SRP_A zero", ISCSIT_SRP_STEP_A, AUTH_FAILED, "SRP_A=0x0;" G_OK },

	/* The third */
	{ "nothing", ISCSIT_SRP_STEP_M, MISSING, "" },
	{ "SRP_A again", ISCSIT_SRP_STEP_M, INIT_ERROR, A_OK G_OK },
	{ "SRP_U again", ISCSIT_SRP_STEP_M, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;" },
	{ "SRP_HM", ISCSIT_SRP_STEP_M, INIT_ERROR, "SRP_HM=0x1;" },
	{ "SRP_M twice", ISCSIT_SRP_STEP_M, INIT_ERROR,
	  "SRP_M=0x1;SRP_M=0x1;" },
	{ "TargetAuth again", ISCSIT_SRP_STEP_M, INIT_ERROR,
	  "SRP_M=0x1;TargetAuth=Yes;" },
	{ "empty SRP_M", ISCSIT_SRP_STEP_M, INIT_ERROR, "SRP_M=;" },
	{ "decimal SRP_M", ISCSIT_SRP_STEP_M, INIT_ERROR, "SRP_M=1;" },
	{ "short SRP_M", ISCSIT_SRP_STEP_M, AUTH_FAILED, "SRP_M=0x1;" },

	/* After success */
	{ "SRP_U again", ISCSIT_SRP_STEP_DONE, INIT_ERROR,
	  "SRP_U=alice;TargetAuth=Yes;" },
};

static void order_case_name(const struct order_case *c, char *name)
{
	static const char *const steps[] = { "U", "A", "M", "done" };

	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s: %s", steps[c->due], c->name);
}

KUNIT_ARRAY_PARAM(order, order_cases, order_case_name);

static void wrong_order(struct kunit *test)
{
	const struct order_case *c = test->param_value;
	struct srp_ctx *ctx = test->priv;

	bring_to(test, find_vector(test, "SRP-1536/basic"), c->due);
	ctx->req_len = strlen(c->text);
	memcpy(ctx->req, c->text, ctx->req_len);
	strreplace(ctx->req, ';', '\0');
	expect_reject(test, step(test), c->status);
}

static void user_too_long(struct kunit *test)
{
	u8 user[ISCSIT_SRP_USERID_MAX + 1];

	memset(user, 'u', sizeof(user));
	begin(test, find_vector(test, "SRP-1536/basic"));
	add_bytes(test, "SRP_U", user, sizeof(user));
	add(test, "TargetAuth", "Yes");
	expect_reject(test, step(test), INIT_ERROR);

	begin(test, find_vector(test, "SRP-1536/basic"));
	add_bytes(test, "SRP_U", user, sizeof(user) - 1);
	add(test, "TargetAuth", "Yes");
	KUNIT_EXPECT_EQ(test, step(test), 0);
}

/* The answer to our offer of methods comes with the first keys */
static void target_proposed(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	begin(test, find_vector(test, "SRP-1536/basic"));
	ctx->srp->target_proposed = true;
	add(test, "AuthMethod", "SRP");
	KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);

	add(test, "AuthMethod", "SRP");
	expect_reject(test, send_A(test), INIT_ERROR);
}

/* Extension keys are answered in every step, and an alias is declared */
static void general_keys(struct kunit *test)
{
	static const char answer[] = "X-com.example.a=NotUnderstood\0X#b=NotUnderstood";
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	int (*const send[])(struct kunit *test) = { NULL, send_A, send_M };
	struct srp_ctx *ctx = test->priv;
	enum iscsit_srp_login_step due;
	unsigned int i;
	char key[66];
	int ret;

	begin(test, v);
	for (due = ISCSIT_SRP_STEP_U; due < ISCSIT_SRP_STEP_DONE; due++) {
		add(test, "X-com.example.a", "1");
		add(test, "InitiatorAlias", "host");
		add(test, "X#b", "");
		ret = due ? send[due](test) : send_U(test, "Yes");
		KUNIT_ASSERT_GE(test, ret, 0);
		KUNIT_ASSERT_GT(test, ctx->rsp_len, sizeof(answer));
		KUNIT_EXPECT_MEMEQ(test, ctx->rsp, answer, sizeof(answer));
		KUNIT_EXPECT_TRUE(test, strstarts(ctx->rsp + sizeof(answer),
						  "SRP_"));
	}

	/* As many as fit beside SRP's own keys */
	begin(test, v);
	for (i = 0; i < 4096 / sizeof("X-1=NotUnderstood"); i++)
		add(test, "X-1", "");
	KUNIT_EXPECT_EQ(test, send_U(test, "Yes"), 0);
	begin(test, v);
	for (i = 0; i <= 4096 / sizeof("X-1=NotUnderstood"); i++)
		add(test, "X-1", "");
	expect_reject(test, send_U(test, "Yes"), INIT_ERROR);

	/* A name has at most 63 bytes */
	memset(key, 'X', sizeof(key) - 1);
	key[1] = '-';
	key[sizeof(key) - 1] = '\0';
	begin(test, v);
	add(test, key + 2, "");
	expect_reject(test, send_U(test, "Yes"), INIT_ERROR);
	key[63] = '\0';
	begin(test, v);
	add(test, key, "");
	KUNIT_EXPECT_EQ(test, send_U(test, "Yes"), 0);
	key[63] = 'X';
	key[64] = '\0';
	begin(test, v);
	add(test, key, "");
	expect_reject(test, send_U(test, "Yes"), INIT_ERROR);

	/* LIO has answered those that come with the method */
	begin(test, v);
	ctx->srp->target_proposed = true;
	add(test, "AuthMethod", "SRP");
	add(test, "X-1", "");
	KUNIT_ASSERT_EQ(test, send_U(test, "Yes"), 0);
	KUNIT_EXPECT_TRUE(test, strstarts(ctx->rsp, "SRP_"));
}

static void refused_A(struct kunit *test)
{
	const struct srp_reject *r;
	char id[32];
	unsigned int i;

	for (i = 0; i < SRP_REJECTS; i++) {
		r = &srp_rejects[i];
		if (r->key != 'A')
			continue;
		snprintf(id, sizeof(id), "%s/basic", r->group_name);
		bring_to(test, find_vector(test, id), ISCSIT_SRP_STEP_A);
		add(test, "SRP_GROUP", r->group_name);
		if (r->value.len > ISCSI_SRP_MAX_LEN) {
			add_binary(test, "SRP_A", r->value.p, r->value.len);
			expect_reject(test, step(test), INIT_ERROR);
			continue;
		}
		add_binary(test, "SRP_A", r->value.p, r->value.len);
		expect_reject(test, step(test), AUTH_FAILED);
	}
}

/* Leading zero bytes on the wire are not hashed */
static void padded_A(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1024/A-short2");
	u8 A[ISCSI_SRP_MAX_LEN] = {};

	bring_to(test, v, ISCSIT_SRP_STEP_A);
	memcpy(A + sizeof(A) - v->A.len, v->A.p, v->A.len);
	add_binary(test, "SRP_A", A, sizeof(A));
	add(test, "SRP_GROUP", v->group_name);
	KUNIT_ASSERT_EQ(test, step(test), 0);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
}

static void zero_B_and_u(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	const struct srp_vector *w = find_vector(test, "SRP-768/basic");
	struct srp_ctx *ctx = test->priv;

	/* The target tries another b */
	ctx->zero_B = 1;
	bring_to(test, v, ISCSIT_SRP_STEP_M);
	KUNIT_EXPECT_EQ(test, ctx->ephemeral, 2);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);

	ctx->ephemeral = 0;
	ctx->zero_u = 2;
	bring_to(test, w, ISCSIT_SRP_STEP_M);
	KUNIT_EXPECT_EQ(test, ctx->ephemeral, 3);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);

	/* But not endlessly */
	ctx->zero_B = 3;
	bring_to(test, v, ISCSIT_SRP_STEP_A);
	expect_reject(test, send_A(test), UNAVAILABLE);
}

static void helper_fails(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;

	ctx->status = ISCSI_SRP_FAILED;
	bring_to(test, v, ISCSIT_SRP_STEP_A);
	expect_reject(test, send_A(test), UNAVAILABLE);

	ctx->status = ISCSI_SRP_OK;
	bring_to(test, v, ISCSIT_SRP_STEP_A);
	KUNIT_ASSERT_EQ(test, send_A(test), 0);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
}

static void start_worker(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	start_test_worker(test, &ctx->worker);
}

static void stop_worker(struct srp_ctx *ctx)
{
	stop_test_worker(&ctx->worker);
}

/* A job that failed before the login needed it is computed again */
static void job_failed_early(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	stop_worker(ctx);
	bring_to(test, find_vector(test, "SRP-1536/basic"), ISCSIT_SRP_STEP_A);
	iscsit_srp_queue_fail(&ctx->queue, -EIO);
	start_worker(test);
	add_binary(test, "SRP_A", ctx->vector->A.p, ctx->vector->A.len);
	add(test, "SRP_GROUP", ctx->vector->group_name);
	KUNIT_ASSERT_EQ(test, step_unsent(test), 0);

	stop_worker(ctx);
	iscsit_srp_sent(ctx->srp);
	iscsit_srp_queue_fail(&ctx->queue, -EIO);
	start_worker(test);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);

	/* But only once */
	stop_worker(ctx);
	bring_to(test, ctx->vector, ISCSIT_SRP_STEP_A);
	iscsit_srp_queue_fail(&ctx->queue, -EIO);
	ctx->status = ISCSI_SRP_FAILED;
	start_worker(test);
	expect_reject(test, send_A(test), UNAVAILABLE);
}

static void queue_full(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	stop_worker(ctx);
	ctx->queue.limit = 0;
	bring_to(test, find_vector(test, "SRP-1536/basic"), ISCSIT_SRP_STEP_A);
	expect_reject(test, send_A(test), NO_RESOURCES);
}

static int other_logs_in(void *arg)
{
	struct kunit *test = arg;
	struct srp_ctx *ctx = test->priv;
	struct iscsit_srp_job *job = new_job(test, ISCSI_SRP_OP_EPHEMERAL);

	job->portal_group = ctx;
	KUNIT_EXPECT_EQ(test, iscsit_srp_job_submit(&ctx->queue, job,
						    jiffies + LONG_TIME), 0);

	return 0;
}

/* A full queue drops the job that a login waits for */
static void job_dropped(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	int ret;

	stop_worker(ctx);
	bring_to(test, find_vector(test, "SRP-1536/basic"), ISCSIT_SRP_STEP_A);
	iscsit_srp_job_expedite(submit_to(test, &ctx->queue, LONG_TIME));
	ctx->queue.limit = ctx->queue.pending;
	ctx->srp->gone = other_logs_in;
	ctx->srp->gone_arg = test;
	ret = send_A(test);
	KUNIT_EXPECT_EQ(test, ctx->srp->reject.reason, ISCSIT_SRP_STAT_RESOURCES);
	KUNIT_EXPECT_STREQ(test, ctx->srp->reject.why,
			   "the job queue is full, see srp_queue_len");
	expect_reject(test, ret, NO_RESOURCES);
}

static void queue_stopped(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	stop_worker(ctx);
	iscsit_srp_queue_stop(&ctx->queue);
	bring_to(test, find_vector(test, "SRP-1536/basic"), ISCSIT_SRP_STEP_A);
	expect_reject(test, send_A(test), UNAVAILABLE);
}

/* Jobs are submitted after the answer was sent */
static void jobs_follow_the_answer(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	stop_worker(ctx);
	begin(test, find_vector(test, "SRP-1536/basic"));
	add_bytes(test, "SRP_U", ctx->vector->U.p, ctx->vector->U.len);
	add(test, "TargetAuth", "Yes");
	KUNIT_ASSERT_EQ(test, step_unsent(test), 0);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
	iscsit_srp_sent(ctx->srp);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 1);

	start_worker(test);
	add_binary(test, "SRP_A", ctx->vector->A.p, ctx->vector->A.len);
	add(test, "SRP_GROUP", ctx->vector->group_name);
	KUNIT_ASSERT_EQ(test, step_unsent(test), 0);
	stop_worker(ctx);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
	iscsit_srp_sent(ctx->srp);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 1);
	start_worker(test);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);

	/* A step submits a job that is missing */
	bring_to(test, ctx->vector, ISCSIT_SRP_STEP_A);
	add_binary(test, "SRP_A", ctx->vector->A.p, ctx->vector->A.len);
	add(test, "SRP_GROUP", ctx->vector->group_name);
	KUNIT_ASSERT_EQ(test, step_unsent(test), 0);
	KUNIT_EXPECT_NULL(test, ctx->srp->job);
	KUNIT_EXPECT_EQ(test, send_M(test), 1);
}

static int gone(void *arg)
{
	unsigned int *asked = arg;

	(*asked)++;

	return -ECONNRESET;
}

/* A wait ends with the connection, and so does its job */
static void initiator_gone(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	unsigned int asked = 0;

	stop_worker(ctx);
	bring_to(test, find_vector(test, "SRP-1536/basic"), ISCSIT_SRP_STEP_A);
	ctx->srp->gone = gone;
	ctx->srp->gone_arg = &asked;
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 1);
	expect_reject(test, send_A(test), TARGET_ERROR);
	KUNIT_EXPECT_EQ(test, asked, 1);
	iscsit_srp_free(ctx->srp);
	ctx->srp = NULL;
	KUNIT_EXPECT_EQ(test, ctx->queue.pending, 0);
}

/* An exchange can be freed at any step, with its job in any state */
static void dropped_anywhere(struct kunit *test)
{
	const struct srp_vector *v = find_vector(test, "SRP-1536/basic");
	struct srp_ctx *ctx = test->priv;
	enum iscsit_srp_login_step due;

	for (due = ISCSIT_SRP_STEP_U; due <= ISCSIT_SRP_STEP_DONE; due++) {
		bring_to(test, v, due);
		iscsit_srp_free(ctx->srp);
		ctx->srp = NULL;
		KUNIT_EXPECT_EQ(test, ctx->queue.queued, 0);
	}
}

/* A session of a user admits that user, and the credentials of its ACL */
static void session_owner(struct kunit *test)
{
	struct iscsit_srp_owner *owner;
	struct iscsit_srp *srp;
	struct srp_ctx *ctx = test->priv;
	char label[] = "entry";

	bring_to(test, find_vector(test, "SRP-1536/basic"), ISCSIT_SRP_STEP_DONE);
	srp = ctx->srp;
	owner = iscsit_srp_owner_alloc(srp);
	KUNIT_ASSERT_NOT_NULL(test, owner);

	KUNIT_EXPECT_TRUE(test, iscsit_srp_owner_admits(owner, srp));
	KUNIT_EXPECT_TRUE(test, iscsit_srp_owner_admits(NULL, srp));
	KUNIT_EXPECT_TRUE(test, iscsit_srp_owner_admits(NULL, NULL));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_owner_admits(owner, NULL));

	/* Not before the proof */
	srp->step = ISCSIT_SRP_STEP_M;
	KUNIT_EXPECT_FALSE(test, iscsit_srp_owner_admits(owner, srp));
	srp->step = ISCSIT_SRP_STEP_DONE;

	/* A name that begins alike, a longer one, and another one */
	srp->user_len--;
	KUNIT_EXPECT_FALSE(test, iscsit_srp_owner_admits(owner, srp));
	srp->user_len += 2;
	KUNIT_EXPECT_FALSE(test, iscsit_srp_owner_admits(owner, srp));
	srp->user_len--;
	srp->user[0] ^= 1;
	KUNIT_EXPECT_FALSE(test, iscsit_srp_owner_admits(owner, srp));

	/* The ACL's own credentials, but not an entry of the table */
	srp->peer.acl = true;
	strscpy(srp->pick.label, label, sizeof(srp->pick.label));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_owner_admits(owner, srp));
	srp->pick.label[0] = '\0';
	KUNIT_EXPECT_TRUE(test, iscsit_srp_owner_admits(owner, srp));
	srp->peer.acl = false;
	kfree(owner);
}

static void response_does_not_fit(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;
	size_t len = 0;
	int ret;

	bring_to(test, find_vector(test, "MODP-8192/basic"), ISCSIT_SRP_STEP_A);
	add_binary(test, "SRP_A", ctx->vector->A.p, ctx->vector->A.len);
	add(test, "SRP_GROUP", ctx->vector->group_name);
	ret = iscsit_srp_step(ctx->srp, ctx->req, ctx->req_len, ctx->rsp, 2056,
			      &len);
	KUNIT_EXPECT_EQ(test, ret, -EACCES);
	KUNIT_EXPECT_EQ(test, len, 0);
}

static int srp_test_init(struct kunit *test)
{
	struct srp_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	test->priv = ctx;
	ctx->req = kunit_kzalloc(test, TEXT_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx->req);
	ctx->rsp = kunit_kzalloc(test, TEXT_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx->rsp);
	iscsit_srp_queue_init(&ctx->queue, 8);
	ctx->worker = (struct test_worker){ &ctx->queue, fill, ctx };
	start_worker(test);

	return 0;
}

static void srp_test_exit(struct kunit *test)
{
	struct srp_ctx *ctx = test->priv;

	if (!ctx)
		return;
	iscsit_srp_free(ctx->srp);
	if (ctx->cred)
		iscsit_srp_cred_put(ctx->cred);
	stop_worker(ctx);
	iscsit_srp_queue_stop(&ctx->queue);
}

static struct kunit_case srp_test_cases[] = {
	KUNIT_CASE_SLOW(vectors),
	KUNIT_CASE(one_way),
	KUNIT_CASE(wrong_proof),
	KUNIT_CASE(unknown_user),
	KUNIT_CASE(unknown_user_right_proof),
	KUNIT_CASE(no_credentials),
	KUNIT_CASE(mutual_required),
	KUNIT_CASE(tls_bound),
	KUNIT_CASE(tls_not_bound),
	KUNIT_CASE(stored_value_is_wiped),
	KUNIT_CASE(changed_during_login),
	KUNIT_CASE(same_work),
	KUNIT_CASE(minimum_group),
	KUNIT_CASE(choice_of_group),
	KUNIT_CASE_PARAM(wrong_order, order_gen_params),
	KUNIT_CASE(user_too_long),
	KUNIT_CASE(target_proposed),
	KUNIT_CASE(general_keys),
	KUNIT_CASE(refused_A),
	KUNIT_CASE(padded_A),
	KUNIT_CASE(zero_B_and_u),
	KUNIT_CASE(helper_fails),
	KUNIT_CASE(job_failed_early),
	KUNIT_CASE(queue_full),
	KUNIT_CASE(job_dropped),
	KUNIT_CASE(queue_stopped),
	KUNIT_CASE(jobs_follow_the_answer),
	KUNIT_CASE(initiator_gone),
	KUNIT_CASE(dropped_anywhere),
	KUNIT_CASE(session_owner),
	KUNIT_CASE(response_does_not_fit),
	{}
};

static struct kunit_suite srp_suite = {
	.name = "iscsi_target_srp_exchange",
	.init = srp_test_init,
	.exit = srp_test_exit,
	.test_cases = srp_test_cases,
};

kunit_test_suite(srp_suite);
