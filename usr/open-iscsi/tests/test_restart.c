// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iscsid starts while sessions are up: the credentials that each one keeps.
 * The code under test is static, hence the inclusion of iscsid.c.
 */
#include "cases.h"
#define main iscsid_main
#include "iscsid.c"
#undef main
#include "idbm_fields.h"

static struct iscsi_auth_config in_sysfs, in_record, in_conf, sent;
static int have_record, requests;
static int tls_used, tls_in_conf, tls_sent;
static char log_text[4096];

int log_level;

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(log_text, sizeof(log_text), format, args);
	va_end(args);
}

void log_warning(const char *format, ...) { }
void log_debug(int level, const char *format, ...) { }

struct iscsi_transport *iscsi_sysfs_get_transport_by_sid(uint32_t sid)
{
	static struct iscsi_transport_template template;
	static struct iscsi_transport tcp = { .template = &template };

	return &tcp;
}

int iscsi_sysfs_session_user_created(int sid)
{
	return 1;
}

void iscsi_sysfs_get_negotiated_session_conf(int sid,
			struct iscsi_session_operational_config *conf)
{
	memset(conf, 0xff, sizeof(*conf));
}

void iscsi_sysfs_get_negotiated_conn_conf(int sid,
			struct iscsi_conn_operational_config *conf)
{
	memset(conf, 0xff, sizeof(*conf));
}

int iscsi_match_session(void *data, struct session_info *info)
{
	return 1;
}

void iface_copy(struct iface_rec *dst, struct iface_rec *src) { }

void iscsi_sysfs_get_auth_conf(int sid, struct iscsi_auth_config *conf)
{
	*conf = in_sysfs;
}

void idbm_node_setup_from_conf(node_rec_t *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->session.auth = in_conf;
	rec->conn[0].tls.use = tls_in_conf;
}

bool tls_was_used(unsigned int sid)
{
	assert_int_equal(sid, 3);
	return tls_used;
}

int idbm_rec_read(node_rec_t *rec, char *target, int tpgt, char *ip, int port,
		  struct iface_rec *iface, bool disable_lock)
{
	if (!have_record)
		return ISCSI_ERR_IDBM;
	rec->session.auth = in_record;
	return 0;
}

int iscsid_exec_req(iscsiadm_req_t *req, iscsiadm_rsp_t *rsp, int start, int tmo)
{
	if (req->command == MGMT_IPC_SESSION_SYNC) {
		sent = req->u.session.rec.session.auth;
		tls_sent = req->u.session.rec.conn[0].tls.use;
		requests++;
	}
	return 0;
}

static const struct iscsi_auth_config none = {
	.srp_groups = SRP_GROUPS_DEFAULT, .srp_target_auth = 1,
};
/* The record has changed since the login: sysfs decides */
static const struct iscsi_auth_config chap = {
	.authmethod = ISCSI_AUTH_METHOD_CHAP, .username = "chap",
	.password = "another secret", .password_length = 14,
	.srp_groups = SRP_GROUPS_DEFAULT, .srp_target_auth = 1,
};
static const struct iscsi_auth_config srp = {
	.authmethod = ISCSI_AUTH_METHOD_SRP, .srp_username = "alice",
	.srp_password = "correct horse", .srp_groups = "MODP-3072",
	.srp_target_auth = 1,
};
/* What a session leaves in sysfs */
static const struct iscsi_auth_config sysfs_srp = { .username = "SRP:alice" };
static const struct iscsi_auth_config sysfs_chap = {
	.username = "chap", .password = "secret of chap",
	.password_length = 14,
};
static const struct iscsi_auth_config sysfs_none;

