/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ICMP messages that say "too big": RFC 792 with RFC 1191 section 4,
 * and RFC 4443 section 3.2.  Network byte order; the invoking packet follows.
 *
 *  +---------------+---------------+-------------------------------+
 *  |     Type      |     Code      |           Checksum            |
 *  +---------------+---------------+-------------------------------+
 *  | IPv4: unused (16), next-hop MTU (16)        IPv6: MTU (32)    |
 *  +---------------------------------------------------------------+
 */
#ifndef OVERLAID_WIRE_ICMP_H
#define OVERLAID_WIRE_ICMP_H

#include <linux/types.h>

#define ICMP4_ECHO_REPLY	   0
#define ICMP4_UNREACHABLE	   3
#define ICMP4_FRAGMENTATION_NEEDED 4 /* code of ICMP4_UNREACHABLE */
#define ICMP4_ECHO		   8
#define ICMP4_TIMESTAMP		   13
#define ICMP4_TIMESTAMP_REPLY	   14

#define ICMP6_PACKET_TOO_BIG 2
#define ICMP6_INFORMATIONAL  0x80 /* types with this bit are no errors */

struct icmp_too_big {
	__u8 type;
	__u8 code;
	__u16 checksum; /* as it stands in memory */
	union {
		struct {
			__u16 unused;
			__be16 mtu4_be;
		};
		__be32 mtu6_be;
	};
};

_Static_assert(sizeof(struct icmp_too_big) == 8, "RFC 792, RFC 4443");

#endif
