// SPDX-License-Identifier: GPL-2.0-or-later
#include "result.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

/**
 * clock_ns() - Read a clock
 * @clock: which one
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
 * result_fail() - Record why a login failed
 * @res: the login
 * @code: exit code
 * @format: printf format of one line; never include a secret
 *
 * The text may quote the target, so anything but printable ASCII becomes '?'.
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
 * @name: a string that outlives the result
 *
 * Return: the step with all times 0; NULL, with the failure recorded, if there
 * are too many
 */
struct step *result_step(struct result *res, const char *name)
{
	struct step *step;

	if (res->steps == STEPS_MAX) {
		result_fail(res, EX_PROTOCOL,
			    "the login does not end: the target wants more than %d requests",
			    STEPS_MAX);
		return NULL;
	}
	step = &res->step[res->steps++];
	*step = (struct step){ .name = name };
	return step;
}
