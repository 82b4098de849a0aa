// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsid.conf: the settings of SRP that it gives to new records. */
#include <unistd.h>

#include "tap.h"
#include "peer.h"
#include "idbm.h"
#include "srp_config.h"

static char conf[] = "/tmp/test_conf.XXXXXX";

static char *conf_path(void)
{
	return conf;
}

/* What a new node's record and a new discovery get from that text */
static void read_conf(const char *text, node_rec_t *node,
		      struct iscsi_sendtargets_config *discovery)
{
	static const struct peer_reply nothing[1];
	FILE *f = fopen(conf, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	peer_script(nothing);
	idbm_node_setup_from_conf(node);
	idbm_sendtargets_defaults(discovery);
}

int main(void)
{
	static char text[8192], fill[4096];
	static node_rec_t node;
	static struct iscsi_sendtargets_config disc;
	struct iscsi_auth_config *auth = &node.session.auth;

	if (close(mkstemp(conf)) || idbm_init(conf_path))
		abort();

	read_conf("", &node, &disc);
	expect(auth->authmethod == ISCSI_AUTH_METHOD_NONE);
	expect(!auth->srp_username[0] && !auth->srp_password[0]);
	expect(!strcmp(auth->srp_groups, SRP_GROUPS_DEFAULT));
	expect(auth->srp_target_auth == 1);
	expect(disc.auth.authmethod == ISCSI_AUTH_METHOD_NONE);
	expect(!strcmp(disc.auth.srp_groups, SRP_GROUPS_DEFAULT));
	expect(disc.auth.srp_target_auth == 1);
	test("conf/defaults");

	read_conf("node.session.auth.authmethod = SRP\n"
		  "node.session.auth.srp_username = bob b\n"
		  "node.session.auth.srp_password =  correct = # horse \n"
		  "node.session.auth.srp_groups = MODP-4096, SRP-1536\n"
		  "node.session.auth.srp_target_auth = No\n"
		  "discovery.sendtargets.auth.authmethod = SRP\n"
		  "discovery.sendtargets.auth.srp_username = carol\n"
		  "discovery.sendtargets.auth.srp_password = another\n"
		  "discovery.sendtargets.auth.srp_groups = MODP-6144\n"
		  "discovery.sendtargets.auth.srp_target_auth = Yes\n",
		  &node, &disc);
	expect(auth->authmethod == ISCSI_AUTH_METHOD_SRP);
	expect(!strcmp(auth->srp_username, "bob b"));
	expect(!strcmp(auth->srp_password, "correct = # horse"));
	expect(!strcmp(auth->srp_groups, "MODP-4096, SRP-1536"));
	expect(auth->srp_target_auth == 0);
	expect(!auth->password_length && !auth->username[0]);
	expect(disc.auth.authmethod == ISCSI_AUTH_METHOD_SRP);
	expect(!strcmp(disc.auth.srp_username, "carol"));
	expect(!strcmp(disc.auth.srp_password, "another"));
	expect(!strcmp(disc.auth.srp_groups, "MODP-6144"));
	expect(disc.auth.srp_target_auth == 1);
	expect(!strstr(peer_log, "correct") && !strstr(peer_log, "another"));
	test("conf/all keys, no password in the log");

	read_conf("node.session.auth.authmethod = SRP\n"
		  "node.session.auth.srp_username = bob\n"
		  "node.session.auth.srp_password = correct horse\n"
		  "node.session.auth.srp_groups = MODP-4096,BAD\n"
		  "node.session.auth.srp_target_auth = no\n", &node, &disc);
	expect(strstr(peer_log, "unknown group 'BAD'"));
	expect(strstr(peer_log, "it must be Yes or No"));
	expect(srp_config_check(auth, SRP_CONFIG_NODE));
	expect(auth->srp_target_auth == 1);
	test("conf/bad values fail the login, or are the strict default");

	memset(fill, 'x', sizeof(fill));
	snprintf(text, sizeof(text), "node.session.auth.srp_username = bob\n"
		 "node.session.auth.srp_password = %.255s\n"
		 "node.startup = manual\n", fill);
	read_conf(text, &node, &disc);
	expect(strlen(auth->srp_password) == 255);
	test("conf/255 octets");

	snprintf(text, sizeof(text), "node.session.auth.srp_username = bob\n"
		 "node.session.auth.srp_password = %.256s\n"
		 "node.session.auth.%.1000s = y\n"
		 "node.session.auth.srp_groups = %.2000s\n"
		 "node.session.auth.srp_target_auth = No\n", fill, fill, fill);
	read_conf(text, &node, &disc);
	expect(!auth->srp_password[0]);
	expect(!strcmp(auth->srp_groups, SRP_GROUPS_DEFAULT));
	expect(auth->srp_target_auth == 0);
	expect(!strcmp(auth->srp_username, "bob"));
	expect(strstr(peer_log, "line 2 has a value of more than 255"));
	expect(strstr(peer_log, "line 3 has a name of more than 127"));
	expect(strstr(peer_log, "line 4 has a value of more than 255"));
	test("conf/too long names and values");

	idbm_terminate();
	unlink(conf);
	return tap_end(5);
}
