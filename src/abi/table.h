/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do the maps between daemon and datapath hold?  Keys and values of every
 * map in datapath/maps.h; host byte order unless a name ends in _be.
 *
 * Slots are small numbers that the daemon gives to segments, ports and peers.
 * A slot keeps its meaning while the object exists, also across restarts of
 * the daemon (it reads them back from the maps), because FDB entries hold
 * them.  Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d.
 *
 * Any change of a size or a meaning here raises TABLE_LAYOUT.
 */
#ifndef OVERLAID_ABI_TABLE_H
#define OVERLAID_ABI_TABLE_H

#include "abi/encap_kind.h"

#include <linux/types.h>

#define TABLE_LAYOUT 2

#define TABLE_MAX_SEGMENTS  4096
#define TABLE_MAX_PORTS	    4096
#define TABLE_MAX_PEERS	    4096
#define TABLE_MAX_ADDRESSES 20480 /* of peers: each has its name and up to four others */
#define TABLE_MAX_MEMBERS   65536 /* (segment, address of a peer) pairs */
#define TABLE_DEFAULT_FDB   131072
#define TABLE_MAX_DROPS	    16384 /* (reason, segment, port, peer) combinations counted apart */

#define TABLE_NO_SLOT 0xffffffffu

#define TABLE_MACS_PER_PORT 8
#define TABLE_NEXTHOPS	    8	/* per peer and bank; ECMP routes wider than this are cut */
#define TABLE_NEXTHOP_BANKS 2	/* the daemon writes the idle bank, then points the peer at it */
#define TABLE_OUTER_MAX	    312 /* bytes of a prebuilt outer header; IPv6, UDP and Geneve: 308 */

struct table_address {
	__u8 bytes[16];
};

/* Map `settings`, ARRAY of 1. */
#define SETTING_DROP_FRAGMENTS	0x1 /* underlay.fragments: drop */
#define SETTING_STRICT_RESERVED 0x2 /* underlay.reserved-bits: strict */
#define SETTING_DECAP_L3	0x4 /* kernel knows BPF_F_ADJ_ROOM_DECAP_L3_* (6.3) */
#define SETTING_DECAP_L4	0x8 /* kernel knows BPF_F_ADJ_ROOM_DECAP_L4_UDP: GSO needs no anchor */
#define SETTING_GENEVE		0x10 /* some peer speaks it: its port is ours, whoever sends there */
struct table_settings {
	__u32 flags;
	/* destination ports, host order */
	__u16 vxlan_port;
	__u16 geneve_port;
	__u16 stt_port;
	__u16 reserved;
	__u32 stt_device; /* ifindex of the tap behind which STT is spoken; 0: there is none */
	__u32 relay;	  /* ifindex of the relay's near end: frames start over there; 0: none */
	/* ifindex of the kernel's tunnel device; by kind, then TABLE_ANCHOR4 or 6; 0: there is none */
	__u32 anchors[N_ENCAP_KINDS][2];
};
#define TABLE_ANCHOR4 0 /* IPv4 underlay */
#define TABLE_ANCHOR6 1

/* Map `segments`, ARRAY by slot; `segment_by_vni`, HASH __u32 vni -> __u32 slot. */
#define SEGMENT_IN_USE	      0x01
#define SEGMENT_LEARN	      0x02
#define SEGMENT_FLOOD_PEERS   0x04 /* BUM goes to peers (flood: head-end) */
#define SEGMENT_FLOOD_UNKNOWN 0x08 /* unknown-unicast: flood */
#define SEGMENT_CARRY_VLAN    0x10 /* vlan-tags: carry */
#define SEGMENT_FRAGMENT      0x20 /* too-big: fragment (IPv4 without DF goes through the anchor) */
#define SEGMENT_COPY_DSCP     0x40
struct table_segment {
	__u32 flags;
	__u32 vni;
	__u32 max_learned;
	__u16 flood_limit; /* largest inner IP packet that fits the path to every peer */
	__u8 dscp;	   /* without SEGMENT_COPY_DSCP: 0..63 */
	__u8 reserved;
	__u16 flood_shapes; /* bits TABLE_SHAPE(kind, family) of the peers in `flood_peers` */
	__u16 reserved2;
};
#define TABLE_SHAPE(kind, family) (1u << (2 * (kind) + ((family) == 6)))

