// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the table of users: the values of its files, who may use an
 * entry, and which of several credentials a login tries.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../../iscsi_target_srp.h"
#include "../cred.h"
#include "../pick.h"
#include "../scope.h"
#include "../slots.h"
#include "../users.h"

#define USERID		ISCSIT_SRP_CRED_USERID
#define SALT		ISCSIT_SRP_CRED_SALT
#define ENABLED		ISCSIT_SRP_USER_ENABLED
#define EXPIRES		ISCSIT_SRP_USER_EXPIRES
#define NOTE		ISCSIT_SRP_USER_NOTE
#define INITIATORS	ISCSIT_SRP_USER_INITIATORS
#define TPGT		ISCSIT_SRP_USER_TPGT
#define SOURCE		ISCSIT_SRP_USER_SOURCE
#define GROUP		ISCSI_SRP_GROUP_SRP_1536

#define TABLE_SALT	"0011223344556677"
#define HOST1	"iqn.2026-01.example:host1"
#define HOST2	"iqn.2026-01.example:host2"

struct users_test {
	struct iscsit_srp_users *users;
	struct iscsi_node_auth auth;
	struct iscsit_srp_peer peer;
	struct sockaddr_storage addr;
	char page[PAGE_SIZE];
};

static int users_init(struct kunit *test)
{
	struct users_test *u = kunit_kzalloc(test, sizeof(*u), GFP_KERNEL);
	struct sockaddr_in *in;

	if (!u)
		return -ENOMEM;
	test->priv = u;
	u->users = iscsit_srp_users_alloc();
	in = (struct sockaddr_in *)&u->addr;
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(0x0a000001);
	u->peer.users = u->users;
	u->peer.initiator = HOST1;
	u->peer.addr = &u->addr;
	u->peer.tpgt = 1;

	return u->users ? iscsit_srp_scope_init(&u->auth) : -ENOMEM;
}

static void users_exit(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *user, *next;

	if (!u)
		return;
	list_for_each_entry_safe(user, next, &u->users->entries, entry) {
		iscsit_srp_user_del(user);
		kfree(user);
	}
	iscsit_srp_users_free(u->users);
	iscsit_srp_scope_forget(&u->auth);
}

static struct iscsit_srp_user *new_user(struct kunit *test, const char *label)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *user = kzalloc_obj(*user);

	KUNIT_ASSERT_NOT_NULL(test, user);
	user->label = label;
	KUNIT_ASSERT_EQ(test, iscsit_srp_user_add(u->users, user), 0);

	return user;
}

static void del_user(struct iscsit_srp_user *user)
{
	iscsit_srp_user_del(user);
	kfree(user);
}

static ssize_t store(struct iscsit_srp_user *user, unsigned int field,
		     const char *value)
{
	return iscsit_srp_user_store(user, field, value, strlen(value));
}

static void set(struct kunit *test, struct iscsit_srp_user *user,
		unsigned int field, const char *value)
{
	KUNIT_ASSERT_EQ(test, store(user, field, value),
			(ssize_t)strlen(value));
}

/* Add a complete entry */
static struct iscsit_srp_user *add_user(struct kunit *test, const char *label,
					const char *userid)
{
	struct iscsit_srp_user *user = new_user(test, label);
	char verifier[16];

	snprintf(verifier, sizeof(verifier), "%08x", 0x100 + user->order);
	set(test, user, USERID, userid);
	set(test, user, SALT, TABLE_SALT);
	set(test, user, GROUP, verifier);
	set(test, user, ENABLED, "1");

	return user;
}

/* Let an entry expire @s seconds from now */
static void expire_in(struct kunit *test, struct iscsit_srp_user *user, int s)
{
	char value[24];

	snprintf(value, sizeof(value), "%lld", ktime_get_real_seconds() + s);
	set(test, user, EXPIRES, value);
}

static void expect_shown(struct kunit *test, struct iscsit_srp_user *user,
			 unsigned int field, const char *want)
{
	struct users_test *u = test->priv;
	ssize_t len;

	memset(u->page, 0, sizeof(u->page));
	len = iscsit_srp_user_show(user, field, u->page);
	KUNIT_ASSERT_EQ(test, len, (ssize_t)strlen(want) + 1);
	KUNIT_EXPECT_EQ(test, u->page[len - 1], '\n');
	u->page[len - 1] = '\0';
	KUNIT_EXPECT_STREQ(test, u->page, want);
}

static void pick(struct kunit *test, const char *userid,
		 struct iscsit_srp_pick *p)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_cred *scope = iscsit_srp_scope_cred(&u->auth);
	int ret;

	ret = iscsit_srp_pick(&u->peer, scope, GROUP, userid, strlen(userid),
			      p);
	iscsit_srp_cred_put(scope);
	KUNIT_ASSERT_EQ(test, ret, 0);
}

