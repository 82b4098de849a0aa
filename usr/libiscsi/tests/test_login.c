// SPDX-License-Identifier: GPL-2.0-or-later
/* libiscsi's login with a scripted target in place of the network */
#include "cases.h"
#include "vectors.h"
#include "iscsi.h"
#include "iscsi-private.h"
#include "scsi-lowlevel.h"
#include "srp.h"

/* Flags of a PDU: T, C, the current stage and the next one */
#define T_TO_OP		0x81		/* T, from security to operational */
#define T_TO_FULL	0x83		/* T, from security to full feature */
#define OP_END		0x87		/* T, from operational to full feature */
#define OP		0x04
#define C		0x40

#define TARGET "iqn.2026-01.org.example:target"

struct reply {
	const char *text;		/* '\n' ends a key */
	int flags;
	int status;			/* class and detail, 0xccdd */
};

struct request {
	int flags;
	char text[8192];		/* with '\n' in place of NUL */
};

static const struct srp_vector *vector;
static struct iscsi_context *iscsi;
static struct iscsi_transport transport;
static struct request requests[16];
static int request_count;
static int results[16];			/* statuses of the callback */
static int result_count;
static char messages[65536];

static const struct srp_vector *find(const char *id)
{
	size_t i;

	for (i = 0; i < COUNT(srp_vectors); i++)
		if (!strcmp(srp_vectors[i].id, id))
			return &srp_vectors[i];
	fprintf(stderr, "no vector %s\n", id);
	abort();
}

static void log_message(int level, const char *message)
{
	size_t len = strlen(messages);

	snprintf(messages + len, sizeof(messages) - len, "%s\n", message);
}

static void login_done(struct iscsi_context *context, int status, void *data,
		       void *private_data)
{
	results[result_count++] = status;
}

/* Take the request, in place of the network */
static int take_request(struct iscsi_context *context, struct iscsi_pdu *pdu)
{
	struct request *request = &requests[request_count++];
	size_t size = pdu->outdata.size - ISCSI_RAW_HEADER_SIZE, i;

	assert_in_range(request_count, 1, COUNT(requests) - 1);
	assert_in_range(size, 0, sizeof(request->text) - 1);
	request->flags = pdu->outdata.data[1];
	memcpy(request->text, pdu->outdata.data + ISCSI_RAW_HEADER_SIZE, size);
	request->text[size] = '\0';
	for (i = 0; i < size; i++)
		if (!request->text[i])
			request->text[i] = '\n';
	context->drv->free_pdu(context, pdu);
	return 0;
}

static char *hex(char *out, struct srp_octets octets)
{
	int i;

	out += sprintf(out, "0x");
	for (i = 0; i < octets.len; i++)
		out += sprintf(out, "%02x", octets.p[i]);
	return out;
}

static char *base64(char *out, struct srp_octets octets)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits;
	int i, j;

	out += sprintf(out, "0b");
	for (i = 0; i < octets.len; i += 3) {
		for (bits = 0, j = 0; j < 3; j++)
			bits = bits << 8 |
				(i + j < octets.len ? octets.p[i + j] : 0);
		for (j = 0; j < 4; j++)
			*out++ = i + j > octets.len ? '=' :
				digits[bits >> (18 - 6 * j) & 63];
	}
	*out = '\0';
	return out;
}

static struct srp_octets modulus(void)
{
	size_t i = 0;

	while (strcmp(srp_vector_groups[i].name, vector->group_name))
		i++;
	return srp_vector_groups[i].N;
}

/*
 * Expand a reply: @s, @B, @M, @H, @N and @G become the vector's SRP_s, SRP_B,
 * SRP_M, SRP_HM, N and group; %s, %B and %H the same in base64; @4 4096 digits.
 */
static size_t expand(char *to, const char *from)
{
	const char *start = to;

	for (; *from; from++) {
		int encoded = *from == '%';

		if (*from != '@' && !encoded) {
			*to++ = *from == '\n' ? '\0' : *from;
			continue;
		}
		switch (*++from) {
		case 's':
			to = (encoded ? base64 : hex)(to, vector->s);
			break;
		case 'B':
			to = (encoded ? base64 : hex)(to, vector->B);
			break;
		case 'H':
			to = (encoded ? base64 : hex)(to, vector->HM);
			break;
		case 'M':
			to = hex(to, vector->M);
			break;
		case 'N':
			to = hex(to, modulus());
			break;
		case 'G':
			to += sprintf(to, "%s", vector->group_name);
			break;
		case '4':
			to += sprintf(to, "%04096d", 7);
			break;
		default:
			abort();
		}
	}
	return to - start;
}

