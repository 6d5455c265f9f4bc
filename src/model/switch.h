/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be asked of the running switch?  The API knows nothing below this
 * page: the daemon fills struct switch_ops with functions of control/, tests
 * fill it with their own.  All calls come from the one event loop and none
 * blocks on the network.
 *
 * Views are copies: strings and numbers, valid until the callback returns.
 */
#ifndef OVERLAID_MODEL_SWITCH_H
#define OVERLAID_MODEL_SWITCH_H

#include "abi/event.h"
#include "abi/table.h"
#include "model/model.h"

struct problem;

/* What carries out one FDB entry; also used for event paths. */
struct path_view {
	enum table_path_kind kind;
	char port[MODEL_DEVICE_MAX]; /* PATH_PORT */
	struct address peer;	     /* PATH_PEER */
};

struct fdb_view {
	char segment[MODEL_NAME_MAX];
	uint32_t vni;
	struct mac mac;
	struct path_view path;
	enum table_fdb_source source;
	uint32_t age_seconds; /* since it was last seen; 0 for static ones */
	uint32_t moves;
};

struct drop_view {
	uint32_t reason;	      /* enum drop_reason */
	char segment[MODEL_NAME_MAX]; /* empty: not known when the frame was dropped */
	char port[MODEL_DEVICE_MAX];
	struct address peer; /* unspecified: none */
	uint64_t frames, bytes;
};

struct port_view {
	bool present;  /* the device exists */
	bool up;       /* IFF_UP and carrier */
	bool attached; /* our program is on it */
	uint32_t ifindex, device_mtu;
	uint64_t learned;
	struct table_traffic traffic;
};

#define VIEW_NEXTHOPS_MAX TABLE_NEXTHOPS
struct nexthop_view {
	char device[MODEL_DEVICE_MAX];
	struct address gateway;
	struct mac mac;
	bool resolved;
};

struct peer_view {
	bool reachable;
	uint32_t accepts;     /* bits 1 << kind, in force: what it may send */
	struct address local; /* our address towards it */
	uint32_t route_mtu;   /* what the route and its devices allow */
	uint32_t path_mtu;    /* route_mtu, or less where a router said so */
	uint32_t overhead;    /* bytes of envelope: outer IP packet minus inner IP packet */
	uint32_t limit;	      /* largest inner IP packet */
	size_t n_nexthops;
	struct nexthop_view nexthops[VIEW_NEXTHOPS_MAX];
	uint64_t fdb_entries;
	struct table_traffic traffic;
};

struct segment_view {
	size_t n_ports, n_peers; /* peers: of this segment */
	uint64_t learned;
	uint32_t wanted_underlay_mtu; /* the largest over its peers of mtu + overhead */
	bool fits;		      /* every peer's path_mtu reaches what it wants */
	struct table_traffic traffic;
};

struct underlay_device_view {
	char device[MODEL_DEVICE_MAX];
	bool present, up, attached;
	uint32_t mtu;
	char hook[8]; /* "tcx" or "clsact" */
};

struct anchor_view {
	char device[MODEL_DEVICE_MAX];
	uint32_t kinds; /* bits 1 << kind that it serves */
	bool present;
	bool carries; /* false: it only wakes GRO, because the kernel has no better device */
};

/*
 * A complaint of `check` and `status`: what is not as good as it could be.  A
 * note is something that nobody here can change, and good to know.
 */
struct finding {
	enum { FINDING_WARNING, FINDING_ERROR, FINDING_NOTE } level;
	char field[128]; /* what it is about: "segment blue", "underlay.device eth1" */
	char message[384];
};

struct status_view {
	char version[32];
	uint32_t pid;
	uint64_t uptime_seconds; /* of the daemon */
	char config_file[256];
	bool unsaved; /* the running state differs from the file as it was last read */
	size_t n_segments, n_peers, n_ports, n_ports_attached;
	uint64_t fdb_entries, fdb_capacity, drops;
	size_t n_addresses;
	struct address addresses[MODEL_ADDRESSES_MAX]; /* in force */
	size_t n_devices;
	struct underlay_device_view devices[MODEL_DEVICES_MAX];
	size_t n_anchors;
	struct anchor_view anchors[N_ENCAP_KINDS + 1]; /* and STT's tap */
};

struct datapath_view {
	uint32_t layout;
	char pin_directory[256];
	size_t n_programs;
	struct {
		char name[32], tag[20];
		uint32_t id;
		uint64_t run_count, run_ns; /* 0 unless kernel.bpf_stats_enabled */
	} programs[16];
	size_t n_maps;
	struct {
		char name[32];
		uint32_t id, key_bytes, value_bytes, max_entries;
		uint64_t memory_bytes;
	} maps[32];
};

struct event_view {
	enum event_kind kind;
	char segment[MODEL_NAME_MAX];
	uint32_t vni;
	struct mac mac;
	struct path_view path, old_path;
	uint32_t mtu;
};

/* A change of one learned or static entry set; empty members match everything. */
struct fdb_filter {
	char segment[MODEL_NAME_MAX];
	char port[MODEL_DEVICE_MAX];
	struct address peer;
	bool has_mac;
	struct mac mac;
};

/* Callbacks return 0 to go on; anything else ends the walk and is returned. */
typedef int (*fdb_visit)(void *arg, const struct fdb_view *entry);
typedef int (*drop_visit)(void *arg, const struct drop_view *drop);
typedef int (*finding_visit)(void *arg, const struct finding *finding);
typedef void (*event_listener)(void *arg, const struct event_view *event);

struct switch_ops {
	/* The state in force, and the configuration file as it was last read. */
	const struct model *(*running)(void *self);
	const struct model *(*declared)(void *self);

	/*
	 * Makes `want` the running state: checks it, plans, applies, keeps it for
	 * the next start.  All or nothing.  Takes over want's contents in any case
	 * (it is cleared on return).
	 */
	int (*change)(void *self, struct model *want, struct problem *problem);
	/* Text of a configuration file into a checked model; `name` for messages. */
	int (*parse)(void *self, const char *name, const char *text, size_t length,
		     struct model *ret, struct problem *problem);
	int (*save)(void *self, struct problem *problem); /* running -> the file */

	int (*status)(void *self, struct status_view *ret);
	int (*segment)(void *self, const char *name, struct segment_view *ret); /* -ENOENT */
	int (*port)(void *self, const char *device, struct port_view *ret);
	int (*peer)(void *self, const struct address *address, struct peer_view *ret);
	int (*datapath)(void *self, struct datapath_view *ret);
	int (*findings)(void *self, finding_visit visit, void *arg);

	int (*fdb_each)(void *self, const struct fdb_filter *filter, fdb_visit visit, void *arg);
	/* Deletes matching dynamic entries; returns how many, or -errno. */
	int (*fdb_flush)(void *self, const struct fdb_filter *filter);
	int (*drops_each)(void *self, drop_visit visit, void *arg);
	int (*counters_reset)(void *self);

	/* One listener at a time; NULL ends it. */
	void (*listen)(void *self, event_listener listener, void *arg);
	/* Removes filters, anchors, maps and pins, then makes the daemon exit. */
	int (*unload)(void *self, struct problem *problem);
};

#endif
