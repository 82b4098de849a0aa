// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iscsi-tls: TLS for a connection of the initiator.
 *
 * iscsid(8) starts this program with a connected socket.  It makes the
 * handshake, gives the keys to the kernel, says what it found, and ends.
 */
#include "handshake.h"
#include "ktls.h"
#include "sandbox.h"
#include "lib/confine.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRAM		"iscsi-tls"
#define TLS_USER	"iscsi-tls"
#define SOCKET		3
#define TIMEOUT_DEFAULT	15
#define TIMEOUT_MAX	3600

static const char help[] =
	"Usage: " PROGRAM " [--timeout SECONDS] --verify srp [--fingerprint HEX\n"
	"                 [--key-fingerprint HEX]]\n"
	"       " PROGRAM " [--timeout SECONDS] --verify pin --fingerprint HEX\n"
	"       " PROGRAM " [--timeout SECONDS] --verify ca --ca FILE --name NAME\n"
	"       " PROGRAM " --version | --help\n"
	"\n"
	"Makes a TLS handshake with an iSCSI target and gives the keys to the kernel.\n"
	"iscsid(8) and iscsiadm(8) start it with the connected socket as file 3.\n"
	"\n"
	"  --verify WAY       who says that the certificate is the target's: srp (the\n"
	"                     login that follows), pin (its fingerprint) or ca\n"
	"  --fingerprint HEX  SHA-256 of the certificate: 64 hexadecimal digits\n"
	"  --key-fingerprint HEX\n"
	"                     SHA-256 of its public key: another certificate for this\n"
	"                     key may go on to SRP\n"
	"  --ca FILE          certificates of CAs, in PEM\n"
	"  --name NAME        host name or address that the certificate must have\n"
	"  --timeout SECONDS  of the handshake, 1 to 3600 (default 15)\n"
	"  --version          print the version\n"
	"  --help             print this\n";

static int usage_error(void)
{
	fputs("Try '" PROGRAM " --help'.\n", stderr);
	return EX_USAGE;
}

static int parse_timeout(const char *text, unsigned int *timeout)
{
	unsigned long n = 0;
	char *end;

	errno = 0;
	if (*text >= '0' && *text <= '9') {
		n = strtoul(text, &end, 10);
		if (errno || *end)
			n = 0;
	}
	if (n < 1 || n > TIMEOUT_MAX) {
		log_error("--timeout must be 1 to %d seconds, not '%s'",
			  TIMEOUT_MAX, text);
		return -1;
	}
	*timeout = n;
	return 0;
}

static int parse_how(const char *text, enum verify_how *how)
{
	for (*how = VERIFY_SRP; *how <= VERIFY_CA; ++*how) {
		if (!strcmp(text, verify_how_name(*how)))
			return 0;
	}
	log_error("--verify must be srp, pin or ca, not '%s'", text);
	return -1;
}

static int parse_fingerprint(const char *option, const char *text,
			     unsigned char *fingerprint)
{
	if (verify_fingerprint(text, fingerprint) == 0)
		return 0;
	log_error("%s must be 64 hexadecimal digits, not '%s'", option, text);
	return -1;
}

/* Whether the options of the way are there, and no others */
static int check_options(const struct verify *verify)
{
	const char *wrong = NULL;

	switch (verify->how) {
	case VERIFY_SRP:
		if (verify->ca || verify->name)
			wrong = "--verify srp takes neither --ca nor --name";
		else if (verify->key_known && !verify->known)
			wrong = "--key-fingerprint needs --fingerprint";
		break;
	case VERIFY_PIN:
		if (!verify->known || verify->ca || verify->name)
			wrong = "--verify pin needs --fingerprint, and takes neither --ca nor --name";
		break;
	case VERIFY_CA:
		if (!verify->ca || !verify->name || verify->known)
			wrong = "--verify ca needs --ca and --name, and takes no --fingerprint";
		break;
	}
	if (!wrong && verify->key_known && verify->how != VERIFY_SRP)
		wrong = "--key-fingerprint needs --verify srp";
	if (wrong)
		log_error("%s", wrong);
	return wrong ? -1 : 0;
}

