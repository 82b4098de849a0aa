// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsid.conf: the SRP settings that new records get from it */
#include <unistd.h>

#include "cases.h"
#include "peer.h"
#include "fw_context.h"
#include "idbm.h"
#include "srp_config.h"
#include "tls_config.h"

static char conf[] = "/tmp/test_conf.XXXXXX";
static char fill[4096];
static node_rec_t node;
static struct iscsi_sendtargets_config disc;
static struct iscsi_auth_config *auth = &node.session.auth;

static char *conf_path(void)
{
	return conf;
}

/* Read this text into the record of a new node and of a new discovery */
static void read_conf(const char *text)
{
	static const struct peer_reply nothing[1];
	FILE *f = fopen(conf, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	peer_script(nothing);
	idbm_node_setup_from_conf(&node);
	idbm_sendtargets_defaults(&disc);
}

static void defaults(void **state)
{
	read_conf("");
	assert_int_equal(auth->authmethod, ISCSI_AUTH_METHOD_NONE);
	assert_string_equal(auth->srp_username, "");
	assert_string_equal(auth->srp_password, "");
	assert_string_equal(auth->srp_groups, SRP_GROUPS_DEFAULT);
	assert_int_equal(auth->srp_target_auth, 1);
	assert_int_equal(disc.auth.authmethod, ISCSI_AUTH_METHOD_NONE);
	assert_string_equal(disc.auth.srp_groups, SRP_GROUPS_DEFAULT);
	assert_int_equal(disc.auth.srp_target_auth, 1);
}

static void all_keys(void **state)
{
	read_conf("node.session.auth.authmethod = SRP\n"
		  "node.session.auth.srp_username = bob b\n"
		  "node.session.auth.srp_password =  correct = # horse \n"
		  "node.session.auth.srp_groups = MODP-4096, SRP-1536\n"
		  "node.session.auth.srp_target_auth = No\n"
		  "discovery.sendtargets.auth.authmethod = SRP\n"
		  "discovery.sendtargets.auth.srp_username = carol\n"
		  "discovery.sendtargets.auth.srp_password = another\n"
		  "discovery.sendtargets.auth.srp_groups = MODP-6144\n"
		  "discovery.sendtargets.auth.srp_target_auth = Yes\n");
	assert_int_equal(auth->authmethod, ISCSI_AUTH_METHOD_SRP);
	assert_string_equal(auth->srp_username, "bob b");
	assert_string_equal(auth->srp_password, "correct = # horse");
	assert_string_equal(auth->srp_groups, "MODP-4096, SRP-1536");
	assert_int_equal(auth->srp_target_auth, 0);
	assert_int_equal(auth->password_length, 0);
	assert_string_equal(auth->username, "");
	assert_int_equal(disc.auth.authmethod, ISCSI_AUTH_METHOD_SRP);
	assert_string_equal(disc.auth.srp_username, "carol");
	assert_string_equal(disc.auth.srp_password, "another");
	assert_string_equal(disc.auth.srp_groups, "MODP-6144");
	assert_int_equal(disc.auth.srp_target_auth, 1);
	assert_not_logged("correct");
	assert_not_logged("another");
}

static void tls_keys(void **state)
{
	read_conf("");
	assert_int_equal(node.conn[0].tls.use, ISCSI_TLS_NO);
	assert_int_equal(node.conn[0].tls.verify, ISCSI_TLS_VERIFY_SRP);
	assert_int_equal(disc.tls.use, ISCSI_TLS_NO);
	read_conf("node.conn[0].tls = yes\n"
		  "node.conn[0].tls_verify = CA\n"
		  "node.conn[0].tls_ca = /etc/iscsi/ca.pem\n"
		  "discovery.sendtargets.tls = Yes\n"
		  "discovery.sendtargets.tls_verify = pin\n"
		  "discovery.sendtargets.tls_fingerprint = 00ff\n");
	assert_int_equal(node.conn[0].tls.use, ISCSI_TLS_YES);
	assert_int_equal(node.conn[0].tls.verify, ISCSI_TLS_VERIFY_CA);
	assert_string_equal(node.conn[0].tls.ca, "/etc/iscsi/ca.pem");
	assert_int_equal(disc.tls.use, ISCSI_TLS_YES);
	assert_int_equal(disc.tls.verify, ISCSI_TLS_VERIFY_PIN);
	/* kept, so that the login fails */
	assert_string_equal(disc.tls.fingerprint, "00ff");
	assert_logged("64 hexadecimal digits");
}

#define PAIRS_16 "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f"

/* A fingerprint that is too long, such as of another hash, is not cut to a good one */
static void long_fingerprint(void **state)
{
	read_conf("node.conn[0].tls = Yes\n"
		  "node.conn[0].tls_verify = pin\n"
		  "node.conn[0].tls_fingerprint = " PAIRS_16 ":" PAIRS_16 "\n");
	assert_int_equal(tls_config_check(&node.conn[0].tls, auth,
					  TLS_CONFIG_NODE), 0);
	assert_string_equal(node.conn[0].tls.fingerprint, PAIRS_16 ":" PAIRS_16);
	read_conf("node.conn[0].tls = Yes\n"
		  "node.conn[0].tls_verify = pin\n"
		  "node.conn[0].tls_fingerprint = " PAIRS_16 ":" PAIRS_16 ":00\n");
	assert_logged("64 hexadecimal digits");
	assert_int_equal(tls_config_check(&node.conn[0].tls, auth,
					  TLS_CONFIG_NODE), -1);
}

/* What is no value must not become the default */
static void bad_tls_values(void **state)
{
	read_conf("node.conn[0].tls = true\n"
		  "discovery.sendtargets.tls = Yes\n"
		  "discovery.sendtargets.tls_verify = none\n");
	assert_int_equal(node.conn[0].tls.use, ISCSI_TLS_INVALID);
	assert_logged("node.conn[0].tls is 'true', it must be Yes or No");
	assert_int_equal(disc.tls.verify, ISCSI_TLS_VERIFY_INVALID);
	assert_logged("tls_verify is 'none', it must be srp, pin or ca");
}

static void bad_values(void **state)
{
	read_conf("node.session.auth.authmethod = SRP\n"
		  "node.session.auth.srp_username = bob\n"
		  "node.session.auth.srp_password = correct horse\n"
		  "node.session.auth.srp_groups = MODP-4096,BAD\n"
		  "node.session.auth.srp_target_auth = no\n");
	assert_logged("unknown group 'BAD'");
	assert_logged("it must be Yes or No");
	assert_int_not_equal(srp_config_check(auth, SRP_CONFIG_NODE), 0);
	assert_int_equal(auth->srp_target_auth, 1);
}

/* Left-over secrets for CHAP must not turn a bad method into CHAP */
static void methods(void **state)
{
	static const struct {
		const char *value;
		int method;
	} table[] = {
		{ "none", ISCSI_AUTH_METHOD_NONE },
		{ "chap", ISCSI_AUTH_METHOD_CHAP },
		{ "Srp", ISCSI_AUTH_METHOD_SRP },
		{ "SRP,CHAP", ISCSI_AUTH_METHOD_INVALID },
		{ "SRP CHAP", ISCSI_AUTH_METHOD_INVALID },
		{ "SRP6", ISCSI_AUTH_METHOD_INVALID },
	};
	char text[512];
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		sprintf(text, "node.session.auth.authmethod = %s\n"
			"node.session.auth.username = bob\n"
			"node.session.auth.password = chap secret\n"
			"discovery.sendtargets.auth.authmethod = %s\n",
			table[i].value, table[i].value);
		read_conf(text);
		assert_int_equal(auth->authmethod, table[i].method);
		assert_int_equal(disc.auth.authmethod, table[i].method);
		if (table[i].method != ISCSI_AUTH_METHOD_INVALID) {
			assert_not_logged("authmethod is");
			continue;
		}
		assert_logged("node.session.auth.authmethod is 'SRP");
		assert_int_not_equal(srp_config_check(auth, SRP_CONFIG_NODE),
				     0);
		assert_logged("set it to None, CHAP or SRP");
		assert_int_not_equal(srp_config_check(&disc.auth,
						      SRP_CONFIG_DISCOVERY),
				     0);
	}
}

