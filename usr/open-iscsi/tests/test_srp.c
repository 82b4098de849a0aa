// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mathematics, the encodings and the groups of the initiator against the
 * known answers.
 */
#include "tap.h"
#include "vectors.h"
#include "srp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int same(const unsigned char *data, size_t len, struct srp_octets wanted)
{
	return len == wanted.len && !memcmp(data, wanted.p, len);
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

static void vector(const struct srp_vector *v)
{
	const struct srp_group *group = srp_group_find(v->group_name,
						       strlen(v->group_name));
	unsigned char x[SRP_HASH_LEN], k[SRP_KEY_LEN], u[4];
	unsigned char a[SRP_VALUE_MAX], b[SRP_VALUE_MAX], s[SRP_VALUE_MAX];
	unsigned char g_x[SRP_VALUE_MAX];
	const char *user = string(v->U), *password = string(v->P);
	struct srp_proof proof;
	size_t a_len, b_len, zeros;

	if (!group) {
		wrong("unknown group");
		return;
	}
	expect(srp_x(user, password, v->s.p, v->s.len, x) == SRP_OK);
	expect(same(x, sizeof(x), v->x));
	expect(srp_public(group, v->a.p, v->a.len, a, &a_len) == SRP_OK);
	expect(same(a, a_len, v->A));
	expect(srp_check_b(group, v->B.p, v->B.len, b, &b_len, u) == SRP_OK);
	expect(same(b, b_len, v->B));
	expect(number(u) == v->u);
	expect(srp_verifier(group, x, g_x) == SRP_OK);
	zeros = group->len - v->v.len;
	expect(same(g_x + zeros, group->len - zeros, v->v));
	while (zeros)
		expect(!g_x[--zeros]);
	expect(srp_secret(group, x, g_x, v->a.p, v->a.len, b, b_len, u, s) ==
	       SRP_OK);
	/* S has all octets of N here and no leading zeros there */
	zeros = group->len - v->S.len;
	expect(same(s + zeros, group->len - zeros, v->S));
	while (zeros)
		expect(!s[--zeros]);
	expect(srp_interleave(s, group->len, k) == SRP_OK);
	expect(same(k, sizeof(k), v->K));
	expect(srp_interleave(v->S.p, v->S.len, k) == SRP_OK);
	expect(same(k, sizeof(k), v->K));
	expect(srp_prove(group, user, v->s.p, v->s.len, a, a_len, b, b_len, k,
			 &proof) == SRP_OK);
	expect(same(proof.m, sizeof(proof.m), v->M));
	expect(same(proof.hm, sizeof(proof.hm), v->HM));
}

/* What is hashed of B has no leading zeros, whatever the target sends. */
static void padded_b(const struct srp_vector *v)
{
	const struct srp_group *group = srp_group_find(v->group_name,
						       strlen(v->group_name));
	unsigned char padded[SRP_VALUE_MAX] = { 0 }, b[SRP_VALUE_MAX], u[4];
	size_t b_len;

	memcpy(padded + sizeof(padded) - v->B.len, v->B.p, v->B.len);
	expect(srp_check_b(group, padded, sizeof(padded), b, &b_len, u) ==
	       SRP_OK);
	expect(same(b, b_len, v->B));
	expect(number(u) == v->u);
}

static void refused_b(const char *group_name, struct srp_octets value,
		      enum srp_result wanted)
{
	const struct srp_group *group = srp_group_find(group_name,
						       strlen(group_name));
	unsigned char b[SRP_VALUE_MAX], u[4];
	size_t b_len;

	expect(srp_check_b(group, value.p, value.len, b, &b_len, u) == wanted);
}

static void encoding(const struct srp_encoding *e)
{
	unsigned char out[SRP_VALUE_MAX + 1];
	size_t len = 0;
	int rc;

	/* the octet behind the buffer must not change */
	out[SRP_VALUE_MAX] = 0xa5;
	rc = srp_text_to_octets(e->text, out, SRP_VALUE_MAX, &len);
	if (e->octets.p) {
		expect(!rc);
		expect(same(out, len, e->octets));
	} else
		expect(rc);
	expect(out[SRP_VALUE_MAX] == 0xa5);
}

static void encodings_of_our_own(void)
{
	static const char *const bad[] = {
		"0x", "0X", "0B", "x00", "00", "0", " 0x00", "0x00 ", "0xg0",
		"0b====", "0bA===", "0bAA=", "0bAAAA=", "0bAA==AAAA", "0b=AAA",
		"0bAAA", "0bAA\x01=", "0b\xff\xff\xff\xff", "1x00",
	};
	unsigned char out[4];
	char text[2 * 3 + 3];
	size_t i, len;

	for (i = 0; i < COUNT(bad); i++)
		if (!srp_text_to_octets(bad[i], out, sizeof(out), &len))
			wrong("'%s' was taken", bad[i]);
	test("encoding/more that is refused");

	expect(!srp_text_to_octets("0XaBc", out, sizeof(out), &len));
	expect(len == 2 && out[0] == 0x0a && out[1] == 0xbc);
	expect(!srp_text_to_octets("0BAAECAw==", out, sizeof(out), &len));
	expect(len == 4 && out[3] == 3);
	test("encoding/upper case prefixes, odd digits");

	expect(!srp_text_to_octets("0x01020304", out, 4, &len));
	expect(srp_text_to_octets("0x0102030405", out, 4, &len));
	expect(srp_text_to_octets("0x102030405", out, 4, &len));
	expect(!srp_text_to_octets("0bAAECAw==", out, 4, &len));
	expect(srp_text_to_octets("0bAAECAwQ=", out, 4, &len));
	expect(srp_text_to_octets("0bAAECAwQF", out, 4, &len));
	test("encoding/limit of the buffer");

	srp_octets_to_text((const unsigned char *)"\0\x0a\xff", 3, text);
	expect(!strcmp(text, "0x000aff"));
	test("encoding/sent: lower case, all octets");
}

static void groups(void)
{
	const struct srp_group *group;
	unsigned int set, n = 0;
	char bad[16];
	size_t i;

	for (i = 0; i < COUNT(srp_vector_groups); i++) {
		const struct srp_vector_group *g = &srp_vector_groups[i];
		unsigned char n[SRP_VALUE_MAX];
		BIGNUM *bn = NULL;

		group = srp_group_find(g->name, strlen(g->name));
		expect(group && group->g == g->g && group->len == g->N.len);
		if (group && group->prime)
			bn = group->prime(NULL);
		else if (group)
			BN_hex2bn(&bn, group->hex);
		expect(bn && same(n, BN_bn2bin(bn, n), g->N));
		BN_free(bn);
		test("group %s", g->name);
	}

	while (srp_group_by_index(n))
		n++;
	expect(n == COUNT(srp_vector_groups));
	expect(!srp_group_find("SRP-153", 7) && !srp_group_find("SRP-15360", 9));
	expect(!srp_group_find("srp-1536", 8) && !srp_group_find("", 0));
	test("groups/no other");

	expect(!srp_groups_parse(SRP_GROUPS_DEFAULT, &set, bad, sizeof(bad)));
	for (i = 0; (group = srp_group_by_index(i)); i++)
		expect(srp_group_in(group, set) == (group->len * 8 >= 1536));
	test("groups/default: from SRP-1536 up");

	expect(!srp_groups_parse(" MODP-3072 ,,SRP-768,", &set, bad,
				 sizeof(bad)));
	for (i = 0; (group = srp_group_by_index(i)); i++)
		expect(srp_group_in(group, set) == (group->len * 8 == 3072 ||
						    group->len * 8 == 768));
	test("groups/list of two");

	expect(srp_groups_parse("SRP-2048,SRP-512", &set, bad, sizeof(bad)));
	expect(!strcmp(bad, "SRP-512"));
	expect(srp_groups_parse("SRP-2048;SRP-1536", &set, bad, sizeof(bad)));
	expect(!strcmp(bad, "SRP-2048;SRP-15"));
	expect(srp_groups_parse(" , ", &set, bad, sizeof(bad)) && !*bad);
	expect(srp_groups_parse("", &set, bad, sizeof(bad)) && !*bad);
	test("groups/lists that are refused");
}

int main(void)
{
	size_t i;

	srp_secure_heap();
	for (i = 0; i < COUNT(srp_vectors); i++) {
		vector(&srp_vectors[i]);
		test("vector %s", srp_vectors[i].id);
	}
	for (i = 0; i < COUNT(srp_vectors); i += 7) {
		padded_b(&srp_vectors[i]);
		test("padded B %s", srp_vectors[i].id);
	}
	for (i = 0; i < COUNT(srp_rejects); i++) {
		if (srp_rejects[i].key != 'B')
			continue;
		refused_b(srp_rejects[i].group_name, srp_rejects[i].value,
			  SRP_B_RANGE);
		test("%s", srp_rejects[i].id);
	}
	for (i = 0; i < COUNT(srp_zero_u); i++) {
		refused_b(srp_zero_u[i].group_name, srp_zero_u[i].B,
			  SRP_U_ZERO);
		test("%s", srp_zero_u[i].id);
	}
	for (i = 0; i < COUNT(srp_encodings); i++) {
		encoding(&srp_encodings[i]);
		test("%s", srp_encodings[i].id);
	}
	encodings_of_our_own();
	groups();

	return tap_end(150);
}
