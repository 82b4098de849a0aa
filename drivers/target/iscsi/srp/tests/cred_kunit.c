// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of credentials: values, limits, snapshots and decoys.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target_srp.h"
#include "../cred.h"
#include "../decoy.h"
#include "../group.h"
#include "../scope.h"
#include "vectors.h"

#define USERID	ISCSIT_SRP_CRED_USERID
#define SALT	ISCSIT_SRP_CRED_SALT

struct cred_test {
	struct iscsi_node_auth auth;
	char page[PAGE_SIZE];
};

static int cred_test_init(struct kunit *test)
{
	struct cred_test *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	test->priv = c;

	return iscsit_srp_scope_init(&c->auth);
}

static void cred_test_exit(struct kunit *test)
{
	struct cred_test *c = test->priv;

	if (c)
		iscsit_srp_scope_forget(&c->auth);
}

/* The stored credential, without a reference: only the test changes it */
static const struct iscsit_srp_cred *stored(struct kunit *test)
{
	struct cred_test *c = test->priv;
	struct iscsit_srp_cred *cred = iscsit_srp_scope_cred(&c->auth);

	iscsit_srp_cred_put(cred);

	return cred;
}

static ssize_t store(struct kunit *test, unsigned int field, const char *value)
{
	struct cred_test *c = test->priv;

	return iscsit_srp_scope_store(&c->auth, field, value, strlen(value));
}

/* Expect @want and a newline */
static void expect_shown(struct kunit *test, unsigned int field,
			 const char *want)
{
	struct cred_test *c = test->priv;
	ssize_t len;

	memset(c->page, 0xa5, sizeof(c->page));
	len = iscsit_srp_scope_show(&c->auth, field, c->page);
	KUNIT_ASSERT_EQ(test, len, strlen(want) + 1);
	KUNIT_EXPECT_MEMEQ(test, c->page, want, len - 1);
	KUNIT_EXPECT_EQ(test, c->page[len - 1], '\n');
}

/* Format @len bytes as hexadecimal digits, after @prefix */
static char *hex(struct kunit *test, const char *prefix, const u8 *value,
		 size_t len)
{
	size_t at = strlen(prefix);
	char *text = kunit_kzalloc(test, at + 2 * len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memcpy(text, prefix, at);
	bin2hex(text + at, value, len);

	return text;
}

static void unset_test(struct kunit *test)
{
	static const char * const unset[] = { "", "\n", "NULL", "NULL\n" };
	struct cred_test *c = test->priv;
	unsigned int field;
	size_t i;

	for (field = 1; field < ISCSIT_SRP_CRED_FIELDS; field++)
		expect_shown(test, field, "NULL");
	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_cred(&c->auth));

	for (i = 0; i < ARRAY_SIZE(unset); i++) {
		for (field = 1; field < ISCSIT_SRP_CRED_FIELDS; field++) {
			KUNIT_EXPECT_EQ(test, store(test, field, "01"), 2);
			KUNIT_EXPECT_NOT_NULL(test, stored(test));
			KUNIT_EXPECT_EQ(test, store(test, field, unset[i]),
					strlen(unset[i]));
			expect_shown(test, field, "NULL");
			KUNIT_EXPECT_NULL(test, stored(test));
		}
	}
}

