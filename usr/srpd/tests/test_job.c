// SPDX-License-Identifier: GPL-2.0-or-later
/* job.c: what a job must be, and what its result looks like */
#include "lib/tests/test.h"
#include "job.h"

#include <stdlib.h>

static struct iscsi_srp_job job_of(const struct srp_vector *vec, int op)
{
	struct iscsi_srp_job job = {
		.version = ISCSI_SRP_VERSION,
		.op = op,
		.group = vec->group,
		.id = 0x1122334455667788,
		.v_len = vec->v.len,
		.b_len = vec->b.len,
	};

	if (op == ISCSI_SRP_OP_POWER) {
		job.v_len = 0;
		job.b_len = vec->x.len;
		memcpy(job.b, vec->x.p, vec->x.len);
		return job;
	}
	memcpy(job.v, vec->v.p, vec->v.len);
	memcpy(job.b, vec->b.p, vec->b.len);
	if (op == ISCSI_SRP_OP_SESSION) {
		job.u = vec->u;
		job.A_len = vec->A.len;
		memcpy(job.A, vec->A.p, vec->A.len);
	}
	return job;
}

/* The result's buffer has exactly the documented size, for ASan */
static struct iscsi_srp_result *run(const struct iscsi_srp_job *job,
				    size_t *len)
{
	struct iscsi_srp_result *result = malloc(RESULT_MAX);

	memset(result, 0xa5, RESULT_MAX);
	*len = job_run(job, result);
	return result;
}

static void check_ok(const struct srp_vector *vec, int op,
		     struct srp_octets want)
{
	const struct srp_group *group = group_by_id(vec->group);
	const struct iscsi_srp_job job = job_of(vec, op);
	size_t len;
	struct iscsi_srp_result *result = run(&job, &len);

	assert_int_equal(len, sizeof(*result) + group->len);
	assert_int_equal(result->version, ISCSI_SRP_VERSION);
	assert_int_equal(result->op, op);
	assert_int_equal(result->status, ISCSI_SRP_OK);
	assert_int_equal(result->id, job.id);
	assert_int_equal(result->len, group->len);
	assert_int_equal(result->reserved, 0);
	assert_number(result->value, group->len, want);
	free(result);
}

static void jobs_of_all_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < SRP_VECTORS; i++) {
		const struct srp_vector *vec = &srp_vectors[i];

		check_ok(vec, ISCSI_SRP_OP_EPHEMERAL, vec->B);
		check_ok(vec, ISCSI_SRP_OP_SESSION, vec->S);
		/* With exponent x the power is v */
		check_ok(vec, ISCSI_SRP_OP_POWER, vec->v);
	}
}

/* Each breaks one thing in a valid job of an op */
enum {
	BOTH,
	EPHEMERAL = ISCSI_SRP_OP_EPHEMERAL,
	SESSION = ISCSI_SRP_OP_SESSION,
	POWER = ISCSI_SRP_OP_POWER,
};

#define BAD(name_, op_, ...)						\
	static void name_(struct iscsi_srp_job *job) { __VA_ARGS__; }
#include "bad_jobs.h"
#undef BAD

static const struct bad {
	const char *name;
	int op;
	void (*spoil)(struct iscsi_srp_job *job);
} bad[] = {
#define BAD(name_, op_, ...) { #name_, op_, name_ },
#include "bad_jobs.h"
#undef BAD
};

#define BADS (sizeof(bad) / sizeof(bad[0]))

static void bad_job_is_refused(void **state)
{
	const struct bad *this = *state;

	for (int op = ISCSI_SRP_OP_EPHEMERAL; op <= ISCSI_SRP_OP_POWER; op++) {
		struct iscsi_srp_result *result;
		struct iscsi_srp_job job;
		size_t len;

		if (this->op == BOTH ? op == POWER : this->op != op)
			continue;
		job = job_of(&srp_vectors[0], op);
		this->spoil(&job);
		result = run(&job, &len);
		assert_int_equal(result->status, ISCSI_SRP_BAD_JOB);
		assert_int_equal(len, sizeof(*result));
		assert_int_equal(result->version, ISCSI_SRP_VERSION);
		assert_int_equal(result->op, job.op);
		assert_int_equal(result->id, job.id);
		assert_int_equal(result->len, 0);
		assert_int_equal(result->reserved, 0);
		for (size_t i = 0; i < ISCSI_SRP_MAX_LEN; i++)
			assert_int_equal(result->value[i], 0);
		free(result);
	}
}

int main(void)
{
	const struct CMUnitTest good[] = {
		cmocka_unit_test(jobs_of_all_vectors),
	};
	struct CMUnitTest refused[BADS];

	for (size_t i = 0; i < BADS; i++)
		refused[i] = (struct CMUnitTest){
			.name = bad[i].name,
			.test_func = bad_job_is_refused,
			.initial_state = (void *)&bad[i],
		};

	if (secret_init())
		return 1;
	return run_all(good, sizeof(good) / sizeof(good[0]), refused, BADS);
}