/* The data is on the heap, for the address sanitizer. */
static void give_reply(const struct reply *reply)
{
	static char text[16384];
	unsigned char header[ISCSI_RAW_HEADER_SIZE] = { 0 };
	struct iscsi_pdu pdu = { .callback = login_done };
	struct iscsi_in_pdu in = { .hdr = header };
	size_t size = expand(text, reply->text);

	header[0] = ISCSI_PDU_LOGIN_RESPONSE;
	header[1] = reply->flags;
	header[36] = reply->status >> 8;
	header[37] = reply->status;
	in.data = malloc(size);
	memcpy(in.data, text, size);
	in.data_pos = size;
	iscsi_process_login_reply(iscsi, &pdu, &in);
	free(in.data);
}

static void begin(const char *user, const char *password)
{
	iscsi = iscsi_create_context("iqn.2026-01.org.example:initiator");
	assert_non_null(iscsi);
	transport = *iscsi->drv;
	transport.queue_pdu = take_request;
	iscsi->drv = &transport;
	iscsi_set_log_level(iscsi, 10);
	iscsi_set_log_fn(iscsi, log_message);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_targetname(iscsi, TARGET);
	iscsi_set_initiator_username_pwd(iscsi, user, password);
	messages[0] = '\0';
	request_count = result_count = 0;
}

static void begin_srp(const char *vector_id)
{
	char user[256], password[256];

	vector = find(vector_id);
	memcpy(user, vector->U.p, vector->U.len);
	user[vector->U.len] = '\0';
	memcpy(password, vector->P.p, vector->P.len);
	password[vector->P.len] = '\0';
	begin(user, password);
	assert_int_equal(iscsi_set_auth_method(iscsi, ISCSI_AUTH_SRP), 0);
}

static void send_first(void)
{
	assert_int_equal(iscsi_login_async(iscsi, login_done, NULL), 0);
	assert_non_null(iscsi->srp);
	memset(iscsi->srp->a, 0, SRP_A_SIZE);
	memcpy(iscsi->srp->a + SRP_A_SIZE - vector->a.len, vector->a.p,
	       vector->a.len);
}

/* Log in; a text of NULL ends the replies. */
static void login(const struct reply *replies)
{
	send_first();
	for (; replies->text && !result_count; replies++)
		give_reply(replies);
}

static void end(void)
{
	iscsi_destroy_context(iscsi);
}

static void assert_logged_in(int wanted)
{
	if (result_count != 1 || iscsi_is_logged_in(iscsi) != wanted)
		fail_msg("logged in: %d, results: %d; %s",
			 iscsi_is_logged_in(iscsi), result_count, messages);
	assert_int_equal(results[0] == SCSI_STATUS_GOOD, wanted);
	/* nothing of the exchange is kept */
	assert_null(iscsi->srp);
}

#define FIRST	{ "AuthMethod=SRP\nTargetPortalGroupTag=1\n" }
#define SALT	{ "SRP_GROUP=@G\nSRP_s=@s\n" }
#define B	{ "SRP_B=@B\n" }
#define LAST	{ "SRP_HM=@H\n", T_TO_OP }
#define DONE	{ "", OP_END }
#define END	{ NULL }

static const struct reply usual[] = { FIRST, SALT, B, LAST, DONE, END };

/* The requests of a login, with a number of the vector where it says @ */
static void assert_request(int number, int flags, const char *wanted)
{
	static char text[16384];
	size_t size = expand(text, wanted), i;

	for (i = 0; i < size; i++)
		if (!text[i])
			text[i] = '\n';
	text[size] = '\0';
	assert_int_equal(requests[number].flags, flags);
	assert_string_equal(requests[number].text, text);
}

static void assert_has_key(const char *text, const char *key, int wanted)
{
	if (!!strstr(text, key) != wanted)
		fail_msg("'%s' in '%s'", key, text);
}