/* Set all fields at once; what they show can be stored again */
static void round_trip_test(struct kunit *test)
{
	struct cred_test *c = test->priv;
	struct iscsit_srp_cred *cred;
	char *texts[ISCSIT_SRP_CRED_FIELDS];
	unsigned int field;
	size_t i;

	texts[USERID] = "na\xc3\xafve: a, b";
	texts[SALT] = "00ff";
	for (i = 0; i < ARRAY_SIZE(srp_vector_groups); i++) {
		const struct srp_vector_group *g = &srp_vector_groups[i];

		/* N - 1: N is odd */
		texts[g->id] = hex(test, "", g->N.p, g->N.len);
		texts[g->id][2 * g->N.len - 1]--;
	}

	for (field = 1; field < ISCSIT_SRP_CRED_FIELDS; field++)
		KUNIT_EXPECT_EQ(test, store(test, field, texts[field]),
				strlen(texts[field]));
	for (field = 1; field < ISCSIT_SRP_CRED_FIELDS; field++) {
		ssize_t len;

		len = iscsit_srp_scope_show(&c->auth, field, c->page);
		store(test, field, "NULL");
		KUNIT_EXPECT_EQ(test,
				iscsit_srp_scope_store(&c->auth, field, c->page,
						       len), len);
	}
	for (field = 1; field < ISCSIT_SRP_CRED_FIELDS; field++)
		expect_shown(test, field, texts[field]);

	cred = iscsit_srp_scope_cred(&c->auth);
	KUNIT_ASSERT_NOT_NULL(test, cred);
	KUNIT_EXPECT_EQ(test, cred->userid_len, strlen(texts[USERID]));
	KUNIT_EXPECT_MEMEQ(test, cred->userid, texts[USERID], cred->userid_len);
	KUNIT_EXPECT_EQ(test, cred->salt_len, 2);
	KUNIT_EXPECT_MEMEQ(test, cred->salt, "\x00\xff", 2);
	for (i = 0; i < ARRAY_SIZE(srp_vector_groups); i++) {
		const struct srp_vector_group *g = &srp_vector_groups[i];
		const u8 *v = cred->verifier[g->id];

		KUNIT_EXPECT_MEMEQ(test, v, g->N.p, g->N.len - 1);
		KUNIT_EXPECT_EQ(test, v[g->N.len - 1], g->N.p[g->N.len - 1] - 1);
	}
	iscsit_srp_cred_put(cred);
}

/* Spellings of a value, and what the file shows then */
static void forms_test(struct kunit *test)
{
	char *want = kunit_kzalloc(test, 2 * 192 + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, want);

	KUNIT_EXPECT_EQ(test, store(test, USERID, "bob\n"), 4);
	expect_shown(test, USERID, "bob");
	KUNIT_EXPECT_EQ(test, store(test, USERID, " b\tb "), 5);
	expect_shown(test, USERID, " b\tb ");
	KUNIT_EXPECT_EQ(test, store(test, USERID, "NULLA"), 5);
	expect_shown(test, USERID, "NULLA");

	KUNIT_EXPECT_EQ(test, store(test, SALT, "0x0aBC\n"), 7);
	expect_shown(test, SALT, "0abc");
	KUNIT_EXPECT_EQ(test, store(test, SALT, "0X01"), 4);
	expect_shown(test, SALT, "01");

	/* A verifier is padded to the length of N */
	memset(want, '0', 2 * 192);
	memcpy(want + 2 * 192 - 4, "1aff", 4);
	KUNIT_EXPECT_EQ(test,
			store(test, ISCSI_SRP_GROUP_SRP_1536, "0x1aFF\n"), 7);
	expect_shown(test, ISCSI_SRP_GROUP_SRP_1536, want);
	KUNIT_EXPECT_EQ(test, store(test, ISCSI_SRP_GROUP_SRP_1536, want),
			2 * 192);
	expect_shown(test, ISCSI_SRP_GROUP_SRP_1536, want);
}

