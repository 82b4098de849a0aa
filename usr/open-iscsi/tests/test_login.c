// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logins by SRP through usr/login.c, against a target that follows a script:
 * right ones with the known answers of each group, and every way we know to do
 * it wrong.
 */
#include "tap.h"
#include "vectors.h"
#include "peer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct srp_vector *vector;		/* of the current login */
static struct iscsi_session *session;
static char scripts[16][16384];			/* replies, filled in */
static const char *last_group;			/* of the session, or NULL */
static int draws, no_draw;			/* of a; the one that fails */

/* In place of libcrypto's: the initiator's a is the vector's */
int RAND_priv_bytes(unsigned char *out, int count)
{
	draws++;
	if (count != vector->a.len || draws == no_draw)
		return 0;
	memcpy(out, vector->a.p, count);
	return 1;
}

static const struct srp_vector *find(const char *id)
{
	size_t i;

	for (i = 0; i < COUNT(srp_vectors); i++)
		if (!strcmp(srp_vectors[i].id, id))
			return &srp_vectors[i];
	fprintf(stderr, "no vector %s\n", id);
	abort();
}

static char *hex(char *out, struct srp_octets octets)
{
	int i;

	out += sprintf(out, "0x");
	for (i = 0; i < octets.len; i++)
		out += sprintf(out, "%02x", octets.p[i]);
	return out;
}

/*
 * Replies as they are written below, with the vector's SRP_s, SRP_B, SRP_M,
 * SRP_HM and group for @s, @B, @M, @H and @G, and 4096 digits for @4.
 */
static void fill_in(struct peer_reply *replies)
{
	const char *from;
	char *to;
	int i;

	for (i = 0; replies[i].text; i++) {
		to = scripts[i];
		for (from = replies[i].text; *from; from++) {
			if (*from != '@') {
				*to++ = *from;
				continue;
			}
			switch (*++from) {
			case 's':
				to = hex(to, vector->s);
				break;
			case 'B':
				to = hex(to, vector->B);
				break;
			case 'M':
				to = hex(to, vector->M);
				break;
			case 'H':
				to = hex(to, vector->HM);
				break;
			case 'G':
				to += sprintf(to, "%s", vector->group_name);
				break;
			case '4':
				memset(to, '7', 4096);
				to += 4096;
				break;
			default:
				abort();
			}
		}
		*to = '\0';
		replies[i].text = scripts[i];
	}
}

static enum iscsi_login_status login(const struct peer_reply *replies,
				     int target_auth, const char *groups,
				     int *status)
{
	static struct peer_reply filled[16];
	char bad[2];
	int i;

	session = peer_session(ISCSI_SESSION_TYPE_NORMAL);

	for (i = 0; replies[i].text; i++)
		filled[i] = replies[i];
	filled[i] = replies[i];
	fill_in(filled);

	if (srp_groups_parse(groups, &session->srp_groups, bad, sizeof(bad)))
		abort();
	memcpy(session->srp_username, vector->U.p, vector->U.len);
	memcpy(session->srp_password, vector->P.p, vector->P.len);
	session->bidirectional_auth = target_auth;
	if (last_group)
		session->srp_group = srp_group_find(last_group,
						    strlen(last_group));

	draws = 0;
	peer_script(filled);
	return peer_login(session, status);
}

#define ALL "SRP-768,SRP-1024,SRP-1280," SRP_GROUPS_DEFAULT
#define END { 0, NULL, 0 }
/* ten times 13 characters */
#define CHARS "SRP,SRP,SRP,X"
#define TEN_CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS

#define CHOOSE	{ 0, "TargetPortalGroupTag=1\nAuthMethod=SRP\n", 0 }
#define OFFER	{ 0, "SRP_GROUP=@G\nSRP_s=@s\n", 0 }
#define ANSWER	{ 0, "SRP_B=@B\n", 0 }
#define PROVE	{ PEER_TO_OP, "SRP_HM=@H\n", 0 }
#define ACCEPT	{ PEER_TO_OP, "", 0 }
#define LOGGED_IN { PEER_OP_END, "", 0 }

