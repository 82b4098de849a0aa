// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timing_job GROUP SAMPLES: whether the time of a job tells something about its secrets.
 *
 * For each operation and secret, jobs with one fixed value and jobs with random values are
 * timed in a random order, and Welch's t-test compares the two classes, as dudect does:
 * Reparaz, Balasch, Verbauwhede: Dude, is my code constant time?  Interrupts and other
 * processes make some samples long, so the test is repeated without the samples above
 * several percentiles.  The largest |t| must be below T_MAX.  The same must find OpenSSL's
 * exponentiation that is not constant-time.
 *
 * Status 1: a secret was found, or the other exponentiation was not.
 */
#include "job.h"
#include "lib/group.h"
#include "lib/secret.h"

#include <bsd/stdlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <openssl/bn.h>

#define T_MAX		4.5
#define B_LEN		32		/* as the target has it */
#define BATCH		256
#define WARM_UP		(40 * BATCH)	/* samples from which the percentiles come */
#define SAMPLES_MIN	10000
#define SAMPLES_MAX	1000000000

enum secret { SECRET_B, SECRET_V };

static const struct experiment {
	const char *name;
	enum iscsi_srp_op op;
	enum secret secret;
	bool variable;		/* time OpenSSL's variable-time function instead */
} experiments[] = {
	{ "not constant-time, b", ISCSI_SRP_OP_POWER, SECRET_B, true },
	{ "POWER, b", ISCSI_SRP_OP_POWER, SECRET_B, false },
	{ "EPHEMERAL, b", ISCSI_SRP_OP_EPHEMERAL, SECRET_B, false },
	{ "EPHEMERAL, v", ISCSI_SRP_OP_EPHEMERAL, SECRET_V, false },
	{ "SESSION, b", ISCSI_SRP_OP_SESSION, SECRET_B, false },
	{ "SESSION, v", ISCSI_SRP_OP_SESSION, SECRET_V, false },
};

/* Percentiles below which samples count; the last one is all of them */
static const double percentiles[] = { 20, 50, 70, 80, 90, 95, 99, 99.9, 100 };

#define CROPS (sizeof(percentiles) / sizeof(percentiles[0]))

/**
 * struct moments - Of the samples of a class, by Welford's method
 * @n: their number
 * @mean: their mean
 * @m2: sum of the squares of the differences from it
 */
struct moments {
	double n;
	double mean;
	double m2;
};

static void moments_add(struct moments *m, double x)
{
	double delta = x - m->mean;

	m->n++;
	m->mean += delta / m->n;
	m->m2 += delta * (x - m->mean);
}

static double welch_t(const struct moments *a, const struct moments *b)
{
	double error = sqrt(a->m2 / (a->n - 1) / a->n +
			    b->m2 / (b->n - 1) / b->n);

	return (a->mean - b->mean) / error;
}

static __attribute__((noreturn)) void fail(const char *what)
{
	fprintf(stderr, "timing_job: %s failed\n", what);
	exit(EX_SOFTWARE);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* A random number as long as N, and below it, as N's first bit is set */
static void below_N(uint8_t *n, const struct srp_group *group)
{
	arc4random_buf(n, group->len);
	n[0] = (n[0] & 0x3f) | 0x40;
}

static void set_secret(struct iscsi_srp_job *job, enum secret secret,
		       const struct srp_group *group)
{
	if (secret == SECRET_V) {
		below_N(job->v, group);
		return;
	}
	arc4random_buf(job->b, B_LEN);
	job->b[0] |= 128;
}

static struct iscsi_srp_job job_of(const struct experiment *e,
				   const struct srp_group *group)
{
	struct iscsi_srp_job job = {
		.version = ISCSI_SRP_VERSION,
		.op = e->op,
		.group = group->id,
		.b_len = B_LEN,
	};

	set_secret(&job, SECRET_B, group);
	if (e->op != ISCSI_SRP_OP_POWER) {
		job.v_len = group->len;
		below_N(job.v, group);
	}
	if (e->op == ISCSI_SRP_OP_SESSION) {
		job.A_len = group->len;
		below_N(job.A, group);
		job.u = arc4random() | 1;
	}
	return job;
}

/* What the control has in place of job_run() */
static void variable_time(const struct iscsi_srp_job *job,
			  const struct srp_modulus *mod)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *exp = BN_bin2bn(job->b, B_LEN, NULL), *power = BN_new();

	if (!BN_mod_exp_mont(power, mod->g, exp, mod->N, ctx, mod->mont))
		fail("OpenSSL");
	BN_clear_free(power);
	BN_clear_free(exp);
	BN_CTX_free(ctx);
}

