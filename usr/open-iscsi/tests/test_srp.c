// SPDX-License-Identifier: GPL-2.0-or-later
/* The initiator's arithmetic, encodings and groups against known answers */
#include "cases.h"
#include "vectors.h"
#include "srp.h"

static void assert_octets(const unsigned char *data, size_t len,
			  struct srp_octets wanted)
{
	assert_int_equal(len, wanted.len);
	assert_memory_equal(data, wanted.p, len);
}

/* len bytes, where wanted has no leading zeros */
static void assert_padded(const unsigned char *data, size_t len,
			  struct srp_octets wanted)
{
	for (; len > wanted.len; len--)
		assert_int_equal(*data++, 0);
	assert_octets(data, len, wanted);
}

static const struct srp_group *find(const char *name)
{
	return srp_group_find(name, strlen(name));
}

static unsigned int number(const unsigned char u[4])
{
	return (unsigned int)u[0] << 24 | u[1] << 16 | u[2] << 8 | u[3];
}

/* U and P are C strings in the initiator. */
static const char *string(struct srp_octets octets)
{
	static char text[2][SRP_NAME_MAX + 1];
	static int turn;

	turn = !turn;
	memcpy(text[turn], octets.p, octets.len);
	text[turn][octets.len] = '\0';
	return text[turn];
}

static void vector(void **state)
{
	const struct srp_vector *v = *state;
	const struct srp_group *group = find(v->group_name);
	unsigned char x[SRP_HASH_LEN], k[SRP_KEY_LEN], u[4];
	unsigned char a[SRP_VALUE_MAX], b[SRP_VALUE_MAX], s[SRP_VALUE_MAX];
	unsigned char g_x[SRP_VALUE_MAX];
	const char *user = string(v->U), *password = string(v->P);
	struct srp_proof proof;
	size_t a_len, b_len;

	assert_non_null(group);
	assert_int_equal(srp_x(user, password, v->s.p, v->s.len, x), SRP_OK);
	assert_octets(x, sizeof(x), v->x);
	assert_int_equal(srp_public(group, v->a.p, v->a.len, a, &a_len), SRP_OK);
	assert_octets(a, a_len, v->A);
	assert_int_equal(srp_check_b(group, v->B.p, v->B.len, b, &b_len, u),
			 SRP_OK);
	assert_octets(b, b_len, v->B);
	assert_int_equal(number(u), v->u);
	assert_int_equal(srp_verifier(group, x, g_x), SRP_OK);
	assert_padded(g_x, group->len, v->v);
	assert_int_equal(srp_secret(group, x, g_x, v->a.p, v->a.len, b, b_len,
				    u, s), SRP_OK);
	assert_padded(s, group->len, v->S);
	assert_int_equal(srp_interleave(s, group->len, k), SRP_OK);
	assert_octets(k, sizeof(k), v->K);
	assert_int_equal(srp_interleave(v->S.p, v->S.len, k), SRP_OK);
	assert_octets(k, sizeof(k), v->K);
	assert_int_equal(srp_prove(group, user, v->s.p, v->s.len, a, a_len,
				   b, b_len, k, &proof), SRP_OK);
	assert_octets(proof.m, sizeof(proof.m), v->M);
	assert_octets(proof.hm, sizeof(proof.hm), v->HM);
}

/* B is hashed without leading zeros, even if the target sends some. */
static void padded_b(void **state)
{
	const struct srp_vector *v = *state;
	unsigned char padded[SRP_VALUE_MAX] = { 0 }, b[SRP_VALUE_MAX], u[4];
	size_t b_len;

	memcpy(padded + sizeof(padded) - v->B.len, v->B.p, v->B.len);
	assert_int_equal(srp_check_b(find(v->group_name), padded,
				     sizeof(padded), b, &b_len, u), SRP_OK);
	assert_octets(b, b_len, v->B);
	assert_int_equal(number(u), v->u);
}

static enum srp_result check_b(const char *group, struct srp_octets value)
{
	unsigned char b[SRP_VALUE_MAX], u[4];
	size_t b_len;

	return srp_check_b(find(group), value.p, value.len, b, &b_len, u);
}

