// SPDX-License-Identifier: GPL-2.0-or-later
/* How libiscsi is told to use SRP: the URL and the environment */
#include <fcntl.h>
#include <unistd.h>

#include "cases.h"
#include "iscsi.h"
#include "iscsi-private.h"
#include "srp.h"

#define HOST "127.0.0.1/iqn.2026-01.org.example:target/0"

static char password_file[] = "/tmp/lio-srp-password.XXXXXX";
static struct iscsi_context *iscsi;

static int setup(void **state)
{
	static const char *const names[] = {
		"LIBISCSI_AUTH", "LIBISCSI_SRP_MIN_GROUP",
		"LIBISCSI_SRP_TARGET_AUTH", "LIBISCSI_SRP_USERNAME",
		"LIBISCSI_SRP_PASSWORD_FILE", "LIBISCSI_CHAP_USERNAME",
		"LIBISCSI_CHAP_PASSWORD",
	};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	return 0;
}

static void create(void)
{
	iscsi = iscsi_create_context("iqn.2026-01.org.example:initiator");
	assert_non_null(iscsi);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
}

/* Parse a URL for a new context; returns whether it is accepted */
static int parse(const char *url)
{
	struct iscsi_url *parsed;

	create();
	parsed = iscsi_parse_full_url(iscsi, url);
	if (parsed)
		iscsi_destroy_url(parsed);
	return parsed != NULL;
}

static void end(void)
{
	iscsi_destroy_context(iscsi);
}

static void write_password(const char *text)
{
	int fd = open(password_file, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	setenv("LIBISCSI_SRP_PASSWORD_FILE", password_file, 1);
}

static void by_argument(void **state)
{
	assert_true(parse("iscsi://alice%secret@" HOST "?auth=srp"));
	assert_int_equal(iscsi->auth_method, ISCSI_AUTH_SRP);
	assert_string_equal(iscsi->user, "alice");
	assert_string_equal(iscsi->passwd, "secret");
	assert_int_equal(iscsi->srp_one_way, 0);
	end();

	assert_true(parse("iscsi://alice%secret@" HOST));
	assert_int_equal(iscsi->auth_method, ISCSI_AUTH_CHAP_NONE);
	end();
}

static void all_arguments(void **state)
{
	assert_true(parse("iscsi://alice%secret@" HOST
			  "?srp_target_auth=no&auth=srp&header_digest=none"
			  "&srp_min_group=MODP-4096"));
	assert_int_equal(iscsi->auth_method, ISCSI_AUTH_SRP);
	assert_string_equal(iscsi->srp_min_group->name, "MODP-4096");
	assert_int_equal(iscsi->srp_one_way, 1);
	end();
}

static void bad_arguments(void **state)
{
	static const char *const bad[] = {
		"auth", "auth=", "auth=SRP", "auth=chap", "auth=srp,chap",
		"auth=srp&auth=none", "auth=srp&srp_min_group=SRP-512",
		"srp_min_group", "srp_target_auth=1", "srp_target_auth",
	};
	char url[256];
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		snprintf(url, sizeof(url), "iscsi://alice%%secret@" HOST "?%s",
			 bad[i]);
		if (parse(url))
			fail_msg("'%s' is accepted", bad[i]);
		end();
	}
}

static void by_environment(void **state)
{
	setenv("LIBISCSI_AUTH", "srp", 1);
	setenv("LIBISCSI_SRP_MIN_GROUP", "SRP-2048", 1);
	setenv("LIBISCSI_SRP_TARGET_AUTH", "no", 1);
	setenv("LIBISCSI_SRP_USERNAME", "bob", 1);
	write_password("of bob\n");
	assert_true(parse("iscsi://" HOST));
	assert_int_equal(iscsi->auth_method, ISCSI_AUTH_SRP);
	assert_string_equal(iscsi->srp_min_group->name, "SRP-2048");
	assert_int_equal(iscsi->srp_one_way, 1);
	assert_string_equal(iscsi->user, "bob");
	assert_string_equal(iscsi->passwd, "of bob");
	end();

	/* the URL comes first */
	assert_true(parse("iscsi://alice%secret@" HOST
			  "?srp_min_group=SRP-1536&srp_target_auth=yes"));
	assert_string_equal(iscsi->srp_min_group->name, "SRP-1536");
	assert_int_equal(iscsi->srp_one_way, 0);
	assert_string_equal(iscsi->user, "alice");
	assert_string_equal(iscsi->passwd, "secret");
	end();

	assert_true(parse("iscsi://alice@" HOST));
	assert_string_equal(iscsi->user, "alice");
	assert_string_equal(iscsi->passwd, "of bob");
	end();
}

