// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tls.c and iscsi-tls(8): a shell script says what a handshake gives. What the
 * real one does is tested with usr/tls, and end to end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "iscsi_err.h"
#include "peer.h"
#include "tls.h"

static struct iscsi_session *session;
static struct iscsi_conn *conn;

#define FINGERPRINT \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY \
	"f0f1f2f3f4f5f6f7f8f9fafbfcfdfefff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
#define LINE "version=TLS1.3 cipher=AES-256-GCM verify=srp fingerprint=" \
	FINGERPRINT " key-fingerprint=" KEY " binding=" FINGERPRINT

/* The program is this script */
static void program(const char *script)
{
	FILE *f = fopen(ISCSI_TLS_PROGRAM ".new", "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(ISCSI_TLS_PROGRAM ".new", 0755), 0);
	assert_int_equal(rename(ISCSI_TLS_PROGRAM ".new", ISCSI_TLS_PROGRAM), 0);
}

static int setup(void **state)
{
	static const struct peer_reply nothing[1];

	session = peer_session(ISCSI_SESSION_TYPE_NORMAL);
	session->tls.use = ISCSI_TLS_YES;
	strcpy(session->tls_name, "192.0.2.1");
	conn = &session->conn[0];
	conn->login_timeout = 7;
	peer_script(nothing);
	return 0;
}

static void success(void **state)
{
	int i;

	program("echo " LINE);
	assert_int_equal(tls_handshake_wait(conn), 0);
	assert_true(conn->tls.up);
	assert_string_equal(conn->tls.version, "TLS1.3");
	assert_string_equal(conn->tls.cipher, "AES-256-GCM");
	assert_string_equal(conn->tls.fingerprint, FINGERPRINT);
	assert_string_equal(conn->tls.key_fingerprint, KEY);
	assert_int_equal(conn->tls_cert_len, 32);
	for (i = 0; i < 32; i++)
		assert_int_equal(conn->tls_cert[i], i);
	/* once for a connection */
	program("exit 1");
	assert_int_equal(tls_handshake(conn), 1);
	/* and again for the next */
	tls_stop(conn);
	assert_int_equal(conn->tls_cert_len, 0);
	assert_int_equal(tls_handshake_wait(conn), ISCSI_ERR_FATAL_LOGIN);
}

/* SRP is not asked about a certificate that is known otherwise */
static void success_with_pin(void **state)
{
	session->tls.verify = ISCSI_TLS_VERIFY_PIN;
	program("echo " LINE);
	assert_int_equal(tls_handshake_wait(conn), 0);
	assert_int_equal(conn->tls_cert_len, 0);
}

static const struct failure {
	const char *name, *script;
	int rc;
	const char *log;
} failures[] = {
	{ "certificate refused", "echo iscsi-tls: not the one >&2; exit 77",
	  ISCSI_ERR_LOGIN_AUTH_FAILED,
	  "TLS with target iqn.2026-01.org.example:disk, portal 192.0.2.1: not the one\n" },
	{ "handshake failed", "echo iscsi-tls: alert >&2; exit 76",
	  ISCSI_ERR_TRANS, ": alert\n" },
	{ "kernel without TLS", "echo iscsi-tls: no >&2; exit 69",
	  ISCSI_ERR_FATAL_LOGIN, ": no\n" },
	{ "killed", "kill -SYS $$", ISCSI_ERR_TRANS, "killed by signal 31" },
	{ "says nothing", "exit 0", ISCSI_ERR_FATAL_LOGIN, "gave no result" },
	{ "a line and an error", "echo " LINE "; exit 69",
	  ISCSI_ERR_FATAL_LOGIN, "version=" },
	{ "line cut off", "printf '%s' '" LINE "'", ISCSI_ERR_FATAL_LOGIN,
	  "version=" },
	{ "more than a line", "echo " LINE "; echo x", ISCSI_ERR_FATAL_LOGIN,
	  "version=" },
	{ "control characters in the line",
	  "printf 'version=1\\033[2J cipher=2 verify=srp fingerprint=" FINGERPRINT
	  " key-fingerprint=" KEY " binding=" FINGERPRINT "\\n'",
	  ISCSI_ERR_FATAL_LOGIN, "version=1?[2J cipher=2" },
	{ "control characters in an error",
	  "printf 'iscsi-tls: \\033[2J\\233\\n' >&2; exit 76", ISCSI_ERR_TRANS,
	  ": ?[2J?\n" },
	{ "short fingerprint",
	  "echo version=1 cipher=2 verify=srp fingerprint=00 key-fingerprint=" KEY
	  " binding=" FINGERPRINT, ISCSI_ERR_FATAL_LOGIN, "version=" },
	{ "short fingerprint of the key",
	  "echo version=1 cipher=2 verify=srp fingerprint=" FINGERPRINT
	  " key-fingerprint=00 binding=" FINGERPRINT,
	  ISCSI_ERR_FATAL_LOGIN, "version=" },
	{ "no fingerprint of the key",
	  "echo version=1 cipher=2 verify=srp fingerprint=" FINGERPRINT
	  " binding=" FINGERPRINT, ISCSI_ERR_FATAL_LOGIN, "version=" },
	{ "no hash for SRP", "echo version=1 cipher=2 verify=srp fingerprint="
	  FINGERPRINT " key-fingerprint=" KEY " binding=none", ISCSI_ERR_FATAL_LOGIN, "version=" },
	{ "much output", "yes | head -c 100000", ISCSI_ERR_FATAL_LOGIN, ": y\n" },
};

static void failure(void **state)
{
	const struct failure *c = *state;

	program(c->script);
	assert_int_equal(tls_handshake_wait(conn), c->rc);
	assert_logged(c->log);
	assert_false(conn->tls.up);
	assert_int_equal(conn->tls_cert_len, 0);
	assert_int_equal(conn->tls.pid, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void not_installed(void **state)
{
	unlink(ISCSI_TLS_PROGRAM);
	assert_int_equal(tls_handshake_wait(conn), ISCSI_ERR_FATAL_LOGIN);
	assert_logged("cannot start " ISCSI_TLS_PROGRAM);
	assert_logged("is it installed?");
}

/* Its arguments are those of the record, and it has the socket as file 3 */
static void arguments(void **state)
{
	struct stat here;
	char wanted[256];
	size_t i;
	static const struct {
		int verify;
		const char *fingerprint, *key, *wanted;
	} all[] = {
		{ ISCSI_TLS_VERIFY_SRP, "", "", "--timeout 7 --verify srp" },
		/* of no certificate, so of none that SRP has confirmed */
		{ ISCSI_TLS_VERIFY_SRP, "", "cd", "--timeout 7 --verify srp" },
		{ ISCSI_TLS_VERIFY_SRP, "ab", "",
		  "--timeout 7 --verify srp --fingerprint ab" },
		{ ISCSI_TLS_VERIFY_SRP, "ab", "cd",
		  "--timeout 7 --verify srp --fingerprint ab --key-fingerprint cd" },
		{ ISCSI_TLS_VERIFY_PIN, "ab", "cd",
		  "--timeout 7 --verify pin --fingerprint ab" },
		{ ISCSI_TLS_VERIFY_CA, "ab", "cd",
		  "--timeout 7 --verify ca --ca /a b --name 192.0.2.1" },
	};

	program("echo \"$*, $(stat -L -c %i /proc/self/fd/3), $(readlink /proc/$$/fd/0), $(env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | wc -l)\"; exit 77");
	assert_int_equal(fstat(conn->socket_fd, &here), 0);
	strcpy(session->tls.ca, "/a b");
	for (i = 0; i < COUNT(all); i++) {
		session->tls.verify = all[i].verify;
		strcpy(session->tls.fingerprint, all[i].fingerprint);
		strcpy(session->tls.key_fingerprint, all[i].key);
		assert_int_equal(tls_handshake_wait(conn),
				 ISCSI_ERR_LOGIN_AUTH_FAILED);
		snprintf(wanted, sizeof(wanted), "%s, %lu, /dev/null, 0\n",
			 all[i].wanted, (unsigned long)here.st_ino);
		assert_logged(wanted);
	}
}

/* iscsid does not wait: a file becomes readable */
static void events(void **state)
{
	struct pollfd pfd = { .fd = tls_poll_fd(), .events = POLLIN };
	int i, rc;

	assert_true(pfd.fd >= 0);
	program("read -r x <&3; echo " LINE);
	assert_int_equal(tls_handshake(conn), 0);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_null(tls_next_event());
	/* what it waited for: the socket of a session is a pipe here */
	program("echo " LINE);
	tls_stop(conn);
	rc = tls_handshake(conn);
	for (i = 0; i < 2 && rc == 0; i++) {
		assert_int_equal(poll(&pfd, 1, 60000), 1);
		assert_ptr_equal(tls_next_event(), conn);
		rc = tls_handshake(conn);
	}
	assert_int_equal(rc, 1);
	assert_null(tls_next_event());
}

/* A child that iscsid has forked meanwhile has the pipe, too */
static void no_event_of_the_past(void **state)
{
	struct iscsi_conn *event;
	pid_t child;

	program("exec sleep 1000");
	assert_int_equal(tls_handshake(conn), 0);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	tls_stop(conn);
	event = tls_next_event();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_null(event);
}

/* A connection that is closed takes its handshake with it */
static void stopped(void **state)
{
	pid_t pid;

	program("exec sleep 1000");
	assert_int_equal(tls_handshake(conn), 0);
	pid = conn->tls.pid;
	assert_int_equal(kill(pid, 0), 0);
	tls_stop(conn);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(conn->tls.pid, 0);
	assert_null(tls_next_event());
}

/* What iscsiadm shows, and what is left for an iscsid that starts again */
static void session_state(void **state)
{
	char text[128];

	session->id = 4711;
	assert_false(tls_was_used(4711));
	assert_false(tls_describe(4711, text, sizeof(text)));
	strcpy(conn->tls.version, "TLS1.3");
	strcpy(conn->tls.cipher, "AES-128-GCM");
	tls_write_state(4711, &conn->tls, ISCSI_TLS_VERIFY_SRP);
	assert_true(tls_was_used(4711));
	assert_true(tls_describe(4711, text, sizeof(text)));
	assert_string_equal(text,
			    "TLS1.3, AES-128-GCM, certificate confirmed by SRP");
	assert_false(tls_was_used(471));
	tls_forget(session);
	assert_false(tls_was_used(4711));
}

static void learned(void **state)
{
	struct iscsi_tls found = {
		.fingerprint = FINGERPRINT, .key_fingerprint = KEY
	};
	struct iscsi_tls_config tls = { .use = ISCSI_TLS_YES };

	assert_true(tls_learn(&tls, &found));
	assert_string_equal(tls.fingerprint, FINGERPRINT);
	assert_string_equal(tls.key_fingerprint, KEY);
	assert_false(tls_learn(&tls, &found));
	/* The key of a record that has the fingerprint only, from a human */
	strcpy(tls.fingerprint, "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
	       "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F");
	assert_false(tls_learn(&tls, &found));
	*tls.key_fingerprint = '\0';
	assert_true(tls_learn(&tls, &found));
	assert_string_equal(tls.fingerprint, FINGERPRINT);
	assert_string_equal(tls.key_fingerprint, KEY);
	/* Renewed: iscsi-tls has seen that it has the key */
	strcpy(found.fingerprint, KEY);
	assert_true(tls_learn(&tls, &found));
	assert_string_equal(tls.fingerprint, KEY);
	assert_false(tls_learn(&tls, &found));
	/* Who else decides does so again */
	tls.verify = ISCSI_TLS_VERIFY_PIN;
	strcpy(found.fingerprint, FINGERPRINT);
	assert_false(tls_learn(&tls, &found));
	assert_string_equal(tls.fingerprint, KEY);
	tls.verify = ISCSI_TLS_VERIFY_CA;
	*tls.fingerprint = '\0';
	assert_false(tls_learn(&tls, &found));
}

static void logged_change(void **state)
{
	assert_false(tls_log_change("the target", "", KEY));
	assert_false(tls_log_change("the target", "0A:0b", "0a0B"));
	assert_true(tls_log_change("the target", FINGERPRINT, KEY));
	assert_logged("the TLS certificate of the target has changed from "
		      FINGERPRINT " to " KEY ", and SRP has confirmed");
}

int main(void)
{
	size_t i;

	add(not_installed, NULL, "TLS/not installed");
	add(success, NULL, "TLS/success");
	add(success_with_pin, NULL, "TLS/success with a pin");
	for (i = 0; i < COUNT(failures); i++)
		add(failure, &failures[i], "TLS/%s", failures[i].name);
	add(arguments, NULL, "TLS/arguments, files and environment");
	add(events, NULL, "TLS/iscsid does not wait");
	add(no_event_of_the_past, NULL, "TLS/no event of a closed connection");
	add(stopped, NULL, "TLS/stopped with its connection");
	add(session_state, NULL, "TLS/state of a session");
	add(learned, NULL, "TLS/what SRP has confirmed is learned");
	add(logged_change, NULL, "TLS/another certificate is logged");
	return run_cases(setup);
}
