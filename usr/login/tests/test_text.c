// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c and status.c: pairs, binary values, status codes */
#include "lib/tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "lib/hex.h"
#include "status.h"
#include "text.h"

static struct text *text_of(const char *bytes, size_t len)
{
	struct text *text = calloc(1, sizeof(*text));

	assert_non_null(text);
	memcpy(text->buf, bytes, len);
	text->len = len;
	return text;
}

#define TEXT(literal) text_of(literal, sizeof(literal) - 1)

static void pairs(void **state)
{
	struct text *text = TEXT("A=1\0Long=x=y==\0Empty=\0a=2\0");
	const char *value = NULL;
	const char *key;
	size_t count = 0;

	(void)state;
	assert_null(text_problem(text));
	assert_string_equal(text_get(text, "A"), "1");
	assert_string_equal(text_get(text, "Long"), "x=y==");
	assert_string_equal(text_get(text, "Empty"), "");
	assert_string_equal(text_get(text, "a"), "2");
	assert_null(text_get(text, "Lon"));
	assert_null(text_get(text, "Longer"));
	assert_null(text_get(text, "ong"));
	assert_null(text_get(text, ""));
	while ((value = text_next(text, &key, value)))
		count++;
	assert_int_equal(count, 4);
	free(text);

	text = text_of("", 0);
	assert_null(text_problem(text));
	assert_null(text_get(text, "A"));
	free(text);
}

static void malformed(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
#define BAD(literal) { literal, sizeof(literal) - 1 }
		BAD("A=1"),			/* not terminated */
		BAD("A=1\0B=2"),
		BAD("A\0"),			/* no '=' */
		BAD("A=1\0\0"),
		BAD("\0"),
		BAD("A=1\0B\0C=3\0"),
		BAD("=1\0"),			/* no key */
		BAD("A=1\0A=1\0"),		/* twice */
		BAD("A=1\0B=2\0A=3\0"),
		BAD("B=2\0A=1\0A=\0"),
		BAD("1234567890123456789012345678901234567890"
		    "123456789012345678901234=x\0"),
#undef BAD
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct text *text = text_of(bad[i].bytes, bad[i].len);

		if (!text_problem(text))
			fail_msg("passed: case %zu", i);
		free(text);
	}
}

static void longest_key(void **state)
{
	struct text *text = TEXT("1234567890123456789012345678901234567890"
				 "12345678901234567890123=x\0");

	(void)state;
	assert_null(text_problem(text));
	free(text);
}

static void put(void **state)
{
	static const char want[] = "Key=value\0Empty=\0Bin=0x00ff\0";
	const uint8_t bytes[] = { 0, 0xff };
	struct text *text = text_of("", 0);

	(void)state;
	text_put(text, "Key", "value");
	text_put(text, "Empty", "");
	text_put_binary(text, "Bin", bytes, 2);
	assert_int_equal(text->len, sizeof(want) - 1);
	assert_memory_equal(text->buf, want, text->len);
	assert_false(text->overflow);
	free(text);
}

static void put_what_fits(void **state)
{
	char value[TEXT_SEND_MAX] = "";
	struct text *text = text_of("", 0);

	(void)state;
	memset(value, 'x', TEXT_SEND_MAX - 3);
	text_put(text, "K", value);
	assert_int_equal(text->len, TEXT_SEND_MAX);
	assert_false(text->overflow);
	text_put(text, "", "");
	assert_true(text->overflow);
	assert_int_equal(text->len, TEXT_SEND_MAX);

	text->len = 0;
	text->overflow = false;
	value[TEXT_SEND_MAX - 3] = 'x';
	text_put(text, "K", value);
	assert_true(text->overflow);
	assert_int_equal(text->len, 0);
	free(text);
}

static void binary_values(void **state)
{
	size_t good = 0, bad = 0;

	(void)state;
	for (size_t i = 0; i < SRP_ENCODINGS; i++) {
		const struct srp_encoding *enc = &srp_encodings[i];
		uint8_t got[ISCSI_SRP_MAX_LEN];
		size_t len;

		if (!enc->octets.p) {
			if (!text_binary(enc->text, got, &len))
				fail_msg("%s passed", enc->id);
			bad++;
			continue;
		}
		if (text_binary(enc->text, got, &len))
			fail_msg("%s was refused", enc->id);
		assert_int_equal(len, enc->octets.len);
		assert_memory_equal(got, enc->octets.p, len);
		good++;
	}
	assert_true(good && bad);
}

static void more_binary_values(void **state)
{
	static const struct {
		const char *text;
		const char *hex;		/* NULL: malformed */
	} cases[] = {
		{ "0X0aBc", "0abc" },
		{ "0xabc", "0abc" },
		{ "0x0", "00" },
		{ "0BAA==", "00" },
		{ "0bAAA=", "0000" },
		{ "0b////", "ffffff" },
		{ "0x", NULL },
		{ "0xg0", NULL },
		{ "0x0g", NULL },
		{ "0x0\x10", NULL },
		{ "0x 1", NULL },
		{ "0x\xe1\xb0", NULL },
		{ "0b", NULL },
		{ "0bA", NULL },
		{ "0bA===", NULL },
		{ "0b====", NULL },
		{ "0bAA=A", NULL },
		{ "0bAAAA====", NULL },
		{ "0bAA==AAAA", NULL },
		{ "0bAA-_", NULL },
		{ "0bAA A", NULL },
		{ "12", NULL },
		{ "0", NULL },
		{ "00", NULL },
		{ "x0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t got[ISCSI_SRP_MAX_LEN];
		char hex[HEX_MAX];
		size_t len;

		if (text_binary(cases[i].text, got, &len)) {
			if (cases[i].hex)
				fail_msg("%s was refused", cases[i].text);
			continue;
		}
		if (!cases[i].hex)
			fail_msg("%s passed", cases[i].text);
		hex_encode(got, len, hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static void statuses(void **state)
{
	static const struct {
		unsigned int status;
		int code;
	} cases[] = {
		{ 0x0101, EX_UNAVAILABLE }, { 0x0200, EX_PROTOCOL },
		{ 0x0201, EX_NOPERM }, { 0x0202, EX_NOPERM },
		{ 0x0203, EX_UNAVAILABLE }, { 0x0207, EX_PROTOCOL },
		{ 0x0301, EX_UNAVAILABLE }, { 0x0302, EX_UNAVAILABLE },
		{ 0x0103, EX_PROTOCOL }, { 0x0400, EX_PROTOCOL },
		{ 0xffff, EX_PROTOCOL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(login_status(cases[i].status)->code,
				 cases[i].code);
	assert_string_equal(login_status(0x0201)->text,
			    "authentication failure");
	assert_string_equal(login_status(0x0400)->text,
			    "a status that RFC 7143 does not define");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
		cmocka_unit_test(malformed),
		cmocka_unit_test(longest_key),
		cmocka_unit_test(put),
		cmocka_unit_test(put_what_fits),
		cmocka_unit_test(binary_values),
		cmocka_unit_test(more_binary_values),
		cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
