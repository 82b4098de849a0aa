// SPDX-License-Identifier: GPL-2.0-or-later
/* The password, from a terminal without echo, or from standard input */
#include "lib/prompt.h"
#include "lib/log.h"
#include "lib/secret.h"
#include "lib/verifier.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

static const int signals[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP,
};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static volatile sig_atomic_t got_signal;

static void on_signal(int sig)
{
	got_signal = sig;
}

/*
 * One line, without its newline, to a buffer of PASSWORD_MAX + 1; the length
 * tells if it is too long.  Octet by octet: what follows the line is not ours.
 * Signals come in only while we wait: -1 with EINTR.
 */
static ssize_t read_line(char *line, const sigset_t *waiting)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t len = 0;

	while (len <= PASSWORD_MAX) {
		ssize_t n;

		if (ppoll(&pfd, 1, NULL, waiting) < 0)
			return -1;
		n = read(STDIN_FILENO, line + len, 1);
		if (n < 0)
			return -1;
		if (n == 0 || line[len] == '\n')
			break;
		len++;
	}
	return len;
}

static void say(const char *text)
{
	/* A prompt that nobody sees is no reason to stop */
	(void)!write(STDERR_FILENO, text, strlen(text));
}

/* Ask on the terminal; whatever happens, its echo comes back */
static ssize_t ask(const char *question, char *line)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction old_actions[SIGNALS];
	struct termios quiet, old;
	sigset_t block, old_mask;
	ssize_t len;
	int err, sig;

	do {
		if (tcgetattr(STDIN_FILENO, &old))
			return -1;
		got_signal = 0;
		sigemptyset(&block);
		for (size_t i = 0; i < SIGNALS; i++)
			sigaddset(&block, signals[i]);
		sigprocmask(SIG_BLOCK, &block, &old_mask);
		for (size_t i = 0; i < SIGNALS; i++)
			sigaction(signals[i], &action, &old_actions[i]);

		quiet = old;
		quiet.c_lflag &= ~(ECHO | ECHOE | ECHOK);
		quiet.c_lflag |= ECHONL;
		len = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		if (len == 0) {
			say(question);
			len = read_line(line, &old_mask);
		}
		err = errno;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);

		for (size_t i = 0; i < SIGNALS; i++)
			sigaction(signals[i], &old_actions[i], NULL);
		sig = got_signal;
		if (sig) {
			explicit_bzero(line, PASSWORD_MAX + 1);
			say("\n");
			raise(sig);
		}
		/* Most signals end us here; after a stop we ask again */
		sigprocmask(SIG_SETMASK, &old_mask, NULL);
	} while (sig);

	errno = err;
	return len;
}

static int read_failed(void)
{
	log_error("cannot read the password: %s", strerror(errno));
	return EX_IOERR;
}

static int refused(const char *problem)
{
	log_error("the password %s", problem);
	return EX_DATAERR;
}

/**
 * prompt_password() - Get a password
 * @kind: what it is for
 * @userid: whose
 * @twice: whether to ask for it a second time, since it is new
 * @password: result, not terminated; PASSWORD_MAX + 1 octets
 * @len: result, its octets
 *
 * From a terminal; else the first line of standard input.
 *
 * Return: an exit code; if it is not EX_OK, the error is said
 */
int prompt_password(const char *kind, const char *userid, bool twice,
		    char *password, size_t *len)
{
	char question[USERID_MAX + 32];
	const char *problem;
	int code = EX_OK;
	ssize_t n, n2;
	char *again;

	if (!isatty(STDIN_FILENO)) {
		n = read_line(password, NULL);
		if (n < 0)
			return read_failed();
		problem = password_problem(password, n);
		*len = n;
		return problem ? refused(problem) : EX_OK;
	}

	snprintf(question, sizeof(question), "%s password of %s: ", kind,
		 userid);
	n = ask(question, password);
	if (n < 0)
		return read_failed();
	problem = password_problem(password, n);
	if (problem)
		return refused(problem);
	*len = n;
	if (!twice)
		return EX_OK;

	again = secret_alloc(PASSWORD_MAX + 1);
	if (!again) {
		log_error("out of memory");
		return EX_OSERR;
	}
	n2 = ask("The same again: ", again);
	if (n2 < 0)
		code = read_failed();
	else if (n2 != n || CRYPTO_memcmp(password, again, n))
		code = refused("was not typed the same twice");
	secret_free(again, PASSWORD_MAX + 1);
	return code;
}
