// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <sysexits.h>

/* The last one stands for all others */
static const struct login_status statuses[] = {
	{ 0x0101, EX_UNAVAILABLE, "the target has moved temporarily" },
	{ 0x0102, EX_UNAVAILABLE, "the target has moved permanently" },
	{ 0x0200, EX_PROTOCOL, "initiator error" },
	{ 0x0201, EX_NOPERM, "authentication failure" },
	{ 0x0202, EX_NOPERM, "authorization failure" },
	{ 0x0203, EX_UNAVAILABLE, "target not found" },
	{ 0x0204, EX_UNAVAILABLE, "the target has been removed" },
	{ 0x0205, EX_PROTOCOL, "unsupported version" },
	{ 0x0206, EX_UNAVAILABLE, "too many connections" },
	{ 0x0207, EX_PROTOCOL, "missing parameter" },
	{ 0x0208, EX_PROTOCOL, "cannot include this connection in the session" },
	{ 0x0209, EX_UNAVAILABLE, "session type not supported" },
	{ 0x020a, EX_PROTOCOL, "the session does not exist" },
	{ 0x020b, EX_PROTOCOL, "invalid request during login" },
	{ 0x0300, EX_UNAVAILABLE, "target error" },
	{ 0x0301, EX_UNAVAILABLE, "service unavailable" },
	{ 0x0302, EX_UNAVAILABLE, "the target is out of resources" },
	{ 0, EX_PROTOCOL, "a status that RFC 7143 does not define" },
};

/**
 * login_status() - Look up a status
 * @status: class and detail
 *
 * Return: its exit code and meaning
 */
const struct login_status *login_status(unsigned int status)
{
	const struct login_status *known = statuses;

	while (known->status && known->status != status)
		known++;
	return known;
}
