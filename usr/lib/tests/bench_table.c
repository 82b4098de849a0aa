// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Would a table of powers of g make g^b faster?  What srp.c does, against one
 * multiplication for each four bits of b, with 16 entries of which one is
 * chosen by reading all: as constant in time as OpenSSL's public functions
 * allow, see Documentation/fixed-base.md.
 */
#include "lib/group.h"
#include "lib/secret.h"
#include "lib/srp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXP_LEN		32
#define WINDOWS		(2 * EXP_LEN)
#define ENTRIES		16
#define ROUND_US	100000

/* Each g^(entry * 16^window) in Montgomery form, as long as N */
static uint8_t table[WINDOWS][ENTRIES][ISCSI_SRP_MAX_LEN];
static const struct srp_modulus *mod;
static BIGNUM *base, *exponent, *power, *entry;
static uint8_t b[EXP_LEN], chosen[ISCSI_SRP_MAX_LEN];
static BN_CTX *ctx;
static int len;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void must(int ok)
{
	if (ok)
		return;
	fputs("bench_table: OpenSSL failed\n", stderr);
	exit(1);
}

static void make_table(void)
{
	must(BN_to_montgomery(base, mod->g, mod->mont, ctx));
	for (int w = 0; w < WINDOWS; w++) {
		must(BN_to_montgomery(entry, BN_value_one(), mod->mont, ctx));
		for (int e = 0; e < ENTRIES; e++) {
			must(BN_bn2binpad(entry, table[w][e], len) == len);
			must(BN_mod_mul_montgomery(entry, entry, base,
						   mod->mont, ctx));
		}
		must(BN_copy(base, entry) != NULL);
	}
}

static void plain(void)
{
	must(BN_mod_exp_mont_consttime(power, mod->g, exponent, mod->N, ctx,
				       mod->mont));
}

static void by_table(void)
{
	must(BN_one(power));
	for (int w = 0; w < WINDOWS; w++) {
		unsigned int digit = b[EXP_LEN - 1 - w / 2] >> w % 2 * 4 & 15;

		memset(chosen, 0, len);
		for (unsigned int e = 0; e < ENTRIES; e++) {
			uint8_t keep = (uint8_t)(((digit ^ e) - 1) >> 8);

			for (int i = 0; i < len; i++)
				chosen[i] |= table[w][e][i] & keep;
		}
		must(BN_bin2bn(chosen, len, entry) != NULL);
		must(BN_mod_mul_montgomery(power, power, entry, mod->mont,
					   ctx));
	}
}

static double took_us(void (*way)(void))
{
	double begin = now_us(), end;
	int count = 0;

	do {
		way();
		count++;
		end = now_us();
	} while (end - begin < ROUND_US);
	return (end - begin) / count;
}

int main(void)
{
	ctx = BN_CTX_new();
	base = BN_new();
	exponent = BN_new();
	power = BN_new();
	entry = BN_new();
	must(ctx && base && exponent && power && entry);

	puts("group      constant-time power  table  ratio");
	for (unsigned int id = ISCSI_SRP_GROUP_SRP_1536;
	     id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct srp_group *group = group_by_id(id);
		double us[2];

		mod = group_modulus(group);
		must(mod != NULL);
		len = group->len;
		make_table();
		must(BN_rand(exponent, 8 * EXP_LEN, BN_RAND_TOP_ANY,
			     BN_RAND_BOTTOM_ANY));
		must(BN_bn2binpad(exponent, b, EXP_LEN) == EXP_LEN);
		plain();
		must(BN_copy(base, power) != NULL);
		by_table();
		must(!BN_cmp(base, power));

		us[0] = took_us(plain);
		us[1] = took_us(by_table);
		printf("%-10s %16.0f us %4.0f us %5.2f\n", group->name, us[0],
		       us[1], us[0] / us[1]);
	}
	return 0;
}
