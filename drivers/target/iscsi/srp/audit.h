/* SPDX-License-Identifier: GPL-2.0 */
/* srp/audit.c: records for the kernel's audit subsystem */
#ifndef ISCSIT_SRP_AUDIT_H
#define ISCSIT_SRP_AUDIT_H

#include <linux/types.h>

struct sockaddr_storage;

/**
 * struct iscsit_srp_event - A login that was authenticated, or failed
 * @initiator: its name, as it sent it
 * @addr: where it came from
 * @target: the target's name, or NULL for discovery
 * @method: the AuthMethod, or NULL if none was agreed on
 * @user: SRP_U, or NULL
 * @user_len: octets of @user
 * @group: the group's name, or NULL
 * @why: why it failed, or NULL
 */
struct iscsit_srp_event {
	const char *initiator;
	const struct sockaddr_storage *addr;
	const char *target;
	const char *method;
	const u8 *user;
	size_t user_len;
	const char *group;
	const char *why;
};

int iscsit_srp_audit_text(const u8 *text, size_t len, char *buf, size_t size);
void iscsit_srp_audit(const struct iscsit_srp_event *event);

#endif /* ISCSIT_SRP_AUDIT_H */
