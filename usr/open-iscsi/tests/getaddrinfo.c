// SPDX-License-Identifier: GPL-2.0-or-later
/* For fuzzers: no names are looked up */
#include <netdb.h>

int __wrap_getaddrinfo(const char *host, const char *port,
		       const struct addrinfo *hints, struct addrinfo **res);
int __real_getaddrinfo(const char *host, const char *port,
		       const struct addrinfo *hints, struct addrinfo **res);

int __wrap_getaddrinfo(const char *host, const char *port,
		       const struct addrinfo *hints, struct addrinfo **res)
{
	struct addrinfo numeric = *hints;

	numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	return __real_getaddrinfo(host, port, &numeric, res);
}
