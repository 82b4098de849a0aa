// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a record to a session: which settings make one by SRP, which are
 * refused, and what of it goes to the kernel.
 */
#include "tap.h"
#include "peer.h"
#include "idbm.h"
#include "iscsi_err.h"
#include "iscsi_if.h"
#include "iscsi_ipc.h"
#include "srp_config.h"
#include "transport.h"

static char to_kernel[16384];		/* "PARAMETER=value\n" */

static int set_param(uint64_t handle, uint32_t sid, uint32_t cid,
		     enum iscsi_param param, void *value, int type)
{
	size_t used = strlen(to_kernel);

	(void)handle;
	(void)sid;
	(void)cid;
	if (type == ISCSI_STRING)
		snprintf(to_kernel + used, sizeof(to_kernel) - used,
			 "%d=%s\n", param, (char *)value);
	return 0;
}

static struct iscsi_ipc kernel = { .set_param = set_param };
struct iscsi_ipc *ipc = &kernel;

int iscsi_sysfs_session_supports_nop(int sid)
{
	(void)sid;
	return 1;
}

static struct iscsi_auth_config srp(void)
{
	struct iscsi_auth_config auth = {
		.authmethod = ISCSI_AUTH_METHOD_SRP,
		.srp_username = "alice",
		.srp_password = "correct horse",
		.srp_groups = SRP_GROUPS_DEFAULT,
		.srp_target_auth = 1,
		/* CHAP's: must be left alone */
		.username = "chap",
		.password = "chap's password",
		.password_length = 15,
		.username_in = "chap in",
		.password_in = "chap's other one",
		.password_in_length = 16,
	};

	return auth;
}

/* iscsi_setup_authentication() for these settings */
static struct iscsi_session *setup(struct iscsi_auth_config *auth, int type,
				   int *rc)
{
	static const struct peer_reply nothing[1];
	struct iscsi_session *session = peer_session(type);

	peer_script(nothing);
	session->t->caps = 0;
	session->num_auth_buffers = 0;
	*rc = iscsi_setup_authentication(session, auth);
	return session;
}

static void refused(const char *name, struct iscsi_auth_config auth,
		    const char *log)
{
	struct iscsi_session *session;
	int rc;

	session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	expect(rc == ISCSI_ERR_LOGIN_AUTH_FAILED);
	expect(!session->num_auth_buffers && !session->srp_groups);
	if (!strstr(peer_log, log) || !strstr(peer_log, "node.session.auth."))
		wrong("'%s' is not in the log: %s", log, peer_log);
	expect(!strstr(peer_log, "correct horse"));

	session = setup(&auth, ISCSI_SESSION_TYPE_DISCOVERY, &rc);
	expect(rc == ISCSI_ERR_LOGIN_AUTH_FAILED);
	if (!strstr(peer_log, "discovery.sendtargets.auth."))
		wrong("the log does not name discovery: %s", peer_log);
	test("setup/%s", name);
}

static void settings(void)
{
	struct iscsi_auth_config auth = srp();
	struct iscsi_session *session;
	int rc;

	session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	expect(!rc && session->num_auth_buffers == 5);
	expect(!strcmp(session->srp_username, "alice"));
	expect(!strcmp(session->srp_password, "correct horse"));
	expect(session->bidirectional_auth && session->srp_groups);
	expect(!session->password_length && !session->password[0]);
	expect(!session->password_in_length && !session->password_in[0]);
	expect(!session->username_in[0]);
	expect(!*peer_log);
	test("setup/SRP leaves CHAP's credentials out");

	strcpy((char *)auth.password_in, auth.srp_password);
	setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	expect(!rc && strstr(peer_log, "is a password of CHAP, too"));
	expect(!strstr(peer_log, "horse"));
	auth = srp();
	test("setup/CHAP has the same password");

	auth.srp_target_auth = 0;
	session = setup(&auth, ISCSI_SESSION_TYPE_DISCOVERY, &rc);
	expect(!rc && session->srp_groups && !session->bidirectional_auth);
	test("setup/one way, discovery");

	auth = srp();
	auth.authmethod = ISCSI_AUTH_METHOD_CHAP;
	session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	expect(!rc && !session->srp_groups && !session->srp_password[0]);
	expect(!strcmp(session->username, "chap") && session->password_length);
	expect(session->bidirectional_auth);
	test("setup/CHAP with SRP's settings there");

	auth = srp();
	auth.srp_username[0] = '\0';
	refused("no user", auth, "srp_username is not set");
	auth = srp();
	auth.srp_password[0] = '\0';
	refused("no password", auth, "srp_password is not set");
	auth = srp();
	strcpy(auth.srp_groups, "SRP-1536,SRP-1537");
	refused("unknown group", auth, "unknown group 'SRP-1537'");
	auth = srp();
	auth.srp_groups[0] = '\0';
	refused("no group", auth, "names no group");
	auth = srp();
	auth.authmethod = ISCSI_AUTH_METHOD_NONE;
	auth.password_length = auth.password_in_length = 0;
	refused("password for SRP, authmethod None", auth,
		"srp_password is set");

	auth.srp_password[0] = '\0';
	auth.username_in[0] = '\0';
	session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	expect(!rc && !session->num_auth_buffers);
	test("setup/None");
}

