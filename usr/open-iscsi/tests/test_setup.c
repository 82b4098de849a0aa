// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a record to a session: which settings log in by SRP, which are refused,
 * and what the kernel gets.
 */
#include "cases.h"
#include "text_rule.h"
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

	if (type == ISCSI_STRING)
		snprintf(to_kernel + used, sizeof(to_kernel) - used,
			 "%d=%s\n", param, (char *)value);
	return 0;
}

static struct iscsi_ipc kernel = { .set_param = set_param };
struct iscsi_ipc *ipc = &kernel;

int iscsi_sysfs_session_supports_nop(int sid)
{
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
		/* CHAP's must not be used */
		.username = "chap",
		.password = "chap's password",
		.password_length = 15,
		.username_in = "chap in",
		.password_in = "chap's other one",
		.password_in_length = 16,
	};

	return auth;
}

static struct iscsi_session *session;

static int set_up_transport(const struct iscsi_auth_config *auth, int type,
			    const char *transport, int caps)
{
	static const struct peer_reply nothing[1];

	session = peer_session(type);
	peer_script(nothing);
	strcpy(session->t->name, transport);
	session->t->caps = caps;
	session->num_auth_buffers = 0;
	return iscsi_setup_authentication(session,
					  (struct iscsi_auth_config *)auth);
}

static int set_up(const struct iscsi_auth_config *auth, int type)
{
	return set_up_transport(auth, type, "tcp", 0);
}

#define NORMAL		ISCSI_SESSION_TYPE_NORMAL
#define DISCOVERY	ISCSI_SESSION_TYPE_DISCOVERY

/* Settings that are refused, with a log message that names the key */
static void refused(const struct iscsi_auth_config *auth, const char *log)
{
	assert_int_equal(set_up(auth, NORMAL), ISCSI_ERR_LOGIN_AUTH_FAILED);
	assert_int_equal(session->num_auth_buffers, 0);
	assert_int_equal(session->srp_groups, 0);
	assert_logged(log);
	assert_logged("node.session.auth.");
	assert_not_logged("correct horse");

	assert_int_equal(set_up(auth, DISCOVERY), ISCSI_ERR_LOGIN_AUTH_FAILED);
	assert_logged("discovery.sendtargets.auth.");
}

#define FIELD(name) offsetof(struct iscsi_auth_config, name)

static const struct bad_setting {
	const char *name;
	size_t field;
	const char *value, *log;
} bad_settings[] = {
	{ "no user", FIELD(srp_username), "", "srp_username is not set" },
	{ "no password", FIELD(srp_password), "", "srp_password is not set" },
	{ "unknown group", FIELD(srp_groups), "SRP-1536,SRP-1537",
		"unknown group 'SRP-1537'" },
	{ "no group", FIELD(srp_groups), "", "names no group" },
};

static void bad_setting(void **state)
{
	const struct bad_setting *c = *state;
	struct iscsi_auth_config auth = srp();

	strcpy((char *)&auth + c->field, c->value);
	refused(&auth, c->log);
}

static void password_without_method(void **state)
{
	struct iscsi_auth_config auth = srp();

	auth.authmethod = ISCSI_AUTH_METHOD_NONE;
	auth.password_length = auth.password_in_length = 0;
	refused(&auth, "srp_password is set");
}

static void only_srp(void **state)
{
	const struct iscsi_auth_config auth = srp();

	assert_int_equal(set_up(&auth, NORMAL), 0);
	assert_int_equal(session->num_auth_buffers, 5);
	assert_string_equal(session->srp_username, "alice");
	assert_string_equal(session->srp_password, "correct horse");
	assert_true(session->bidirectional_auth);
	assert_true(session->srp_groups);
	assert_int_equal(session->password_length, 0);
	assert_string_equal((char *)session->password, "");
	assert_int_equal(session->password_in_length, 0);
	assert_string_equal((char *)session->password_in, "");
	assert_string_equal(session->username_in, "");
	assert_string_equal(peer_log, "");
}

static void same_password(void **state)
{
	struct iscsi_auth_config auth = srp();

	strcpy((char *)auth.password_in, auth.srp_password);
	assert_int_equal(set_up(&auth, NORMAL), 0);
	assert_logged("is also a CHAP password");
	assert_not_logged("horse");
}

static void one_way_discovery(void **state)
{
	struct iscsi_auth_config auth = srp();

	auth.srp_target_auth = 0;
	assert_int_equal(set_up(&auth, DISCOVERY), 0);
	assert_true(session->srp_groups);
	assert_false(session->bidirectional_auth);
}

