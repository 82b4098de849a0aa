// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes, because the arithmetic shared with iscsi-srpd is not thread-safe.
 * They start to measure together, when all have warmed up.
 */
#include "run.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "initiator.h"
#include "lib/log.h"
#include "lib/secret.h"
#include "lib/verifier.h"
#include "login.h"

#define SECOND		1000000000	/* in nanoseconds */

/**
 * struct shared - Memory of all processes
 * @start: where they wait for each other
 * @results: repeat of them for each connection
 */
struct shared {
	pthread_barrier_t start;
	struct result results[];
};

/* Do what would make the first login slower than the others */
static bool prepare(const struct options *opt)
{
	bool ok = true;

	digest_init();
	for (const struct srp_group *const *group = opt->allowed; *group;
	     group++)
		ok = ok && group_modulus(*group);
	return ok;
}

static void sleep_until(int64_t ns)
{
	const struct timespec when = { ns / SECOND, ns % SECOND };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) ==
	       EINTR)
		;
}

/*
 * The measured logins of a connection.  With --rate the connections take turns; a
 * login that is late does not delay later ones.
 */
static void measure(struct login *l, struct result *results,
		    unsigned int connection)
{
	const struct options *opt = l->opt;
	int64_t begin = (int64_t)opt->begin_at * SECOND;
	int64_t now = clock_ns(CLOCK_MONOTONIC);

	sleep_until(begin);
	if (begin < now)
		begin = now;
	for (unsigned int n = 0; n < opt->repeat; n++) {
		int64_t turn = (int64_t)n * opt->parallel + connection;

		if (opt->rate)
			sleep_until(begin + turn * SECOND / opt->rate);
		login_run(l, &results[n]);
	}
}

static int child(const struct options *opt, const char *password,
		 size_t password_len, struct shared *shared,
		 unsigned int connection)
{
	struct login *l = calloc(1, sizeof(*l));
	struct result warm_up;
	char *copy;

	if (secret_init())
		return EX_OSERR;
	copy = secret_alloc(PASSWORD_MAX);
	if (l)
		l->srp = secret_alloc(sizeof(*l->srp));
	if (!l || !copy || !l->srp || !prepare(opt)) {
		log_error("out of memory");
		return EX_OSERR;
	}
	memcpy(copy, password, password_len);
	l->opt = opt;
	l->password = copy;
	l->password_len = password_len;
	l->guess = opt->allowed[0];

	/* What fails here fails again below, where it is reported */
	for (unsigned int n = 0; n < opt->warm_up; n++)
		login_run(l, &warm_up);
	pthread_barrier_wait(&shared->start);
	measure(l, shared->results + (size_t)connection * opt->repeat,
		connection);

	secret_free(copy, PASSWORD_MAX);
	secret_free(l->srp, sizeof(*l->srp));
	free(l);
	return EX_OK;
}

static void kill_all(const pid_t *pids, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	}
}

/* Wait for all processes; if one fails, kill the others */
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
			log_error("a child process was killed by signal %d",
				  WTERMSIG(status));
			code = EX_SOFTWARE;
		}
		kill_all(pids, count);
	}
	return code;
}

static struct shared *share(const struct options *opt)
{
	size_t len = sizeof(struct shared) + (size_t)opt->repeat *
		     opt->parallel * sizeof(struct result);
	pthread_barrierattr_t attr;
	struct shared *shared;

	shared = mmap(NULL, len, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return NULL;
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->start, &attr, opt->parallel);
	return shared;
}

/**
 * run_logins() - Do all logins
 * @opt: how many, and how
 * @password: not terminated
 * @password_len: its length
 * @results: set to the results, repeat of them for each connection
 *
 * Return: EX_OK if every login was tried, even if it failed; otherwise an exit
 * code, with the error logged
 */
int run_logins(const struct options *opt, const char *password,
	       size_t password_len, struct result **results)
{
	pid_t *pids = calloc(opt->parallel, sizeof(*pids));
	struct shared *shared = share(opt);
	pid_t parent = getpid();
	int code = EX_OSERR;
	unsigned int n;

	if (!pids || !shared) {
		log_error("out of memory");
		free(pids);
		return EX_OSERR;
	}
	*results = shared->results;
	for (n = 0; n < opt->parallel; n++) {
		pids[n] = fork();
		if (pids[n] < 0)
			break;
		if (pids[n] == 0) {
			/* Do not outlive the parent */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(EX_SOFTWARE);
			_exit(child(opt, password, password_len, shared, n));
		}
	}
	if (n < opt->parallel) {
		log_error("--parallel: only %u processes could be started: %s",
			  n, strerror(errno));
		kill_all(pids, n);
		reap(pids, n);
	} else {
		code = reap(pids, n);
	}
	free(pids);
	return code;
}