static void rejected_b(void **state)
{
	const struct srp_reject *reject = *state;

	assert_int_equal(check_b(reject->group_name, reject->value),
			 SRP_B_RANGE);
}

static void zero_u(void **state)
{
	const struct srp_vector *v = *state;

	assert_int_equal(check_b(v->group_name, v->B), SRP_U_ZERO);
}

static void encoding(void **state)
{
	const struct srp_encoding *e = *state;
	unsigned char out[SRP_VALUE_MAX + 1];
	size_t len = 0;
	int rc;

	/* the byte after the buffer must not change */
	out[SRP_VALUE_MAX] = 0xa5;
	rc = srp_text_to_bytes(e->text, out, SRP_VALUE_MAX, &len);
	assert_int_equal(rc != 0, !e->octets.p);
	if (e->octets.p)
		assert_octets(out, len, e->octets);
	assert_int_equal(out[SRP_VALUE_MAX], 0xa5);
}

static void bad_encodings(void **state)
{
	static const char *const bad[] = {
		"0x", "0X", "0B", "x00", "00", "0", " 0x00", "0x00 ", "0xg0",
		"0b====", "0bA===", "0bAA=", "0bAAAA=", "0bAA==AAAA", "0b=AAA",
		"0bAAA", "0bAA\x01=", "0b\xff\xff\xff\xff", "1x00",
	};
	unsigned char out[4];
	size_t i, len;

	for (i = 0; i < COUNT(bad); i++)
		if (!srp_text_to_bytes(bad[i], out, sizeof(out), &len))
			fail_msg("'%s' is accepted", bad[i]);
}

static void good_encodings(void **state)
{
	unsigned char out[4];
	size_t len;

	assert_false(srp_text_to_bytes("0XaBc", out, sizeof(out), &len));
	assert_int_equal(len, 2);
	assert_memory_equal(out, "\x0a\xbc", 2);
	assert_false(srp_text_to_bytes("0BAAECAw==", out, sizeof(out), &len));
	assert_int_equal(len, 4);
	assert_int_equal(out[3], 3);
}

static void encoding_limit(void **state)
{
	unsigned char out[4];
	size_t len;

	assert_false(srp_text_to_bytes("0x01020304", out, 4, &len));
	assert_true(srp_text_to_bytes("0x0102030405", out, 4, &len));
	assert_true(srp_text_to_bytes("0x102030405", out, 4, &len));
	assert_false(srp_text_to_bytes("0bAAECAw==", out, 4, &len));
	assert_true(srp_text_to_bytes("0bAAECAwQ=", out, 4, &len));
	assert_true(srp_text_to_bytes("0bAAECAwQF", out, 4, &len));
}

static void encode(void **state)
{
	char text[2 * 3 + 3];

	srp_bytes_to_text((const unsigned char *)"\0\x0a\xff", 3, text);
	assert_string_equal(text, "0x000aff");
}

static void one_group(void **state)
{
	const struct srp_vector_group *g = *state;
	const struct srp_group *group = find(g->name);
	unsigned char n[SRP_VALUE_MAX];
	BIGNUM *bn = NULL;

	assert_non_null(group);
	assert_int_equal(group->g, g->g);
	assert_int_equal(group->len, g->N.len);
	if (group->prime)
		bn = group->prime(NULL);
	else
		BN_hex2bn(&bn, group->hex);
	assert_non_null(bn);
	assert_octets(n, BN_bn2bin(bn, n), g->N);
	BN_free(bn);
}

static void no_other_group(void **state)
{
	unsigned int n = 0;

	while (srp_group_by_index(n))
		n++;
	assert_int_equal(n, COUNT(srp_vector_groups));
	assert_null(srp_group_find("SRP-153", 7));
	assert_null(srp_group_find("SRP-15360", 9));
	assert_null(srp_group_find("srp-1536", 8));
	assert_null(srp_group_find("", 0));
}

static void default_groups(void **state)
{
	const struct srp_group *group;
	unsigned int set, i;
	char bad[16];

	assert_false(srp_groups_parse(SRP_GROUPS_DEFAULT, &set, bad,
				      sizeof(bad)));
	for (i = 0; (group = srp_group_by_index(i)); i++)
		assert_int_equal(srp_group_in(group, set),
				 group->len * 8 >= 1536);
}

