/* SPDX-License-Identifier: GPL-2.0 */
/* Module parameters that are numbers within bounds */
#ifndef ISCSIT_SRP_PARAM_H
#define ISCSIT_SRP_PARAM_H

#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/stringify.h>

/* @bounds: for the error message, such as "1 to 4096 jobs" */
#define ISCSIT_SRP_PARAM(name, var, min, max, bounds)		\
static int name##_set(const char *value, const struct kernel_param *kp)	\
{									\
	int ret = param_set_uint_minmax(value, kp, min, max);		\
									\
	if (ret)							\
		pr_err(__stringify(name) ": must be " bounds "\n");	\
									\
	return ret;							\
}									\
									\
static const struct kernel_param_ops name##_ops = {			\
	.set = name##_set,						\
	.get = param_get_uint,						\
};									\
									\
module_param_cb(name, &name##_ops, var, 0644)

#endif /* ISCSIT_SRP_PARAM_H */
