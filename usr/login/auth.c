// SPDX-License-Identifier: GPL-2.0-or-later
/* The security stage, RFC 7143, sections 12.1.2 (SRP) and 12.1.3 (CHAP) */
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <openssl/crypto.h>

/* Keys that may come only where they are due */
static const char *const security_keys[] = {
	"AuthMethod", "TargetAuth",
	"SRP_U", "SRP_GROUP", "SRP_s", "SRP_A", "SRP_B", "SRP_M", "SRP_HM",
	"SRP_N", "SRP_g",
	"CHAP_A", "CHAP_I", "CHAP_C", "CHAP_N", "CHAP_R",
};

#define KEYS (sizeof(security_keys) / sizeof(security_keys[0]))

static int protocol_error(struct login *l, const char *what, const char *why)
{
	return result_fail(l->res, EX_PROTOCOL, "%s: the target's %s %s",
			   l->conn.step->name, what, why);
}

static int openssl_failed(struct login *l)
{
	return result_fail(l->res, EX_SOFTWARE,
			   "OpenSSL failed: out of memory, or it lacks a hash");
}

/* Of the security keys, exactly those that are named, NULL behind them */
static int expect_keys(struct login *l, const char *const *names)
{
	for (size_t i = 0; i < KEYS; i++) {
		bool due = false;

		for (const char *const *name = names; *name; name++)
			due |= !strcmp(*name, security_keys[i]);
		if (!text_get(&l->in, security_keys[i])) {
			if (due)
				return protocol_error(l, security_keys[i],
						      "is missing");
		} else if (!due) {
			return protocol_error(l, security_keys[i],
					      "is not due here");
		}
	}
	return 0;
}

/* The answer to a step of a method that did not ask for the next stage */
static int answered(struct login *l, const char *const *names)
{
	bool transit;

	if (login_recv(l, &transit))
		return -1;
	return expect_keys(l, names);
}

/* After the method's last step: the next stage, if not agreed on yet */
static int leave(struct login *l, bool transit)
{
	static const char *const none[] = { NULL };

	while (!transit) {
		if (login_ask(l, "transit", STAGE_OPERATIONAL, &transit) ||
		    expect_keys(l, none))
			return -1;
	}
	return 0;
}

static int binary(struct login *l, const char *key, uint8_t *octets,
		  size_t *len)
{
	const char *problem = text_binary(text_get(&l->in, key), octets, len);

	return problem ? protocol_error(l, key, problem) : 0;
}

static int choose_method(struct login *l, bool *transit)
{
	static const char *const names[] = { "AuthMethod", NULL };
	const char *method = method_name(l->opt->method);
	const char *choice;

	text_put(&l->out, "AuthMethod", method);
	if (login_ask(l, "AuthMethod", STAGE_OPERATIONAL, transit) ||
	    expect_keys(l, names))
		return -1;
	choice = text_get(&l->in, "AuthMethod");
	if (!strcmp(choice, "Reject"))
		return result_fail(l->res, EX_NOPERM,
				   "AuthMethod: the target does not take %s here",
				   method);
	if (strcmp(choice, method))
		return result_fail(l->res, EX_PROTOCOL,
				   "AuthMethod: the target chose %s, which was not offered",
				   choice);
	if (*transit && l->opt->method != METHOD_NONE)
		return protocol_error(l, "T bit",
				      "ends the authentication too early");
	return 0;
}

/* The first group of the target's that is allowed here */
static const struct srp_group *choose_group(const struct options *opt,
					    const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		const struct srp_group *group = group_by_name(list, len);

		for (size_t i = 0; group && opt->allowed[i]; i++) {
			if (opt->allowed[i] == group)
				return group;
		}
		list += len + (list[len] == ',');
	}
	return NULL;
}

static int srp_user(struct login *l, uint8_t *salt, size_t *salt_len)
{
	static const char *const names[] = { "SRP_GROUP", "SRP_s", NULL };
	const struct srp_group *group;
	int64_t start;

	text_put(&l->out, "SRP_U", l->opt->user);
	text_put(&l->out, "TargetAuth", l->opt->one_way ? "No" : "Yes");
	if (login_send(l, "SRP_U", NO_TRANSIT))
		return -1;
	start = clock_ns(CLOCK_MONOTONIC);
	if (!initiator_A(l->srp, l->guess))
		return openssl_failed(l);
	l->conn.step->overlap = clock_ns(CLOCK_MONOTONIC) - start;
	if (answered(l, names))
		return -1;

	group = choose_group(l->opt, text_get(&l->in, "SRP_GROUP"));
	if (!group)
		return result_fail(l->res, EX_UNAVAILABLE,
				   "SRP_GROUP: the target offers %s, and none of these is allowed here (--group)",
				   text_get(&l->in, "SRP_GROUP"));
	l->guess = group;
	l->res->group = group;
	if (group != l->srp->group && !initiator_A(l->srp, group))
		return openssl_failed(l);
	return binary(l, "SRP_s", salt, salt_len);
}

static int srp_ephemeral(struct login *l, struct octets U, struct octets P,
			 struct octets s, uint8_t *B, size_t *B_len)
{
	static const char *const names[] = { "SRP_B", NULL };
	const struct srp_group *group = l->srp->group;
	const char *problem;
	int64_t start;