static const struct peer_reply mutual[] = {
	CHOOSE, OFFER, ANSWER, PROVE, LOGGED_IN, END
};
static const struct peer_reply one_way[] = {
	CHOOSE, OFFER, ANSWER, ACCEPT, LOGGED_IN, END
};

/* What the initiator sends in a right login, octet by octet */
static void right_login(const char *id, int target_auth)
{
	char wanted[8192], *to;
	int status;

	vector = find(id);
	expect(login(target_auth ? mutual : one_way, target_auth, ALL,
		     &status) == LOGIN_OK);
	expect(status == 0);
	expect(peer_count == 5);

	expect(peer_requests[0].flags == 0);
	expect(strstr(peer_requests[0].text, "\nAuthMethod=SRP\n"));
	sprintf(wanted, "SRP_U=%.*s\nTargetAuth=%s\n", vector->U.len,
		(const char *)vector->U.p, target_auth ? "Yes" : "No");
	expect(peer_requests[1].flags == 0);
	expect(!strcmp(peer_requests[1].text, wanted));
	to = wanted + sprintf(wanted, "SRP_GROUP=%s\nSRP_A=",
			      vector->group_name);
	sprintf(hex(to, vector->A), "\n");
	expect(peer_requests[2].flags == 0);
	expect(!strcmp(peer_requests[2].text, wanted));
	to = wanted + sprintf(wanted, "SRP_M=");
	sprintf(hex(to, vector->M), "\n");
	expect(peer_requests[3].flags == PEER_TO_OP);
	expect(!strcmp(peer_requests[3].text, wanted));
	expect(peer_requests[4].flags == PEER_OP_END);

	sprintf(wanted, "connection1:0 authenticated by SRP (%s, target %s)\n",
		vector->group_name, target_auth ? "proved itself" :
		"was not asked to prove itself");
	expect(strstr(peer_log, wanted));
	test("login by %s, %s", id, target_auth ? "mutual" : "one way");
}

/* Nothing of the password and of what is made from it is in a log. */
static void no_secrets_in_log(void)
{
	char text[2200];
	int status;

	vector = find("SRP-1536/basic");
	login(mutual, 1, ALL, &status);
	expect(!strstr(peer_log, "password123"));
	hex(text, vector->a);
	expect(!strstr(peer_log, text + 2));
	hex(text, vector->x);
	expect(!strstr(peer_log, text + 2));
	hex(text, vector->S);
	expect(!strstr(peer_log, text + 2));
	hex(text, vector->K);
	expect(!strstr(peer_log, text + 2));
	test("log/no secrets");
}

/* a is overwritten as soon as it is used, and HM when it came. */
static void wiped(void)
{
	static const struct peer_reply until_b[] = {
		CHOOSE, OFFER, ANSWER, END
	};
	struct auth_srp *srp;
	int status;
	size_t i;

	vector = find("SRP-1536/basic");
	login(until_b, 1, ALL, &status);
	srp = &((struct iscsi_acl *)session->auth_buffers[0].address)->srp;
	expect(srp->step == AUTH_SRP_RECV_HM);
	expect(!srp->a_group && !srp->have_v);
	for (i = 0; i < sizeof(srp->a); i++)
		expect(!srp->a[i]);
	for (i = 0; i < sizeof(srp->x); i++)
		expect(!srp->x[i]);
	for (i = 0; i < sizeof(srp->v); i++)
		expect(!srp->v[i]);
	expect(!memcmp(srp->hm, vector->HM.p, vector->HM.len));

	login(mutual, 1, ALL, &status);
	expect(srp->step == AUTH_SRP_FINISHED);
	for (i = 0; i < sizeof(srp->hm); i++)
		expect(!srp->hm[i]);
	test("secrets/wiped when used");
}

static const char *guess(const char *groups, const char *last)
{
	const struct srp_group *group;
	unsigned int set;
	char bad[2];

	if (srp_groups_parse(groups, &set, bad, sizeof(bad)))
		abort();
	group = auth_srp_guess(set, last ? srp_group_find(last, strlen(last)) :
					   NULL);
	return group ? group->name : "none";
}

