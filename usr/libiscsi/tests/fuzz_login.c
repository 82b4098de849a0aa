// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: a login of libiscsi by SRP to a hostile target. It succeeds only if the
 * target has proved itself; no password is ever sent, and no key of CHAP.
 */
#include "lib/tests/replies.h"
#include "srp_vectors.h"
#include "iscsi.h"
#include "iscsi-private.h"
#include "srp.h"

#define PASSWORD	"password123"

static const struct srp_vector *vector = &srp_vectors[0];
static struct replies replies;
static int result, results;

const struct srp_group *__wrap_srp_choose_group(const char *list,
						const struct srp_group *min);
const struct srp_group *__real_srp_choose_group(const char *list,
						const struct srp_group *min);

/* The vector's group, even if there are others in front: they are only slower */
const struct srp_group *__wrap_srp_choose_group(const char *list,
						const struct srp_group *min)
{
	const struct srp_group *group = __real_srp_choose_group(list, min);

	if (group && strstr(list, vector->group_name))
		group = srp_find_group(vector->group_name, strlen(vector->group_name));
	return group;
}

static void log_message(int level, const char *message)
{
	/* It may quote the target */
	demand(!strstr(message, PASSWORD) || replies_say(&replies, PASSWORD));
}

static void login_done(struct iscsi_context *iscsi, int status, void *data,
		       void *private_data)
{
	result = status;
	results++;
}

static bool sent(const struct iscsi_pdu *pdu, const char *text)
{
	return memmem(pdu->outdata.data + ISCSI_RAW_HEADER_SIZE,
		      pdu->outdata.size - ISCSI_RAW_HEADER_SIZE, text, strlen(text));
}

/* In place of the network */
static int take_request(struct iscsi_context *iscsi, struct iscsi_pdu *pdu)
{
	demand(!sent(pdu, PASSWORD));
	demand(!sent(pdu, "CHAP"));
	if (sent(pdu, "AuthMethod=")) {
		demand(sent(pdu, "AuthMethod=SRP"));
		memcpy(iscsi->srp->a, vector->a.p, SRP_A_SIZE);
	}
	iscsi->drv->free_pdu(iscsi, pdu);
	return 0;
}

/* The text is allocated, so that it has its end */
static void give(struct iscsi_context *iscsi, const struct reply *reply)
{
	unsigned char header[ISCSI_RAW_HEADER_SIZE] = { ISCSI_PDU_LOGIN_RESPONSE,
							reply->flags };
	struct iscsi_pdu pdu = { .callback = login_done };
	struct iscsi_in_pdu in = { .hdr = header };
	size_t size = strlen(reply->text), i;

	header[36] = reply->class;
	header[37] = reply->detail;
	in.data = malloc(size ? size : 1);
	demand(in.data);
	for (i = 0; i < size; i++)
		in.data[i] = reply->text[i] == '\n' ? '\0' : reply->text[i];
	in.data_pos = size;
	iscsi_process_login_reply(iscsi, &pdu, &in);
	free(in.data);
}

static struct iscsi_context *make_context(struct iscsi_transport *transport)
{
	struct iscsi_context *iscsi = iscsi_create_context("iqn.2026-01.org.example:i");

	demand(iscsi);
	*transport = *iscsi->drv;
	transport->queue_pdu = take_request;
	iscsi->drv = transport;
	iscsi_set_log_level(iscsi, 10);
	iscsi_set_log_fn(iscsi, log_message);
	iscsi_set_session_type(iscsi, replies.how & HOW_DISCOVERY ?
			       ISCSI_SESSION_DISCOVERY : ISCSI_SESSION_NORMAL);
	iscsi_set_targetname(iscsi, "iqn.2026-01.org.example:t");
	iscsi_set_initiator_username_pwd(iscsi, "alice", PASSWORD);
	iscsi_set_auth_method(iscsi, ISCSI_AUTH_SRP);
	iscsi_set_srp_min_group(iscsi, vector->group_name);
	iscsi_set_srp_target_auth(iscsi, (replies.how & HOW_METHOD) == HOW_SRP);
	return iscsi;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iscsi_transport transport;
	struct iscsi_context *iscsi;
	size_t i;
	bool good;

	replies_read(&replies, data, size);
	/* The patches do not change the other methods */
	if ((replies.how & HOW_METHOD) > HOW_SRP_ONE_WAY) {
		accepted(true);
		replies_free(&replies);
		return 0;
	}
	iscsi = make_context(&transport);
	results = 0;
	demand(!iscsi_login_async(iscsi, login_done, NULL));
	for (i = 0; i < replies.count && !results; i++)
		give(iscsi, &replies.reply[i]);
	demand(results <= 1);
	good = results && result == SCSI_STATUS_GOOD;
	demand(good == !!iscsi_is_logged_in(iscsi));
	if (good) {
		if ((replies.how & HOW_METHOD) == HOW_SRP)
			demand(replies_have(&replies, vector->HM.p, vector->HM.len));
		demand(!iscsi->srp);
	}
	accepted(good);
	iscsi_destroy_context(iscsi);
	replies_free(&replies);
	return 0;
}
