// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sandbox.c and channel_serve(): a worker with its privileges gone.  A key of
 * type "user" stands for the channel: it stores any bytes.
 */
#include "lib/tests/test.h"
#include "channel.h"
#include "job.h"
#include "sandbox.h"
#include "selftest.h"
#include "lib/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <keyutils.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define WORKER_ID 64321		/* no existing user */

static const char probe[] = "a probe";

/* A key that this process and its children possess */
static int32_t test_key(const char *name, const void *payload, size_t len)
{
	key_serial_t key = add_key("user", name, payload, len,
				   KEY_SPEC_SESSION_KEYRING);

	assert_true(key > 0);
	return key;
}

/* What a child must give up: the kernel starts helpers like this */
static bool gather_privilege(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	const gid_t other_groups[] = { 1, 2 };

	if (syscall(SYS_capget, &header, data))
		return false;
	data[0].inheritable = data[0].permitted;
	data[1].inheritable = data[1].permitted;
	return !syscall(SYS_capset, &header, data) &&
	       !setgroups(2, other_groups);
}

static bool sigterm_at_start;

/* Start a child that enters the sandbox, reports it, and calls act */
static pid_t child(int32_t key, void (*act)(int32_t key, int fd))
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ready[0]);
		alarm(60);
		channel_leave_on_sigterm();
		if (sigterm_at_start)
			raise(SIGTERM);
		if (!gather_privilege() ||
		    sandbox_enter(WORKER_ID, WORKER_ID, key, ready[1]))
			_exit(EX_OSERR);
		if (write(ready[1], "", 1) != 1)
			_exit(EX_IOERR);
		act(key, ready[1]);
		_exit(EX_OK);
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

/* What a worker does */
static void act_serve(int32_t key, int fd)
{
	close(fd);
	_exit(channel_serve(key, 60));
}

static void act_libraries(int32_t key, int fd)
{
	/* Some may fail without memory, but none kills the process */
	void *p = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	uint32_t word = 0;
	struct timespec ts;
	int failed;

	failed = mprotect(p, 8192, PROT_READ | PROT_WRITE);
	p = mremap(p, 8192, 16384, MREMAP_MAYMOVE);
	failed |= madvise(p, 16384, MADV_DONTNEED);
	failed |= munmap(p, 16384);
	failed |= brk(sbrk(0));
	failed |= syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
	failed |= syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
	(void)failed;
	(void)key;
	(void)fd;
}

/* What it may not do: each must die of SIGSYS */
static void act_open(int32_t key, int fd)
{
	(void)key, (void)fd;
	open("/dev/null", O_RDONLY);
}

static void act_socket(int32_t key, int fd)
{
	(void)key, (void)fd;
	socket(AF_UNIX, SOCK_STREAM, 0);
}

#ifdef SYS_fork
static void act_fork(int32_t key, int fd)
{
	(void)key, (void)fd;
	syscall(SYS_fork);
}
#endif

static void act_clone(int32_t key, int fd)
{
	(void)key, (void)fd;
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void act_execve(int32_t key, int fd)
{
	char *const argv[] = { NULL };

	(void)key, (void)fd;
	execve("/bin/true", argv, argv);
}

static void act_kill(int32_t key, int fd)
{
	(void)key, (void)fd;
	kill(1, 0);
}

static void act_ptrace(int32_t key, int fd)
{
	(void)key, (void)fd;
	syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void act_setuid(int32_t key, int fd)
{
	(void)key, (void)fd;
	syscall(SYS_setuid, 0);
}

static void act_prctl(int32_t key, int fd)
{
	(void)key, (void)fd;
	syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0);
}

static void act_mmap_code(int32_t key, int fd)
{
	(void)key, (void)fd;
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	     -1, 0);
}

static void act_mmap_file(int32_t key, int fd)
{
	(void)key;
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
}

static void act_mprotect_code(int32_t key, int fd)
{
	(void)key, (void)fd;
	mprotect((void *)((uintptr_t)probe & ~4095UL), 4096,
		 PROT_READ | PROT_EXEC);
}

static void act_write_elsewhere(int32_t key, int fd)
{
	(void)key, (void)fd;
	if (write(STDERR_FILENO, "", 0))
		_exit(1);
}

static void act_read_file(int32_t key, int fd)
{
	char byte;

	(void)key;
	if (read(fd, &byte, 1))
		_exit(1);
}

static void act_other_key(int32_t key, int fd)
{
	(void)fd;
	keyctl_read(key + 1, NULL, 0);
}

