// SPDX-License-Identifier: GPL-2.0
/*
 * The Login Reject codes of SRP: RFC 7143, section 11.13.5.
 *
 * An error of the target never looks like one of the initiator.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <scsi/iscsi_proto.h>
#include "reject.h"

/* Status Class 02: the initiator's error */
static const struct {
	u8 detail;
	enum iscsit_srp_stat reason;
} srp_faults[] = {
	[ISCSIT_SRP_FAULT_PROTOCOL] = { ISCSI_LOGIN_STATUS_INIT_ERR,
					ISCSIT_SRP_STAT_PROTOCOL },
	[ISCSIT_SRP_FAULT_MISSING] = { ISCSI_LOGIN_STATUS_MISSING_FIELDS,
				       ISCSIT_SRP_STAT_PROTOCOL },
	[ISCSIT_SRP_FAULT_VALUE] = { ISCSI_LOGIN_STATUS_AUTH_FAILED,
				     ISCSIT_SRP_STAT_PROTOCOL },
	[ISCSIT_SRP_FAULT_PASSWORD] = { ISCSI_LOGIN_STATUS_AUTH_FAILED,
					ISCSIT_SRP_STAT_PASSWORD },
	[ISCSIT_SRP_FAULT_USER] = { ISCSI_LOGIN_STATUS_AUTH_FAILED,
				    ISCSIT_SRP_STAT_USER },
	[ISCSIT_SRP_FAULT_POLICY] = { ISCSI_LOGIN_STATUS_TGT_FORBIDDEN,
				      ISCSIT_SRP_STAT_POLICY },
};

/* Status Class 03: the target's error.  The last one is for all others. */
static const struct {
	int error;
	u8 detail;
	enum iscsit_srp_stat reason;
	const char *why;
} srp_errors[] = {
	{ -ENOMEM, ISCSI_LOGIN_STATUS_NO_RESOURCES, ISCSIT_SRP_STAT_RESOURCES,
	  "out of memory" },
	{ -ENOBUFS, ISCSI_LOGIN_STATUS_NO_RESOURCES, ISCSIT_SRP_STAT_RESOURCES,
	  "the job queue is full, see srp_queue_len" },
	{ -ETIMEDOUT, ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE, ISCSIT_SRP_STAT_HELPER,
	  "the helper iscsi-srpd did not answer in time" },
	{ -EIO, ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE, ISCSIT_SRP_STAT_HELPER,
	  "the helper iscsi-srpd failed or cannot be started" },
	{ -ESHUTDOWN, ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE, ISCSIT_SRP_STAT_HELPER,
	  "the helper iscsi-srpd failed or cannot be started" },
	{ -EINTR, ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE, ISCSIT_SRP_STAT_ABORTED,
	  "the login was interrupted or took too long" },
	{ -ECONNRESET, ISCSI_LOGIN_STATUS_TARGET_ERROR, ISCSIT_SRP_STAT_ABORTED,
	  "the initiator closed the connection" },
	{ 0, ISCSI_LOGIN_STATUS_TARGET_ERROR, ISCSIT_SRP_STAT_OTHER,
	  "internal error" },
};

/**
 * iscsit_srp_reject - Reject a login for an error of the initiator
 * @reject: status and reason
 * @fault: what the initiator did wrong
 * @fmt: details; must not include anything that the initiator sent
 *
 * Context: Any.
 * Return: -EACCES.
 */
int iscsit_srp_reject(struct iscsit_srp_reject *reject,
		      enum iscsit_srp_fault fault, const char *fmt, ...)
{
	va_list args;

	reject->status_class = ISCSI_STATUS_CLS_INITIATOR_ERR;
	reject->status_detail = srp_faults[fault].detail;
	reject->reason = srp_faults[fault].reason;
	va_start(args, fmt);
	vscnprintf(reject->why, sizeof(reject->why), fmt, args);
	va_end(args);

	return -EACCES;
}

/* SRP_M is wrong, but the initiator may try again: it does so after 0301 */
int iscsit_srp_reject_retry(struct iscsit_srp_reject *reject,
			    enum iscsit_srp_fault fault, const char *why)
{
	iscsit_srp_reject(reject, fault, "%s", why);
	reject->status_class = ISCSI_STATUS_CLS_TARGET_ERR;
	reject->status_detail = ISCSI_LOGIN_STATUS_SVC_UNAVAILABLE;

	return -EACCES;
}

/* Reject a login for an error of the target, a negative errno */
int iscsit_srp_reject_error(struct iscsit_srp_reject *reject, int error)
{
	unsigned int i = 0;

	while (srp_errors[i].error && srp_errors[i].error != error)
		i++;
	reject->status_class = ISCSI_STATUS_CLS_TARGET_ERR;
	reject->status_detail = srp_errors[i].detail;
	reject->reason = srp_errors[i].reason;
	strscpy(reject->why, srp_errors[i].why, sizeof(reject->why));

	return -EACCES;
}