/* With a value that is not understood no login is possible. */
static void bad_environment(void **state)
{
	static const struct {
		const char *name, *value;
	} table[] = {
		{ "LIBISCSI_AUTH", "" },
		{ "LIBISCSI_AUTH", "SRP" },
		{ "LIBISCSI_AUTH", "chap" },
		{ "LIBISCSI_SRP_MIN_GROUP", "SRP-2047" },
		{ "LIBISCSI_SRP_TARGET_AUTH", "maybe" },
		{ "LIBISCSI_SRP_PASSWORD_FILE", "/nonexistent" },
	};
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		setup(state);
		setenv("LIBISCSI_AUTH", "srp", 1);
		setenv(table[i].name, table[i].value, 1);
		create();
		iscsi_set_targetname(iscsi, "iqn.2026-01.org.example:target");
		iscsi_set_initiator_username_pwd(iscsi, "alice", "secret");
		iscsi_set_auth_method(iscsi, ISCSI_AUTH_SRP);
		assert_int_equal(iscsi_login_async(iscsi, NULL, NULL), -1);
		assert_non_null(strstr(iscsi_get_error(iscsi), table[i].name));
		end();
	}
}

/* Like QEMU, which parses the URL before it has a context */
static void without_context(void **state)
{
	static const char plain[] = "iscsi://alice%secret@" HOST;
	static const char srp[] = "iscsi://alice%secret@" HOST "?auth=srp";
	static const char more[] = "iscsi://alice%secret@" HOST
		"?auth=srp&srp_min_group=SRP-2048";
	struct iscsi_url *url;

	assert_null(iscsi_parse_full_url(NULL, srp));
	setenv("LIBISCSI_AUTH", "srp", 1);
	assert_null(iscsi_parse_full_url(NULL, more));
	setenv("LIBISCSI_SRP_MIN_GROUP", "MODP-3072", 1);
	assert_null(iscsi_parse_full_url(NULL, more));
	setenv("LIBISCSI_SRP_MIN_GROUP", "SRP-2048", 1);
	url = iscsi_parse_full_url(NULL, more);
	assert_non_null(url);
	iscsi_destroy_url(url);
	url = iscsi_parse_full_url(NULL, srp);
	assert_non_null(url);
	iscsi_destroy_url(url);

	/* QEMU shows what it gets from the URL: the context reads the rest */
	setenv("LIBISCSI_SRP_USERNAME", "bob", 1);
	write_password("of bob");
	url = iscsi_parse_full_url(NULL, "iscsi://" HOST);
	assert_non_null(url);
	assert_string_equal(url->user, "");
	assert_string_equal(url->passwd, "");
	iscsi_destroy_url(url);
	create();
	assert_string_equal(iscsi->user, "bob");
	assert_string_equal(iscsi->passwd, "of bob");
	end();
	assert_null(iscsi_parse_full_url(NULL, "iscsi://alice@" HOST));
	url = iscsi_parse_full_url(NULL, "iscsi://bob@" HOST);
	assert_non_null(url);
	iscsi_destroy_url(url);

	setup(state);
	url = iscsi_parse_full_url(NULL, plain);
	assert_non_null(url);
	iscsi_destroy_url(url);
}

