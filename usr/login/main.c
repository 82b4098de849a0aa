// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsi-login: iSCSI logins, and how long they take */
#include "login.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* Memory that the processes of run.c see, or NULL with the error said */
static void *shared_alloc(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		log_error("no memory for %zu octets: %s", len, strerror(errno));
		return NULL;
	}
	return memory;
}

static int read_password(const struct options *opt, char *password,
			 size_t *len)
{
	int fd;

	if (opt->password_file) {
		fd = open(opt->password_file, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			log_error("--password-file: %s: %s",
				  opt->password_file, strerror(errno));
			return errno == EACCES ? EX_NOPERM : EX_NOINPUT;
		}
		if (dup2(fd, STDIN_FILENO) < 0) {
			log_error("--password-file: %s", strerror(errno));
			return EX_OSERR;
		}
		close(fd);
	}
	return prompt_password(method_name(opt->method), opt->user, false,
			       password, len);
}

static int run(const struct options *opt)
{
	size_t results_len = (size_t)opt->repeat * opt->parallel *
			     sizeof(struct result);
	struct result *results = shared_alloc(results_len);
	/* A page of its own: the secure heap would not be locked in children */
	char *password = shared_alloc(PASSWORD_MAX + 1);
	size_t len = 0;
	int code = EX_OK;

	if (!results || !password || secret_no_dump())
		return EX_OSERR;
	if (mlock(password, PASSWORD_MAX + 1)) {
		log_error("cannot lock memory for the password: %s; the limit RLIMIT_MEMLOCK must allow it (ulimit -l)",
			  strerror(errno));
		return EX_OSERR;
	}
	if (opt->method != METHOD_NONE)
		code = read_password(opt, password, &len);
	if (code == EX_OK)
		code = run_logins(opt, password, len, results);
	OPENSSL_cleanse(password, PASSWORD_MAX + 1);
	if (code == EX_OK)
		code = report(opt, results);
	return code;
}

int main(int argc, char **argv)
{
	struct options opt;
	int code;

	log_to(LOG_TO_STDERR, PROGRAM);
	code = options_parse(argc, argv, &opt);
	if (code == EX_OK)
		return run(&opt);
	return code == EX_DONE ? EX_OK : code;
}
