/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Per-CPU counters, added up.
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
	return r;
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

/*
 * The datapath counts under the reason alone when the table is full: those
 * keys must be there before it is.
 */
int counters_seed_drops(const struct datapath *dp)
{
	_cleanup_free_ void *zeroes = calloc(1, batch_cpus_size(sizeof(struct table_drop)));
	struct table_drop_key key = {
		.segment = TABLE_NO_SLOT, .port = TABLE_NO_SLOT, .peer = TABLE_NO_SLOT};

	if (!zeroes)
		return -ENOMEM;
	for (key.reason = DROP_NONE + 1; key.reason < DROP_REASON_END; key.reason++)
		if (bpf_map_update_elem(datapath_fd(dp, MAP_DROPS), &key, zeroes, BPF_NOEXIST) &&
		    errno != EEXIST)
			return -errno;
	return 0;
}
