/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka, with a list of test cases that the program fills when it starts */
#ifndef CASES_H
#define CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct CMUnitTest cases[256];
static size_t case_count;

/* *state of the test is data */
__attribute__((format(printf, 3, 4)))
static void add(CMUnitTestFunction test, const void *data,
		const char *format, ...)
{
	va_list args;
	char *name;

	va_start(args, format);
	if (case_count == COUNT(cases) || vasprintf(&name, format, args) < 0)
		abort();
	va_end(args);
	cases[case_count++] = (struct CMUnitTest){
		.name = name,
		.test_func = test,
		.initial_state = (void *)data,
	};
}

/* Run them all, each after setup() */
static int run_cases(CMFixtureFunction setup)
{
	size_t i;

	for (i = 0; i < case_count; i++)
		cases[i].setup_func = setup;
	return _cmocka_run_group_tests("cases", cases, case_count, NULL, NULL);
}

#endif
