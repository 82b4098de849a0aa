// SPDX-License-Identifier: GPL-2.0-or-later
/* selftest.c: it passes, and notices when the arithmetic goes wrong */
#include "lib/tests/test.h"
#include "selftest.h"

/* The linker puts these between selftest.c and srp.c (--wrap) */
enum iscsi_srp_status __real_srp_B(const struct srp_group *group,
				   struct bytes v, struct bytes b,
				   uint8_t *B);
enum iscsi_srp_status __wrap_srp_B(const struct srp_group *group,
				   struct bytes v, struct bytes b,
				   uint8_t *B);
enum iscsi_srp_status __real_srp_S(const struct srp_group *group,
				   struct bytes v, struct bytes b,
				   uint32_t u, struct bytes A, uint8_t *S);
enum iscsi_srp_status __wrap_srp_S(const struct srp_group *group,
				   struct bytes v, struct bytes b,
				   uint32_t u, struct bytes A, uint8_t *S);

/* What goes wrong, in which group */
static enum { NOTHING, B_FIRST, B_LAST, B_STATUS, S_FIRST, S_LAST, S_STATUS,
	      FAULTS } fault;
static unsigned int fault_group;

static enum iscsi_srp_status spoil(const struct srp_group *group,
				   enum iscsi_srp_status status, uint8_t *n,
				   unsigned int first)
{
	if (group->id == fault_group && fault == first)
		n[0] ^= 0x80;
	if (group->id == fault_group && fault == first + 1)
		n[group->len - 1] ^= 1;
	if (group->id == fault_group && fault == first + 2)
		return ISCSI_SRP_FAILED;
	return status;
}

enum iscsi_srp_status __wrap_srp_B(const struct srp_group *group,
				   struct bytes v, struct bytes b,
				   uint8_t *B)
{
	return spoil(group, __real_srp_B(group, v, b, B), B, B_FIRST);
}

enum iscsi_srp_status __wrap_srp_S(const struct srp_group *group,
				   struct bytes v, struct bytes b,
				   uint32_t u, struct bytes A, uint8_t *S)
{
	return spoil(group, __real_srp_S(group, v, b, u, A, S), S, S_FIRST);
}

static void passes(void **state)
{
	(void)state;
	fault = NOTHING;
	assert_true(selftest(0));
}

static void notices_every_fault(void **state)
{
	(void)state;
	for (fault = B_FIRST; fault < FAULTS; fault++) {
		for (fault_group = 1; fault_group <= ISCSI_SRP_GROUP_SRP_2048;
		     fault_group++) {
			assert_false(selftest(fault_group));
			assert_false(selftest(0));
		}
	}
}

static void is_about_the_group_asked_for(void **state)
{
	(void)state;
	fault = B_STATUS;
	fault_group = ISCSI_SRP_GROUP_SRP_768;
	assert_true(selftest(ISCSI_SRP_GROUP_SRP_1536));
	assert_false(selftest(ISCSI_SRP_GROUP_SRP_768));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes),
		cmocka_unit_test(notices_every_fault),
		cmocka_unit_test(is_about_the_group_asked_for),
	};

	if (secret_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
