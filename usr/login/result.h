/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of a login, and the time its steps took */
#ifndef RESULT_H
#define RESULT_H

#include <stdint.h>
#include <time.h>

#include "lib/group.h"

#define STEPS_MAX	16
#define ERROR_MAX	256

/**
 * struct step - One request and its response; times in nanoseconds
 * @name: the key that is sent, or what is done
 * @own: from the arrival of the previous response (or the start of the login)
 *	until the request was passed to the kernel
 * @response: from then until the response arrived
 * @overlap: time spent computing while waiting for the response
 */
struct step {
	const char *name;
	int64_t own;
	int64_t response;
	int64_t overlap;
};

/**
 * struct result - One login; times are CLOCK_MONOTONIC, in nanoseconds
 * @code: exit code, EX_OK if the login succeeded
 * @begin: start of the login
 * @end: end of the login
 * @closed: end of the logout
 * @cpu: CPU time of the process from @begin to @closed
 * @group: SRP group, or NULL
 * @precomputed: the group for which A was computed during the wait, or NULL
 * @steps: number of valid entries in @step
 * @step: the steps, in order
 * @error: why the login failed
 */
struct result {
	int code;
	int64_t begin;
	int64_t end;
	int64_t closed;
	int64_t cpu;
	const struct srp_group *group;
	const struct srp_group *precomputed;
	unsigned int steps;
	struct step step[STEPS_MAX];
	char error[ERROR_MAX];
};

int64_t clock_ns(clockid_t clock);
int result_fail(struct result *res, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
struct step *result_step(struct result *res, const char *name);

#endif /* RESULT_H */
