// SPDX-License-Identifier: GPL-2.0
/*
 * A helper of the iSCSI target's SRP AuthMethod for tests, and a sample of the
 * interface in linux/iscsi_srp.h.  It knows one group.  Unlike a helper for
 * production it runs as root without a sandbox, and secrets may be swapped out.
 *
 * srp_helper KEY PIDFILE: serve this key in the background; request-key starts
 * it so.  The process ID is appended to PIDFILE.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/iscsi_srp.h>
#include <linux/keyctl.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "srp_group.h"

static long keyctl(int operation, unsigned long arg2, const void *arg3,
		   unsigned long arg4, unsigned long arg5)
{
	return syscall(__NR_keyctl, operation, arg2, arg3, arg4, arg5);
}

/* A number that is secret or is multiplied with one; NULL without memory */
static BIGNUM *secret(const unsigned char *bytes, int len)
{
	BIGNUM *n = BN_bin2bn(bytes, len, NULL);

	if (n)
		BN_set_flags(n, BN_FLG_CONSTTIME);
	return n;
}

/* B = v + g^b or S = (A * v^u)^b, modulo N; return whether that succeeded */
static int compute(const struct iscsi_srp_job *job, unsigned char *value)
{
	BIGNUM *v = secret(job->v, job->v_len);
	BIGNUM *b = secret(job->b, job->b_len);
	BIGNUM *A = secret(job->A, job->A_len);
	BIGNUM *small = BN_new();		/* g or u */
	BIGNUM *result = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *N = NULL;
	int ok;

	ok = v && b && A && small && result && ctx &&
	     BN_hex2bn(&N, SRP_GROUP_N);
	if (ok && job->op == ISCSI_SRP_OP_EPHEMERAL)
		ok = BN_set_word(small, SRP_GROUP_G) &&
		     BN_mod_exp(result, small, b, N, ctx) &&
		     BN_mod_add(result, result, v, N, ctx);
	else if (ok)
		ok = BN_set_word(small, job->u) &&
		     BN_mod_exp(result, v, small, N, ctx) &&
		     BN_mod_mul(result, result, A, N, ctx) &&
		     BN_mod_exp(result, result, b, N, ctx);
	ok = ok && BN_bn2binpad(result, value, SRP_GROUP_LEN) == SRP_GROUP_LEN;

	BN_clear_free(v);
	BN_clear_free(b);
	BN_clear_free(A);
	BN_free(small);
	BN_clear_free(result);
	BN_CTX_free(ctx);
	BN_free(N);
	return ok;
}

/* Answer a job; return the length of the answer */
static size_t answer(const struct iscsi_srp_job *job,
		     struct iscsi_srp_result *result)
{
	memset(result, 0, sizeof(*result));
	result->version = ISCSI_SRP_VERSION;
	result->op = job->op;
	result->id = job->id;
	if ((job->op != ISCSI_SRP_OP_EPHEMERAL &&
	     job->op != ISCSI_SRP_OP_SESSION) ||
	    job->group != ISCSI_SRP_GROUP_SRP_1536)
		result->status = ISCSI_SRP_BAD_JOB;
	else if (compute(job, result->value))
		result->len = SRP_GROUP_LEN;
	else
		result->status = ISCSI_SRP_FAILED;
	return sizeof(*result) + result->len;
}

/* Serve jobs until the target ends the channel */
static void serve(long key)
{
	union {
		struct iscsi_srp_result head;
		unsigned char bytes[sizeof(struct iscsi_srp_result) +
				    SRP_GROUP_LEN];
	} result;
	struct iscsi_srp_job job;
	size_t len;

	for (;;) {
		if (keyctl(KEYCTL_READ, key, &job, sizeof(job), 0) < 0) {
			if (errno == ETIMEDOUT || errno == EAGAIN ||
			    errno == EINTR)
				continue;
			return;
		}
		len = answer(&job, &result.head);
		if (keyctl(KEYCTL_UPDATE, key, &result, len, 0) &&
		    errno != ESTALE)
			return;
		OPENSSL_cleanse(&job, sizeof(job));
		OPENSSL_cleanse(&result, sizeof(result));
	}
}

int main(int argc, char **argv)
{
	const struct iscsi_srp_hello hello = { .version = ISCSI_SRP_VERSION };
	long key, ring;
	FILE *pids;

	if (argc != 3) {
		fprintf(stderr, "usage: srp_helper KEY PIDFILE\n");
		return 1;
	}
	key = strtol(argv[1], NULL, 10);

	/*
	 * The key is linked into a new session keyring.  This process and the
	 * one that it becomes possess it, and nobody else does.
	 */
	if (keyctl(KEYCTL_ASSUME_AUTHORITY, key, NULL, 0, 0) < 0)
		return 1;
	ring = keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, NULL, 0, 0);
	if (ring < 0)
		return 1;
	if (keyctl(KEYCTL_INSTANTIATE, key, &hello, sizeof(hello), ring))
		return 1;

	/* The target waits until the parent ends */
	if (daemon(0, 0))
		return 1;
	pids = fopen(argv[2], "a");
	if (!pids || fprintf(pids, "%d\n", getpid()) < 0 || fclose(pids))
		return 1;
	serve(key);
	return 0;
}
