// SPDX-License-Identifier: GPL-2.0
/*
 * Audit records of SRP authentication.
 *
 * Modules cannot use audit_log_untrustedstring(), so encode names as it does:
 * quoted if they are harmless, else as hexadecimal digits.
 */

#include <linux/audit.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "audit.h"
#include "cred.h"

/* A name of 255 bytes in hexadecimal and a NUL; iSCSI names are shorter */
#define SRP_AUDIT_TEXT	(2 * ISCSIT_SRP_USERID_MAX + 1)

/* Encode a name; returns the length in @buf, or -E2BIG if that is too small */
int iscsit_srp_audit_text(const u8 *text, size_t len, char *buf, size_t size)
{
	bool plain = true;
	size_t i;

	for (i = 0; i < len; i++)
		plain &= text[i] != '"' && text[i] > ' ' && text[i] < 0x7f;

	if ((plain ? len + 2 : 2 * len) >= size)
		return -E2BIG;
	if (plain)
		return sprintf(buf, "\"%.*s\"", (int)len, (const char *)text);

	for (i = 0; i < len; i++)
		hex_byte_pack_upper(buf + 2 * i, text[i]);
	buf[2 * len] = '\0';

	return 2 * len;
}

static void srp_audit_name(struct audit_buffer *ab, char *buf, const char *key,
			   const u8 *text, size_t len)
{
	if (!text || !len ||
	    iscsit_srp_audit_text(text, len, buf, SRP_AUDIT_TEXT) < 0)
		audit_log_format(ab, " %s=?", key);
	else
		audit_log_format(ab, " %s=%s", key, buf);
}

/**
 * iscsit_srp_audit - Record a login that was authenticated or failed
 * @event: the login
 *
 * Does not wait for the audit daemon: audit counts records that are lost.
 *
 * Context: Process context. May sleep.
 */
void iscsit_srp_audit(const struct iscsit_srp_event *event)
{
	struct audit_buffer *ab;
	char *buf;

	if (!audit_enabled)
		return;

	buf = kmalloc(SRP_AUDIT_TEXT, GFP_KERNEL);
	if (!buf)
		return;
	ab = audit_log_start(NULL, GFP_ATOMIC, AUDIT_KERNEL_OTHER);
	if (!ab)
		goto out;

	audit_log_format(ab, "op=iscsi-login method=%s group=%s",
			 event->method ?: "?", event->group ?: "?");
	srp_audit_name(ab, buf, "acct", event->user, event->user_len);
	srp_audit_name(ab, buf, "initiator", event->initiator,
		       event->initiator_len);
	srp_audit_name(ab, buf, "target", event->target,
		       event->target ? strlen(event->target) : 0);
	audit_log_format(ab, " addr=%pISc", event->addr);
	if (event->why)
		audit_log_format(ab, " reason=\"%s\"", event->why);
	audit_log_format(ab, " res=%d", !event->why);
	audit_log_end(ab);
out:
	kfree(buf);
}
