/* SPDX-License-Identifier: GPL-2.0 */
/* The Login Reject codes of SRP */
#ifndef ISCSIT_SRP_REJECT_H
#define ISCSIT_SRP_REJECT_H

#include <linux/types.h>
#include "stats.h"

struct iscsit_srp_reject {
	u8 status_class;	/* RFC 7143, section 11.13.5; 0: no reject */
	u8 status_detail;
	enum iscsit_srp_stat reason;	/* for the counters */
	char why[128];		/* for the log and for audit; no quotes */
};

enum iscsit_srp_fault {
	ISCSIT_SRP_FAULT_PROTOCOL,	/* malformed or unexpected text */
	ISCSIT_SRP_FAULT_MISSING,	/* a key is missing */
	ISCSIT_SRP_FAULT_VALUE,		/* SRP_A is not between 0 and N */
	ISCSIT_SRP_FAULT_PASSWORD,	/* SRP_M is wrong */
	ISCSIT_SRP_FAULT_USER,		/* SRP_U is unknown */
	ISCSIT_SRP_FAULT_POLICY,	/* not allowed here */
};

int __printf(3, 4) iscsit_srp_reject(struct iscsit_srp_reject *reject,
				     enum iscsit_srp_fault fault,
				     const char *fmt, ...);
int iscsit_srp_reject_retry(struct iscsit_srp_reject *reject,
			    enum iscsit_srp_fault fault, const char *why);
int iscsit_srp_reject_error(struct iscsit_srp_reject *reject, int error);

#endif /* ISCSIT_SRP_REJECT_H */
