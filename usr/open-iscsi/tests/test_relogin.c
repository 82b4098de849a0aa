// SPDX-License-Identifier: GPL-2.0-or-later
/* The credentials with which a session logs in again */
#include "cases.h"
#include "idbm.h"
#include "initiator.h"
#include "iscsi_err.h"
#include "relogin.h"

static const struct iscsi_auth_config *record;	/* NULL: there is none */
static struct iscsi_tls_config record_tls;
static char warned[512];
static char used[AUTH_STR_MAX_LEN];		/* password of the login */

int log_level;

void log_error(const char *format, ...) { }

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
	rec->conn[0].tls = record_tls;
	return 0;
}

/* What the next connection uses */
int iscsi_setup_tls(struct iscsi_session *session,
		    const struct iscsi_tls_config *tls,
		    const struct iscsi_auth_config *auth, const char *name)
{
	assert_ptr_equal(auth, &session->auth);
	session->tls = *tls;
	return tls->use == ISCSI_TLS_INVALID ? ISCSI_ERR_LOGIN_AUTH_FAILED : 0;
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

#define YES ISCSI_TLS_YES
#define NO ISCSI_TLS_NO

static const struct tls_case {
	const char *name;
	int last, required, has_record, record;
	const char *fingerprint;	/* of the record; the last one is "old" */
	int next;			/* -1: no login */
	const char *wanted;		/* fingerprint of the next login */
	bool warns;
} tls_cases[] = {
	{ "same", YES, 0, 1, YES, "old", YES, "old" },
	{ "fingerprint removed", YES, 0, 1, YES, "", YES, "" },
	{ "another fingerprint", YES, 0, 1, YES, "new", YES, "new" },
	{ "no record", YES, 0, 0, NO, "", YES, "old" },
	{ "record is without", YES, 0, 1, NO, "", YES, "old", true },
	{ "record is invalid", YES, 0, 1, ISCSI_TLS_INVALID, "", -1, "" },
	{ "none before, record has it", NO, 0, 1, YES, "new", YES, "new" },
	{ "none before, nor now", NO, 0, 1, NO, "", NO, "" },
	{ "none before, no record", NO, 0, 0, NO, "", NO, "old" },
	{ "before a restart, record is without", NO, 1, 1, NO, "", -1, "" },
	{ "before a restart, no record", NO, 1, 0, NO, "", -1, "" },
	{ "before a restart, record has it", NO, 1, 1, YES, "new", YES, "new" },
};

static void relogin_tls(void **state)
{
	const struct tls_case *c = *state;
	static struct iscsi_session session;
	bool ready;

	memset(&session, 0, sizeof(session));
	strcpy(session.nrec.name, "iqn.2026-01.org.example:disk");
	strcpy(session.nrec.iface.name, "default");
	session.nrec.conn[0].port = 3260;
	session.nrec.conn[0].tls.use = c->last;
	strcpy(session.nrec.conn[0].tls.fingerprint, "old");
	session.nrec.session.auth = srp;
	session.tls_required = c->required;
	record = c->has_record ? &srp : NULL;
	memset(&record_tls, 0, sizeof(record_tls));
	record_tls.use = c->record;
	strcpy(record_tls.fingerprint, c->fingerprint);
	*warned = '\0';

	ready = relogin_is_ready(&session);
	assert_int_equal(ready, c->next >= 0);
	assert_int_equal(*warned != '\0', c->warns);
	if (!ready)
		return;
	assert_int_equal(session.tls.use, c->next);
	assert_string_equal(session.tls.fingerprint, c->wanted);
}

int main(void)
{
	size_t i;

	for (i = 0; i < COUNT(tls_cases); i++)
		add(relogin_tls, &tls_cases[i], "relogin/TLS: %s",
		    tls_cases[i].name);
	for (i = 0; i < COUNT(table); i++)
		add(relogin, &table[i], "relogin/%s", table[i].name);
	return run_cases(NULL);
}