/* Requests of a login of SRP-1536/basic */
static void requests_of_login(void **state)
{
	char wanted[8192] = "SRP_A=";

	begin_srp("SRP-1536/basic");
	login(usual);
	assert_logged_in(1);
	assert_int_equal(request_count, 5);
	assert_request(0, 0x01, "InitiatorName="
		       "iqn.2026-01.org.example:initiator\n"
		       "TargetName=" TARGET "\nSessionType=Normal\n"
		       "AuthMethod=SRP\n");
	sprintf(wanted, "SRP_U=%s\nTargetAuth=Yes\n", iscsi->user);
	assert_request(1, 0x01, wanted);
	strcpy(wanted, "SRP_A=");
	strcpy(hex(wanted + strlen(wanted), vector->A), "\nSRP_GROUP=@G\n");
	assert_request(2, 0x01, wanted);
	assert_request(3, T_TO_OP, "SRP_M=@M\n");
	assert_int_equal(requests[4].flags, OP_END);
	assert_has_key(requests[4].text, "HeaderDigest=", 1);
	assert_has_key(requests[4].text, "SRP", 0);
	end();
}

static const struct good_case {
	const char *name;
	struct reply replies[8];
	const char *vector;
	const char *min_group;
	int one_way, discovery;
} good[] = {
	{ "mutual", { FIRST, SALT, B, LAST, DONE } },
	{ "one way", { FIRST, SALT, B, { "", T_TO_OP }, DONE }, .one_way = 1 },
	{ "one way, the target waits with the T bit",
		{ FIRST, SALT, B, { "" }, { "", T_TO_OP }, DONE },
		.one_way = 1 },
	{ "the target waits with the T bit",
		{ FIRST, SALT, B, { "SRP_HM=@H\n" }, { "", T_TO_OP }, DONE } },
	{ "straight to the full feature phase",
		{ FIRST, SALT, B, { "SRP_HM=@H\n", T_TO_FULL } } },
	{ "discovery", { FIRST, SALT, B, LAST, DONE }, .discovery = 1 },
	{ "base64", { FIRST, { "SRP_GROUP=@G\nSRP_s=%s\n" },
		{ "SRP_B=%B\n" }, { "SRP_HM=%H\n", T_TO_OP }, DONE } },
	{ "salt before groups", { FIRST, { "SRP_s=@s\nSRP_GROUP=@G\n" },
		B, LAST, DONE } },
	{ "other groups in front",
		{ FIRST, { "SRP_GROUP=SRP-9999,SRP-1024,@G,MODP-3072\n"
			   "SRP_s=@s\n" }, B, LAST, DONE } },
	{ "a small group that is allowed", { FIRST, SALT, B, LAST, DONE },
		.vector = "SRP-768/basic", .min_group = "SRP-768" },
	{ "the largest group", { FIRST, SALT, B, LAST, DONE },
		.vector = "MODP-8192/basic", .min_group = "MODP-8192" },
	{ "other keys between",
		{ { "TargetAlias=x\nAuthMethod=SRP\n" }, SALT, B, LAST,
		  { "MaxBurstLength=4096\nMaxConnections=1\n", OP_END } } },
};

static void good_login(void **state)
{
	const struct good_case *c = *state;
	int i;

	begin_srp(c->vector ? c->vector : "SRP-1536/basic");
	if (c->min_group)
		assert_int_equal(iscsi_set_srp_min_group(iscsi, c->min_group),
				 0);
	if (c->one_way)
		iscsi_set_srp_target_auth(iscsi, 0);
	if (c->discovery)
		iscsi_set_session_type(iscsi, ISCSI_SESSION_DISCOVERY);
	login(c->replies);
	assert_logged_in(1);
	assert_has_key(requests[1].text,
		       c->one_way ? "TargetAuth=No\n" : "TargetAuth=Yes\n", 1);
	for (i = 0; i < request_count; i++)
		assert_has_key(requests[i].text, "SRP_M=", i == 3);
	end();
}

/*
 * Logins that must fail: the target answers the first requests right, and one
 * of them wrong. The initiator must not send another.
 */
