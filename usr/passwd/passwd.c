// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsi-srp-passwd: options */
#include "batch.h"
#include "configfs.h"
#include "entries.h"
#include "table.h"
#include "usersfile.h"
#include "lib/group.h"
#include "lib/hex.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/output.h"
#include "lib/prompt.h"
#include "lib/secret.h"
#include "lib/verifier.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRAM		"iscsi-srp-passwd"

static const char help[] =
	"Usage: " PROGRAM " [-g GROUP[,GROUP...]] [--json] [--salt HEX[,HEX...]] USER\n"
	"       " PROGRAM " [-g GROUP[,GROUP...]] --configfs DIR USER\n"
	"       " PROGRAM " [-g GROUP[,GROUP...]] -f FILE USER | --batch\n"
	"       " PROGRAM " -f FILE --check USER | --apply DIR [--dry-run] |\n"
	"               --export DIR\n"
	"\n"
	"Creates what an iSCSI target stores for a user's SRP password: a random salt and\n"
	"a verifier for each group.  Asks for the password twice on a terminal; otherwise\n"
	"reads the first line of standard input.\n"
	"\n"
	"  -g GROUP[,GROUP...]  groups (default " GROUPS_DEFAULT ")\n"
	"  --configfs DIR       store them in a target's auth directory, print nothing\n"
	"  --json               print a JSON object instead of NAME=VALUE lines\n"
	"  --salt HEX[,HEX...]  use these salts, and print the values for each\n"
	"  -f FILE              store them in a users file\n"
	"  --batch              apply the changes on standard input to FILE\n"
	"  --check              check a password against FILE\n"
	"  --apply DIR          make a target's users table match FILE\n"
	"  --dry-run            only print what --apply would change\n"
	"  --export DIR         write a target's users table to FILE\n"
	"  --version            print the version\n"
	"  --help               print this\n";

static int usage_error(void)
{
	fputs("Try '" PROGRAM " --help'.\n", stderr);
	return EX_USAGE;
}

static int parse_groups(const char *list, bool has[ISCSI_SRP_GROUP_MAX + 1])
{
	const struct srp_group *found[ISCSI_SRP_GROUP_MAX + 1];

	if (groups_parse("-g", list, found))
		return usage_error();
	memset(has, 0, ISCSI_SRP_GROUP_MAX + 1);
	for (size_t i = 0; found[i]; i++)
		has[found[i]->id] = true;
	if (!has[ISCSI_SRP_GROUP_SRP_1536])
		log_error("warning: initiators that support only SRP-1536, the group that RFC 7143 requires, cannot log in; add SRP-1536 to -g");
	return EX_OK;
}

static int print(const struct credentials *cred, bool json)
{
	char *text = secret_alloc(TEXT_MAX);
	int code = EX_OK;

	if (!text) {
		log_error("out of memory");
		return EX_OSERR;
	}
	credentials_text(cred, json, text);
	if (write_all(STDOUT_FILENO, text, strlen(text))) {
		log_error("cannot write to standard output: %s", strerror(errno));
		code = EX_IOERR;
	}
	secret_free(text, TEXT_MAX);
	return code;
}

/* The user keeps the salt that DIR has; another user gets a random one */
static int choose_salt(struct credentials *cred, const char *salt, const char *dir)
{
	ssize_t len = salt ? hex_to_bytes(salt, cred->salt, sizeof(cred->salt)) : 0;

	if (!salt && dir)
		len = configfs_salt(dir, cred);
	if (len > 0) {
		cred->salt_len = len;
		return EX_OK;
	}
	if (salt) {
		log_error("--salt must be 1 to %d bytes in hexadecimal",
			  ISCSI_SRP_MAX_LEN);
		return usage_error();
	}
	cred->salt_len = SALT_LEN;
	if (getrandom(cred->salt, SALT_LEN, 0) != SALT_LEN) {
		log_error("cannot get a random salt: %s", strerror(errno));
		return EX_OSERR;
	}
	return EX_OK;
}

/* salts: a list, or NULL for a random one; print as many sets of values */
static int run(const char *userid, const bool has[ISCSI_SRP_GROUP_MAX + 1],
	       bool json, const char *dir, char *salts)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));
	char *password = secret_alloc(PASSWORD_MAX + 1);
	const char *salt = salts;
	int code = EX_OSERR;
	size_t len, count = 0;

	if (!cred || !password) {
		log_error("out of memory");
		goto out;
	}
	strcpy(cred->userid, userid);
	memcpy(cred->has, has, sizeof(cred->has));
	/* Each becomes a string of its own */
	for (char *next; (next = strsep(&salts, ",")); count++) {
		code = choose_salt(cred, next, NULL);
		if (code != EX_OK)
			goto out;
	}

	/* Do not ask for a password that cannot be stored */
	code = dir ? configfs_check(dir) : EX_OK;
	if (code == EX_OK)
		code = prompt_password("SRP", userid, true, password, &len);
	if (code != EX_OK)
		goto out;
	do {
		code = choose_salt(cred, salt, dir);
		if (code == EX_OK && credentials_make(cred, password, len))
			code = EX_SOFTWARE;
		if (code == EX_OK)
			code = dir ? configfs_store(dir, cred) : print(cred, json);
		if (salt)
			salt += strlen(salt) + 1;
	} while (code == EX_OK && count && --count);