/* The group that A is made for before the target has said which it has */
static void guesses(void)
{
	expect(!strcmp(guess(SRP_GROUPS_DEFAULT, NULL), "MODP-3072"));
	expect(!strcmp(guess(SRP_GROUPS_DEFAULT, "MODP-8192"), "MODP-8192"));
	expect(!strcmp(guess("SRP-1536,SRP-2048,MODP-4096", NULL), "SRP-2048"));
	expect(!strcmp(guess("SRP-768,SRP-1536", NULL), "SRP-1536"));
	expect(!strcmp(guess("SRP-768,MODP-4096", NULL), "none"));
	/* the settings have changed since */
	expect(!strcmp(guess("SRP-1536", "MODP-8192"), "SRP-1536"));
	test("overlap/guess of the group");
}

/* What is computed while the target answers: it never answers here. */
static void computed_ahead(void)
{
	static const struct peer_reply until_group[] = { CHOOSE, END };
	static const struct peer_reply until_b[] = { CHOOSE, OFFER, END };
	const struct srp_group *group;
	struct auth_srp *srp;
	int status;

	vector = find("SRP-1536/basic");
	group = srp_group_find(vector->group_name, strlen(vector->group_name));
	last_group = "SRP-1536";
	login(until_group, 1, ALL, &status);
	srp = &((struct iscsi_acl *)session->auth_buffers[0].address)->srp;
	expect(peer_count == 2 && draws == 1);
	expect(srp->a_group == group && !srp->have_v);
	expect(srp->a_pub_len == (size_t)vector->A.len &&
	       !memcmp(srp->a_pub, vector->A.p, vector->A.len));
	test("overlap/A is made after SRP_U is sent");

	login(until_b, 1, ALL, &status);
	expect(peer_count == 3 && draws == 1);
	expect(srp->have_v && !memcmp(srp->x, vector->x.p, vector->x.len));
	expect(!memcmp(srp->v + group->len - vector->v.len, vector->v.p,
		       vector->v.len));
	test("overlap/g^x is made after SRP_A is sent");

	/* no guess, nothing ahead */
	last_group = NULL;
	login(until_group, 1, "SRP-768", &status);
	expect(peer_count == 2 && !draws && !srp->a_group);
	test("overlap/nothing without a guess");
}

/* One a for each login; a wrong guess costs another one. */
static void draws_of_a(void)
{
	static const struct {
		const char *name;
		const char *last;
		int fails, draws, ok;
	} cases[] = {
		{ "right guess", "SRP-1536", 0, 1, 1 },
		{ "wrong guess", "SRP-2048", 0, 2, 1 },
		{ "no random numbers for the guess", "SRP-1536", 1, 2, 1 },
		{ "wrong guess, no random numbers then", "SRP-2048", 2, 2, 0 },
	};
	int status;
	size_t i;

	vector = find("SRP-1536/basic");
	for (i = 0; i < COUNT(cases); i++) {
		last_group = cases[i].last;
		no_draw = cases[i].fails;
		expect((login(mutual, 1, ALL, &status) == LOGIN_OK) ==
		       cases[i].ok);
		expect(draws == cases[i].draws);
		if (cases[i].ok) {
			expect(strstr(peer_log, "proved itself"));
			expect(!strcmp(session->srp_group->name, "SRP-1536"));
		} else {
			expect(strstr(peer_log, "random numbers"));
			expect(!strcmp(session->srp_group->name, "SRP-2048"));
			expect(peer_count == 2);
		}
		test("overlap/%s", cases[i].name);
	}
	no_draw = 0;
	last_group = NULL;
}