static void list_of_two(void **state)
{
	const struct srp_group *group;
	unsigned int set, i;
	char bad[16];

	assert_false(srp_groups_parse(" MODP-3072 ,,SRP-768,", &set, bad,
				      sizeof(bad)));
	for (i = 0; (group = srp_group_by_index(i)); i++)
		assert_int_equal(srp_group_in(group, set),
				 group->len * 8 == 3072 ||
				 group->len * 8 == 768);
}

static void bad_lists(void **state)
{
	static const struct {
		const char *list, *bad;
	} table[] = {
		{ "SRP-2048,SRP-512", "SRP-512" },
		{ "SRP-2048;SRP-1536", "SRP-2048;SRP-15" },
		{ " , ", "" },
		{ "", "" },
	};
	unsigned int set;
	char bad[16];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		assert_true(srp_groups_parse(table[i].list, &set, bad,
					     sizeof(bad)));
		assert_string_equal(bad, table[i].bad);
	}
}

/* Computed with Python's hmac from the K of SRP-1536/basic */
static void binding(void **state)
{
	static const struct {
		char side;
		unsigned char proof[SRP_BIND_LEN];
	} known[] = {
		{ 'I', "\x0f\xf9\x46\x3b\x6e\x52\x77\x39\xb3\xd3\xbf\x88"
		       "\x77\x91\x22\xb6\xcd\x1f\xf4\xa7\x3e\x8d\x9a\xd4"
		       "\xe0\x2a\x8e\x90\x23\x24\x6f\xbd" },
		{ 'T', "\x11\x9a\xf3\x10\x7c\xe5\x26\x11\xf9\x2c\xa9\x50"
		       "\x15\xf5\x37\xe2\xe7\xcc\x28\x91\x5e\xd2\x6b\x31"
		       "\x42\xae\xd5\x68\x5a\xa6\x20\x2d" },
	};
	unsigned char cert[65], proof[SRP_BIND_LEN];
	const struct srp_vector *v = srp_vectors;
	size_t i;

	while (strcmp(v->id, "SRP-1536/basic"))
		v++;
	for (i = 0; i < sizeof(cert); i++)
		cert[i] = i;
	for (i = 0; i < COUNT(known); i++) {
		assert_int_equal(srp_bind(v->K.p, known[i].side, cert, 32,
					  proof), SRP_OK);
		assert_memory_equal(proof, known[i].proof, sizeof(proof));
	}
	assert_int_equal(srp_bind(v->K.p, 'I', cert, 65, proof), SRP_CRYPTO);
}

int main(void)
{
	size_t i;

	srp_secure_heap();
	for (i = 0; i < COUNT(srp_vectors); i++)
		add(vector, &srp_vectors[i], "vector %s", srp_vectors[i].id);
	for (i = 0; i < COUNT(srp_vectors); i += 7)
		add(padded_b, &srp_vectors[i], "padded B %s",
		    srp_vectors[i].id);
	for (i = 0; i < COUNT(srp_rejects); i++)
		if (srp_rejects[i].key == 'B')
			add(rejected_b, &srp_rejects[i], "%s",
			    srp_rejects[i].id);
	for (i = 0; i < COUNT(srp_zero_u); i++)
		add(zero_u, &srp_zero_u[i], "%s", srp_zero_u[i].id);
	for (i = 0; i < COUNT(srp_encodings); i++)
		add(encoding, &srp_encodings[i], "%s", srp_encodings[i].id);
	add(bad_encodings, NULL, "encoding/more that is refused");
	add(good_encodings, NULL, "encoding/upper case prefixes, odd digits");
	add(encoding_limit, NULL, "encoding/limit of the buffer");
	add(encode, NULL, "encoding/sent: lower case, all octets");
	for (i = 0; i < COUNT(srp_vector_groups); i++)
		add(one_group, &srp_vector_groups[i], "group %s",
		    srp_vector_groups[i].name);
	add(no_other_group, NULL, "groups/no other");
	add(default_groups, NULL, "groups/default: from SRP-1536 up");
	add(list_of_two, NULL, "groups/list of two");
	add(bad_lists, NULL, "groups/lists that are refused");
	add(binding, NULL, "TLS/proofs of the certificate");

	return run_cases(NULL);
}
