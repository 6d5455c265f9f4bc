/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tunnel device of the kernel's own goes with which envelope, and how is
 * it made?  One row each; anchor.c does with them what all have in common.
 */
#ifndef OVERLAID_KERNEL_ANCHOR_KIND_H
#define OVERLAID_KERNEL_ANCHOR_KIND_H

#include "kernel/host.h"

struct anchor_kind {
	const char *device;
	const char *link_kind; /* as in `ip link add type` */
	uint32_t kinds;	       /* bits 1 << enum encap_kind that it serves */
	bool serves[2];	       /* over IPv4, over IPv6: TABLE_ANCHOR4 and 6 */
	const char *port_name; /* the member that holds its UDP port; NULL: it has none */
	uint16_t (*udp_port)(const struct underlay *underlay);
	/* Writes IFLA_INFO_DATA: external mode and what cannot be changed later. */
	int (*put_data)(struct nl_msg *request, uint16_t udp_port);
	/*
	 * The kind of device that keeps tunnel GRO awake on the UDP port where the
	 * kernel does not know link_kind.  Nothing ever comes out of it.
	 */
	const struct anchor_kind *waker;
};

extern const struct anchor_kind anchor_kinds[N_ANCHORS];

/* In external mode and of one of the row's two kinds? */
bool anchor_kind_owns(const struct anchor_kind *kind, const struct link *link);

#endif