/* Map `ports`, ARRAY by slot; `port_by_ifindex`, HASH __u32 ifindex -> __u32 slot. */
#define PORT_IN_USE	  0x1
#define PORT_UP		  0x2 /* the device exists and is up: frames may be sent to it */
#define PORT_PEER_DEVICE  0x4 /* veth with its far end in another namespace: redirect_peer works */
#define PORT_CHECK_SOURCE 0x8 /* only macs[] may send */
struct table_port {
	__u32 flags;
	__u32 ifindex; /* 0 while the device is absent */
	__u32 segment; /* slot */
	__u32 max_learned;
	__u32 mtu; /* of the device */
	__u32 n_macs;
	__u8 macs[TABLE_MACS_PER_PORT][6];
	char name[16]; /* the device's name; how the daemon finds its slots again */
};

/*
 * Map `peers`, ARRAY by slot; `peer_by_address`, HASH table_address -> __u32
 * slot; `members`, HASH table_member -> table_membership: who may send into
 * which segment.  Both have every address of a peer; the one that names it is
 * `remote`, to which everything is sent.
 */
#define PEER_IN_USE	    0x1
#define PEER_ZERO_CHECKSUM6 0x2 /* may send UDP over IPv6 without checksum (RFC 6936) */
#define PEER_GRE_CHECKSUM   0x4 /* wants GRE's checksum field (C), right in each packet */
#define PEER_GRE_SEQUENCE   0x8 /* wants GRE's sequence number (S), from map `sequences` */
struct table_peer {
	__u16 flags;
	__u8 kind;	    /* enum encap_kind: what we send */
	__u8 family;	    /* of the underlay: 4 or 6 */
	__u16 header_bytes; /* of header[], from the outer IP header to the end of the tunnel's */
	__u16 limit; /* largest inner IP packet, untagged, that fits the path's MTU; 0: no route */
	/* both in one word, so that a reader sees old or new and nothing between */
	__u32 nexthop_first __attribute__((aligned(8))); /* index into `nexthops` */
	__u32 n_nexthops;				 /* 0: unreachable */
	struct table_address remote;
	struct table_address local;
	/*
	 * The outer header with everything that does not vary.  Zero and to be
	 * patched by the datapath: lengths, IPv4 ID, IPv4 checksum, DSCP/ECN,
	 * flow label, UDP or TCP source port, VNI, NVGRE flow ID, GRE checksum
	 * and sequence number.
	 */
	__u8 header[TABLE_OUTER_MAX];
	__u32 ip_sum; /* one's complement sum of the IPv4 header's words as they stand in header[] */
	__u16 accepts; /* bits 1 << kind: what it may send; never both NVGRE and GRE */
	__u16 reserved;
};

/* Map `sequences`, ARRAY of __u32 by peer slot: the next GRE sequence number (RFC 2890). */

struct table_member {
	__u32 vni;
	struct table_address address;
};

struct table_membership {
	__u32 peer;    /* slot */
	__u32 segment; /* slot */
};

/*
 * What STT's tap and the daemon's threads behind it tell each other: a frame
 * with an 802.1ad tag before all others is of the pair of segment and peer that
 * the tag's 16 bits are the ID of; a frame without is an STT packet.  Maps
 * `stt_path_ids`, HASH table_stt_path -> __u32 ID, and `stt_paths`, ARRAY by ID;
 * IDs begin with 1.
 */
#define TABLE_MAX_STT_PATHS 65536
struct table_stt_path {
	__u32 segment; /* slots; TABLE_NO_SLOT: the ID is nobody's */
	__u32 peer;
};

/* Map `stt_drops`, HASH table_drop_key -> table_drop: what the threads dropped. */
#define TABLE_MAX_STT_DROPS 4096

/* Map `nexthops`, ARRAY by (peer slot * BANKS + bank) * TABLE_NEXTHOPS + i. */
#define NEXTHOP_RESOLVED 0x1 /* destination[] and source[] are good for a frame sent right now */
struct table_nexthop {
	__u32 ifindex;
	__u8 family; /* 4 or 6: of gateway */
	__u8 flags;
	__u8 destination[6]; /* next hop's MAC, only with NEXTHOP_RESOLVED */
	__u8 source[6];	     /* our device's MAC */
	__u16 reserved;
	struct table_address gateway; /* the peer itself where the route is on-link */
};