/* A computer that boots from an iSCSI disk: its firmware knows CHAP only */
static void firmware(void **state)
{
	struct boot_context boot = {
		.targetname = "iqn.2026-01.org.example:boot",
		.target_ipaddr = "127.0.0.1", .target_port = 3260,
		.chap_name = "of the firmware",
		.chap_password = "secret of firmware",
	};
	struct node_rec *rec;

	read_conf("node.session.auth.authmethod = SRP\n"
		  "node.session.auth.srp_username = bob\n"
		  "node.session.auth.srp_password = correct horse\n");
	rec = idbm_create_rec_from_boot_context(&boot);
	assert_non_null(rec);
	assert_int_equal(rec->session.auth.authmethod, ISCSI_AUTH_METHOD_CHAP);
	assert_string_equal(rec->session.auth.username, "of the firmware");
	assert_string_equal((char *)rec->session.auth.password,
			    "secret of firmware");
	free(rec);
	/* Without a secret, iscsid.conf applies */
	boot.chap_password[0] = '\0';
	rec = idbm_create_rec_from_boot_context(&boot);
	assert_non_null(rec);
	assert_int_equal(rec->session.auth.authmethod, ISCSI_AUTH_METHOD_SRP);
	free(rec);
}

static void longest(void **state)
{
	char text[8192];

	snprintf(text, sizeof(text), "node.session.auth.srp_username = bob\n"
		 "node.session.auth.srp_password = %.255s\n"
		 "node.startup = manual\n", fill);
	read_conf(text);
	assert_int_equal(strlen(auth->srp_password), 255);
}

