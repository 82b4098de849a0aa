// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What OpenSSL alone needs for one exponentiation of a group with a 256-bit
 * exponent, constant time, in one process: the yardstick of qemu/bench.
 *
 *	bench_srp GROUP MILLISECONDS
 */
#include "srpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <openssl/crypto.h>

#define EXP_BITS	256
#define MILLISECONDS_MAX 60000
#define COUNT_MAX	1000000

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	const struct srp_group *group = NULL;
	const struct srp_modulus *mod;
	double *took, begin, end, last;
	BIGNUM *base, *exp, *power;
	size_t count = 0;
	int milliseconds = 0;
	BN_CTX *ctx;

	if (argc == 3) {
		group = group_by_name(argv[1], strlen(argv[1]));
		milliseconds = atoi(argv[2]);
	}
	if (!group || milliseconds < 1 || milliseconds > MILLISECONDS_MAX) {
		fprintf(stderr, "usage: bench_srp GROUP MILLISECONDS, 1 to %d\n",
			MILLISECONDS_MAX);
		return EX_USAGE;
	}

	mod = group_modulus(group);
	ctx = BN_CTX_new();
	base = BN_new();
	exp = BN_new();
	power = BN_new();
	took = calloc(COUNT_MAX, sizeof(*took));
	if (!mod || !ctx || !base || !exp || !power || !took ||
	    !BN_rand_range(base, mod->N) ||
	    !BN_rand(exp, EXP_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY)) {
		fputs("bench_srp: no memory or no random numbers\n", stderr);
		return EX_OSERR;
	}

	begin = now_us();
	end = begin;
	do {
		last = end;
		if (!BN_mod_exp_mont_consttime(power, base, exp, mod->N, ctx,
					       mod->mont)) {
			fputs("bench_srp: OpenSSL failed\n", stderr);
			return EX_SOFTWARE;
		}
		end = now_us();
		took[count++] = end - last;
	} while (end - begin < milliseconds * 1e3 && count < COUNT_MAX);

	qsort(took, count, sizeof(*took), compare);
	printf("{\"median_us\": %.2f, \"per_second\": %.2f}\n",
	       took[count / 2], count * 1e6 / (end - begin));
	return EX_OK;
}