static void chap(void **state)
{
	struct iscsi_auth_config auth = srp();

	auth.authmethod = ISCSI_AUTH_METHOD_CHAP;
	assert_int_equal(set_up(&auth, NORMAL), 0);
	assert_int_equal(session->srp_groups, 0);
	assert_string_equal(session->srp_password, "");
	assert_string_equal(session->username, "chap");
	assert_true(session->password_length);
	assert_true(session->bidirectional_auth);
}

static void none(void **state)
{
	struct iscsi_auth_config auth = srp();

	auth.authmethod = ISCSI_AUTH_METHOD_NONE;
	auth.password_length = auth.password_in_length = 0;
	auth.srp_password[0] = '\0';
	auth.username_in[0] = '\0';
	assert_int_equal(set_up(&auth, NORMAL), 0);
	assert_int_equal(session->num_auth_buffers, 0);
}

/* With the names and capabilities of Linux 6.12 */
static const struct transport_case {
	const char *name;
	int caps, refused;
} transports[] = {
	{ "tcp", CAP_RECOVERY_L0 | CAP_MULTI_R2T | CAP_HDRDGST | CAP_DATADGST,
		0 },
	{ "iser", CAP_RECOVERY_L0 | CAP_MULTI_R2T | CAP_TEXT_NEGO, 0 },
	{ "bnx2i", CAP_RECOVERY_L0 | CAP_HDRDGST | CAP_MULTI_R2T |
		CAP_DATADGST | CAP_DATA_PATH_OFFLOAD | CAP_TEXT_NEGO, 1 },
	{ "qedi", CAP_RECOVERY_L0 | CAP_HDRDGST | CAP_MULTI_R2T |
		CAP_DATADGST | CAP_DATA_PATH_OFFLOAD | CAP_TEXT_NEGO, 1 },
	{ "be2iscsi", CAP_RECOVERY_L0 | CAP_HDRDGST | CAP_TEXT_NEGO |
		CAP_MULTI_R2T | CAP_DATADGST | CAP_DATA_PATH_OFFLOAD, 1 },
	{ "qla4xxx", CAP_TEXT_NEGO | CAP_DATA_PATH_OFFLOAD | CAP_HDRDGST |
		CAP_DATADGST | CAP_LOGIN_OFFLOAD | CAP_MULTI_R2T, 1 },
};

static void transport(void **state)
{
	const struct transport_case *c = *state;
	const struct iscsi_auth_config auth = srp();
	int rc = set_up_transport(&auth, NORMAL, c->name, c->caps);

	assert_int_equal(rc, c->refused ? ISCSI_ERR_LOGIN_AUTH_FAILED : 0);
	assert_int_equal(session->num_auth_buffers != 0, !c->refused);
	if (c->refused)
		assert_logged(c->name);
}

/* Is this parameter in to_kernel? */
static int kernel_gets(enum iscsi_param param, const char *value)
{
	char line[64];

	sprintf(line, "%d=%s\n", param, value);
	return strstr(to_kernel, line) != NULL;
}

static void kernel_srp(void **state)
{
	const struct iscsi_auth_config auth = srp();

	assert_int_equal(set_up(&auth, NORMAL), 0);
	assert_int_equal(iscsi_session_set_params(&session->conn[0]), 0);
	assert_null(strstr(to_kernel, "correct horse"));
	assert_null(strstr(to_kernel, "chap"));
	assert_true(kernel_gets(ISCSI_PARAM_USERNAME, "SRP:alice"));
	assert_true(kernel_gets(ISCSI_PARAM_PASSWORD, ""));
}

static void check_outcome(int target_auth, const char *wanted)
{
	struct iscsi_auth_config auth = srp();
	char line[64];

	auth.srp_target_auth = target_auth;
	assert_int_equal(set_up(&auth, NORMAL), 0);
	session->srp_group = srp_group_find("MODP-3072", 9);
	assert_int_equal(iscsi_session_set_neg_params(&session->conn[0]), 0);
	sprintf(line, "%d=%s\n", ISCSI_PARAM_USERNAME_IN, wanted);
	assert_string_equal(to_kernel, line);
}

static void outcome_one_way(void **state)
{
	check_outcome(0, "SRP:MODP-3072,one-way");
}

static void outcome_mutual(void **state)
{
	check_outcome(1, "SRP:MODP-3072,mutual");
}

