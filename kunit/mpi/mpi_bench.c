// SPDX-License-Identifier: GPL-2.0
/*
 * How long the kernel's mpi_powm() takes with a 256-bit exponent, for the sizes
 * of SRP's groups.  The modulus is any odd number of that size: the time does
 * not depend on more.  Results are log lines; there is nothing to unload.
 */

#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mpi.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define EXP_LEN		32
#define ROUNDS		15

static const unsigned int sizes[] = { 1536, 2048, 3072, 4096, 8192 };

/* A number of just so many octets; odd */
static MPI random_mpi(u8 *octets, size_t len)
{
	get_random_bytes(octets, len);
	octets[0] |= 0x80;
	octets[len - 1] |= 1;

	return mpi_read_raw_data(octets, len);
}

static int compare(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int bench(unsigned int bits, u8 *octets)
{
	MPI base, exp, modulus, power;
	u64 took[ROUNDS];
	unsigned int i;
	int ret = -ENOMEM;

	modulus = random_mpi(octets, bits / 8);
	octets[0] = 0;
	base = mpi_read_raw_data(octets, bits / 8);
	exp = random_mpi(octets, EXP_LEN);
	power = mpi_alloc(0);
	if (!modulus || !base || !exp || !power)
		goto out;

	for (i = 0; i < ROUNDS; i++) {
		u64 begin = ktime_get_ns();

		ret = mpi_powm(power, base, exp, modulus);
		took[i] = ktime_get_ns() - begin;
		if (ret)
			goto out;
		cond_resched();
	}

	sort(took, ROUNDS, sizeof(*took), compare, NULL);
	pr_info("mpi_bench: %u bits %llu ns\n", bits, took[ROUNDS / 2]);

out:
	mpi_free(power);
	mpi_free(exp);
	mpi_free(base);
	mpi_free(modulus);
	return ret;
}

static int __init mpi_bench_init(void)
{
	u8 *octets = kmalloc(sizes[ARRAY_SIZE(sizes) - 1] / 8, GFP_KERNEL);
	unsigned int i;
	int ret = octets ? 0 : -ENOMEM;

	for (i = 0; i < ARRAY_SIZE(sizes) && !ret; i++)
		ret = bench(sizes[i], octets);
	kfree(octets);

	return ret;
}
module_init(mpi_bench_init);

MODULE_DESCRIPTION("Time of mpi_powm()");
MODULE_LICENSE("GPL");