/* More that must work */
static const struct login_case {
	const char *name;
	int target_auth;
	const char *groups;
	struct peer_reply replies[14];
	const char *log;	/* part of what is logged */
} good[] = {
	{ "first allowed group of the target's list", 1, ALL, {
		CHOOSE, { 0, "SRP_GROUP=SRP-9999,X,@G,SRP-2048\nSRP_s=@s\n", 0 },
		ANSWER, PROVE, LOGGED_IN, END }, "SRP (SRP-1536" },
	{ "the list's order counts, not ours", 1, "SRP-1536,SRP-2048", {
		CHOOSE, { 0, "SRP_GROUP=SRP-1024,@G,SRP-2048,MODP-8192\nSRP_s=@s\n", 0 },
		ANSWER, PROVE, LOGGED_IN, END }, "SRP (SRP-1536" },
	{ "proof without T bit, then the T bit", 1, ALL, {
		CHOOSE, OFFER, ANSWER, { 0, "SRP_HM=@H\n", 0 }, ACCEPT,
		LOGGED_IN, END }, "proved itself" },
	{ "one way, no T bit at first", 0, ALL, {
		CHOOSE, OFFER, ANSWER, { 0, "", 0 }, ACCEPT, LOGGED_IN, END },
		"not asked" },
	{ "salt before groups, TargetAlias", 1, ALL, {
		CHOOSE, { 0, "TargetAlias=x\nSRP_s=@s\nSRP_GROUP=@G\n", 0 },
		ANSWER, PROVE, LOGGED_IN, END }, "proved itself" },
	{ "C bit: value in three parts", 1, ALL, {
		CHOOSE, { PEER_C, "SRP_GR", 0 }, { PEER_C, "OUP=@G\nSRP_s=0", 0 },
		{ 0, "x1234\n", 0 }, END }, "" },
	{ "C bit: all in parts", 1, ALL, {
		{ PEER_C, "AuthMet", 0 }, { 0, "hod=SRP\n", 0 },
		{ PEER_C, "SRP_GROUP=@G\n", 0 }, { PEER_C, "SRP_s=", 0 },
		{ 0, "@s\n", 0 }, { PEER_C, "S", 0 }, { 0, "RP_B=@B\n", 0 },
		{ PEER_C, "SRP_HM=@H", 0 }, { 0, "\n", 0 }, ACCEPT,
		LOGGED_IN, END }, "proved itself" },
};

