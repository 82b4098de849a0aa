// SPDX-License-Identifier: GPL-2.0
/*
 * An initiator that logs in to an iSCSI target with SRP (RFC 7143, section
 * 12.1.2; RFC 2945), checks the target's proof and leaves.
 *
 * srp_login PORT TARGET INITIATOR USER PASSWORD: print the status of the login
 * in hexadecimal.  Fail if the target, on 127.0.0.1, does not keep to the
 * protocol or its proof is wrong.
 *
 * srp_login USER PASSWORD SALT: print the verifier.  SALT is hexadecimal.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "../kselftest.h"
#include "srp_group.h"

#define TIMEOUT		30	/* seconds; the target's is shorter */
#define BHS_LEN		48
#define OP_LOGIN	0x43	/* with the I bit */
#define OP_LOGIN_RSP	0x23
#define FLAG_T		0x80
#define FLAG_C		0x40
#define SECURITY	0	/* stages */
#define OPERATIONAL	1
#define FULL_FEATURE	3

/* Bytes: text of a PDU, input of a hash, or a value.  data[len] is 0 */
struct buf {
	size_t len;
	unsigned char data[8192];
};

/* The initiator's side of an exchange */
struct srp {
	const char *user;
	const char *password;
	BN_CTX *ctx;
	BIGNUM *N, *g, *a, *A, *B, *x;
	struct buf salt;
	unsigned char M[SHA_DIGEST_LENGTH];
	unsigned char HM[SHA_DIGEST_LENGTH];
};

/* libcrypto fails only without memory */
static void need(bool ok)
{
	if (!ok)
		errx(1, "libcrypto failed");
}

static void put(struct buf *buf, const void *bytes, size_t len)
{
	if (len >= sizeof(buf->data) - buf->len)
		errx(1, "more than %zu bytes", sizeof(buf->data));
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = 0;
}

/* Without leading zero bytes, as RFC 2945 wants numbers to be hashed */
static void put_number(struct buf *buf, const BIGNUM *n)
{
	unsigned char bytes[SRP_GROUP_LEN];

	put(buf, bytes, BN_bn2bin(n, bytes));
}

static void put_pair(struct buf *text, const char *key, const char *value)
{
	put(text, key, strlen(key));
	put(text, "=", 1);
	put(text, value, strlen(value) + 1);
}

static void put_binary(struct buf *text, const char *key,
		       const unsigned char *bytes, size_t len)
{
	char hex[2 + 2 * SRP_GROUP_LEN + 1] = "0x";
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(hex + 2 + 2 * i, "%02x", bytes[i]);
	put_pair(text, key, hex);
}

/* The value of a key that a response must have */
static const char *get(const struct buf *text, const char *key)
{
	const char *end = (const char *)text->data + text->len;
	const char *pair = (const char *)text->data;
	size_t len = strlen(key);

	for (; pair < end; pair += strlen(pair) + 1)
		if (!strncmp(pair, key, len) && pair[len] == '=')
			return pair + len + 1;
	errx(1, "the target does not send %s", key);
}

static void get_hex(struct buf *bytes, const char *hex)
{
	unsigned char byte;

	bytes->len = 0;
	for (; *hex; hex += 2) {
		if (sscanf(hex, "%2hhx", &byte) != 1 || !hex[1])
			errx(1, "%s: no hexadecimal digits", hex);
		put(bytes, &byte, 1);
	}
}

/* LIO sends hexadecimal constants, never base64 */
static void get_binary(struct buf *bytes, const struct buf *text,
		       const char *key)
{
	const char *value = get(text, key);

	if (strncmp(value, "0x", 2))
		errx(1, "%s=%s is not hexadecimal", key, value);
	get_hex(bytes, value + 2);
}

/* hash = SHA-1(buf), and empty buf */
static void sha1(unsigned char *hash, struct buf *buf)
{
	SHA1(buf->data, buf->len, hash);
	buf->len = 0;
}

