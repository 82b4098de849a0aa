// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsi-srp-passwd: options */
#include "srpd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRAM		"iscsi-srp-passwd"
#define DEFAULT_GROUPS	"MODP-3072,SRP-2048,SRP-1536"

static const char help[] =
	"Usage: " PROGRAM " [-g GROUP[,GROUP...]] [--json | --configfs DIR] USER\n"
	"\n"
	"Makes what an iSCSI target stores of a user's SRP password: a random salt and\n"
	"a verifier for each group.  Asks for the password, twice, on a terminal; else\n"
	"takes the first line of standard input.\n"
	"\n"
	"  -g GROUP[,GROUP...]  groups (default " DEFAULT_GROUPS ")\n"
	"  --configfs DIR       store it in a target's auth directory, print nothing\n"
	"  --json               print a JSON object instead of NAME=VALUE lines\n"
	"  --version            print the version\n"
	"  --help               print this\n";

static int usage_error(void)
{
	fputs("Try '" PROGRAM " --help'.\n", stderr);
	return EX_USAGE;
}

static int unknown_group(const char *name, int len)
{
	char names[160] = "";

	for (size_t i = 0; i < ISCSI_SRP_GROUP_MAX; i++) {
		strcat(names, i ? ", " : "");
		strcat(names, groups[i].name);
	}
	log_error("-g: there is no group '%.*s'; the groups are %s", len, name,
		  names);
	return usage_error();
}

static int parse_groups(const char *list, bool has[ISCSI_SRP_GROUP_MAX + 1])
{
	memset(has, 0, ISCSI_SRP_GROUP_MAX + 1);
	for (;;) {
		size_t len = strcspn(list, ",");
		const struct srp_group *group = group_by_name(list, len);

		if (!group)
			return unknown_group(list, (int)len);
		if (has[group->id]) {
			log_error("-g: %s is there twice", group->name);
			return usage_error();
		}
		has[group->id] = true;
		if (list[len] == '\0')
			break;
		list += len + 1;
	}
	if (!has[ISCSI_SRP_GROUP_SRP_1536])
		log_error("warning: without SRP-1536, which RFC 7143 wants every target to offer, some initiators cannot log in");
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
		log_error("standard output: %s", strerror(errno));
		code = EX_IOERR;
	}
	secret_free(text, TEXT_MAX);
	return code;
}

static int run(const char *userid, const bool has[ISCSI_SRP_GROUP_MAX + 1],
	       bool json, const char *dir)
{
	struct credentials *cred = secret_alloc(sizeof(*cred));
	char *password = secret_alloc(PASSWORD_MAX + 1);
	int code = EX_OSERR;
	size_t len;

	if (!cred || !password) {
		log_error("out of memory");
		goto out;
	}
	strcpy(cred->userid, userid);
	memcpy(cred->has, has, sizeof(cred->has));
	cred->salt_len = SALT_LEN;
	if (getrandom(cred->salt, SALT_LEN, 0) != SALT_LEN) {
		log_error("no random salt: %s", strerror(errno));
		goto out;
	}

	code = prompt_password("SRP", userid, true, password, &len);
	if (code != EX_OK)
		goto out;
	code = EX_SOFTWARE;
	if (credentials_make(cred, password, len))
		goto out;
	code = dir ? configfs_store(dir, cred) : print(cred, json);
out:
	secret_free(password, PASSWORD_MAX + 1);
	secret_free(cred, sizeof(*cred));
	return code;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "configfs", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *list = DEFAULT_GROUPS;
	bool has[ISCSI_SRP_GROUP_MAX + 1];
	const char *dir = NULL;
	const char *problem;
	bool json = false;
	int opt, code;

	log_to(LOG_TO_STDERR, PROGRAM);
	while ((opt = getopt_long(argc, argv, "g:", options, NULL)) != -1) {
		switch (opt) {
		case 'g':
			list = optarg;
			break;
		case 'c':
			dir = optarg;
			break;
		case 'j':
			json = true;
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
	if (argc - optind != 1) {
		log_error("USER is missing, or not alone; the password is never an argument");
		return usage_error();
	}
	if (json && dir) {
		log_error("--json and --configfs exclude each other");
		return usage_error();
	}
	problem = userid_problem(argv[optind]);
	if (problem) {
		log_error("USER %s", problem);
		return EX_DATAERR;
	}
	code = parse_groups(list, has);
	if (code != EX_OK)
		return code;
	if (secret_init())
		return EX_OSERR;
	return run(argv[optind], has, json, dir);
}
