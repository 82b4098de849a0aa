// SPDX-License-Identifier: GPL-2.0
/*
 * The minimum group: the weakest group of RFC 3723 that a login may use.
 *
 * Each scope may have one, and the module parameter srp_min_group is the one
 * for all.  The strongest of them applies, see iscsit_srp_policy_get().
 */

#define pr_fmt(fmt) "iSCSI SRP: " fmt

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include "cred.h"
#include "group.h"
#include "min_group.h"

static unsigned int srp_min_group = ISCSI_SRP_GROUP_SRP_1536;

/* The module parameter */
unsigned int iscsit_srp_min_group(void)
{
	return READ_ONCE(srp_min_group);
}

/* Id of a group by its name, or -EINVAL */
int iscsit_srp_min_group_parse(const char *value, size_t len)
{
	const struct iscsit_srp_group *group;

	group = iscsit_srp_group_by_name(value, len);
	if (!group) {
		pr_err("srp_min_group: write the name of a group of RFC 3723, such as SRP-1536 or MODP-3072\n");
		return -EINVAL;
	}

	return group->id;
}

/* Whether a scope may have both: verifiers that are all too weak are a mistake */
bool iscsit_srp_min_group_fits(unsigned int min_group,
			       const struct iscsit_srp_cred *cred)
{
	unsigned int strongest = iscsit_srp_cred_strongest(cred);

	if (!strongest || strongest >= min_group)
		return true;

	pr_err("srp_min_group: %s is above all verifiers, the strongest is srp_verifier_%s: store a stronger verifier first, or lower srp_min_group\n",
	       iscsit_srp_group_by_id(min_group)->name,
	       iscsit_srp_group_by_id(strongest)->name);

	return false;
}

static int srp_min_group_set(const char *value, const struct kernel_param *kp)
{
	int id = iscsit_srp_min_group_parse(value, strcspn(value, "\n"));

	if (id < 0)
		return id;
	WRITE_ONCE(srp_min_group, id);

	return 0;
}

static int srp_min_group_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s\n",
		       iscsit_srp_group_by_id(iscsit_srp_min_group())->name);
}

static const struct kernel_param_ops srp_min_group_ops = {
	.set = srp_min_group_set,
	.get = srp_min_group_get,
};

module_param_cb(srp_min_group, &srp_min_group_ops, NULL, 0644);
MODULE_PARM_DESC(srp_min_group,
		 "Weakest group that SRP offers (default SRP-1536)");
