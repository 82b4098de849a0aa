/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private interfaces of iscsi-login, by file */
#ifndef LOGIN_H
#define LOGIN_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/group.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/output.h"
#include "lib/prompt.h"
#include "lib/secret.h"
#include "lib/srp.h"
#include "lib/verifier.h"

enum method {
	METHOD_SRP,
	METHOD_CHAP,
	METHOD_NONE,
};

#define CHAP_ALGS	3	/* that there are here */

/**
 * struct options - What the user wants
 * @portal: as given
 * @addresses: of the portal
 * @target: TargetName; NULL for a discovery session
 * @initiator: InitiatorName
 * @method: the one AuthMethod to propose
 * @chap_algs: values of CHAP_A, in order of preference; 0 ends them
 * @allowed: groups, NULL ends them
 * @user: SRP_U or CHAP_N
 * @password_file: instead of standard input, or NULL
 * @one_way: TargetAuth=No
 * @count_logout: whether it belongs to the latency
 * @json: how to report
 * @repeat: logins of each connection, one after the other
 * @parallel: connections at a time
 * @warm_up: logins of each connection before, which do not count
 * @timeout: of one login, seconds
 */
struct options {
	const char *portal;
	struct addrinfo *addresses;
	const char *target;
	const char *initiator;
	enum method method;
	uint8_t chap_algs[CHAP_ALGS + 1];
	const struct srp_group *allowed[ISCSI_SRP_GROUP_MAX + 1];
	const char *user;
	const char *password_file;
	bool one_way;
	bool count_logout;
	bool json;
	unsigned int repeat;
	unsigned int parallel;
	unsigned int warm_up;
	unsigned int timeout;
};

#define REPEAT_MAX	100000
#define PARALLEL_MAX	256
#define TIMEOUT_MAX	3600

/* options.c */
#define PROGRAM		"iscsi-login"
#define EX_DONE		(-1)	/* nothing is left to do */

int options_parse(int argc, char **argv, struct options *opt);
const char *method_name(enum method method);

/* result.c: what became of a login, and when */
#define STEPS_MAX	16
#define ERROR_MAX	256

/**
 * struct step - One request and its response; all in nanoseconds
 * @name: the keys that are asked for, or what is done
 * @own: from the arrival of the response before (or from the begin of the
 *	login) until the request was handed to the kernel
 * @response: from then until the response had arrived
 * @overlap: computed meanwhile
 */
struct step {
	const char *name;
	int64_t own;
	int64_t response;
	int64_t overlap;
};

/**
 * struct result - One login
 * @code: exit code, EX_OK if it succeeded
 * @begin: CLOCK_MONOTONIC, in nanoseconds
 * @end: the same, when the login (and the logout, if it counts) was over
 * @closed: the same, when the logout was over; 0 as long as it is not
 * @group: of SRP, or NULL
 * @steps: how many in @step
 * @step: in their order
 * @error: why it failed
 */
struct result {
	int code;
	int64_t begin;
	int64_t end;
	int64_t closed;
	const struct srp_group *group;
	unsigned int steps;
	struct step step[STEPS_MAX];
	char error[ERROR_MAX];
};

