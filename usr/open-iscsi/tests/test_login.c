// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRP logins through usr/login.c against a scripted target: correct logins
 * with the known answers of each group, and every known way to go wrong.
 */
#include "cases.h"
#include "vectors.h"
#include "peer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static const struct srp_vector *vector;		/* of the current login */
static struct iscsi_session *session;
static int login_status;			/* class and detail */
static const char *last_group;			/* of the session, or NULL */
static int draws, no_draw;			/* of a; the one that fails */
/* The hash of the certificate inside TLS */
static const unsigned char certificate[64] = {
	0x9a, 0x00, 0xc4, 0x5e, 0x01, 0x17, 0xff, 0x80, 0x33,
};
static size_t cert_len;				/* 0: without TLS */

/* Replaces libcrypto's: the initiator's a is the vector's */
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

/* HMAC-SHA256(K, side | the first len bytes of the certificate's hash) */
static char *proof(char *to, char side, size_t len)
{
	unsigned char text[65], mac[32];
	struct srp_octets octets = { mac, sizeof(mac) };
	unsigned int mac_len;

	text[0] = side;
	memcpy(text + 1, certificate, len);
	if (!HMAC(EVP_sha256(), vector->K.p, vector->K.len, text, 1 + len,
		  mac, &mac_len))
		abort();
	return hex(to, octets);
}

/*
 * Expand a reply: @s, @B, @M, @H and @G become the vector's SRP_s, SRP_B, SRP_M,
 * SRP_HM and group, @4 becomes 4096 digits. @T and @I become the target's and the
 * initiator's proof of the certificate, @O the target's of another one.
 */
static const char *expand(char *to, const char *from)
{
	const char *start = to;

	for (; *from; from++) {
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
		case 'T':
		case 'I':
			to = proof(to, *from, cert_len);
			break;
		case 'O':
			to = proof(to, 'T', cert_len - 1);
			break;
		case '4':
			to += sprintf(to, "%04096d", 7);
			break;
		default:
			abort();
		}
	}
	*to = '\0';
	return start;
}

#define ALL "SRP-768,SRP-1024,SRP-1280," SRP_GROUPS_DEFAULT

/* Log in with the vector's user and password; groups: ALL if NULL */
static enum iscsi_login_status login(const struct peer_reply *replies,
				     int target_auth, const char *groups)
{
	static struct peer_reply filled[16];
	static char texts[16][16384];
	char bad[2];
	int i;

	session = peer_session(ISCSI_SESSION_TYPE_NORMAL);

	memset(filled, 0, sizeof(filled));
	for (i = 0; replies[i].text; i++) {
		filled[i] = replies[i];
		filled[i].text = expand(texts[i], replies[i].text);
	}

	assert_false(srp_groups_parse(groups ? groups : ALL,
				      &session->srp_groups, bad, sizeof(bad)));
	memcpy(session->srp_username, vector->U.p, vector->U.len);
	memcpy(session->srp_password, vector->P.p, vector->P.len);
	session->bidirectional_auth = target_auth;
	memcpy(session->conn[0].tls_cert, certificate, cert_len);
	session->conn[0].tls_cert_len = cert_len;
	if (last_group)
		session->srp_group = srp_group_find(last_group,
						    strlen(last_group));

	draws = 0;
	peer_script(filled);
	return peer_login(session, &login_status);
}

/* ten times 13 characters */
#define CHARS "SRP,SRP,SRP,X"
#define TEN_CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS CHARS

#define CHOOSE	{ "TargetPortalGroupTag=1\nAuthMethod=SRP\n" }
#define OFFER	{ "SRP_GROUP=@G\nSRP_s=@s\n" }
#define ANSWER	{ "SRP_B=@B\n" }
#define PROVE	{ "SRP_HM=@H\n", PEER_TO_OP }
#define ACCEPT	{ "", PEER_TO_OP }
#define LOGGED_IN { "", PEER_OP_END }
#define NOTHING	{ "" }
#define END	{ NULL }

static const struct peer_reply mutual[] = {
	CHOOSE, OFFER, ANSWER, PROVE, LOGGED_IN, END
};
static const struct peer_reply one_way[] = {
	CHOOSE, OFFER, ANSWER, ACCEPT, LOGGED_IN, END
};

