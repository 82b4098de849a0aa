/* SPDX-License-Identifier: GPL-2.0 */
/* srp/exchange.c: the exchange, step by step */
#ifndef ISCSIT_SRP_EXCHANGE_H
#define ISCSIT_SRP_EXCHANGE_H

#include <linux/types.h>
#include "cred.h"
#include "pick.h"
#include "powers.h"
#include "queue.h"
#include "stats.h"

/* The step that is due next */
enum iscsit_srp_login_step {
	ISCSIT_SRP_STEP_U,		/* SRP_U, TargetAuth */
	ISCSIT_SRP_STEP_A,		/* SRP_A, SRP_GROUP */
	ISCSIT_SRP_STEP_M,		/* SRP_M */
	ISCSIT_SRP_STEP_DONE,
	ISCSIT_SRP_STEP_REJECTED,
};

/**
 * struct iscsit_srp - One SRP exchange of one connection
 * @step: the step that is due
 * @target_proposed: AuthMethod was our offer, so its answer comes with SRP_U
 * @mutual: TargetAuth=Yes
 * @known: @cred is a real user's, not made up
 * @status_class: Login Status Class of a rejection
 * @status_detail: Login Status Detail of a rejection
 * @reason: of a rejection, for the statistics
 * @why: reason of a rejection, for the log
 * @queue: where the jobs go
 * @pool: where a ready g^b may be; NULL: nowhere
 * @peer: who logs in, and where; zeroed if there is no table of users
 * @pick: which of the user's credentials it was, and what follows from that
 * @cred: snapshot of the credentials
 * @min_group: id of the weakest group that is offered
 * @mutual_required: the initiator must ask for TargetAuth
 * @user_len: octets of @user, 0: SRP_U has not come
 * @wait_us: microseconds that were waited for the helper
 * @offered: groups in SRP_GROUP
 * @nr_offered: number of @offered
 * @group: group of @ephemeral or, once A has come, of the exchange
 * @power_ready: @b and @B are from the pool, @B is g^b yet
 * @ephemeral: job for B, if it is not
 * @session: job for S
 * @gone: tells, during a wait, that nobody waits for the answer; may be NULL
 * @gone_arg: argument of @gone
 * @u: SRP's scrambling parameter, the first octets of SHA-1 of @B
 * @A_len: octets of @A
 * @B_len: octets of @B
 * @user: SRP_U
 * @b: our secret exponent
 * @A: SRP_A without leading zero octets
 * @B: SRP_B without leading zero octets
 */
struct iscsit_srp {
	enum iscsit_srp_login_step step;
	bool target_proposed;
	bool mutual;
	bool known;
	u8 status_class;
	u8 status_detail;
	enum iscsit_srp_stat reason;
	const char *why;
	struct iscsit_srp_queue *queue;
	struct iscsit_srp_pool *pool;
	struct iscsit_srp_peer peer;
	struct iscsit_srp_pick pick;
	struct iscsit_srp_cred *cred;
	unsigned int min_group;
	bool mutual_required;
	u8 user_len;
	s64 wait_us;
	const struct iscsit_srp_group *offered[ISCSI_SRP_GROUP_MAX];
	unsigned int nr_offered;
	const struct iscsit_srp_group *group;
	bool power_ready;
	struct iscsit_srp_job *ephemeral;
	struct iscsit_srp_job *session;
	bool (*gone)(void *arg);
	void *gone_arg;
	u32 u;
	u16 A_len;
	u16 B_len;
	u8 user[ISCSIT_SRP_USERID_MAX];
	u8 b[ISCSIT_SRP_B_LEN];
	u8 A[ISCSI_SRP_MAX_LEN];
	u8 B[ISCSI_SRP_MAX_LEN];
};

struct iscsit_srp *iscsit_srp_alloc(struct iscsit_srp_queue *queue,
				    struct iscsit_srp_cred *cred);
void iscsit_srp_free(struct iscsit_srp *srp);
int iscsit_srp_step(struct iscsit_srp *srp, const char *text, size_t len,
		    char *rsp, size_t rsp_size, size_t *rsp_len);
void iscsit_srp_sent(struct iscsit_srp *srp);

#endif /* ISCSIT_SRP_EXCHANGE_H */
