/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single FDB entries, and walks.  Called by control/ and apply*.c.
 */
#include "kernel/fdb.h"

#include "base/problem.h"
#include "kernel/batch.h"
#include "kernel/datapath_state.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <string.h>
#include <time.h>

uint64_t fdb_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int fdb_walk(const struct datapath *dp, fdb_entry_visit visit, void *arg)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, datapath_fd(dp, MAP_FDB));

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n; i++) {
			r = visit(arg, batch_key(&batch, i), batch_value(&batch, i));
			if (r)
				return r;
		}
	return r;
}

int fdb_get(const struct datapath *dp, const struct table_fdb_key *key, struct table_fdb *ret)
{
	return bpf_map_lookup_elem(datapath_fd(dp, MAP_FDB), key, ret) ? -errno : 0;
}

int fdb_put(struct datapath *dp, const struct table_fdb_key *key, const struct table_fdb *value,
	    struct problem *problem)
{
	struct table_fdb before = {}, entry = *value;
	bool had = !fdb_get(dp, key, &before);

	entry.seen_ns = fdb_now_ns();
	entry.moves = 0;
	if (!bpf_map_update_elem(datapath_fd(dp, MAP_FDB), key, &entry, BPF_ANY)) {
		if (had)
			learned_forget(dp, key, &before);
		return 0;
	}
	if (errno == E2BIG)
		return problem_set(problem, PROBLEM_TOO_LARGE, ENOSPC, NULL,
				   "the FDB is full with %u entries; raise limits.fdb-entries",
				   fdb_capacity(dp));
	return problem_set(problem, PROBLEM_SYSTEM, errno, NULL,
			   "the kernel refused an FDB entry: %s", strerror(errno));
}

int fdb_delete(struct datapath *dp, const struct table_fdb_key *key, struct table_fdb *ret)
{
	struct table_fdb entry;

	if (bpf_map_lookup_and_delete_elem(datapath_fd(dp, MAP_FDB), key, &entry))
		return -errno;
	learned_forget(dp, key, &entry);
	if (ret)
		*ret = entry;
	return 0;
}

bool fdb_matches(const struct fdb_match *match, const struct table_fdb_key *key,
		 const struct table_fdb *value)
{
	if (match->learned_only && value->source != FDB_LEARNED)
		return false;
	if (match->has_vni && key->vni != match->vni)
		return false;
	if (match->path_kind != PATH_NONE &&
	    (value->path_kind != match->path_kind || value->path != match->path))
		return false;
	return !match->has_mac || !memcmp(key->mac, match->mac, sizeof(key->mac));
}
