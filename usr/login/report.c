// SPDX-License-Identifier: GPL-2.0-or-later
/* What is printed: latencies and their parts, as text or as JSON */
#include "login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/**
 * struct stats - Of some times; all in microseconds
 * @min: the least
 * @median: of an even number the mean of the two in the middle
 * @p99: the least one that 99 of 100 do not exceed
 * @max: the largest
 */
struct stats {
	double min;
	double median;
	double p99;
	double max;
};

static double us(int64_t ns)
{
	return ns / 1e3;
}

static size_t count_all(const struct options *opt)
{
	return (size_t)opt->repeat * opt->parallel;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts the times */
static struct stats stats_of(int64_t *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), compare);
	return (struct stats){
		.min = us(ns[0]),
		.median = us(ns[(count - 1) / 2] + ns[count / 2]) / 2,
		.p99 = us(ns[(count * 99 + 99) / 100 - 1]),
		.max = us(ns[count - 1]),
	};
}

/**
 * struct summary - Of all logins
 * @succeeded: how many
 * @failed: how many
 * @latency: of those that succeeded
 * @seconds: from the first one's begin to the last one's end, with logouts
 * @first: the first that succeeded, or NULL
 * @ns: room for a time of each login
 */
struct summary {
	size_t succeeded;
	size_t failed;
	struct stats latency;
	double seconds;
	const struct result *first;
	int64_t *ns;
};

static int summarise(const struct options *opt, const struct result *results,
		     struct summary *sum)
{
	int64_t begin = INT64_MAX, closed = 0;
	size_t all = count_all(opt);

	*sum = (struct summary){ .ns = calloc(all, sizeof(*sum->ns)) };
	if (!sum->ns) {
		log_error("out of memory");
		return EX_OSERR;
	}
	for (const struct result *res = results; res < results + all; res++) {
		if (res->begin < begin)
			begin = res->begin;
		if (res->closed > closed)
			closed = res->closed;
		if (res->code != EX_OK) {
			sum->failed++;
			continue;
		}
		if (!sum->first)
			sum->first = res;
		sum->ns[sum->succeeded++] = res->end - res->begin;
	}
	sum->seconds = (closed - begin) / 1e9;
	if (sum->succeeded)
		sum->latency = stats_of(sum->ns, sum->succeeded);
	return EX_OK;
}

/* Each error once, with how many logins it met; the first one's exit code */
static int say_errors(const struct options *opt, const struct result *results)
{
	size_t all = count_all(opt);
	int code = EX_OK;

	for (size_t i = 0; i < all; i++) {
		size_t same = 0, before = 0;

		if (results[i].code == EX_OK)
			continue;
		if (code == EX_OK)
			code = results[i].code;
		while (before < i && strcmp(results[before].error,
					    results[i].error))
			before++;
		if (before < i)
			continue;
		for (size_t j = i; j < all; j++)
			same += !strcmp(results[j].error, results[i].error);
		if (all == 1)
			log_error("%s: %s", opt->portal, results[i].error);
		else
			log_error("%s: %s (%zu of %zu logins)", opt->portal,
				  results[i].error, same, all);
	}
	return code;
}

/* Median of one part (own, response or overlap) of a step, in us */
static double step_median(const struct options *opt,
			  const struct result *results, struct summary *sum,
			  unsigned int n, size_t part)
{
	size_t all = count_all(opt), count = 0;

	for (const struct result *res = results; res < results + all; res++) {
		const char *step = (const char *)&res->step[n];

		if (res->code == EX_OK && n < res->steps &&
		    !strcmp(res->step[n].name, sum->first->step[n].name))
			memcpy(&sum->ns[count++], step + part,
			       sizeof(int64_t));
	}
	return stats_of(sum->ns, count).median;
}

static void text(const struct options *opt, const struct result *results,
		 struct summary *sum)
{
	const struct stats *latency = &sum->latency;
	const struct result *first = sum->first;

	if (!first)
		return;
	printf("%zu login%s by %s", sum->succeeded,
	       sum->succeeded == 1 ? "" : "s", method_name(opt->method));
	if (first->group)
		printf(" (%s, %s)", first->group->name,
		       opt->one_way ? "one-way" : "mutual");
	if (sum->failed)
		printf(", %zu failed", sum->failed);
	if (sum->succeeded > 1)
		printf(", %.1f logins/s", sum->succeeded / sum->seconds);
	printf("\nlatency: ");
	if (sum->succeeded > 1)
		printf("min %.1f, median %.1f, p99 %.1f, max %.1f us\n",
		       latency->min, latency->median, latency->p99,
		       latency->max);
	else
		printf("%.1f us\n", latency->median);

