/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line for each test: "ok NAME" or "not ok NAME: why". */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_failed, tap_done;
static char tap_why[1024];

/* Remember the first thing that is wrong with the current test. */
__attribute__((format(printf, 1, 2), unused))
static void wrong(const char *format, ...)
{
	va_list args;

	if (*tap_why)
		return;
	va_start(args, format);
	vsnprintf(tap_why, sizeof(tap_why), format, args);
	va_end(args);
	if (!*tap_why)
		strcpy(tap_why, "?");
}

#define expect(condition) do {					\
	if (!(condition))					\
		wrong("line %d: %s", __LINE__, #condition);	\
} while (0)

/* The current test is over. */
__attribute__((format(printf, 1, 2), unused))
static void test(const char *format, ...)
{
	va_list args;

	printf(*tap_why ? "not ok " : "ok ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(*tap_why ? ": %s\n" : "\n", tap_why);
	fflush(stdout);

	tap_done++;
	tap_failed += *tap_why != '\0';
	*tap_why = '\0';
}

/* main()'s status; the number of tests guards against a loop over nothing */
__attribute__((unused))
static int tap_end(int at_least)
{
	if (tap_done < at_least) {
		wrong("only %d tests, not %d", tap_done, at_least);
		test("%s", "number of tests");
	}
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
