// SPDX-License-Identifier: GPL-2.0-or-later
#include "login.h"

#include <string.h>
#include <sysexits.h>

#include <openssl/crypto.h>

#include "auth.h"
#include "initiator.h"

/*
 * All operational keys that a target may want to negotiate, so that one
 * exchange is enough.  No data follows: any valid value will do.
 */
static const struct {
	const char *key;
	const char *value;
	bool discovery;		/* has a meaning in a discovery session */
} operational[] = {
	{ "HeaderDigest", "None", true },
	{ "DataDigest", "None", true },
	{ "MaxRecvDataSegmentLength", "8192", true },
	{ "DefaultTime2Wait", "2", true },
	{ "DefaultTime2Retain", "0", true },
	{ "ErrorRecoveryLevel", "0", true },
	{ "MaxConnections", "1", false },
	{ "InitialR2T", "Yes", false },
	{ "ImmediateData", "Yes", false },
	{ "MaxBurstLength", "262144", false },
	{ "FirstBurstLength", "65536", false },
	{ "MaxOutstandingR2T", "1", false },
	{ "DataPDUInOrder", "Yes", false },
	{ "DataSequenceInOrder", "Yes", false },
};

#define OPERATIONAL (sizeof(operational) / sizeof(operational[0]))

/* Keys that a target declares and does not negotiate */
static const char *const declared[] = {
	"TargetAlias", "TargetAddress", "TargetPortalGroupTag",
};

#define DECLARED (sizeof(declared) / sizeof(declared[0]))

/* Reply to a key from the target, unless it is the reply to ours */
static void reply(struct login *l, const char *key)
{
	for (size_t i = 0; i < DECLARED; i++) {
		if (!strcmp(key, declared[i]))
			return;
	}
	for (size_t i = 0; i < OPERATIONAL; i++) {
		if (strcmp(key, operational[i].key))
			continue;
		if (!operational[i].discovery && !l->opt->target)
			text_put(&l->out, key, "Irrelevant");
		return;
	}
	text_put(&l->out, key, "NotUnderstood");
}

static int reply_all(struct login *l)
{
	const char *value = NULL;
	const char *key;

	while ((value = text_next(&l->in, &key, value))) {
		char name[TEXT_KEY_MAX + 1] = "";

		memcpy(name, key, value - 1 - key);
		if ((!strcmp(name, "HeaderDigest") ||
		     !strcmp(name, "DataDigest")) && strcmp(value, "None"))
			return result_fail(l->res, EX_PROTOCOL,
					   "%s: the target does not agree to %s=None",
					   l->conn.step->name, name);
		reply(l, name);
	}
	return 0;
}

static int negotiate(struct login *l)
{
	bool transit;

	l->csg = STAGE_OPERATIONAL;
	for (size_t i = 0; i < OPERATIONAL; i++) {
		if (operational[i].discovery || l->opt->target)
			text_put(&l->out, operational[i].key,
				 operational[i].value);
	}
	do {
		if (login_ask(l, "operational", STAGE_FULL_FEATURE, &transit) ||
		    reply_all(l))
			return -1;
	} while (!transit);
	if (!l->tsih)
		return login_invalid(l, "response",
				     "ends the login without a TSIH");
	return 0;
}

static int log_in(struct login *l)
{
	const struct options *opt = l->opt;

	if (login_begin(l))
		return -1;
	text_put(&l->out, "InitiatorName", opt->initiator);
	text_put(&l->out, "SessionType", opt->target ? "Normal" : "Discovery");
	if (opt->target)
		text_put(&l->out, "TargetName", opt->target);
	if (auth_run(l))
		return -1;
	return negotiate(l);
}

/**
 * login_run() - Log in and out
 * @l: has opt, password, password_len, guess and srp
 * @res: gets the result
 */
void login_run(struct login *l, struct result *res)
{
	int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	memset(res, 0, sizeof(*res));
	l->res = res;
	res->begin = clock_ns(CLOCK_MONOTONIC);
	if (!conn_open(&l->conn, l->opt, res) && !log_in(l)) {
		res->end = clock_ns(CLOCK_MONOTONIC);
		logout_ask(l);
	}
	res->closed = clock_ns(CLOCK_MONOTONIC);
	conn_close(&l->conn);
	OPENSSL_cleanse(l->srp, sizeof(*l->srp));
	res->cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}
