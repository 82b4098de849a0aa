// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <json-c/json.h>

#include "lib/log.h"

/**
 * struct stats - Of some times; all in microseconds
 * @min: minimum
 * @median: the mean of the middle two if their number is even
 * @p99: 99th percentile
 * @max: maximum
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
 * @succeeded: how many succeeded
 * @failed: how many failed
 * @latency: of those that succeeded
 * @seconds: from the start of the first login to the end of the last logout
 * @first: the first one that succeeded, or NULL
 * @ns: room for one time of each login
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

/* Log each error once, with its count; return the exit code of the first */
static int log_errors(const struct options *opt, const struct result *results)
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

/* Median in us of the time at this offset in step n */
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
	printf("%zu login%s with %s", sum->succeeded,
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

static void add_int(struct json_object *o, const char *key, int value)
{
	json_object_object_add(o, key, json_object_new_int(value));
}

static void add_double(struct json_object *o, const char *key, double value)
{
	json_object_object_add(o, key, json_object_new_double(value));
}

/* NULL becomes null */
static void add_string(struct json_object *o, const char *key,
		       const char *value)
{
	json_object_object_add(o, key,
			       value ? json_object_new_string(value) : NULL);
}

static struct json_object *json_step(const struct step *step)
{
	struct json_object *o = json_object_new_object();

	add_string(o, "name", step->name);
	add_double(o, "own_us", us(step->own));
	add_double(o, "response_us", us(step->response));
	add_double(o, "overlap_us", us(step->overlap));
	return o;
}

static struct json_object *json_login(const struct result *res, int connection)
{
	struct json_object *o = json_object_new_object();
	struct json_object *steps = json_object_new_array();

	add_int(o, "connection", connection);
	add_double(o, "begin_us", us(res->begin));
	if (res->code == EX_OK)
		add_double(o, "latency_us", us(res->end - res->begin));
	else
		json_object_object_add(o, "latency_us", NULL);
	add_double(o, "cpu_us", us(res->cpu));
	add_int(o, "exit_code", res->code);
	add_string(o, "error", res->code == EX_OK ? NULL : res->error);
	add_string(o, "group", res->group ? res->group->name : NULL);
	add_string(o, "precomputed_group",
		   res->precomputed ? res->precomputed->name : NULL);
	for (unsigned int n = 0; n < res->steps; n++)
		json_object_array_add(steps, json_step(&res->step[n]));
	json_object_object_add(o, "steps", steps);
	return o;
}

static struct json_object *json_stats(const struct summary *sum)
{
	struct json_object *o;

	if (!sum->succeeded)
		return NULL;
	o = json_object_new_object();
	add_double(o, "min", sum->latency.min);
	add_double(o, "median", sum->latency.median);
	add_double(o, "p99", sum->latency.p99);
	add_double(o, "max", sum->latency.max);
	return o;
}

static void json(const struct options *opt, const struct result *results,
		 const struct summary *sum)
{
	struct json_object *o = json_object_new_object();
	struct json_object *logins = json_object_new_array();
	bool mutual = opt->method == METHOD_SRP && !opt->one_way;
	size_t all = count_all(opt);

	/* Enough digits for nanoseconds, without those of binary fractions */
	json_c_set_serialization_double_format("%.12g", JSON_C_OPTION_GLOBAL);
	add_string(o, "version", VERSION);
	add_string(o, "portal", opt->portal);
	add_string(o, "target", opt->target);
	add_string(o, "method", method_name(opt->method));
	json_object_object_add(o, "mutual", json_object_new_boolean(mutual));
	add_int(o, "repeat", opt->repeat);
	add_int(o, "parallel", opt->parallel);
	if (opt->rate)
		add_int(o, "rate", opt->rate);
	else
		json_object_object_add(o, "rate", NULL);
	add_int(o, "warm_up", opt->warm_up);
	add_int(o, "succeeded", sum->succeeded);
	add_int(o, "failed", sum->failed);
	add_double(o, "seconds", sum->seconds);
	add_double(o, "logins_per_second", sum->succeeded / sum->seconds);
	json_object_object_add(o, "latency_us", json_stats(sum));
	for (size_t i = 0; i < all; i++)
		json_object_array_add(logins,
				      json_login(&results[i], i / opt->repeat));
	json_object_object_add(o, "logins", logins);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

/**
 * report() - Print the results to standard output, errors to standard error
 * @opt: options
 * @results: of all logins
 *
 * Return: exit code of the first login that failed, EX_OK if none failed, or
 * the reason why nothing could be reported
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
	code = log_errors(opt, results);
	if (fflush(stdout) || ferror(stdout)) {
		log_error("standard output: %s", strerror(errno));
		return EX_IOERR;
	}
	return code;
}
