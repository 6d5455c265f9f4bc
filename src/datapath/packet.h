/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do the steps know about the frame in hand, and how do they end?  Every
 * step takes the frame and this record, and returns a verdict; only conclude()
 * (conclude.h) turns the last verdict into counters and a kernel action.
 */
#ifndef OVERLAID_DATAPATH_PACKET_H
#define OVERLAID_DATAPATH_PACKET_H

#include "abi/drop.h"
#include "abi/encap_kind.h"
#include "abi/table.h"

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define __step	    static __always_inline
#define unlikely(x) __builtin_expect(!!(x), 0)
#define likely(x)   __builtin_expect(!!(x), 1)

/*
 * Keeps a value in the register whose bounds are checked next: the compiler
 * would compare one copy and pass on another, which Linux 6.1's verifier does
 * not connect.
 */
#define PIN(value) asm volatile("" : "+r"(value))

/* The next step, an enum drop_reason (positive), or one of these. */
typedef int verdict;
#define NEXT	  0
#define HOST	  (-1) /* not ours: the host's stack goes on with it */
#define SENT	  (-2) /* bpf_redirect*() has taken it */
#define CONSUMED  (-3) /* copies went out, the original ends here */
#define HANDED_ON (-5) /* to another program of ours (relay, STT's tap), which counts it */

#define ECN_MASK    3
#define ECN_NOT_ECT 0
#define ECN_ECT1    1
#define ECN_ECT0    2
#define ECN_CE	    3

#define IP_DONT_FRAGMENT 0x4000
#define IP_MORE		 0x2000
#define IP_OFFSET	 0x1fff

/* As in the kernel's if_vlan.h, which is not a UAPI header. */
#define VLAN_BYTES    4
#define VLAN_VID_MASK 0x0fff

/* Why a frame takes the kernel's tunnel device instead of BPF's encapsulation. */
enum anchor_use {
	ANCHOR_UNUSED = 0,
	ANCHOR_FRAGMENTS,  /* it is too big and may be fragmented: outer DF clear */
	ANCHOR_TAKES_OVER, /* the kernel refused BPF's helper */
};

struct packet {
	/* The (inner) frame.  Offsets count from the start of its Ethernet header. */
	__u32 length;	   /* of the frame, tag in metadata not counted */
	__u16 l3_offset;   /* 14, or 18 behind a tag that stands in the bytes */
	__u16 ethertype;   /* behind one tag, host order */
	__u8 macs[12];	   /* destination, source, as on the wire */
	__u8 ip_version;   /* 4, 6, or 0: not IP or not whole */
	__u8 tos;	   /* IPv4 TOS or IPv6 traffic class */
	__u8 protocol;	   /* IPv4 protocol or IPv6 next header */
	__u8 l3_header;	   /* bytes of the IP header without IPv6 extensions */
	bool tagged;	   /* carries a VLAN tag, wherever it stands */
	bool tag_in_bytes; /* it stands in the bytes, not in the skb's metadata */
	bool dont_fragment;
	bool later_fragment; /* IPv4 fragment offset is not 0 */
	bool more_fragments; /* IPv4 MF */
	__u32 gso_size;
	__u32 frames; /* how many will be on the wire: segments of a super-frame, else 1 */

	/* Where it came from; TABLE_NO_SLOT: not from there. */
	__u32 port_in, peer_in;
	__u32 segment_slot;
	struct table_segment *segment;

	/* Where it goes, after find_path. */
	enum table_path_kind path_kind;
	__u32 path; /* slot */

	enum anchor_use anchor;
	enum drop_reason answered; /* an answer goes out in its place */
};

/* What carried it here.  Offsets count from the start of the outer Ethernet header. */
struct outer_packet {
	struct table_address source;
	struct table_address destination;
	__u32 l4_offset; /* UDP, TCP or GRE begins */
	__u32 end;	 /* of the IP packet, then of the UDP datagram */
	__u32 inner;	 /* the inner frame begins */
	__u32 vni;
	__u8 family; /* 4 or 6 */
	__u8 protocol;
	__u8 ecn;
	__u8 kind; /* enum encap_kind */
	bool fragment;
	bool later_fragment; /* shows no port */
	bool gre_sum;	     /* GRE's checksum field is present */
};

__step void packet_begin(struct __sk_buff *skb, struct packet *packet)
{
	__builtin_memset(packet, 0, sizeof(*packet));
	packet->length = skb->len;
	packet->gso_size = skb->gso_size;
	packet->frames = 1;
	/* tun leaves the number of segments to whoever needs it */
	if (packet->gso_size)
		packet->frames =
			skb->gso_segs ?: (packet->length + packet->gso_size - 1) / packet->gso_size;
	packet->port_in = TABLE_NO_SLOT;
	packet->peer_in = TABLE_NO_SLOT;
	packet->segment_slot = TABLE_NO_SLOT;
}

#endif
