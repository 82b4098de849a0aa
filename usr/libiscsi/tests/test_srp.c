// SPDX-License-Identifier: GPL-2.0-or-later
/* libiscsi's arithmetic of SRP, encodings and groups against known answers */
#include "cases.h"
#include "vectors.h"
#include "srp.h"

static const struct srp_group *find(const char *name)
{
	return srp_find_group(name, strlen(name));
}

static void assert_octets(const unsigned char *data, size_t size,
			  struct srp_octets wanted)
{
	assert_int_equal(size, wanted.len);
	assert_memory_equal(data, wanted.p, size);
}

static void copy(struct srp_buf *to, struct srp_octets from)
{
	to->size = from.len;
	memcpy(to->data, from.p, from.len);
}

/* U and P are C strings in the library. */
static char *string(char *to, struct srp_octets from)
{
	memcpy(to, from.p, from.len);
	to[from.len] = '\0';
	return to;
}

static struct srp *begin(const struct srp_vector *v)
{
	struct srp *srp = srp_new();

	assert_non_null(srp);
	srp->group = find(v->group_name);
	assert_non_null(srp->group);
	memset(srp->a, 0, sizeof(srp->a));
	memcpy(srp->a + SRP_A_SIZE - v->a.len, v->a.p, v->a.len);
	copy(&srp->s, v->s);
	assert_int_equal(srp_compute_public(srp), 0);
	assert_octets(srp->A.data, srp->A.size, v->A);
	return srp;
}

static const char *prove(struct srp *srp, const struct srp_vector *v,
			 const struct srp_buf *B)
{
	char user[256], password[256];

	return srp_compute_proofs(srp, string(user, v->U),
				  string(password, v->P), B);
}

static void vector(void **state)
{
	const struct srp_vector *v = *state;
	struct srp *srp = begin(v);
	struct srp_buf B;

	copy(&B, v->B);
	assert_null(prove(srp, v, &B));
	assert_memory_equal(srp->M, v->M.p, SRP_HASH_SIZE);
	assert_memory_equal(srp->HM, v->HM.p, SRP_HASH_SIZE);
	srp_free(srp);
}

/* B is hashed without leading zeros, even if the target sends some. */
static void padded_b(void **state)
{
	const struct srp_vector *v = *state;
	struct srp *srp = begin(v);
	struct srp_buf B = { SRP_MAX_SIZE, { 0 } };

	memcpy(B.data + B.size - v->B.len, v->B.p, v->B.len);
	assert_null(prove(srp, v, &B));
	assert_memory_equal(srp->M, v->M.p, SRP_HASH_SIZE);
	srp_free(srp);
}

static void rejected_b(void **state)
{
	const struct srp_reject *reject = *state;
	const struct srp_vector *v = srp_vectors;
	struct srp_buf B;
	struct srp *srp;

	while (strcmp(v->group_name, reject->group_name) ||
	       v->a.len > SRP_A_SIZE)
		v++;
	srp = begin(v);
	assert_non_null(srp);
	copy(&B, reject->value);
	assert_non_null(prove(srp, v, &B));
	srp_free(srp);
}

static void zero_u(void **state)
{
	const struct srp_vector *v = *state;
	struct srp *srp = srp_new();
	struct srp_buf B;

	assert_non_null(srp);
	srp->group = find(v->group_name);
	copy(&srp->s, v->s);
	assert_int_equal(srp_compute_public(srp), 0);
	copy(&B, v->B);
	assert_string_equal(prove(srp, v, &B), "SRP_B gives no u");
	srp_free(srp);
}

/* Two logins never have the same a. */
static void random_a(void **state)
{
	struct srp *first = srp_new(), *second = srp_new();
	size_t i, used = 0;

	assert_non_null(first);
	assert_non_null(second);
	assert_memory_not_equal(first->a, second->a, SRP_A_SIZE);
	for (i = 0; i < SRP_A_SIZE; i++)
		used |= (size_t)!!first->a[i] << i;
	/* the first and the last octets are zero once in 2^32 */
	assert_true(used & 0xf);
	assert_true(used >> 28);
	srp_free(first);
	srp_free(second);
}

static void encoding(void **state)
{
	const struct srp_encoding *e = *state;
	struct srp_buf buf;
	int rc = srp_decode(e->text, &buf);

	assert_int_equal(rc != 0, !e->octets.p);
	if (e->octets.p)
		assert_octets(buf.data, buf.size, e->octets);
}

static void bad_encodings(void **state)
{
	static const char *const bad[] = {
		"", "0x", "0X", "0b", "0B", "x00", "00", "0", " 0x00", "0x00 ",
		"0xg0", "0x0:", "0x0/", "0x0@", "0x0`",
		"0b====", "0bA===", "0bAA=", "0bAAAA=", "0bAA==AAAA", "0b=AAA",
		"0bAAA", "0bAA\x01=", "0b\xff\xff\xff\xff", "1x00",
		/* bits that are left over */
		"0bAB==", "0bAAB=",
	};
	struct srp_buf buf;
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		if (!srp_decode(bad[i], &buf))
			fail_msg("'%s' is accepted", bad[i]);
}

