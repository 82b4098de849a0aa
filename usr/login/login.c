// SPDX-License-Identifier: GPL-2.0-or-later
/* The Login Phase of RFC 7143, section 6.3, and the logout behind it */
#include "login.h"

#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>

#include <openssl/crypto.h>

#define OP_LOGIN	0x03
#define OP_LOGOUT	0x06
#define OP_NOP_IN	0x20
#define OP_LOGIN_RSP	0x23
#define OP_LOGOUT_RSP	0x26
#define OP_ASYNC	0x32
#define IMMEDIATE	0x40

#define FLAG_T		0x80	/* F in other PDUs */
#define FLAG_C		0x40

#define CMDSN		1

static void put_be16(uint8_t *at, uint16_t n)
{
	at[0] = n >> 8;
	at[1] = n & 0xff;
}

static void put_be32(uint8_t *at, uint32_t n)
{
	put_be16(at, n >> 16);
	put_be16(at + 2, n & 0xffff);
}

static uint16_t get_be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get_be32(const uint8_t *at)
{
	return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

static int protocol_error(struct login *l, const char *why)
{
	return result_fail(l->res, EX_PROTOCOL, "%s: the target's answer %s",
			   l->conn.step->name, why);
}

/**
 * login_send() - Send a Login Request
 * @l: its text is in out, which is empty again then
 * @step: name of the step
 * @nsg: stage to go on with (T bit), or NO_TRANSIT
 *
 * Return: 0, or -1 with the failure noted
 */
int login_send(struct login *l, const char *step, int nsg)
{
	uint8_t *bhs = l->pdu.octets;

	if (l->out.overflow)
		return result_fail(l->res, EX_SOFTWARE,
				   "%s: the request has more than %d octets of text",
				   step, PDU_DATA_MAX);
	memset(bhs, 0, BHS_LEN);
	bhs[0] = IMMEDIATE | OP_LOGIN;
	bhs[1] = l->csg << 2;
	if (nsg != NO_TRANSIT)
		bhs[1] |= FLAG_T | nsg;
	memcpy(bhs + 8, l->isid, sizeof(l->isid));
	put_be32(bhs + 16, l->itt);
	put_be32(bhs + 24, CMDSN);
	put_be32(bhs + 28, l->expstatsn);
	memcpy(bhs + BHS_LEN, l->out.buf, l->out.len);
	l->pdu.len = l->out.len;
	l->out.len = 0;
	l->nsg = nsg;
	return conn_send(&l->conn, step, &l->pdu);
}

static int rejected(struct login *l, unsigned int status)
{
	const char *address = NULL;

	/* A target that has moved says where to */
	if (status >> 8 == 1 && l->in.len + l->pdu.len <= TEXT_MAX_LEN) {
		memcpy(l->in.buf + l->in.len, l->pdu.octets + BHS_LEN,
		       l->pdu.len);
		l->in.len += l->pdu.len;
		if (!text_problem(&l->in))
			address = text_get(&l->in, "TargetAddress");
	}
	return result_fail(l->res, status_code(status),
			   "%s: login rejected with status %04x: %s%s%s",
			   l->conn.step->name, status, status_name(status),
			   address ? " to " : "", address ? address : "");
}

/* One Login Response; its text goes behind that in l->in */
static int recv_response(struct login *l)
{
	const uint8_t *bhs = l->pdu.octets;
	unsigned int status;

	if (conn_recv(&l->conn, &l->pdu))
		return -1;
	if ((bhs[0] & 0x3f) != OP_LOGIN_RSP)
		return protocol_error(l, "is no Login Response");
	/* Nothing else need be valid in a reject */
	status = get_be16(bhs + 36);
	if (status)
		return rejected(l, status);

	if (memcmp(bhs + 8, l->isid, sizeof(l->isid)) ||
	    get_be32(bhs + 16) != l->itt)
		return protocol_error(l, "has another ISID or Initiator Task Tag than the request");
	l->expstatsn = get_be32(bhs + 24) + 1;
	if (bhs[3])
		return protocol_error(l, "has another version than 0");
	if ((bhs[1] >> 2 & 3) != l->csg)
		return protocol_error(l, "is of another stage");
	if (bhs[1] & FLAG_T) {
		if (bhs[1] & FLAG_C)
			return protocol_error(l, "has both the T bit and the C bit");
		if (l->nsg == NO_TRANSIT)
			return protocol_error(l, "has the T bit, which the request had not");
		if ((bhs[1] & 3) != l->nsg)
			return protocol_error(l, "goes on with another stage than the request");
		if (l->nsg == STAGE_FULL_FEATURE)
			l->tsih = get_be16(bhs + 14);
	}
	if (l->in.len + l->pdu.len > TEXT_MAX_LEN)
		return protocol_error(l, "has more than 16384 octets of text");
	memcpy(l->in.buf + l->in.len, bhs + BHS_LEN, l->pdu.len);
	l->in.len += l->pdu.len;
	return 0;
}

/**
 * login_recv() - Receive the Login Response to login_send()
 * @l: its text goes to in
 * @transit: result, whether the target goes on with the stage asked for
 *
 * A response with the C bit asks for the next one.
 *
 * Return: 0, or -1 with the failure noted
 */
int login_recv(struct login *l, bool *transit)
{
	const char *problem;

	l->in.len = 0;
	if (recv_response(l))
		return -1;
	while (l->pdu.octets[1] & FLAG_C) {
		if (!l->pdu.len)
			return protocol_error(l, "has the C bit, and no text");
		if (login_send(l, "continue", NO_TRANSIT) || recv_response(l))
			return -1;
	}
	problem = text_problem(&l->in);
	if (problem)
		return result_fail(l->res, EX_PROTOCOL,
				   "%s: the target's answer is malformed: %s",
				   l->conn.step->name, problem);
	*transit = l->pdu.octets[1] & FLAG_T;
	return 0;
}

/**
 * login_ask() - Send a Login Request and receive the response
 * @l: as login_send() and login_recv()
 * @step: as login_send()
 * @nsg: as login_send()
 * @transit: as login_recv()
 *
 * Return: 0, or -1 with the failure noted
 */
int login_ask(struct login *l, const char *step, int nsg, bool *transit)
{
	if (login_send(l, step, nsg))
		return -1;
	return login_recv(l, transit);
}

/*
 * All keys of the operational stage that a target may want to negotiate, so
 * that one exchange does.  There is no data later: any valid value will do.
 */
static const struct {
	const char *key;
	const char *value;
	bool discovery;		/* whether it has a meaning there */
} operational[] = {
	{ "HeaderDigest", "None", true },
	{ "DataDigest", "None", true },
	{ "MaxRecvDataSegmentLength", "8192", true },
	{ "DefaultTime2Wait", "2", true },
	{ "DefaultTime2Retain", "0", true },
	{ "ErrorRecoveryLevel", "0", true },
	{ "MaxConnections", "1", false },
	{ "InitialR2T", "Yes", false },
	{ "ImmediateData", "Yes", false },
	{ "MaxBurstLength", "262144", false },
	{ "FirstBurstLength", "65536", false },
	{ "MaxOutstandingR2T", "1", false },
	{ "DataPDUInOrder", "Yes", false },
	{ "DataSequenceInOrder", "Yes", false },
};

#define OPERATIONAL (sizeof(operational) / sizeof(operational[0]))

/* Declared by a target, not negotiated */
static const char *const declared[] = {
	"TargetAlias", "TargetAddress", "TargetPortalGroupTag",
};

#define DECLARED (sizeof(declared) / sizeof(declared[0]))

/* Put the answer to a key of the target's, if it wants one */
static void answer(struct login *l, const char *key)
{
	for (size_t i = 0; i < DECLARED; i++) {
		if (!strcmp(key, declared[i]))
			return;
	}
	for (size_t i = 0; i < OPERATIONAL; i++) {
		if (strcmp(key, operational[i].key))
			continue;
		/* We have proposed it, and this was the answer */
		if (operational[i].discovery || l->opt->target)
			return;
		text_put(&l->out, key, "Irrelevant");
		return;
	}
	text_put(&l->out, key, "NotUnderstood");
}

static int answer_all(struct login *l)
{
	const char *value = NULL;
	const char *key;

	while ((value = text_next(&l->in, &key, value))) {
		char name[TEXT_KEY_MAX + 1] = "";

		memcpy(name, key, value - 1 - key);
		if ((!strcmp(name, "HeaderDigest") ||
		     !strcmp(name, "DataDigest")) && strcmp(value, "None"))
			return result_fail(l->res, EX_PROTOCOL,
					   "%s: the target does not agree to %s=None",
					   l->conn.step->name, name);
		answer(l, name);
	}
	return 0;
}

static int negotiate(struct login *l)
{
	bool transit;

	l->csg = STAGE_OPERATIONAL;
	for (size_t i = 0; i < OPERATIONAL; i++) {
		if (operational[i].discovery || l->opt->target)
			text_put(&l->out, operational[i].key,
				 operational[i].value);
	}
	do {
		if (login_ask(l, "operational", STAGE_FULL_FEATURE, &transit) ||
		    answer_all(l))
			return -1;
	} while (!transit);
	if (!l->tsih)
		return protocol_error(l, "ends the login without a TSIH");
	return 0;
}

/* Close the session, so that the target need not find out by itself */
static int logout(struct login *l)
{
	uint8_t *bhs = l->pdu.octets;
	uint8_t opcode;

	memset(bhs, 0, BHS_LEN);
	bhs[0] = IMMEDIATE | OP_LOGOUT;
	bhs[1] = FLAG_T;		/* reason 0: close the session */
	put_be32(bhs + 16, l->itt + 1);
	put_be32(bhs + 24, CMDSN);
	put_be32(bhs + 28, l->expstatsn);
	l->pdu.len = 0;
	if (conn_send(&l->conn, "logout", &l->pdu))
		return -1;
	do {
		if (conn_recv(&l->conn, &l->pdu))
			return -1;
		opcode = bhs[0] & 0x3f;
	} while (opcode == OP_NOP_IN || opcode == OP_ASYNC);
	if (opcode != OP_LOGOUT_RSP)
		return protocol_error(l, "is no Logout Response");
	if (bhs[2])
		return result_fail(l->res, EX_PROTOCOL,
				   "logout: the target does not close the session (response %u)",
				   bhs[2]);
	return 0;
}

static int log_in(struct login *l)
{
	const struct options *opt = l->opt;

	if (getrandom(&l->itt, sizeof(l->itt), 0) != sizeof(l->itt) ||
	    getrandom(l->isid, sizeof(l->isid), 0) != sizeof(l->isid))
		return result_fail(l->res, EX_OSERR, "no random numbers");
	l->itt &= 0x7fffffff;		/* all ones is reserved */
	l->isid[0] = 0x80;		/* type "random" */
	l->expstatsn = 0;
	l->csg = STAGE_SECURITY;
	l->tsih = 0;
	l->out.len = 0;
	l->out.overflow = false;

	text_put(&l->out, "InitiatorName", opt->initiator);
	text_put(&l->out, "SessionType", opt->target ? "Normal" : "Discovery");
	if (opt->target)
		text_put(&l->out, "TargetName", opt->target);
	if (auth_run(l) || negotiate(l))
		return -1;
	return 0;
}

/**
 * login_run() - Log in and out
 * @l: opt, password, password_len, guess and srp are filled in
 * @res: result
 */
void login_run(struct login *l, struct result *res)
{
	memset(res, 0, sizeof(*res));
	l->res = res;
	res->begin = clock_ns(CLOCK_MONOTONIC);
	if (!conn_open(&l->conn, l->opt, res) && !log_in(l)) {
		res->end = clock_ns(CLOCK_MONOTONIC);
		logout(l);
	}
	res->closed = clock_ns(CLOCK_MONOTONIC);
	if (!res->end || l->opt->count_logout)
		res->end = res->closed;
	conn_close(&l->conn);
	if (l->srp)
		OPENSSL_cleanse(l->srp, sizeof(*l->srp));
}