static void check_right_login(int target_auth)
{
	char wanted[8192], *to;

	assert_int_equal(login(target_auth ? mutual : one_way, target_auth,
			       NULL), LOGIN_OK);
	assert_int_equal(login_status, 0);
	assert_int_equal(peer_count, 5);

	assert_int_equal(peer_requests[0].flags, 0);
	assert_non_null(strstr(peer_requests[0].text, "\nAuthMethod=SRP\n"));
	sprintf(wanted, "SRP_U=%.*s\nTargetAuth=%s\n", vector->U.len,
		(const char *)vector->U.p, target_auth ? "Yes" : "No");
	assert_int_equal(peer_requests[1].flags, 0);
	assert_string_equal(peer_requests[1].text, wanted);
	to = wanted + sprintf(wanted, "SRP_GROUP=%s\nSRP_A=",
			      vector->group_name);
	sprintf(hex(to, vector->A), "\n");
	assert_int_equal(peer_requests[2].flags, 0);
	assert_string_equal(peer_requests[2].text, wanted);
	to = wanted + sprintf(wanted, "SRP_M=");
	sprintf(hex(to, vector->M), "\n");
	assert_int_equal(peer_requests[3].flags, PEER_TO_OP);
	assert_string_equal(peer_requests[3].text, wanted);
	assert_int_equal(peer_requests[4].flags, PEER_OP_END);

	sprintf(wanted, "connection1:0 authenticated by SRP (%s, target %s)\n",
		vector->group_name, target_auth ? "proved itself" :
		"was not asked to prove itself");
	assert_logged(wanted);
}

/* A correct login, compared byte by byte */
static void mutual_login(void **state)
{
	vector = *state;
	check_right_login(1);
}

static void one_way_login(void **state)
{
	vector = *state;
	check_right_login(0);
}

static void assert_zero(const unsigned char *data, size_t len)
{
	while (len--)
		assert_int_equal(data[len], 0);
}

static struct auth_srp *srp_of_session(void)
{
	return &((struct iscsi_acl *)session->auth_buffers[0].address)->srp;
}

/* Inside TLS: the same, and both sides confirm the certificate */
#define BIND "X-org.linux-iscsi.tls-bind="

static void bound_login(void **state)
{
	static const struct peer_reply both[] = {
		CHOOSE, OFFER, ANSWER,
		{ "SRP_HM=@H\n" BIND "@T\n", PEER_TO_OP }, LOGGED_IN, END
	};
	static const struct peer_reply only_target[] = {
		CHOOSE, OFFER, ANSWER,
		{ BIND "@T\n", PEER_TO_OP }, LOGGED_IN, END
	};
	static const size_t lengths[] = { 32, 48, 64 };
	char wanted[512], *to;
	size_t i;

	for (i = 0; i < COUNT(lengths); i++) {
		cert_len = lengths[i];
		assert_int_equal(login(i == 1 ? only_target : both, i != 1,
				       NULL), LOGIN_OK);
		assert_int_equal(peer_requests[3].flags, PEER_TO_OP);
		to = wanted + sprintf(wanted, "SRP_M=");
		to = hex(to, vector->M);
		to = proof(to + sprintf(to, "\n" BIND), 'I', cert_len);
		sprintf(to, "\n");
		assert_string_equal(peer_requests[3].text, wanted);
		assert_logged("(SRP-1536, target confirmed its TLS certificate)");
		assert_zero(srp_of_session()->bind,
			    sizeof(srp_of_session()->bind));
	}
}

/* Whoever is between cannot confirm it, or can only repeat */
static const struct bad_bind {
	const char *name;
	int target_auth;
	const char *answer, *log;
} bad_binds[] = {
	{ "none", 1, "SRP_HM=@H\n", "did not confirm its TLS certificate" },
	{ "none, one way", 0, "", "did not confirm its TLS certificate" },
	{ "NotUnderstood", 0, BIND "NotUnderstood\n",
	  "did not confirm its TLS certificate" },
	{ "another certificate", 1, "SRP_HM=@H\n" BIND "@O\n",
	  "has another TLS certificate" },
	{ "another certificate, one way", 0, BIND "@O\n",
	  "has another TLS certificate" },
	{ "the initiator's", 0, BIND "@I\n", "has another TLS certificate" },
	{ "cut off", 0, BIND "0x00\n", "has another TLS certificate" },
	{ "no value", 0, BIND "yes\n", "has another TLS certificate" },
	{ "without SRP_HM", 1, BIND "@T\n", "SRP_HM key expected" },
	{ "with a wrong SRP_HM", 1, "SRP_HM=@M\n" BIND "@T\n", "SRP_HM wrong" },
	{ "twice", 0, BIND "@T\n" BIND "@T\n", "" },
};