/* What ends the login, and no more than the requests given was sent */
static const struct bad_case {
	const char *name;
	int target_auth;
	const char *groups;
	int requests;
	struct peer_reply replies[14];
	const char *log;
} bad[] = {
	/* AuthMethod */
	{ "None chosen", 1, ALL, 1, {
		{ 0, "AuthMethod=None\n", 0 }, END }, "AuthMethod" },
	{ "None chosen, one way", 0, ALL, 1, {
		{ 0, "AuthMethod=None\n", 0 }, END }, "AuthMethod" },
	{ "None chosen with T bit, one way", 0, ALL, 1, {
		{ PEER_TO_OP, "AuthMethod=None\n", 0 }, LOGGED_IN, END }, "" },
	{ "CHAP chosen", 1, ALL, 1, {
		{ 0, "AuthMethod=CHAP\n", 0 }, END }, "AuthMethod" },
	{ "CHAP chosen, one way", 0, ALL, 1, {
		{ 0, "AuthMethod=CHAP\n", 0 }, END }, "AuthMethod" },
	{ "Reject", 1, ALL, 1, {
		{ 0, "AuthMethod=Reject\n", 0 }, END }, "AuthMethod" },
	{ "Reject, one way", 0, ALL, 1, {
		{ 0, "AuthMethod=Reject\n", 0 }, END }, "AuthMethod" },
	{ "no AuthMethod", 1, ALL, 1, { { 0, "", 0 }, END }, "AuthMethod" },
	{ "no AuthMethod, one way", 0, ALL, 1, { { 0, "", 0 }, END },
		"AuthMethod" },
	{ "T bit at once, one way", 0, ALL, 1, {
		{ PEER_TO_OP, "", 0 }, LOGGED_IN, END }, "" },
	{ "AuthMethod is a list", 1, ALL, 1, {
		{ 0, "AuthMethod=SRP,CHAP\n", 0 }, END }, "AuthMethod bad" },
	{ "AuthMethod is a list without SRP first", 1, ALL, 1, {
		{ 0, "AuthMethod=CHAP,SRP\n", 0 }, END }, "AuthMethod bad" },
	{ "AuthMethod in lower case", 1, ALL, 1, {
		{ 0, "AuthMethod=srp\n", 0 }, END }, "AuthMethod" },
	{ "AuthMethod twice", 1, ALL, 1, {
		{ 0, "AuthMethod=SRP\nAuthMethod=SRP\n", 0 }, END }, "more than once" },
	{ "AuthMethod again", 1, ALL, 2, {
		CHOOSE, { 0, "AuthMethod=SRP\nSRP_GROUP=@G\nSRP_s=@s\n", 0 }, END },
		"Unexpected key" },
	{ "AuthMethod of 260 characters", 1, ALL, 1, {
		{ 0, "AuthMethod=" TEN_CHARS TEN_CHARS "\n", 0 }, END },
		"too long" },
	{ "AuthMethod of 4096 characters", 1, ALL, 1, {
		{ 0, "AuthMethod=@4\n", 0 }, END }, "too long" },

	/* row 2 */
	{ "no SRP_GROUP", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_s=@s\n", 0 }, END }, "SRP_GROUP key expected" },
	{ "no SRP_s", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\n", 0 }, END }, "SRP_s key expected" },
	{ "nothing in row 2", 1, ALL, 2, { CHOOSE, { 0, "", 0 }, END },
		"SRP_GROUP key expected" },
	{ "SRP_GROUP empty", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=\nSRP_s=@s\n", 0 }, END }, "SRP_GROUP bad" },
	{ "SRP_GROUP with an empty name", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G,,SRP-2048\nSRP_s=@s\n", 0 }, END },
		"SRP_GROUP bad" },
	{ "SRP_GROUP ends in a comma", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G,\nSRP_s=@s\n", 0 }, END },
		"SRP_GROUP bad" },
	{ "group not allowed", 1, "MODP-3072", 2, { CHOOSE, OFFER, END },
		"srp_groups" },
	{ "only small groups, default", 1, SRP_GROUPS_DEFAULT, 2, {
		CHOOSE, { 0, "SRP_GROUP=SRP-768,SRP-1024,SRP-1280\nSRP_s=@s\n", 0 },
		END }, "srp_groups" },
	{ "only unknown groups", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=SRP-999,srp-1536,Reject\nSRP_s=@s\n", 0 },
		END }, "srp_groups" },
	{ "SRP_GROUP too long", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G,@4\nSRP_s=@s\n", 0 }, END }, "too long" },
	{ "salt without prefix", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=12345678\n", 0 }, END },
		"SRP_s bad" },
	{ "salt empty", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=\n", 0 }, END }, "SRP_s bad" },
	{ "salt 0x", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=0x\n", 0 }, END }, "SRP_s bad" },
	{ "salt too long", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=0x@4\n", 0 }, END }, "too long" },
	{ "SRP_s twice", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nSRP_s=@s\n", 0 }, END },
		"more than once" },
	{ "SRP_GROUP twice", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_GROUP=@G\nSRP_s=@s\n", 0 }, END },
		"more than once" },
	{ "SRP_B in row 2", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nSRP_B=@B\n", 0 }, END },
		"Unexpected key" },
	{ "row 2 with row 0", 1, ALL, 1, {
		{ 0, "AuthMethod=SRP\nSRP_GROUP=@G\nSRP_s=@s\n", 0 }, END },
		"Unexpected key" },
	{ "row 2 twice", 1, ALL, 3, { CHOOSE, OFFER, OFFER, END },
		"SRP_B key expected" },
	{ "draft keys", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_N=0x17\nSRP_g=0x02\nSRP_s=@s\n", 0 }, END },
		"can't accept SRP_N" },
	{ "SRP_U from the target", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nSRP_U=alice\n", 0 }, END },
		"Unexpected key" },
	{ "TargetAuth from the target", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nTargetAuth=No\n", 0 }, END },
		"Unexpected key" },
	{ "CHAP's key", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nCHAP_A=5\n", 0 }, END },
		"Unexpected key" },
	{ "unknown key", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nX-y=1\n", 0 }, END },
		"can't accept X-y" },
	{ "operational key", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G\nSRP_s=@s\nImmediateData=No\n", 0 }, END },
		"can't accept ImmediateData" },
	{ "keys with blanks between them", 1, ALL, 2, {
		CHOOSE, { 0, "SRP_GROUP=@G SRP_s=@s\n", 0 }, END },
		"SRP_s key expected" },

	/* row 4 */
	{ "no SRP_B", 1, ALL, 3, { CHOOSE, OFFER, { 0, "", 0 }, END },
		"SRP_B key expected" },
	{ "SRP_B empty", 1, ALL, 3, { CHOOSE, OFFER, { 0, "SRP_B=\n", 0 }, END },
		"SRP_B bad" },
	{ "SRP_B decimal", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_B=1234\n", 0 }, END }, "SRP_B bad" },
	{ "SRP_B zero", 1, ALL, 3, { CHOOSE, OFFER, { 0, "SRP_B=0x0\n", 0 }, END },
		"SRP_B is zero" },
	{ "SRP_B too long", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_B=0x@4\n", 0 }, END }, "too long" },
	{ "SRP_B with one digit too many", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_B=@B0\n", 0 }, END }, "SRP_B is zero or" },
	{ "SRP_B twice", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_B=@B\nSRP_B=@B\n", 0 }, END },
		"more than once" },
	{ "SRP_HM in row 4", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_B=@B\nSRP_HM=@H\n", 0 }, END },
		"Unexpected key" },
	{ "SRP_HM before SRP_B", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_HM=@H\n", 0 }, END }, "SRP_B key expected" },
	{ "SRP_GROUP again in row 4", 1, ALL, 3, {
		CHOOSE, OFFER, { 0, "SRP_B=@B\nSRP_GROUP=@G\n", 0 }, END },
		"Unexpected key" },

	/* row 6 */
	{ "no SRP_HM", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, ACCEPT, LOGGED_IN, END },
		"SRP_HM key expected" },
	{ "no SRP_HM, no T bit", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { 0, "", 0 }, END }, "SRP_HM key expected" },
	{ "SRP_M echoed", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=@M\n", 0 }, LOGGED_IN,
		END }, "SRP_HM wrong" },
	{ "SRP_HM of another login", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP,
		"SRP_HM=0xb36de5e1d79383e2a471b0db345dc4831e3bd346\n", 0 },
		LOGGED_IN, END }, "SRP_HM wrong" },
	{ "SRP_HM with an octet more", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=@H00\n", 0 },
		LOGGED_IN, END }, "SRP_HM wrong" },
	{ "SRP_HM of one octet", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=0x00\n", 0 },
		LOGGED_IN, END }, "SRP_HM wrong" },
	{ "SRP_HM empty", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=\n", 0 }, LOGGED_IN,
		END }, "SRP_HM wrong" },
	{ "SRP_HM not decodable", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=Yes\n", 0 }, LOGGED_IN,
		END }, "SRP_HM wrong" },
	{ "SRP_HM twice", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=@H\nSRP_HM=@H\n", 0 },
		LOGGED_IN, END }, "more than once" },
	{ "SRP_HM and a key of row 4", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=@H\nSRP_B=@B\n", 0 },
		LOGGED_IN, END }, "Unexpected key" },
	{ "SRP_HM that was not asked for", 0, ALL, 4, {
		CHOOSE, OFFER, ANSWER, PROVE, LOGGED_IN, END }, "Unexpected key" },
	{ "wrong SRP_HM that was not asked for", 0, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP, "SRP_HM=0x00\n", 0 },
		LOGGED_IN, END }, "Unexpected key" },
	{ "SRP_HM again with the T bit", 1, ALL, 5, {
		CHOOSE, OFFER, ANSWER, { 0, "SRP_HM=@H\n", 0 }, PROVE, LOGGED_IN,
		END }, "Unexpected key" },
	{ "proof, then no end", 1, ALL, 12, {
		CHOOSE, OFFER, ANSWER, { 0, "SRP_HM=@H\n", 0 }, { 0, "", 0 },
		{ 0, "", 0 }, { 0, "", 0 }, { 0, "", 0 }, { 0, "", 0 },
		{ 0, "", 0 }, { 0, "", 0 }, { 0, "", 0 }, END }, "count limit" },

	/* the T bit before the proof */
	{ "T bit with AuthMethod", 1, ALL, 1, {
		{ PEER_TO_OP, "AuthMethod=SRP\n", 0 }, LOGGED_IN, END }, "T bit" },
	{ "T bit with AuthMethod, one way", 0, ALL, 1, {
		{ PEER_TO_OP, "AuthMethod=SRP\n", 0 }, LOGGED_IN, END }, "T bit" },
	{ "T bit with row 2", 1, ALL, 2, {
		CHOOSE, { PEER_TO_OP, "SRP_GROUP=@G\nSRP_s=@s\n", 0 }, LOGGED_IN,
		END }, "T bit" },
	{ "T bit instead of row 2", 0, ALL, 2, {
		CHOOSE, { PEER_TO_OP, "", 0 }, LOGGED_IN, END }, "" },
	{ "T bit with row 4", 1, ALL, 3, {
		CHOOSE, OFFER, { PEER_TO_OP, "SRP_B=@B\n", 0 }, LOGGED_IN, END },
		"T bit" },
	{ "T bit with row 4, one way", 0, ALL, 3, {
		CHOOSE, OFFER, { PEER_TO_OP, "SRP_B=@B\n", 0 }, LOGGED_IN, END },
		"T bit" },
	{ "T bit to full feature with row 2", 0, ALL, 2, {
		CHOOSE, { PEER_TO_FULL, "SRP_GROUP=@G\nSRP_s=@s\n", 0 }, END },
		"T bit" },
	{ "T bit and a wrong SRP_HM", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_FULL, "SRP_HM=0x00\n", 0 }, END },
		"SRP_HM wrong" },

	/* the C bit */
	{ "C bit and T bit", 1, ALL, 4, {
		CHOOSE, OFFER, ANSWER, { PEER_TO_OP | PEER_C, "SRP_HM=@H\n", 0 },
		LOGGED_IN, END }, "C bit set with the T bit" },
	{ "C bit without text", 1, ALL, 2, {
		CHOOSE, { PEER_C, "", 0 }, END }, "C bit set with no text" },
	{ "C bit: text too long", 1, ALL, 4, {
		CHOOSE, { PEER_C, "SRP_s=0x@4", 0 }, { PEER_C, "@4", 0 }, END },
		"longer than" },
	{ "C bit: value too long", 1, ALL, 3, {
		CHOOSE, { PEER_C, "SRP_GROUP=@G\nSRP_s=0x@4", 0 }, { 0, "77\n", 0 },
		END }, "too long" },
};

