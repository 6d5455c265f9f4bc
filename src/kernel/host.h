/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does this machine have, and what has the switch made of it?  The
 * kernel's devices, addresses and neighbours as netlink tells them, the
 * datapath, and one record per object in force.  apply.h and follow.h change
 * it; control/ reads it for its views.
 */
#ifndef OVERLAID_KERNEL_HOST_H
#define OVERLAID_KERNEL_HOST_H

#include "abi/table.h"
#include "kernel/datapath.h"
#include "kernel/link.h"
#include "kernel/link_address.h"
#include "kernel/neighbour.h"
#include "kernel/netlink.h"
#include "kernel/resolve_mtu.h"
#include "kernel/route.h"
#include "kernel/slot_list.h"
#include "model/model.h"

/* A device that carries, or shall carry, one of our programs. */
struct host_device {
	char name[MODEL_DEVICE_MAX];
	uint32_t ifindex; /* 0 while it is absent */
	uint64_t birth;	  /* of the link that the program is on; 0: on none */
	int error;	  /* of the last attempt to attach; 0 or -errno */
};

struct host_segment {
	uint32_t vni;
	char name[MODEL_NAME_MAX];
	uint32_t slot;
	struct table_segment record;
	bool touched;		  /* members, flood lists and limit are to be derived again */
	bool members_known;	  /* `members` is what the datapath has: no more and no less */
	struct slot_list members; /* peers, ascending */
	struct slot_list ports;
	struct slot_list flood; /* peers in the order of the flood list */
	UT_hash_handle hh, hh_name;
};

struct host_port {
	char name[MODEL_DEVICE_MAX];
	char segment[MODEL_NAME_MAX];
	struct host_device device;
	uint32_t slot;
	struct table_port record;
	UT_hash_handle hh;
};

struct host_peer {
	struct address address;
	struct peer wanted; /* without its list of segments */
	/*
	 * Bits 1 << kind: which of NVGRE and GRE, which look alike, its packets
	 * are, and whether STT is accepted, unless `accept` says so.  A peer that
	 * was sent NVGRE or STT goes on being read so when it is sent something
	 * else, because it need not change at the same moment.
	 */
	uint32_t reading, reading_before; /* before: of the last change, to undo it */
	uint32_t slot;
	struct table_peer record;
	struct route route;
	struct resolve_mtu told; /* by routers, through the datapath */
	uint32_t route_mtu;	 /* what the route and its devices allow; 0: no route */
	uint32_t path_mtu;	 /* the same, or less where a router said so */
	struct table_nexthop nexthops[TABLE_NEXTHOPS];
	size_t n_nexthops;
	struct host_peer_written {
		bool any; /* false: nothing by this process */
		struct table_peer record;
		struct table_nexthop nexthops[TABLE_NEXTHOPS];
		size_t n_nexthops;
	} written;	    /* what the datapath has */
	bool limit_changed; /* since its segments were settled */
	UT_hash_handle hh;
};

#define ANCHOR_VXLAN_DEVICE "ovl-vxlan"

enum host_anchor_row { ANCHOR_VXLAN, ANCHOR_GENEVE, ANCHOR_GRE, ANCHOR_GRE6, N_ANCHORS };

struct host_anchor {
	struct host_device device; /* birth: the link that is ready for use */
	uint16_t udp_port;
	bool is_waker;	     /* of another kind: it keeps GRO awake and carries nothing */
	bool kind_missing;   /* the kernel has no devices of the kind: that is how it is */
	char complaint[256]; /* why there is none, or none that carries frames; empty otherwise */
};

/* A pair of devices in which frames start over or are cut (abi/relay.h). */
struct host_relay {
	struct host_device near, far; /* birth: of the link that is ready for use */
	bool wanted;
	char complaint[256]; /* why there is none; empty otherwise */
};

/* What has changed since the last follow_changes. */
enum host_change {
	HOST_LINKS = 0x1,
	HOST_ADDRESSES = 0x2,
	HOST_ROUTES = 0x4,
	HOST_NEIGHBOURS = 0x8,
	HOST_EVERYTHING = 0xf,
};

struct host {
	struct netlink netlink;
	struct link_table links;
	struct link_address_table addresses;
	struct neighbour_table neighbours;
	struct datapath *datapath;

	struct underlay underlay; /* in force */
	struct host_device devices[MODEL_DEVICES_MAX];
	size_t n_devices;
	struct address local[MODEL_ADDRESSES_MAX]; /* in force */
	size_t n_local;
	struct host_anchor anchors[N_ANCHORS];
	uint32_t wanted_anchors; /* bits 1 << enum host_anchor_row */
	struct host_relay relay;
	struct stt *stt;  /* NULL: no peer has spoken it yet; stt.h */
	bool peers_stale; /* every outer header is to be built again */
	bool undoing;	  /* operations are reversed ones */
	bool leftovers;	  /* the maps may hold what no record here wants */

	struct host_segment *segments, *segments_by_name;
	struct host_port *ports; /* by name */
	struct host_peer *peers; /* by address */
};

/*
 * Opens netlink, reads the tables and opens the datapath.  0, or -errno with
 * *problem filled and *ret untouched.
 */
int host_open(const struct datapath_options *options, struct host **ret, struct problem *problem);
/* Everything stays in the kernel.  Takes NULL. */
void host_close(struct host *host);

/* Only the tables of devices and addresses, to check a configuration: no right needed. */
int host_look(struct host *host);
void host_look_away(struct host *host);

/* Reads what netlink has to say; adds to *changes (enum host_change).  0 or -errno. */
int host_read_events(struct host *host, unsigned int *changes);

struct host_segment *host_segment(const struct host *host, uint32_t vni);
struct host_segment *host_segment_by_name(const struct host *host, const char *name);
struct host_port *host_port(const struct host *host, const char *name);
struct host_peer *host_peer(const struct host *host, const struct address *address);
/* By slot: for events and FDB entries.  NULL when there is none. */
struct host_peer *host_peer_by_slot(const struct host *host, uint32_t slot);

/* Each takes the object out of the records and frees it. */
void host_forget_segment(struct host *host, struct host_segment *segment);
void host_forget_port(struct host *host, struct host_port *port);
void host_forget_peer(struct host *host, struct host_peer *peer);

#endif
