// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsi-srpd: options and modes */
#include "channel.h"
#include "job.h"
#include "selftest.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <openssl/crypto.h>

#define PROGRAM		"iscsi-srpd"
#define IDLE_DEFAULT	60
#define IDLE_MAX	86400

static const char help[] =
	"Usage: " PROGRAM " [--idle SECONDS] KEY\n"
	"       " PROGRAM " --check | --stdin | --version | --help\n"
	"\n"
	"Computes SRP logins for the kernel's iSCSI target.  request-key(8) starts it\n"
	"with the id of a key under construction.\n"
	"\n"
	"  --idle SECONDS  exit after this time without a login, 1 to 86400 (default 60)\n"
	"  --check         run the self test: known answers for every group\n"
	"  --stdin         read jobs from standard input, write results to standard output\n"
	"  --version       print the version\n"
	"  --help          print this\n";

/* A whole decimal number from 1 to max, or 0 */
static unsigned int parse_number(const char *text, unsigned long max)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || n > max)
		return 0;
	return n;
}

static int usage_error(void)
{
	fputs("Try '" PROGRAM " --help'.\n", stderr);
	return EX_USAGE;
}

static int check(void)
{
	if (secret_init())
		return EX_OSERR;
	if (!selftest(0))
		return EX_SOFTWARE;
	puts("self test passed");
	return EX_OK;
}

static int serve_stdin(void)
{
	struct iscsi_srp_result *result;
	struct iscsi_srp_job *job;
	int code = EX_OK;
	ssize_t n;

	if (secret_init())
		return EX_OSERR;
	job = secret_alloc(sizeof(*job));
	result = secret_alloc(RESULT_MAX);
	if (!job || !result) {
		log_error("out of memory");
		return EX_OSERR;
	}

	while ((n = read_all(STDIN_FILENO, job, sizeof(*job))) != 0) {
		if (n < 0) {
			log_error("standard input: %s", strerror(errno));
			code = EX_IOERR;
			break;
		}
		if (n != sizeof(*job)) {
			log_error("standard input ends after %zd bytes of a job; a job has %zu bytes",
				  n, sizeof(*job));
			code = EX_DATAERR;
			break;
		}
		if (write_all(STDOUT_FILENO, result, job_run(job, result))) {
			log_error("standard output: %s", strerror(errno));
			code = EX_IOERR;
			break;
		}
	}
	secret_free(job, sizeof(*job));
	secret_free(result, RESULT_MAX);
	return code;
}

static int serve_key(const char *text, unsigned int idle)
{
	unsigned int key = parse_number(text, INT_MAX);

	if (!key) {
		log_error("KEY must be the number of a key, not '%s'", text);
		return usage_error();
	}
	if (geteuid() != 0) {
		log_error("KEY needs root; let request-key(8) start this program, or use --check to test it");
		return EX_NOPERM;
	}
	log_to(LOG_TO_SYSLOG, PROGRAM);
	return channel_start(key, idle);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "idle", required_argument, NULL, 'i' },
		{ "check", no_argument, NULL, 'c' },
		{ "stdin", no_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	unsigned int idle = IDLE_DEFAULT;
	int mode = 0;
	int opt;

	/* The kernel may start us without open files */
	standard_files();
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == '?')
			return usage_error();
		if (opt == 'i') {
			idle = parse_number(optarg, IDLE_MAX);
			if (!idle) {
				log_error("--idle must be 1 to %d seconds, not '%s'",
					  IDLE_MAX, optarg);
				return usage_error();
			}
			continue;
		}
		if (mode && mode != opt) {
			log_error("--check, --stdin, --version and --help cannot be combined");
			return usage_error();
		}
		mode = opt;
	}
	if (argc - optind != (mode ? 0 : 1)) {
		log_error(mode ? "this mode takes no KEY" : "give exactly one KEY");
		return usage_error();
	}

	switch (mode) {
	case 'c':
		return check();
	case 's':
		return serve_stdin();
	case 'v':
		printf(PROGRAM " " VERSION ", " ISCSI_SRP_KEY_TYPE " version %d, %s\n",
		       ISCSI_SRP_VERSION, OpenSSL_version(OPENSSL_VERSION));
		return EX_OK;
	case 'h':
		fputs(help, stdout);
		return EX_OK;
	default:
		return serve_key(argv[optind], idle);
	}
}
