// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#include "status.h"

#define OP_LOGIN	0x03
#define OP_LOGOUT	0x06
#define OP_NOP_IN	0x20
#define OP_LOGIN_RSP	0x23
#define OP_LOGOUT_RSP	0x26
#define OP_ASYNC	0x32
#define OPCODE		0x3f
#define IMMEDIATE	0x40

#define FLAG_T		0x80	/* F in other PDUs */
#define FLAG_C		0x40

#define CMDSN		1

static void put_be32(uint8_t *at, uint32_t n)
{
	n = htobe32(n);
	memcpy(at, &n, sizeof(n));
}

static uint16_t get_be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get_be32(const uint8_t *at)
{
	return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

/**
 * login_invalid() - Record that the target broke the protocol
 * @l: the login
 * @what: the part of the response that is wrong
 * @why: a verb phrase
 *
 * Return: -1
 */
int login_invalid(struct login *l, const char *what, const char *why)
{
	return result_fail(l->res, EX_PROTOCOL, "%s: the target's %s %s",
			   l->conn.step->name, what, why);
}

static int bad_response(struct login *l, const char *why)
{
	return login_invalid(l, "response", why);
}

/**
 * login_begin() - Begin a login in a session of its own
 * @l: connected
 *
 * Return: 0, or -1 with the failure recorded
 */
int login_begin(struct login *l)
{
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
	return 0;
}

/**
 * login_send() - Send a Login Request
 * @l: has the text in out, which becomes empty
 * @step: name of the step
 * @nsg: next stage to ask for (T bit), or NO_TRANSIT
 *
 * Return: 0, or -1 with the failure recorded
 */
int login_send(struct login *l, const char *step, int nsg)
{
	uint8_t *bhs = l->pdu.bytes;

	if (l->out.overflow)
		return result_fail(l->res, EX_SOFTWARE,
				   "%s: the request needs more than %d bytes of text",
				   step, TEXT_SEND_MAX);
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
	const struct login_status *known = login_status(status);
	const char *address = NULL;

	/* A target that has moved says where */
	if (status >> 8 == 1 && l->in.len + l->pdu.len <= TEXT_MAX_LEN) {
		memcpy(l->in.buf + l->in.len, l->pdu.bytes + BHS_LEN,
		       l->pdu.len);
		l->in.len += l->pdu.len;
		if (!text_problem(&l->in))
			address = text_get(&l->in, "TargetAddress");
	}
	return result_fail(l->res, known->code,
			   "%s: login rejected with status %04x: %s%s%s",
			   l->conn.step->name, status, known->text,
			   address ? " to " : "", address ? address : "");
}

/* Receive one Login Response and append its text to l->in */
static int recv_response(struct login *l)
{
	const uint8_t *bhs = l->pdu.bytes;
	unsigned int status;

	if (conn_recv(&l->conn, &l->pdu))
		return -1;
	if ((bhs[0] & OPCODE) != OP_LOGIN_RSP)
		return bad_response(l, "is not a Login Response");
	/* In a reject nothing else needs to be valid */
	status = get_be16(bhs + 36);
	if (status)
		return rejected(l, status);

	if (memcmp(bhs + 8, l->isid, sizeof(l->isid)) ||
	    get_be32(bhs + 16) != l->itt)
		return bad_response(l, "has a different ISID or Initiator Task Tag than the request");
	l->expstatsn = get_be32(bhs + 24) + 1;
	if (bhs[3])
		return bad_response(l, "has a version other than 0");
	if ((bhs[1] >> 2 & 3) != l->csg)
		return bad_response(l, "belongs to another stage");
	if (bhs[1] & FLAG_T) {
		if (bhs[1] & FLAG_C)
			return bad_response(l, "has both the T bit and the C bit");
		if (l->nsg == NO_TRANSIT)
			return bad_response(l, "has the T bit, but the request did not");
		if ((bhs[1] & 3) != l->nsg)
			return bad_response(l, "leads to a different stage than requested");
		if (l->nsg == STAGE_FULL_FEATURE)
			l->tsih = get_be16(bhs + 14);
	}
	if (l->in.len + l->pdu.len > TEXT_MAX_LEN)
		return bad_response(l, "has more than 16384 bytes of text");
	memcpy(l->in.buf + l->in.len, bhs + BHS_LEN, l->pdu.len);
	l->in.len += l->pdu.len;
	return 0;
}

/**
 * login_recv() - Receive the response to login_send()
 * @l: gets the text in in
 * @transit: set if the target agrees to go to the requested stage
 *
 * As long as a response has the C bit, ask for the next one.
 *
 * Return: 0, or -1 with the failure recorded
 */
int login_recv(struct login *l, bool *transit)
{
	const char *problem;

	l->in.len = 0;
	if (recv_response(l))
		return -1;
	while (l->pdu.bytes[1] & FLAG_C) {
		if (!l->pdu.len)
			return bad_response(l, "has the C bit, but no text");
		if (login_send(l, "continue", NO_TRANSIT) || recv_response(l))
			return -1;
	}
	problem = text_problem(&l->in);
	if (problem)
		return result_fail(l->res, EX_PROTOCOL,
				   "%s: the target's response is malformed: %s",
				   l->conn.step->name, problem);
	*transit = l->pdu.bytes[1] & FLAG_T;
	return 0;
}

/**
 * login_ask() - Send a Login Request and receive the response
 * @l: see login_send() and login_recv()
 * @step: name of the step
 * @nsg: see login_send()
 * @transit: see login_recv()
 *
 * Return: 0, or -1 with the failure recorded
 */
int login_ask(struct login *l, const char *step, int nsg, bool *transit)
{
	if (login_send(l, step, nsg))
		return -1;
	return login_recv(l, transit);
}

/**
 * logout_ask() - Close the session, which the target would otherwise keep
 * @l: logged in
 *
 * Return: 0, or -1 with the failure recorded
 */
int logout_ask(struct login *l)
{
	uint8_t *bhs = l->pdu.bytes;
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
		opcode = bhs[0] & OPCODE;
	} while (opcode == OP_NOP_IN || opcode == OP_ASYNC);
	if (opcode != OP_LOGOUT_RSP)
		return bad_response(l, "is not a Logout Response");
	if (bhs[2])
		return result_fail(l->res, EX_PROTOCOL,
				   "logout: the target does not close the session (response %u)",
				   bhs[2]);
	return 0;
}