/* @label is "-" for an unknown user, and "scope" for the scope's credential */
static void expect_pick(struct kunit *test, const char *userid,
			const char *label)
{
	struct iscsit_srp_pick p;

	pick(test, userid, &p);
	KUNIT_EXPECT_STREQ(test, !p.cred ? "-" : p.label[0] ? p.label : "scope", label);
	iscsit_srp_pick_drop(&p);
}

/* Log in with the password of the credential @good */
static bool login(struct kunit *test, const char *userid, const char *good,
		  bool *again)
{
	struct iscsit_srp_pick p;
	bool ok;

	pick(test, userid, &p);
	ok = p.cred && !strcmp(p.label[0] ? p.label : "scope", good);
	*again = false;
	if (ok)
		iscsit_srp_pick_worked(&p);
	else
		*again = iscsit_srp_pick_failed(&p);
	iscsit_srp_pick_drop(&p);

	return ok;
}

/* Log in like an initiator that retries when asked to; returns the tries */
static unsigned int tries(struct kunit *test, const char *userid,
			  const char *good)
{
	unsigned int n = 0;
	bool again;

	do {
		n++;
		if (login(test, userid, good, &again))
			return n;
	} while (again && n < 10);

	return 0;
}

static void files_test(struct kunit *test)
{
	static const char * const unset[] = { "", "\n", "NULL", "NULL\n" };
	struct iscsit_srp_user *user = new_user(test, "a");
	unsigned int field;
	size_t i;

	expect_shown(test, user, ENABLED, "0");
	for (field = 1; field < ISCSIT_SRP_USER_FIELDS; field++) {
		if (field != ENABLED)
			expect_shown(test, user, field, "NULL");
		for (i = 0; i < ARRAY_SIZE(unset); i++)
			set(test, user, field, unset[i]);
	}

	set(test, user, USERID, "alice\n");
	expect_shown(test, user, USERID, "alice");
	set(test, user, SALT, "0xABcd");
	expect_shown(test, user, SALT, "abcd");
	set(test, user, ENABLED, "1\n");
	expect_shown(test, user, ENABLED, "1");
	set(test, user, ENABLED, "NULL");
	expect_shown(test, user, ENABLED, "0");
	set(test, user, EXPIRES, "1893456000\n");
	expect_shown(test, user, EXPIRES, "1893456000");
	set(test, user, EXPIRES, "NULL");
	expect_shown(test, user, EXPIRES, "NULL");
	set(test, user, NOTE, "caf\xc3\xa9; a=b, \t\"c\"");
	expect_shown(test, user, NOTE, "caf\xc3\xa9; a=b, \t\"c\"");
	set(test, user, INITIATORS, " " HOST2 ",,IQN.2026-01.Example:Host1 ,\n");
	expect_shown(test, user, INITIATORS, HOST2 " " HOST1);
	set(test, user, TPGT, "7, 1,65535\n");
	expect_shown(test, user, TPGT, "7 1 65535");
	set(test, user, SOURCE, "a tool of 31 printable bytes ~!\n");
	expect_shown(test, user, SOURCE, "a tool of 31 printable bytes ~!");
	set(test, user, SOURCE, "targetcli");
	expect_shown(test, user, SOURCE, "targetcli");
	set(test, user, SOURCE, "NULL\n");
	expect_shown(test, user, SOURCE, "NULL");
}