static const struct bad_case {
	const char *name;
	int request;
	struct reply reply;
	int one_way;
	const char *min_group;
} bad[] = {
	/* AuthMethod */
	{ "None chosen", 0, { "AuthMethod=None\n" } },
	{ "None chosen, with T bit", 0, { "AuthMethod=None\n", T_TO_OP } },
	{ "None chosen, one way", 0, { "AuthMethod=None\n", T_TO_OP }, 1 },
	{ "CHAP chosen", 0, { "AuthMethod=CHAP\n" } },
	{ "CHAP chosen, with its first key", 0,
		{ "AuthMethod=CHAP\nCHAP_A=5\nCHAP_I=1\nCHAP_C=0x01\n" } },
	{ "SRP chosen, with keys of CHAP", 0,
		{ "AuthMethod=SRP\nCHAP_A=5\nCHAP_I=1\nCHAP_C=0x01\n" } },
	{ "CHAP chosen, one way", 0, { "AuthMethod=CHAP\n" }, 1 },
	{ "Reject", 0, { "AuthMethod=Reject\n" } },
	{ "no AuthMethod", 0, { "" } },
	{ "no AuthMethod, with T bit", 0, { "", T_TO_OP } },
	{ "no AuthMethod, straight to full feature", 0, { "", T_TO_FULL }, 1 },
	{ "AuthMethod is a list", 0, { "AuthMethod=SRP,CHAP\n" } },
	{ "AuthMethod in lower case", 0, { "AuthMethod=srp\n" } },
	{ "AuthMethod twice", 0, { "AuthMethod=SRP\nAuthMethod=SRP\n" } },
	{ "AuthMethod, then another", 0, { "AuthMethod=SRP\nAuthMethod=None\n" } },
	{ "SRP chosen with T bit", 0, { "AuthMethod=SRP\n", T_TO_OP } },
	{ "SRP chosen with T bit, one way", 0, { "AuthMethod=SRP\n", T_TO_FULL }, 1 },
	{ "the salt at once", 0, { "AuthMethod=SRP\nSRP_GROUP=@G\nSRP_s=@s\n" } },
	{ "another stage", 0, { "AuthMethod=SRP\n", OP } },
	{ "the end of another stage", 0, { "AuthMethod=SRP\n", OP_END } },
	{ "an empty part", 0, { "", C } },
	{ "C and T bit", 0, { "AuthMethod=SRP\n", C | T_TO_OP } },
	{ "no NUL", 0, { "AuthMethod=SRP" } },
	{ "no NUL after a key", 0, { "TargetAlias=x\nAuthMethod=SRP" } },
	{ "hidden behind an empty key", 0, { "\nAuthMethod=SRP\n" } },
	{ "AuthMethod of 4096 characters", 0, { "AuthMethod=@4\n" } },

	/* SRP_GROUP and SRP_s */
	{ "no SRP_GROUP", 1, { "SRP_s=@s\n" } },
	{ "no SRP_s", 1, { "SRP_GROUP=@G\n" } },
	{ "nothing about the salt", 1, { "" } },
	{ "SRP_GROUP empty", 1, { "SRP_GROUP=\nSRP_s=@s\n" } },
	{ "SRP_GROUP twice", 1, { "SRP_GROUP=@G\nSRP_s=@s\nSRP_GROUP=@G\n" } },
	{ "SRP_s twice", 1, { "SRP_GROUP=@G\nSRP_s=@s\nSRP_s=@s\n" } },
	{ "unknown groups", 1, { "SRP_GROUP=SRP-1535,x\nSRP_s=@s\n" } },
	{ "groups below the default minimum", 1,
		{ "SRP_GROUP=SRP-768,SRP-1024,SRP-1280\nSRP_s=@s\n" } },
	{ "groups below a minimum", 1,
		{ "SRP_GROUP=SRP-1536,SRP-2048\nSRP_s=@s\n" },
		.min_group = "MODP-3072" },
	{ "SRP_GROUP of 4096 characters", 1, { "SRP_GROUP=@4\nSRP_s=@s\n" } },
	{ "SRP_s empty", 1, { "SRP_GROUP=@G\nSRP_s=\n" } },
	{ "SRP_s without digits", 1, { "SRP_GROUP=@G\nSRP_s=0x\n" } },
	{ "SRP_s decimal", 1, { "SRP_GROUP=@G\nSRP_s=17\n" } },
	{ "SRP_s of 2048 octets", 1, { "SRP_GROUP=@G\nSRP_s=0x@4\n" } },
	{ "SRP_s with T bit", 1, { "SRP_GROUP=@G\nSRP_s=@s\n", T_TO_OP } },
	{ "AuthMethod again", 1,
		{ "AuthMethod=SRP\nSRP_GROUP=@G\nSRP_s=@s\n" } },
	{ "SRP_N and SRP_g of the drafts", 1,
		{ "SRP_N=@N\nSRP_g=0x02\nSRP_s=@s\n" } },
	{ "SRP_N too", 1, { "SRP_N=@N\nSRP_GROUP=@G\nSRP_s=@s\n" } },
	{ "a key of CHAP with the salt", 1,
		{ "SRP_GROUP=@G\nSRP_s=@s\nCHAP_A=5\n" } },
	{ "TargetAuth of the target", 1,
		{ "SRP_GROUP=@G\nSRP_s=@s\nTargetAuth=No\n" } },
	{ "SRP_B at once", 1, { "SRP_GROUP=@G\nSRP_s=@s\nSRP_B=@B\n" } },
	{ "SRP_HM at once", 1, { "SRP_HM=@H\n", T_TO_OP } },

	/* SRP_B */
	{ "no SRP_B", 2, { "" } },
	{ "no SRP_B, with T bit", 2, { "", T_TO_OP }, 1 },
	{ "SRP_B with T bit", 2, { "SRP_B=@B\n", T_TO_OP } },
	{ "SRP_B with T bit, one way", 2, { "SRP_B=@B\n", T_TO_FULL }, 1 },
	{ "SRP_B twice", 2, { "SRP_B=@B\nSRP_B=@B\n" } },
	{ "SRP_B empty", 2, { "SRP_B=\n" } },
	{ "SRP_B without digits", 2, { "SRP_B=0x\n" } },
	{ "SRP_B is 0", 2, { "SRP_B=0x00\n" } },
	{ "SRP_B is 0, one way", 2, { "SRP_B=0x00\n" }, 1 },
	{ "SRP_B is N", 2, { "SRP_B=@N\n" } },
	{ "SRP_B is 256 * N", 2, { "SRP_B=@N" "00\n" } },
	{ "SRP_B of 2048 octets", 2, { "SRP_B=0x@4\n" } },
	{ "SRP_HM with SRP_B", 2, { "SRP_B=@B\nSRP_HM=@H\n" } },
	{ "SRP_GROUP with SRP_B", 2, { "SRP_B=@B\nSRP_GROUP=@G\n" } },
	{ "a key of CHAP with SRP_B", 2, { "SRP_B=@B\nCHAP_C=0x01\n" } },

	/* SRP_HM */
	{ "no SRP_HM", 3, { "", T_TO_OP } },
	{ "no SRP_HM, straight to full feature", 3, { "", T_TO_FULL } },
	{ "no SRP_HM, without T bit", 3, { "" } },
	{ "SRP_HM empty", 3, { "SRP_HM=\n", T_TO_OP } },
	{ "SRP_HM is SRP_M", 3, { "SRP_HM=@M\n", T_TO_OP } },
	{ "SRP_HM is wrong", 3, { "SRP_HM="
		"0x0123456789012345678901234567890123456789\n", T_TO_OP } },
	{ "SRP_HM is wrong, without T bit", 3, { "SRP_HM="
		"0x0123456789012345678901234567890123456789\n" } },
	{ "SRP_HM with one octet more", 3, { "SRP_HM=@H" "00\n", T_TO_OP } },
	{ "SRP_HM of one octet", 3, { "SRP_HM=0x00\n", T_TO_OP } },
	{ "SRP_HM twice", 3, { "SRP_HM=@H\nSRP_HM=@H\n", T_TO_OP } },
	{ "SRP_HM with SRP_B", 3, { "SRP_HM=@H\nSRP_B=@B\n", T_TO_OP } },
	{ "SRP_HM in another stage", 3, { "SRP_HM=@H\n", OP_END } },
	{ "SRP_HM although it is one way", 3, { "SRP_HM=@H\n", T_TO_OP }, 1 },
	{ "a key of CHAP with SRP_HM", 3,
		{ "SRP_HM=@H\nCHAP_N=x\n", T_TO_OP } },

	/* the operational stage */
	{ "SRP_HM in the operational stage", 4, { "SRP_HM=@H\n", OP_END } },
	{ "AuthMethod in the operational stage", 4,
		{ "AuthMethod=None\n", OP_END } },
	{ "CHAP in the operational stage", 4, { "CHAP_A=5\n", OP_END } },
	{ "security stage again", 4, { "", T_TO_FULL } },
};

