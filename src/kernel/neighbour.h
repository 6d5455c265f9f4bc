/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which link-layer address does a next hop have right now?  A copy of the
 * kernel's ARP and ND tables that netlink events keep up to date.  The kernel
 * resolves when a frame goes that way, or when it is asked to here.
 */
#ifndef OVERLAID_KERNEL_NEIGHBOUR_H
#define OVERLAID_KERNEL_NEIGHBOUR_H

#include "base/address.h"
#include "kernel/netlink.h"

#include <uthash.h>

struct neighbour_key {
	uint32_t ifindex;
	struct address address;
};

struct neighbour {
	struct neighbour_key key;
	struct mac mac;
	bool usable;	    /* the kernel itself would send to mac now, and is looking after it */
	uint64_t probed_ns; /* when we last asked for it; 0: never */
	UT_hash_handle hh;
};

struct neighbour_table {
	struct neighbour *neighbours;
};

/* Replaces the contents by what the kernel has now. */
int neighbour_table_load(struct neighbour_table *table, struct netlink *netlink);
void neighbour_table_clear(struct neighbour_table *table);
/*
 * Takes any netlink message; true when an answer of neighbour_find has changed,
 * or that of neighbour_probe would.
 */
bool neighbour_table_update(struct neighbour_table *table, struct nlmsghdr *message);

/* NULL when the address is not known, or known but not usable. */
const struct neighbour *neighbour_find(const struct neighbour_table *table, uint32_t ifindex,
				       const struct address *address);

/*
 * Has the kernel find out, as if a packet were sent there.  A stale entry is
 * usable at once (true), because the kernel looks after it from then on; any
 * other answer comes as an event.  Does nothing when it was asked in vain less
 * than a second before now_ns.
 */
bool neighbour_probe(struct neighbour_table *table, struct netlink *netlink, uint32_t ifindex,
		     const struct address *address, uint64_t now_ns);

#endif