static void refused_test(struct kunit *test)
{
	static const struct {
		unsigned int field;
		const char *value;
	} bad[] = {
		{ USERID, "a\nb" }, { SALT, "0" }, { SALT, "0g" },
		{ GROUP, "00" }, { GROUP, "xyz" },
		{ ENABLED, "2" }, { ENABLED, "yes" }, { ENABLED, "1 " },
		{ EXPIRES, "0" }, { EXPIRES, "-1" }, { EXPIRES, "+1" },
		{ EXPIRES, "0x10" }, { EXPIRES, "1.5" }, { EXPIRES, " 1" },
		{ EXPIRES, "9223372036854775808" }, { EXPIRES, "tomorrow" },
		{ NOTE, "a\nb" }, { NOTE, "\xff" },
		{ INITIATORS, "," }, { INITIATORS, " " },
		{ INITIATORS, "host1" }, { INITIATORS, "iqn." },
		{ INITIATORS, HOST1 " host2" }, { INITIATORS, HOST1 "\n" HOST2 "\nx" },
		{ TPGT, "," }, { TPGT, "65536" }, { TPGT, "-1" },
		{ TPGT, "+1" }, { TPGT, "1 x" }, { TPGT, "1-3" },
		{ SOURCE, "a tool of 32 printable bytes ~!." },
		{ SOURCE, "a\nb" }, { SOURCE, "caf\xc3\xa9" },
		{ SOURCE, "\x1b[2J" }, { SOURCE, "a\x7f" },
	};
	struct iscsit_srp_user *user = add_user(test, "a", "alice");
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	set(test, user, EXPIRES, "1893456000");
	set(test, user, NOTE, "note");
	set(test, user, INITIATORS, HOST1);
	set(test, user, TPGT, "1");
	set(test, user, SOURCE, "targetcli");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, store(user, bad[i].field,
						bad[i].value),
				    (ssize_t)-EINVAL, "%u: %s", bad[i].field,
				    bad[i].value);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, NOTE, "a\0b", 3),
			(ssize_t)-EINVAL);

	/* The longest value, and one byte more */
	memset(text, 'n', 256);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, NOTE, text, 256),
			(ssize_t)-EINVAL);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, NOTE, text, 255),
			(ssize_t)255);
	memcpy(text, "iqn.", 4);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, INITIATORS, text, 224),
			(ssize_t)-EINVAL);
	for (i = 0; i < 16; i++) {
		memset(text + i * 224, 'n', 223);
		memcpy(text + i * 224, "iqn.", 4);
		text[i * 224 + 223] = ' ';
	}
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, INITIATORS, text,
						    16 * 224), (ssize_t)16 * 224);
	memset(text + 16 * 224, ' ', 4001 - 16 * 224);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, INITIATORS, text,
						    4001), (ssize_t)-EINVAL);
	for (i = 0; i < 513; i++)
		memcpy(text + 2 * i, "1 ", 2);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, TPGT, text, 2 * 513),
			(ssize_t)-EINVAL);
	KUNIT_EXPECT_EQ(test, iscsit_srp_user_store(user, TPGT, text, 2 * 512),
			(ssize_t)2 * 512);

	/* Nothing else has changed */
	expect_shown(test, user, USERID, "alice");
	expect_shown(test, user, SALT, "0011223344556677");
	expect_shown(test, user, ENABLED, "1");
	expect_shown(test, user, EXPIRES, "1893456000");
	expect_shown(test, user, SOURCE, "targetcli");
}

static void labels_test(struct kunit *test)
{
	static const char * const bad[] = {
		"a\nb", "\x1b[2J", "a\x7f", "\xff", "\xc0\x80",
	};
	struct users_test *u = test->priv;
	struct iscsit_srp_user user = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		user.label = bad[i];
		KUNIT_EXPECT_EQ(test, iscsit_srp_user_add(u->users, &user),
				-EINVAL);
	}
	new_user(test, "caf\xc3\xa9 @1;,=");
	KUNIT_EXPECT_TRUE(test, list_is_singular(&u->users->entries));
}

static void fits_test(struct kunit *test)
{
	struct iscsit_srp_user *user = new_user(test, "a");
	struct users_test *u = test->priv;

	/* An entry must be complete and enabled */
	expect_pick(test, "alice", "-");
	set(test, user, ENABLED, "1");
	set(test, user, USERID, "alice");
	expect_pick(test, "alice", "-");
	set(test, user, GROUP, "02");
	expect_pick(test, "alice", "-");
	set(test, user, SALT, "0011");
	expect_pick(test, "alice", "a");
	set(test, user, ENABLED, "0");
	expect_pick(test, "alice", "-");
	set(test, user, ENABLED, "1");

	expect_pick(test, "alic", "-");
	expect_pick(test, "alicf", "-");
	expect_pick(test, "Alice", "-");
	set(test, user, USERID, "bob");
	expect_pick(test, "alice", "-");
	expect_pick(test, "bob", "a");
	set(test, user, USERID, "NULL");
	expect_pick(test, "bob", "-");
	set(test, user, USERID, "alice");
	expect_pick(test, "alice", "a");

	/* A group below the minimum does not count */
	set(test, user, GROUP, "NULL");
	set(test, user, ISCSI_SRP_GROUP_SRP_1280, "02");
	expect_pick(test, "alice", "-");
	set(test, user, GROUP, "02");

	expire_in(test, user, 1000);
	expect_pick(test, "alice", "a");
	expire_in(test, user, 0);
	expect_pick(test, "alice", "-");
	expire_in(test, user, -1000);
	expect_pick(test, "alice", "-");
	set(test, user, EXPIRES, "NULL");

	set(test, user, TPGT, "2 3");
	expect_pick(test, "alice", "-");
	u->peer.tpgt = 3;
	expect_pick(test, "alice", "a");
	u->peer.tpgt = 1;
	set(test, user, TPGT, "NULL");

	set(test, user, INITIATORS, HOST2);
	expect_pick(test, "alice", "-");
	del_user(user);
	expect_pick(test, "alice", "-");
}

