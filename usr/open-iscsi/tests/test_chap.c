// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logins by CHAP and without authentication, with a fixed random number
 * generator. Prints everything that is sent and logged: check.sh compares the
 * output of open-iscsi with and without the patches.
 */
#include <stdio.h>
#include <string.h>

#include "peer.h"

/* Replaces libcrypto's */
int RAND_bytes(unsigned char *out, int count)
{
	memset(out, 0x5a, count);
	return 1;
}

#define REPEAT16(s) s s s s s s s s s s s s s s s s
#define CHALLENGE "0x" REPEAT16("3c")

#define CHAP		{ "AuthMethod=CHAP\n" }
#define CHALLENGE_MD5	{ "CHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n" }
#define CHALLENGE_SHA256 { "CHAP_A=7\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n" }
#define LOGGED_IN	{ "", PEER_OP_END }
#define PASSED		{ "", PEER_TO_OP }, LOGGED_IN

/* The target's response to identifier 5a and challenge 32 times 5a */
#define RESPONSE \
	"0x82f91cb5e6da6794e8eab9d8098ca6da852bc0f6853978172d5204553d766ca8"

static const struct chap_case {
	const char *name;
	enum { NO_AUTH, ONE_WAY, MUTUAL } auth;
	struct peer_reply replies[8];
} cases[] = {
	{ "one way, MD5", ONE_WAY, {
		{ "AuthMethod=CHAP\nTargetPortalGroupTag=1\n" }, CHALLENGE_MD5,
		PASSED } },
	{ "one way, base64 challenge, SHA256", ONE_WAY, { CHAP,
		{ "CHAP_A=7\nCHAP_I=200\nCHAP_C=0bAAECAwQFBgcICQoLDA0ODw==\n" },
		PASSED } },
	{ "mutual, SHA256", MUTUAL, { CHAP, CHALLENGE_SHA256,
		{ "CHAP_N=target\nCHAP_R=" RESPONSE "\n", PEER_TO_OP },
		LOGGED_IN } },
	{ "mutual, wrong response", MUTUAL, { CHAP, CHALLENGE_SHA256,
		{ "CHAP_N=target\nCHAP_R=0x" REPEAT16("5a5a") "\n", PEER_TO_OP } } },
	{ "mutual, wrong name", MUTUAL, { CHAP, CHALLENGE_MD5,
		{ "CHAP_N=other\nCHAP_R=0x" REPEAT16("00") "\n", PEER_TO_OP } } },
	{ "mutual, no response", MUTUAL, { CHAP, CHALLENGE_MD5,
		{ "", PEER_TO_OP } } },
	{ "None, one way", ONE_WAY, { { "AuthMethod=None\n", PEER_TO_OP },
		LOGGED_IN } },
	{ "None, mutual", MUTUAL, { { "AuthMethod=None\n" } } },
	{ "Reject, one way", ONE_WAY, { { "AuthMethod=Reject\n" }, PASSED } },
	{ "SRP chosen", ONE_WAY, { { "AuthMethod=SRP\n" }, PASSED } },
	{ "SRP chosen, mutual", MUTUAL, { { "AuthMethod=SRP\n" } } },
	{ "no AuthMethod", ONE_WAY, { { "TargetAlias=disk\n" } } },
	{ "algorithm not offered", ONE_WAY, { CHAP,
		{ "CHAP_A=9\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n" } } },
	{ "key twice", ONE_WAY, { CHAP,
		{ "CHAP_A=5\nCHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n" } } },
	{ "key in the wrong step", ONE_WAY, {
		{ "AuthMethod=CHAP\nCHAP_A=5\n" } } },
	{ "unknown key", ONE_WAY, { { "AuthMethod=CHAP\nX-key=5\n" } } },
	{ "SRP's key", ONE_WAY, { CHAP,
		{ "CHAP_A=5\nSRP_GROUP=SRP-1536\n" } } },
	{ "SRP's key with AuthMethod", ONE_WAY, {
		{ "SRP_s=0x00\nAuthMethod=CHAP\n" } } },
	{ "challenge too long", ONE_WAY, { CHAP,
		{ "CHAP_A=5\nCHAP_I=7\nCHAP_C=0x"
		  REPEAT16(REPEAT16("01010101")) "01\n" } } },
	{ "longest challenge", ONE_WAY, { CHAP,
		{ "CHAP_A=5\nCHAP_I=7\nCHAP_C=0x"
		  REPEAT16(REPEAT16("01010101")) "\n" }, PASSED } },
	{ "value too long", ONE_WAY, { CHAP,
		{ "CHAP_A=5\nCHAP_I=" REPEAT16(REPEAT16("7")) "\nCHAP_C="
		  CHALLENGE "\n" } } },
	{ "text too long", ONE_WAY, {
		{ "AuthMethod=" REPEAT16("CHAP,CHAP,CHAP,") "\nCHAP_A="
		  REPEAT16("5555555555555,,") "\nCHAP_N="
		  REPEAT16("5555555555555,,") "\nCHAP_R="
		  REPEAT16("5555555555555,,") "\nCHAP_I="
		  REPEAT16("5555555555555,,") "\n" } } },
	{ "T bit not asked for", MUTUAL, { { "AuthMethod=CHAP\n", PEER_TO_OP } } },
	{ "T bit too early", ONE_WAY, { { "AuthMethod=CHAP\n", PEER_TO_OP } } },
	{ "rejected", ONE_WAY, { CHAP, CHALLENGE_MD5, { "", 0, 0x0201 } } },
	{ "no authentication", NO_AUTH, { LOGGED_IN } },
};

static void run(const struct chap_case *c, int type)
{
	const unsigned int algorithms[] = { 7, 6, 5, ~0u, ~0u };
	struct iscsi_session *session = peer_session(type);
	enum iscsi_login_status rc;
	int i, status;

	memcpy(session->chap_algs, algorithms, sizeof(session->chap_algs));
	if (c->auth == NO_AUTH) {
		session->num_auth_buffers = 0;
	} else {
		strcpy(session->username, "alice");
		strcpy((char *)session->password, "password1234");
		session->password_length = 12;
	}
	if (c->auth == MUTUAL) {
		strcpy(session->username_in, "target");
		strcpy((char *)session->password_in, "password4321");
		session->password_in_length = 12;
		session->bidirectional_auth = 1;
	}

	peer_script(c->replies);
	rc = peer_login(session, &status);
	printf("== %s (%s): %d, status %04x, stage %d\n", c->name,
	       type == ISCSI_SESSION_TYPE_NORMAL ? "normal" : "discovery",
	       rc, status, session->conn[0].current_stage);
	for (i = 0; i < peer_count; i++)
		printf("-- flags %02x\n%s", peer_requests[i].flags,
		       peer_requests[i].text);
	printf("-- log\n%s", peer_log);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(&cases[i], ISCSI_SESSION_TYPE_NORMAL);
		run(&cases[i], ISCSI_SESSION_TYPE_DISCOVERY);
	}
	return 0;
}
