// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/log.h"
#include "lib/verifier.h"

#define NAME_FILE	"/etc/iscsi/initiatorname.iscsi"
#define NAME_MAX_LEN	223		/* RFC 7143, section 4.2.7.1 */
#define PORT		"3260"

static const char help[] =
	"Usage: " PROGRAM " [OPTION...] PORTAL[:PORT] [TARGETNAME]\n"
	"\n"
	"Log in to an iSCSI target and out again, and report the time this took.  No\n"
	"disk is attached.  Without TARGETNAME, open a discovery session.\n"
	"\n"
	"  --method METHOD      srp (default), chap or none: the only one to offer\n"
	"  --user USER          for SRP and CHAP; the password is read from the terminal\n"
	"                       or is the first line of standard input\n"
	"  --initiator NAME     default: the name in " NAME_FILE "\n"
	"  --group GROUP[,...]  SRP groups to allow (default: SRP-1536 and larger)\n"
	"  --one-way            SRP without a proof from the target\n"
	"  --repeat N           logins of each connection, one after the other\n"
	"  --parallel N         connections at a time\n"
	"  --rate N             logins to begin per second (default: as many as possible)\n"
	"  --begin-at SECOND    of CLOCK_MONOTONIC: wait for it after the warm-up\n"
	"  --warm-up N          logins of each connection that are not measured\n"
	"  --timeout SECONDS    limit for each login (default 15)\n"
	"  --json               print a JSON object with all times\n"
	"  --version            print the version\n"
	"  --help               print this help\n";

static int usage_error(void)
{
	fputs("Try '" PROGRAM " --help'.\n", stderr);
	return EX_USAGE;
}

/**
 * method_name() - Get the name of a method in AuthMethod
 * @method: the method
 *
 * Return: the name
 */
const char *method_name(enum method method)
{
	static const char *const names[] = {
		[METHOD_SRP] = "SRP",
		[METHOD_CHAP] = "CHAP",
		[METHOD_NONE] = "None",
	};

	return names[method];
}

static int parse_method(const char *text, enum method *method)
{
	if (!strcmp(text, "srp")) {
		*method = METHOD_SRP;
	} else if (!strcmp(text, "chap")) {
		*method = METHOD_CHAP;
	} else if (!strcmp(text, "none")) {
		*method = METHOD_NONE;
	} else {
		log_error("--method: '%s' is not srp, chap or none", text);
		return usage_error();
	}
	return EX_OK;
}

static int parse_number(const char *option, const char *text, unsigned int min,
			unsigned int max, unsigned int *number)
{
	unsigned long n;
	char *end;

	/* strtoul() returns the largest number on overflow */
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || n < min || n > max) {
		log_error("%s: '%s' is not a number from %u to %u", option,
			  text, min, max);
		return usage_error();
	}
	*number = n;
	return EX_OK;
}

/* Why an iSCSI name is invalid, or NULL */
static const char *name_problem(const char *name)
{
	if (strncmp(name, "iqn.", 4) && strncmp(name, "eui.", 4) &&
	    strncmp(name, "naa.", 4))
		return "does not begin with iqn., eui. or naa.";
	if (strlen(name) > NAME_MAX_LEN)
		return "is longer than 223 bytes";
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return "contains a space or a control character";
	}
	return NULL;
}

/* The name of this machine's own initiator */
static int read_name(const char **name)
{
	static const char key[] = "InitiatorName=";
	static char line[512];
	FILE *file = fopen(NAME_FILE, "re");
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, key, strlen(key));
	if (!found)
		log_error("--initiator is required: no InitiatorName in " NAME_FILE "%s%s",
			  file ? "" : ": ", file ? "" : strerror(errno));
	if (file)
		fclose(file);
	if (!found)
		return usage_error();
	*name = line + strlen(key);
	line[strcspn(line, " \t\r\n")] = '\0';
	return EX_OK;
}

/* HOST, HOST:PORT, [HOST]:PORT or an IPv6 address without port */
static int resolve(const char *portal, struct addrinfo **addresses)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	const char *port = PORT;
	const char *colon = strchr(portal, ':');
	char host[NI_MAXHOST];
	size_t len = strlen(portal);
	int err;

	if (portal[0] == '[') {
		const char *end = strchr(portal, ']');

		if (!end || (end[1] && end[1] != ':')) {
			log_error("PORTAL: '%s' is not [ADDRESS]:PORT", portal);
			return usage_error();
		}
		if (end[1])
			port = end + 2;
		portal++;
		len = end - portal;
	} else if (colon && !strchr(colon + 1, ':')) {
		port = colon + 1;
		len = colon - portal;
	}
	if (!len || len >= sizeof(host)) {
		log_error("PORTAL: the host is %s", len ? "too long" : "empty");
		return usage_error();
	}
	memcpy(host, portal, len);
	host[len] = '\0';
	if (port[strspn(port, "0123456789")] || !atoi(port) ||
	    strlen(port) > 5 || atoi(port) > 65535) {
		log_error("PORTAL: port '%s' is not a number from 1 to 65535",
			  port);
		return usage_error();
	}
	err = getaddrinfo(host, port, &hints, addresses);
	if (err) {
		log_error("%s: %s", host, gai_strerror(err));
		return EX_NOHOST;
	}
	return EX_OK;
}