/* One line; stdio would need system calls that the sandbox forbids */
static int say(const struct handshake *hs)
{
	const struct verify *verify = &hs->verify;
	char fingerprint[2 * FINGERPRINT_LEN + 1];
	char key[2 * FINGERPRINT_LEN + 1];
	char binding[2 * BINDING_MAX + 1] = "none";
	char line[512];
	int len;

	hex_encode(verify->found, FINGERPRINT_LEN, fingerprint);
	hex_encode(verify->found_key, FINGERPRINT_LEN, key);
	if (verify->binding_len)
		hex_encode(verify->binding, verify->binding_len, binding);
	len = snprintf(line, sizeof(line),
		       "version=%s cipher=%s verify=%s fingerprint=%s key-fingerprint=%s binding=%s\n",
		       gnutls_protocol_get_name(gnutls_protocol_get_version(hs->session)),
		       gnutls_cipher_get_name(gnutls_cipher_get(hs->session)),
		       verify_how_name(verify->how), fingerprint, key, binding);
	if (write_all(STDOUT_FILENO, line, len)) {
		log_error("standard output: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/* Everything that needs root or a file comes before the sandbox */
static int run(struct handshake *hs)
{
	uid_t uid;
	gid_t gid;

	if (geteuid() != 0) {
		log_error("this needs root; let iscsid(8) or iscsiadm(8) start this program");
		return EX_NOPERM;
	}
	sandbox_detach(hs->fd);
	if (confine_user(TLS_USER, &uid, &gid))
		return EX_NOUSER;
	if (secret_no_dump())
		return EX_OSERR;
	if (ktls_prepare(hs->fd))
		return EX_UNAVAILABLE;
	if (handshake_init(hs))
		return EX_CONFIG;
	if (sandbox_enter(uid, gid, hs->fd))
		return EX_OSERR;

	switch (handshake_run(hs)) {
	case HANDSHAKE_DONE:
		break;
	case HANDSHAKE_REFUSED:
		return EX_NOPERM;
	default:
		return EX_PROTOCOL;
	}
	if (ktls_install(hs->fd, hs->session))
		return EX_UNAVAILABLE;
	return say(hs) ? EX_IOERR : EX_OK;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verify", required_argument, NULL, 'w' },
		{ "fingerprint", required_argument, NULL, 'f' },
		{ "key-fingerprint", required_argument, NULL, 'k' },
		{ "ca", required_argument, NULL, 'c' },
		{ "name", required_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct handshake hs = { .fd = SOCKET, .timeout = TIMEOUT_DEFAULT };
	bool have_how = false;
	int opt, code;

	log_to(LOG_TO_STDERR, PROGRAM);
	standard_files();
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'w':
			if (parse_how(optarg, &hs.verify.how))
				return usage_error();
			have_how = true;
			break;
		case 'f':
			if (parse_fingerprint("--fingerprint", optarg,
					      hs.verify.fingerprint))
				return usage_error();
			hs.verify.known = true;
			break;
		case 'k':
			if (parse_fingerprint("--key-fingerprint", optarg,
					      hs.verify.key_fingerprint))
				return usage_error();
			hs.verify.key_known = true;
			break;
		case 'c':
			hs.verify.ca = optarg;
			break;
		case 'n':
			hs.verify.name = optarg;
			break;
		case 't':
			if (parse_timeout(optarg, &hs.timeout))
				return usage_error();
			break;
		case 'v':
			printf(PROGRAM " " VERSION ", GnuTLS %s\n",
			       gnutls_check_version(NULL));
			return EX_OK;
		case 'h':
			fputs(help, stdout);
			return EX_OK;
		default:
			return usage_error();
		}
	}
	if (optind != argc) {
		log_error("unknown argument '%s'", argv[optind]);
		return usage_error();
	}
	if (!have_how) {
		log_error("--verify is missing");
		return usage_error();
	}
	if (check_options(&hs.verify))
		return usage_error();

	code = run(&hs);
	handshake_free(&hs);
	return code;
}
