/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps that the programs read and write; their records are abi/table.h's.
 * The daemon sets the size of `fdb` before it loads them and pins all of them.
 * Weak: both objects define them, the linker keeps one of each.
 */
#ifndef OVERLAID_DATAPATH_MAPS_H
#define OVERLAID_DATAPATH_MAPS_H

#include "abi/event.h"
#include "abi/table.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define MAP_ARRAY(name, map_type, entries, value_type)                                             \
	struct {                                                                                   \
		__uint(type, map_type);                                                            \
		__uint(max_entries, entries);                                                      \
		__type(key, __u32);                                                                \
		__type(value, value_type);                                                         \
	} name __weak SEC(".maps")

#define MAP_HASH(name, entries, key_type, value_type)                                              \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, entries);                                                      \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} name __weak SEC(".maps")

MAP_ARRAY(settings, BPF_MAP_TYPE_ARRAY, 1, struct table_settings);

MAP_ARRAY(segments, BPF_MAP_TYPE_ARRAY, TABLE_MAX_SEGMENTS, struct table_segment);
MAP_HASH(segment_by_vni, TABLE_MAX_SEGMENTS, __u32, __u32);
MAP_ARRAY(ports, BPF_MAP_TYPE_ARRAY, TABLE_MAX_PORTS, struct table_port);
MAP_HASH(port_by_ifindex, TABLE_MAX_PORTS, __u32, __u32);
MAP_ARRAY(peers, BPF_MAP_TYPE_ARRAY, TABLE_MAX_PEERS, struct table_peer);
MAP_HASH(peer_by_address, TABLE_MAX_ADDRESSES, struct table_address, __u32);
MAP_HASH(members, TABLE_MAX_MEMBERS, struct table_member, struct table_membership);
MAP_ARRAY(nexthops, BPF_MAP_TYPE_ARRAY, TABLE_MAX_PEERS *TABLE_NEXTHOP_BANKS *TABLE_NEXTHOPS,
	  struct table_nexthop);
MAP_ARRAY(heartbeat, BPF_MAP_TYPE_ARRAY, 1, __u64);
MAP_ARRAY(sequences, BPF_MAP_TYPE_ARRAY, TABLE_MAX_PEERS, __u32);
MAP_HASH(local_addresses, 64, struct table_address, __u32);
MAP_ARRAY(stt_paths, BPF_MAP_TYPE_ARRAY, TABLE_MAX_STT_PATHS, struct table_stt_path);
MAP_HASH(fdb, TABLE_DEFAULT_FDB, struct table_fdb_key, struct table_fdb);

/* Inner maps differ in length, so the outer ones declare the flag that permits it. */
struct flood_list {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_INNER_MAP);
	__type(key, __u32);
	__type(value, __u32);
};

#define MAP_FLOOD(name)                                                                            \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                                          \
		__uint(max_entries, TABLE_MAX_SEGMENTS);                                           \
		__type(key, __u32);                                                                \
		__array(values, struct flood_list);                                                \
	} name __weak SEC(".maps")

MAP_FLOOD(flood_ports);
MAP_FLOOD(flood_peers);

#define MAP_SHARED_COUNTERS(name, entries)                                                         \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, entries);                                                      \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__type(key, __u32);                                                                \
		__type(value, __u64);                                                              \
	} name __weak SEC(".maps")

MAP_SHARED_COUNTERS(learned_by_port, TABLE_MAX_PORTS);
MAP_SHARED_COUNTERS(learned_by_segment, TABLE_MAX_SEGMENTS);

MAP_ARRAY(port_traffic, BPF_MAP_TYPE_PERCPU_ARRAY, TABLE_MAX_PORTS, struct table_traffic);
MAP_ARRAY(segment_traffic, BPF_MAP_TYPE_PERCPU_ARRAY, TABLE_MAX_SEGMENTS, struct table_traffic);
MAP_ARRAY(peer_traffic, BPF_MAP_TYPE_PERCPU_ARRAY, TABLE_MAX_PEERS, struct table_traffic);

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, TABLE_MAX_DROPS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct table_drop_key);
	__type(value, struct table_drop);
} drops __weak SEC(".maps");

/* Most hosts have few of them. */
#define MAP_SPARSE_HASH(name, entries, key_type, value_type)                                       \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, entries);                                                      \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} name __weak SEC(".maps")

MAP_SPARSE_HASH(stt_path_ids, TABLE_MAX_STT_PATHS, struct table_stt_path, __u32);
MAP_SPARSE_HASH(stt_drops, TABLE_MAX_STT_DROPS, struct table_drop_key, struct table_drop);

MAP_ARRAY(budgets, BPF_MAP_TYPE_ARRAY, TABLE_MAX_PORTS, struct table_budget);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events __weak SEC(".maps");

/* Work space that the 512-byte stack has no room for; lives during one run of a program. */
#define SCRATCH_BYTES 2048
struct scratch {
	__u8 bytes[SCRATCH_BYTES];
	__u16 ip_id; /* of the next outer IPv4 packet of this CPU */
	__u16 reserved[3];
};

MAP_ARRAY(scratch, BPF_MAP_TYPE_PERCPU_ARRAY, 1, struct scratch);

#endif