static const struct restart_case {
	const char *name;
	const struct iscsi_auth_config *sysfs, *record, *conf;
	int method;			/* that iscsid uses then; -1: SRP, unusable */
} table[] = {
	{ "SRP, record", &sysfs_srp, &srp, &none, ISCSI_AUTH_METHOD_SRP },
	{ "SRP, record, CHAP in iscsid.conf", &sysfs_srp, &srp, &chap,
		ISCSI_AUTH_METHOD_SRP },
	{ "SRP, no record, SRP in iscsid.conf", &sysfs_srp, NULL, &srp,
		ISCSI_AUTH_METHOD_SRP },
	{ "SRP, no record: stays up", &sysfs_srp, NULL, &none, -1 },
	{ "SRP, no record, CHAP in iscsid.conf: stays up", &sysfs_srp, NULL,
		&chap, -1 },
	{ "SRP, record says None: stays up", &sysfs_srp, &none, &none, -1 },
	{ "SRP, record says CHAP: stays up", &sysfs_srp, &chap, &srp, -1 },
	{ "CHAP, record", &sysfs_chap, &chap, &chap, ISCSI_AUTH_METHOD_CHAP },
	{ "CHAP, record, SRP in iscsid.conf", &sysfs_chap, &chap, &srp,
		ISCSI_AUTH_METHOD_CHAP },
	{ "CHAP, no record, SRP in iscsid.conf", &sysfs_chap, NULL, &srp,
		ISCSI_AUTH_METHOD_CHAP },
	{ "CHAP, record says SRP now", &sysfs_chap, &srp, &none,
		ISCSI_AUTH_METHOD_SRP },
	{ "None, record", &sysfs_none, &none, &none, ISCSI_AUTH_METHOD_NONE },
	{ "None, record, SRP in iscsid.conf", &sysfs_none, &none, &srp,
		ISCSI_AUTH_METHOD_NONE },
	{ "None, record says SRP now", &sysfs_none, &srp, &none,
		ISCSI_AUTH_METHOD_SRP },
};

static void restart(void **state)
{
	const struct restart_case *c = *state;
	struct session_info info = {
		.sid = 3, .targetname = "iqn.2026-01.org.example:disk",
	};

	in_sysfs = *c->sysfs;
	have_record = c->record != NULL;
	if (c->record)
		in_record = *c->record;
	in_conf = *c->conf;
	requests = 0;
	*log_text = '\0';
	assert_int_equal(sync_session(NULL, &info), 0);

	assert_int_equal(requests, 1);
	if (c->method < 0) {
		assert_int_equal(sent.authmethod, ISCSI_AUTH_METHOD_SRP);
		assert_string_equal(sent.srp_password, "");
		assert_int_equal(sent.password_length, 0);
		assert_non_null(strstr(log_text, "session 3 to iqn.2026-01.org.example:disk used SRP"));
		return;
	}
	assert_int_equal(sent.authmethod, c->method);
	assert_string_equal(log_text, "");
	switch (c->method) {
	case ISCSI_AUTH_METHOD_SRP:
		assert_string_equal(sent.srp_username, "alice");
		assert_string_equal(sent.srp_password, "correct horse");
		assert_string_equal(sent.srp_groups, "MODP-3072");
		assert_int_equal(sent.srp_target_auth, 1);
		break;
	case ISCSI_AUTH_METHOD_CHAP:
		assert_string_equal((char *)sent.password, "secret of chap");
		assert_int_equal(sent.password_length, 14);
		assert_string_equal(sent.srp_password, "");
		break;
	case ISCSI_AUTH_METHOD_NONE:
		assert_int_equal(sent.password_length, 0);
		assert_string_equal(sent.srp_password, "");
		break;
	}
}

/* TLS in iscsid.conf is not for a session that has none and no record */
static void restart_tls(void **state)
{
	struct session_info info = {
		.sid = 3, .targetname = "iqn.2026-01.org.example:disk",
	};

	in_sysfs = sysfs_none;
	in_conf = none;
	have_record = 0;
	for (tls_used = 0; tls_used < 2; tls_used++)
		for (tls_in_conf = 0; tls_in_conf < 2; tls_in_conf++) {
			tls_sent = -1;
			assert_int_equal(sync_session(NULL, &info), 0);
			assert_int_equal(tls_sent, tls_used && tls_in_conf);
		}
}

int main(void)
{
	size_t i;

	add(restart_tls, NULL, "restart/TLS in iscsid.conf");
	for (i = 0; i < COUNT(table); i++)
		add(restart, &table[i], "restart/%s", table[i].name);
	return run_cases(NULL);
}