/*
 * Map `heartbeat`, ARRAY of 1 __u64: until when (CLOCK_MONOTONIC, ns) somebody
 * keeps NEXTHOP_RESOLVED true.  Later than that the kernel's own neighbour code
 * finds the next hop of each frame, so that a daemon that was killed takes no
 * stale MAC with it.
 */
#define TABLE_HEARTBEAT_NS	 1000000000ull /* how often it is renewed */
#define TABLE_HEARTBEAT_LASTS_NS 5000000000ull

/* Map `local_addresses`, HASH table_address -> __u32 (1): our VTEP addresses. */

/* Map `fdb`, HASH table_fdb_key -> table_fdb. */
enum table_path_kind {
	PATH_NONE = 0,
	PATH_PORT = 1, /* path is a port slot */
	PATH_PEER = 2, /* path is a peer slot */
};

enum table_fdb_source {
	FDB_LEARNED = 0,
	FDB_STATIC = 1, /* never moved, aged or evicted by learning */
	FDB_EVPN = 2,
};

struct table_fdb_key {
	__u32 vni;
	__u8 mac[6];
	__u16 zero;
};

/* The first eight bytes are written as one word: a move is seen whole or not at all. */
struct table_fdb {
	__u32 path;
	__u8 path_kind; /* enum table_path_kind */
	__u8 source;	/* enum table_fdb_source */
	__u16 moves;	/* saturating */
	__u64 seen_ns;	/* CLOCK_MONOTONIC, coarse; refreshed at most once a second */
};

/*
 * Maps `flood_ports` and `flood_peers`, ARRAY_OF_MAPS by segment slot; inner:
 * ARRAY of __u32 slots, TABLE_NO_SLOT ends it early.  A change makes a new
 * inner map and swaps it in.  Peers of one (kind, family) stand together, the
 * most frequent shape first.
 */

/*
 * Maps `learned_by_port` and `learned_by_segment`, ARRAY of __u64 by slot,
 * BPF_F_MMAPABLE: how many dynamic FDB entries.  Both sides add atomically.
 */

/* Maps `port_traffic`, `segment_traffic`, `peer_traffic`: PERCPU_ARRAY by slot. */
struct table_traffic {
	__u64 rx_frames; /* into the switch; a super-frame counts as its segments */
	__u64 rx_bytes;	 /* of inner frames, as the program saw them */
	__u64 tx_frames; /* out of the switch */
	__u64 tx_bytes;
	__u64 flooded;	     /* BUM frames, before they are copied */
	__u64 learn_refused; /* frames whose source was not learned because of a limit */
	__u64 via_anchor;    /* frames that took the kernel's tunnel device */
	__u64 shrunk;	     /* TCP super-frames whose segments were made smaller to fit */
};

/* Map `drops`, PERCPU_HASH table_drop_key -> table_drop; slots may be TABLE_NO_SLOT. */
struct table_drop_key {
	__u32 reason; /* enum drop_reason */
	__u32 segment;
	__u32 port;
	__u32 peer;
};

struct table_drop {
	__u64 frames;
	__u64 bytes;
};

/* Map `budgets`, ARRAY by port slot: how many ICMP answers the port may still get. */
#define TABLE_ANSWERS_PER_SECOND 100
struct table_budget {
	__u64 window_ns;
	__u32 spent;
	__u32 reserved;
};

_Static_assert(sizeof(struct table_settings) == 68, "shared by two compilers");
_Static_assert(sizeof(struct table_segment) == 20, "shared by two compilers");
_Static_assert(sizeof(struct table_port) == 88, "shared by two compilers");
_Static_assert(sizeof(struct table_peer) == 368, "shared by two compilers");
_Static_assert(sizeof(struct table_member) == 20, "shared by two compilers");
_Static_assert(sizeof(struct table_membership) == 8, "shared by two compilers");
_Static_assert(sizeof(struct table_stt_path) == 8, "shared by two compilers");
_Static_assert(sizeof(struct table_nexthop) == 36, "shared by two compilers");
_Static_assert(sizeof(struct table_fdb_key) == 12, "shared by two compilers");
_Static_assert(sizeof(struct table_fdb) == 16, "shared by two compilers");
_Static_assert(sizeof(struct table_traffic) == 64, "shared by two compilers");
_Static_assert(sizeof(struct table_drop_key) == 16, "shared by two compilers");

#endif
