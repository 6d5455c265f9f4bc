/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VXLAN header, RFC 7348 section 5.  Network byte order.
 *
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |R|R|R|R|I|R|R|R|            Reserved                           |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                VXLAN Network Identifier (VNI) |   Reserved    |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * The inner Ethernet frame follows.
 */
#ifndef OVERLAID_WIRE_VXLAN_H
#define OVERLAID_WIRE_VXLAN_H

#include <linux/types.h>

#define VXLAN_PORT 4789

struct vxlan_header {
	__be32 flags_be;
	__be32 vni_be;
};

/* As read in host order. */
#define VXLAN_FLAG_VNI	     0x08000000u /* I: the VNI is valid */
#define VXLAN_RESERVED_FLAGS 0xf7ffffffu
#define VXLAN_VNI_SHIFT	     8
#define VXLAN_RESERVED_VNI   0x000000ffu

_Static_assert(sizeof(struct vxlan_header) == 8, "RFC 7348 section 5");

#endif
