// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logins by CHAP and without authentication, with random numbers that are
 * none: prints all that is sent and logged. check.sh compares what the plain
 * and the patched open-iscsi print, which must be the same.
 */
#include <stdio.h>
#include <string.h>

#include "peer.h"

/* In place of libcrypto's */
int RAND_bytes(unsigned char *out, int count)
{
	memset(out, 0x5a, count);
	return 1;
}

#define END { 0, NULL, 0 }
#define REPEAT16(s) s s s s s s s s s s s s s s s s
#define CHALLENGE "0x" REPEAT16("3c")

/* What the target answers to 5a and 32 octets 5a, with "password4321" */
#define RESPONSE \
	"0x82f91cb5e6da6794e8eab9d8098ca6da852bc0f6853978172d5204553d766ca8"

static const struct chap_case {
	const char *name;
	const char *username, *password, *username_in, *password_in;
	struct peer_reply replies[8];
} cases[] = {
	{ "one way, MD5", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\nTargetPortalGroupTag=1\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		{ PEER_TO_OP, "", 0 }, { PEER_OP_END, "", 0 }, END } },
	{ "one way, base64 challenge, SHA256", "alice", "password1234", NULL,
		NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=7\nCHAP_I=200\nCHAP_C=0bAAECAwQFBgcICQoLDA0ODw==\n", 0 },
		{ PEER_TO_OP, "", 0 }, { PEER_OP_END, "", 0 }, END } },
	{ "mutual, SHA256", "alice", "password1234", "target",
		"password4321", {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=7\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		{ PEER_TO_OP, "CHAP_N=target\nCHAP_R=" RESPONSE "\n", 0 },
		{ PEER_OP_END, "", 0 }, END } },
	{ "mutual, wrong response", "alice", "password1234", "target",
		"password4321", {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=7\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		{ PEER_TO_OP, "CHAP_N=target\nCHAP_R=0x" REPEAT16("5a5a") "\n", 0 },
		END } },
	{ "mutual, wrong name", "alice", "password1234", "target",
		"password4321", {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		{ PEER_TO_OP, "CHAP_N=other\nCHAP_R=0x" REPEAT16("00") "\n", 0 },
		END } },
	{ "mutual, no response", "alice", "password1234", "target",
		"password4321", {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		{ PEER_TO_OP, "", 0 }, END } },
	{ "None, one way", "alice", "password1234", NULL, NULL, {
		{ PEER_TO_OP, "AuthMethod=None\n", 0 },
		{ PEER_OP_END, "", 0 }, END } },
	{ "None, mutual", "alice", "password1234", "target", "password4321", {
		{ 0, "AuthMethod=None\n", 0 }, END } },
	{ "Reject, one way", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=Reject\n", 0 }, { PEER_TO_OP, "", 0 },
		{ PEER_OP_END, "", 0 }, END } },
	{ "SRP chosen", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=SRP\n", 0 }, { PEER_TO_OP, "", 0 },
		{ PEER_OP_END, "", 0 }, END } },
	{ "SRP chosen, mutual", "alice", "password1234", "target",
		"password4321", { { 0, "AuthMethod=SRP\n", 0 }, END } },
	{ "no AuthMethod", "alice", "password1234", NULL, NULL, {
		{ 0, "TargetAlias=disk\n", 0 }, END } },
	{ "algorithm not offered", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=9\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 }, END } },
	{ "key twice", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		END } },
	{ "key in the wrong step", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\nCHAP_A=5\n", 0 }, END } },
	{ "unknown key", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\nX-key=5\n", 0 }, END } },
	{ "SRP's key", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nSRP_GROUP=SRP-1536\n", 0 }, END } },
	{ "SRP's key with AuthMethod", "alice", "password1234", NULL, NULL, {
		{ 0, "SRP_s=0x00\nAuthMethod=CHAP\n", 0 }, END } },
	{ "challenge too long", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=7\nCHAP_C=0x"
		  REPEAT16(REPEAT16("01010101")) "01\n", 0 }, END } },
	{ "longest challenge", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=7\nCHAP_C=0x"
		  REPEAT16(REPEAT16("01010101")) "\n", 0 },
		{ PEER_TO_OP, "", 0 }, { PEER_OP_END, "", 0 }, END } },
	{ "value too long", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=" REPEAT16(REPEAT16("7")) "\nCHAP_C="
		  CHALLENGE "\n", 0 }, END } },
	{ "text too long", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=" REPEAT16("CHAP,CHAP,CHAP,") "\nCHAP_A="
		  REPEAT16("5555555555555,,") "\nCHAP_N="
		  REPEAT16("5555555555555,,") "\nCHAP_R="
		  REPEAT16("5555555555555,,") "\nCHAP_I="
		  REPEAT16("5555555555555,,") "\n", 0 }, END } },
	{ "T bit not asked for", "alice", "password1234", "target",
		"password4321", { { PEER_TO_OP, "AuthMethod=CHAP\n", 0 }, END } },
	{ "T bit too early", "alice", "password1234", NULL, NULL, {
		{ PEER_TO_OP, "AuthMethod=CHAP\n", 0 }, END } },
	{ "rejected", "alice", "password1234", NULL, NULL, {
		{ 0, "AuthMethod=CHAP\n", 0 },
		{ 0, "CHAP_A=5\nCHAP_I=7\nCHAP_C=" CHALLENGE "\n", 0 },
		{ 0, "", 0x0201 }, END } },
	{ "no authentication", NULL, NULL, NULL, NULL, {
		{ PEER_OP_END, "", 0 }, END } },
};

static void run(const struct chap_case *c, int type)
{
	const unsigned int algorithms[] = { 7, 6, 5, ~0u, ~0u };
	struct iscsi_session *session = peer_session(type);
	enum iscsi_login_status rc;
	int i, status;

	memcpy(session->chap_algs, algorithms, sizeof(session->chap_algs));
	if (c->username) {
		strcpy(session->username, c->username);
		strcpy((char *)session->password, c->password);
		session->password_length = strlen(c->password);
	} else
		session->num_auth_buffers = 0;
	if (c->username_in) {
		strcpy(session->username_in, c->username_in);
		strcpy((char *)session->password_in, c->password_in);
		session->password_in_length = strlen(c->password_in);
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