static void good_login(const struct login_case *c)
{
	int complete = *c->log != '\0', status;
	enum iscsi_login_status rc;

	vector = find("SRP-1536/basic");
	rc = login(c->replies, c->target_auth, c->groups, &status);
	if (complete) {
		if (rc != LOGIN_OK)
			wrong("login ended with %d: %s", rc, peer_log);
		if (!strstr(peer_log, c->log))
			wrong("'%s' is not in the log: %s", c->log, peer_log);
	} else {
		/* the target leaves: SRP_A must have been sent by then */
		expect(strstr(peer_requests[peer_count - 1].text, "SRP_A="));
		/* each part is asked for with an empty request without flags */
		expect(peer_requests[2].flags == 0 && !*peer_requests[2].text);
		expect(peer_requests[3].flags == 0 && !*peer_requests[3].text);
	}
	test("good/%s", c->name);
}

static void bad_login(const struct bad_case *c)
{
	enum iscsi_login_status rc;
	int status;

	vector = find("SRP-1536/basic");
	rc = login(c->replies, c->target_auth, c->groups, &status);
	if (rc == LOGIN_OK || rc == LOGIN_IO_ERROR)
		wrong("login ended with %d: %s", rc, peer_log);
	if (peer_count > c->requests)
		wrong("%d requests were sent", peer_count);
	if (!strstr(peer_log, c->log))
		wrong("'%s' is not in the log: %s", c->log, peer_log);
	expect(!strstr(peer_log, "authenticated by"));
	test("bad/%s", c->name);
}

