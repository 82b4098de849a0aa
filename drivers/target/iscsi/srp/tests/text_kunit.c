// SPDX-License-Identifier: GPL-2.0
/*
 * The text format: key=value pairs, binary-values, text that continues.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <uapi/linux/iscsi_srp.h>
#include "../text.h"
#include "vectors.h"

#define CANARY	0xa5

/* Texts, their pairs, and the result of the last call */
static const struct pairs_case {
	const char *desc;
	const char *text;
	size_t len;
	int ret;			/* of the last call */
	const char *keys[3];
	const char *values[3];
} pairs_cases[] = {
#define TEXT(t)		.text = (t), .len = sizeof(t) - 1
	{ "no text", TEXT("") },
	{ "one pair", TEXT("A=1\0"), .keys = { "A" }, .values = { "1" } },
	{ "three pairs", TEXT("SRP_A=0x12\0SRP_GROUP=SRP-1536\0X=y\0"),
	  .keys = { "SRP_A", "SRP_GROUP", "X" },
	  .values = { "0x12", "SRP-1536", "y" } },
	{ "empty value", TEXT("A=\0"), .keys = { "A" }, .values = { "" } },
	{ "= in the value", TEXT("A=0bAA==\0"), .keys = { "A" },
	  .values = { "0bAA==" } },
	{ "value is =", TEXT("A==\0"), .keys = { "A" }, .values = { "=" } },
	{ "value stays as it is", TEXT("A= 0X1f,\t\0"), .keys = { "A" },
	  .values = { " 0X1f,\t" } },
	{ "no NUL", TEXT("A=1"), .ret = -EINVAL },
	{ "no NUL after the second", TEXT("A=1\0B=2"), .ret = -EINVAL,
	  .keys = { "A" }, .values = { "1" } },
	{ "no =", TEXT("A\0"), .ret = -EINVAL },
	{ "= in the next pair only", TEXT("A\0B=1\0"), .ret = -EINVAL },
	{ "no key", TEXT("=1\0"), .ret = -EINVAL },
	{ "only =", TEXT("=\0"), .ret = -EINVAL },
	{ "only NUL", TEXT("\0"), .ret = -EINVAL },
	{ "two NULs at the end", TEXT("A=1\0\0"), .ret = -EINVAL,
	  .keys = { "A" }, .values = { "1" } },
	{ "two NULs inside", TEXT("A=1\0\0B=2\0"), .ret = -EINVAL,
	  .keys = { "A" }, .values = { "1" } },
};

KUNIT_ARRAY_PARAM_DESC(pairs, pairs_cases, desc);

static void pairs_test(struct kunit *test)
{
	const struct pairs_case *c = test->param_value;
	struct iscsit_srp_pair pair;
	const char *pos, *end;
	char *text;
	size_t i;
	int ret;

	/* Exactly as long as the text, for KASAN */
	text = kunit_kmalloc(test, c->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	memcpy(text, c->text, c->len);
	pos = text;
	end = text + c->len;

	for (i = 0; i < ARRAY_SIZE(c->keys) && c->keys[i]; i++) {
		ret = iscsit_srp_next_pair(&pos, end, &pair);
		KUNIT_ASSERT_EQ(test, ret, 1);
		KUNIT_ASSERT_EQ(test, pair.key_len, strlen(c->keys[i]));
		KUNIT_ASSERT_EQ(test, pair.value_len, strlen(c->values[i]));
		KUNIT_EXPECT_MEMEQ(test, pair.key, c->keys[i], pair.key_len);
		KUNIT_EXPECT_MEMEQ(test, pair.value, c->values[i],
				   pair.value_len);
	}
	ret = iscsit_srp_next_pair(&pos, end, &pair);
	KUNIT_EXPECT_EQ(test, ret, c->ret);
	if (!c->ret)
		KUNIT_EXPECT_PTR_EQ(test, pos, end);
}

static void pair_is_test(struct kunit *test)
{
	const struct iscsit_srp_pair pair = {
		.key = "SRP_A=1", .key_len = 5, .value = "1", .value_len = 1,
	};

	KUNIT_EXPECT_TRUE(test, iscsit_srp_pair_is(&pair, "SRP_A"));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pair_is(&pair, "SRP_"));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pair_is(&pair, "SRP_A="));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pair_is(&pair, "SRP_B"));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pair_is(&pair, "srp_a"));
	KUNIT_EXPECT_FALSE(test, iscsit_srp_pair_is(&pair, ""));
}