static void good_encodings(void **state)
{
	static const struct {
		const char *text, *octets;
		size_t size;
	} good[] = {
		{ "0XaBc", "\x0a\xbc", 2 },
		{ "0x0", "\0", 1 },
		{ "0x00ff", "\0\xff", 2 },
		{ "0BAAECAw==", "\0\x01\x02\x03", 4 },
		{ "0bAAE=", "\0\x01", 2 },
		{ "0b+/+/", "\xfb\xff\xbf", 3 },
	};
	struct srp_buf buf;
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(srp_decode(good[i].text, &buf), 0);
		assert_int_equal(buf.size, good[i].size);
		assert_memory_equal(buf.data, good[i].octets, buf.size);
	}
}

/* The buffer is on the heap for the address sanitizer. */
static int decode_long(const char *prefix, int digits)
{
	struct srp_buf *buf = malloc(sizeof(*buf));
	char text[4096];
	int rc;

	snprintf(text, sizeof(text), "%s%0*d", prefix, digits, 0);
	rc = srp_decode(text, buf);
	if (!rc)
		assert_in_range(buf->size, 1, SRP_MAX_SIZE);
	free(buf);
	return rc;
}

static void encoding_limit(void **state)
{
	assert_int_equal(decode_long("0x", 2048), 0);
	assert_int_equal(decode_long("0x", 2049), -1);
	assert_int_equal(decode_long("0x", 2050), -1);
	assert_int_equal(decode_long("0b", 1364), 0);
	assert_int_equal(decode_long("0b", 1368), -1);
}

static void one_group(void **state)
{
	const struct srp_vector_group *g = *state;
	const struct srp_group *group = find(g->name);
	struct srp *srp = srp_new();

	assert_non_null(srp);
	assert_non_null(group);
	assert_int_equal(group->g, g->g);
	assert_int_equal(group->size, g->N.len);
	srp->group = group;
	assert_int_equal(srp_compute_public(srp), 0);
	assert_octets(srp->N.data, srp->N.size, g->N);
	srp_free(srp);
}

static void no_other_group(void **state)
{
	assert_null(find("SRP-153"));
	assert_null(find("SRP-15360"));
	assert_null(find("srp-1536"));
	assert_null(find(""));
}

static void choice(void **state)
{
	static const struct {
		const char *list, *min, *wanted;
	} table[] = {
		{ "SRP-1536", "SRP-1536", "SRP-1536" },
		{ "SRP-768,SRP-1536,SRP-2048", "SRP-1536", "SRP-1536" },
		{ "SRP-2048,MODP-3072", "SRP-1536", "SRP-2048" },
		{ "SRP-2048,MODP-3072", "MODP-3072", "MODP-3072" },
		{ "X,,SRP-9999,SRP-2048", "SRP-1536", "SRP-2048" },
		{ "SRP-768", "SRP-768", "SRP-768" },
		{ "SRP-768,SRP-1024,SRP-1280", "SRP-1536", NULL },
		{ "MODP-6144", "MODP-8192", NULL },
		{ "SRP-1536 ,srp-2048", "SRP-1536", NULL },
		{ "", "SRP-768", NULL },
		{ ",", "SRP-768", NULL },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		const struct srp_group *group =
			srp_choose_group(table[i].list, find(table[i].min));

		if (table[i].wanted)
			assert_string_equal(group->name, table[i].wanted);
		else
			assert_null(group);
	}
}

static void equal(void **state)
{
	const unsigned char a[] = { 1, 2, 3 }, b[] = { 1, 2, 4 };

	assert_true(srp_equal(a, a, sizeof(a)));
	assert_false(srp_equal(a, b, sizeof(a)));
	assert_false(srp_equal(b, a, sizeof(a)));
	assert_true(srp_equal(a, b, 2));
}

int main(void)
{
	size_t i;

	/* A few have an a that is longer than libiscsi's */
	for (i = 0; i < COUNT(srp_vectors); i++)
		if (srp_vectors[i].a.len <= SRP_A_SIZE)
			add(vector, &srp_vectors[i], "vector %s",
			    srp_vectors[i].id);
	for (i = 0; i < COUNT(srp_vectors); i += 7)
		if (srp_vectors[i].a.len <= SRP_A_SIZE)
			add(padded_b, &srp_vectors[i], "padded B %s",
			    srp_vectors[i].id);
	for (i = 0; i < COUNT(srp_rejects); i++)
		if (srp_rejects[i].key == 'B')
			add(rejected_b, &srp_rejects[i], "%s",
			    srp_rejects[i].id);
	for (i = 0; i < COUNT(srp_zero_u); i++)
		add(zero_u, &srp_zero_u[i], "%s", srp_zero_u[i].id);
	add(random_a, NULL, "a is random");
	for (i = 0; i < COUNT(srp_encodings); i++)
		add(encoding, &srp_encodings[i], "%s", srp_encodings[i].id);
	add(bad_encodings, NULL, "encoding/more that is refused");
	add(good_encodings, NULL, "encoding/more that is accepted");
	add(encoding_limit, NULL, "encoding/limit");
	for (i = 0; i < COUNT(srp_vector_groups); i++)
		add(one_group, &srp_vector_groups[i], "group %s",
		    srp_vector_groups[i].name);
	add(no_other_group, NULL, "groups/no other");
	add(choice, NULL, "groups/choice");
	add(equal, NULL, "comparison");
	return run_cases(NULL);
}