static void badly_bound(void **state)
{
	const struct bad_bind *c = *state;
	const struct peer_reply replies[] = {
		CHOOSE, OFFER, ANSWER, { c->answer, PEER_TO_OP }, LOGGED_IN, END
	};

	cert_len = 32;
	assert_int_not_equal(login(replies, c->target_auth, NULL), LOGIN_OK);
	assert_int_equal(peer_count, 4);
	assert_logged(c->log);
}

/* Too early, or without TLS */
static void bind_in_another_step(void **state)
{
	static const struct peer_reply early[] = {
		CHOOSE, OFFER, { "SRP_B=@B\n" BIND "@T\n" }, PROVE, LOGGED_IN,
		END
	};
	static const struct peer_reply unasked[] = {
		CHOOSE, OFFER, ANSWER,
		{ "SRP_HM=@H\n" BIND "0x00\n", PEER_TO_OP }, LOGGED_IN, END
	};

	cert_len = 32;
	assert_int_not_equal(login(early, 1, NULL), LOGIN_OK);
	cert_len = 0;
	assert_int_not_equal(login(unasked, 1, NULL), LOGIN_OK);
	assert_null(strstr(peer_requests[3].text, "tls-bind"));
}

/* The password and everything derived from it stay out of the log. */
static void no_secrets_in_log(void **state)
{
	const struct srp_octets secrets[] = {
		vector->a, vector->x, vector->S, vector->K
	};
	char text[2200];
	size_t i;

	login(mutual, 1, NULL);
	assert_not_logged("password123");
	for (i = 0; i < COUNT(secrets); i++) {
		hex(text, secrets[i]);
		assert_not_logged(text + 2);
	}
}

/* a is wiped once SRP_B is answered, HM once it is received. */
static void wiped(void **state)
{
	static const struct peer_reply until_b[] = {
		CHOOSE, OFFER, ANSWER, END
	};
	struct auth_srp *srp;

	login(until_b, 1, NULL);
	srp = srp_of_session();
	assert_int_equal(srp->step, AUTH_SRP_RECV_HM);
	assert_null(srp->a_group);
	assert_false(srp->have_v);
	assert_zero(srp->a, sizeof(srp->a));
	assert_zero(srp->x, sizeof(srp->x));
	assert_zero(srp->v, sizeof(srp->v));
	assert_memory_equal(srp->hm, vector->HM.p, vector->HM.len);

	login(mutual, 1, NULL);
	assert_int_equal(srp->step, AUTH_SRP_FINISHED);
	assert_zero(srp->hm, sizeof(srp->hm));
}

static const char *guess(const char *groups, const char *last)
{
	const struct srp_group *group;
	unsigned int set;
	char bad[2];

	assert_false(srp_groups_parse(groups, &set, bad, sizeof(bad)));
	group = auth_srp_guess(set, last ? srp_group_find(last, strlen(last)) :
					   NULL);
	return group ? group->name : "none";
}

/* The group that A is computed for before the target offers its groups */
static void guesses(void **state)
{
	assert_string_equal(guess(SRP_GROUPS_DEFAULT, NULL), "MODP-3072");
	assert_string_equal(guess(SRP_GROUPS_DEFAULT, "MODP-8192"), "MODP-8192");
	assert_string_equal(guess("SRP-1536,SRP-2048,MODP-4096", NULL),
			    "SRP-2048");
	assert_string_equal(guess("SRP-768,SRP-1536", NULL), "SRP-1536");
	assert_string_equal(guess("SRP-768,MODP-4096", NULL), "none");
	/* the settings have changed since */
	assert_string_equal(guess("SRP-1536", "MODP-8192"), "SRP-1536");
}

/* What is computed while the target computes: here it never answers. */
static const struct peer_reply until_group[] = { CHOOSE, END };

static void a_ahead(void **state)
{
	struct auth_srp *srp;

	last_group = "SRP-1536";
	login(until_group, 1, NULL);
	srp = srp_of_session();
	assert_int_equal(peer_count, 2);
	assert_int_equal(draws, 1);
	assert_ptr_equal(srp->a_group, srp_group_find("SRP-1536", 8));
	assert_false(srp->have_v);
	assert_int_equal(srp->a_pub_len, vector->A.len);
	assert_memory_equal(srp->a_pub, vector->A.p, vector->A.len);
}

