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

/* The child writes "password=...", and exits with its status */
static void start(void)
{
	char value[AUTH_STR_MAX_LEN];
	int rc;

	alarm(10);
	child = forkpty(&terminal, NULL, NULL, NULL);
	assert_true(child >= 0);
	if (!child) {
		alarm(10);
		rc = srp_config_read_password(KEY, value, sizeof(value));
		if (!rc)
			dprintf(STDERR_FILENO, "password=%s.", value);
		/* until the terminal was looked at */
		pause();
		_exit(rc != 0);
	}
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

/* The signal that ends the child */
static int ended(void)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(echoes(), 1);
	close(terminal);
	close(slave);
	alarm(0);
	return WTERMSIG(status);
}

static void stop_child(void)
{
	assert_int_equal(echoes(), 1);
	kill(child, SIGKILL);
	ended();
}

static void twice(void **state)
{
	start();
	sees(KEY ": ");
	assert_int_equal(echoes(), 0);
	types("correct horse\n");
	sees(KEY ", again: ");
	types("correct horse\n");
	sees("password=correct horse.");
	stop_child();
}

static void different(void **state)
{
	start();
	sees(KEY ": ");
	types("correct horse\n");
	sees(KEY ", again: ");
	types("correct hors\n");
	sees(KEY " was not typed the same twice");
	stop_child();
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
	stop_child();
}

static void end_of_file(void **state)
{
	start();
	sees(KEY ": ");
	types("\004");
	sees(KEY ": no password on standard input");
	stop_child();
}

static void signals(void **state)
{
	static const int sent[] = { SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	start();
	sees(KEY ": ");
	types("corr\003");
	assert_int_equal(ended(), SIGINT);
	for (i = 0; i < COUNT(sent); i++) {
		start();
		sees(KEY ": ");
		kill(child, sent[i]);
		assert_int_equal(ended(), sent[i]);
	}
	/* while it asks again */
	start();
	sees(KEY ": ");
	types("correct horse\n");
	sees(KEY ", again: ");
	types("\003");
	assert_int_equal(ended(), SIGINT);
}

static void stopped(void **state)
{
	int status;

	start();
	sees(KEY ": ");
	types("corr");
	kill(child, SIGTSTP);
	/* the group of a terminal's leader is an orphan: it is not stopped */
	if (waitpid(child, &status, WUNTRACED | WNOHANG) == child)
		kill(child, SIGCONT);
	sees(KEY ": ");
	assert_int_equal(echoes(), 0);
	types("correct horse\n");
	sees(KEY ", again: ");
	types("correct horse\n");
	sees("password=correct horse.");
	stop_child();
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