/* Their names and capabilities are those of Linux 6.12. */
static void transports(void)
{
	static const struct {
		const char *name;
		int caps, refused;
	} table[] = {
		{ "tcp", CAP_RECOVERY_L0 | CAP_MULTI_R2T | CAP_HDRDGST |
		  CAP_DATADGST, 0 },
		{ "iser", CAP_RECOVERY_L0 | CAP_MULTI_R2T | CAP_TEXT_NEGO, 0 },
		{ "bnx2i", CAP_RECOVERY_L0 | CAP_HDRDGST | CAP_MULTI_R2T |
		  CAP_DATADGST | CAP_DATA_PATH_OFFLOAD | CAP_TEXT_NEGO, 1 },
		{ "qedi", CAP_RECOVERY_L0 | CAP_HDRDGST | CAP_MULTI_R2T |
		  CAP_DATADGST | CAP_DATA_PATH_OFFLOAD | CAP_TEXT_NEGO, 1 },
		{ "be2iscsi", CAP_RECOVERY_L0 | CAP_HDRDGST | CAP_TEXT_NEGO |
		  CAP_MULTI_R2T | CAP_DATADGST | CAP_DATA_PATH_OFFLOAD, 1 },
		{ "qla4xxx", CAP_TEXT_NEGO | CAP_DATA_PATH_OFFLOAD |
		  CAP_HDRDGST | CAP_DATADGST | CAP_LOGIN_OFFLOAD |
		  CAP_MULTI_R2T, 1 },
	};
	struct iscsi_auth_config auth = srp();
	struct iscsi_session *session;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		static const struct peer_reply nothing[1];

		session = peer_session(ISCSI_SESSION_TYPE_NORMAL);
		peer_script(nothing);
		session->t->caps = table[i].caps;
		strcpy(session->t->name, table[i].name);
		session->num_auth_buffers = 0;
		rc = iscsi_setup_authentication(session, &auth);
		if (table[i].refused) {
			expect(rc == ISCSI_ERR_LOGIN_AUTH_FAILED);
			expect(!session->num_auth_buffers);
			expect(strstr(peer_log, table[i].name));
		} else
			expect(!rc && session->num_auth_buffers);
		test("setup/transport %s", table[i].name);
	}
}