static void kernel_chap(void **state)
{
	struct iscsi_auth_config auth = srp();

	auth.authmethod = ISCSI_AUTH_METHOD_CHAP;
	assert_int_equal(set_up(&auth, NORMAL), 0);
	assert_int_equal(iscsi_session_set_neg_params(&session->conn[0]), 0);
	assert_string_equal(to_kernel, "");
	assert_int_equal(iscsi_session_set_params(&session->conn[0]), 0);
	assert_true(kernel_gets(ISCSI_PARAM_PASSWORD, "chap's password"));
	assert_null(strstr(to_kernel, "SRP:"));
	assert_null(strstr(to_kernel, "correct horse"));
}

static void mark(void **state)
{
	struct iscsi_auth_config auth = { .username = "SRP:alice" };

	assert_true(srp_config_in_sysfs(&auth));
	auth.password_length = 3;
	assert_false(srp_config_in_sysfs(&auth));
	auth.password_length = 0;
	strcpy(auth.username, "alice");
	assert_false(srp_config_in_sysfs(&auth));
}

static int check_param(const char *prefix, const char *key, const char *value,
		       char *name)
{
	static const struct peer_reply nothing[1];

	sprintf(name, "%s%s", prefix, key);
	peer_script(nothing);
	return srp_config_check_param(name, value);
}

static void values(void **state)
{
	static const struct {
		const char *key, *value;
		int ok;
	} table[] = {
		{ "srp_username", "alice", 1 },
		{ "srp_username", "", 1 },		/* unset */
		{ "srp_username", "NULL", 0 },
		{ "srp_password", "", 1 },
		{ "srp_password", "NULL", 1 },
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
	char name[128], value[SRP_NAME_MAX + 2] = { 0 };
	size_t i;
	int rc;

	for (i = 0; i < COUNT(table); i++) {
		rc = check_param(*state, table[i].key, table[i].value, name);
		if ((rc == 0) != table[i].ok)
			fail_msg("%s = '%s'", name, table[i].value);
		if (rc)
			assert_logged(name);
		else
			assert_string_equal(peer_log, "");
		assert_not_logged("horse");
	}
	/* iscsi-srp-passwd(8) has the same rule */
	for (i = 0; i < COUNT(text_rule); i++) {
		if (!check_param(*state, "srp_username", text_rule[i].text,
				 name) != text_rule[i].valid ||
		    !check_param(*state, "srp_password", text_rule[i].text,
				 name) != text_rule[i].valid)
			fail_msg("%s = '%s'", name, text_rule[i].text);
	}
	memset(value, 'x', SRP_NAME_MAX);
	assert_int_equal(check_param(*state, "srp_password", value, name), 0);
	value[SRP_NAME_MAX] = 'x';
	assert_int_not_equal(check_param(*state, "srp_password", value, name),
			     0);
	assert_logged("256 bytes");
	assert_logged("at most 255");
}

static void other_keys(void **state)
{
	assert_int_equal(srp_config_check_param("node.startup", "x"), 0);
	assert_int_equal(srp_config_check_param("host.auth.srp_groups", "x"),
			 0);
}

#define PIN "0001020304050607:08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct tls_case {
	const char *name;
	struct iscsi_tls_config tls;
	int method;
	const char *transport;
	unsigned int caps;
	int rc;
	const char *log;
} tls_cases[] = {
	{ "none", { 0 }, 0, "tcp", 0, 0, "" },
	{ "with SRP", { .use = ISCSI_TLS_YES }, ISCSI_AUTH_METHOD_SRP, "tcp",
	  CAP_TLS, 0, "" },
	{ "neither Yes nor No", { .use = ISCSI_TLS_INVALID },
	  ISCSI_AUTH_METHOD_SRP, "tcp", CAP_TLS, ISCSI_ERR_LOGIN_AUTH_FAILED,
	  "tls is not a value" },
	{ "srp, but CHAP", { .use = ISCSI_TLS_YES }, ISCSI_AUTH_METHOD_CHAP,
	  "tcp", CAP_TLS, ISCSI_ERR_LOGIN_AUTH_FAILED,
	  "tls_verify is srp, but authmethod is not SRP" },
	{ "unknown way", { .use = ISCSI_TLS_YES,
	    .verify = ISCSI_TLS_VERIFY_INVALID }, ISCSI_AUTH_METHOD_SRP, "tcp",
	  CAP_TLS, ISCSI_ERR_LOGIN_AUTH_FAILED, "tls_verify is not a value" },
	{ "pin without fingerprint", { .use = ISCSI_TLS_YES,
	    .verify = ISCSI_TLS_VERIFY_PIN }, 0, "tcp", CAP_TLS,
	  ISCSI_ERR_LOGIN_AUTH_FAILED, "tls_fingerprint is not set" },
	{ "pin", { .use = ISCSI_TLS_YES, .verify = ISCSI_TLS_VERIFY_PIN,
	    .fingerprint = PIN }, 0, "tcp", CAP_TLS, 0, "" },
	{ "bad fingerprint", { .use = ISCSI_TLS_YES, .fingerprint = "00:11" },
	  ISCSI_AUTH_METHOD_SRP, "tcp", CAP_TLS, ISCSI_ERR_LOGIN_AUTH_FAILED,
	  "tls_fingerprint is '00:11'" },
	{ "ca without file", { .use = ISCSI_TLS_YES,
	    .verify = ISCSI_TLS_VERIFY_CA }, 0, "tcp", CAP_TLS,
	  ISCSI_ERR_LOGIN_AUTH_FAILED, "tls_ca is not set" },
	{ "ca", { .use = ISCSI_TLS_YES, .verify = ISCSI_TLS_VERIFY_CA,
	    .ca = "/etc/ca.pem" }, ISCSI_AUTH_METHOD_CHAP, "tcp", CAP_TLS, 0,
	  "" },
	{ "another transport", { .use = ISCSI_TLS_YES }, ISCSI_AUTH_METHOD_SRP,
	  "iser", 0xffff, ISCSI_ERR_TRANS_CAPS,
	  "transport iser does not support TLS" },
	{ "kernel without it", { .use = ISCSI_TLS_YES }, ISCSI_AUTH_METHOD_SRP,
	  "tcp", 0x7fff, ISCSI_ERR_TRANS_CAPS,
	  "iscsi_tcp does not support TLS" },
};

