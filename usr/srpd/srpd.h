/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private interfaces of iscsi-srpd and iscsi-srp-passwd, by file */
#ifndef SRPD_H
#define SRPD_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <openssl/bn.h>

#define SRPD_USER	"iscsi-srpd"	/* whom a worker runs as */

/* log.c */
enum log_sink {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
	LOG_TO_PARENT,		/* the pipe of log_to_parent() */
};

void log_to(enum log_sink sink, const char *program);
void log_to_parent(int fd);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* secret.c: memory for secrets */
int secret_no_dump(void);
int secret_init(void);
void *secret_alloc(size_t len);
void secret_free(void *secret, size_t len);
void *secret_map(size_t len);
void secret_unmap(void *secret, size_t len);

/* group.c: the groups of RFC 3723, appendix A */

/**
 * struct srp_group - One group
 * @name: as in SRP_GROUP
 * @id: enum iscsi_srp_group
 * @len: octets of N
 * @g: generator
 * @hex: N, or NULL if @rfc3526 makes it
 * @rfc3526: N as OpenSSL has it
 */
struct srp_group {
	const char *name;
	uint16_t id;
	uint16_t len;
	uint8_t g;
	const char *hex;
	BIGNUM *(*rfc3526)(BIGNUM *N);
};

/**
 * struct srp_modulus - What is computed once for each group and then kept
 * @N: the modulus
 * @g: the generator
 * @mont: Montgomery context of N
 * @octets: N, big-endian, as many octets as the group's len
 */
struct srp_modulus {
	BIGNUM *N;
	BIGNUM *g;
	BN_MONT_CTX *mont;
	uint8_t octets[ISCSI_SRP_MAX_LEN];
};

extern const struct srp_group groups[ISCSI_SRP_GROUP_MAX];	/* by strength */
const struct srp_group *group_by_id(unsigned int id);
const struct srp_group *group_by_name(const char *name, size_t len);
const struct srp_modulus *group_modulus(const struct srp_group *group);

/* srp.c: the arithmetic of RFC 2945 on strings of octets */

/**
 * struct octets - A big-endian number
 * @p: the octets
 * @len: how many
 */
struct octets {
	const uint8_t *p;
	size_t len;
};

enum iscsi_srp_status srp_B(const struct srp_group *group, struct octets v,
			    struct octets b, uint8_t *B);
enum iscsi_srp_status srp_S(const struct srp_group *group, struct octets v,
			    struct octets b, uint32_t u, struct octets A,
			    uint8_t *S);
enum iscsi_srp_status srp_v(const struct srp_group *group, struct octets exp,
			    uint8_t *power);

/* job.c: struct iscsi_srp_job to struct iscsi_srp_result */
#define RESULT_MAX	(sizeof(struct iscsi_srp_result) + ISCSI_SRP_MAX_LEN)

size_t job_run(const struct iscsi_srp_job *job,
	       struct iscsi_srp_result *result);

/* selftest.c: built-in known answers */
bool selftest(unsigned int group);

/* stdio.c: read(2) and write(2) until done */
ssize_t read_all(int fd, void *buf, size_t len);
int write_all(int fd, const void *buf, size_t len);

/* sandbox.c: what a worker gives up before it sees a job */
void sandbox_detach(int keep_fd);
int sandbox_user(const char *name, uid_t *uid, gid_t *gid);
int sandbox_enter(uid_t uid, gid_t gid, int32_t key, int ready_fd);

/* channel.c: the key that is a worker's channel */
int channel_start(int32_t key, unsigned int idle);
int channel_serve(int32_t key, unsigned int idle);

/* verifier.c: what a target stores of a user */
#define USERID_MAX	255
#define PASSWORD_MAX	1024
#define SALT_LEN	16
#define X_LEN		20	/* a SHA-1 digest */

/**
 * struct credentials - What configfs takes of a user
 * @userid: U, terminated
 * @salt_len: octets of @salt
 * @salt: s
 * @has: whether there is a verifier, by group id
 * @verifier: v, as many octets as the group's len, by group id
 */