static void encoding_desc(const struct srp_encoding *e, char *desc)
{
	strscpy(desc, e->id, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(encoding, srp_encodings, encoding_desc);

/* The encodings of the known answers, valid and invalid ones */
static void encoding_test(struct kunit *test)
{
	const struct srp_encoding *e = test->param_value;
	u8 *dst = kunit_kzalloc(test, ISCSI_SRP_MAX_LEN, GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, dst);
	ret = iscsit_srp_decode(e->text, strlen(e->text), dst,
				ISCSI_SRP_MAX_LEN);
	if (!e->octets.p) {
		KUNIT_EXPECT_LT(test, ret, 0);
		return;
	}
	KUNIT_ASSERT_EQ(test, ret, e->octets.len);
	KUNIT_EXPECT_MEMEQ(test, dst, e->octets.p, e->octets.len);
}

static const struct decode_case {
	const char *desc;
	const char *text;
	size_t len;
	int ret;			/* into 8 bytes */
	const char *bytes;
} decode_cases[] = {
	{ "hex, capital prefix", TEXT("0X1fE0"), 2, "\x1f\xe0" },
	{ "hex, three digits", TEXT("0xabc"), 2, "\x0a\xbc" },
	{ "hex, odd and full", TEXT("0x123456789abcdef"), 8,
	  "\x01\x23\x45\x67\x89\xab\xcd\xef" },
	{ "hex, full", TEXT("0x0000000000000000"), 8, "\0\0\0\0\0\0\0\0" },
	{ "hex, too long by a digit", TEXT("0x00000000000000001"), -E2BIG },
	{ "hex, too long by an byte", TEXT("0x000000000000000001"), -E2BIG },
	{ "hex, too long and malformed", TEXT("0x00000000000000000g"), -E2BIG },
	{ "hex, no digits", TEXT("0x"), -EINVAL },
	{ "hex, bad first digit", TEXT("0xg1"), -EINVAL },
	{ "hex, bad last digit", TEXT("0x1g"), -EINVAL },
	{ "hex, bad odd digit", TEXT("0xg"), -EINVAL },
	{ "hex, two prefixes", TEXT("0x0x12"), -EINVAL },
	{ "hex, NUL inside", TEXT("0x12\0ab"), -EINVAL },
	{ "hex, newline", TEXT("0x12\n"), -EINVAL },
	{ "hex, space in front", TEXT(" 0x12"), -EINVAL },
	{ "hex, minus", TEXT("-0x12"), -EINVAL },
	{ "no prefix", TEXT("1234"), -EINVAL },
	{ "decimal zero", TEXT("0"), -EINVAL },
	{ "decimal", TEXT("012"), -EINVAL },
	{ "empty", TEXT(""), -EINVAL },
	{ "only x", TEXT("x12"), -EINVAL },
	{ "base64, capital prefix", TEXT("0B/+8="), 2, "\xff\xef" },
	{ "base64, one byte", TEXT("0bAQ=="), 1, "\x01" },
	{ "base64, full", TEXT("0bAQIDBAUGBwg="), 8,
	  "\x01\x02\x03\x04\x05\x06\x07\x08" },
	{ "base64, too long by an byte", TEXT("0bAQIDBAUGBwgJ"), -E2BIG },
	{ "base64, too long and malformed", TEXT("0bAQIDBAUGBwgJ!AAA"),
	  -E2BIG },
	{ "base64, no digits", TEXT("0b"), -EINVAL },
	{ "base64, not padded", TEXT("0bAQ"), -EINVAL },
	{ "base64, padded too little", TEXT("0bAQ="), -EINVAL },
	{ "base64, padded too much", TEXT("0bA==="), -EINVAL },
	{ "base64, nothing but padding", TEXT("0b===="), -EINVAL },
	{ "base64, padded in front", TEXT("0b=AQI"), -EINVAL },
	{ "base64, padded twice", TEXT("0bAQ==AQ=="), -EINVAL },
	{ "base64, 4 bits left over", TEXT("0bAR=="), -EINVAL },
	{ "base64, 2 bits left over", TEXT("0bAQJ="), -EINVAL },
	{ "base64, of URLs", TEXT("0b-_-_"), -EINVAL },
	{ "base64, NUL inside", TEXT("0bAQ\0D"), -EINVAL },
	{ "base64, newline", TEXT("0bAQI\n"), -EINVAL },
	{ "base64, high bit", TEXT("0bAQI\xff"), -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(decode, decode_cases, desc);

static void decode_test(struct kunit *test)
{
	const struct decode_case *c = test->param_value;
	size_t size;
	char *text;
	u8 dst[9];
	int ret;

	text = kunit_kmalloc(test, c->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	memcpy(text, c->text, c->len);

	/* Never write beyond the buffer, whatever its size */
	for (size = 0; size <= 8; size++) {
		memset(dst, CANARY, sizeof(dst));
		ret = iscsit_srp_decode(text, c->len, dst, size);
		if (c->ret > (int)size)
			KUNIT_EXPECT_EQ(test, ret, -E2BIG);
		else if (size == 8 || ret != -E2BIG)
			KUNIT_EXPECT_EQ(test, ret, c->ret);
		else	/* a malformed value may be too long as well */
			KUNIT_EXPECT_LT(test, c->ret, 0);
		if (ret > 0)
			KUNIT_EXPECT_MEMEQ(test, dst, c->bytes, ret);
		KUNIT_EXPECT_EQ(test, dst[size], CANARY);
	}
}

static void put_text_test(struct kunit *test)
{
	static const char want[] = "AuthMethod=SRP\0TargetAuth=\0";
	char buf[sizeof(want)];
	size_t used = 0;
	int ret;

	memset(buf, CANARY, sizeof(buf));
	ret = iscsit_srp_put_text(buf, 27, &used, "AuthMethod", "SRP");
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, used, 15);

	/* One byte short: nothing changes */
	ret = iscsit_srp_put_text(buf, 26, &used, "TargetAuth", "");
	KUNIT_EXPECT_EQ(test, ret, -ENOSPC);
	KUNIT_EXPECT_EQ(test, used, 15);
	KUNIT_EXPECT_EQ(test, (u8)buf[15], CANARY);

	/* It just fits, then nothing does */
	ret = iscsit_srp_put_text(buf, 27, &used, "TargetAuth", "");
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, used, 27);
	KUNIT_EXPECT_MEMEQ(test, buf, want, 27);
	ret = iscsit_srp_put_text(buf, 27, &used, "X", "");
	KUNIT_EXPECT_EQ(test, ret, -ENOSPC);
	KUNIT_EXPECT_EQ(test, used, 27);
	KUNIT_EXPECT_EQ(test, (u8)buf[27], CANARY);
}

static void put_binary_test(struct kunit *test)
{
	static const u8 value[] = { 0x00, 0xab, 0x0f };
	static const char want[] = "SRP_s=0x00ab0f";
	char buf[sizeof(want) + 1];
	size_t used = 0;
	int ret;

	memset(buf, CANARY, sizeof(buf));
	ret = iscsit_srp_put_binary(buf, sizeof(want) - 1, &used, "SRP_s",
				    value, sizeof(value));
	KUNIT_EXPECT_EQ(test, ret, -ENOSPC);
	KUNIT_EXPECT_EQ(test, used, 0);
	KUNIT_EXPECT_EQ(test, (u8)buf[0], CANARY);

	ret = iscsit_srp_put_binary(buf, sizeof(want), &used, "SRP_s", value,
				    sizeof(value));
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, used, sizeof(want));
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(want));
	KUNIT_EXPECT_EQ(test, (u8)buf[sizeof(want)], CANARY);
}

/* Encode and decode the largest value */
static void largest_test(struct kunit *test)
{
	const size_t size = sizeof("SRP_B=0x") + 2 * ISCSI_SRP_MAX_LEN;
	u8 *value = kunit_kmalloc(test, ISCSI_SRP_MAX_LEN, GFP_KERNEL);
	u8 *back = kunit_kzalloc(test, ISCSI_SRP_MAX_LEN, GFP_KERNEL);
	char *buf = kunit_kmalloc(test, size, GFP_KERNEL);
	struct iscsit_srp_pair pair;
	const char *pos = buf;
	size_t i, used = 0;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, value);
	KUNIT_ASSERT_NOT_NULL(test, back);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < ISCSI_SRP_MAX_LEN; i++)
		value[i] = i ^ i >> 8;

	ret = iscsit_srp_put_binary(buf, size, &used, "SRP_B", value,
				    ISCSI_SRP_MAX_LEN);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, used, size);
	ret = iscsit_srp_next_pair(&pos, buf + used, &pair);
	KUNIT_ASSERT_EQ(test, ret, 1);
	KUNIT_EXPECT_TRUE(test, iscsit_srp_pair_is(&pair, "SRP_B"));
	ret = iscsit_srp_decode(pair.value, pair.value_len, back,
				ISCSI_SRP_MAX_LEN);
	KUNIT_EXPECT_EQ(test, ret, ISCSI_SRP_MAX_LEN);
	KUNIT_EXPECT_MEMEQ(test, back, value, ISCSI_SRP_MAX_LEN);
}

