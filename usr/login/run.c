// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many logins: a process for each connection, as the arithmetic shared with
 * iscsi-srpd knows no threads.  They begin together when all have warmed up.
 */
#include "login.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/**
 * struct start - What the processes wait for each other by
 * @ready: each process closes its end when it has warmed up
 * @go: the parent closes its end when all have
 */
struct start {
	int ready[2];
	int go[2];
};

/* Returns when the other end is closed by all who had it */
static void wait_closed(int fd)
{
	char c;

	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
}

/* What a first login would otherwise take longer for */
static bool prepare(const struct options *opt)
{
	bool ok = true;

	digest_init();
	for (const struct srp_group *const *group = opt->allowed; *group;
	     group++)
		ok = ok && group_modulus(*group);
	return ok;
}

static int child(const struct options *opt, const char *password,
		 size_t password_len, struct result *results,
		 struct start *start)
{
	struct login *l = calloc(1, sizeof(*l));
	struct result warm_up;
	char *copy;

	close(start->ready[0]);
	close(start->go[1]);
	if (secret_init())
		return EX_OSERR;
	copy = secret_alloc(PASSWORD_MAX);
	if (l)
		l->srp = secret_alloc(sizeof(*l->srp));
	if (!l || !copy || !l->srp) {
		log_error("out of memory");
		return EX_OSERR;
	}
	memcpy(copy, password, password_len);
	l->opt = opt;
	l->password = copy;
	l->password_len = password_len;
	l->guess = opt->allowed[0];
	if (!prepare(opt)) {
		log_error("out of memory");
		return EX_OSERR;
	}

	/* What fails now fails again, and is told then */
	for (unsigned int n = 0; n < opt->warm_up; n++)
		login_run(l, &warm_up);
	close(start->ready[1]);
	wait_closed(start->go[0]);
	for (unsigned int n = 0; n < opt->repeat; n++)
		login_run(l, &results[n]);

	secret_free(copy, PASSWORD_MAX);
	secret_free(l->srp, sizeof(*l->srp));
	free(l);
	return EX_OK;
}

/* Kill those that have not ended; 0 is no process */
static void kill_all(const pid_t *pids, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	}
}

/* Wait for all; if one did not end by itself and well, no other goes on */
static int reap(pid_t *pids, unsigned int count)
{
	int code = EX_OK;
	int status;
	pid_t pid;

	while ((pid = wait(&status)) > 0) {
		for (unsigned int i = 0; i < count; i++) {
			if (pids[i] == pid)
				pids[i] = 0;
		}
		if (code != EX_OK || (WIFEXITED(status) &&
				      WEXITSTATUS(status) == EX_OK))
			continue;
		if (WIFEXITED(status)) {
			code = WEXITSTATUS(status);
		} else {
			log_error("a process of ours ended by signal %d",
				  WTERMSIG(status));
			code = EX_SOFTWARE;
		}
		kill_all(pids, count);
	}
	return code;
}

/**
 * run_logins() - Do all the logins
 * @opt: how many of which
 * @password: not terminated
 * @password_len: its octets
 * @results: in memory that processes share, repeat of them for each connection
 *
 * Return: EX_OK if every login was tried, whatever came of it; an exit code
 * with the error said
 */
int run_logins(const struct options *opt, const char *password,
	       size_t password_len, struct result *results)
{
	pid_t *pids = calloc(opt->parallel, sizeof(*pids));
	pid_t parent = getpid();
	struct start start;
	unsigned int n;
	int code;

	if (!pids || pipe2(start.ready, O_CLOEXEC) ||
	    pipe2(start.go, O_CLOEXEC)) {
		log_error("cannot start: %s", strerror(errno));
		free(pids);
		return EX_OSERR;
	}
	for (n = 0; n < opt->parallel; n++) {
		pids[n] = fork();
		if (pids[n] < 0)
			break;
		if (pids[n] == 0) {
			/* No process outlives us */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(EX_SOFTWARE);
			_exit(child(opt, password, password_len,
				    &results[(size_t)n * opt->repeat],
				    &start));
		}
	}
	close(start.ready[1]);
	if (n < opt->parallel) {
		log_error("--parallel: no more than %u processes: %s", n,
			  strerror(errno));
		kill_all(pids, n);
		reap(pids, n);
		code = EX_OSERR;
	} else {
		wait_closed(start.ready[0]);
		close(start.go[1]);
		code = reap(pids, n);
	}
	free(pids);
	return code;
}
