/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The datapath's birth, hand-over and end in their order; the steps are in
 * datapath_*.c.  Called by the daemon's start and by `datapath unload`.
 */
#include "kernel/datapath.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "kernel/attach.h"
#include "kernel/datapath_state.h"
#include "kernel/fdb.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <string.h>

#define META_MAP  "meta"
#define SLOTS_MAP "slots"

/* What the pins are of; zeroes when nothing is pinned. */
static void read_build(const struct bpffs *bpffs, struct build *ret)
{
	_cleanup_close_ int map = bpffs_get(bpffs, FOLDER_MAPS, META_MAP);
	uint32_t zero = 0;

	if (map < 0 || bpf_map_lookup_elem(map, &zero, ret))
		*ret = (struct build){};
}

/* A new map each time: pinning it is one step, writing into the old one another. */
static int pin_build(const struct datapath *dp)
{
	_cleanup_close_ int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, META_MAP, sizeof(uint32_t),
						 sizeof(dp->build), 1, NULL);
	uint32_t zero = 0;

	if (map < 0 || bpf_map_update_elem(map, &zero, &dp->build, BPF_ANY))
		return -errno;
	return bpffs_pin(dp->bpffs, FOLDER_MAPS, META_MAP, map);
}

static int open_slots(struct datapath *dp)
{
	int r;

	dp->slots_map = bpffs_get(dp->bpffs, FOLDER_MAPS, SLOTS_MAP);
	if (dp->slots_map < 0) {
		r = slots_create_map(&dp->slots_map);
		if (r < 0)
			return r;
		r = bpffs_pin(dp->bpffs, FOLDER_MAPS, SLOTS_MAP, dp->slots_map);
		if (r < 0)
			return r;
	}
	return slots_open(dp->slots_map, &dp->slots);
}

static uint32_t id_of(int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &length) ? 0 : info.id;
}

static bool is_same_map(int a, int b)
{
	return id_of(a) == id_of(b);
}

static bool is_this_build(const struct datapath *dp, const struct build *pinned,
			  const struct generation *present, uint32_t fdb_entries)
{
	return !memcmp(pinned, &dp->build, sizeof(*pinned)) && generation_is_complete(present) &&
	       map_capacity(present->maps[MAP_FDB]) == fdb_entries;
}

/* The clock of the entries is coarse: a tick is at most 10 ms. */
static uint64_t copy_start_ns(void)
{
	return fdb_now_ns() - 20000000u;
}

/* What the old programs learned since then is merged when they have gone. */
static void remember_old_fdb(struct datapath *dp, struct generation *present, uint64_t start_ns)
{
	if (present->maps[MAP_FDB] < 0 ||
	    is_same_map(present->maps[MAP_FDB], dp->now.maps[MAP_FDB]))
		return;
	cleanup_close(&dp->old_fdb);
	dp->old_fdb = TAKE_FD(present->maps[MAP_FDB]);
	dp->old_fdb_copied_ns = start_ns;
}

/* Takes what is pinned when this very object made it, else loads this build's. */
static int adopt_or_load(struct datapath *dp, uint32_t fdb_entries, struct problem *problem)
{
	_cleanup_(generation_clear) struct generation present;
	struct build pinned;
	uint64_t start_ns = copy_start_ns();
	int r;

	generation_init(&present);
	read_build(dp->bpffs, &pinned);
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
		!is_same_map(present.maps[MAP_LEARNED_BY_PORT], dp->now.maps[MAP_LEARNED_BY_PORT]);
	remember_old_fdb(dp, &present, start_ns);
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

static int merge_old_fdb(struct datapath *dp)
{
	uint64_t before = 0, room = fdb_capacity(dp);
	int r;

	if (dp->old_fdb < 0)
		return 0;
	datapath_wait_for_programs();
	r = fdb_merge(dp, dp->old_fdb, dp->old_fdb_copied_ns, &before);
	if (r < 0)
		return r;
	dp->fdb_left_behind = before > room ? before - room : 0;
	close(TAKE_FD(dp->old_fdb));
	return fdb_recount(dp);
}

static int pin_all(const struct datapath *dp)
{
	int r = generation_pin(&dp->now, dp->bpffs);

	return r < 0 ? r : pin_build(dp);
}

/*
 * Pins before hooks: a daemon that is killed in between leaves pins of this
 * build and some hooks of the former one, which the next start brings along.
 */
static int take_over(struct datapath *dp)
{
	int r = dp->adopted ? 0 : pin_all(dp);

	if (r < 0)
		return r;
	r = attach_update_all(dp);
	if (r < 0)
		return r;
	r = merge_old_fdb(dp);
	if (r < 0)
		return r;
	dp->settled = true;
	return 0;
}

int datapath_take_over(struct datapath *dp, struct problem *problem)
{
	int r = dp->settled ? 0 : take_over(dp);

	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "cannot put this version's programs in place: %s", strerror(-r));
	return 0;
}

int datapath_resize_fdb(struct datapath *dp, uint32_t fdb_entries, struct problem *problem)
{
	_cleanup_(generation_clear) struct generation before;
	struct generation after;
	uint64_t start_ns = copy_start_ns();
	int r;

	generation_init(&before);
	r = generation_load(dp, &dp->now, /* reuse_records= */ true, fdb_entries, &after, problem);
	if (r < 0)
		return r;
	before = dp->now;
	dp->now = after;
	remember_old_fdb(dp, &before, start_ns);
	dp->adopted = dp->settled = false;
	return datapath_take_over(dp, problem);
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