static void initiators_test(struct kunit *test)
{
	struct iscsit_srp_user *user = add_user(test, "a", "alice");
	struct users_test *u = test->priv;

	set(test, user, INITIATORS, HOST1 "0," HOST2);
	expect_pick(test, "alice", "-");
	u->peer.initiator = HOST2;
	expect_pick(test, "alice", "a");
	u->peer.initiator = "iqn.2026-01.example:host";
	expect_pick(test, "alice", "-");
	u->peer.initiator = "example:host2";
	expect_pick(test, "alice", "-");
	u->peer.initiator = "";
	expect_pick(test, "alice", "-");
	u->peer.initiator = HOST1;
	set(test, user, INITIATORS, HOST1 "0," HOST1 "," HOST2);
	expect_pick(test, "alice", "a");
}

static void set_scope_salt(struct kunit *test, const char *userid,
			   const char *salt)
{
	struct users_test *u = test->priv;

	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, USERID, userid,
						     strlen(userid)), 0);
	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, SALT, salt,
						     strlen(salt)), 0);
	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, GROUP, "03", 2),
			0);
}

static void set_scope(struct kunit *test, const char *userid)
{
	set_scope_salt(test, userid, TABLE_SALT);
}

static void override_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *user;

	add_user(test, "a", "alice");
	user = add_user(test, "b", "bob");
	set(test, user, INITIATORS, HOST1);

	/* An ACL without credentials */
	u->peer.acl = true;
	expect_pick(test, "alice", "a");
	expect_pick(test, "bob", "b");

	set_scope(test, "carol");
	expect_pick(test, "carol", "scope");
	expect_pick(test, "alice", "-");
	expect_pick(test, "bob", "b");

	/* Demo mode: the portal group's credential is one more */
	u->peer.acl = false;
	expect_pick(test, "carol", "scope");
	expect_pick(test, "alice", "a");
	expect_pick(test, "bob", "b");

	/* An incomplete credential overrides, too */
	u->peer.acl = true;
	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, SALT, "", 0), -1);
	expect_pick(test, "carol", "-");
	expect_pick(test, "alice", "-");
}

static void order_test(struct kunit *test)
{
	struct iscsit_srp_user *soon, *later;

	add_user(test, "first", "alice");
	add_user(test, "second", "alice");
	expect_pick(test, "alice", "first");
	set_scope(test, "alice");
	expect_pick(test, "alice", "scope");
	later = add_user(test, "later", "alice");
	expire_in(test, later, 2000);
	expect_pick(test, "alice", "later");
	soon = add_user(test, "soon", "alice");
	expire_in(test, soon, 1000);
	expect_pick(test, "alice", "soon");
	expire_in(test, soon, -1);
	expect_pick(test, "alice", "later");
	del_user(later);
	expect_pick(test, "alice", "scope");
}

/* With more entries than are tried, those are tried that come first */
static void too_many_test(struct kunit *test)
{
	static const char *const labels[] = {
		"1", "2", "3", "4", "5", "6", "7", "8", "9"
	};
	struct iscsit_srp_user *user;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(labels); i++)
		user = add_user(test, labels[i], "alice");
	expect_pick(test, "alice", "1");
	expire_in(test, user, 1000);
	expect_pick(test, "alice", "9");
	expire_in(test, user, -1);
	expect_pick(test, "alice", "1");
}

static void without_label_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user user = {};

	KUNIT_EXPECT_EQ(test, iscsit_srp_user_add(u->users, &user), -ENOMEM);
}

