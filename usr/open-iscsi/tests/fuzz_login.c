// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: a login to a hostile target. By SRP it succeeds only if the target has
 * proved itself, and inside TLS its certificate; no password is ever sent.
 */
#include "lib/tests/replies.h"
#include "peer.h"
#include "srp_vectors.h"
#include "srp.h"

#define PASSWORD	"password123"
#define CERT_LEN	32

static const struct srp_vector *vector = &srp_vectors[0];
static struct replies replies;

int RAND_priv_bytes(unsigned char *out, int count);

/* Replaces libcrypto's: the initiator's a is the vector's */
int RAND_priv_bytes(unsigned char *out, int count)
{
	if (count != (int)vector->a.len)
		return 0;
	memcpy(out, vector->a.p, count);
	return 1;
}

static int is_srp(void)
{
	return (replies.how & HOW_METHOD) <= HOW_SRP_ONE_WAY;
}

static int is_mutual(void)
{
	return (replies.how & HOW_METHOD) == HOW_SRP;
}

/* The buffers of the authentication are allocated, so that each has its end */
static struct iscsi_session *make_session(void)
{
	struct iscsi_session *session = peer_session(replies.how & HOW_DISCOVERY ?
						     ISCSI_SESSION_TYPE_DISCOVERY :
						     ISCSI_SESSION_TYPE_NORMAL);
	struct auth_buffer_desc *buffers = session->auth_buffers;
	char bad[2];
	int i;

	for (i = 0; i < session->num_auth_buffers; i++) {
		buffers[i].address = calloc(1, buffers[i].length);
		demand(buffers[i].address);
	}
	if (is_srp()) {
		strcpy(session->srp_username, "alice");
		strcpy(session->srp_password, PASSWORD);
		/* The large groups are only slower */
		demand(!srp_groups_parse("SRP-768", &session->srp_groups, bad,
					 sizeof(bad)));
		session->srp_group = srp_group_find("SRP-768", 7);
		session->bidirectional_auth = is_mutual();
	} else {
		session->chap_algs[0] = AUTH_CHAP_ALG_SHA256;
		session->chap_algs[1] = AUTH_CHAP_ALG_MD5;
	}
	if ((replies.how & HOW_METHOD) == HOW_CHAP) {
		strcpy(session->username, "alice");
		strcpy((char *)session->password, PASSWORD);
		session->password_length = strlen(PASSWORD);
	}
	if (replies.how & HOW_TLS) {
		memset(session->conn[0].tls_cert, 0x9a, CERT_LEN);
		session->conn[0].tls_cert_len = CERT_LEN;
	}
	return session;
}

static void check_success(const struct iscsi_session *session)
{
	unsigned char bind[SRP_BIND_LEN];

	if (!is_srp())
		return;
	if (is_mutual())
		demand(replies_have(&replies, vector->HM.p, vector->HM.len));
	if (replies.how & HOW_TLS) {
		demand(srp_bind(vector->K.p, 'T', session->conn[0].tls_cert,
				CERT_LEN, bind) == SRP_OK);
		demand(replies_have(&replies, bind, sizeof(bind)));
	}
	demand(strstr(peer_log, "authenticated by SRP"));
}

static void check_wiped(const struct iscsi_session *session)
{
	const struct auth_srp *srp =
		&((struct iscsi_acl *)session->auth_buffers[0].address)->srp;
	size_t i;

	for (i = 0; i < sizeof(srp->a); i++)
		demand(!srp->a[i]);
	for (i = 0; i < sizeof(srp->x); i++)
		demand(!srp->x[i]);
	for (i = 0; i < sizeof(srp->hm); i++)
		demand(!srp->hm[i]);
}

static int log_in(struct iscsi_session *session)
{
	struct peer_reply script[REPLIES_MAX + 1] = { { NULL } };
	char *buffer = malloc(ISCSI_DEF_MAX_RECV_SEG_LEN);
	uint8_t class = 0, detail = 0;
	enum iscsi_login_status rc;
	size_t i;

	demand(buffer);
	for (i = 0; i < replies.count; i++)
		script[i] = (struct peer_reply){
			replies.reply[i].text, replies.reply[i].flags,
			replies.reply[i].class << 8 | replies.reply[i].detail,
		};
	peer_script(script);
	rc = iscsi_login(session, 0, buffer, ISCSI_DEF_MAX_RECV_SEG_LEN, &class,
			 &detail);
	free(buffer);
	return rc == LOGIN_OK && !class;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iscsi_session *session;
	int i, good;

	replies_read(&replies, data, size);
	session = make_session();
	good = log_in(session);
	if (good) {
		check_success(session);
		check_wiped(session);
	}
	for (i = 0; i < peer_count; i++)
		demand(!strstr(peer_requests[i].text, PASSWORD));
	/* The log may quote the target */
	demand(!strstr(peer_log, PASSWORD) || replies_say(&replies, PASSWORD));
	accepted(good);

	for (i = 0; i < session->num_auth_buffers; i++)
		free(session->auth_buffers[i].address);
	free(session->target_alias);
	session->target_alias = NULL;
	replies_free(&replies);
	return 0;
}
