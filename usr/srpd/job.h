/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct iscsi_srp_job to struct iscsi_srp_result */
#ifndef SRPD_JOB_H
#define SRPD_JOB_H

#include <linux/iscsi_srp.h>
#include <stddef.h>

#define RESULT_MAX	(sizeof(struct iscsi_srp_result) + ISCSI_SRP_MAX_LEN)

size_t job_run(const struct iscsi_srp_job *job,
	       struct iscsi_srp_result *result);

#endif /* SRPD_JOB_H */