struct credentials {
	char userid[USERID_MAX + 1];
	size_t salt_len;
	uint8_t salt[ISCSI_SRP_MAX_LEN];
	bool has[ISCSI_SRP_GROUP_MAX + 1];
	uint8_t verifier[ISCSI_SRP_GROUP_MAX + 1][ISCSI_SRP_MAX_LEN];
};

bool is_utf8(const char *octets, size_t len);
const char *userid_problem(const char *userid);
const char *password_problem(const char *password, size_t len);
int credentials_make(struct credentials *cred, const char *password,
		     size_t len);

/* output.c: credentials as text */
#define HEX_MAX		(2 * ISCSI_SRP_MAX_LEN + 1)
#define TEXT_MAX	16384	/* all groups, the largest salt, JSON escapes */

void hex_encode(const uint8_t *octets, size_t len, char *hex);
void credentials_text(const struct credentials *cred, bool json, char *text);

/* prompt.c: the password from a terminal or from standard input */
int prompt_password(const char *kind, const char *userid, bool twice,
		    char *password, size_t *len);

/* entries.c: memory for a list of users */

/* Fields of an entry; a group's id is that of its verifier */
enum {
	FIELD_USERID = ISCSI_SRP_GROUP_MAX + 1,
	FIELD_SALT,
	FIELD_EXPIRES,
	FIELD_NOTE,
	FIELD_INITIATORS,
	FIELD_TPGT,
	FIELD_ENABLED,
	FIELDS
};

#define FIELD_NAME_MAX	32

/**
 * struct user_entry - One user of a file or of a table
 * @label: its name there
 * @value: as the kernel shows it, by field; NULL if it is not set
 * @given: whether the text had the field, set or unset
 * @password: of a batch: what to make salt and verifiers of, or NULL
 * @remove: of a batch: the entry is to go
 */
struct user_entry {
	char *label;
	char *value[FIELDS];
	bool given[FIELDS];
	char *password;
	bool remove;
};

/**
 * struct entries - A list of users
 * @tree: the entries, by label, for tsearch(3)
 * @count: how many
 * @batch: passwords and removals are allowed
 * @full: there was no memory for a value
 * @blocks: where all of it is
 */
struct entries {
	void *tree;
	size_t count;
	bool batch;
	bool full;
	struct block *blocks;
};

void *entries_alloc(struct entries *list, size_t len);
char *entries_dup(struct entries *list, const char *text);
char *entries_read(struct entries *list, int fd, size_t *len);
void entries_free(struct entries *list);

/* entry.c: users as text */
void field_name(unsigned int field, char *name);
ssize_t hex_to_octets(const char *hex, uint8_t *octets, size_t max);
const char *entry_set(struct entries *list, struct user_entry *entry,
		      unsigned int field, const char *text);
struct user_entry *entries_find(const struct entries *list, const char *label);
struct user_entry *entries_add(struct entries *list, const char *label,
			  const char **problem);
void entries_remove(struct entries *list, struct user_entry *entry);
struct user_entry **entries_sorted(const struct entries *list);
int entries_parse(struct entries *list, char *text, size_t len,
		  const char *path, unsigned int line);

/* usersfile.c: a file of users */

/**
 * struct users_file - A file of users, open and locked
 * @path: the file
 * @fd: the file, -1 if it does not exist
 * @list: what it has
 */
struct users_file {
	const char *path;
	int fd;
	struct entries list;
};

int users_file_open(struct users_file *file, const char *path, bool create);
int users_file_save(struct users_file *file);
void users_file_close(struct users_file *file);

/* batch.c: changes to a file of users */
int batch_run(struct users_file *file,
	      const bool has[ISCSI_SRP_GROUP_MAX + 1]);
int batch_password(struct users_file *file, const char *label,
		   const bool has[ISCSI_SRP_GROUP_MAX + 1]);
int batch_check(const struct users_file *file, const char *userid);

/* table.c: a target's table of users */
int table_apply(const char *dir, const struct entries *list);
int table_export(const char *dir, struct entries *list);

/* configfs.c: credentials into a directory of LIO's */
int configfs_store(const char *dir, const struct credentials *cred);

#endif /* SRPD_H */