static void rotation_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&u->addr;
	struct iscsit_srp_user *old;

	/* One credential: a wrong password is refused at once */
	old = add_user(test, "old", "alice");
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "none"), 0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);

	/* Two credentials: the second password needs one retry */
	add_user(test, "new", "alice");
	expire_in(test, old, 1000);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 2);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 2);

	/* The table remembers each initiator at each address */
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 2);
	u->peer.initiator = HOST2;
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);
	u->peer.initiator = HOST1;
	((struct sockaddr_in *)&u->addr)->sin_addr.s_addr = htonl(0x0a000002);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);
	((struct sockaddr_in *)&u->addr)->sin_addr.s_addr = htonl(0x0a000001);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);

	/* The same with IPv6, from any port */
	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	in6->sin6_addr.s6_addr[15] = 1;
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 2);
	in6->sin6_port = htons(1024);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
	in6->sin6_addr.s6_addr[15] = 2;
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);

	/* A wrong password always fails, and has no other effect */
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "none"), 0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "none"), 0);
	KUNIT_EXPECT_GT(test, tries(test, "alice", "new"), 0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "none"), 0);
	KUNIT_EXPECT_GT(test, tries(test, "alice", "old"), 0);

	/* The old credential expires, or is removed */
	expire_in(test, old, -1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
	del_user(old);
	KUNIT_EXPECT_EQ(test, u->users->doubled, 0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
}

/* An ACL gets a new password, and an entry keeps the old one for a while */
static void moved_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *old;

	u->peer.acl = true;
	set_scope(test, "alice");
	add_user(test, "other", "bob");
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "scope"), 1);

	old = new_user(test, "old");
	set(test, old, USERID, "alice");
	set(test, old, SALT, TABLE_SALT);
	set(test, old, GROUP, "03");
	set(test, old, INITIATORS, HOST1);
	expire_in(test, old, 1000);
	set(test, old, ENABLED, "1");
	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, GROUP, "04", 2),
			0);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "scope"), 2);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "scope"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 2);
}

/* Count how often a failing login is asked to retry */
static unsigned int refusals(struct kunit *test, const char *userid)
{
	unsigned int n = 0;
	bool again;

	do {
		login(test, userid, "none", &again);
		n++;
	} while (again && n < 10);

	return n;
}

static void unknown_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *user;
	struct iscsit_srp_pick p;
	int i;

	/* Without a table */
	pick(test, "nobody", &p);
	KUNIT_EXPECT_NULL(test, p.model);
	iscsit_srp_pick_drop(&p);
	KUNIT_EXPECT_EQ(test, refusals(test, "nobody"), 1);

	user = add_user(test, "a", "alice");
	add_user(test, "b", "bob");
	pick(test, "nobody", &p);
	KUNIT_EXPECT_NULL(test, p.cred);
	KUNIT_EXPECT_PTR_EQ(test, p.model, user->cred);
	iscsit_srp_pick_drop(&p);

	/* As often as an existing user, whether its password rotates or not */
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, refusals(test, "nobody"), 1);
		KUNIT_EXPECT_EQ(test, refusals(test, "alice"), 1);
	}
	add_user(test, "a2", "alice");
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, refusals(test, "nobody"), 2);
		KUNIT_EXPECT_EQ(test, refusals(test, "alice"), 2);
		KUNIT_EXPECT_EQ(test, refusals(test, "bob"), 2);
	}
	del_user(user);
	KUNIT_EXPECT_EQ(test, refusals(test, "nobody"), 1);
	KUNIT_EXPECT_EQ(test, refusals(test, "bob"), 1);

	/* The user of an ACL and an entry for it are two credentials as well */
	u->peer.acl = true;
	set_scope(test, "bob");
	KUNIT_EXPECT_EQ(test, refusals(test, "nobody"), 1);
	KUNIT_EXPECT_EQ(test, refusals(test, "bob"), 1);
	user = add_user(test, "b2", "bob");
	set(test, user, INITIATORS, HOST2);
	del_user(list_first_entry(&u->users->entries, struct iscsit_srp_user,
				  entry));
	KUNIT_EXPECT_EQ(test, refusals(test, "bob"), 1);
	set(test, user, INITIATORS, HOST1);
	KUNIT_EXPECT_EQ(test, refusals(test, "nobody"), 2);
	KUNIT_EXPECT_EQ(test, refusals(test, "bob"), 2);
}

/* What made-up credentials resemble, by minimum group */
static void expect_model(struct kunit *test, unsigned int min_group,
			 const struct iscsit_srp_user *user)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_pick p;

	KUNIT_ASSERT_EQ(test, iscsit_srp_pick(&u->peer, NULL, min_group,
					      "nobody", 6, &p), 0);
	KUNIT_EXPECT_PTR_EQ(test, p.model, user ? user->cred : NULL);
	iscsit_srp_pick_drop(&p);
}

/* It must be usable with the login's minimum group */
static void model_test(struct kunit *test)
{
	struct iscsit_srp_user *weak = add_user(test, "weak", "alice");
	struct iscsit_srp_user *strong = add_user(test, "strong", "bob");
	struct iscsit_srp_user *third = add_user(test, "third", "carol");

	expect_model(test, GROUP, weak);
	expect_model(test, GROUP + 1, NULL);
	set(test, third, GROUP + 2, "07");
	set(test, strong, GROUP + 1, "05");
	expect_model(test, 1, weak);
	expect_model(test, GROUP, weak);
	expect_model(test, GROUP + 1, third);
	expect_model(test, GROUP + 2, third);
	expect_model(test, GROUP + 3, NULL);

	/* The oldest that is left, if it loses the group, its salt, or goes */
	set(test, third, GROUP + 2, "NULL");
	expect_model(test, GROUP + 2, NULL);
	expect_model(test, GROUP + 1, strong);
	set(test, weak, SALT, "NULL");
	expect_model(test, GROUP, strong);
	set(test, weak, SALT, "00");
	expect_model(test, GROUP, strong);
	del_user(strong);
	expect_model(test, GROUP, weak);
	expect_model(test, GROUP + 1, NULL);
	del_user(weak);
	expect_model(test, GROUP, third);
	del_user(third);
	expect_model(test, 1, NULL);
}

