// SPDX-License-Identifier: GPL-2.0-or-later
/* verifier.c and output.c: from a password to text, and what is refused */
#include "lib/tests/test.h"
#include "lib/tests/text_rule.h"
#include "lib/output.h"
#include "lib/verifier.h"

#include <stdio.h>
#include <stdlib.h>

static struct credentials *credentials_of(const struct srp_vector *vec)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));

	assert_non_null(cred);
	memcpy(cred->userid, vec->U.p, vec->U.len);
	memcpy(cred->salt, vec->s.p, vec->s.len);
	cred->salt_len = vec->s.len;
	cred->has[vec->group] = true;
	return cred;
}

/* text has this whole line */
static void assert_line(const char *text, const char *name,
			const uint8_t *bytes, size_t len)
{
	char hex[HEX_MAX], line[HEX_MAX + 64];

	hex_encode(bytes, len, hex);
	snprintf(line, sizeof(line), "\n%s=%s\n", name, hex);
	assert_non_null(strstr(text, line));
}

static void vector_holds(void **state)
{
	const struct srp_vector *vec = *state;
	const struct srp_group *group = group_by_id(vec->group);
	struct credentials *cred = credentials_of(vec);
	const char *password = (const char *)vec->P.p;
	char text[TEXT_MAX], name[64];

	assert_null(userid_problem(cred->userid));
	assert_null(password_problem(password, vec->P.len));
	assert_int_equal(credentials_make(cred, password, vec->P.len), 0);
	assert_number(cred->verifier[vec->group], group->len, vec->v);

	credentials_text(cred, false, text);
	snprintf(name, sizeof(name), "srp_verifier_%s", vec->group_name);
	assert_line(text, name, cred->verifier[vec->group], group->len);
	assert_line(text, "srp_salt", vec->s.p, vec->s.len);
	secret_free(cred, sizeof(*cred));
}

static void text_in_its_order(void **state)
{
	static const char want[] =
		"srp_userid=alice\n"
		"srp_salt=00ff\n"
		"srp_verifier_MODP-3072=";
	static const char json_want[] =
		"{\n  \"srp_userid\": \"alice\",\n"
		"  \"srp_salt\": \"00ff\",\n"
		"  \"srp_verifier_MODP-3072\": \"";
	struct credentials *cred = secret_alloc(sizeof(*cred));
	const char *second, *third;
	char text[TEXT_MAX];

	(void)state;
	strcpy(cred->userid, "alice");
	cred->salt[1] = 0xff;
	cred->salt_len = 2;
	cred->has[ISCSI_SRP_GROUP_SRP_1536] = true;
	cred->has[ISCSI_SRP_GROUP_SRP_2048] = true;
	cred->has[ISCSI_SRP_GROUP_MODP_3072] = true;

	credentials_text(cred, false, text);
	assert_memory_equal(text, want, strlen(want));
	second = strstr(text, "\nsrp_verifier_SRP-2048=");
	third = strstr(text, "\nsrp_verifier_SRP-1536=");
	assert_true(second && third && second < third);
	assert_int_equal(text[strlen(text) - 1], '\n');

	credentials_text(cred, true, text);
	assert_memory_equal(text, json_want, strlen(json_want));
	assert_string_equal(text + strlen(text) - 5, "0\"\n}\n");
	secret_free(cred, sizeof(*cred));
}

static void the_longest_text_fits(void **state)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));
	char *text = malloc(TEXT_MAX);

	(void)state;
	memset(cred->userid, '"', USERID_MAX);
	cred->salt_len = ISCSI_SRP_MAX_LEN;
	for (unsigned int id = 1; id <= ISCSI_SRP_GROUP_MAX; id++)
		cred->has[id] = true;
	credentials_text(cred, true, text);
	assert_true(strlen(text) < TEXT_MAX);
	assert_true(strlen(text) > 2 * (96 + 128 + 160 + 192 + 256 + 384 + 512 +
					768 + 1024 + 1024 + USERID_MAX));
	free(text);
	secret_free(cred, sizeof(*cred));
}

static void json_escapes(void **state)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));
	char text[TEXT_MAX];

	(void)state;
	strcpy(cred->userid, "a\"b\\c");
	credentials_text(cred, true, text);
	assert_non_null(strstr(text, "\"srp_userid\": \"a\\\"b\\\\c\""));
	credentials_text(cred, false, text);
	assert_non_null(strstr(text, "srp_userid=a\"b\\c\n"));
	secret_free(cred, sizeof(*cred));
}

static void policies_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < SRP_POLICIES; i++) {
		const struct srp_policy *policy = &srp_policies[i];
		char userid[USERID_MAX + 1] = "";

		memcpy(userid, policy->U.p, policy->U.len);
		assert_true(userid_problem(userid) ||
			    password_problem((const char *)policy->P.p,
					     policy->P.len));
	}
	assert_int_equal(SRP_POLICIES, 2);
}

static void userids(void **state)
{
	static const char *const good[] = {
		"a", "alice@example.org", "a:b", "with space", "NULLs", "null",
		"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91",
		"\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80",
	};
	static const char *const bad[] = {
		"", "NULL", " a", "a ", "a\nb", "a\x7f", "\x1b[m", "\t",
		"\x80", "\xc3", "\xc3(", "\xe2\x82", "\xe2(\xac", "\xff",
		/* overlong, a surrogate, beyond Unicode */
		"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80",
	};
	char text[USERID_MAX + 2] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(userid_problem(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(userid_problem(bad[i]));
	memset(text, 'x', USERID_MAX);
	assert_null(userid_problem(text));
	text[USERID_MAX] = 'x';
	assert_non_null(userid_problem(text));
}

static void passwords(void **state)
{
	char text[PASSWORD_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_null(password_problem(text, 1));
	assert_null(password_problem(text, PASSWORD_MAX));
	assert_null(password_problem("in side and \xc3\xa9", 14));
	assert_null(password_problem("NULL", 4));
	assert_non_null(password_problem(text, 0));
	assert_non_null(password_problem(text, PASSWORD_MAX + 1));
	assert_non_null(password_problem("a\0b", 3));
	/* Must not be read beyond its length */
	assert_non_null(password_problem("\xc3\xa9", 1));
}

/* iscsiadm(8) has the same rule */
static void rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(text_rule) / sizeof(text_rule[0]); i++) {
		const char *text = text_rule[i].text;

		if (!password_problem(text, strlen(text)) !=
		    text_rule[i].valid ||
		    !userid_problem(text) != text_rule[i].valid)
			fail_msg("'%s'", text);
	}
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(text_in_its_order),
		cmocka_unit_test(the_longest_text_fits),
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(policies_are_kept),
		cmocka_unit_test(userids),
		cmocka_unit_test(passwords),
		cmocka_unit_test(rule),
	};

	if (secret_init())
		return 1;
	return run_with_vectors(fixed, sizeof(fixed) / sizeof(fixed[0]),
				vector_holds);
}