static void bad_login(void **state)
{
	const struct bad_case *c = *state;
	struct reply replies[COUNT(usual)];

	begin_srp("SRP-1536/basic");
	if (c->min_group)
		iscsi_set_srp_min_group(iscsi, c->min_group);
	if (c->one_way)
		iscsi_set_srp_target_auth(iscsi, 0);
	memcpy(replies, usual, sizeof(replies));
	replies[c->request] = c->reply;
	login(replies);
	assert_logged_in(0);
	assert_int_equal(request_count, c->request + 1);
	/* the program tries again, with a connection in this state */
	if (c->request > 0 && c->request < 4) {
		assert_int_equal(iscsi_login_async(iscsi, login_done, NULL),
				 -1);
		assert_int_equal(request_count, c->request + 1);
	}
	end();
}

/* Responses in parts, with the C bit: each is asked for with an empty request. */
static void parts(void **state)
{
	static const struct reply replies[] = {
		{ "Auth", C }, { "Method=SRP\nTargetPortal", C },
		{ "GroupTag=1\n" },
		{ "SRP_GROUP=@G\nSRP_", C }, { "s=@s\n" },
		B,
		{ "SRP_HM=@H", C }, { "\n", T_TO_OP },
		{ "MaxBurstLength=", C | OP }, { "4096\n", OP_END }, END
	};
	static const int asks[] = { 1, 2, 4, 7, 9 };
	size_t i;

	begin_srp("SRP-1536/basic");
	login(replies);
	assert_logged_in(1);
	assert_int_equal(request_count, 10);
	for (i = 0; i < COUNT(asks); i++)
		assert_request(asks[i], asks[i] == 9 ? OP : 0, "");
	assert_has_key(requests[3].text, "SRP_U=", 1);
	assert_has_key(requests[5].text, "SRP_A=", 1);
	assert_has_key(requests[6].text, "SRP_M=", 1);
	end();
}