/* Values at each limit and one beyond */
static void limits_test(struct kunit *test)
{
	u8 *bytes = kunit_kmalloc(test, ISCSI_SRP_MAX_LEN + 1, GFP_KERNEL);
	char *text = kunit_kmalloc(test, 300, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	KUNIT_ASSERT_NOT_NULL(test, text);

	memset(text, 'u', 300);
	text[256] = '\0';
	KUNIT_EXPECT_EQ(test, store(test, USERID, text), -EINVAL);
	text[255] = '\0';
	KUNIT_EXPECT_EQ(test, store(test, USERID, text), 255);
	expect_shown(test, USERID, text);

	memset(bytes, 0x5a, ISCSI_SRP_MAX_LEN + 1);
	text = hex(test, "", bytes, ISCSI_SRP_MAX_LEN + 1);
	KUNIT_EXPECT_EQ(test, store(test, SALT, text), -EINVAL);
	text[2 * ISCSI_SRP_MAX_LEN] = '\0';
	KUNIT_EXPECT_EQ(test, store(test, SALT, text), 2 * ISCSI_SRP_MAX_LEN);
	expect_shown(test, SALT, text);

	for (i = 0; i < ARRAY_SIZE(srp_vector_groups); i++) {
		const struct srp_vector_group *g = &srp_vector_groups[i];
		char *last;

		text = hex(test, "", g->N.p, g->N.len);
		KUNIT_EXPECT_EQ(test, store(test, g->id, text), -EINVAL);
		expect_shown(test, g->id, "NULL");
		last = &text[2 * g->N.len - 1];
		--*last;
		KUNIT_EXPECT_EQ(test, store(test, g->id, text), 2 * g->N.len);
		expect_shown(test, g->id, text);

		/* A refused value changes nothing */
		KUNIT_EXPECT_EQ(test, store(test, g->id, "00"), -EINVAL);
		expect_shown(test, g->id, text);
		memset(bytes, 0, g->N.len + 1);
		bytes[g->N.len] = 1;
		KUNIT_EXPECT_EQ(test,
				store(test, g->id,
				      hex(test, "", bytes, g->N.len + 1)),
				-EINVAL);
		expect_shown(test, g->id, text);
	}
}

static const struct bad_case {
	const char *desc;
	unsigned int field;
	const char *value;
	size_t len;
} bad_cases[] = {
#define BAD(d, f, v)	{ d, f, v, sizeof(v) - 1 }
	BAD("user with NUL", USERID, "a\0b"),
	BAD("user with a newline inside", USERID, "a\nb"),
	BAD("user with a newline in front", USERID, "\na"),
	BAD("user with two newlines", USERID, "a\n\n"),
	BAD("user in Latin-1", USERID, "na\xefve"),
	BAD("user with half a character", USERID, "a\xc3"),
	BAD("user with two thirds of a character", USERID, "\xe2\x82"),
	{ "user that ends in a character", USERID, "\xc3\xaf", 1 },
	BAD("user with a stray second byte", USERID, "\x80"),
	BAD("user with an overlong slash", USERID, "\xc0\xaf"),
	BAD("user with an overlong three", USERID, "\xe0\x9f\xbf"),
	BAD("user with an overlong four", USERID, "\xf0\x8f\xbf\xbf"),
	BAD("user with a surrogate", USERID, "\xed\xa0\x80"),
	BAD("user beyond Unicode", USERID, "\xf4\x90\x80\x80"),
	BAD("user with five bytes per character", USERID, "\xf8\x88\x80\x80\x80"),
	BAD("salt with one digit", SALT, "1"),
	BAD("salt with three digits", SALT, "123"),
	BAD("salt with no digit", SALT, "0x"),
	BAD("salt with one digit behind 0x", SALT, "0x1"),
	BAD("salt with 0x twice", SALT, "0x0x12"),
	BAD("salt with a bad digit", SALT, "1g"),
	BAD("salt with a space", SALT, "12 34 "),
	BAD("salt with NUL", SALT, "12\0f"),
	BAD("salt in base64", SALT, "0bAAECAw=="),
	BAD("verifier of three digits", ISCSI_SRP_GROUP_SRP_1536, "123"),
	BAD("verifier zero", ISCSI_SRP_GROUP_SRP_1536, "0000"),
	BAD("verifier with a bad digit", ISCSI_SRP_GROUP_SRP_1536, "1234x6"),
	BAD("negative verifier", ISCSI_SRP_GROUP_SRP_1536, "-1"),
	BAD("no such field", 0, "12"),
	BAD("no such field either", ISCSIT_SRP_CRED_FIELDS, "12"),
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_cases, desc);

static void bad_test(struct kunit *test)
{
	const struct bad_case *b = test->param_value;
	struct cred_test *c = test->priv;
	ssize_t ret;

	/* Without and with values that must stay */
	ret = iscsit_srp_scope_store(&c->auth, b->field, b->value, b->len);
	KUNIT_EXPECT_EQ(test, ret, -EINVAL);
	KUNIT_EXPECT_NULL(test, stored(test));

	store(test, USERID, "alice");
	store(test, SALT, "0123");
	ret = iscsit_srp_scope_store(&c->auth, b->field, b->value, b->len);
	KUNIT_EXPECT_EQ(test, ret, -EINVAL);
	expect_shown(test, USERID, "alice");
	expect_shown(test, SALT, "0123");
	expect_shown(test, ISCSI_SRP_GROUP_SRP_1536, "NULL");
}

static void utf8_test(struct kunit *test)
{
	static const char * const good[] = {
		"\x01", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		KUNIT_EXPECT_EQ_MSG(test, store(test, USERID, good[i]),
				    strlen(good[i]), "number %zu", i);
		expect_shown(test, USERID, good[i]);
	}
}

/* A store does not change a login's snapshot */
static void snapshot_test(struct kunit *test)
{
	struct cred_test *c = test->priv;
	struct iscsit_srp_cred *cred, *other;
	const u8 *v;

	store(test, USERID, "alice");
	store(test, SALT, "0123");
	store(test, ISCSI_SRP_GROUP_SRP_768, "77");
	cred = iscsit_srp_scope_cred(&c->auth);
	KUNIT_ASSERT_NOT_NULL(test, cred);
	v = cred->verifier[ISCSI_SRP_GROUP_SRP_768];

	store(test, USERID, "bob");
	store(test, SALT, "");
	store(test, ISCSI_SRP_GROUP_SRP_768, "99");
	other = iscsit_srp_scope_cred(&c->auth);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_NE(test, other, cred);
	KUNIT_EXPECT_EQ(test, other->userid_len, 3);
	KUNIT_EXPECT_EQ(test, other->salt_len, 0);
	KUNIT_EXPECT_EQ(test,
			other->verifier[ISCSI_SRP_GROUP_SRP_768][95], 0x99);

	/* A second login at the same time shares the snapshot */
	KUNIT_EXPECT_PTR_EQ(test, iscsit_srp_scope_cred(&c->auth), other);
	iscsit_srp_cred_put(other);

	iscsit_srp_scope_forget(&c->auth);
	KUNIT_EXPECT_NULL(test, iscsit_srp_scope_cred(&c->auth));
	expect_shown(test, USERID, "NULL");

	/* Only the logins have references now */
	KUNIT_EXPECT_EQ(test, kref_read(&cred->ref), 1);
	KUNIT_EXPECT_EQ(test, kref_read(&other->ref), 1);
	KUNIT_EXPECT_EQ(test, cred->userid_len, 5);
	KUNIT_EXPECT_MEMEQ(test, cred->userid, "alice", 5);
	KUNIT_EXPECT_EQ(test, cred->salt_len, 2);
	KUNIT_EXPECT_MEMEQ(test, cred->salt, "\x01\x23", 2);
	KUNIT_EXPECT_PTR_EQ(test, cred->verifier[ISCSI_SRP_GROUP_SRP_768], v);
	KUNIT_EXPECT_EQ(test, v[95], 0x77);
	iscsit_srp_cred_put(cred);
	iscsit_srp_cred_put(other);
}

/* A decoy looks like a real credential, and the same each time */
static void expect_decoy(struct kunit *test, const struct iscsit_srp_cred *like,
			 const char *userid, size_t salt_len, u32 groups)
{
	struct iscsit_srp_cred *a, *b, *c;
	const size_t len = strlen(userid);
	unsigned int id;

	a = iscsit_srp_decoy(like, NULL, NULL, NULL, userid, len);
	b = iscsit_srp_decoy(like, NULL, NULL, NULL, userid, len);
	c = iscsit_srp_decoy(like, NULL, NULL, NULL, userid, len - 1);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_NOT_NULL(test, c);

	KUNIT_EXPECT_EQ(test, a->userid_len, len);
	KUNIT_EXPECT_MEMEQ(test, a->userid, userid, len);
	KUNIT_ASSERT_EQ(test, a->salt_len, salt_len);
	KUNIT_EXPECT_MEMEQ(test, a->salt, b->salt, salt_len);
	KUNIT_EXPECT_MEMNEQ(test, a->salt, c->salt, salt_len);
	if (like && like->salt_len)
		KUNIT_EXPECT_MEMNEQ(test, a->salt, like->salt, salt_len);

	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		const struct iscsit_srp_group *group =
			iscsit_srp_group_by_id(id);
		const u8 *v = a->verifier[id];

		KUNIT_ASSERT_EQ_MSG(test, !!v, !!(groups & BIT(id)), "%s",
				    group->name);
		if (!v)
			continue;
		KUNIT_EXPECT_TRUE(test,
				  iscsit_srp_group_contains(group, v,
							    group->len));
		KUNIT_EXPECT_MEMEQ(test, v, b->verifier[id], group->len);
		KUNIT_EXPECT_MEMNEQ(test, v, c->verifier[id], group->len);
		KUNIT_EXPECT_MEMNEQ(test, v + 1, a->salt,
				    min(salt_len, group->len - 1u));
		/* Looks random up to its end */
		KUNIT_EXPECT_MEMNEQ(test, v + group->len - 16,
				    v + group->len - 32, 16);
	}

	iscsit_srp_cred_put(a);
	iscsit_srp_cred_put(b);
	iscsit_srp_cred_put(c);
}