static void verifier_ahead(void **state)
{
	static const struct peer_reply until_b[] = { CHOOSE, OFFER, END };
	struct auth_srp *srp;

	last_group = "SRP-1536";
	login(until_b, 1, NULL);
	srp = srp_of_session();
	assert_int_equal(peer_count, 3);
	assert_int_equal(draws, 1);
	assert_true(srp->have_v);
	assert_memory_equal(srp->x, vector->x.p, vector->x.len);
	assert_memory_equal(srp->v + srp->group->len - vector->v.len,
			    vector->v.p, vector->v.len);
}

static void nothing_ahead(void **state)
{
	login(until_group, 1, "SRP-768");
	assert_int_equal(peer_count, 2);
	assert_int_equal(draws, 0);
	assert_null(srp_of_session()->a_group);
}

/* Each login draws one a; a wrong guess costs another. */
static const struct draw_case {
	const char *name;
	const char *last;
	int fails, draws, ok;
} draw_cases[] = {
	{ "right guess", "SRP-1536", 0, 1, 1 },
	{ "wrong guess", "SRP-2048", 0, 2, 1 },
	{ "no random numbers for the guess", "SRP-1536", 1, 2, 1 },
	{ "wrong guess, no random numbers then", "SRP-2048", 2, 2, 0 },
};

static void draws_of_a(void **state)
{
	const struct draw_case *c = *state;

	last_group = c->last;
	no_draw = c->fails;
	assert_int_equal(login(mutual, 1, NULL) == LOGIN_OK, c->ok);
	assert_int_equal(draws, c->draws);
	if (c->ok) {
		assert_logged("proved itself");
		assert_string_equal(session->srp_group->name, "SRP-1536");
	} else {
		assert_logged("random numbers");
		assert_string_equal(session->srp_group->name, "SRP-2048");
		assert_int_equal(peer_count, 2);
	}
}

/* Other logins that must succeed; without log, the target disconnects */
static const struct good_case {
	const char *name;
	struct peer_reply replies[14];
	const char *log;
	const char *groups;
	int one_way;
} good[] = {
	{ "first allowed group of the target's list", {
		CHOOSE, { "SRP_GROUP=SRP-9999,X,@G,SRP-2048\nSRP_s=@s\n" },
		ANSWER, PROVE, LOGGED_IN }, "SRP (SRP-1536" },
	{ "the list's order counts, not ours", {
		CHOOSE, { "SRP_GROUP=SRP-1024,@G,SRP-2048,MODP-8192\nSRP_s=@s\n" },
		ANSWER, PROVE, LOGGED_IN }, "SRP (SRP-1536", "SRP-1536,SRP-2048" },
	{ "proof without T bit, then the T bit", {
		CHOOSE, OFFER, ANSWER, { "SRP_HM=@H\n" }, ACCEPT, LOGGED_IN },
		"proved itself" },
	{ "one way, no T bit at first", {
		CHOOSE, OFFER, ANSWER, NOTHING, ACCEPT, LOGGED_IN },
		"not asked", .one_way = 1 },
	{ "salt before groups, TargetAlias", {
		CHOOSE, { "TargetAlias=x\nSRP_s=@s\nSRP_GROUP=@G\n" },
		ANSWER, PROVE, LOGGED_IN }, "proved itself" },
	{ "TargetAlias more than once", {
		{ "TargetAlias=a\nAuthMethod=SRP\nTargetAlias=b\n" },
		{ "TargetAlias=c\nSRP_s=@s\nSRP_GROUP=@G\n" },
		ANSWER, PROVE, LOGGED_IN }, "proved itself" },
	{ "C bit: value in three parts", {
		CHOOSE, { "SRP_GR", PEER_C }, { "OUP=@G\nSRP_s=0", PEER_C },
		{ "x1234\n" } } },
	{ "C bit: all in parts", {
		{ "AuthMet", PEER_C }, { "hod=SRP\n" },
		{ "SRP_GROUP=@G\n", PEER_C }, { "SRP_s=", PEER_C }, { "@s\n" },
		{ "S", PEER_C }, { "RP_B=@B\n" },
		{ "SRP_HM=@H", PEER_C }, { "\n" }, ACCEPT, LOGGED_IN },
		"proved itself" },
};

static void good_login(void **state)
{
	const struct good_case *c = *state;
	enum iscsi_login_status rc;

	rc = login(c->replies, !c->one_way, c->groups);
	if (c->log) {
		assert_logged(c->log);
		assert_int_equal(rc, LOGIN_OK);
	} else {
		/* SRP_A must have been sent by then */
		assert_non_null(strstr(peer_requests[peer_count - 1].text,
				       "SRP_A="));
		/* each part is asked for with an empty request without flags */
		assert_int_equal(peer_requests[2].flags, 0);
		assert_string_equal(peer_requests[2].text, "");
		assert_int_equal(peer_requests[3].flags, 0);
		assert_string_equal(peer_requests[3].text, "");
	}
}