static void srp_begin(struct srp *srp, const char *user, const char *password)
{
	srp->user = user;
	srp->password = password;
	srp->ctx = BN_CTX_new();
	srp->g = BN_new();
	srp->a = BN_new();
	srp->A = BN_new();
	need(srp->ctx && srp->g && srp->a && srp->A &&
	     BN_hex2bn(&srp->N, SRP_GROUP_N) &&
	     BN_set_word(srp->g, SRP_GROUP_G) &&
	     BN_rand(srp->a, 256, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
	     BN_mod_exp(srp->A, srp->g, srp->a, srp->N, srp->ctx));
}

/* g^x mod N, the verifier; x = H(s | H(U | ":" | P)) */
static BIGNUM *srp_verifier(struct srp *srp)
{
	unsigned char hash[SHA_DIGEST_LENGTH];
	struct buf buf = { 0 };
	BIGNUM *v = BN_new();

	put(&buf, srp->user, strlen(srp->user));
	put(&buf, ":", 1);
	put(&buf, srp->password, strlen(srp->password));
	sha1(hash, &buf);
	put(&buf, srp->salt.data, srp->salt.len);
	put(&buf, hash, sizeof(hash));
	sha1(hash, &buf);
	srp->x = BN_bin2bn(hash, sizeof(hash), NULL);
	need(v && srp->x &&
	     BN_mod_exp(v, srp->g, srp->x, srp->N, srp->ctx));
	return v;
}

/* S = (B - g^x)^(a + u * x) mod N; u is the first 32 bits of H(B) */
static BIGNUM *srp_secret(struct srp *srp)
{
	unsigned char hash[SHA_DIGEST_LENGTH];
	BIGNUM *v = srp_verifier(srp);
	struct buf buf = { 0 };
	BIGNUM *S = BN_new();
	BIGNUM *u;

	put_number(&buf, srp->B);
	sha1(hash, &buf);
	u = BN_bin2bn(hash, 4, NULL);
	need(S && u && BN_mul(u, u, srp->x, srp->ctx) &&
	     BN_add(u, u, srp->a) &&
	     BN_mod_sub(S, srp->B, v, srp->N, srp->ctx) &&
	     BN_mod_exp(S, S, u, srp->N, srp->ctx));
	BN_free(u);
	BN_free(v);
	return S;
}

/* K = SHA_Interleave(S): the hashes of the even and of the odd bytes, mixed */
static void srp_key(const BIGNUM *S, unsigned char K[2 * SHA_DIGEST_LENGTH])
{
	unsigned char hash[SHA_DIGEST_LENGTH];
	struct buf bytes = { 0 }, half = { 0 };
	size_t i, j;

	put_number(&bytes, S);
	for (i = 0; i < 2; i++) {
		/* Of an odd number of bytes the first one is left out */
		for (j = bytes.len % 2 + i; j < bytes.len; j += 2)
			put(&half, bytes.data + j, 1);
		sha1(hash, &half);
		for (j = 0; j < sizeof(hash); j++)
			K[2 * j + i] = hash[j];
	}
}

/*
 * M = H((H(N) xor H(g)) | H(U) | s | A | B | K), and the target's proof
 * HM = H(A | M | K)
 */
static void srp_prove(struct srp *srp)
{
	unsigned char K[2 * SHA_DIGEST_LENGTH], hash[3][SHA_DIGEST_LENGTH];
	BIGNUM *S = srp_secret(srp);
	struct buf buf = { 0 };
	size_t i;

	srp_key(S, K);
	BN_free(S);
	put_number(&buf, srp->N);
	sha1(hash[0], &buf);
	put_number(&buf, srp->g);
	sha1(hash[1], &buf);
	put(&buf, srp->user, strlen(srp->user));
	sha1(hash[2], &buf);
	for (i = 0; i < SHA_DIGEST_LENGTH; i++)
		hash[1][i] ^= hash[0][i];
	put(&buf, hash[1], 2 * SHA_DIGEST_LENGTH);
	put(&buf, srp->salt.data, srp->salt.len);
	put_number(&buf, srp->A);
	put_number(&buf, srp->B);
	put(&buf, K, sizeof(K));
	sha1(srp->M, &buf);
	put_number(&buf, srp->A);
	put(&buf, srp->M, sizeof(srp->M));
	put(&buf, K, sizeof(K));
	sha1(srp->HM, &buf);
}

static int connect_to(const char *port)
{
	struct timeval timeout = { .tv_sec = TIMEOUT };
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "cannot connect to port %s", port);
	return fd;
}

static void receive(int fd, void *bytes, size_t len)
{
	ssize_t n = len ? recv(fd, bytes, len, MSG_WAITALL) : 0;

	if (n < 0)
		err(1, "no response");
	if ((size_t)n < len)
		errx(1, "the target closed the connection");
}

/*
 * Send a request with @text, which becomes that of the response.  @next is the
 * stage to go to, or @stage to stay.  A login that is rejected ends here.
 */
