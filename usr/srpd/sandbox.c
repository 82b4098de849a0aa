// SPDX-License-Identifier: GPL-2.0-or-later
/* What a worker gives up before it gets a job */
#include "sandbox.h"
#include "lib/confine.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

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

static int filter_syscalls(int32_t key, int ready_fd)
{
	static const int keyctl_ops[] = {
		KEYCTL_INSTANTIATE, KEYCTL_READ, KEYCTL_UPDATE,
	};
	scmp_filter_ctx ctx = confine_filter();
	int err = 0;

	if (!ctx)
		return -1;
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
	/* To report to the parent */
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				SCMP_A0(SCMP_CMP_EQ, ready_fd));
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(close), 1,
				SCMP_A0(SCMP_CMP_EQ, ready_fd));
	return confine_load(ctx, err);
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
	if (confine_memory() || confine_privilege(uid, gid) ||
	    confine_resources(0) || filter_syscalls(key, ready_fd))
		return -1;
	return 0;
}