/* Parts of a text become one text, within its limit */
static void append_test(struct kunit *test)
{
	struct iscsit_srp_text text = {};

	KUNIT_EXPECT_EQ(test, iscsit_srp_text_append(&text, "SRP_", 4, 8), 0);
	KUNIT_EXPECT_EQ(test, iscsit_srp_text_append(&text, "", 0, 8), 0);
	KUNIT_EXPECT_EQ(test, iscsit_srp_text_append(&text, "U=ab", 4, 8), 0);
	KUNIT_EXPECT_EQ(test, iscsit_srp_text_append(&text, "", 1, 8), -E2BIG);
	KUNIT_ASSERT_EQ(test, text.len, 8);
	KUNIT_EXPECT_MEMEQ(test, text.buf, "SRP_U=ab", 8);
	iscsit_srp_text_free(&text);
	KUNIT_EXPECT_NULL(test, text.buf);
	KUNIT_EXPECT_EQ(test, text.len, 0);
}

static struct kunit_case srp_text_cases[] = {
	KUNIT_CASE_PARAM(pairs_test, pairs_gen_params),
	KUNIT_CASE(pair_is_test),
	KUNIT_CASE_PARAM(encoding_test, encoding_gen_params),
	KUNIT_CASE_PARAM(decode_test, decode_gen_params),
	KUNIT_CASE(put_text_test),
	KUNIT_CASE(put_binary_test),
	KUNIT_CASE(largest_test),
	KUNIT_CASE(append_test),
	{}
};

static struct kunit_suite srp_text_suite = {
	.name = "iscsi_target_srp_text",
	.test_cases = srp_text_cases,
};

kunit_test_suite(srp_text_suite);
