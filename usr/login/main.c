// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsi-login: measure iSCSI logins */
#include <sysexits.h>

#include "lib/log.h"
#include "lib/prompt.h"
#include "lib/secret.h"
#include "lib/verifier.h"
#include "options.h"
#include "report.h"
#include "run.h"

#define PASSWORD_ROOM	4096	/* PASSWORD_MAX + 1, in pages */

/*
 * The password is in a mapping of its own: the secure heap of OpenSSL would
 * not be locked in child processes, so each of them makes one.
 */
static int run(const struct options *opt)
{
	char *password;
	struct result *results;
	size_t len = 0;
	int code = EX_OK;

	if (secret_no_dump())
		return EX_OSERR;
	password = secret_map(PASSWORD_ROOM);
	if (!password) {
		log_error("cannot lock memory for the password; raise RLIMIT_MEMLOCK (ulimit -l)");
		return EX_OSERR;
	}
	if (opt->method != METHOD_NONE)
		code = prompt_password(method_name(opt->method), opt->user,
				       false, password, &len);
	if (code == EX_OK)
		code = run_logins(opt, password, len, &results);
	secret_unmap(password, PASSWORD_ROOM);
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
