/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the iSCSI target's SRP AuthMethod: the life of a job, the
 * start of a helper, the end of a login.  Never add a secret here.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM iscsi_srp

#if !defined(_TRACE_ISCSI_SRP_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_ISCSI_SRP_H

#include <linux/tracepoint.h>
#include <uapi/linux/iscsi_srp.h>

TRACE_DEFINE_ENUM(ISCSI_SRP_OP_EPHEMERAL);
TRACE_DEFINE_ENUM(ISCSI_SRP_OP_SESSION);
TRACE_DEFINE_ENUM(ISCSI_SRP_OP_POWER);

#define show_iscsi_srp_op(op)					\
	__print_symbolic(op,					\
		{ ISCSI_SRP_OP_EPHEMERAL,	"EPHEMERAL" },	\
		{ ISCSI_SRP_OP_SESSION,		"SESSION" },		\
		{ ISCSI_SRP_OP_POWER,		"POWER" })

#define show_iscsi_srp_step(step)			\
	__print_symbolic(step,				\
		{ 0,	"SRP_U" },			\
		{ 1,	"SRP_A" },			\
		{ 2,	"SRP_M" })

/*
 * waited: microseconds since the job was submitted; depth: number of queued and
 * running jobs, including this one unless it has just ended
 */
DECLARE_EVENT_CLASS(iscsi_srp_job,
	TP_PROTO(u64 id, u16 op, u16 group, s64 waited, unsigned int depth,
		 int error),
	TP_ARGS(id, op, group, waited, depth, error),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(s64, waited)
		__field(u16, op)
		__field(u16, group)
		__field(unsigned int, depth)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->waited = waited;
		__entry->op = op;
		__entry->group = group;
		__entry->depth = depth;
		__entry->error = error;
	),
	TP_printk("id=%llu op=%s group=%u waited_us=%lld depth=%u error=%d",
		  __entry->id, show_iscsi_srp_op(__entry->op), __entry->group,
		  __entry->waited, __entry->depth, __entry->error)
);

#define DEFINE_ISCSI_SRP_JOB_EVENT(name)				\
DEFINE_EVENT(iscsi_srp_job, name,					\
	TP_PROTO(u64 id, u16 op, u16 group, s64 waited,			\
		 unsigned int depth, int error),			\
	TP_ARGS(id, op, group, waited, depth, error))

/* Each submit is followed by exactly one complete or cancel */
DEFINE_ISCSI_SRP_JOB_EVENT(iscsi_srp_submit);
DEFINE_ISCSI_SRP_JOB_EVENT(iscsi_srp_pop);
DEFINE_ISCSI_SRP_JOB_EVENT(iscsi_srp_requeue);
DEFINE_ISCSI_SRP_JOB_EVENT(iscsi_srp_complete);
DEFINE_ISCSI_SRP_JOB_EVENT(iscsi_srp_cancel);

/* An attempt to start the helper has ended after @took microseconds */
TRACE_EVENT(iscsi_srp_activate,
	TP_PROTO(s64 took, unsigned int depth, int error),
	TP_ARGS(took, depth, error),
	TP_STRUCT__entry(
		__field(s64, took)
		__field(unsigned int, depth)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->took = took;
		__entry->depth = depth;
		__entry->error = error;
	),
	TP_printk("took_us=%lld depth=%u error=%d",
		  __entry->took, __entry->depth, __entry->error)
);

/*
 * A request was answered.  took: microseconds from when the login worker took
 * the request until the response was sent, including waits for the helper
 */
TRACE_EVENT(iscsi_srp_step,
	TP_PROTO(unsigned int step, s64 took),
	TP_ARGS(step, took),
	TP_STRUCT__entry(
		__field(unsigned int, step)
		__field(s64, took)
	),
	TP_fast_assign(
		__entry->step = step;
		__entry->took = took;
	),
	TP_printk("step=%s took_us=%lld", show_iscsi_srp_step(__entry->step),
		  __entry->took)
);

/* An exchange has ended; group is 0 if none was chosen */
TRACE_EVENT(iscsi_srp_login,
	TP_PROTO(const char *initiator, unsigned int group, bool mutual,
		 u8 status_class, u8 status_detail),
	TP_ARGS(initiator, group, mutual, status_class, status_detail),
	TP_STRUCT__entry(
		__string(initiator, initiator)
		__field(unsigned int, group)
		__field(bool, mutual)
		__field(u8, status_class)
		__field(u8, status_detail)
	),
	TP_fast_assign(
		__assign_str(initiator);
		__entry->group = group;
		__entry->mutual = mutual;
		__entry->status_class = status_class;
		__entry->status_detail = status_detail;
	),
	TP_printk("initiator=%s group=%u mutual=%d status=%02x%02x",
		  __get_str(initiator), __entry->group, __entry->mutual,
		  __entry->status_class, __entry->status_detail)
);

#endif /* _TRACE_ISCSI_SRP_H */

#include <trace/define_trace.h>