	printf("%-12s %12s %12s %12s\n", sum->succeeded > 1 ? "medians, us" :
	       "us", "own", "response", "overlap");
	for (unsigned int n = 0; n < first->steps; n++)
		printf("%-12s %12.1f %12.1f %12.1f\n", first->step[n].name,
		       step_median(opt, results, sum, n,
				   offsetof(struct step, own)),
		       step_median(opt, results, sum, n,
				   offsetof(struct step, response)),
		       step_median(opt, results, sum, n,
				   offsetof(struct step, overlap)));
}

static void json_string(const char *name, const char *value)
{
	printf("\"%s\": ", name);
	if (!value) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (const char *c = value; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if ((unsigned char)*c < ' ')
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

static void json_login(const struct result *res, unsigned int connection)
{
	const char *comma = "";

	printf("{ \"connection\": %u, \"latency_us\": ", connection);
	if (res->code == EX_OK)
		printf("%.1f", us(res->end - res->begin));
	else
		fputs("null", stdout);
	printf(", \"exit_code\": %d, ", res->code);
	json_string("error", res->code == EX_OK ? NULL : res->error);
	fputs(", ", stdout);
	json_string("group", res->group ? res->group->name : NULL);
	fputs(",\n      \"steps\": [", stdout);
	for (unsigned int n = 0; n < res->steps; n++) {
		const struct step *step = &res->step[n];

		printf("%s\n        { ", comma);
		json_string("name", step->name);
		printf(", \"own_us\": %.1f, \"response_us\": %.1f, \"overlap_us\": %.1f }",
		       us(step->own), us(step->response), us(step->overlap));
		comma = ",";
	}
	fputs(" ] }", stdout);
}

static void json(const struct options *opt, const struct result *results,
		 const struct summary *sum)
{
	size_t all = count_all(opt);

	fputs("{\n  ", stdout);
	json_string("version", VERSION);
	fputs(",\n  ", stdout);
	json_string("portal", opt->portal);
	fputs(",\n  ", stdout);
	json_string("target", opt->target);
	fputs(",\n  ", stdout);
	json_string("method", method_name(opt->method));
	printf(",\n  \"mutual\": %s,\n  \"repeat\": %u,\n  \"parallel\": %u,\n  \"warm_up\": %u,\n",
	       opt->method == METHOD_SRP && !opt->one_way ? "true" : "false",
	       opt->repeat, opt->parallel, opt->warm_up);
	printf("  \"succeeded\": %zu,\n  \"failed\": %zu,\n  \"seconds\": %.6f,\n  \"logins_per_second\": %.3f,\n",
	       sum->succeeded, sum->failed, sum->seconds,
	       sum->succeeded / sum->seconds);
	fputs("  \"latency_us\": ", stdout);
	if (sum->succeeded)
		printf("{ \"min\": %.1f, \"median\": %.1f, \"p99\": %.1f, \"max\": %.1f }",
		       sum->latency.min, sum->latency.median, sum->latency.p99,
		       sum->latency.max);
	else
		fputs("null", stdout);
	fputs(",\n  \"logins\": [", stdout);
	for (size_t i = 0; i < all; i++) {
		printf("%s\n    ", i ? "," : "");
		json_login(&results[i], i / opt->repeat);
	}
	fputs("\n  ]\n}\n", stdout);
}

/**
 * report() - Print results to standard output and errors to standard error
 * @opt: what was wanted
 * @results: all of it; it was done
 *
 * Return: exit code of the first failed login, EX_OK if there is none, or why
 * the report could not be made
 */
int report(const struct options *opt, const struct result *results)
{
	struct summary sum;
	int code = summarise(opt, results, &sum);

	if (code != EX_OK)
		return code;
	if (opt->json)
		json(opt, results, &sum);
	else
		text(opt, results, &sum);
	free(sum.ns);
	code = say_errors(opt, results);
	if (fflush(stdout) || ferror(stdout)) {
		log_error("standard output: %s", strerror(errno));
		return EX_IOERR;
	}
	return code;
}
