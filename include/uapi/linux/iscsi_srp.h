/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Messages between the iSCSI target's SRP AuthMethod and its user-space helper.
 *
 * The kernel calls request_key() for a key of type "iscsi_srp".
 * /sbin/request-key starts the helper, which instantiates the key.  For the
 * lifetime of the key it is the helper's channel to the target's job queue:
 *
 *   keyctl_instantiate(key, struct iscsi_srp_hello)
 *	The helper states the version of this header that it was built with.
 *	If it differs from the kernel's, the call fails with EPROTO.
 *
 *   keyctl_read(key) -> struct iscsi_srp_job
 *	Wait for the next job.  A second read before the result returns the same
 *	job.  A read without a buffer, or with one that is too small, returns
 *	the required size and takes no job.
 *	ETIMEDOUT: no job arrived; read again or, after several times, exit.
 *	EAGAIN: no job arrived, but the target wants to keep one worker; read
 *	again.
 *	ESHUTDOWN: the target accepts no further reads; exit.
 *
 *   keyctl_update(key, struct iscsi_srp_result + value)
 *	Answer the job that was read last.  id and op must be that job's.
 *	ESTALE: too late, the job has ended or another worker has it; read on.
 *	Any other error: the answer is malformed and the worker gets no more
 *	jobs.
 *
 * A job is a pure function of its input, so it is safe to run it twice:
 *
 *   ISCSI_SRP_OP_EPHEMERAL  group, v, b	-> B = (v + g^b) mod N
 *   ISCSI_SRP_OP_SESSION    group, v, b, u, A	-> S = (A * v^u)^b mod N
 *   ISCSI_SRP_OP_POWER	     group, b		-> g^b mod N, made in advance
 *
 * with the names of RFC 2945, section 3.  v, b and A are big-endian at the
 * start of their arrays; leading zero bytes are allowed, and the bytes after
 * their length are zero.  b may have any length up to ISCSI_SRP_MAX_LEN; the
 * target uses 32 bytes.  A result either has status ISCSI_SRP_OK and exactly as
 * many bytes as the group's N, big-endian with leading zeros, or another status
 * and no value.
 *
 * Integers are in host byte order.
 */
#ifndef _UAPI_LINUX_ISCSI_SRP_H
#define _UAPI_LINUX_ISCSI_SRP_H

#include <linux/types.h>

#define ISCSI_SRP_KEY_TYPE	"iscsi_srp"
#define ISCSI_SRP_VERSION	1

/* Maximum length of N, v, b, A, B and S in bytes */
#define ISCSI_SRP_MAX_LEN	1024

enum iscsi_srp_op {
	ISCSI_SRP_OP_EPHEMERAL	= 1,
	ISCSI_SRP_OP_SESSION	= 2,
	ISCSI_SRP_OP_POWER	= 3,
};

enum iscsi_srp_status {
	ISCSI_SRP_OK		= 0,
	ISCSI_SRP_BAD_JOB	= 1,	/* a field of the job is invalid */
	ISCSI_SRP_FAILED	= 2,	/* out of memory, or a self-check failed */
};

/* The groups of RFC 3723, appendix A, weakest first */
enum iscsi_srp_group {
	ISCSI_SRP_GROUP_SRP_768		= 1,
	ISCSI_SRP_GROUP_SRP_1024	= 2,
	ISCSI_SRP_GROUP_SRP_1280	= 3,
	ISCSI_SRP_GROUP_SRP_1536	= 4,
	ISCSI_SRP_GROUP_SRP_2048	= 5,
	ISCSI_SRP_GROUP_MODP_3072	= 6,
	ISCSI_SRP_GROUP_MODP_4096	= 7,
	ISCSI_SRP_GROUP_MODP_6144	= 8,
	ISCSI_SRP_GROUP_MODP_8192	= 9,
};

#define ISCSI_SRP_GROUP_MAX	ISCSI_SRP_GROUP_MODP_8192

struct iscsi_srp_hello {
	__u32 version;			/* ISCSI_SRP_VERSION */
	__u32 reserved;			/* 0 */
};

struct iscsi_srp_job {
	__u32 version;			/* ISCSI_SRP_VERSION */
	__u16 op;			/* enum iscsi_srp_op */
	__u16 group;			/* enum iscsi_srp_group */
	__u64 id;			/* of this job, never reused */
	__u32 u;			/* SESSION: nonzero, else 0 */
	__u16 v_len;			/* 1 to the length of N; POWER: 0 */
	__u16 b_len;			/* 1 to ISCSI_SRP_MAX_LEN */
	__u16 A_len;			/* SESSION: 1 to the length of N, else 0 */
	__u16 reserved[3];		/* 0 */
	__u8 v[ISCSI_SRP_MAX_LEN];
	__u8 b[ISCSI_SRP_MAX_LEN];
	__u8 A[ISCSI_SRP_MAX_LEN];
};

struct iscsi_srp_result {
	__u32 version;			/* ISCSI_SRP_VERSION */
	__u16 op;			/* the job's */
	__u16 status;			/* enum iscsi_srp_status */
	__u64 id;			/* the job's */
	__u32 len;			/* of value: the length of N, or 0 */
	__u32 reserved;			/* 0 */
	__u8 value[];			/* B, S or g^b */
};

#endif /* _UAPI_LINUX_ISCSI_SRP_H */
