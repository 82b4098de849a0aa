// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The key that is a worker's channel; see linux/iscsi_srp.h.
 *
 * /sbin/request-key starts this program as root with the authority to
 * instantiate one key.  The parent waits until its child has done that, or has
 * reported why it cannot, and exits; the child stays and serves jobs.
 *
 * The order in the child matters.  Everything that can fail comes before the
 * key is instantiated: a failure before that makes the key rejected for a
 * while, which keeps the kernel from trying again at once.  The child enters
 * the sandbox before it instantiates the key, and so before it can get a job.
 * The self test runs in the sandbox, to show that a job can be done there.
 */
#include "channel.h"
#include "job.h"
#include "sandbox.h"
#include "selftest.h"
#include "lib/confine.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <keyutils.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#ifndef KEY_SPEC_REQUESTOR_KEYRING
#define KEY_SPEC_REQUESTOR_KEYRING (-8)	/* not in keyutils.h yet */
#endif

#define START_TIMEOUT	10000	/* ms for a child to become ready */
#define BACK_OFF	5	/* s until the kernel may try again */
#define READY		'\0'	/* sent by the child; anything else is an error */

/*
 * Assume the authority to instantiate the key, and join a new session keyring to
 * link it into: then this process possesses the key, whatever its user, and no
 * other process does.  Return the keyring's id: in KEYCTL_INSTANTIATE a special
 * id would mean the requestor's keyring.
 */
static int32_t take_key(int32_t key)
{
	int32_t ring;

	if (keyctl_assume_authority(key) < 0) {
		log_error("no authority to instantiate key %d: %s; let request-key(8) start this program, or use --check to test it",
			  key, strerror(errno));
		return -1;
	}
	ring = keyctl_join_session_keyring(NULL);
	if (ring < 0)
		log_error("cannot join a new session keyring: %s; raise the quota of keys in /proc/sys/kernel/keys",
			  strerror(errno));
	return ring;
}

/* Success uses up our authority, and the kernel drops it */
static int instantiate(int32_t key, int32_t ring)
{
	const struct iscsi_srp_hello hello = { .version = ISCSI_SRP_VERSION };

	if (keyctl_instantiate(key, &hello, sizeof(hello), ring) == 0)
		return 0;
	if (errno == EPROTO)
		log_error("the kernel does not support version %d of " ISCSI_SRP_KEY_TYPE "; install the iscsi-srpd that matches it",
			  ISCSI_SRP_VERSION);
	else
		log_error("cannot instantiate key %d: %s", key, strerror(errno));
	return -1;
}

static __attribute__((noreturn)) void worker(int32_t key,
					     unsigned int idle, int ready_fd)
{
	const char ready = READY;
	int32_t ring;
	uid_t uid;
	gid_t gid;

	log_to_parent(ready_fd);
	sandbox_detach(ready_fd);
	channel_leave_on_sigterm();

	if (confine_user(SRPD_USER, &uid, &gid))
		_exit(EX_NOUSER);
	if (secret_init())
		_exit(EX_OSERR);
	ring = take_key(key);
	if (ring < 0)
		_exit(EX_NOPERM);
	if (sandbox_enter(uid, gid, key, ready_fd))
		_exit(EX_OSERR);
	if (!selftest(ISCSI_SRP_GROUP_SRP_1536))
		_exit(EX_SOFTWARE);
	if (instantiate(key, ring))
		_exit(EX_PROTOCOL);

	if (write_all(ready_fd, &ready, 1))
		_exit(EX_OSERR);
	close(ready_fd);
	_exit(channel_serve(key, idle));
}

