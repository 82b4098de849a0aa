// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer: valid and invalid jobs.  The result must be one that the kernel takes. */
#include "job.h"
#include "lib/group.h"
#include "lib/tests/fuzz.h"

/* A number that was used has a length that is allowed, and zeros behind it */
static void check_number(const uint8_t *n, size_t len, size_t max)
{
	demand(len <= max);
	for (size_t i = len; i < ISCSI_SRP_MAX_LEN; i++)
		demand(!n[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iscsi_srp_job job = { 0 };
	struct iscsi_srp_result *result = malloc(RESULT_MAX);
	const struct srp_group *group;
	size_t len;

	memcpy(&job, data, size < sizeof(job) ? size : sizeof(job));
	/* The large groups are only slower */
	if (job.group > ISCSI_SRP_GROUP_SRP_1024)
		job.group %= ISCSI_SRP_GROUP_SRP_1024 + 1;

	len = job_run(&job, result);
	group = group_by_id(job.group);
	demand(result->version == ISCSI_SRP_VERSION);
	demand(result->op == job.op && result->id == job.id);
	demand(result->reserved == 0);
	demand(result->status <= ISCSI_SRP_FAILED);
	demand(len == sizeof(*result) + result->len);
	if (result->status == ISCSI_SRP_OK) {
		demand(group && result->len == group->len &&
		       memcmp(result->value, group_modulus(group)->bytes,
			      group->len) < 0);
		check_number(job.v, job.v_len, group->len);
		check_number(job.b, job.b_len, ISCSI_SRP_MAX_LEN);
		check_number(job.A, job.A_len, group->len);
	} else {
		demand(result->len == 0);
	}
	accepted(result->status == ISCSI_SRP_OK);
	free(result);
	return 0;
}
