/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The datapath's birth in its order: rights and features, the directory of the
 * pins, programs and maps, slots.  Each step is in a file of its own.  Called
 * by the daemon's start.
 */
#include "kernel/datapath.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "kernel/attach.h"
#include "kernel/datapath_state.h"

#include <errno.h>
#include <string.h>

#define SLOTS_MAP "slots"

static int open_slots(struct datapath *dp)
{
	int r;

	dp->slots_map = bpffs_get(dp->bpffs, FOLDER_MAPS, SLOTS_MAP);
	if (dp->slots_map == -ENOENT) {
		r = slots_create_map(&dp->slots_map);
		if (r < 0)
			return r;
		r = bpffs_pin(dp->bpffs, FOLDER_MAPS, SLOTS_MAP, dp->slots_map);
		if (r < 0)
			return r;
	}
	return dp->slots_map < 0 ? dp->slots_map : slots_open(dp->slots_map, &dp->slots);
}

static bool is_this_build(const struct datapath *dp, const struct build *pinned,
			  const struct generation *present, uint32_t fdb_entries)
{
	return !memcmp(pinned, &dp->build, sizeof(*pinned)) && generation_is_complete(present) &&
	       map_capacity(present->maps[MAP_FDB]) == fdb_entries;
}

/* Takes what is pinned when this very object made it, else loads this build's. */
static int adopt_or_load(struct datapath *dp, uint32_t fdb_entries, struct problem *problem)
{
	_cleanup_(generation_clear) struct generation present;
	struct build pinned;
	uint64_t start_ns = datapath_copy_start_ns();
	int r;

	generation_init(&present);
	build_read(dp->bpffs, &pinned);
	r = generation_from_pins(dp->bpffs, &present);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "cannot read the pins in %s: %s", bpffs_directory(dp->bpffs),
				   strerror(-r));
	if (is_this_build(dp, &pinned, &present, fdb_entries)) {
		dp->now = present;
		dp->adopted = true;
		generation_init(&present);
		return 0;
	}
	r = generation_load(dp, &present, pinned.layout == dp->build.layout, fdb_entries, &dp->now,
			    problem);
	if (r < 0)
		return r;
	dp->counts_are_new =
		!map_is_same(present.maps[MAP_LEARNED_BY_PORT], dp->now.maps[MAP_LEARNED_BY_PORT]);
	datapath_keep_old_fdb(dp, &present, start_ns);
	return 0;
}

/* A segment that is not known yet (a new map) is no reason to sweep. */
static void read_port_segments(struct datapath *dp)
{
	struct table_port port;

	for (uint32_t slot = 0; slot < TABLE_MAX_PORTS; slot++) {
		dp->port_segment[slot] = TABLE_NO_SLOT;
		if (slots_name(dp->slots, SLOT_PORT, slot) && !maps_get_port(dp, slot, &port) &&
		    port.flags & PORT_IN_USE)
			dp->port_segment[slot] = port.segment;
	}
}

static int prepare_maps(struct datapath *dp)
{
	int r = open_slots(dp);

	if (r < 0)
		return r;
	r = datapath_map_memory(dp);
	if (r < 0)
		return r;
	if (dp->counts_are_new) {
		r = fdb_recount(dp);
		if (r < 0)
			return r;
	}
	read_port_segments(dp);
	dp->has_strays = slots_count_retired(dp->slots) > 0;
	return counters_seed_drops(dp);
}

static struct datapath *new_datapath(const struct datapath_options *options)
{
	struct datapath *dp = calloc(1, sizeof(*dp));

	if (!dp)
		return NULL;
	generation_init(&dp->now);
	dp->slots_map = dp->old_fdb = -1;
	dp->object = options->object;
	dp->object_size = options->object_size;
	if (!dp->object)
		dp->object = object_built_in(&dp->object_size);
	dp->build.layout = options->layout ? options->layout : TABLE_LAYOUT;
	dp->build.object_hash = object_hash(dp->object, dp->object_size);
	return dp;
}

static void datapath_closep(struct datapath **dp)
{
	datapath_close(*dp);
}

int datapath_open(const struct datapath_options *options, struct datapath **ret,
		  struct problem *problem)
{
	_cleanup_(datapath_closep) struct datapath *dp = new_datapath(options);
	int r;

	if (!dp)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, NULL, "out of memory");
	r = features_probe(&dp->build.features);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "cannot load a BPF program: %s%s", strerror(-r),
				   r == -EPERM ? "; it takes root" : "");
	r = bpffs_open(options->directory, &dp->bpffs, problem);
	if (r < 0)
		return r;
	r = adopt_or_load(dp, options->fdb_entries ? options->fdb_entries : TABLE_DEFAULT_FDB,
			  problem);
	if (r < 0)
		return r;
	r = prepare_maps(dp);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL, "cannot prepare the maps: %s",
				   strerror(-r));
	dp->has_tcx = !options->force_clsact && attach_has_tcx(dp->now.programs[PROGRAM_PORT]);
	*ret = TAKE_PTR(dp);
	return 0;
}

void datapath_close(struct datapath *dp)
{
	if (!dp)
		return;
	datapath_unmap_memory(dp);
	slots_close(dp->slots);
	generation_clear(&dp->now);
	cleanup_close(&dp->slots_map);
	cleanup_close(&dp->old_fdb);
	bpffs_close(dp->bpffs);
	free(dp);
}