/* All enabled entries of a user have one salt */
static void one_salt_test(struct kunit *test)
{
	struct iscsit_srp_user *old = add_user(test, "old", "alice");
	struct iscsit_srp_user *new = new_user(test, "new");

	add_user(test, "other", "bob");
	set(test, new, USERID, "alice");
	set(test, new, SALT, "0011223344556678");
	set(test, new, GROUP, "05");
	KUNIT_EXPECT_EQ(test, store(new, ENABLED, "1"), (ssize_t)-EINVAL);
	expect_shown(test, new, ENABLED, "0");
	set(test, new, SALT, "001122334455667788");
	KUNIT_EXPECT_EQ(test, store(new, ENABLED, "1"), (ssize_t)-EINVAL);

	/* Entries for other initiators may have the salts of their ACLs */
	set(test, old, INITIATORS, HOST1);
	set(test, new, ENABLED, "1");
	KUNIT_EXPECT_EQ(test, store(new, INITIATORS, HOST2 " " HOST1),
			(ssize_t)-EINVAL);
	set(test, new, INITIATORS, HOST2);
	KUNIT_EXPECT_EQ(test, store(old, INITIATORS, HOST2 "0 " HOST2),
			(ssize_t)-EINVAL);
	set(test, old, INITIATORS, HOST2 "0 " HOST1);
	set(test, new, ENABLED, "0");
	set(test, new, INITIATORS, HOST1);
	KUNIT_EXPECT_EQ(test, store(new, ENABLED, "1"), (ssize_t)-EINVAL);

	/* Wherever else it may be used, and whether it has expired */
	set(test, old, TPGT, "2");
	expire_in(test, old, -1);
	KUNIT_EXPECT_EQ(test, store(new, ENABLED, "1"), (ssize_t)-EINVAL);
	set(test, old, ENABLED, "0");
	set(test, new, ENABLED, "1");
	KUNIT_EXPECT_EQ(test, store(old, ENABLED, "1"), (ssize_t)-EINVAL);

	/* An enabled entry cannot change to another salt, or to another user */
	set(test, new, SALT, "0011223344556677");
	set(test, old, ENABLED, "1");
	KUNIT_EXPECT_EQ(test, store(new, SALT, "00"), (ssize_t)-EINVAL);
	expect_shown(test, new, SALT, "0011223344556677");
	set(test, new, USERID, "carol");
	set(test, new, SALT, "00");
	KUNIT_EXPECT_EQ(test, store(new, USERID, "alice"), (ssize_t)-EINVAL);
	expect_shown(test, new, USERID, "carol");
	del_user(old);
	set(test, new, USERID, "alice");
}

static void expect_salt(struct kunit *test, const char *userid, const u8 *salt)
{
	struct iscsit_srp_pick p;

	pick(test, userid, &p);
	KUNIT_EXPECT_NULL(test, p.cred);
	KUNIT_EXPECT_MEMEQ(test, p.made_up->salt, salt, 8);
	iscsit_srp_pick_drop(&p);
}

/* A user's salt is the same where and while nobody can log in as the user */
static void kin_test(struct kunit *test)
{
	static const u8 salt[] = {
		0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77
	};
	struct iscsit_srp_user *user = add_user(test, "a", "alice");
	struct users_test *u = test->priv;
	struct iscsit_srp_pick p;

	expire_in(test, user, -1);
	expect_salt(test, "alice", salt);
	set(test, user, EXPIRES, "NULL");
	set(test, user, TPGT, "2");
	expect_salt(test, "alice", salt);
	set(test, user, TPGT, "NULL");
	set(test, user, ENABLED, "0");
	expect_salt(test, "alice", salt);
	set(test, user, ENABLED, "1");
	set(test, user, GROUP, "NULL");
	expect_salt(test, "alice", salt);
	set(test, user, ISCSI_SRP_GROUP_SRP_1280, "05");
	expect_salt(test, "alice", salt);

	/* An ACL with credentials does not use the table */
	u->peer.acl = true;
	expect_salt(test, "alice", salt);
	set_scope(test, "bob");
	pick(test, "alice", &p);
	KUNIT_EXPECT_NULL(test, p.cred);
	KUNIT_EXPECT_MEMNEQ(test, p.made_up->salt, salt, 8);
	iscsit_srp_pick_drop(&p);
	set(test, user, INITIATORS, HOST1);
	expect_salt(test, "alice", salt);

	/* Nor is an entry for one initiator visible to others */
	u->peer.acl = false;
	u->peer.initiator = HOST2;
	pick(test, "alice", &p);
	KUNIT_EXPECT_NULL(test, p.cred);
	KUNIT_EXPECT_MEMNEQ(test, p.made_up->salt, salt, 8);
	iscsit_srp_pick_drop(&p);
}

