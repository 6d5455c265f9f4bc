/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From one generation of programs and maps to the next while frames flow.
 * Called by the daemon's start when its maps are filled, and for another size
 * of the FDB.
 */
#include "kernel/datapath_state.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "kernel/attach.h"
#include "kernel/fdb.h"

#include <string.h>

/* The clock of the entries is coarse: a tick is at most 10 ms. */
uint64_t datapath_copy_start_ns(void)
{
	return fdb_now_ns() - 20000000u;
}

/* What the old programs learned since then is merged when they have gone. */
void datapath_keep_old_fdb(struct datapath *dp, struct generation *former, uint64_t start_ns)
{
	if (former->maps[MAP_FDB] < 0 || map_is_same(former->maps[MAP_FDB], dp->now.maps[MAP_FDB]))
		return;
	cleanup_close(&dp->old_fdb);
	dp->old_fdb = TAKE_FD(former->maps[MAP_FDB]);
	dp->old_fdb_copied_ns = start_ns;
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

	return r < 0 ? r : build_pin(dp);
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
	r = attach_clean(dp);
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
	uint64_t start_ns = datapath_copy_start_ns();
	int r;

	generation_init(&before);
	r = generation_load(dp, &dp->now, /* reuse_records= */ true, fdb_entries, &after, problem);
	if (r < 0)
		return r;
	before = dp->now;
	dp->now = after;
	datapath_keep_old_fdb(dp, &before, start_ns);
	dp->adopted = dp->settled = false;
	return datapath_take_over(dp, problem);
}
