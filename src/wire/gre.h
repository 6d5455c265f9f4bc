/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GRE header, RFC 2784 section 2 with RFC 2890, as it carries Ethernet
 * frames, and NVGRE's form of it, RFC 7637 section 3.2.  Network byte order.
 *
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |C| |K|S|  Reserved0        | Ver |    Protocol Type 0x6558     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |      Checksum (with C)        |     Reserved1 (with C)        |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |    Key (with K); NVGRE: Virtual Subnet ID (24), FlowID (8)    |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                 Sequence Number (with S)                      |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * The inner Ethernet frame follows.
 */
#ifndef OVERLAID_WIRE_GRE_H
#define OVERLAID_WIRE_GRE_H

#include <linux/types.h>

struct gre_base {
	__be16 flags_be;
	__be16 protocol_be;
};

/* What NVGRE and GRE with a key alone look like. */
struct gre_keyed {
	struct gre_base base;
	__be32 key_be;
};

/* As read in host order. */
#define GRE_FLAG_CHECKSUM 0x8000
#define GRE_FLAG_KEY	  0x2000
#define GRE_FLAG_SEQUENCE 0x1000
#define GRE_FLAGS_REFUSED 0x4c00 /* RFC 2784 section 2.3: bits 1, 4 and 5 must be zero */
#define GRE_FLAGS_IGNORED 0x03f8 /* bits 6 to 12 */
#define GRE_VERSION_MASK  0x0007

#define GRE_PROTOCOL_ETHERNET 0x6558 /* transparent Ethernet bridging */
#define GRE_FIELD_BYTES	      4	     /* of each optional field */

/* RFC 7637 section 3.2 and 3.3. */
#define NVGRE_VSID_SHIFT 8
#define NVGRE_VSID_FIRST 0x001000u /* below: reserved */
#define NVGRE_VSID_LAST	 0xfffffeu /* above: NVE to NVE, the vendor's */

_Static_assert(sizeof(struct gre_base) == 4, "RFC 2784 section 2");
_Static_assert(sizeof(struct gre_keyed) == 8, "RFC 2890 section 2");

#endif