/* No more than 64 KiB are kept, and a reject can come after a part. */
static void endless_parts(void **state)
{
	int i;

	begin_srp("SRP-1536/basic");
	send_first();
	for (i = 0; i < 20 && !result_count; i++) {
		request_count = 0;
		give_reply(&(struct reply){ "X=@4", C });
	}
	assert_int_equal(i, 16);
	assert_int_equal(results[0], SCSI_STATUS_ERROR);
	end();

	begin_srp("SRP-1536/basic");
	send_first();
	give_reply(&(struct reply){ "AuthMethod=", C });
	give_reply(&(struct reply){ "", 0, 0x0302 });
	assert_int_equal(results[0], SCSI_STATUS_ERROR);
	assert_int_equal(request_count, 2);
	end();
}

/* A reject of the target in each step */
static void rejected(void **state)
{
	struct reply replies[COUNT(usual)];
	int step;

	for (step = 0; step < 5; step++) {
		begin_srp("SRP-1536/basic");
		memcpy(replies, usual, sizeof(replies));
		replies[step] = (struct reply){ "", 0, 0x0201 };
		login(replies);
		assert_int_equal(iscsi_is_logged_in(iscsi), 0);
		assert_int_equal(result_count, 1);
		assert_int_equal(results[0], SCSI_STATUS_ERROR);
		assert_int_equal(request_count, step + 1);
		assert_non_null(strstr(messages, "Authentication failure"));
		end();
	}
}

/* A redirect begins again, and does not make it CHAP. */
static void redirected(void **state)
{
	static const struct reply redirect = {
		"TargetAddress=192.0.2.1:3260\nCHAP_A=5\nCHAP_I=1\n"
		"CHAP_C=0x0123\n", 0, 0x0101
	};
	struct reply replies[COUNT(usual)];
	int step;

	for (step = 0; step < 4; step++) {
		begin_srp("SRP-1536/basic");
		memcpy(replies, usual, sizeof(replies));
		replies[step] = redirect;
		login(replies);
		assert_int_equal(results[0], SCSI_STATUS_REDIRECT);
		request_count = result_count = 0;
		login(usual);
		assert_logged_in(1);
		assert_has_key(requests[0].text, "AuthMethod=SRP\n", 1);
		assert_has_key(requests[0].text, "CHAP", 0);
		assert_has_key(requests[1].text, "SRP_U=", 1);
		end();
	}
}

