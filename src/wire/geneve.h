/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Geneve header and its options, RFC 8926 sections 3.4 and 3.5.  Network
 * byte order.
 *
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |        Virtual Network Identifier (VNI)       |    Reserved   |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |          Option Class         |      Type     |R|R|R| Length  |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  ~                  Variable-Length Option Data                  ~
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * The inner Ethernet frame follows.
 */
#ifndef OVERLAID_WIRE_GENEVE_H
#define OVERLAID_WIRE_GENEVE_H

#include <linux/types.h>

#define GENEVE_PORT 6081

struct geneve_header {
	__u8 version_length; /* version (2 bits), options in words of four bytes (6 bits) */
	__u8 flags;
	__be16 protocol_be;
	__be32 vni_be; /* VNI << 8 */
};

#define GENEVE_VERSION(version_length) ((version_length) >> 6)
#define GENEVE_WORDS_MASK	       0x3f
#define GENEVE_FLAG_CONTROL	       0x80 /* O: not the tenant's */
#define GENEVE_FLAG_CRITICAL	       0x40 /* C: a critical option is present */
#define GENEVE_VNI_SHIFT	       8

struct geneve_option {
	__be16 class_be;
	__u8 type;
	__u8 length; /* low five bits: data in words of four bytes, this header not counted */
};

#define GENEVE_OPTION_CRITICAL	  0x80 /* of type: who does not know it drops the packet */
#define GENEVE_OPTION_LENGTH_MASK 0x1f
#define GENEVE_OPTIONS_MAX	  252  /* bytes of all options: 63 words */
#define GENEVE_OPTIONS_MASK	  0xfc /* of an option's offset among them */

_Static_assert(sizeof(struct geneve_header) == 8, "RFC 8926 section 3.4");
_Static_assert(sizeof(struct geneve_option) == 4, "RFC 8926 section 3.5");

#endif
