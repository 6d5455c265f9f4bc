/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters back to zero: all of them on request, one slot's when it gets
 * another owner.
 */
#include "kernel/counters.h"

#include "base/cleanup.h"
#include "kernel/batch.h"
#include "kernel/datapath_state.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>

static int zero_traffic(const struct datapath *dp, enum slot_kind kind, uint32_t slot)
{
	static const enum datapath_map maps[] = {
		[SLOT_SEGMENT] = MAP_SEGMENT_TRAFFIC,
		[SLOT_PORT] = MAP_PORT_TRAFFIC,
		[SLOT_PEER] = MAP_PEER_TRAFFIC,
	};
	_cleanup_free_ void *zeroes = calloc(1, batch_cpus_size(sizeof(struct table_traffic)));

	if (!zeroes)
		return -ENOMEM;
	return bpf_map_update_elem(datapath_fd(dp, maps[kind]), &slot, zeroes, BPF_ANY) ? -errno :
											  0;
}

/* Keys are deleted while the walk is on: it may only see too few, never others. */
static int delete_drops(const struct datapath *dp,
			bool (*is_wanted)(const struct table_drop_key *key, enum slot_kind kind,
					  uint32_t slot),
			enum slot_kind kind, uint32_t slot)
{
	_cleanup_batch_ struct batch batch = {};
	int map = datapath_fd(dp, MAP_DROPS), r = batch_open(&batch, map);

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n; i++)
			if (is_wanted(batch_key(&batch, i), kind, slot) &&
			    bpf_map_delete_elem(map, batch_key(&batch, i)) && errno != ENOENT)
				return -errno;
	return r;
}

static bool is_any(const struct table_drop_key *key, enum slot_kind kind, uint32_t slot)
{
	return true;
}

static bool is_of_slot(const struct table_drop_key *key, enum slot_kind kind, uint32_t slot)
{
	switch (kind) {
	case SLOT_SEGMENT:
		return key->segment == slot;
	case SLOT_PORT:
		return key->port == slot;
	default:
		return key->peer == slot;
	}
}

int counters_reset(struct datapath *dp)
{
	int r;

	for (enum slot_kind kind = 0; kind < N_SLOT_KINDS; kind++)
		for (uint32_t slot = slots_next(dp->slots, kind, 0); slot != TABLE_NO_SLOT;
		     slot = slots_next(dp->slots, kind, slot + 1)) {
			r = zero_traffic(dp, kind, slot);
			if (r < 0)
				return r;
		}
	r = delete_drops(dp, is_any, 0, 0);
	return r < 0 ? r : counters_seed_drops(dp);
}

int counters_reset_slot(struct datapath *dp, enum slot_kind kind, uint32_t slot)
{
	int r = zero_traffic(dp, kind, slot);

	if (r == 0 && kind == SLOT_PORT)
		__atomic_store_n(&dp->learned_by_port[slot], 0, __ATOMIC_RELAXED);
	if (r == 0 && kind == SLOT_SEGMENT)
		__atomic_store_n(&dp->learned_by_segment[slot], 0, __ATOMIC_RELAXED);
	return r < 0 ? r : delete_drops(dp, is_of_slot, kind, slot);
}
