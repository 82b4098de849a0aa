// SPDX-License-Identifier: GPL-2.0
/*
 * Time the kernel's mpi_powm() with a 256-bit exponent.  Writing a number of bits
 * to the parameter "bits" times one exponentiation; the result is in "ns".  The
 * modulus is a random odd number of that size, because only the size affects the
 * time.  Each exponentiation runs alone, like in a login: a loop would find its
 * code and data in the caches.
 */

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mpi.h>
#include <linux/random.h>
#include <linux/slab.h>

#define EXP_LEN		32
#define BITS_MAX	8192
#define PAUSE_MS	20

static u64 ns;

/* A random odd number of exactly @len bytes */
static MPI random_mpi(u8 *bytes, size_t len)
{
	get_random_bytes(bytes, len);
	bytes[0] |= 0x80;
	bytes[len - 1] |= 1;

	return mpi_read_raw_data(bytes, len);
}

static int bench(unsigned int bits)
{
	u8 *bytes = kmalloc(bits / 8, GFP_KERNEL);
	MPI base, exp, modulus, power;
	int ret = -ENOMEM;
	u64 begin;

	if (!bytes)
		return ret;

	modulus = random_mpi(bytes, bits / 8);
	bytes[0] = 0;
	base = mpi_read_raw_data(bytes, bits / 8);
	exp = random_mpi(bytes, EXP_LEN);
	power = mpi_alloc(0);
	if (modulus && base && exp && power) {
		msleep(PAUSE_MS);
		begin = ktime_get_ns();
		ret = mpi_powm(power, base, exp, modulus);
		ns = ktime_get_ns() - begin;
	}

	mpi_free(power);
	mpi_free(exp);
	mpi_free(base);
	mpi_free(modulus);
	kfree(bytes);
	return ret;
}

static int bits_set(const char *value, const struct kernel_param *kp)
{
	unsigned int bits;
	int ret = kstrtouint(value, 0, &bits);

	if (ret)
		return ret;

	return bits >= 8 * EXP_LEN && bits <= BITS_MAX && bits % 8 == 0 ?
	       bench(bits) : -EINVAL;
}

static const struct kernel_param_ops bits_ops = {
	.set = bits_set,
};

module_param_cb(bits, &bits_ops, NULL, 0200);
MODULE_PARM_DESC(bits, "Time an exponentiation with a modulus of this size");
module_param_named(ns, ns, ullong, 0444);
MODULE_PARM_DESC(ns, "Time of the last exponentiation in nanoseconds");

MODULE_DESCRIPTION("Time of mpi_powm()");
MODULE_LICENSE("GPL");