/*
 * Logins that must fail: the target answers the first requests correctly, and
 * one of them wrongly. The initiator must not send another.
 */
static const struct bad_case {
	const char *name;
	int request;
	struct peer_reply reply;
	const char *log;
	int one_way;
	const char *groups;
	struct peer_reply next[10];	/* to the requests after it */
} bad[] = {
	/* AuthMethod */
	{ "None chosen", 1, { "AuthMethod=None\n" }, "AuthMethod" },
	{ "None chosen, one way", 1, { "AuthMethod=None\n" }, "AuthMethod",
		.one_way = 1 },
	{ "None chosen with T bit, one way", 1,
		{ "AuthMethod=None\n", PEER_TO_OP }, "", .one_way = 1 },
	{ "CHAP chosen", 1, { "AuthMethod=CHAP\n" }, "AuthMethod" },
	{ "CHAP chosen, one way", 1, { "AuthMethod=CHAP\n" }, "AuthMethod",
		.one_way = 1 },
	{ "Reject", 1, { "AuthMethod=Reject\n" }, "AuthMethod" },
	{ "Reject, one way", 1, { "AuthMethod=Reject\n" }, "AuthMethod",
		.one_way = 1 },
	{ "no AuthMethod", 1, NOTHING, "AuthMethod" },
	{ "no AuthMethod, one way", 1, NOTHING, "AuthMethod", .one_way = 1 },
	{ "T bit at once, one way", 1, { "", PEER_TO_OP }, "", .one_way = 1 },
	{ "AuthMethod is a list", 1, { "AuthMethod=SRP,CHAP\n" },
		"AuthMethod bad" },
	{ "AuthMethod is a list without SRP first", 1,
		{ "AuthMethod=CHAP,SRP\n" }, "AuthMethod bad" },
	{ "AuthMethod in lower case", 1, { "AuthMethod=srp\n" },
		"AuthMethod" },
	{ "AuthMethod twice", 1, { "AuthMethod=SRP\nAuthMethod=SRP\n" },
		"more than once" },
	{ "AuthMethod again", 2,
		{ "AuthMethod=SRP\nSRP_GROUP=@G\nSRP_s=@s\n" },
		"Unexpected key" },
	{ "AuthMethod of 260 characters", 1,
		{ "AuthMethod=" TEN_CHARS TEN_CHARS "\n" }, "too long" },
	{ "AuthMethod of 4096 characters", 1, { "AuthMethod=@4\n" },
		"too long" },

	/* row 2 */
	{ "no SRP_GROUP", 2, { "SRP_s=@s\n" }, "SRP_GROUP key expected" },
	{ "no SRP_s", 2, { "SRP_GROUP=@G\n" }, "SRP_s key expected" },
	{ "nothing in row 2", 2, NOTHING, "SRP_GROUP key expected" },
	{ "SRP_GROUP empty", 2, { "SRP_GROUP=\nSRP_s=@s\n" },
		"SRP_GROUP bad" },
	{ "SRP_GROUP with an empty name", 2,
		{ "SRP_GROUP=@G,,SRP-2048\nSRP_s=@s\n" }, "SRP_GROUP bad" },
	{ "SRP_GROUP ends in a comma", 2, { "SRP_GROUP=@G,\nSRP_s=@s\n" },
		"SRP_GROUP bad" },
	{ "group not allowed", 2, OFFER, "srp_groups", .groups = "MODP-3072" },
	{ "only small groups, default", 2,
		{ "SRP_GROUP=SRP-768,SRP-1024,SRP-1280\nSRP_s=@s\n" },
		"srp_groups", .groups = SRP_GROUPS_DEFAULT },
	{ "only unknown groups", 2,
		{ "SRP_GROUP=SRP-999,srp-1536,Reject\nSRP_s=@s\n" },
		"srp_groups" },
	{ "SRP_GROUP too long", 2, { "SRP_GROUP=@G,@4\nSRP_s=@s\n" },
		"too long" },
	{ "salt without prefix", 2, { "SRP_GROUP=@G\nSRP_s=12345678\n" },
		"SRP_s bad" },
	{ "salt empty", 2, { "SRP_GROUP=@G\nSRP_s=\n" }, "SRP_s bad" },
	{ "salt 0x", 2, { "SRP_GROUP=@G\nSRP_s=0x\n" }, "SRP_s bad" },
	{ "salt too long", 2, { "SRP_GROUP=@G\nSRP_s=0x@4\n" }, "too long" },
	{ "SRP_s twice", 2, { "SRP_GROUP=@G\nSRP_s=@s\nSRP_s=@s\n" },
		"more than once" },
	{ "SRP_GROUP twice", 2, { "SRP_GROUP=@G\nSRP_GROUP=@G\nSRP_s=@s\n" },
		"more than once" },
	{ "SRP_B in row 2", 2, { "SRP_GROUP=@G\nSRP_s=@s\nSRP_B=@B\n" },
		"Unexpected key" },
	{ "row 2 with row 0", 1,
		{ "AuthMethod=SRP\nSRP_GROUP=@G\nSRP_s=@s\n" },
		"Unexpected key" },
	{ "row 2 twice", 3, OFFER, "SRP_B key expected" },
	{ "draft keys", 2, { "SRP_N=0x17\nSRP_g=0x02\nSRP_s=@s\n" },
		"can't accept SRP_N" },
	{ "SRP_U from the target", 2,
		{ "SRP_GROUP=@G\nSRP_s=@s\nSRP_U=alice\n" },
		"Unexpected key" },
	{ "TargetAuth from the target", 2,
		{ "SRP_GROUP=@G\nSRP_s=@s\nTargetAuth=No\n" },
		"Unexpected key" },
	{ "CHAP's key", 2, { "SRP_GROUP=@G\nSRP_s=@s\nCHAP_A=5\n" },
		"Unexpected key" },
	{ "unknown key", 2, { "SRP_GROUP=@G\nSRP_s=@s\nX-y=1\n" },
		"can't accept X-y" },
	{ "operational key", 2,
		{ "SRP_GROUP=@G\nSRP_s=@s\nImmediateData=No\n" },
		"can't accept ImmediateData" },
	{ "keys with blanks between them", 2, { "SRP_GROUP=@G SRP_s=@s\n" },
		"SRP_s key expected" },

	/* row 4 */
	{ "no SRP_B", 3, NOTHING, "SRP_B key expected" },
	{ "SRP_B empty", 3, { "SRP_B=\n" }, "SRP_B bad" },
	{ "SRP_B decimal", 3, { "SRP_B=1234\n" }, "SRP_B bad" },
	{ "SRP_B zero", 3, { "SRP_B=0x0\n" }, "SRP_B is zero" },
	{ "SRP_B too long", 3, { "SRP_B=0x@4\n" }, "too long" },
	{ "SRP_B with one digit too many", 3, { "SRP_B=@B0\n" },
		"SRP_B is zero or" },
	{ "SRP_B twice", 3, { "SRP_B=@B\nSRP_B=@B\n" }, "more than once" },
	{ "SRP_HM in row 4", 3, { "SRP_B=@B\nSRP_HM=@H\n" },
		"Unexpected key" },
	{ "SRP_HM before SRP_B", 3, { "SRP_HM=@H\n" }, "SRP_B key expected" },
	{ "SRP_GROUP again in row 4", 3, { "SRP_B=@B\nSRP_GROUP=@G\n" },
		"Unexpected key" },

	/* row 6 */
	{ "no SRP_HM", 4, ACCEPT, "SRP_HM key expected" },
	{ "no SRP_HM, no T bit", 4, NOTHING, "SRP_HM key expected" },
	{ "SRP_M echoed", 4, { "SRP_HM=@M\n", PEER_TO_OP }, "SRP_HM wrong" },
	{ "SRP_HM of another login", 4,
		{ "SRP_HM=0xb36de5e1d79383e2a471b0db345dc4831e3bd346\n",
		  PEER_TO_OP },
		"SRP_HM wrong" },
	{ "SRP_HM with an octet more", 4, { "SRP_HM=@H00\n", PEER_TO_OP },
		"SRP_HM wrong" },
	{ "SRP_HM of one octet", 4, { "SRP_HM=0x00\n", PEER_TO_OP },
		"SRP_HM wrong" },
	{ "SRP_HM empty", 4, { "SRP_HM=\n", PEER_TO_OP }, "SRP_HM wrong" },
	{ "SRP_HM not decodable", 4, { "SRP_HM=Yes\n", PEER_TO_OP },
		"SRP_HM wrong" },
	{ "SRP_HM twice", 4, { "SRP_HM=@H\nSRP_HM=@H\n", PEER_TO_OP },
		"more than once" },
	{ "SRP_HM and a key of row 4", 4,
		{ "SRP_HM=@H\nSRP_B=@B\n", PEER_TO_OP }, "Unexpected key" },
	{ "SRP_HM that was not asked for", 4, PROVE, "Unexpected key",
		.one_way = 1 },
	{ "wrong SRP_HM that was not asked for", 4,
		{ "SRP_HM=0x00\n", PEER_TO_OP }, "Unexpected key",
		.one_way = 1 },
	{ "SRP_HM again with the T bit", 4, { "SRP_HM=@H\n" },
		"Unexpected key", .next = { PROVE } },
	{ "proof, then no end", 4, { "SRP_HM=@H\n" }, "count limit",
		.next = { NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING,
			  NOTHING, NOTHING } },

	/* the T bit before the proof */
	{ "T bit with AuthMethod", 1, { "AuthMethod=SRP\n", PEER_TO_OP },
		"T bit" },
	{ "T bit with AuthMethod, one way", 1,
		{ "AuthMethod=SRP\n", PEER_TO_OP }, "T bit", .one_way = 1 },
	{ "T bit with row 2", 2, { "SRP_GROUP=@G\nSRP_s=@s\n", PEER_TO_OP },
		"T bit" },
	{ "T bit instead of row 2", 2, { "", PEER_TO_OP }, "", .one_way = 1 },
	{ "T bit with row 4", 3, { "SRP_B=@B\n", PEER_TO_OP }, "T bit" },
	{ "T bit with row 4, one way", 3, { "SRP_B=@B\n", PEER_TO_OP },
		"T bit", .one_way = 1 },
	{ "T bit to full feature with row 2", 2,
		{ "SRP_GROUP=@G\nSRP_s=@s\n", PEER_TO_FULL }, "T bit",
		.one_way = 1 },
	{ "T bit and a wrong SRP_HM", 4, { "SRP_HM=0x00\n", PEER_TO_FULL },
		"SRP_HM wrong" },

	/* the C bit */
	{ "C bit and T bit", 4, { "SRP_HM=@H\n", PEER_TO_OP | PEER_C },
		"C bit set with the T bit" },
	{ "C bit without text", 2, { "", PEER_C }, "C bit set with no text" },
	{ "C bit: text too long", 2, { "SRP_s=0x@4", PEER_C }, "longer than",
		.next = { { "@4", PEER_C } } },
	{ "C bit: value too long", 2, { "SRP_GROUP=@G\nSRP_s=0x@4", PEER_C },
		"too long", .next = { { "77\n" } } },
};

