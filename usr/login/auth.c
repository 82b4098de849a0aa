// SPDX-License-Identifier: GPL-2.0-or-later
#include "auth.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include <openssl/crypto.h>

#include "digest.h"
#include "initiator.h"

#define CHAP_SHA256	"7"	/* IANA's number of the hash */

/* A response must have those that are expected and no other one */
static const char *const security_keys[] = {
	"AuthMethod", "TargetAuth",
	"SRP_U", "SRP_GROUP", "SRP_s", "SRP_A", "SRP_B", "SRP_M", "SRP_HM",
	"SRP_N", "SRP_g",
	"CHAP_A", "CHAP_I", "CHAP_C", "CHAP_N", "CHAP_R",
};

#define SECURITY_KEYS (sizeof(security_keys) / sizeof(security_keys[0]))

/* Keys for receive() and ask() to expect */
#define KEYS(...) ((const char *const []){ __VA_ARGS__ __VA_OPT__(,) NULL })

static int openssl_failed(struct login *l)
{
	return result_fail(l->res, EX_SOFTWARE,
			   "OpenSSL failed: out of memory, or it lacks a hash");
}

static int receive(struct login *l, const char *const *expected, bool *transit)
{
	if (login_recv(l, transit))
		return -1;
	for (size_t i = 0; i < SECURITY_KEYS; i++) {
		const char *key = security_keys[i];
		const char *const *name = expected;

		while (*name && strcmp(*name, key))
			name++;
		if (*name && !text_get(&l->in, key))
			return login_invalid(l, key, "is missing");
		if (!*name && text_get(&l->in, key))
			return login_invalid(l, key, "is not expected here");
	}
	return 0;
}

static int ask(struct login *l, const char *step, int nsg,
	       const char *const *expected, bool *transit)
{
	if (login_send(l, step, nsg))
		return -1;
	return receive(l, expected, transit);
}

/* After the method's last step, ask until the target goes on */
static int leave(struct login *l, bool transit)
{
	while (!transit) {
		if (ask(l, "transit", STAGE_OPERATIONAL, KEYS(), &transit))
			return -1;
	}
	return 0;
}

static int binary(struct login *l, const char *key, uint8_t *bytes, size_t *len)
{
	const char *problem = text_binary(text_get(&l->in, key), bytes, len);

	return problem ? login_invalid(l, key, problem) : 0;
}

static int choose_method(struct login *l, bool *transit)
{
	const char *method = method_name(l->opt->method);
	const char *choice;

	text_put(&l->out, "AuthMethod", method);
	if (ask(l, "AuthMethod", STAGE_OPERATIONAL, KEYS("AuthMethod"),
		transit))
		return -1;
	choice = text_get(&l->in, "AuthMethod");
	if (!strcmp(choice, "Reject"))
		return result_fail(l->res, EX_NOPERM,
				   "AuthMethod: the target does not accept %s from this initiator",
				   method);
	if (strcmp(choice, method))
		return result_fail(l->res, EX_PROTOCOL,
				   "AuthMethod: the target chose %s, which was not offered",
				   choice);
	if (*transit && l->opt->method != METHOD_NONE)
		return login_invalid(l, "T bit",
				     "ends the authentication too early");
	return 0;
}

/* The first group in the target's list that is allowed here */
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
	const struct srp_group *group;
	bool transit;
	int64_t start;

	text_put(&l->out, "SRP_U", l->opt->user);
	text_put(&l->out, "TargetAuth", l->opt->one_way ? "No" : "Yes");
	if (login_send(l, "SRP_U", NO_TRANSIT))
		return -1;
	start = clock_ns(CLOCK_MONOTONIC);
	if (!initiator_A(l->srp, l->guess))
		return openssl_failed(l);
	l->conn.step->overlap = clock_ns(CLOCK_MONOTONIC) - start;
	l->res->precomputed = l->guess;
	if (receive(l, KEYS("SRP_GROUP", "SRP_s"), &transit))
		return -1;

	group = choose_group(l->opt, text_get(&l->in, "SRP_GROUP"));
	if (!group)
		return result_fail(l->res, EX_UNAVAILABLE,
				   "SRP_GROUP: the target offers '%s', but --group allows none of them",
				   text_get(&l->in, "SRP_GROUP"));
	l->guess = group;
	l->res->group = group;
	if (group != l->srp->group && !initiator_A(l->srp, group))
		return openssl_failed(l);
	return binary(l, "SRP_s", salt, salt_len);
}

