/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which network devices exist here, and in what state?  A table that netlink
 * events keep up to date.  Changing a device is link_set.h's.
 */
#ifndef OVERLAID_KERNEL_LINK_H
#define OVERLAID_KERNEL_LINK_H

#include "base/address.h"
#include "kernel/netlink.h"

#include <linux/if.h>
#include <stdbool.h>
#include <uthash.h>

#define LINK_KIND_MAX 16

struct link {
	uint32_t ifindex;
	/*
	 * Differs between two devices that had the same ifindex one after the
	 * other, and between before and after a stay in another namespace.
	 */
	uint64_t birth;
	char name[IFNAMSIZ];
	char kind[LINK_KIND_MAX]; /* "veth", "vxlan"; empty for a plain NIC */
	uint32_t mtu;
	struct mac mac; /* zero without an Ethernet address */
	bool ethernet;	/* frames on it begin with an Ethernet header */
	bool up;	/* the administrator's word: IFF_UP */
	bool carrier;
	bool far_end_elsewhere; /* veth whose other end is in another namespace */
	bool makes_addresses;	/* gives itself an IPv6 link-local address when it is set up */
	uint16_t udp_port;	/* of kinds "vxlan" and "geneve"; 0 otherwise */
	bool external; /* a tunnel that takes VNI and addresses from the frame's metadata */
	UT_hash_handle hh_ifindex, hh_name;
};

struct link_table {
	struct link *by_ifindex;
	struct link *by_name;
	uint64_t births;
};

/* Replaces the contents by what the kernel has now. */
int link_table_load(struct link_table *table, struct netlink *netlink);
/* Asks again for one device, which may be gone (-ENODEV): some changes of our own are announced late or not at all. */
int link_table_refresh(struct link_table *table, struct netlink *netlink, const char *name);
void link_table_clear(struct link_table *table);

/*
 * Takes any netlink message.  True when a device appeared, vanished or changed
 * in a member above; false for messages about something else.
 */
bool link_table_update(struct link_table *table, struct nlmsghdr *message);

/* NULL when there is none.  Valid until the table changes. */
const struct link *link_by_name(const struct link_table *table, const char *name);
const struct link *link_by_ifindex(const struct link_table *table, uint32_t ifindex);
/* The tunnel device that owns the UDP port, or NULL. */
const struct link *link_by_udp_port(const struct link_table *table, uint16_t port);

static inline bool link_runs(const struct link *link)
{
	return link->up && link->carrier;
}

#endif
