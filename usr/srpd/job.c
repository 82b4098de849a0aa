// SPDX-License-Identifier: GPL-2.0-or-later
/* From a job to its result.  Nothing is computed until the whole job is valid. */
#include "job.h"
#include "lib/srp.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>

/* Whether a number's length is allowed, and the bytes behind it are zero */
static bool number_valid(const uint8_t *n, size_t len, size_t min, size_t max)
{
	unsigned int rest = 0;

	if (len < min || len > max)
		return false;
	for (size_t i = len; i < ISCSI_SRP_MAX_LEN; i++)
		rest |= n[i];
	return rest == 0;
}

/* Everything except the ranges of v, b, u and A, which srp.c checks */
static bool job_valid(const struct iscsi_srp_job *job)
{
	const struct srp_group *group = group_by_id(job->group);
	bool session = job->op == ISCSI_SRP_OP_SESSION;
	bool power = job->op == ISCSI_SRP_OP_POWER;

	return job->version == ISCSI_SRP_VERSION && group &&
	       (session || power || job->op == ISCSI_SRP_OP_EPHEMERAL) &&
	       (session || job->u == 0) &&
	       !(job->reserved[0] | job->reserved[1] | job->reserved[2]) &&
	       number_valid(job->v, job->v_len, power ? 0 : 1,
			    power ? 0 : group->len) &&
	       number_valid(job->b, job->b_len, 1, ISCSI_SRP_MAX_LEN) &&
	       number_valid(job->A, job->A_len, session ? 1 : 0,
			    session ? group->len : 0);
}

/**
 * job_run() - Do a job
 * @job: the job, untrusted
 * @result: gets the result; RESULT_MAX bytes
 *
 * Return: length of @result
 */
size_t job_run(const struct iscsi_srp_job *job,
	       struct iscsi_srp_result *result)
{
	const struct bytes v = { job->v, job->v_len };
	const struct bytes b = { job->b, job->b_len };
	const struct bytes A = { job->A, job->A_len };
	enum iscsi_srp_status status = ISCSI_SRP_BAD_JOB;

	memset(result, 0, RESULT_MAX);
	result->version = ISCSI_SRP_VERSION;
	result->op = job->op;
	result->id = job->id;

	if (job_valid(job)) {
		const struct srp_group *group = group_by_id(job->group);

		if (job->op == ISCSI_SRP_OP_EPHEMERAL)
			status = srp_B(group, v, b, result->value);
		else if (job->op == ISCSI_SRP_OP_POWER)
			status = srp_v(group, b, result->value);
		else
			status = srp_S(group, v, b, job->u, A, result->value);
		if (status == ISCSI_SRP_OK)
			result->len = group->len;
		else
			OPENSSL_cleanse(result->value, ISCSI_SRP_MAX_LEN);
	}
	result->status = status;
	return sizeof(*result) + result->len;
}
