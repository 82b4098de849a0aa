// SPDX-License-Identifier: GPL-2.0-or-later
/* Status of a Login Response, RFC 7143, section 11.13.5 */
#include "login.h"

#include <sysexits.h>

static const struct {
	uint16_t status;
	uint16_t code;
	const char *name;
} statuses[] = {
	{ 0x0101, EX_UNAVAILABLE, "the target has moved temporarily" },
	{ 0x0102, EX_UNAVAILABLE, "the target has moved permanently" },
	{ 0x0200, EX_PROTOCOL, "initiator error" },
	{ 0x0201, EX_NOPERM, "authentication failure" },
	{ 0x0202, EX_NOPERM, "authorization failure" },
	{ 0x0203, EX_UNAVAILABLE, "no such target here" },
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
};

/**
 * status_name() - What a status means
 * @status: class and detail, 0x0201 for instance
 *
 * Return: a phrase
 */
const char *status_name(unsigned int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].name;
	}
	return "a status that RFC 7143 does not know";
}

/**
 * status_code() - The exit code for a status
 * @status: class and detail
 *
 * Return: an exit code
 */
int status_code(unsigned int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].code;
	}
	return EX_PROTOCOL;
}
