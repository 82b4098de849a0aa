/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <linux/iscsi_srp.h>
#include <netdb.h>
#include <stdbool.h>

#include "lib/group.h"

#define PROGRAM		"iscsi-login"
#define EX_DONE		(-1)	/* --help or --version: nothing left to do */

#define REPEAT_MAX	100000
#define PARALLEL_MAX	256
#define RATE_MAX	100000
#define TIMEOUT_MAX	3600

enum method {
	METHOD_SRP,
	METHOD_CHAP,
	METHOD_NONE,
};

/**
 * struct options - What the user asked for
 * @portal: as given
 * @addresses: of the portal
 * @target: TargetName; NULL for a discovery session
 * @initiator: InitiatorName
 * @method: the only AuthMethod to propose
 * @allowed: SRP groups, terminated by NULL
 * @user: SRP_U or CHAP_N
 * @one_way: TargetAuth=No
 * @json: report as JSON
 * @repeat: logins of each connection, one after the other
 * @parallel: connections at a time
 * @rate: logins to begin per second, of all connections together; 0: no limit
 * @begin_at: second of CLOCK_MONOTONIC before which no measured login begins
 * @warm_up: logins of each connection before the measured ones
 * @timeout: of one login, in seconds
 */
struct options {
	const char *portal;
	struct addrinfo *addresses;
	const char *target;
	const char *initiator;
	enum method method;
	const struct srp_group *allowed[ISCSI_SRP_GROUP_MAX + 1];
	const char *user;
	bool one_way;
	bool json;
	unsigned int repeat;
	unsigned int parallel;
	unsigned int rate;
	unsigned int begin_at;
	unsigned int warm_up;
	unsigned int timeout;
};

int options_parse(int argc, char **argv, struct options *opt);
const char *method_name(enum method method);

#endif /* OPTIONS_H */
