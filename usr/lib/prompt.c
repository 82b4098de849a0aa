// SPDX-License-Identifier: GPL-2.0-or-later
/* The password, from a terminal without echo or from standard input */
#include "lib/prompt.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/secret.h"
#include "lib/verifier.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* Room to see that a password is too long, and for a NUL */
#define LINE_SIZE	(PASSWORD_MAX + 2)

/* One line of standard input, byte by byte: the rest is not ours */
static ssize_t read_line(char *line)
{
	size_t len = 0;

	while (len <= PASSWORD_MAX) {
		ssize_t n = read_all(STDIN_FILENO, line + len, 1);

		if (n < 0)
			return -1;
		if (n == 0 || line[len] == '\n')
			break;
		len++;
	}
	return len;
}

/*
 * readpassphrase() keeps no copy of what it reads, and turns the echo on again
 * before a signal ends or stops the program.
 */
static ssize_t ask(const char *question, char *line)
{
	if (!readpassphrase(question, line, LINE_SIZE, RPP_REQUIRE_TTY))
		return -1;
	return strlen(line);
}

static int refused(const char *problem)
{
	log_error("the password %s", problem);
	return EX_DATAERR;
}

static int get_password(const char *question, bool twice, char *line,
			char *again, size_t *len)
{
	bool terminal = isatty(STDIN_FILENO);
	ssize_t n = terminal ? ask(question, line) : read_line(line);
	const char *problem;

	if (n >= 0) {
		problem = password_problem(line, n);
		if (problem)
			return refused(problem);
		*len = n;
		if (!twice || !terminal)
			return EX_OK;
		n = ask("The same again: ", again);
	}
	if (n < 0) {
		log_error("cannot read the password: %s%s", strerror(errno),
			  errno == ENOTTY ? "; write it to standard input, as there is no terminal to ask on" : "");
		return EX_IOERR;
	}
	if ((size_t)n != *len || CRYPTO_memcmp(line, again, *len))
		return refused("was not typed the same twice");
	return EX_OK;
}

/**
 * prompt_password() - Get a password
 * @kind: what it is for
 * @userid: its user
 * @twice: ask for it twice, since it is new
 * @password: result, not terminated; PASSWORD_MAX bytes
 * @len: set to its length
 *
 * From a terminal; else the first line of standard input.
 *
 * Return: an exit code; errors are logged
 */
int prompt_password(const char *kind, const char *userid, bool twice,
		    char *password, size_t *len)
{
	char question[USERID_MAX + 32];
	char *lines = secret_alloc(2 * LINE_SIZE);
	int code;

	if (!lines) {
		log_error("out of memory");
		return EX_OSERR;
	}
	snprintf(question, sizeof(question), "%s password of %s: ", kind,
		 userid);
	code = get_password(question, twice, lines, lines + LINE_SIZE, len);
	if (code == EX_OK)
		memcpy(password, lines, *len);
	secret_free(lines, 2 * LINE_SIZE);
	return code;
}