/* Whatever a target refuses us with, the login has not succeeded. */
static void rejects(void)
{
	static const int codes[] = { 0x0200, 0x0201, 0x0202, 0x0207, 0x0300,
				     0x0301, 0x0302 };
	struct peer_reply replies[] = { CHOOSE, OFFER, ANSWER,
					{ 0, "", 0 }, END };
	int status;
	size_t i;

	vector = find("SRP-1536/basic");
	for (i = 0; i < COUNT(codes); i++) {
		replies[3].status = codes[i];
		login(replies, 1, ALL, &status);
		expect(status == codes[i] && peer_count == 4);
		expect(!strstr(peer_log, "authenticated by"));
	}
	test("rejected by the target");
}

/* B and salt as other encoders write them give the same proof. */
static void other_encodings(void)
{
	static char text[2][4096];
	struct peer_reply replies[] = {
		CHOOSE, { 0, text[0], 0 }, { 0, text[1], 0 }, PROVE, LOGGED_IN,
		END
	};
	int status;
	char *to;

	vector = find("SRP-1536/basic");
	to = hex(text[0] + sprintf(text[0], "SRP_GROUP=%s\nSRP_s=",
				   vector->group_name), vector->s);
	for (; *to != '='; to--)
		if (*to >= 'a' && *to <= 'f')
			*to -= 'a' - 'A';
	strcat(text[0], "\n");
	/* an odd count of zeros in front */
	to = hex(text[1] + 9, vector->B);
	memcpy(text[1], "SRP_B=0X000", 11);
	strcpy(to, "\n");
	expect(login(replies, 1, ALL, &status) == LOGIN_OK);
	expect(strstr(peer_log, "proved itself"));
	test("good/upper case, zeros in front of B");
}

