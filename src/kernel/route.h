/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which way does the kernel send a packet to an address?  Asks the kernel's
 * own routing code, so that policy rules, nexthop objects and learned path
 * MTUs count; keeps nothing.
 */
#ifndef OVERLAID_KERNEL_ROUTE_H
#define OVERLAID_KERNEL_ROUTE_H

#include "abi/table.h"
#include "base/address.h"
#include "kernel/netlink.h"

#include <stdbool.h>

#define ROUTE_NEXTHOPS_MAX TABLE_NEXTHOPS

enum route_kind {
	ROUTE_NONE, /* unreachable, prohibited, blackhole, or no route at all */
	ROUTE_UNICAST,
	ROUTE_LOCAL, /* the address is ours */
};

struct route_nexthop {
	uint32_t ifindex;
	uint32_t weight;	/* 1 or more */
	struct address gateway; /* the destination itself where it is on-link */
};

struct route {
	enum route_kind kind;
	struct address source; /* what the kernel would send from; unspecified: no opinion */
	uint32_t mtu;	       /* as configured on the route; 0: the device's counts */
	uint32_t path_mtu;     /* the same, or less where a router said so; 0: as above */
	size_t n_nexthops;     /* without those whose link is dead */
	struct route_nexthop nexthops[ROUTE_NEXTHOPS_MAX];
};

struct route_query {
	struct address destination;
	struct address source; /* unspecified: the kernel chooses */
	uint8_t protocol;      /* for policy rules that look at it; 0: neither UDP nor TCP */
	uint16_t port;	       /* destination, with a protocol */
};

/* 0 (also for ROUTE_NONE), or -errno when the kernel could not be asked. */
int route_resolve(struct netlink *netlink, const struct route_query *query, struct route *ret);

/* Does this RTM_NEWROUTE or RTM_DELROUTE message concern packets to the address? */
bool route_covers(struct nlmsghdr *message, const struct address *address);

#endif
