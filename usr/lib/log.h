/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error messages: to standard error, the system log or the parent */
#ifndef LIB_LOG_H
#define LIB_LOG_H

enum log_sink {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
	LOG_TO_PARENT,		/* the pipe of log_to_parent() */
};

void log_to(enum log_sink sink, const char *program);
void log_to_parent(int fd);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* LIB_LOG_H */
