// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program gives up before it reads what others send */
#include "lib/confine.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Limit of a process's memory: several times what it uses, including libraries.
 */
#define MEMORY_LIMIT	(64UL * 1024 * 1024)

/**
 * confine_failed() - Log why the sandbox cannot be entered
 * @what: what failed, with errno
 *
 * Return: -1
 */
int confine_failed(const char *what)
{
	log_error("cannot enter the sandbox: %s: %s", what, strerror(errno));
	return -1;
}

/**
 * confine_user() - Look up the user to run as
 * @name: name of the user
 * @uid: result
 * @gid: result
 *
 * Return: 0, or -1 after logging the error
 */
int confine_user(const char *name, uid_t *uid, gid_t *gid)
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

/**
 * confine_memory() - Limit memory, and lock all of it
 *
 * Where a container forbids to raise the limit of locked memory, only what is
 * mapped now is locked.
 *
 * Return: 0, or -1 after logging the error
 */
int confine_memory(void)
{
	const struct rlimit limit = { MEMORY_LIMIT, MEMORY_LIMIT };
	/* Lock pages when they are first used, to keep the process small */
	int flags = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;

	if (setrlimit(RLIMIT_DATA, &limit))
		return confine_failed("RLIMIT_DATA");
	if (setrlimit(RLIMIT_MEMLOCK, &limit)) {
		if (errno != EPERM)
			return confine_failed("RLIMIT_MEMLOCK");
		flags &= ~MCL_FUTURE;
	}
	if (mlockall(flags))
		return confine_failed("mlockall");
	return 0;
}

/**
 * confine_privilege() - Become a user without any capability, for good
 * @uid: UID to run as
 * @gid: GID to run as
 *
 * Return: 0, or -1 after logging the error
 */
int confine_privilege(uid_t uid, gid_t gid)
{
	int err;

	/* All sets: the kernel starts helpers with inheritable capabilities */
	capng_clear(CAPNG_SELECT_BOTH);
	err = capng_change_id(uid, gid, CAPNG_DROP_SUPP_GRP |
			      CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (err) {
		log_error("cannot enter the sandbox: capng_change_id() returned %d: %s",
			  err, strerror(errno));
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return confine_failed("no_new_privs");
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0) {
		errno = EPERM;
		return confine_failed("the process can become root again");
	}
	return 0;
}

/**
 * confine_resources() - Forbid new processes, files and core dumps
 * @files: numbers of files from here on cannot be opened
 *
 * Return: 0, or -1 after logging the error
 */
int confine_resources(unsigned int files)
{
	const struct rlimit few = { files, files };
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_NPROC, &none))
		return confine_failed("RLIMIT_NPROC");
	if (setrlimit(RLIMIT_FSIZE, &none))
		return confine_failed("RLIMIT_FSIZE");
	if (setrlimit(RLIMIT_NOFILE, &few))
		return confine_failed("RLIMIT_NOFILE");
	/* Changing the user has reset PR_SET_DUMPABLE */
	return secret_no_dump();
}

/**
 * confine_filter() - Begin a filter of system calls
 *
 * It allows memory, never executable, locks, the time and the end of the
 * process; any other call kills it.
 *
 * Return: the filter for confine_load(), or NULL after logging the error
 */
scmp_filter_ctx confine_filter(void)
{
	/* For malloc(), locks of libraries, _exit() and a handler of signals */
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
		confine_failed("seccomp");
		return NULL;
	}
	err |= seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, always[i], 0);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, maps[i], 2,
					SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
						0),
					SCMP_A3(SCMP_CMP_MASKED_EQ,
						MAP_ANONYMOUS, MAP_ANONYMOUS));
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (err) {
		seccomp_release(ctx);
		errno = EINVAL;
		confine_failed("seccomp");
		return NULL;
	}
	return ctx;
}

/**
 * confine_load() - Put a filter into force, for good
 * @ctx: from confine_filter(), is released
 * @err: of adding rules to it, ORed: 0 if all were added
 *
 * Return: 0, or -1 after logging the error
 */
int confine_load(scmp_filter_ctx ctx, int err)
{
	if (err == 0)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	if (err) {
		errno = err < 0 ? -err : EINVAL;
		return confine_failed("seccomp (the kernel needs CONFIG_SECCOMP_FILTER)");
	}
	return 0;
}