static void decoy_test(struct kunit *test)
{
	const u32 usual = BIT(ISCSI_SRP_GROUP_SRP_1536) |
			  BIT(ISCSI_SRP_GROUP_SRP_2048) |
			  BIT(ISCSI_SRP_GROUP_MODP_3072);
	u32 groups = 0;
	unsigned int id;
	char *name;

	expect_decoy(test, NULL, "mallory", 16, usual);

	/* A user without a verifier, then without a salt */
	store(test, USERID, "alice");
	expect_decoy(test, stored(test), "alice", 16, usual);
	store(test, SALT, "00112233445566778899aabb");
	expect_decoy(test, stored(test), "alice", 12, usual);

	/* With verifiers, their groups */
	for (id = 1; id <= ISCSI_SRP_GROUP_MAX; id++) {
		store(test, id, "05");
		groups |= BIT(id);
		expect_decoy(test, stored(test), "mallory", 12, groups);
	}
	store(test, SALT, "");
	expect_decoy(test, stored(test), "mallory", 16, groups);

	name = kunit_kmalloc(test, 257, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(name, 'm', 256);
	name[256] = '\0';
	KUNIT_EXPECT_NULL(test, iscsit_srp_decoy(NULL, NULL, NULL, NULL, name, 256));
	name[255] = '\0';
	expect_decoy(test, NULL, name, 16, usual);
}

/* The salt that "mallory" has at @target, or at an ACL there */
static void salt_at(struct kunit *test, const char *target,
		    const char *initiator, u8 salt[16])
{
	struct iscsit_srp_cred *cred;

	cred = iscsit_srp_decoy(NULL, NULL, target, initiator, "mallory", 7);
	KUNIT_ASSERT_NOT_NULL(test, cred);
	KUNIT_EXPECT_EQ(test, cred->salt_len, 16);
	memcpy(salt, cred->salt, 16);
	iscsit_srp_cred_put(cred);
}

/* An unknown user has another salt at each place, like a known one */
static void decoy_places_test(struct kunit *test)
{
	static const char * const places[][2] = {
		{ NULL, NULL }, { "iqn.t", NULL }, { "iqn.t2", NULL },
		{ "iqn.t", "iqn.i" }, { "iqn.t", "iqn.i2" },
		{ "iqn.t2", "iqn.i" }, { "iqn.i", "iqn.t" }, { "iqn.i", NULL },
	};
	u8 salts[ARRAY_SIZE(places)][16], again[16];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		salt_at(test, places[i][0], places[i][1], salts[i]);
		salt_at(test, places[i][0], places[i][1], again);
		KUNIT_EXPECT_MEMEQ(test, again, salts[i], 16);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_MEMNEQ(test, salts[i], salts[j], 16);
	}
}

