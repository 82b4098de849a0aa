// SPDX-License-Identifier: GPL-2.0-or-later
/* What became of a login, and how long its steps took */
#include "login.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

/**
 * clock_ns() - Read a clock
 * @clock: which
 *
 * Return: nanoseconds
 */
int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/**
 * result_fail() - Note why a login failed
 * @res: the login
 * @code: exit code
 * @format: as of printf; one line, never with a secret
 *
 * What a peer sent may be in the text, so only printable ASCII is kept.
 *
 * Return: -1
 */
int result_fail(struct result *res, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(res->error, sizeof(res->error), format, args);
	va_end(args);
	for (char *c = res->error; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	res->code = code;
	return -1;
}

/**
 * result_step() - Begin a step
 * @res: the login
 * @name: must stay
 *
 * Return: the step, all its times 0; NULL with the failure noted if there were
 * too many
 */
struct step *result_step(struct result *res, const char *name)
{
	struct step *step;

	if (res->steps == STEPS_MAX) {
		result_fail(res, EX_PROTOCOL,
			    "the target does not come to an end: more than %d requests in one login",
			    STEPS_MAX);
		return NULL;
	}
	step = &res->step[res->steps++];
	*step = (struct step){ .name = name };
	return step;
}