static void act_session_key(int32_t key, int fd)
{
	(void)key, (void)fd;
	keyctl_read(KEY_SPEC_SESSION_KEYRING, NULL, 0);
}

static void act_describe_key(int32_t key, int fd)
{
	(void)fd;
	keyctl_describe(key, NULL, 0);
}

static void act_assume_authority(int32_t key, int fd)
{
	(void)fd;
	keyctl_assume_authority(key);
}

#if defined(__x86_64__)
/* The same call by its number of the x32 ABI, which no rule allows */
static void act_other_abi(int32_t key, int fd)
{
	(void)key, (void)fd;
	syscall(0x40000000 | SYS_keyctl, (long)KEYCTL_READ, (long)key, 0L, 0L,
		0L);
}
#endif

static const struct CMUnitTest forbidden[] = {
#define FORBIDDEN(act) { .name = #act, .initial_state = (void *)act }
	FORBIDDEN(act_open),
	FORBIDDEN(act_socket),
#ifdef SYS_fork
	FORBIDDEN(act_fork),
#endif
	FORBIDDEN(act_clone),
	FORBIDDEN(act_execve),
	FORBIDDEN(act_kill),
	FORBIDDEN(act_ptrace),
	FORBIDDEN(act_setuid),
	FORBIDDEN(act_prctl),
	FORBIDDEN(act_mmap_code),
	FORBIDDEN(act_mmap_file),
	FORBIDDEN(act_mprotect_code),
	FORBIDDEN(act_write_elsewhere),
	FORBIDDEN(act_read_file),
	FORBIDDEN(act_other_key),
	FORBIDDEN(act_session_key),
	FORBIDDEN(act_describe_key),
	FORBIDDEN(act_assume_authority),
#if defined(__x86_64__)
	FORBIDDEN(act_other_abi),
#endif
};

#define FORBIDDENS (sizeof(forbidden) / sizeof(forbidden[0]))

static void dies_of_it(void **state)
{
	int32_t key = test_key("srpd-forbidden", probe, sizeof(probe));
	int status = end_of(child(key, (void (*)(int32_t, int))*state));

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void serves_a_job(int op)
{
	const struct srp_vector *vec = &srp_vectors[SRP_VECTORS - 1];
	struct iscsi_srp_job job = {
		.version = ISCSI_SRP_VERSION,
		.op = op,
		.group = vec->group,
		.id = 42,
		.v_len = vec->v.len,
		.b_len = vec->b.len,
	};
	struct {
		struct iscsi_srp_result result;
		uint8_t value[ISCSI_SRP_MAX_LEN];
	} got;
	int32_t key;
	int status;

	memcpy(job.v, vec->v.p, vec->v.len);
	memcpy(job.b, vec->b.p, vec->b.len);
	if (op == ISCSI_SRP_OP_SESSION) {
		job.u = vec->u;
		job.A_len = vec->A.len;
		memcpy(job.A, vec->A.p, vec->A.len);
	}
	key = test_key("srpd-serve", &job, sizeof(job));

	/* The next read returns the result, which is not a job */
	status = end_of(child(key, act_serve));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_PROTOCOL);

	assert_int_equal(keyctl_read(key, (char *)&got, sizeof(got)),
			 sizeof(got.result) + group_by_id(vec->group)->len);
	assert_int_equal(got.result.status, ISCSI_SRP_OK);
	assert_int_equal(got.result.id, 42);
	assert_number(got.value, group_by_id(vec->group)->len,
		      op == ISCSI_SRP_OP_SESSION ? vec->S : vec->B);
}

static void serves_ephemeral(void **state)
{
	(void)state;
	serves_a_job(ISCSI_SRP_OP_EPHEMERAL);
}

static void serves_session(void **state)
{
	(void)state;
	serves_a_job(ISCSI_SRP_OP_SESSION);
}

static void leaves_when_the_key_goes(void **state)
{
	int32_t key = test_key("srpd-gone", probe, sizeof(probe));
	int status;

	(void)state;
	assert_int_equal(keyctl_revoke(key), 0);
	status = end_of(child(key, act_serve));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_UNAVAILABLE);
}

