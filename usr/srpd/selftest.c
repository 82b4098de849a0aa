// SPDX-License-Identifier: GPL-2.0-or-later
/* Known answers: a broken library or machine must not serve logins */
#include "selftest.h"
#include "lib/log.h"
#include "lib/srp.h"

#include <string.h>

#include "srp_vectors_builtin.h"

static bool equal(const uint8_t *padded, size_t len, struct srp_octets want)
{
	size_t pad = len - want.len;

	for (size_t i = 0; i < pad; i++) {
		if (padded[i])
			return false;
	}
	return !memcmp(padded + pad, want.p, want.len);
}

static bool vector_holds(const struct srp_vector *vec)
{
	const struct srp_group *group = group_by_id(vec->group);
	const struct bytes v = { vec->v.p, vec->v.len };
	const struct bytes b = { vec->b.p, vec->b.len };
	const struct bytes A = { vec->A.p, vec->A.len };
	uint8_t got[ISCSI_SRP_MAX_LEN];

	return srp_B(group, v, b, got) == ISCSI_SRP_OK &&
	       equal(got, group->len, vec->B) &&
	       srp_S(group, v, b, vec->u, A, got) == ISCSI_SRP_OK &&
	       equal(got, group->len, vec->S);
}

/**
 * selftest() - Compare with built-in known answers
 * @group: the group to test, or 0 for all
 *
 * Return: true if all agree; else the error is logged
 */
bool selftest(unsigned int group)
{
	for (size_t i = 0; i < SRP_VECTORS; i++) {
		if ((group == 0 || group == srp_vectors[i].group) &&
		    !vector_holds(&srp_vectors[i])) {
			log_error("self test %s failed: raise RLIMIT_MEMLOCK if memory is short, else OpenSSL or this machine computes wrong results",
				  srp_vectors[i].id);
			return false;
		}
	}
	return true;
}
