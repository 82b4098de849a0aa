// SPDX-License-Identifier: GPL-2.0-or-later
/* What a worker gives up before it gets a job */
#include "sandbox.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Limit of a worker's memory, all of which is locked: several times what it
 * uses, including libraries.
 */
#define MEMORY_LIMIT	(64UL * 1024 * 1024)

static int failed(const char *what)
{
	log_error("cannot enter the sandbox: %s: %s", what, strerror(errno));
	return -1;
}

/**
 * sandbox_detach() - Leave the session, directory and files of the parent
 * @keep_fd: the only file that stays open, 3 or above
 */
void sandbox_detach(int keep_fd)
{
	sigset_t none;
	int null;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (chdir("/"))
		log_error("cannot enter /: %s", strerror(errno));

	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close_range(3, keep_fd - 1, 0);
	close_range(keep_fd + 1, ~0U, 0);
}

/**
 * sandbox_user() - Look up the user that a worker runs as
 * @name: name of the user
 * @uid: result
 * @gid: result
 *
 * Return: 0, or -1 after logging the error
 */
int sandbox_user(const char *name, uid_t *uid, gid_t *gid)
{
	struct passwd *pw;

	errno = 0;
	pw = getpwnam(name);
	if (!pw) {
		log_error("user %s %s; create it with systemd-sysusers or \"useradd --system --shell /usr/sbin/nologin %s\"",
			  name, errno ? strerror(errno) : "does not exist", name);
		return -1;
	}
	if (pw->pw_uid == 0 || pw->pw_gid == 0) {
		log_error("user %s has UID %u and GID %u, and neither may be 0; change them, or delete the user and run systemd-sysusers",
			  name, pw->pw_uid, pw->pw_gid);
		return -1;
	}
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

static int lock_memory(void)
{
	const struct rlimit limit = { MEMORY_LIMIT, MEMORY_LIMIT };

	/* If a container forbids this, the self test shows whether memory suffices */
	if (setrlimit(RLIMIT_MEMLOCK, &limit) && errno != EPERM)
		return failed("RLIMIT_MEMLOCK");
	/* Lock pages when they are first used, to keep an idle worker small */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return failed("mlockall");
	return 0;
}

static int drop_privilege(uid_t uid, gid_t gid)
{
	int err;

	/* All sets: the kernel starts us with inheritable capabilities */
	capng_clear(CAPNG_SELECT_BOTH);
	err = capng_change_id(uid, gid, CAPNG_DROP_SUPP_GRP |
			      CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (err) {
		log_error("cannot enter the sandbox: capng_change_id() returned %d: %s",
			  err, strerror(errno));
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed("no_new_privs");
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0) {
		errno = EPERM;
		return failed("the worker can become root again");
	}
	return 0;
}

static int limit_resources(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_NPROC, &none))
		return failed("RLIMIT_NPROC");
	if (setrlimit(RLIMIT_FSIZE, &none))
		return failed("RLIMIT_FSIZE");
	if (setrlimit(RLIMIT_NOFILE, &none))
		return failed("RLIMIT_NOFILE");
	/* Changing the user has reset PR_SET_DUMPABLE */
	return secret_no_dump();
}

static int filter_syscalls(int32_t key, int ready_fd)
{
	static const int keyctl_ops[] = {
		KEYCTL_INSTANTIATE, KEYCTL_READ, KEYCTL_UPDATE,
	};
	/* For malloc(), OpenSSL's locks, _exit() and the handler of SIGTERM */
	static const int always[] = {
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(futex_time64),
		SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
		SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(sigreturn),
	};
	/* The second on 32 bits; libseccomp skips what a machine does not have */
	static const int maps[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2) };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = 0;

	if (!ctx) {
		errno = ENOMEM;
		return failed("seccomp");
	}

	err |= seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, always[i], 0);
	/*
	 * Only this key, which only this process can reach.  The kernel reads
	 * 32 bits of both arguments; libkeyutils does not define the others.
	 */
	for (size_t i = 0; i < sizeof(keyctl_ops) / sizeof(keyctl_ops[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(keyctl), 2,
					SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX,
						(uint32_t)keyctl_ops[i]),
					SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX,
						(uint32_t)key));
	/* Anonymous memory, never executable */
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, maps[i], 2,
					SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
						0),
					SCMP_A3(SCMP_CMP_MASKED_EQ,
						MAP_ANONYMOUS, MAP_ANONYMOUS));
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* To report to the parent */
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				SCMP_A0(SCMP_CMP_EQ, ready_fd));
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(close), 1,
				SCMP_A0(SCMP_CMP_EQ, ready_fd));
	if (err == 0)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	if (err) {
		errno = err < 0 ? -err : EINVAL;
		return failed("seccomp (the kernel needs CONFIG_SECCOMP_FILTER)");
	}
	return 0;
}

/**
 * sandbox_enter() - Drop all privileges and all but a few system calls
 * @uid: UID to run as
 * @gid: GID to run as
 * @key: the only key that can still be used
 * @ready_fd: the only file that can still be written and closed
 *
 * Any other system call then kills the process.
 *
 * Return: 0, or -1 after logging the error
 */
int sandbox_enter(uid_t uid, gid_t gid, int32_t key, int ready_fd)
{
	if (lock_memory() || drop_privilege(uid, gid) || limit_resources() ||
	    filter_syscalls(key, ready_fd))
		return -1;
	return 0;
}