out:
	secret_free(password, PASSWORD_MAX + 1);
	secret_free(cred, sizeof(*cred));
	return code;
}

/* What to do with a users file */
enum action {
	ACTION_SET = 0,
	ACTION_BATCH = 'b',
	ACTION_CHECK = 'k',
	ACTION_APPLY = 'a',
	ACTION_APPLY_DRY = 'd',
	ACTION_EXPORT = 'e',
};

static int run_file(const char *path, enum action action, const char *arg,
		    const bool *has)
{
	bool create = action != ACTION_CHECK && action != ACTION_APPLY &&
		      action != ACTION_APPLY_DRY;
	struct users_file file;
	int code = users_file_open(&file, path, create);

	if (code != EX_OK)
		goto out;
	switch (action) {
	case ACTION_SET:
		code = batch_password(&file, arg, has);
		break;
	case ACTION_BATCH:
		code = batch_run(&file, has);
		break;
	case ACTION_CHECK:
		code = batch_check(&file, arg);
		break;
	case ACTION_APPLY:
	case ACTION_APPLY_DRY:
		code = table_apply(arg, &file.list, action == ACTION_APPLY_DRY);
		break;
	case ACTION_EXPORT:
		entries_free(&file.list);
		code = table_export(arg, &file.list);
		if (code == EX_OK)
			code = users_file_save(&file);
		break;
	}
out:
	users_file_close(&file);
	return code;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "apply", required_argument, NULL, ACTION_APPLY },
		{ "batch", no_argument, NULL, ACTION_BATCH },
		{ "check", no_argument, NULL, ACTION_CHECK },
		{ "export", required_argument, NULL, ACTION_EXPORT },
		{ "configfs", required_argument, NULL, 'c' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "salt", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *list = NULL;
	bool has[ISCSI_SRP_GROUP_MAX + 1];
	enum action action = ACTION_SET;
	const char *arg = NULL;	/* USER, or the table's DIR */
	const char *path = NULL;
	const char *dir = NULL;
	const char *problem;
	char *salts = NULL;
	bool json = false;
	bool dry = false;
	int opt, code;

	standard_files();
	log_to(LOG_TO_STDERR, PROGRAM);
	while ((opt = getopt_long(argc, argv, "f:g:", options, NULL)) != -1) {
		switch (opt) {
		case 'g':
			list = optarg;
			break;
		case 'f':
			path = optarg;
			break;
		case ACTION_APPLY:
		case ACTION_EXPORT:
			arg = optarg;
			/* fall through */
		case ACTION_BATCH:
		case ACTION_CHECK:
			if (action != ACTION_SET) {
				log_error("--apply, --batch, --check and --export cannot be combined");
				return usage_error();
			}
			action = opt;
			break;
		case 'c':
			dir = optarg;
			break;
		case 'n':
			dry = true;
			break;
		case 'j':
			json = true;
			break;
		case 's':
			salts = optarg;
			break;
		case 'v':
			puts(PROGRAM " " VERSION);
			return EX_OK;
		case 'h':
			fputs(help, stdout);
			return EX_OK;
		default:
			return usage_error();
		}
	}
	if (action != ACTION_SET && !path) {
		log_error("this mode needs -f FILE");
		return usage_error();
	}
	if (salts && (dir || path)) {
		log_error("--salt cannot be combined with --configfs and -f, which keep the user's salt");
		return usage_error();
	}
	if (dry && action != ACTION_APPLY) {
		log_error("--dry-run needs --apply");
		return usage_error();
	}
	if (dry)
		action = ACTION_APPLY_DRY;
	if (!!json + !!dir + !!path > 1) {
		log_error("--json, --configfs and -f cannot be combined");
		return usage_error();
	}
	if (arg || action == ACTION_BATCH) {
		if (argc != optind) {
			log_error("this mode takes no USER");
			return usage_error();
		}
	} else if (argc - optind != 1) {
		log_error("give exactly one USER; the password is never an argument");
		return usage_error();
	} else {
		arg = argv[optind];
		problem = userid_problem(arg);
		if (problem) {
			log_error("USER %s", problem);
			return EX_DATAERR;
		}
	}
	code = parse_groups(list ? list : GROUPS_DEFAULT, has);
	if (code != EX_OK)
		return code;
	if (secret_init())
		return EX_OSERR;
	if (path)
		return run_file(path, action, arg, list ? has : NULL);
	return run(arg, has, json, dir, salts);
}