/* An entry with another salt than the ACL's own is not used */
static void scope_salt_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *user = add_user(test, "a", "alice");
	struct iscsit_srp_pick p;

	expire_in(test, user, 1000);
	expect_pick(test, "alice", "a");
	set_scope_salt(test, "alice", "22");
	pick(test, "alice", &p);
	KUNIT_EXPECT_EQ(test, p.label[0], '\0');
	KUNIT_EXPECT_TRUE(test, p.other_salt);
	iscsit_srp_pick_drop(&p);
	u->peer.acl = true;
	set(test, user, INITIATORS, HOST1);
	expect_pick(test, "alice", "scope");
	set(test, user, SALT, "22");
	expect_pick(test, "alice", "a");
	pick(test, "alice", &p);
	KUNIT_EXPECT_FALSE(test, p.other_salt);
	iscsit_srp_pick_drop(&p);
}

static void expect_changing(struct kunit *test, bool changing)
{
	static const char * const users[] = { "alice", "bob", "nobody" };
	struct iscsit_srp_pick p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(users); i++) {
		pick(test, users[i], &p);
		KUNIT_EXPECT_EQ_MSG(test, p.changing, changing, "%s", users[i]);
		iscsit_srp_pick_drop(&p);
	}
}

/* While a credential is replaced file by file, all logins may have to retry */
static void changing_test(struct kunit *test)
{
	struct iscsit_srp_user *user = add_user(test, "a", "alice");
	struct iscsit_srp_user *new = new_user(test, "new");
	struct users_test *u = test->priv;

	add_user(test, "b", "bob");
	set(test, user, GROUP + 1, "05");
	expect_changing(test, false);
	set(test, user, SALT, "00");
	expect_changing(test, true);
	set(test, user, GROUP, "06");
	expect_changing(test, true);
	set(test, user, GROUP + 1, "NULL");
	expect_changing(test, false);

	/* A new entry, in any order */
	set(test, new, GROUP, "05");
	set(test, new, SALT, "00");
	set(test, new, USERID, "carol");
	expect_changing(test, false);

	/* The same salt again, and only another password */
	set(test, user, SALT, "00");
	set(test, user, GROUP, "07");
	expect_changing(test, false);

	/* Another user name; whoever stops there does not do it for ever */
	set(test, user, USERID, "alice2");
	expect_changing(test, true);
	u->users->changed -= 11 * HZ;
	expect_changing(test, false);
	set(test, user, NOTE, "note");
	expect_changing(test, false);
	del_user(user);
	KUNIT_EXPECT_EQ(test, u->users->stale, 0);

	/* A scope's own credential */
	set_scope(test, "alice");
	expect_changing(test, false);
	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, SALT, "01", 2),
			0);
	expect_changing(test, true);
	KUNIT_ASSERT_GT(test, iscsit_srp_scope_store(&u->auth, GROUP, "04", 2),
			0);
	expect_changing(test, false);
}

static void parallel_test(struct kunit *test)
{
	struct iscsit_srp_pick a, b;
	struct iscsit_srp_user *old;

	old = add_user(test, "old", "alice");
	add_user(test, "new", "alice");
	expire_in(test, old, 1000);

	/* Two logins that overlap may both retry */
	pick(test, "alice", &a);
	pick(test, "alice", &b);
	KUNIT_EXPECT_TRUE(test, iscsit_srp_pick_failed(&a));
	KUNIT_EXPECT_TRUE(test, iscsit_srp_pick_failed(&b));
	iscsit_srp_pick_drop(&a);
	iscsit_srp_pick_drop(&b);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "new"), 1);
}

static void late_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	unsigned int i;
	bool again;

	add_user(test, "old", "alice");
	add_user(test, "new", "alice");

	/* No retry came; much later, the first password is used */
	KUNIT_EXPECT_FALSE(test, login(test, "alice", "new", &again));
	KUNIT_EXPECT_TRUE(test, again);
	for (i = 0; i < ISCSIT_SRP_HINTS; i++)
		u->users->hints[i].when -= 31 * HZ;
	KUNIT_EXPECT_EQ(test, tries(test, "alice", "old"), 2);
}