static int exclude(const char *option, enum method method)
{
	log_error("%s cannot be used with --method %s", option,
		  method == METHOD_SRP ? "srp" :
		  method == METHOD_CHAP ? "chap" : "none");
	return usage_error();
}

/* Check that the options fit the method */
static int check_method(const struct options *opt)
{
	const char *problem;

	if (opt->method != METHOD_SRP && opt->allowed[0])
		return exclude("--group", opt->method);
	if (opt->method != METHOD_SRP && opt->one_way)
		return exclude("--one-way", opt->method);
	if (opt->method == METHOD_NONE)
		return opt->user ? exclude("--user", opt->method) : EX_OK;
	if (!opt->user) {
		log_error("--user is required unless --method is none");
		return usage_error();
	}
	problem = userid_problem(opt->user);
	if (problem) {
		log_error("--user %s", problem);
		return EX_DATAERR;
	}
	return EX_OK;
}

static int check_name(const char *what, const char *name)
{
	const char *problem = name_problem(name);

	if (!problem)
		return EX_OK;
	log_error("%s: '%s' %s", what, name, problem);
	return EX_DATAERR;
}

static int check(int argc, char **argv, struct options *opt)
{
	size_t count = 0;
	int code;

	if (argc < 1 || argc > 2) {
		log_error("expected PORTAL and at most one TARGETNAME; the password is never an argument");
		return usage_error();
	}
	opt->portal = argv[0];
	opt->target = argv[1];
	code = check_method(opt);
	if (!opt->allowed[0]) {
		for (unsigned int id = ISCSI_SRP_GROUP_SRP_1536;
		     id <= ISCSI_SRP_GROUP_MAX; id++)
			opt->allowed[count++] = group_by_id(id);
	}
	if (code == EX_OK && opt->target)
		code = check_name("TARGETNAME", opt->target);
	if (code == EX_OK && !opt->initiator)
		code = read_name(&opt->initiator);
	if (code == EX_OK)
		code = check_name("initiator", opt->initiator);
	if (code == EX_OK)
		code = resolve(opt->portal, &opt->addresses);
	return code;
}

/**
 * options_parse() - Read the command line
 * @argc: of main()
 * @argv: of main()
 * @opt: gets the options
 *
 * Return: EX_OK; EX_DONE after --help or --version; an exit code, with the
 * error logged
 */
int options_parse(int argc, char **argv, struct options *opt)
{
	static const struct option options[] = {
		{ "method", required_argument, NULL, 'm' },
		{ "user", required_argument, NULL, 'u' },
		{ "initiator", required_argument, NULL, 'i' },
		{ "group", required_argument, NULL, 'g' },
		{ "one-way", no_argument, NULL, '1' },
		{ "repeat", required_argument, NULL, 'r' },
		{ "parallel", required_argument, NULL, 'p' },
		{ "rate", required_argument, NULL, 's' },
		{ "begin-at", required_argument, NULL, 'b' },
		{ "warm-up", required_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int code = EX_OK;
	int c;

	*opt = (struct options){ .repeat = 1, .parallel = 1, .timeout = 15 };
	while (code == EX_OK &&
	       (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			code = parse_method(optarg, &opt->method);
			break;
		case 'u':
			opt->user = optarg;
			break;
		case 'i':
			opt->initiator = optarg;
			break;
		case 'g':
			code = groups_parse("--group", optarg, opt->allowed) ?
			       usage_error() : EX_OK;
			break;
		case '1':
			opt->one_way = true;
			break;
		case 'r':
			code = parse_number("--repeat", optarg, 1, REPEAT_MAX,
					    &opt->repeat);
			break;
		case 'p':
			code = parse_number("--parallel", optarg, 1,
					    PARALLEL_MAX, &opt->parallel);
			break;
		case 's':
			code = parse_number("--rate", optarg, 1, RATE_MAX,
					    &opt->rate);
			break;
		case 'b':
			code = parse_number("--begin-at", optarg, 0, UINT_MAX,
					    &opt->begin_at);
			break;
		case 'w':
			code = parse_number("--warm-up", optarg, 0, REPEAT_MAX,
					    &opt->warm_up);
			break;
		case 't':
			code = parse_number("--timeout", optarg, 1, TIMEOUT_MAX,
					    &opt->timeout);
			break;
		case 'j':
			opt->json = true;
			break;
		case 'v':
			puts(PROGRAM " " VERSION);
			return EX_DONE;
		case 'h':
			fputs(help, stdout);
			return EX_DONE;
		default:
			return usage_error();
		}
	}
	if (code != EX_OK)
		return code;
	return check(argc - optind, argv + optind, opt);
}
