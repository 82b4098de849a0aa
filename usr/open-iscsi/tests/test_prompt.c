// SPDX-License-Identifier: GPL-2.0-or-later
/* A password on a terminal: asked twice, and the echo is on again afterwards */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cases.h"
#include "config.h"
#include "srp_config.h"

#define KEY "node.session.auth.srp_password"

static int terminal, slave;
static pid_t child;

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(STDERR_FILENO, format, args);
	va_end(args);
}

/* What iscsiadm does: it writes "password=...", and waits for its end */
static void ask(void)
{
	char value[AUTH_STR_MAX_LEN];

	alarm(10);
	if (!srp_config_read_password(KEY, value, sizeof(value)))
		dprintf(STDERR_FILENO, "password=%s.", value);
	pause();
	_exit(0);
}

/*
 * The leader of the terminal's session lives on, like a shell: its end would
 * reset the terminal. It writes "signal=..." when the other process has ended.
 */
static void lead(void)
{
	static const int sent[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	int status;
	pid_t other;
	size_t i;

	for (i = 0; i < COUNT(sent); i++)
		signal(sent[i], SIG_IGN);
	other = fork();
	if (!other) {
		for (i = 0; i < COUNT(sent); i++)
			signal(sent[i], SIG_DFL);
		ask();
	}
	waitpid(other, &status, 0);
	dprintf(STDERR_FILENO, "signal=%d.", WTERMSIG(status));
	pause();
}

static void start(void)
{
	alarm(10);
	child = forkpty(&terminal, NULL, NULL, NULL);
	assert_true(child >= 0);
	if (!child)
		lead();
	slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
}

static void sees(const char *text)
{
	static char output[4096];
	size_t len = 0;
	ssize_t got;

	while (memset(output + len, 0, sizeof(output) - len),
	       !strstr(output, text)) {
		got = read(terminal, output + len, sizeof(output) - 1 - len);
		assert_true(got > 0);
		len += got;
	}
	assert_null(strstr(output, "horse\r\n"));	/* no echo */
}

static void types(const char *text)
{
	assert_int_equal(write(terminal, text, strlen(text)), strlen(text));
}

static int echoes(void)
{
	struct termios now;

	assert_int_equal(tcgetattr(slave, &now), 0);
	return (now.c_lflag & ECHO) != 0;
}

static void stop(void)
{
	assert_int_equal(echoes(), 1);
	kill(-child, SIGKILL);
	waitpid(child, NULL, 0);
	close(terminal);
	close(slave);
	alarm(0);
}

/* The same password to both prompts */
static void types_twice(void)
{
	types("correct horse\n");
	sees(KEY ", again: ");
	types("correct horse\n");
	sees("password=correct horse.");
	stop();
}

/* The signal has ended it */
static void ended(int signo)
{
	char text[32];

	sprintf(text, "signal=%d.", signo);
	sees(text);
	stop();
}

static void twice(void **state)
{
	start();
	sees(KEY ": ");
	assert_int_equal(echoes(), 0);
	types_twice();
}

static void different(void **state)
{
	start();
	sees(KEY ": ");
	types("correct horse\n");
	sees(KEY ", again: ");
	types("correct hors\n");
	sees(KEY " was not typed the same twice");
	stop();
}

static void too_long(void **state)
{
	char line[AUTH_STR_MAX_LEN + 2];

	memset(line, 'x', AUTH_STR_MAX_LEN);
	strcpy(line + AUTH_STR_MAX_LEN, "\n");
	start();
	sees(KEY ": ");
	types(line);
	sees(KEY " has 256 bytes, it must have at most 255");
	stop();
}

static void end_of_file(void **state)
{
	start();
	sees(KEY ": ");
	types("\004");
	sees(KEY ": no password on standard input");
	stop();
}

static void signals(void **state)
{
	static const int sent[] = { SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	start();
	sees(KEY ": ");
	types("corr\003");
	ended(SIGINT);
	for (i = 0; i < COUNT(sent); i++) {
		start();
		sees(KEY ": ");
		kill(-child, sent[i]);
		ended(sent[i]);
	}
	/* while it asks again */
	start();
	sees(KEY ": ");
	types("correct horse\n");
	sees(KEY ", again: ");
	types("\003");
	ended(SIGINT);
}

static void stopped(void **state)
{
	start();
	sees(KEY ": ");
	types("corr");
	/* with no shell that could continue it, it continues by itself */
	kill(-child, SIGTSTP);
	sees(KEY ": ");
	assert_int_equal(echoes(), 0);
	types_twice();
}

int main(void)
{
	add(twice, NULL, "prompt/twice");
	add(different, NULL, "prompt/not the same twice");
	add(too_long, NULL, "prompt/too long");
	add(end_of_file, NULL, "prompt/end of file");
	add(signals, NULL, "prompt/signals");
	add(stopped, NULL, "prompt/stopped and continued");
	return run_cases(NULL);
}