static int srp_ephemeral(struct login *l, struct bytes U, struct bytes P,
			 struct bytes s, uint8_t *B, size_t *B_len)
{
	const struct srp_group *group = l->srp->group;
	const char *problem;
	bool transit;
	int64_t start;

	text_put_binary(&l->out, "SRP_A", l->srp->A, l->srp->A_len);
	text_put(&l->out, "SRP_GROUP", group->name);
	if (login_send(l, "SRP_A", NO_TRANSIT))
		return -1;
	start = clock_ns(CLOCK_MONOTONIC);
	if (!initiator_x(l->srp, U, P, s))
		return openssl_failed(l);
	l->conn.step->overlap = clock_ns(CLOCK_MONOTONIC) - start;
	if (receive(l, KEYS("SRP_B"), &transit) || binary(l, "SRP_B", B, B_len))
		return -1;
	problem = initiator_B_problem(group, (struct bytes){ B, *B_len });
	return problem ? login_invalid(l, "SRP_B", problem) : 0;
}

static int srp_proof(struct login *l)
{
	uint8_t HM[ISCSI_SRP_MAX_LEN];
	bool transit;
	size_t len;

	text_put_binary(&l->out, "SRP_M", l->srp->M, SHA1_LEN);
	if (ask(l, "SRP_M", STAGE_OPERATIONAL,
		l->opt->one_way ? KEYS() : KEYS("SRP_HM"), &transit))
		return -1;
	if (!l->opt->one_way) {
		if (binary(l, "SRP_HM", HM, &len))
			return -1;
		if (len != SHA1_LEN || CRYPTO_memcmp(HM, l->srp->HM, len))
			return login_invalid(l, "SRP_HM",
					     "is wrong: this target does not have the user's verifier");
	}
	return leave(l, transit);
}

static int srp(struct login *l)
{
	const struct bytes U = {
		(const uint8_t *)l->opt->user, strlen(l->opt->user)
	};
	const struct bytes P = {
		(const uint8_t *)l->password, l->password_len
	};
	uint8_t salt[ISCSI_SRP_MAX_LEN], B[ISCSI_SRP_MAX_LEN];
	struct bytes s = { salt, 0 };
	size_t B_len;

	if (srp_user(l, salt, &s.len) ||
	    srp_ephemeral(l, U, P, s, B, &B_len))
		return -1;
	if (!initiator_prove(l->srp, U, s, (struct bytes){ B, B_len }))
		return openssl_failed(l);
	return srp_proof(l);
}

/* A number from 0 to 255, decimal or hexadecimal */
static bool byte_value(const char *text, uint8_t *value)
{
	unsigned long n;
	char *end;

	n = strtoul(text, &end, strncasecmp(text, "0x", 2) ? 10 : 16);
	/* strtoul() takes spaces and signs, too */
	if (*text < '0' || *text > '9' || *end || n > 255)
		return false;
	*value = n;
	return true;
}

static int chap_challenge(struct login *l, uint8_t *id, uint8_t *challenge,
			  size_t *len)
{
	bool transit;

	text_put(&l->out, "CHAP_A", CHAP_SHA256);
	if (ask(l, "CHAP_A", NO_TRANSIT, KEYS("CHAP_A", "CHAP_I", "CHAP_C"),
		&transit))
		return -1;
	if (strcmp(text_get(&l->in, "CHAP_A"), CHAP_SHA256))
		return login_invalid(l, "CHAP_A", "was not offered");
	if (!byte_value(text_get(&l->in, "CHAP_I"), id))
		return login_invalid(l, "CHAP_I", "is not 0 to 255");
	return binary(l, "CHAP_C", challenge, len);
}

static int chap(struct login *l)
{
	uint8_t challenge[ISCSI_SRP_MAX_LEN], response[SHA256_LEN], id;
	size_t len;
	bool transit;

	if (chap_challenge(l, &id, challenge, &len))
		return -1;
	if (!digest_sha256(response, (const struct bytes[]){
			{ &id, 1 },
			{ (const uint8_t *)l->password, l->password_len },
			{ challenge, len },
		}, 3))
		return openssl_failed(l);
	text_put(&l->out, "CHAP_N", l->opt->user);
	text_put_binary(&l->out, "CHAP_R", response, sizeof(response));
	if (ask(l, "CHAP_R", STAGE_OPERATIONAL, KEYS(), &transit))
		return -1;
	return leave(l, transit);
}

/**
 * auth_run() - Go through the security stage
 * @l: connected; out has the keys that every login begins with
 *
 * Return: 0, or -1 with the failure recorded
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
