// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c: the whole handshake is possible in it, and nothing else is */
#include "lib/tests/test.h"
#include "ktls.h"
#include "sandbox.h"
#include "server.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_ID 64321		/* no existing user */

static char ca[] = "/tmp/test-tls-ca-XXXXXX";

/* Start a child that enters the sandbox with a socket, reports it, and calls act */
static pid_t child(int fd, void (*act)(int fd))
{
	const gid_t other_groups[] = { 1, 2 };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(60);
		/* The result goes to standard output */
		dup2(ready[1], STDOUT_FILENO);
		if (setgroups(2, other_groups) ||
		    sandbox_enter(TEST_ID, TEST_ID, fd))
			_exit(71);
		if (write(STDOUT_FILENO, "", 1) != 1)
			_exit(74);
		act(fd);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static int end_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* What the program does; the keys cannot go to a socket of this kind */
static struct handshake hs;
static enum handshake_result expected;

static void act_handshake(int fd)
{
	if (handshake_run(&hs) != expected)
		_exit(1);
	if (expected != HANDSHAKE_DONE)
		return;
	if (ktls_install(fd, hs.session) != -1)
		_exit(2);
	handshake_free(&hs);
}

static void shakes_hands(struct server *server, const struct verify *verify,
			 enum handshake_result result)
{
	int status;

	memset(&hs, 0, sizeof(hs));
	hs.verify = *verify;
	hs.timeout = 30;
	hs.fd = server_start(server);
	expected = result;
	assert_int_equal(handshake_init(&hs), 0);
	status = end_of(child(hs.fd, act_handshake));
	close(hs.fd);
	handshake_free(&hs);
	server_end(server);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void handshake_with_srp(void **state)
{
	const struct verify verify = { .how = VERIFY_SRP };
	struct server server = { 0 };

	(void)state;
	shakes_hands(&server, &verify, HANDSHAKE_DONE);
}

static void handshake_with_rsa_and_chacha(void **state)
{
	const struct verify verify = { .how = VERIFY_SRP };
	struct server server = {
		.key = GNUTLS_PK_RSA,
		.priority = "NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305",
	};

	(void)state;
	shakes_hands(&server, &verify, HANDSHAKE_DONE);
}

static void handshake_with_ca(void **state)
{
	struct verify verify = { .how = VERIFY_CA, .ca = ca, .name = "disk" };
	struct server server = { .ca = ca, .dns = "disk" };

	(void)state;
	shakes_hands(&server, &verify, HANDSHAKE_DONE);
	verify.name = "other";
	shakes_hands(&server, &verify, HANDSHAKE_REFUSED);
}

static void impostor(void **state)
{
	const struct verify verify = { .how = VERIFY_SRP, .known = true };
	struct server server = { 0 };

	(void)state;
	shakes_hands(&server, &verify, HANDSHAKE_REFUSED);
}

static void target_without_tls(void **state)
{
	const struct verify verify = { .how = VERIFY_SRP };
	struct server server = { .plain = "x" };

	(void)state;
	shakes_hands(&server, &verify, HANDSHAKE_FAILED);
}

/* What it may not do: each must die of SIGSYS */
static void act_open(int fd)
{
	(void)fd;
	open("/dev/null", O_RDONLY);
}

static void act_socket(int fd)
{
	(void)fd;
	socket(AF_INET, SOCK_STREAM, 0);
}

static void act_connect(int fd)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(fd, &none, sizeof(none));
}

static void act_clone(int fd)
{
	(void)fd;
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void act_execve(int fd)
{
	char *const argv[] = { NULL };

	(void)fd;
	execve("/bin/true", argv, argv);
}

static void act_kill(int fd)
{
	(void)fd;
	kill(1, 0);
}

static void act_ptrace(int fd)
{
	(void)fd;
	syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void act_setuid(int fd)
{
	(void)fd;
	syscall(SYS_setuid, 0);
}

static void act_prctl(int fd)
{
	(void)fd;
	syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0);
}

static void act_mmap_code(int fd)
{
	(void)fd;
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	     -1, 0);
}

static void act_mmap_file(int fd)
{
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
}

static void act_other_option(int fd)
{
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

static void act_other_socket(int fd)
{
	char byte;

	recv(fd + 1, &byte, 1, MSG_DONTWAIT);
}

static void act_send_elsewhere(int fd)
{
	send(fd + 1, "", 0, MSG_DONTWAIT);
}

static void act_write_elsewhere(int fd)
{
	if (write(fd, "", 0))
		_exit(1);
}

static void act_read(int fd)
{
	char byte;

	(void)fd;
	if (read(STDIN_FILENO, &byte, 1))
		_exit(1);
}

static const struct CMUnitTest forbidden[] = {
#define FORBIDDEN(act) { .name = #act, .initial_state = (void *)act }
	FORBIDDEN(act_open),
	FORBIDDEN(act_socket),
	FORBIDDEN(act_connect),
	FORBIDDEN(act_clone),
	FORBIDDEN(act_execve),
	FORBIDDEN(act_kill),
	FORBIDDEN(act_ptrace),
	FORBIDDEN(act_setuid),
	FORBIDDEN(act_prctl),
	FORBIDDEN(act_mmap_code),
	FORBIDDEN(act_mmap_file),
	FORBIDDEN(act_other_option),
	FORBIDDEN(act_other_socket),
	FORBIDDEN(act_send_elsewhere),
	FORBIDDEN(act_write_elsewhere),
	FORBIDDEN(act_read),
};

#define FORBIDDENS (sizeof(forbidden) / sizeof(forbidden[0]))

static void dies_of_it(void **state)
{
	void (*act)(int fd) = (void (*)(int))*state;
	int pair[2], status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	status = end_of(child(pair[0], act));
	close(pair[0]);
	close(pair[1]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	assert_false(WCOREDUMP(status));
}

static void act_wait(int fd)
{
	struct handshake wait = { .fd = fd, .timeout = 50 };

	if (handshake_init(&wait) == 0)
		handshake_run(&wait);
}

/* The rest of the line of a file in /proc that begins with name */
static void proc_line(pid_t pid, const char *file, const char *name,
		      char *value, size_t size)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	value[0] = '\0';
	f = fopen(path, "r");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(value, size, "%s",
			 line + strlen(name) + strspn(line + strlen(name), " \t"));
	}
	fclose(f);
}

static void has_given_up(void **state)
{
	static const struct {
		const char *file, *name, *value;
	} want[] = {
		{ "status", "Uid:", "64321\t64321\t64321\t64321" },
		{ "status", "Gid:", "64321\t64321\t64321\t64321" },
		{ "status", "Groups:", "" },
		{ "status", "CapPrm:", "0000000000000000" },
		{ "status", "CapEff:", "0000000000000000" },
		{ "status", "CapBnd:", "0000000000000000" },
		{ "status", "NoNewPrivs:", "1" },
		{ "status", "Seccomp:", "2" },
		{ "limits", "Max core file size", "0                    0                    bytes     " },
		{ "limits", "Max processes", "0                    0                    processes " },
		{ "limits", "Max open files", "1                    1                    files     " },
		{ "limits", "Max data size", "67108864             67108864             bytes     " },
	};
	char got[sizeof(want) / sizeof(want[0])][256], locked[256], path[64];
	struct server server = { .silent = true };
	int fd = server_start(&server);
	struct stat st = { .st_uid = 1 };
	pid_t pid = child(fd, act_wait);

	(void)state;
	/* Read first and assert later: a failed assert would leave the child behind */
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		proc_line(pid, want[i].file, want[i].name, got[i],
			  sizeof(got[i]));
	proc_line(pid, "status", "VmLck:", locked, sizeof(locked));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	stat(path, &st);
	kill(pid, SIGKILL);
	end_of(pid);
	close(fd);
	server_end(&server);

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_string_equal(got[i], want[i].value);
	/* All memory that is in use is locked */
	assert_true(atoi(locked) > 1000);
	/* Not dumpable: its /proc files are root's */
	assert_int_equal(st.st_uid, 0);
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(handshake_with_srp),
		cmocka_unit_test(handshake_with_rsa_and_chacha),
		cmocka_unit_test(handshake_with_ca),
		cmocka_unit_test(impostor),
		cmocka_unit_test(target_without_tls),
		cmocka_unit_test(has_given_up),
	};
	struct CMUnitTest deadly[FORBIDDENS];
	int failed, fd;

	log_to(LOG_TO_STDERR, "test");
	if (geteuid() != 0) {
		puts("1..0 # SKIP only root can drop privilege");
		return 0;
	}
	for (size_t i = 0; i < FORBIDDENS; i++) {
		deadly[i] = forbidden[i];
		deadly[i].test_func = dies_of_it;
	}
	fd = mkstemp(ca);
	if (fd < 0)
		return 1;
	close(fd);
	failed = run_all(fixed, sizeof(fixed) / sizeof(fixed[0]), deadly,
			 FORBIDDENS);
	unlink(ca);
	return failed;
}