/* A job of the right size is answered, into the key; then that is a wrong job */
static void leaves_on_sigterm(void **state)
{
	const struct iscsi_srp_job job = { 0 };
	int32_t key = test_key("srpd-stays", &job, sizeof(job));
	int stays, leaves;

	(void)state;
	stays = end_of(child(key, act_serve));
	key = test_key("srpd-leaves", &job, sizeof(job));
	sigterm_at_start = true;
	leaves = end_of(child(key, act_serve));
	sigterm_at_start = false;

	assert_true(WIFEXITED(stays) && WIFEXITED(leaves));
	assert_int_equal(WEXITSTATUS(stays), EX_PROTOCOL);
	assert_int_equal(WEXITSTATUS(leaves), EX_OK);
}

/* The kernel takes a worker that never reads for a failed start */
static void reads_once_after_an_early_sigterm(void **state)
{
	int32_t key = test_key("srpd-early", probe, sizeof(probe));
	int status;

	(void)state;
	sigterm_at_start = true;
	status = end_of(child(key, act_serve));
	sigterm_at_start = false;

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_PROTOCOL);
}

static void may_do_what_libraries_do(void **state)
{
	int32_t key = test_key("srpd-libraries", probe, sizeof(probe));
	int status = end_of(child(key, act_libraries));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_OK);
}

static void act_wait(int32_t key, int fd)
{
	static uint32_t word;

	(void)key, (void)fd;
	syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
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
		{ "status", "CapInh:", "0000000000000000" },
		{ "status", "CapPrm:", "0000000000000000" },
		{ "status", "CapEff:", "0000000000000000" },
		{ "status", "CapBnd:", "0000000000000000" },
		{ "status", "CapAmb:", "0000000000000000" },
		{ "status", "NoNewPrivs:", "1" },
		{ "status", "Seccomp:", "2" },
		{ "limits", "Max core file size", "0                    0                    bytes     " },
		{ "limits", "Max processes", "0                    0                    processes " },
		{ "limits", "Max open files", "0                    0                    files     " },
		{ "limits", "Max file size", "0                    0                    bytes     " },
	};
	int32_t key = test_key("srpd-waits", probe, sizeof(probe));
	pid_t pid = child(key, act_wait);
	char got[sizeof(want) / sizeof(want[0])][256], locked[256], path[64];
	struct stat st = { .st_uid = 1 };
	int status;

	(void)state;
	/* Read first and assert later: a failed assert would leave the child behind */
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		proc_line(pid, want[i].file, want[i].name, got[i],
			  sizeof(got[i]));
	proc_line(pid, "status", "VmLck:", locked, sizeof(locked));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	stat(path, &st);
	kill(pid, SIGSEGV);
	status = end_of(pid);

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_string_equal(got[i], want[i].value);
	/* All memory that is in use is locked */
	assert_true(atoi(locked) > 1000);
	/* Not dumpable: its /proc files are root's */
	assert_int_equal(st.st_uid, 0);
	assert_true(WIFSIGNALED(status));
	assert_false(WCOREDUMP(status));
}

static void user_that_does_not_exist(void **state)
{
	uid_t uid;
	gid_t gid;

	(void)state;
	assert_int_equal(confine_user("no-such-user-here", &uid, &gid), -1);
}

static void user_that_is_root(void **state)
{
	uid_t uid;
	gid_t gid;

	(void)state;
	assert_int_equal(confine_user("root", &uid, &gid), -1);
}

static void user_by_name(void **state)
{
	uid_t uid = 0;
	gid_t gid = 0;

	(void)state;
	assert_int_equal(confine_user("daemon", &uid, &gid), 0);
	assert_int_not_equal(uid, 0);
	assert_int_not_equal(gid, 0);
}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(user_that_does_not_exist),
		cmocka_unit_test(user_that_is_root),
		cmocka_unit_test(user_by_name),
		cmocka_unit_test(has_given_up),
		cmocka_unit_test(may_do_what_libraries_do),
		cmocka_unit_test(serves_ephemeral),
		cmocka_unit_test(serves_session),
		cmocka_unit_test(leaves_when_the_key_goes),
		cmocka_unit_test(leaves_on_sigterm),
		cmocka_unit_test(reads_once_after_an_early_sigterm),
	};
	struct CMUnitTest deadly[FORBIDDENS];

	if (geteuid() != 0) {
		puts("1..0 # SKIP only root can drop privilege");
		return 0;
	}

	for (size_t i = 0; i < FORBIDDENS; i++) {
		deadly[i] = forbidden[i];
		deadly[i].test_func = dies_of_it;
	}
	if (secret_init() || keyctl_join_session_keyring(NULL) < 0)
		return 1;
	return run_all(fixed, sizeof(fixed) / sizeof(fixed[0]), deadly, FORBIDDENS);
}