static void snapshot_test(struct kunit *test)
{
	struct iscsit_srp_user *user = add_user(test, "a", "alice");
	struct iscsit_srp_pick p;

	pick(test, "alice", &p);
	set(test, user, USERID, "bob");
	set(test, user, GROUP, "03");
	del_user(user);
	KUNIT_EXPECT_STREQ(test, p.label, "a");
	KUNIT_EXPECT_EQ(test, p.cred->userid_len, 5);
	KUNIT_EXPECT_EQ(test, p.cred->verifier[GROUP][190], 1);
	iscsit_srp_pick_worked(&p);
	iscsit_srp_pick_drop(&p);
}

/* More entries of a user than are tried, more users than initial buckets */
/* Most users that a look-up compares: those of the fullest bucket */
static unsigned int fullest_bucket(struct rhltable *table)
{
	unsigned int i, n, most = 0;
	struct bucket_table *tbl;
	struct rhash_head *at;

	rcu_read_lock();
	tbl = rht_dereference_rcu(table->ht.tbl, &table->ht);
	for (i = 0; i < tbl->size; i++) {
		n = 0;
		rht_for_each_rcu(at, tbl, i)
			n++;
		most = max(most, n);
	}
	rcu_read_unlock();

	return most;
}

static void many_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsit_srp_user *user, *next;
	char userid[16];
	int i;

	for (i = 0; i < 12; i++)
		add_user(test, "same", "alice");
	KUNIT_EXPECT_EQ(test, u->users->doubled, 11);
	expect_pick(test, "alice", "same");

	for (i = 0; i < 1000; i++) {
		snprintf(userid, sizeof(userid), "user%d", i);
		add_user(test, "u", userid);
	}
	expect_pick(test, "user0", "u");
	expect_pick(test, "user999", "u");
	expect_pick(test, "user1000", "-");
	KUNIT_EXPECT_LE(test, fullest_bucket(&u->users->by_userid), 16);

	list_for_each_entry_safe(user, next, &u->users->entries, entry)
		if (!strcmp(user->label, "same"))
			del_user(user);
	KUNIT_EXPECT_EQ(test, u->users->doubled, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&u->users->by_userid.ht.nelems), 1000);
	KUNIT_EXPECT_NOT_NULL(test, u->users->model[GROUP]);
	KUNIT_EXPECT_NULL(test, u->users->model[GROUP + 1]);
	expect_pick(test, "alice", "-");
	expect_pick(test, "user500", "u");
}

static void of_test(struct kunit *test)
{
	struct users_test *u = test->priv;
	struct iscsi_tiqn *tiqn = kunit_kzalloc(test, 2 * sizeof(*tiqn),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tiqn);
	KUNIT_EXPECT_NULL(test, iscsit_srp_users_of(NULL));
	KUNIT_EXPECT_NULL(test, iscsit_srp_users_of(tiqn));
	iscsit_srp_users_slot_set(tiqn, u->users);
	KUNIT_EXPECT_PTR_EQ(test, iscsit_srp_users_of(tiqn), u->users);
	KUNIT_EXPECT_NULL(test, iscsit_srp_users_of(tiqn + 1));
	iscsit_srp_users_slot_set(tiqn, NULL);
	KUNIT_EXPECT_NULL(test, iscsit_srp_users_of(tiqn));
}

static struct kunit_case users_cases[] = {
	KUNIT_CASE(of_test),
	KUNIT_CASE(files_test),
	KUNIT_CASE(refused_test),
	KUNIT_CASE(labels_test),
	KUNIT_CASE(fits_test),
	KUNIT_CASE(initiators_test),
	KUNIT_CASE(override_test),
	KUNIT_CASE(order_test),
	KUNIT_CASE(too_many_test),
	KUNIT_CASE(without_label_test),
	KUNIT_CASE(rotation_test),
	KUNIT_CASE(moved_test),
	KUNIT_CASE(unknown_test),
	KUNIT_CASE(model_test),
	KUNIT_CASE(one_salt_test),
	KUNIT_CASE(kin_test),
	KUNIT_CASE(scope_salt_test),
	KUNIT_CASE(changing_test),
	KUNIT_CASE(parallel_test),
	KUNIT_CASE(late_test),
	KUNIT_CASE(snapshot_test),
	KUNIT_CASE(many_test),
	{}
};

static struct kunit_suite users_suite = {
	.name = "iscsi_target_srp_users",
	.init = users_init,
	.exit = users_exit,
	.test_cases = users_cases,
};

kunit_test_suite(users_suite);
