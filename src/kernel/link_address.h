/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which IP addresses are ours, and on which device?  A table that netlink
 * events keep up to date.
 */
#ifndef OVERLAID_KERNEL_LINK_ADDRESS_H
#define OVERLAID_KERNEL_LINK_ADDRESS_H

#include "base/address.h"
#include "kernel/netlink.h"

#include <stddef.h>

struct link_address {
	uint32_t ifindex;
	struct address address;
	bool global; /* scope: not link-local, not host */
};

struct link_address_table {
	struct link_address *addresses; /* owned; in the kernel's order */
	size_t n_addresses, n_allocated;
};

/* Replaces the contents by what the kernel has now. */
int link_address_table_load(struct link_address_table *table, struct netlink *netlink);
void link_address_table_clear(struct link_address_table *table);
/* Takes any netlink message; true when an address came or went. */
bool link_address_table_update(struct link_address_table *table, struct nlmsghdr *message);

bool link_address_is_ours(const struct link_address_table *table, const struct address *address);
/* The device's first global address of the family (AF_INET, AF_INET6), or NULL. */
const struct address *link_address_first(const struct link_address_table *table, uint32_t ifindex,
					 int family);

/*
 * Takes from a device the addresses that the kernel gave it by itself, fe80::/10.
 * Asks the kernel for them: it announces an address only when it has been found
 * to be unique, a second or two after it was made.
 */
int link_address_drop_link_local(struct netlink *netlink, uint32_t ifindex);

#endif