/* The vectors of B that an initiator refuses, through the whole login */
static void refused_b(void)
{
	static char text[4096];
	struct peer_reply replies[] = { CHOOSE, OFFER, { 0, text, 0 }, END };
	size_t i;
	int status;

	for (i = 0; i < COUNT(srp_rejects); i++) {
		char id[64];

		if (srp_rejects[i].key != 'B')
			continue;
		snprintf(id, sizeof(id), "%s/basic", srp_rejects[i].group_name);
		vector = find(id);
		strcpy(text, "SRP_B=");
		strcpy(hex(text + 6, srp_rejects[i].value), "\n");
		expect(login(replies, 1, ALL, &status) ==
		       LOGIN_AUTHENTICATION_FAILED);
		/* 2N of MODP-8192 does not fit into a binary-value */
		expect(strstr(peer_log, srp_rejects[i].value.len > 1024 ?
			      "too long" : "SRP_B is zero or not below"));
		test("login, %s", srp_rejects[i].id);
	}
	for (i = 0; i < COUNT(srp_zero_u); i++) {
		vector = &srp_zero_u[i];
		expect(login(mutual, 1, ALL, &status) ==
		       LOGIN_AUTHENTICATION_FAILED);
		expect(strstr(peer_log, "SRP_B gives u = 0"));
		expect(peer_count == 3);
		test("login, %s", vector->id);
	}
}

/* Without a user or a password there is no login at all. */
static void policies(void)
{
	size_t i;
	int status;

	for (i = 0; i < COUNT(srp_policies); i++) {
		struct srp_vector nobody = *find("SRP-1536/basic");

		nobody.U = srp_policies[i].U;
		nobody.P = srp_policies[i].P;
		vector = &nobody;
		expect(login(mutual, 1, ALL, &status) != LOGIN_OK);
		expect(!peer_count);
		expect(strstr(peer_log, "Couldn't set up SRP"));
		test("%s", srp_policies[i].id);
	}
}

int main(void)
{
	char id[64];
	size_t i;

	for (i = 0; i < COUNT(srp_vector_groups); i++) {
		snprintf(id, sizeof(id), "%s/basic", srp_vector_groups[i].name);
		right_login(id, 1);
		right_login(id, 0);
	}
	/* the unusual ones: short values, long salts, colons, ... */
	for (i = 0; i < COUNT(srp_vectors); i++)
		if (srp_vectors[i].a.len == SRP_PRIVATE_LEN &&
		    !strstr(srp_vectors[i].id, "/basic"))
			right_login(srp_vectors[i].id, 1);
	for (i = 0; i < COUNT(good); i++)
		good_login(&good[i]);
	other_encodings();
	for (i = 0; i < COUNT(bad); i++)
		bad_login(&bad[i]);
	refused_b();
	rejects();
	policies();
	no_secrets_in_log();
	wiped();
	guesses();
	computed_ahead();
	draws_of_a();

	return tap_end(180);
}
