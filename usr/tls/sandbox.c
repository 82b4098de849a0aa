// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is given up before the handshake: a hostile target meets a parser that
 * has nothing but this one connection.
 */
#include "sandbox.h"
#include "lib/confine.h"
#include "lib/log.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOL_TLS
#define SOL_TLS 282	/* not in the headers of libc */
#endif

/**
 * sandbox_detach() - Leave the files, directory and signals of the parent
 * @fd: the only file that stays open beside the standard ones
 */
void sandbox_detach(int fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir("/"))
		log_error("cannot enter /: %m");
	close_range(STDERR_FILENO + 1, fd - 1, 0);
	close_range(fd + 1, ~0U, 0);
}

static int filter_syscalls(int fd)
{
	/* What GnuTLS uses beside memory and time: certificates have dates */
	static const int more[] = {
		SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(getrusage),
		SCMP_SYS(time), SCMP_SYS(gettimeofday), SCMP_SYS(poll),
		SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64),
	};
	static const int on_socket[] = {
		SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(recv),
		SCMP_SYS(send),
	};
	scmp_filter_ctx ctx = confine_filter();
	int err = 0;

	if (!ctx)
		return -1;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, more[i], 0);
	for (size_t i = 0; i < sizeof(on_socket) / sizeof(on_socket[0]); i++)
		err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, on_socket[i], 1,
					SCMP_A0(SCMP_CMP_EQ, fd));
	/* The keys */
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
				SCMP_A0(SCMP_CMP_EQ, fd),
				SCMP_A1(SCMP_CMP_EQ, SOL_TLS));
	/* The result, or an error */
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO));
	err |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO));
	return confine_load(ctx, err);
}

/**
 * sandbox_enter() - Drop all privileges and all but a few system calls
 * @uid: UID to run as
 * @gid: GID to run as
 * @fd: the only socket that can still be used
 *
 * Any other system call then kills the process.
 *
 * Return: 0, or -1 after logging the error
 */
int sandbox_enter(uid_t uid, gid_t gid, int fd)
{
	/* poll(2) needs a limit of files that is not below its number of them */
	if (confine_memory() || confine_privilege(uid, gid) ||
	    confine_resources(1) || filter_syscalls(fd))
		return -1;
	return 0;
}
