/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a frame's fate depends on, as sorted lines of text: what is in the
 * maps, without counters, times, and the choice between the two banks of next
 * hops.
 */
#ifndef OVERLAID_TESTS_UNIT_CONTROL_SNAPSHOT_H
#define OVERLAID_TESTS_UNIT_CONTROL_SNAPSHOT_H

#include "machine.h"

#define SNAPSHOT_LINES_MAX 512
#define SNAPSHOT_LINE_MAX  1024

struct snapshot {
	char *lines[SNAPSHOT_LINES_MAX];
	size_t n;
};

static inline void snapshot_add(struct snapshot *snapshot, const char *name, const void *key,
				size_t key_size, const void *value, size_t value_size)
{
	char line[SNAPSHOT_LINE_MAX];
	size_t length = (size_t)snprintf(line, sizeof(line), "%s ", name);

	for (size_t i = 0; i < key_size; i++)
		length += (size_t)snprintf(line + length, sizeof(line) - length, "%02x",
					   ((const uint8_t *)key)[i]);
	length += (size_t)snprintf(line + length, sizeof(line) - length, " =");
	for (size_t i = 0; i < value_size; i++)
		length += (size_t)snprintf(line + length, sizeof(line) - length, "%s%02x",
					   i % 4 ? "" : " ", ((const uint8_t *)value)[i]);
	assert_true(length < sizeof(line) && snapshot->n < SNAPSHOT_LINES_MAX);
	snapshot->lines[snapshot->n++] = strdup(line);
}

/* A hash map whose keys and values are at most 32 bytes. */
static inline void snapshot_hash(struct snapshot *snapshot, struct datapath *dp,
				 enum datapath_map map, size_t key_size, size_t value_size)
{
	uint8_t key[32], next[32], value[32];
	void *from = NULL;

	while (bpf_map_get_next_key(datapath_fd(dp, map), from, next) == 0) {
		memcpy(key, next, sizeof(key));
		from = key;
		assert_int_equal(bpf_map_lookup_elem(datapath_fd(dp, map), key, value), 0);
		if (map == MAP_FDB)
			memset(value + offsetof(struct table_fdb, seen_ns), 0, 8);
		snapshot_add(snapshot, datapath_map_name(map), key, key_size, value, value_size);
	}
}

static inline void snapshot_flood(struct snapshot *snapshot, struct datapath *dp,
				  enum datapath_map map, uint32_t segment)
{
	uint32_t id, slots[16], n = 0;
	int inner;

	if (bpf_map_lookup_elem(datapath_fd(dp, map), &segment, &id))
		return;
	inner = bpf_map_get_fd_by_id(id);
	assert_true(inner >= 0);
	while (n < 16 && bpf_map_lookup_elem(inner, &n, &slots[n]) == 0 &&
	       slots[n] != TABLE_NO_SLOT)
		n++;
	close(inner);
	snapshot_add(snapshot, datapath_map_name(map), &segment, sizeof(segment), slots,
		     n * sizeof(slots[0]));
}

static inline void snapshot_segments(struct snapshot *snapshot, struct datapath *dp)
{
	for (uint32_t slot = slots_next(dp->slots, SLOT_SEGMENT, 0); slot != TABLE_NO_SLOT;
	     slot = slots_next(dp->slots, SLOT_SEGMENT, slot + 1)) {
		struct table_segment record;

		assert_int_equal(maps_get_segment(dp, slot, &record), 0);
		snapshot_add(snapshot, "segments", &slot, sizeof(slot), &record, sizeof(record));
		snapshot_flood(snapshot, dp, MAP_FLOOD_PORTS, slot);
		snapshot_flood(snapshot, dp, MAP_FLOOD_PEERS, slot);
	}
}

static inline void snapshot_ports(struct snapshot *snapshot, struct datapath *dp)
{
	for (uint32_t slot = slots_next(dp->slots, SLOT_PORT, 0); slot != TABLE_NO_SLOT;
	     slot = slots_next(dp->slots, SLOT_PORT, slot + 1)) {
		struct table_port record;

		assert_int_equal(maps_get_port(dp, slot, &record), 0);
		snapshot_add(snapshot, "ports", &slot, sizeof(slot), &record, sizeof(record));
	}
}

static inline void snapshot_peers(struct snapshot *snapshot, struct datapath *dp)
{
	for (uint32_t slot = slots_next(dp->slots, SLOT_PEER, 0); slot != TABLE_NO_SLOT;
	     slot = slots_next(dp->slots, SLOT_PEER, slot + 1)) {
		struct table_nexthop nexthops[TABLE_NEXTHOPS];
		struct table_peer record;
		int n = maps_get_nexthops(dp, slot, nexthops);

		assert_true(n >= 0);
		assert_int_equal(maps_get_peer(dp, slot, &record), 0);
		record.nexthop_first = 0;
		snapshot_add(snapshot, "peers", &slot, sizeof(slot), &record, sizeof(record));
		for (int i = 0; i < n; i++) {
			/* whether the kernel knows the neighbour just now is its own business */
			nexthops[i].flags = 0;
			memset(nexthops[i].destination, 0, sizeof(nexthops[i].destination));
			snapshot_add(snapshot, "nexthops", &slot, sizeof(slot), &nexthops[i],
				     sizeof(nexthops[i]));
		}
	}
}

static inline int snapshot_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline struct snapshot snapshot_take(const struct machine *machine)
{
	struct datapath *dp = machine->host->datapath;
	struct snapshot snapshot = {0};
	struct table_settings settings;

	assert_int_equal(maps_get_settings(dp, &settings), 0);
	snapshot_add(&snapshot, "settings", NULL, 0, &settings, sizeof(settings));
	snapshot_segments(&snapshot, dp);
	snapshot_ports(&snapshot, dp);
	snapshot_peers(&snapshot, dp);
	snapshot_hash(&snapshot, dp, MAP_SEGMENT_BY_VNI, 4, 4);
	snapshot_hash(&snapshot, dp, MAP_PORT_BY_IFINDEX, 4, 4);
	snapshot_hash(&snapshot, dp, MAP_PEER_BY_ADDRESS, 16, 4);
	snapshot_hash(&snapshot, dp, MAP_LOCAL_ADDRESSES, 16, 4);
	snapshot_hash(&snapshot, dp, MAP_MEMBERS, sizeof(struct table_member),
		      sizeof(struct table_membership));
	snapshot_hash(&snapshot, dp, MAP_FDB, sizeof(struct table_fdb_key),
		      sizeof(struct table_fdb));
	qsort(snapshot.lines, snapshot.n, sizeof(snapshot.lines[0]), snapshot_order);
	return snapshot;
}

static inline void snapshot_free(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->n; i++)
		free(snapshot->lines[i]);
	snapshot->n = 0;
}

/* The first line in which they differ, or NULL. */
static inline const char *snapshot_differs(const struct snapshot *a, const struct snapshot *b)
{
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		if (i == a->n || i == b->n)
			return i == a->n ? b->lines[i] : a->lines[i];
		if (strcmp(a->lines[i], b->lines[i]) != 0)
			return a->lines[i];
	}
	return NULL;
}

#endif
