// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the AuthMethods that a login is offered.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target_parameters.h"
#include "../methods.h"

/* In FIPS mode no login is offered SRP, nor anything in its place */
static void limit_test(struct kunit *test)
{
	static const struct {
		const char *methods, *only, *fips, *fips_only;
	} cases[] = {
		{ "SRP", "SRP", "None", "None" },
		{ "SRP,CHAP,None", "SRP", "CHAP,None", "None" },
		{ "CHAP,SRP,None", "SRP", "CHAP,None", "None" },
		{ "CHAP,None,SRP", "SRP", "CHAP,None", "None" },
		{ "CHAP,SRP", "SRP", "CHAP", "None" },
		{ "CHAP", "SRP", "CHAP", "None" },
		{ "SRP,SRP", "SRP", "None", "None" },
		{ "SRPX,None", "SRP", "SRPX,None", "None" },
	};
	struct iscsi_param param = {};
	unsigned int i, mode;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const want[] = { cases[i].methods, cases[i].only,
					     cases[i].fips, cases[i].fips_only };

		for (mode = 0; mode < ARRAY_SIZE(want); mode++) {
			param.value = kstrdup(cases[i].methods, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, param.value);
			KUNIT_EXPECT_EQ(test, iscsit_srp_limit_param(&param,
								     mode & 1,
								     mode & 2),
					0);
			KUNIT_EXPECT_STREQ(test, param.value, want[mode]);
			kfree(param.value);
		}
	}
}

static struct kunit_case methods_cases[] = {
	KUNIT_CASE(limit_test),
	{}
};

static struct kunit_suite methods_suite = {
	.name = "iscsi_target_srp_methods",
	.test_cases = methods_cases,
};

kunit_test_suite(methods_suite);