static void setup_tls(void **state)
{
	const struct tls_case *c = *state;
	struct iscsi_auth_config auth = srp();
	const struct iscsi_tls_config no_tls = { 0 };

	set_up_transport(&auth, NORMAL, c->transport, c->caps);
	auth.authmethod = c->method;
	assert_int_equal(iscsi_setup_tls(session, &c->tls, &auth, "disk"),
			 c->rc);
	assert_logged(c->log);
	if (c->rc) {
		assert_memory_equal(&session->tls, &no_tls, sizeof(no_tls));
		return;
	}
	assert_memory_equal(&session->tls, &c->tls, sizeof(c->tls));
	assert_string_equal(session->tls_name, "disk");
	/* discovery is in user space */
	if (c->tls.use) {
		set_up_transport(&auth, DISCOVERY, "tcp", 0);
		assert_int_equal(iscsi_setup_tls(session, &c->tls, &auth,
						 "disk"), 0);
	}
}

static int setup(void **state)
{
	*to_kernel = '\0';
	return 0;
}

int main(void)
{
	size_t i;

	add(only_srp, NULL, "setup/SRP leaves CHAP's credentials out");
	add(same_password, NULL, "setup/CHAP has the same password");
	add(one_way_discovery, NULL, "setup/one way, discovery");
	add(chap, NULL, "setup/CHAP with SRP's settings there");
	for (i = 0; i < COUNT(bad_settings); i++)
		add(bad_setting, &bad_settings[i], "setup/%s",
		    bad_settings[i].name);
	add(password_without_method, NULL,
	    "setup/password for SRP, authmethod None");
	add(none, NULL, "setup/None");
	for (i = 0; i < COUNT(transports); i++)
		add(transport, &transports[i], "setup/transport %s",
		    transports[i].name);
	for (i = 0; i < COUNT(tls_cases); i++)
		add(setup_tls, &tls_cases[i], "setup/TLS: %s",
		    tls_cases[i].name);
	add(kernel_srp, NULL, "kernel/SRP: no password, the user has a mark");
	add(outcome_one_way, NULL, "kernel/SRP: how the login went, 0");
	add(outcome_mutual, NULL, "kernel/SRP: how the login went, 1");
	add(kernel_chap, NULL, "kernel/CHAP: as before");
	add(mark, NULL, "kernel/the mark is recognised");
	add(values, SRP_CONFIG_NODE, "values of %s", SRP_CONFIG_NODE);
	add(values, SRP_CONFIG_DISCOVERY, "values of %s", SRP_CONFIG_DISCOVERY);
	add(other_keys, NULL, "values of other keys");

	return run_cases(setup);
}