static void bad_login(void **state)
{
	static const struct peer_reply right[] = { CHOOSE, OFFER, ANSWER };
	static const struct peer_reply logged_in = LOGGED_IN;
	const struct bad_case *c = *state;
	struct peer_reply replies[16] = { END };
	enum iscsi_login_status rc;
	int i, n = c->request - 1;

	memcpy(replies, right, n * sizeof(*right));
	replies[n++] = c->reply;
	for (i = 0; c->next[i].text; i++)
		replies[n++] = c->next[i];
	replies[n] = logged_in;

	rc = login(replies, !c->one_way, c->groups);
	assert_logged(c->log);
	assert_int_not_equal(rc, LOGIN_OK);
	assert_int_not_equal(rc, LOGIN_IO_ERROR);
	assert_int_equal(peer_count, n);
	assert_not_logged("authenticated by");
}

/* A login that the target rejects with any status has failed. */
static void rejects(void **state)
{
	static const int codes[] = { 0x0200, 0x0201, 0x0202, 0x0207, 0x0300,
				     0x0301, 0x0302 };
	struct peer_reply replies[] = { CHOOSE, OFFER, ANSWER, NOTHING, END };
	size_t i;

	for (i = 0; i < COUNT(codes); i++) {
		replies[3].status = codes[i];
		login(replies, 1, NULL);
		assert_int_equal(login_status, codes[i]);
		assert_int_equal(peer_count, 4);
		assert_not_logged("authenticated by");
	}
}