int64_t clock_ns(clockid_t clock);
int result_fail(struct result *res, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
struct step *result_step(struct result *res, const char *name);

/* text.c: key=value text of RFC 7143, section 6.1 */
#define TEXT_MAX_LEN	16384	/* of all PDUs with the C bit together */
#define TEXT_KEY_MAX	63

/**
 * struct text - A text segment
 * @len: octets of @buf
 * @overflow: whether something was put that did not fit
 * @buf: pairs, each with a NUL behind it
 */
struct text {
	size_t len;
	bool overflow;
	char buf[TEXT_MAX_LEN];
};

const char *text_problem(const struct text *text);
const char *text_get(const struct text *text, const char *name);
const char *text_next(const struct text *text, const char **key,
		      const char *value);
void text_put(struct text *text, const char *key, const char *value);
void text_put_binary(struct text *text, const char *key, const uint8_t *octets,
		     size_t len);
const char *text_binary(const char *value, uint8_t *octets, size_t *len);

/* conn.c: a TCP connection and its PDUs */
#define BHS_LEN		48
#define PDU_DATA_MAX	8192	/* the default of MaxRecvDataSegmentLength */

/**
 * struct pdu - One PDU without additional header segments
 * @len: octets of the data segment
 * @octets: header and data segment, with its padding
 */
struct pdu {
	size_t len;
	uint8_t octets[BHS_LEN + PDU_DATA_MAX];
};

/**
 * struct conn - A connection
 * @fd: its socket
 * @res: where times and errors go
 * @step: the request that waits for its response
 * @deadline: CLOCK_MONOTONIC, in nanoseconds
 * @arrived: when the last response had, CLOCK_MONOTONIC
 * @sent: when the last request was handed to the kernel, CLOCK_MONOTONIC
 * @sent_real: the same, CLOCK_REALTIME, which the kernel's time stamps have
 * @rx_len: octets in @rx
 * @rx: what was received and belongs to no PDU yet
 */
struct conn {
	int fd;
	struct result *res;
	struct step *step;
	int64_t deadline;
	int64_t arrived;
	int64_t sent;
	int64_t sent_real;
	size_t rx_len;
	uint8_t rx[BHS_LEN + PDU_DATA_MAX];
};

int conn_open(struct conn *conn, const struct options *opt,
	      struct result *res);
int conn_send(struct conn *conn, const char *step, struct pdu *pdu);
int conn_recv(struct conn *conn, struct pdu *pdu);
void conn_close(struct conn *conn);

/* initiator.c: the initiator's half of RFC 2945 */
#define SHA1_LEN	20
#define EPHEMERAL_LEN	32	/* of a */

/**
 * struct initiator - SRP of one login, in memory for secrets
 * @group: that A is for, or NULL
 * @a: secret exponent
 * @x: from the password
 * @g_x: g^x, as many octets as N
 * @S: as many octets as N
 * @K: SHA_Interleave(S)
 * @M: the initiator's proof
 * @HM: the proof that the target has to send
 * @A_len: octets of @A
 * @A: without leading zero octets
 */
struct initiator {
	const struct srp_group *group;
	uint8_t a[EPHEMERAL_LEN];
	uint8_t x[SHA1_LEN];
	uint8_t g_x[ISCSI_SRP_MAX_LEN];
	uint8_t S[ISCSI_SRP_MAX_LEN];
	uint8_t K[2 * SHA1_LEN];
	uint8_t M[SHA1_LEN];
	uint8_t HM[SHA1_LEN];
	size_t A_len;
	uint8_t A[ISCSI_SRP_MAX_LEN];
};

struct octets octets_minimal(struct octets n);
bool initiator_A(struct initiator *srp, const struct srp_group *group);
bool initiator_x(struct initiator *srp, struct octets U, struct octets P,
		 struct octets s);
const char *initiator_B_problem(const struct srp_group *group, struct octets B);
bool initiator_prove(struct initiator *srp, struct octets U, struct octets s,
		     struct octets B);

/* digest.c */
#define DIGEST_MAX	32

void digest_init(void);
bool digest_sha1(uint8_t *md, const struct octets *parts, size_t count);
unsigned int chap_alg_by_name(const char *name, size_t len);
size_t digest_chap(unsigned int chap_a, uint8_t *md, const struct octets *parts,
		   size_t count);

/* login.c: the Login Phase */

/**
 * struct login - One connection of this process, used for login after login
 * @opt: options
 * @password: not terminated, in memory for secrets
 * @password_len: its octets
 * @guess: group that A is computed for until the target has chosen
 * @srp: in memory for secrets
 * @isid: of the login
 * @itt: Initiator Task Tag, the same in the whole login
 * @expstatsn: ExpStatSN
 * @csg: stage
 * @nsg: the stage that the last request asked for, or -1
 * @tsih: from the target, 0 before
 * @res: of the login
 * @conn: its connection
 * @pdu: the PDU that is made or was received
 * @out: text to send
 * @in: text received
 */
struct login {
	const struct options *opt;
	const char *password;
	size_t password_len;
	const struct srp_group *guess;
	struct initiator *srp;
	uint8_t isid[6];
	uint32_t itt;
	uint32_t expstatsn;
	int csg;
	int nsg;
	uint16_t tsih;
	struct result *res;
	struct conn conn;
	struct pdu pdu;
	struct text out;
	struct text in;
};

enum {
	STAGE_SECURITY = 0,
	STAGE_OPERATIONAL = 1,
	STAGE_FULL_FEATURE = 3,
};

#define NO_TRANSIT	(-1)

void login_run(struct login *l, struct result *res);
int login_send(struct login *l, const char *step, int nsg);
int login_recv(struct login *l, bool *transit);
int login_ask(struct login *l, const char *step, int nsg, bool *transit);

/* auth.c: the methods */
int auth_run(struct login *l);

/* status.c: Login reject */
const char *status_name(unsigned int status);
int status_code(unsigned int status);

/* run.c: many logins */
int run_logins(const struct options *opt, const char *password,
	       size_t password_len, struct result *results);

/* report.c */
int report(const struct options *opt, const struct result *results);

#endif /* LOGIN_H */