static void kernel_parameters(void)
{
	struct iscsi_auth_config auth = srp();
	struct iscsi_session *session;
	char wanted[64];
	int rc, target_auth;

	session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	*to_kernel = '\0';
	expect(!iscsi_session_set_params(&session->conn[0]));
	expect(!strstr(to_kernel, "correct horse"));
	expect(!strstr(to_kernel, "chap"));
	sprintf(wanted, "%d=SRP:alice\n", ISCSI_PARAM_USERNAME);
	expect(strstr(to_kernel, wanted));
	sprintf(wanted, "%d=\n", ISCSI_PARAM_PASSWORD);
	expect(strstr(to_kernel, wanted));
	test("kernel/SRP: no password, the user has a mark");

	for (target_auth = 0; target_auth < 2; target_auth++) {
		auth.srp_target_auth = target_auth;
		session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
		session->srp_group = srp_group_find("MODP-3072", 9);
		*to_kernel = '\0';
		expect(!iscsi_session_set_neg_params(&session->conn[0]));
		sprintf(wanted, "%d=SRP:MODP-3072,%s\n",
			ISCSI_PARAM_USERNAME_IN,
			target_auth ? "mutual" : "one-way");
		expect(!strcmp(to_kernel, wanted));
		test("kernel/SRP: how the login went, %d", target_auth);
	}

	auth.authmethod = ISCSI_AUTH_METHOD_CHAP;
	session = setup(&auth, ISCSI_SESSION_TYPE_NORMAL, &rc);
	*to_kernel = '\0';
	expect(!iscsi_session_set_neg_params(&session->conn[0]));
	expect(!*to_kernel);
	expect(!iscsi_session_set_params(&session->conn[0]));
	sprintf(wanted, "%d=chap's password\n", ISCSI_PARAM_PASSWORD);
	expect(strstr(to_kernel, wanted));
	expect(!strstr(to_kernel, "SRP:") &&
	       !strstr(to_kernel, "correct horse"));
	test("kernel/CHAP: as before");

	memset(&auth, 0, sizeof(auth));
	strcpy(auth.username, "SRP:alice");
	expect(srp_config_in_sysfs(&auth));
	auth.password_length = 3;
	expect(!srp_config_in_sysfs(&auth));
	auth.password_length = 0;
	strcpy(auth.username, "alice");
	expect(!srp_config_in_sysfs(&auth));
	test("kernel/the mark is recognised");
}

static void parameters(void)
{
	static const struct {
		const char *key, *value;
		int ok;
	} table[] = {
		{ "srp_username", "alice", 1 },
		{ "srp_username", "al ice:\xc3\xa9", 1 },
		{ "srp_username", "", 1 },		/* unset */
		{ "srp_username", " alice", 0 },
		{ "srp_username", "alice\t", 0 },
		{ "srp_username", "al\nice", 0 },
		{ "srp_username", "al\x7fice", 0 },
		{ "srp_password", "correct horse", 1 },
		{ "srp_password", "correct horse ", 0 },
		{ "srp_groups", "MODP-8192", 1 },
		{ "srp_groups", "MODP-8192, SRP-768", 1 },
		{ "srp_groups", "MODP-8193", 0 },
		{ "srp_groups", "", 0 },
		{ "srp_target_auth", "Yes", 1 },
		{ "srp_target_auth", "No", 1 },
		{ "srp_target_auth", "yes", 0 },
		{ "srp_target_auth", "", 0 },
		{ "srp_target_auth", "1", 0 },
		{ "password", " any ", 1 },		/* CHAP's */
	};
	static const char *const prefix[] = {
		SRP_CONFIG_NODE, SRP_CONFIG_DISCOVERY
	};
	static const struct peer_reply nothing[1];
	char name[128], value[SRP_NAME_MAX + 2];
	size_t i, j;
	int ok;

	for (j = 0; j < 2; j++) {
		for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			sprintf(name, "%s%s", prefix[j], table[i].key);
			peer_script(nothing);
			ok = !srp_config_check_param(name, table[i].value);
			if (ok != table[i].ok)
				wrong("%s = '%s'", name, table[i].value);
			if (ok ? *peer_log : !strstr(peer_log, name))
				wrong("%s = '%s' logs %s", name,
				      table[i].value, peer_log);
			expect(!strstr(peer_log, "horse"));
		}
		memset(value, 'x', sizeof(value) - 1);
		value[SRP_NAME_MAX] = '\0';
		sprintf(name, "%ssrp_password", prefix[j]);
		expect(!srp_config_check_param(name, value));
		value[SRP_NAME_MAX] = 'x';
		value[SRP_NAME_MAX + 1] = '\0';
		expect(srp_config_check_param(name, value));
		expect(strstr(peer_log, "256 octets") &&
		       strstr(peer_log, "at most 255"));
		test("values of %s", prefix[j]);
	}
	expect(!srp_config_check_param("node.startup", "x"));
	expect(!srp_config_check_param("host.auth.srp_groups", "x"));
	test("values of other keys");
}

int main(void)
{
	settings();
	transports();
	kernel_parameters();
	parameters();

	return tap_end(20);
}
