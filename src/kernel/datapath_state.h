/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of kernel/ that own the datapath share; nobody else includes
 * it.
 */
#ifndef OVERLAID_KERNEL_DATAPATH_STATE_H
#define OVERLAID_KERNEL_DATAPATH_STATE_H

#include "kernel/bpffs.h"
#include "kernel/datapath.h"
#include "kernel/maps.h"
#include "kernel/slots.h"

/* Every map of datapath/maps.h by its name there. */
#define DATAPATH_MAPS(X)                                                                           \
	X(SETTINGS, settings)                                                                      \
	X(SEGMENTS, segments)                                                                      \
	X(SEGMENT_BY_VNI, segment_by_vni)                                                          \
	X(PORTS, ports)                                                                            \
	X(PORT_BY_IFINDEX, port_by_ifindex)                                                        \
	X(PEERS, peers)                                                                            \
	X(PEER_BY_ADDRESS, peer_by_address)                                                        \
	X(MEMBERS, members)                                                                        \
	X(NEXTHOPS, nexthops)                                                                      \
	X(HEARTBEAT, heartbeat)                                                                    \
	X(SEQUENCES, sequences)                                                                    \
	X(LOCAL_ADDRESSES, local_addresses)                                                        \
	X(STT_PATHS, stt_paths)                                                                    \
	X(STT_PATH_IDS, stt_path_ids)                                                              \
	X(STT_DROPS, stt_drops)                                                                    \
	X(FDB, fdb)                                                                                \
	X(FLOOD_PORTS, flood_ports)                                                                \
	X(FLOOD_PEERS, flood_peers)                                                                \
	X(LEARNED_BY_PORT, learned_by_port)                                                        \
	X(LEARNED_BY_SEGMENT, learned_by_segment)                                                  \
	X(PORT_TRAFFIC, port_traffic)                                                              \
	X(SEGMENT_TRAFFIC, segment_traffic)                                                        \
	X(PEER_TRAFFIC, peer_traffic)                                                              \
	X(DROPS, drops)                                                                            \
	X(EVENTS, events)                                                                          \
	X(BUDGETS, budgets)                                                                        \
	X(SCRATCH, scratch)

enum datapath_map {
#define X(symbol, name) MAP_##symbol,
	DATAPATH_MAPS(X)
#undef X
		N_MAPS
};

/* What one load of the BPF object gives; descriptors are -1 where there is nothing. */
struct generation {
	int maps[N_MAPS];
	int programs[N_PROGRAMS];
};

/* Value of the pinned map `meta`: which build the pins are of. */
struct build {
	uint64_t object_hash;
	uint32_t layout;
	uint32_t features; /* SETTING_DECAP_* */
};

struct datapath {
	struct bpffs *bpffs;
	struct slots *slots;
	int slots_map;
	const void *object; /* borrowed */
	size_t object_size;
	struct build build;
	bool has_tcx;
	struct generation now;
	int old_fdb;		    /* entries learned into it are still to be merged; -1: none */
	uint64_t old_fdb_copied_ns; /* what it saw before is in the new one */
	uint64_t fdb_left_behind;
	bool counts_are_new; /* learned_by_* are empty maps beside an FDB that may not be */
	bool adopted;	     /* the pins are those of dp->now */
	bool settled;	     /* datapath_take_over has succeeded */

	/* Mapped: the kernel's own memory, for changes that must be one store. */
	struct table_peer *peers;
	uint64_t *learned_by_port, *learned_by_segment;

	uint32_t port_segment[TABLE_MAX_PORTS]; /* slot, as in `ports` */
	uint64_t flood_hash
		[2][TABLE_MAX_SEGMENTS]; /* of the list set last, by enum maps_flood; 0: none */
	bool has_strays;		 /* maps_sweep has something to do */
};

#define FOLDER_MAPS	"maps"
#define FOLDER_PROGRAMS "programs"
#define FOLDER_LINKS	"links"

const char *datapath_map_name(enum datapath_map map);
const char *datapath_program_name(enum datapath_program program);
const char *datapath_hook_name(enum datapath_program program);

const void *object_built_in(size_t *ret_size);
uint64_t object_hash(const void *bytes, size_t size);

/* SETTING_DECAP_* that this kernel has; 0 or -errno. */
int features_probe(uint32_t *ret);

/* What the pins are of; zeroes when nothing is pinned. */
void build_read(const struct bpffs *bpffs, struct build *ret);
/* The pins are of dp's build. */
int build_pin(const struct datapath *dp);

void generation_init(struct generation *generation);
void generation_clear(struct generation *generation);
/* What is pinned; -1 for what is not. */
int generation_from_pins(const struct bpffs *bpffs, struct generation *ret);
bool generation_is_complete(const struct generation *generation);
int generation_pin(const struct generation *generation, const struct bpffs *bpffs);
/*
 * Loads the object.  Maps of `present` are used again where their definition is
 * what the object wants (the FDB with fdb_entries); where only the size
 * differs the entries are copied.  reuse_records: false when the meaning of the
 * records has changed: nothing is used again but the entries of the FDB.
 */
int generation_load(const struct datapath *dp, const struct generation *present, bool reuse_records,
		    uint32_t fdb_entries, struct generation *ret, struct problem *problem);
/* Copies what may be copied between maps of two generations that are not the same map. */
int generation_copy(const struct generation *from, const struct generation *to, bool reuse_records);
uint32_t map_capacity(int map);
/* Do both descriptors mean one map? */
bool map_is_same(int a, int b);

/* A time in the clock of the entries, before which a copy that starts now has all. */
uint64_t datapath_copy_start_ns(void);
/* Keeps the descriptor of former's FDB for the merge, unless it is the one in use. */
void datapath_keep_old_fdb(struct datapath *dp, struct generation *former, uint64_t start_ns);

/* Returns when no program runs that was running at the call: an RCU grace period. */
void datapath_wait_for_programs(void);

/* Maps peers and learned_by_* of dp->now in place of what was mapped. */
int datapath_map_memory(struct datapath *dp);
void datapath_unmap_memory(struct datapath *dp);

static inline int datapath_fd(const struct datapath *dp, enum datapath_map map)
{
	return dp->now.maps[map];
}

/* Adds to one of learned_by_*; never below zero. */
void learned_add(uint64_t *counter, int64_t change);
/* An entry is gone: takes it from the counters when it was learned. */
void learned_forget(struct datapath *dp, const struct table_fdb_key *key,
		    const struct table_fdb *value);

/* Puts what the datapath expects to find in `drops` always. */
int counters_seed_drops(const struct datapath *dp);
/*
 * Brings over what `from` learned or saw since a time and the FDB in use does
 * not have or has seen earlier.  *ret_entries: how many `from` holds.
 */
int fdb_merge(struct datapath *dp, int from, uint64_t since_ns, uint64_t *ret_entries);
/*
 * Sets learned_by_* to what the FDB holds.  What is learned meanwhile may be
 * counted twice, never too little: below zero no limit would hold.
 */
int fdb_recount(struct datapath *dp);
/* Copies; into a smaller map the entries that are not learned go first. */
int fdb_copy(int from, int to);

/* Are there TCX links? */
bool attach_has_tcx(int program);
/* Every hook runs the programs of dp->now: ports, then anchors, then the underlay. */
int attach_update_all(struct datapath *dp);

#endif