static void no_credentials(void **state)
{
	begin("", "");
	iscsi_set_auth_method(iscsi, ISCSI_AUTH_SRP);
	assert_int_equal(iscsi_login_async(iscsi, login_done, NULL), -1);
	assert_int_equal(request_count, 0);
	assert_non_null(strstr(iscsi_get_error(iscsi), "user name"));
	end();
}

static void no_such_method(void **state)
{
	begin("alice", "password123");
	iscsi_set_auth_method(iscsi, 2);
	assert_int_equal(iscsi_login_async(iscsi, login_done, NULL), -1);
	assert_int_equal(request_count, 0);
	end();
}

/* No message of any level has the password. */
static void no_secret_in_log(void **state)
{
	char password[256];

	begin_srp("SRP-1536/basic");
	login(usual);
	assert_logged_in(1);
	memcpy(password, vector->P.p, vector->P.len);
	password[vector->P.len] = '\0';
	assert_non_null(strstr(messages, "SRP_B="));
	assert_null(strstr(messages, password));
	end();
}

/* The settings stay when a broken session is restored. */
static void reconnected(void **state)
{
	begin_srp("SRP-1536/basic");
	iscsi_set_srp_min_group(iscsi, "SRP-2048");
	iscsi_set_srp_target_auth(iscsi, 0);
	strcpy(iscsi->portal, "127.0.0.1:1");
	send_first();
	iscsi_force_reconnect(iscsi);
	assert_null(iscsi->srp);
	assert_non_null(iscsi->old_iscsi);
	assert_null(iscsi->old_iscsi->srp);
	assert_int_equal(iscsi->auth_method, ISCSI_AUTH_SRP);
	assert_string_equal(iscsi->srp_min_group->name, "SRP-2048");
	assert_int_equal(iscsi->srp_one_way, 1);
	end();
}

/* CHAP: the usual requests, and None is accepted */
static void chap(void **state)
{
	static const struct reply replies[] = {
		{ "AuthMethod=CHAP\n" },
		{ "CHAP_A=5\nCHAP_I=7\nCHAP_C=0x0123456789abcdef\n" },
		{ "", T_TO_OP }, DONE, END
	};
	size_t i;

	begin("alice", "password123");
	assert_int_equal(iscsi_login_async(iscsi, login_done, NULL), 0);
	for (i = 0; replies[i].text; i++)
		give_reply(&replies[i]);
	assert_logged_in(1);
	assert_int_equal(requests[0].flags, T_TO_OP);
	assert_has_key(requests[0].text, "AuthMethod=CHAP,None\n", 1);
	assert_request(1, 0x01, "CHAP_A=5\n");
	/* MD5 of 07, "password123" and the challenge */
	assert_request(2, T_TO_OP, "CHAP_N=alice\nCHAP_R=0x"
		       "72A35F870EC6B31826864B8AE34B8024\n");
	end();
}

static void none(void **state)
{
	begin("alice", "password123");
	assert_int_equal(iscsi_login_async(iscsi, login_done, NULL), 0);
	give_reply(&(struct reply){ "AuthMethod=None\n", T_TO_OP });
	give_reply(&(struct reply)DONE);
	assert_logged_in(1);
	end();

	begin("", "");
	assert_int_equal(iscsi_login_async(iscsi, login_done, NULL), 0);
	assert_int_equal(requests[0].flags, OP_END);
	assert_has_key(requests[0].text, "AuthMethod", 0);
	give_reply(&(struct reply)DONE);
	assert_logged_in(1);
	end();
}

int main(void)
{
	size_t i;

	add(requests_of_login, NULL, "login/requests");
	for (i = 0; i < COUNT(good); i++)
		add(good_login, &good[i], "login/%s", good[i].name);
	for (i = 0; i < COUNT(bad); i++)
		add(bad_login, &bad[i], "refused/%s", bad[i].name);
	add(parts, NULL, "parts/of each response");
	add(endless_parts, NULL, "parts/too many");
	add(rejected, NULL, "login/rejected");
	add(redirected, NULL, "login/redirected");
	add(no_credentials, NULL, "login/no credentials");
	add(no_such_method, NULL, "login/no such method");
	add(no_secret_in_log, NULL, "login/no secret in the log");
	add(reconnected, NULL, "login/reconnected");
	add(chap, NULL, "CHAP is as before");
	add(none, NULL, "None is as before");
	return run_cases(NULL);
}