	text_put_binary(&l->out, "SRP_A", l->srp->A, l->srp->A_len);
	text_put(&l->out, "SRP_GROUP", group->name);
	if (login_send(l, "SRP_A", NO_TRANSIT))
		return -1;
	start = clock_ns(CLOCK_MONOTONIC);
	if (!initiator_x(l->srp, U, P, s))
		return openssl_failed(l);
	l->conn.step->overlap = clock_ns(CLOCK_MONOTONIC) - start;
	if (answered(l, names) || binary(l, "SRP_B", B, B_len))
		return -1;
	problem = initiator_B_problem(group, (struct octets){ B, *B_len });
	return problem ? protocol_error(l, "SRP_B", problem) : 0;
}

static int srp_proof(struct login *l)
{
	static const char *const names[] = { "SRP_HM", NULL };
	const char *const *due = l->opt->one_way ? names + 1 : names;
	uint8_t HM[ISCSI_SRP_MAX_LEN];
	bool transit;
	size_t len;

	text_put_binary(&l->out, "SRP_M", l->srp->M, SHA1_LEN);
	if (login_ask(l, "SRP_M", STAGE_OPERATIONAL, &transit) ||
	    expect_keys(l, due))
		return -1;
	if (!l->opt->one_way) {
		if (binary(l, "SRP_HM", HM, &len))
			return -1;
		if (len != SHA1_LEN || CRYPTO_memcmp(HM, l->srp->HM, len))
			return protocol_error(l, "SRP_HM",
					      "is wrong: this target does not have the user's verifier");
	}
	return leave(l, transit);
}

static int srp(struct login *l)
{
	const struct octets U = {
		(const uint8_t *)l->opt->user, strlen(l->opt->user)
	};
	const struct octets P = {
		(const uint8_t *)l->password, l->password_len
	};
	uint8_t salt[ISCSI_SRP_MAX_LEN], B[ISCSI_SRP_MAX_LEN];
	struct octets s = { salt, 0 };
	size_t B_len;

	if (srp_user(l, salt, &s.len) ||
	    srp_ephemeral(l, U, P, s, B, &B_len))
		return -1;
	if (!initiator_prove(l->srp, U, s, (struct octets){ B, B_len }))
		return openssl_failed(l);
	return srp_proof(l);
}

/* A number-value of one octet: decimal or hexadecimal */
static bool octet_value(const char *text, uint8_t *octet)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	const char *alphabet = hex ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long n;

	if (!*digits || digits[strspn(digits, alphabet)])
		return false;
	n = strtoul(digits, NULL, hex ? 16 : 10);
	*octet = n;
	return n <= UINT8_MAX;
}

/* The hash that the target has chosen, 0 if it was not offered */
static unsigned int chosen_alg(const struct options *opt, const char *choice)
{
	for (const uint8_t *alg = opt->chap_algs; *alg; alg++) {
		char number[4];

		snprintf(number, sizeof(number), "%u", *alg);
		if (!strcmp(number, choice))
			return *alg;
	}
	return 0;
}

static int chap_challenge(struct login *l, unsigned int *alg, uint8_t *id,
			  uint8_t *challenge, size_t *len)
{
	static const char *const names[] = {
		"CHAP_A", "CHAP_I", "CHAP_C", NULL
	};
	char list[4 * CHAP_ALGS] = "";

	for (const uint8_t *a = l->opt->chap_algs; *a; a++)
		sprintf(list + strlen(list), "%s%u", *list ? "," : "", *a);
	text_put(&l->out, "CHAP_A", list);
	if (login_send(l, "CHAP_A", NO_TRANSIT) || answered(l, names))
		return -1;
	*alg = chosen_alg(l->opt, text_get(&l->in, "CHAP_A"));
	if (!*alg)
		return protocol_error(l, "CHAP_A", "was not offered");
	if (!octet_value(text_get(&l->in, "CHAP_I"), id))
		return protocol_error(l, "CHAP_I", "is not 0 to 255");
	return binary(l, "CHAP_C", challenge, len);
}

static int chap(struct login *l)
{
	static const char *const none[] = { NULL };
	uint8_t challenge[ISCSI_SRP_MAX_LEN], response[DIGEST_MAX], id;
	unsigned int alg;
	size_t len;
	bool transit;

	if (chap_challenge(l, &alg, &id, challenge, &len))
		return -1;
	len = digest_chap(alg, response, (const struct octets[]){
		{ &id, 1 },
		{ (const uint8_t *)l->password, l->password_len },
		{ challenge, len },
	}, 3);
	if (!len)
		return openssl_failed(l);
	text_put(&l->out, "CHAP_N", l->opt->user);
	text_put_binary(&l->out, "CHAP_R", response, len);
	if (login_ask(l, "CHAP_R", STAGE_OPERATIONAL, &transit) ||
	    expect_keys(l, none))
		return -1;
	return leave(l, transit);
}

/**
 * auth_run() - The security stage
 * @l: connected; the keys that each login begins with are put already
 *
 * Return: 0, or -1 with the failure noted
 */
int auth_run(struct login *l)
{
	bool transit;

	if (choose_method(l, &transit))
		return -1;
	switch (l->opt->method) {
	case METHOD_SRP:
		return srp(l);
	case METHOD_CHAP:
		return chap(l);
	case METHOD_NONE:
		break;
	}
	return leave(l, transit);
}
