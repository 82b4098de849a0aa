// SPDX-License-Identifier: GPL-2.0-or-later
/* The credentials with which a session logs in again */
#include "cases.h"
#include "idbm.h"
#include "initiator.h"
#include "iscsi_err.h"
#include "relogin.h"

static const struct iscsi_auth_config *record;	/* NULL: there is none */
static char warned[512];
static char used[AUTH_STR_MAX_LEN];		/* password of the login */

int log_level;

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(warned, sizeof(warned), format, args);
	va_end(args);
}

int idbm_rec_read(node_rec_t *rec, char *target, int tpgt, char *ip, int port,
		  struct iface_rec *iface, bool disable_lock)
{
	assert_string_equal(target, "iqn.2026-01.org.example:disk");
	assert_string_equal(iface->name, "default");
	assert_int_equal(port, 3260);
	/* iscsid must not wait for a lock */
	assert_true(disable_lock);
	if (!record)
		return ISCSI_ERR_IDBM;
	memset(rec, 0, sizeof(*rec));
	rec->session.auth = *record;
	return 0;
}

int iscsi_setup_authentication(struct iscsi_session *session,
			       struct iscsi_auth_config *auth)
{
	strcpy(used, "none");
	if (auth->authmethod == ISCSI_AUTH_METHOD_SRP) {
		if (!auth->srp_password[0] || !strcmp(auth->srp_groups, "bad"))
			return ISCSI_ERR_LOGIN_AUTH_FAILED;
		strcpy(used, auth->srp_password);
	} else if (auth->password_length) {
		strcpy(used, (char *)auth->password);
	}
	return 0;
}

#define SRP(secret) { .authmethod = ISCSI_AUTH_METHOD_SRP, \
	.srp_username = "alice", .srp_password = secret }
#define CHAP(secret) { .authmethod = ISCSI_AUTH_METHOD_CHAP, \
	.username = "alice", .password = secret, \
	.password_length = sizeof(secret) - 1 }

static const struct iscsi_auth_config
	srp = SRP("srp"), new_srp = SRP("new srp"), no_srp = SRP(""),
	bad_srp = { .authmethod = ISCSI_AUTH_METHOD_SRP,
		.srp_username = "alice", .srp_password = "bad srp",
		.srp_groups = "bad" },
	chap = CHAP("chap"), new_chap = CHAP("new chap"),
	implied_chap = { .username = "alice", .password = "implied",
		.password_length = 7 },
	none;

static const struct relogin_case {
	const char *name;
	const struct iscsi_auth_config *last, *record;
	const char *first;		/* password of the next login */
	const char *second;		/* and of the one after its refusal */
	bool warns;
} table[] = {
	{ "SRP, same", &srp, &srp, "srp", "srp" },
	{ "SRP, new password", &srp, &new_srp, "new srp", "srp" },
	{ "SRP, no record", &srp, NULL, "srp", "srp" },
	{ "SRP, record is CHAP", &srp, &chap, "srp", "srp", true },
	{ "SRP, record is None", &srp, &none, "srp", "srp", true },
	{ "SRP, record has no password", &srp, &no_srp, "srp", "srp" },
	{ "SRP, record has bad groups", &srp, &bad_srp, "srp", "srp" },
	{ "SRP, unknown, record", &no_srp, &srp, "srp", "srp" },
	{ "SRP, unknown, no record", &no_srp, NULL, NULL, NULL },
	{ "SRP, unknown, record is None", &no_srp, &none, NULL, NULL, true },
	{ "SRP, unknown, record is CHAP", &no_srp, &chap, NULL, NULL, true },
	{ "SRP, bad groups everywhere", &bad_srp, &bad_srp, NULL, NULL },
	{ "CHAP, new password", &chap, &new_chap, "new chap", "chap" },
	{ "CHAP, new password, no authmethod", &chap, &implied_chap, "implied",
		"chap" },
	{ "CHAP, no record", &chap, NULL, "chap", "chap" },
	{ "CHAP, record is None", &chap, &none, "chap", "chap", true },
	{ "CHAP, record is SRP: no way back", &chap, &srp, "srp", "srp" },
	{ "None, same", &none, &none, "none", "none" },
	{ "None, record is CHAP: no way back", &none, &chap, "chap", "chap" },
	{ "None, record is SRP: no way back", &none, &srp, "srp", "srp" },
};

static void check_next(struct iscsi_session *session, const char *wanted)
{
	strcpy(used, "?");
	assert_int_equal(relogin_is_ready(session), wanted != NULL);
	if (wanted)
		assert_string_equal(used, wanted);
}

static void relogin(void **state)
{
	const struct relogin_case *c = *state;
	static struct iscsi_session session;

	memset(&session, 0, sizeof(session));
	strcpy(session.nrec.name, "iqn.2026-01.org.example:disk");
	strcpy(session.nrec.iface.name, "default");
	session.nrec.conn[0].port = 3260;
	session.nrec.session.auth = *c->last;
	record = c->record;
	*warned = '\0';

	check_next(&session, c->first);
	assert_int_equal(*warned != '\0', c->warns);
	relogin_refused(&session);
	check_next(&session, c->second);
	relogin_refused(&session);
	check_next(&session, c->first);
	if (!c->first)
		return;
	/* What a login succeeded with is what the session goes back to */
	relogin_succeeded(&session);
	record = NULL;
	check_next(&session, c->first);
}

int main(void)
{
	size_t i;

	for (i = 0; i < COUNT(table); i++)
		add(relogin, &table[i], "relogin/%s", table[i].name);
	return run_cases(NULL);
}
