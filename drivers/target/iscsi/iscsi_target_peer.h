/* SPDX-License-Identifier: GPL-2.0 */
/* Who counts as one peer */
#ifndef ISCSI_TARGET_PEER_H
#define ISCSI_TARGET_PEER_H

#include <linux/in.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

/* An address as one of IPv6, IPv4 as v4-mapped; :: if it is neither */
static inline struct in6_addr
iscsit_peer_address(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	struct in6_addr peer = { };

	if (addr->ss_family == AF_INET6)
		peer = in6->sin6_addr;
	else if (addr->ss_family == AF_INET)
		ipv6_addr_set_v4mapped(in->sin_addr.s_addr, &peer);

	return peer;
}

/*
 * The same for all addresses that somebody has who has one of them: an IPv4 address,
 * or the /64 of an IPv6 address
 */
static inline struct in6_addr
iscsit_peer_network(const struct sockaddr_storage *addr)
{
	struct in6_addr peer = iscsit_peer_address(addr);

	if (!ipv6_addr_v4mapped(&peer))
		memset(&peer.s6_addr[8], 0, 8);

	return peer;
}

#endif /* ISCSI_TARGET_PEER_H */