static void ask(int fd, unsigned int stage, unsigned int next, struct buf *text)
{
	static unsigned char isid[6];
	unsigned char bhs[BHS_LEN] = { OP_LOGIN };
	static unsigned int exp_stat_sn;
	struct buf pdu = { 0 };
	size_t padded;

	if (!isid[0]) {
		if (getrandom(isid, sizeof(isid), 0) != sizeof(isid))
			err(1, "getrandom");
		isid[0] = 0x80;		/* the rest is random */
	}
	bhs[1] = stage << 2 | (next == stage ? 0 : FLAG_T | next);
	bhs[6] = text->len >> 8;
	bhs[7] = text->len;
	memcpy(bhs + 8, isid, sizeof(isid));
	memcpy(bhs + 28, &exp_stat_sn, sizeof(exp_stat_sn));
	put(&pdu, bhs, sizeof(bhs));
	put(&pdu, text->data, text->len);
	put(&pdu, "\0\0\0", -text->len % 4);
	if (send(fd, pdu.data, pdu.len, MSG_NOSIGNAL) != (ssize_t)pdu.len)
		err(1, "cannot send");

	receive(fd, bhs, sizeof(bhs));
	if (bhs[0] != OP_LOGIN_RSP)
		errx(1, "no login response, but opcode 0x%02x", bhs[0]);
	if (bhs[36] || bhs[37]) {
		printf("%02x%02x\n", bhs[36], bhs[37]);
		exit(0);
	}
	if (bhs[1] & FLAG_C || (bhs[1] >> 2 & 3) != stage ||
	    (bhs[1] & FLAG_T && (next == stage || (bhs[1] & 3) != next)) ||
	    (!(bhs[1] & FLAG_T) && next != stage))
		errx(1, "unexpected flags 0x%02x in stage %u", bhs[1], stage);
	memcpy(&exp_stat_sn, bhs + 24, sizeof(exp_stat_sn));
	exp_stat_sn = htobe32(be32toh(exp_stat_sn) + 1);

	text->len = (size_t)bhs[5] << 16 | bhs[6] << 8 | bhs[7];
	padded = (text->len + 3) & ~(size_t)3;
	if (padded >= sizeof(text->data))
		errx(1, "a response of %zu bytes", text->len);
	receive(fd, text->data, padded);
	text->data[text->len] = 0;
}

static void security(int fd, struct srp *srp, struct buf *text)
{
	struct buf value = { 0 };

	put_pair(text, "AuthMethod", "SRP");
	ask(fd, SECURITY, SECURITY, text);
	if (strcmp(get(text, "AuthMethod"), "SRP"))
		errx(1, "AuthMethod=%s", get(text, "AuthMethod"));

	text->len = 0;
	put_pair(text, "SRP_U", srp->user);
	put_pair(text, "TargetAuth", "Yes");
	ask(fd, SECURITY, SECURITY, text);
	if (strcmp(get(text, "SRP_GROUP"), SRP_GROUP_NAME))
		errx(1, "SRP_GROUP=%s", get(text, "SRP_GROUP"));
	get_binary(&srp->salt, text, "SRP_s");

	text->len = 0;
	put_number(&value, srp->A);
	put_binary(text, "SRP_A", value.data, value.len);
	put_pair(text, "SRP_GROUP", SRP_GROUP_NAME);
	ask(fd, SECURITY, SECURITY, text);
	get_binary(&value, text, "SRP_B");
	srp->B = BN_bin2bn(value.data, value.len, NULL);
	need(srp->B);
	if (BN_is_zero(srp->B) || BN_cmp(srp->B, srp->N) >= 0)
		errx(1, "SRP_B is not between 0 and N");
	srp_prove(srp);

	text->len = 0;
	put_binary(text, "SRP_M", srp->M, sizeof(srp->M));
	ask(fd, SECURITY, OPERATIONAL, text);
	get_binary(&value, text, "SRP_HM");
	if (value.len != sizeof(srp->HM) ||
	    CRYPTO_memcmp(value.data, srp->HM, value.len))
		errx(1, "the target's proof is wrong");
}

/* All keys that LIO would send otherwise, so that one exchange is enough */
static void operational(int fd, struct buf *text)
{
	static const char *const pairs[][2] = {
		{ "HeaderDigest", "None" },
		{ "DataDigest", "None" },
		{ "MaxConnections", "1" },
		{ "InitialR2T", "Yes" },
		{ "ImmediateData", "Yes" },
		{ "MaxRecvDataSegmentLength", "8192" },
		{ "MaxBurstLength", "262144" },
		{ "FirstBurstLength", "65536" },
		{ "DefaultTime2Wait", "2" },
		{ "DefaultTime2Retain", "0" },
		{ "MaxOutstandingR2T", "1" },
		{ "DataPDUInOrder", "Yes" },
		{ "DataSequenceInOrder", "Yes" },
		{ "ErrorRecoveryLevel", "0" },
	};
	size_t i;

	text->len = 0;
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		put_pair(text, pairs[i][0], pairs[i][1]);
	ask(fd, OPERATIONAL, FULL_FEATURE, text);
}

int main(int argc, char **argv)
{
	struct buf text = { 0 };
	struct srp srp = { 0 };
	char *hex;
	int fd;

	if (argc == 4) {
		srp_begin(&srp, argv[1], argv[2]);
		get_hex(&srp.salt, argv[3]);
		hex = BN_bn2hex(srp_verifier(&srp));
		need(hex);
		printf("%s\n", hex);
		return 0;
	}
	if (argc != 6)
		errx(1, "usage: srp_login PORT TARGET INITIATOR USER PASSWORD\n"
		     "       srp_login USER PASSWORD SALT");

	srp_begin(&srp, argv[4], argv[5]);
	fd = connect_to(argv[1]);
	put_pair(&text, "InitiatorName", argv[3]);
	put_pair(&text, "SessionType", "Normal");
	put_pair(&text, "TargetName", argv[2]);
	security(fd, &srp, &text);
	operational(fd, &text);
	printf("0000\n");
	return 0;
}