/* Neither method uses the credentials that are meant for the other one. */
static void apart_from_chap(void **state)
{
	setenv("LIBISCSI_CHAP_USERNAME", "carol", 1);
	setenv("LIBISCSI_CHAP_PASSWORD", "of carol", 1);
	setenv("LIBISCSI_SRP_USERNAME", "bob", 1);
	write_password("of bob\n");
	assert_true(parse("iscsi://" HOST));
	assert_string_equal(iscsi->user, "carol");
	assert_string_equal(iscsi->passwd, "of carol");
	end();

	assert_true(parse("iscsi://" HOST "?auth=srp"));
	assert_string_equal(iscsi->user, "bob");
	assert_string_equal(iscsi->passwd, "of bob");
	end();

	unsetenv("LIBISCSI_SRP_PASSWORD_FILE");
	unsetenv("LIBISCSI_SRP_USERNAME");
	assert_true(parse("iscsi://" HOST "?auth=srp"));
	assert_string_equal(iscsi->user, "");
	assert_string_equal(iscsi->passwd, "");
	assert_int_equal(iscsi_login_async(iscsi, NULL, NULL), -1);
	end();
}

static void password_of(const char *text, const char *wanted)
{
	write_password(text);
	assert_int_equal(parse("iscsi://alice@" HOST "?auth=srp"),
			 wanted != NULL);
	if (wanted)
		assert_string_equal(iscsi->passwd, wanted);
	else
		assert_non_null(strstr(iscsi_get_error(iscsi), password_file));
	end();
}

static void password_files(void **state)
{
	char longest[MAX_STRING_SIZE + 2];

	password_of("secret", "secret");
	password_of("secret\n", "secret");
	password_of(" of two words \nand a line\n", " of two words ");
	password_of("", NULL);
	password_of("\nsecret\n", NULL);
	memset(longest, 'x', sizeof(longest));
	longest[MAX_STRING_SIZE + 1] = '\0';
	password_of(longest, NULL);
	longest[MAX_STRING_SIZE] = '\0';
	password_of(longest, longest);

	setenv("LIBISCSI_SRP_PASSWORD_FILE", "/nonexistent", 1);
	assert_false(parse("iscsi://alice@" HOST "?auth=srp"));
	end();
	/* it does not matter for CHAP */
	assert_true(parse("iscsi://alice%secret@" HOST));
	end();
}

/* A password can come through a pipe, in pieces. */
static void password_pipe(void **state)
{
	char path[32];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	setenv("LIBISCSI_SRP_PASSWORD_FILE", path, 1);
	assert_int_equal(write(fds[1], "secret", 6), 6);
	assert_int_equal(write(fds[1], " word\nmore", 10), 10);
	close(fds[1]);
	assert_true(parse("iscsi://alice@" HOST "?auth=srp"));
	assert_string_equal(iscsi->passwd, "secret word");
	end();
	close(fds[0]);
}

/* An argument must not be cut off at the end of a long URL. */
static void long_url(void **state)
{
	char url[MAX_STRING_SIZE + 2];
	int len;

	for (len = MAX_STRING_SIZE; len <= MAX_STRING_SIZE + 1; len++) {
		snprintf(url, sizeof(url), "iscsi://a%%s@host/%0*d/0?auth=srp",
			 len - 28, 0);
		assert_int_equal(strlen(url), len);
		assert_int_equal(parse(url), len == MAX_STRING_SIZE);
		end();
	}
}

int main(void)
{
	int fd = mkstemp(password_file), rc;

	if (fd < 0)
		abort();
	close(fd);
	add(by_argument, NULL, "URL/auth=srp");
	add(all_arguments, NULL, "URL/all arguments");
	add(bad_arguments, NULL, "URL/bad arguments");
	add(long_url, NULL, "URL/too long");
	add(without_context, NULL, "URL/without a context");
	add(by_environment, NULL, "environment/all variables");
	add(bad_environment, NULL, "environment/bad values");
	add(apart_from_chap, NULL, "environment/apart from CHAP");
	add(password_files, NULL, "password/files");
	add(password_pipe, NULL, "password/pipe");
	rc = run_cases(setup);
	unlink(password_file);
	return rc;
}
