/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/group.h"
#include "lib/secret.h"
#include "lib/srp.h"
#include "srp_vectors.h"

static inline struct bytes bytes_of(struct srp_octets from)
{
	return (struct bytes){ from.p, from.len };
}

/* Compare a number as long as its group's N with one without leading zeros */
static inline void assert_number(const uint8_t *got, size_t len,
				 struct srp_octets want)
{
	uint8_t padded[ISCSI_SRP_MAX_LEN] = { 0 };

	memcpy(padded + len - want.len, want.p, want.len);
	assert_memory_equal(got, padded, len);
}

/* Run the tests of two lists as one: TAP has one plan */
static inline int run_all(const struct CMUnitTest *first, size_t first_len,
			    const struct CMUnitTest *second, size_t second_len)
{
	struct CMUnitTest all[first_len + second_len];

	memcpy(all, first, first_len * sizeof(*all));
	memcpy(all + first_len, second, second_len * sizeof(*all));
	return _cmocka_run_group_tests("tests", all, first_len + second_len,
				       NULL, NULL);
}

/* Run the tests of a list, and one test with each vector as its state */
static inline int run_with_vectors(const struct CMUnitTest *fixed, size_t len,
				   CMUnitTestFunction holds)
{
	struct CMUnitTest vectors[SRP_VECTORS];

	for (size_t i = 0; i < SRP_VECTORS; i++)
		vectors[i] = (struct CMUnitTest){
			.name = srp_vectors[i].id,
			.test_func = holds,
			.initial_state = (void *)&srp_vectors[i],
		};
	return run_all(fixed, len, vectors, SRP_VECTORS);
}

#endif /* TEST_H */
