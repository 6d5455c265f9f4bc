/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a network device changed?  The few changes that the switch makes to
 * devices.  Each returns 0 or the kernel's -errno.
 */
#ifndef OVERLAID_KERNEL_LINK_SET_H
#define OVERLAID_KERNEL_LINK_SET_H

#include "kernel/netlink.h"

#include <stdbool.h>

int link_set_up(struct netlink *netlink, uint32_t ifindex);
int link_set_mtu(struct netlink *netlink, uint32_t ifindex, uint32_t mtu);
/* No IPv6 address of its own making: the host keeps silent on it. -EAFNOSUPPORT without IPv6. */
int link_set_no_addresses(struct netlink *netlink, uint32_t ifindex);
int link_set_gro(const char *device, bool on);
/*
 * Switches off what can be of the features whose names (`ethtool -k` shows
 * similar ones) begin so; VLAN offloads, which cut nothing, stay.
 */
int link_set_features_off(const char *device, const char *beginning);
int link_delete(struct netlink *netlink, uint32_t ifindex);

#endif