static double time_one(const struct experiment *e,
		       const struct iscsi_srp_job *job,
		       const struct srp_modulus *mod)
{
	static uint8_t buf[RESULT_MAX] __attribute__((aligned(8)));
	struct iscsi_srp_result *result = (void *)buf;
	double begin = now_ns(), end;

	if (e->variable) {
		variable_time(job, mod);
		return now_ns() - begin;
	}
	job_run(job, result);
	end = now_ns();
	if (result->status != ISCSI_SRP_OK)
		fail("a job");
	return end - begin;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The largest |t|, and the percentile that it was found at */
static double largest_t(const struct experiment *e,
			const struct srp_group *group, long samples,
			double *where)
{
	const struct srp_modulus *mod = group_modulus(group);
	static struct iscsi_srp_job jobs[BATCH];
	struct iscsi_srp_job fixed = job_of(e, group), job;
	struct moments moments[CROPS][2] = { 0 };
	double warm_up[WARM_UP], limits[CROPS], largest = 0;
	bool random[BATCH];

	for (long done = -WARM_UP; done < samples; done += BATCH) {
		for (int i = 0; i < BATCH; i++) {
			jobs[i] = fixed;
			random[i] = arc4random() & 1;
			/* the same work for both classes */
			set_secret(random[i] ? &jobs[i] : &job, e->secret,
				   group);
		}
		for (int i = 0; i < BATCH; i++) {
			double took;

			job = jobs[i];	/* both classes from the same place */
			took = time_one(e, &job, mod);
			if (done < 0) {
				warm_up[WARM_UP + done + i] = took;
				continue;
			}
			for (size_t n = 0; n < CROPS; n++)
				if (took < limits[n])
					moments_add(&moments[n][random[i]],
						    took);
		}
		if (done != -BATCH)
			continue;
		qsort(warm_up, WARM_UP, sizeof(warm_up[0]), compare);
		for (size_t n = 0; n < CROPS; n++)
			limits[n] = percentiles[n] == 100 ? INFINITY :
				warm_up[(int)(WARM_UP * percentiles[n] / 100)];
	}

	for (size_t n = 0; n < CROPS; n++) {
		double t = fabs(welch_t(&moments[n][0], &moments[n][1]));

		/* Too few samples may be left below a low percentile */
		if (moments[n][0].n > 1000 && moments[n][1].n > 1000 &&
		    t > largest) {
			largest = t;
			*where = percentiles[n];
		}
	}
	return largest;
}

int main(int argc, char **argv)
{
	const struct srp_group *group = NULL;
	int status = EX_OK;
	long samples = 0;
	char *end;

	if (argc == 3) {
		group = group_by_name(argv[1], strlen(argv[1]));
		samples = strtol(argv[2], &end, 10);
	}
	if (!group || *end || samples < SAMPLES_MIN || samples > SAMPLES_MAX) {
		fprintf(stderr, "usage: timing_job GROUP SAMPLES, at least %d\n",
			SAMPLES_MIN);
		return EX_USAGE;
	}
	if (secret_init())
		return EX_OSERR;
	printf("%s, %ld samples, |t| must be below %g\n", group->name, samples,
	       T_MAX);
	for (size_t i = 0; i < sizeof(experiments) / sizeof(experiments[0]);
	     i++) {
		const struct experiment *e = &experiments[i];
		double where = 0, t = largest_t(e, group, samples, &where);
		bool good = (t < T_MAX) != e->variable;

		printf("%s %-22s |t| %.2f, samples below percentile %g\n",
		       good ? "ok" : "not ok", e->name, t, where);
		fflush(stdout);
		if (!good)
			status = 1;
	}
	return status;
}