/* B and salt as other encoders write them give the same proof. */
static void other_encodings(void **state)
{
	static char offer[4096], answer[4096];
	const struct peer_reply replies[] = {
		CHOOSE, { offer }, { answer }, PROVE, LOGGED_IN, END
	};
	char *c;

	sprintf(hex(offer + sprintf(offer, "SRP_GROUP=%s\nSRP_s=",
				    vector->group_name), vector->s), "\n");
	for (c = strstr(offer, "=0x") + 3; *c; c++)
		if (*c >= 'a' && *c <= 'f')
			*c -= 'a' - 'A';
	/* an odd count of zeros in front */
	sprintf(hex(answer + 9, vector->B), "\n");
	memcpy(answer, "SRP_B=0X000", 11);
	assert_int_equal(login(replies, 1, NULL), LOGIN_OK);
	assert_logged("proved itself");
}

/* A B that the initiator must refuse, in a login */
static void rejected_b(void **state)
{
	static char text[4096];
	const struct peer_reply replies[] = { CHOOSE, OFFER, { text }, END };
	const struct srp_reject *reject = *state;
	char id[64];

	snprintf(id, sizeof(id), "%s/basic", reject->group_name);
	vector = find(id);
	sprintf(hex(text + sprintf(text, "SRP_B="), reject->value), "\n");
	assert_int_equal(login(replies, 1, NULL), LOGIN_AUTHENTICATION_FAILED);
	/* 2N of MODP-8192 does not fit into a binary-value */
	assert_logged(reject->value.len > 1024 ? "too long" :
		      "SRP_B is zero or not below");
}

