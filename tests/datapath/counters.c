/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What did the datapath count since the counters were last cleared?  Sums over
 * CPUs; see tables.h.
 */
#include "tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "datapath.skel.h"

#define CPUS_MAX 512

/* More possible CPUs than this would overrun the buffers below. */
static int n_cpus(void)
{
	int n = libbpf_num_possible_cpus();

	if (n <= 0 || n > CPUS_MAX) {
		fprintf(stderr, "%d possible CPUs\n", n);
		exit(EXIT_FAILURE);
	}
	return n;
}

static struct table_traffic traffic_sum(int map, uint32_t slot)
{
	static struct table_traffic cpus[CPUS_MAX];
	struct table_traffic sum = {0};

	if (bpf_map_lookup_elem(map, &slot, cpus) < 0)
		return sum;
	for (int cpu = 0; cpu < n_cpus(); cpu++) {
		sum.rx_frames += cpus[cpu].rx_frames;
		sum.rx_bytes += cpus[cpu].rx_bytes;
		sum.tx_frames += cpus[cpu].tx_frames;
		sum.tx_bytes += cpus[cpu].tx_bytes;
		sum.flooded += cpus[cpu].flooded;
		sum.learn_refused += cpus[cpu].learn_refused;
		sum.via_anchor += cpus[cpu].via_anchor;
		sum.shrunk += cpus[cpu].shrunk;
	}
	return sum;
}

static void traffic_clear(int map, uint32_t n_slots)
{
	static const struct table_traffic cpus[CPUS_MAX];

	for (uint32_t slot = 0; slot < n_slots; slot++)
		bpf_map_update_elem(map, &slot, cpus, BPF_ANY);
}

static void drops_sum(int map, struct outcome *ret)
{
	static struct table_drop cpus[CPUS_MAX];
	struct table_drop_key key;

	for (int r = bpf_map_get_next_key(map, NULL, &key); r == 0;
	     r = bpf_map_get_next_key(map, &key, &key)) {
		if (bpf_map_lookup_elem(map, &key, cpus) < 0)
			continue;
		for (int cpu = 0; cpu < n_cpus(); cpu++) {
			if (!cpus[cpu].frames)
				continue;
			ret->drop = key;
			ret->n_dropped += cpus[cpu].frames;
			ret->bytes_dropped += cpus[cpu].bytes;
			if (key.reason < DROP_REASON_END)
				ret->drops[key.reason] += cpus[cpu].frames;
		}
	}
}

void tables_read_counters(struct harness *harness, struct outcome *ret)
{
	struct datapath_bpf *datapath = harness->datapath;

	for (uint32_t slot = 0; slot < N_PORTS; slot++)
		ret->ports[slot] = traffic_sum(bpf_map__fd(datapath->maps.port_traffic), slot);
	for (uint32_t slot = 0; slot < N_SEGMENTS; slot++)
		ret->segments[slot] =
			traffic_sum(bpf_map__fd(datapath->maps.segment_traffic), slot);
	for (uint32_t slot = 0; slot < N_PEERS; slot++)
		ret->peers[slot] = traffic_sum(bpf_map__fd(datapath->maps.peer_traffic), slot);
	drops_sum(bpf_map__fd(datapath->maps.drops), ret);
}

void tables_fill_drops(struct harness *harness)
{
	static const struct table_drop cpus[CPUS_MAX];
	int map = bpf_map__fd(harness->datapath->maps.drops);
	struct table_drop_key key = {
		.segment = TABLE_NO_SLOT, .port = TABLE_NO_SLOT, .peer = TABLE_NO_SLOT};

	for (key.reason = 1; key.reason < DROP_REASON_END; key.reason++)
		bpf_map_update_elem(map, &key, cpus, BPF_ANY);
	for (key.peer = 0; bpf_map_update_elem(map, &key, cpus, BPF_ANY) == 0; key.peer++)
		;
}

void tables_clear_counters(struct harness *harness)
{
	struct datapath_bpf *datapath = harness->datapath;

	traffic_clear(bpf_map__fd(datapath->maps.port_traffic), N_PORTS);
	traffic_clear(bpf_map__fd(datapath->maps.segment_traffic), N_SEGMENTS);
	traffic_clear(bpf_map__fd(datapath->maps.peer_traffic), N_PEERS);
	tables_clear_hash(datapath->maps.drops);
}
