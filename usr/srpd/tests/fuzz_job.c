// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer: valid and invalid jobs */
#include "job.h"
#include "lib/group.h"
#include "lib/secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool true_or_abort)
{
	if (!true_or_abort)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct iscsi_srp_job job = { 0 };
	struct iscsi_srp_result *result = malloc(RESULT_MAX);
	const struct srp_group *group;
	size_t len;

	if (!ready)
		demand(secret_init() == 0);
	ready = true;

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
	if (result->status == ISCSI_SRP_OK)
		demand(group && result->len == group->len &&
		       memcmp(result->value, group_modulus(group)->bytes,
			      group->len) < 0);
	else
		demand(result->len == 0);
	free(result);
	return 0;
}
