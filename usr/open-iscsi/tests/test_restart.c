// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iscsid starts while sessions are up: what each one goes on with. The code
 * under test is static, hence the inclusion.
 */
#include "tap.h"
#define main iscsid_main
#include "iscsid.c"
#undef main
#include "idbm_fields.h"

static struct iscsi_auth_config in_sysfs, in_record, in_conf, sent;
static int have_record, requests;
static char log_text[4096];

int log_level;

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(log_text, sizeof(log_text), format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	(void)format;
}

void log_debug(int level, const char *format, ...)
{
	(void)level;
	(void)format;
}

struct iscsi_transport *iscsi_sysfs_get_transport_by_sid(uint32_t sid)
{
	static struct iscsi_transport_template template;
	static struct iscsi_transport tcp = { .template = &template };

	(void)sid;
	return &tcp;
}

int iscsi_sysfs_session_user_created(int sid)
{
	(void)sid;
	return 1;
}

void iscsi_sysfs_get_negotiated_session_conf(int sid,
			struct iscsi_session_operational_config *conf)
{
	(void)sid;
	memset(conf, 0xff, sizeof(*conf));
}

void iscsi_sysfs_get_negotiated_conn_conf(int sid,
			struct iscsi_conn_operational_config *conf)
{
	(void)sid;
	memset(conf, 0xff, sizeof(*conf));
}

int iscsi_match_session(void *data, struct session_info *info)
{
	(void)data;
	(void)info;
	return 1;
}

void iface_copy(struct iface_rec *dst, struct iface_rec *src)
{
	(void)dst;
	(void)src;
}

void iscsi_sysfs_get_auth_conf(int sid, struct iscsi_auth_config *conf)
{
	(void)sid;
	*conf = in_sysfs;
}

void idbm_node_setup_from_conf(node_rec_t *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->session.auth = in_conf;
}

int idbm_rec_read(node_rec_t *rec, char *target, int tpgt, char *ip, int port,
		  struct iface_rec *iface, bool disable_lock)
{
	(void)target;
	(void)tpgt;
	(void)ip;
	(void)port;
	(void)iface;
	(void)disable_lock;
	if (!have_record)
		return ISCSI_ERR_IDBM;
	rec->session.auth = in_record;
	return 0;
}

int iscsid_exec_req(iscsiadm_req_t *req, iscsiadm_rsp_t *rsp, int start, int tmo)
{
	(void)rsp;
	(void)start;
	(void)tmo;
	if (req->command == MGMT_IPC_SESSION_SYNC) {
		sent = req->u.session.rec.session.auth;
		requests++;
	}
	return 0;
}

static const struct iscsi_auth_config none = {
	.srp_groups = SRP_GROUPS_DEFAULT, .srp_target_auth = 1,
};
/* changed since the session came to be: sysfs counts */
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

/* record may be NULL; method is what iscsid must go on with, or -1 */
static void restart(const char *name, const struct iscsi_auth_config *sysfs,
		    const struct iscsi_auth_config *record,
		    const struct iscsi_auth_config *conf, int method)
{
	struct session_info info = { .sid = 3 };

	strcpy(info.targetname, "iqn.2026-01.org.example:disk");
	in_sysfs = *sysfs;
	have_record = record != NULL;
	if (record)
		in_record = *record;
	in_conf = *conf;
	requests = 0;
	*log_text = '\0';
	expect(!sync_session(NULL, &info));

	if (method < 0) {
		expect(!requests);
		expect(strstr(log_text, "session 3 to iqn.2026-01.org.example:disk used SRP"));
	} else {
		expect(requests == 1);
		expect((int)sent.authmethod == method);
		expect(!*log_text);
	}
	switch (method) {
	case ISCSI_AUTH_METHOD_SRP:
		expect(!strcmp(sent.srp_username, "alice"));
		expect(!strcmp(sent.srp_password, "correct horse"));
		expect(!strcmp(sent.srp_groups, "MODP-3072"));
		expect(sent.srp_target_auth == 1);
		break;
	case ISCSI_AUTH_METHOD_CHAP:
		expect(!strcmp((char *)sent.password, "secret of chap"));
		expect(sent.password_length == 14);
		expect(!sent.srp_password[0]);
		break;
	case ISCSI_AUTH_METHOD_NONE:
		expect(!sent.password_length && !sent.srp_password[0]);
		break;
	}
	test("restart/%s", name);
}

int main(void)
{
	restart("SRP, record", &sysfs_srp, &srp, &none,
		ISCSI_AUTH_METHOD_SRP);
	restart("SRP, record, CHAP in iscsid.conf", &sysfs_srp, &srp, &chap,
		ISCSI_AUTH_METHOD_SRP);
	restart("SRP, no record, SRP in iscsid.conf", &sysfs_srp, NULL, &srp,
		ISCSI_AUTH_METHOD_SRP);
	restart("SRP, no record: left alone", &sysfs_srp, NULL, &none, -1);
	restart("SRP, no record, CHAP in iscsid.conf: left alone", &sysfs_srp,
		NULL, &chap, -1);
	restart("SRP, record says None: left alone", &sysfs_srp, &none, &none,
		-1);
	restart("SRP, record says CHAP: left alone", &sysfs_srp, &chap, &srp,
		-1);
	restart("CHAP, record", &sysfs_chap, &chap, &chap,
		ISCSI_AUTH_METHOD_CHAP);
	restart("CHAP, record, SRP in iscsid.conf", &sysfs_chap, &chap, &srp,
		ISCSI_AUTH_METHOD_CHAP);
	restart("CHAP, no record, SRP in iscsid.conf", &sysfs_chap, NULL, &srp,
		ISCSI_AUTH_METHOD_CHAP);
	restart("CHAP, record says SRP now", &sysfs_chap, &srp, &none,
		ISCSI_AUTH_METHOD_SRP);
	restart("None, record", &sysfs_none, &none, &none,
		ISCSI_AUTH_METHOD_NONE);
	restart("None, record, SRP in iscsid.conf", &sysfs_none, &none, &srp,
		ISCSI_AUTH_METHOD_NONE);
	restart("None, record says SRP now", &sysfs_none, &srp, &none,
		ISCSI_AUTH_METHOD_SRP);

	return tap_end(14);
}
