/* SPDX-License-Identifier: GPL-2.0 */
/* Records for the kernel's audit subsystem */
#ifndef ISCSIT_SRP_AUDIT_H
#define ISCSIT_SRP_AUDIT_H

#include <linux/types.h>

struct sockaddr_storage;

/* A login that was authenticated or failed */
struct iscsit_srp_event {
	const char *initiator;		/* InitiatorName, as sent */
	size_t initiator_len;		/* bytes of @initiator */
	const struct sockaddr_storage *addr;	/* its address */
	const char *target;	/* the target's name, or NULL for discovery */
	/* the AuthMethod, or NULL if none was negotiated */
	const char *method;
	const u8 *user;			/* SRP_U, or NULL */
	size_t user_len;		/* bytes of @user */
	const char *group;		/* the group's name, or NULL */
	const char *why;		/* reason of a failure, or NULL */
};

int iscsit_srp_audit_text(const u8 *text, size_t len, char *buf, size_t size);
void iscsit_srp_audit(const struct iscsit_srp_event *event);

#endif /* ISCSIT_SRP_AUDIT_H */