static void zero_u(void **state)
{
	vector = *state;
	assert_int_equal(login(mutual, 1, NULL), LOGIN_AUTHENTICATION_FAILED);
	assert_logged("SRP_B gives u = 0");
	assert_int_equal(peer_count, 3);
}

/* Without a user or a password nothing is sent. */
static void policy(void **state)
{
	const struct srp_policy *policy = *state;
	struct srp_vector nobody = *vector;

	nobody.U = policy->U;
	nobody.P = policy->P;
	vector = &nobody;
	assert_int_not_equal(login(mutual, 1, NULL), LOGIN_OK);
	assert_int_equal(peer_count, 0);
	assert_logged("Couldn't set up SRP");
}

static int setup(void **state)
{
	vector = find("SRP-1536/basic");
	last_group = NULL;
	no_draw = 0;
	cert_len = 0;
	return 0;
}

int main(void)
{
	size_t i;

	for (i = 0; i < COUNT(srp_vectors); i++) {
		const struct srp_vector *v = &srp_vectors[i];
		int basic = strstr(v->id, "/basic") != NULL;

		/* the others: short values, long salts, colons, ... */
		if (basic || v->a.len == SRP_PRIVATE_LEN)
			add(mutual_login, v, "login by %s, mutual", v->id);
		if (basic)
			add(one_way_login, v, "login by %s, one way", v->id);
	}
	for (i = 0; i < COUNT(good); i++)
		add(good_login, &good[i], "good/%s", good[i].name);
	add(other_encodings, NULL, "good/upper case, zeros in front of B");
	for (i = 0; i < COUNT(bad); i++)
		add(bad_login, &bad[i], "bad/%s", bad[i].name);
	for (i = 0; i < COUNT(srp_rejects); i++)
		if (srp_rejects[i].key == 'B')
			add(rejected_b, &srp_rejects[i], "login, %s",
			    srp_rejects[i].id);
	for (i = 0; i < COUNT(srp_zero_u); i++)
		add(zero_u, &srp_zero_u[i], "login, %s", srp_zero_u[i].id);
	add(bound_login, NULL, "TLS/both confirm the certificate");
	for (i = 0; i < COUNT(bad_binds); i++)
		add(badly_bound, &bad_binds[i], "TLS/confirmed: %s",
		    bad_binds[i].name);
	add(bind_in_another_step, NULL, "TLS/confirmed where it must not be");
	add(rejects, NULL, "rejected by the target");
	for (i = 0; i < COUNT(srp_policies); i++)
		add(policy, &srp_policies[i], "%s", srp_policies[i].id);
	add(no_secrets_in_log, NULL, "log/no secrets");
	add(wiped, NULL, "secrets/wiped when used");
	add(guesses, NULL, "overlap/guess of the group");
	add(a_ahead, NULL, "overlap/A is made after SRP_U is sent");
	add(verifier_ahead, NULL, "overlap/g^x is made after SRP_A is sent");
	add(nothing_ahead, NULL, "overlap/nothing without a guess");
	for (i = 0; i < COUNT(draw_cases); i++)
		add(draws_of_a, &draw_cases[i], "overlap/%s",
		    draw_cases[i].name);

	return run_cases(setup);
}
