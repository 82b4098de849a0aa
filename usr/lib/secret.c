// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory for secrets: OpenSSL's secure heap, which is locked, excluded from
 * core dumps, and wiped when it is freed.
 */
#include "lib/secret.h"
#include "lib/log.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/crypto.h>

/* Twice the maximum that a program uses */
#define SECRET_HEAP	(128 * 1024)
#define SECRET_MIN	32

/**
 * secret_no_dump() - Forbid core dumps, ptrace(2) and /proc/PID/mem
 *
 * Return: 0, or -1 after logging the error
 */
int secret_no_dump(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) {
		log_error("cannot disable core dumps: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/**
 * secret_init() - Prepare this process for secrets
 *
 * Call it once, before any other function of OpenSSL.
 *
 * Return: 0, or -1 after logging the error
 */
int secret_init(void)
{
	if (secret_no_dump())
		return -1;

	/* Arithmetic and SHA-1 need no openssl.cnf and no error strings */
	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
				 OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL)) {
		log_error("cannot initialize OpenSSL; check its installation with \"openssl version -a\"");
		return -1;
	}

	errno = 0;
	if (CRYPTO_secure_malloc_init(SECRET_HEAP, SECRET_MIN) != 1) {
		log_error("cannot lock %d KiB of memory for secrets: %s; raise the limit RLIMIT_MEMLOCK (ulimit -l)",
			  SECRET_HEAP / 1024,
			  errno ? strerror(errno) : "out of memory");
		return -1;
	}
	return 0;
}

/**
 * secret_alloc() - Allocate zeroed memory for secrets
 * @len: size in bytes
 *
 * Return: the memory or NULL
 */
void *secret_alloc(size_t len)
{
	return OPENSSL_secure_zalloc(len);
}

/**
 * secret_free() - Wipe and free memory
 * @secret: from secret_alloc(), or NULL
 * @len: its length in bytes
 */
void secret_free(void *secret, size_t len)
{
	OPENSSL_secure_clear_free(secret, len);
}

/**
 * secret_map() - Map memory for more secrets than fit in OpenSSL's heap
 * @len: size in bytes, a multiple of the page size
 *
 * The size of that heap is fixed, and no library maps locked memory.
 *
 * Return: the memory, zeroed, locked and excluded from core dumps; or NULL
 */
void *secret_map(size_t len)
{
	void *secret = mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	if (mlock(secret, len) || madvise(secret, len, MADV_DONTDUMP)) {
		munmap(secret, len);
		return NULL;
	}
	return secret;
}

/**
 * secret_unmap() - Wipe and unmap memory
 * @secret: from secret_map()
 * @len: its length in bytes
 */
void secret_unmap(void *secret, size_t len)
{
	explicit_bzero(secret, len);
	munmap(secret, len);
}
