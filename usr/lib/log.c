// SPDX-License-Identifier: GPL-2.0-or-later
/* Error messages: to standard error, the system log, or the parent */
#include "lib/log.h"
#include "lib/io.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static enum log_sink log_sink = LOG_TO_STDERR;
static const char *log_program = "iscsi-srpd";
static int log_parent = -1;

/**
 * log_to() - Choose where errors go
 * @sink: standard error or the system log
 * @program: the name before each message; not copied
 */
void log_to(enum log_sink sink, const char *program)
{
	log_sink = sink;
	log_program = program;
	if (sink == LOG_TO_SYSLOG)
		openlog(program, LOG_PID | LOG_CONS |
			(isatty(STDERR_FILENO) ? LOG_PERROR : 0), LOG_DAEMON);
}

/**
 * log_to_parent() - Let the parent process log errors
 * @fd: a pipe to it
 */
void log_to_parent(int fd)
{
	log_sink = LOG_TO_PARENT;
	log_parent = fd;
}

/* Names may come from files: they must not control a terminal */
static void make_printable(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if (*c < ' ' || *c == 0x7f)
			*c = '?';
		else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			c[0] = c[1] = '?';
	}
}

/**
 * log_error() - Log an error
 * @format: as of printf; without a newline, and never with a secret
 */
void log_error(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text);

	switch (log_sink) {
	case LOG_TO_STDERR:
		fprintf(stderr, "%s: %s\n", log_program, text);
		break;
	case LOG_TO_SYSLOG:
		syslog(LOG_ERR, "%s", text);
		break;
	case LOG_TO_PARENT:
		/* There is nowhere to report a failure of this */
		(void)write_all(log_parent, text, strlen(text));
		break;
	}
}