/* Whether the child reports that it is ready; if not, log why, and it is gone */
static bool wait_ready(pid_t pid, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[512] = "";
	int status;
	ssize_t n;

	/* A child writes once, and less than a pipe holds */
	if (poll(&pfd, 1, START_TIMEOUT) != 1) {
		log_error("the worker was not ready within %d s; is the machine overloaded?",
			  START_TIMEOUT / 1000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return false;
	}
	n = read(fd, text, sizeof(text) - 1);
	if (n > 0 && text[0] == READY)
		return true;

	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
		log_error("the worker was killed by signal %d before it was ready",
			  WTERMSIG(status));
	else
		log_error("%s", n > 0 ? text : "the worker exited before it was ready");
	return false;
}

/*
 * The kernel tries again once if there is no answer, as a signal may have ended us.
 * ENOKEY means the same, so give another error.
 */
static void refuse(int32_t key)
{
	if (keyctl_assume_authority(key) < 0)
		return;
	if (keyctl_reject(key, BACK_OFF, EKEYREJECTED,
			  KEY_SPEC_REQUESTOR_KEYRING) < 0 &&
	    errno != EPERM && errno != EKEYREVOKED)
		log_error("cannot reject key %d: %s", key, strerror(errno));
}

static void block_sigterm(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(how, &set, NULL);
}

/* Whoever replaces workers may have met only the parent: it can be listed alone */
static void pass_on_sigterm(pid_t pid)
{
	sigset_t set;

	if (sigpending(&set) == 0 && sigismember(&set, SIGTERM) == 1)
		kill(pid, SIGTERM);
}

/**
 * channel_start() - Start a worker for a key, in the background
 * @key: key of type iscsi_srp, under construction
 * @idle: seconds without a job after which the worker exits
 *
 * Return: an exit code; on failure the error is logged and the key is
 * rejected
 */
int channel_start(int32_t key, unsigned int idle)
{
	int ready[2] = { -1, -1 };
	pid_t pid = -1;

	/* Finish the start: the kernel waits for it, and logins with it */
	block_sigterm(SIG_BLOCK);
	if (pipe2(ready, O_CLOEXEC) == 0)
		pid = fork();
	if (pid < 0) {
		log_error("cannot start a worker: %s", strerror(errno));
		refuse(key);
		return EX_OSERR;
	}
	if (pid == 0)
		worker(key, idle, ready[1]);

	close(ready[1]);
	if (wait_ready(pid, ready[0])) {
		pass_on_sigterm(pid);
		return EX_OK;
	}
	refuse(key);
	return EX_UNAVAILABLE;
}

static volatile sig_atomic_t leaving;

static void leave(int sig)
{
	(void)sig;
	leaving = 1;
}

/**
 * channel_leave_on_sigterm() - Let SIGTERM end channel_serve() after a job
 *
 * So a new version of this program or of OpenSSL can replace workers without a
 * failed login.  A signal that comes during the start, or just before a wait,
 * takes effect when the kernel ends the wait, after a few seconds.
 */
void channel_leave_on_sigterm(void)
{
	const struct sigaction action = { .sa_handler = leave };

	sigaction(SIGTERM, &action, NULL);
	block_sigterm(SIG_UNBLOCK);
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/**
 * channel_serve() - Serve jobs until there are none for a while
 * @key: instantiated, and possessed by this process
 * @idle: seconds without a job after which to return
 *
 * Return: an exit code; EX_OK also if the target ends the channel, or after
 * SIGTERM
 */
int channel_serve(int32_t key, unsigned int idle)
{
	struct iscsi_srp_job *job = secret_alloc(sizeof(*job));
	struct iscsi_srp_result *result = secret_alloc(RESULT_MAX);
	time_t since = now();
	bool worked = false;
	int code = EX_OK;

	/* Read at least once: to the kernel, the start failed otherwise */
	for (bool first = true; job && result && (first || !leaving);
	     first = false) {
		long len = keyctl_read(key, (char *)job, sizeof(*job));

		/* Read the clock only when idle: it costs time */
		if (len < 0 && (errno == EAGAIN ||
				(errno == ETIMEDOUT && worked))) {
			since = now();
			worked = false;
			continue;
		}
		if (len < 0 && errno == ETIMEDOUT) {
			if (now() - since >= (time_t)idle)
				break;
			continue;
		}
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			code = errno == ESHUTDOWN ? EX_OK : EX_UNAVAILABLE;
			break;
		}
		if (len != sizeof(*job)) {
			code = EX_PROTOCOL;
			break;
		}

		len = job_run(job, result);
		len = keyctl_update(key, result, len);
		explicit_bzero(job, sizeof(*job));
		explicit_bzero(result, RESULT_MAX);
		/* ESTALE: the job was cancelled, or reassigned, meanwhile */
		if (len < 0 && errno != ESTALE) {
			code = EX_UNAVAILABLE;
			break;
		}
		worked = true;
	}

	if (!job || !result)
		code = EX_OSERR;
	secret_free(job, sizeof(*job));
	secret_free(result, RESULT_MAX);
	return code;
}
