/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many entries are where?  learned_by_port and learned_by_segment are
 * counted by datapath and daemon together, in shared memory.
 */
#include "kernel/fdb.h"

#include "base/cleanup.h"
#include "kernel/datapath_state.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>

void learned_add(uint64_t *counter, int64_t change)
{
	uint64_t before = __atomic_load_n(counter, __ATOMIC_RELAXED), after;

	do {
		after = before + (uint64_t)change;
		if ((int64_t)after < 0)
			after = 0;
	} while (!__atomic_compare_exchange_n(counter, &before, after, true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
}

void learned_forget(struct datapath *dp, const struct table_fdb_key *key,
		    const struct table_fdb *value)
{
	uint32_t segment = slots_find_segment(dp->slots, key->vni);

	if (value->source != FDB_LEARNED)
		return;
	if (segment != TABLE_NO_SLOT)
		learned_add(&dp->learned_by_segment[segment], -1);
	if (value->path_kind == PATH_PORT && value->path < TABLE_MAX_PORTS)
		learned_add(&dp->learned_by_port[value->path], -1);
}

uint32_t fdb_capacity(const struct datapath *dp)
{
	return map_capacity(datapath_fd(dp, MAP_FDB));
}

/* A counter that slipped below zero for a moment reads as zero. */
static uint64_t read_counter(const uint64_t *counter)
{
	uint64_t value = __atomic_load_n(counter, __ATOMIC_RELAXED);

	return (int64_t)value < 0 ? 0 : value;
}

uint64_t fdb_count_learned_by_port(const struct datapath *dp, uint32_t port)
{
	return port < TABLE_MAX_PORTS ? read_counter(&dp->learned_by_port[port]) : 0;
}

uint64_t fdb_count_learned_by_segment(const struct datapath *dp, uint32_t segment)
{
	return segment < TABLE_MAX_SEGMENTS ? read_counter(&dp->learned_by_segment[segment]) : 0;
}

uint64_t fdb_count_learned(const struct datapath *dp)
{
	uint64_t sum = 0;

	for (uint32_t slot = slots_next(dp->slots, SLOT_SEGMENT, 0); slot != TABLE_NO_SLOT;
	     slot = slots_next(dp->slots, SLOT_SEGMENT, slot + 1))
		sum += fdb_count_learned_by_segment(dp, slot);
	return sum;
}

static int count_peer(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	uint32_t *counts = arg;

	if (value->path_kind == PATH_PEER && value->path < TABLE_MAX_PEERS)
		counts[value->path]++;
	return 0;
}

int fdb_count_by_peer(const struct datapath *dp, uint32_t *ret)
{
	for (uint32_t i = 0; i < TABLE_MAX_PEERS; i++)
		ret[i] = 0;
	return fdb_walk(dp, count_peer, ret);
}

struct recount {
	const struct datapath *dp;
	int64_t by_port[TABLE_MAX_PORTS], by_segment[TABLE_MAX_SEGMENTS];
};

static int recount_entry(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	struct recount *recount = arg;
	uint32_t segment = slots_find_segment(recount->dp->slots, key->vni);

	if (value->source != FDB_LEARNED)
		return 0;
	if (segment != TABLE_NO_SLOT)
		recount->by_segment[segment]++;
	if (value->path_kind == PATH_PORT && value->path < TABLE_MAX_PORTS)
		recount->by_port[value->path]++;
	return 0;
}

/* Both arrays hold what was there before, then what is missing, then that is added. */
int fdb_recount(struct datapath *dp)
{
	_cleanup_free_ struct recount *recount = calloc(1, sizeof(*recount));
	int r;

	if (!recount)
		return -ENOMEM;
	recount->dp = dp;
	for (int i = 0; i < TABLE_MAX_PORTS; i++)
		recount->by_port[i] = -(int64_t)dp->learned_by_port[i];
	for (int i = 0; i < TABLE_MAX_SEGMENTS; i++)
		recount->by_segment[i] = -(int64_t)dp->learned_by_segment[i];
	r = fdb_walk(dp, recount_entry, recount);
	if (r < 0)
		return r;
	for (int i = 0; i < TABLE_MAX_PORTS; i++)
		learned_add(&dp->learned_by_port[i], recount->by_port[i]);
	for (int i = 0; i < TABLE_MAX_SEGMENTS; i++)
		learned_add(&dp->learned_by_segment[i], recount->by_segment[i]);
	return 0;
}