static void too_long(void **state)
{
	char text[8192];

	snprintf(text, sizeof(text), "node.session.auth.srp_username = bob\n"
		 "node.session.auth.srp_password = %.256s\n"
		 "node.session.auth.%.1000s = y\n"
		 "node.session.auth.srp_groups = %.2000s\n"
		 "node.session.auth.srp_target_auth = No\n", fill, fill, fill);
	read_conf(text);
	assert_string_equal(auth->srp_password, "");
	assert_string_equal(auth->srp_groups, SRP_GROUPS_DEFAULT);
	assert_int_equal(auth->srp_target_auth, 0);
	assert_string_equal(auth->srp_username, "bob");
	assert_logged("line 2 has a value of more than 255");
	assert_logged("line 3 has a name of more than 127");
	assert_logged("line 4 has a value of more than 255");
}

int main(void)
{
	int failed;

	if (close(mkstemp(conf)) || idbm_init(conf_path))
		abort();
	memset(fill, 'x', sizeof(fill) - 1);

	add(defaults, NULL, "conf/defaults");
	add(all_keys, NULL, "conf/all keys, no password in the log");
	add(tls_keys, NULL, "conf/TLS");
	add(long_fingerprint, NULL, "conf/TLS, fingerprint that is too long");
	add(bad_tls_values, NULL, "conf/TLS, bad values");
	add(bad_values, NULL,
	    "conf/bad values fail the login, or are the strict default");
	add(methods, NULL, "conf/methods in any case, and bad ones");
	add(firmware, NULL, "conf/login by the firmware's settings");
	add(longest, NULL, "conf/255 octets");
	add(too_long, NULL, "conf/too long names and values");
	failed = run_cases(NULL);

	idbm_terminate();
	unlink(conf);
	return failed;
}
