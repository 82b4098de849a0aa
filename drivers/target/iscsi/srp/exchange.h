/* SPDX-License-Identifier: GPL-2.0 */
/* The exchange of one login, step by step */
#ifndef ISCSIT_SRP_EXCHANGE_H
#define ISCSIT_SRP_EXCHANGE_H

#include <linux/types.h>
#include "bind.h"
#include "cred.h"
#include "pick.h"
#include "powers.h"
#include "reject.h"
#include "text.h"

enum iscsit_srp_login_step {
	ISCSIT_SRP_STEP_U,		/* SRP_U, TargetAuth */
	ISCSIT_SRP_STEP_A,		/* SRP_A, SRP_GROUP */
	ISCSIT_SRP_STEP_M,		/* SRP_M */
	ISCSIT_SRP_STEP_DONE,
	ISCSIT_SRP_STEP_REJECTED,
};

/* The auth_protocol of a connection */
struct iscsit_srp {
	enum iscsit_srp_login_step step;	/* the next one */
	struct iscsit_srp_reject reject;

	/* What the caller of iscsit_srp_alloc() may set before step U */
	struct iscsit_srp_cred *cred;	/* snapshot of the scope's, or NULL */
	unsigned int min_group;		/* weakest group to offer */
	bool mutual_required;		/* TargetAuth must be Yes */
	bool target_proposed;		/* AuthMethod comes with SRP_U */
	struct iscsit_srp_tls tls;
	struct iscsit_srp_peer peer;	/* zeroed: no user table */
	const void *portal_group;	/* whose turn its jobs wait for */
	int (*gone)(void *arg);		/* 0, or why nobody waits; may be NULL */
	void *gone_arg;

	struct iscsit_srp_queue *queue;
	struct iscsit_srp_pool *pool;	/* NULL: none */
	struct iscsit_srp_pick pick;
	bool known;			/* @cred is not a made-up one */
	int changes;		/* iscsit_srp_cred_changes() before @cred */
	bool mutual;			/* TargetAuth=Yes */
	u8 user_len;
	u8 user[ISCSIT_SRP_USERID_MAX];	/* SRP_U */
	s64 wait_us;			/* time waited for the helper */
	const struct iscsit_srp_group *offered[ISCSI_SRP_GROUP_MAX];
	unsigned int nr_offered;
	const struct iscsit_srp_group *group;	/* chosen, or expected to be */
	struct iscsit_srp_job *job;	/* for B before step A, then for S */
	bool power_ready;		/* @b and @B = g^b are from @pool */
	u32 u;
	u16 A_len;
	u16 B_len;
	u8 b[ISCSIT_SRP_B_LEN];
	u8 A[ISCSI_SRP_MAX_LEN];	/* without leading zero bytes */
	u8 B[ISCSI_SRP_MAX_LEN];	/* likewise */

	/* The current request, for login.c */
	struct iscsit_srp_text text;	/* to be continued */
	enum iscsit_srp_login_step answered;
	ktime_t began;
};

struct iscsit_srp *iscsit_srp_alloc(struct iscsit_srp_queue *queue,
				    struct iscsit_srp_pool *pool);
void iscsit_srp_free(struct iscsit_srp *srp);
int iscsit_srp_step(struct iscsit_srp *srp, const char *text, size_t len,
		    char *rsp, size_t rsp_size, size_t *rsp_len);
void iscsit_srp_sent(struct iscsit_srp *srp);

#endif /* ISCSIT_SRP_EXCHANGE_H */