static ssize_t store_secret(const char *value)
{
	return iscsit_srp_decoy_store(value, strlen(value));
}

/* It is random, can be saved, and brings the salts back */
static void decoy_secret_test(struct kunit *test)
{
	static const char digits[] =
		"000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	static const char * const bad[] = {
		"00", "x", "0x00", " NULL",
		/* One digit less, one more, and one that is none */
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
	};
	/* siphash of this secret, on any machine */
	static const u8 wanted[16] = {
		0x81, 0xd1, 0xf9, 0x81, 0xf2, 0x47, 0xb6, 0x60,
		0x48, 0xa6, 0x28, 0x23, 0xfd, 0x54, 0xc2, 0x59,
	};
	char *saved = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 first[16], salt[16];
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, saved);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, store_secret(""), 0);
	KUNIT_ASSERT_EQ(test, iscsit_srp_decoy_show(saved), 65);
	KUNIT_EXPECT_EQ(test, strspn(saved, "0123456789abcdef"), 64);
	salt_at(test, "iqn.t", NULL, first);

	KUNIT_ASSERT_EQ(test, store_secret(digits), 64);
	KUNIT_ASSERT_EQ(test, iscsit_srp_decoy_show(page), 65);
	KUNIT_EXPECT_EQ(test, strncasecmp(page, digits, 64), 0);
	salt_at(test, "iqn.t", NULL, salt);
	KUNIT_EXPECT_MEMNEQ(test, salt, first, 16);
	KUNIT_EXPECT_MEMEQ(test, salt, wanted, 16);

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, store_secret(bad[i]), -EINVAL, "%s",
				    bad[i]);
	salt_at(test, "iqn.t", NULL, salt);
	KUNIT_EXPECT_MEMEQ(test, salt, wanted, 16);

	KUNIT_ASSERT_EQ(test, store_secret("NULL\n"), 5);
	KUNIT_ASSERT_EQ(test, iscsit_srp_decoy_show(page), 65);
	KUNIT_EXPECT_STRNEQ(test, page, saved);
	salt_at(test, "iqn.t", NULL, salt);
	KUNIT_EXPECT_MEMNEQ(test, salt, first, 16);
	KUNIT_EXPECT_MEMNEQ(test, salt, wanted, 16);

	/* As after the module was loaded again */
	KUNIT_ASSERT_EQ(test, store_secret(saved), 65);
	salt_at(test, "iqn.t", NULL, salt);
	KUNIT_EXPECT_MEMEQ(test, salt, first, 16);
}

static struct kunit_case srp_cred_cases[] = {
	KUNIT_CASE(unset_test),
	KUNIT_CASE(round_trip_test),
	KUNIT_CASE(forms_test),
	KUNIT_CASE(limits_test),
	KUNIT_CASE_PARAM(bad_test, bad_gen_params),
	KUNIT_CASE(utf8_test),
	KUNIT_CASE(snapshot_test),
	KUNIT_CASE(decoy_test),
	KUNIT_CASE(decoy_places_test),
	KUNIT_CASE(decoy_secret_test),
	{}
};

static struct kunit_suite srp_cred_suite = {
	.name = "iscsi_target_srp_cred",
	.init = cred_test_init,
	.exit = cred_test_exit,
	.test_cases = srp_cred_cases,
};

kunit_test_suite(srp_cred_suite);
