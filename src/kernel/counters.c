/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Per-CPU counters added up, and set back to zero: all of them on request, one
 * slot's when it gets another owner.
 */
#include "kernel/counters.h"

#include "abi/drop.h"
#include "base/cleanup.h"
#include "kernel/batch.h"
#include "kernel/datapath_state.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>

static const enum datapath_map traffic_maps[] = {
	[SLOT_SEGMENT] = MAP_SEGMENT_TRAFFIC,
	[SLOT_PORT] = MAP_PORT_TRAFFIC,
	[SLOT_PEER] = MAP_PEER_TRAFFIC,
};
_Static_assert(sizeof(traffic_maps) / sizeof(traffic_maps[0]) == N_SLOT_KINDS, "one per kind");
_Static_assert(sizeof(struct table_traffic) % 8 == 0, "CPUs' values stand without gaps");
_Static_assert(sizeof(struct table_drop) % 8 == 0, "CPUs' values stand without gaps");

/* Both records are nothing but 64-bit counters. */
static void add_up(uint64_t *sum, const uint64_t *values, size_t n_members)
{
	size_t n = batch_cpus_size(n_members * sizeof(*values)) / sizeof(*values);

	for (size_t i = 0; i < n; i++)
		sum[i % n_members] += values[i];
}

int counters_traffic(const struct datapath *dp, enum slot_kind kind, uint32_t slot,
		     struct table_traffic *ret)
{
	_cleanup_free_ uint64_t *values = malloc(batch_cpus_size(sizeof(*ret)));
	struct table_traffic sum = {};

	if (!values)
		return -ENOMEM;
	if (slot >= SLOTS_PER_KIND)
		return -ERANGE;
	if (bpf_map_lookup_elem(datapath_fd(dp, traffic_maps[kind]), &slot, values))
		return -errno;
	add_up((uint64_t *)(void *)&sum, values, sizeof(sum) / sizeof(uint64_t));
	*ret = sum;
	return 0;
}

/* Reasons that never happened are in the map as well. */
static int visit_batch(const struct batch *batch, counters_drop_visit visit, void *arg)
{
	int r = 0;

	for (uint32_t i = 0; i < batch->n && r == 0; i++) {
		struct table_drop sum = {};

		add_up((uint64_t *)(void *)&sum, batch_value(batch, i),
		       sizeof(sum) / sizeof(uint64_t));
		if (sum.frames)
			r = visit(arg, batch_key(batch, i), &sum);
	}
	return r;
}

/* STT's threads write whole values, and no reason in advance. */
static int visit_stt(const struct datapath *dp, counters_drop_visit visit, void *arg)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, datapath_fd(dp, MAP_STT_DROPS));

	while (r >= 0 && (r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n; i++) {
			r = visit(arg, batch_key(&batch, i), batch_value(&batch, i));
			if (r)
				return r;
		}
	return r;
}

int counters_drops(const struct datapath *dp, counters_drop_visit visit, void *arg)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, datapath_fd(dp, MAP_DROPS));

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0) {
		r = visit_batch(&batch, visit, arg);
		if (r)
			return r;
	}
	return r < 0 ? r : visit_stt(dp, visit, arg);
}

static int add_frames(void *arg, const struct table_drop_key *key, const struct table_drop *sum)
{
	*(uint64_t *)arg += sum->frames;
	return 0;
}

int counters_drops_total(const struct datapath *dp, uint64_t *ret)
{
	uint64_t total = 0;
	int r = counters_drops(dp, add_frames, &total);

	if (r == 0)
		*ret = total;
	return r;
}

static int zero_traffic(const struct datapath *dp, enum slot_kind kind, uint32_t slot)
{
	_cleanup_free_ void *zeroes = calloc(1, batch_cpus_size(sizeof(struct table_traffic)));

	if (!zeroes)
		return -ENOMEM;
	return bpf_map_update_elem(datapath_fd(dp, traffic_maps[kind]), &slot, zeroes, BPF_ANY) ?
		       -errno :
		       0;
}

static int delete_drops_of(int map, batch_test is_unwanted, const void *arg)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, map);

	while (r >= 0 && (r = batch_next(&batch)) > 0) {
		batch_keep(&batch, is_unwanted, arg);
		r = batch_delete(&batch);
	}
	return r;
}

static int delete_drops(const struct datapath *dp, batch_test is_unwanted, const void *arg)
{
	int r = delete_drops_of(datapath_fd(dp, MAP_DROPS), is_unwanted, arg);

	return r < 0 ? r : delete_drops_of(datapath_fd(dp, MAP_STT_DROPS), is_unwanted, arg);
}

static bool is_combination(const void *arg, const void *key, const void *value)
{
	const struct table_drop_key *drop = key;

	return drop->segment != TABLE_NO_SLOT || drop->port != TABLE_NO_SLOT ||
	       drop->peer != TABLE_NO_SLOT;
}

/* Writes zeroes for every reason alone; flags as of bpf_map_update_elem. */
static int write_reasons(const struct datapath *dp, uint64_t flags)
{
	_cleanup_free_ void *zeroes = calloc(1, batch_cpus_size(sizeof(struct table_drop)));
	struct table_drop_key key = {
		.segment = TABLE_NO_SLOT, .port = TABLE_NO_SLOT, .peer = TABLE_NO_SLOT};

	if (!zeroes)
		return -ENOMEM;
	for (key.reason = DROP_NONE + 1; key.reason < DROP_REASON_END; key.reason++)
		if (bpf_map_update_elem(datapath_fd(dp, MAP_DROPS), &key, zeroes, flags) &&
		    errno != EEXIST)
			return -errno;
	return 0;
}

/*
 * The datapath counts under the reason alone when the table is full: those
 * keys must be there before it is.  A table that an earlier build with fewer
 * reasons has filled is begun anew.
 */
int counters_seed_drops(const struct datapath *dp)
{
	int r = write_reasons(dp, BPF_NOEXIST);

	if (r != -E2BIG)
		return r;
	r = delete_drops(dp, is_combination, NULL);
	return r < 0 ? r : write_reasons(dp, BPF_NOEXIST);
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
	r = delete_drops(dp, is_combination, NULL);
	return r < 0 ? r : write_reasons(dp, BPF_ANY);
}

struct owner {
	enum slot_kind kind;
	uint32_t slot;
};

static bool is_of_owner(const void *arg, const void *key, const void *value)
{
	const struct owner *owner = arg;
	const struct table_drop_key *drop = key;

	switch (owner->kind) {
	case SLOT_SEGMENT:
		return drop->segment == owner->slot;
	case SLOT_PORT:
		return drop->port == owner->slot;
	default:
		return drop->peer == owner->slot;
	}
}

int counters_reset_slot(struct datapath *dp, enum slot_kind kind, uint32_t slot)
{
	struct owner owner = {.kind = kind, .slot = slot};
	int r = zero_traffic(dp, kind, slot);

	if (r == 0 && kind == SLOT_PORT)
		__atomic_store_n(&dp->learned_by_port[slot], 0, __ATOMIC_RELAXED);
	if (r == 0 && kind == SLOT_SEGMENT)
		__atomic_store_n(&dp->learned_by_segment[slot], 0, __ATOMIC_RELAXED);
	return r < 0 ? r : delete_drops(dp, is_of_owner, &owner);
}
