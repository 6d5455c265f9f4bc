/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does one FDB follow another without losing an entry?  A copy while the
 * old one is still in use, and a merge of what it learned during the copy when
 * it is not any more.
 */
#include "kernel/batch.h"
#include "kernel/datapath_state.h"

#include <bpf/bpf.h>

#include <errno.h>

/* Are we after the learned entries, and is this one? */
static bool is_as_learned(const void *arg, const void *key, const void *value)
{
	const bool *learned = arg;
	const struct table_fdb *entry = value;

	return (entry->source == FDB_LEARNED) == *learned;
}

static int copy_those(int from, int to, bool learned)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, from);

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0) {
		batch_keep(&batch, is_as_learned, &learned);
		r = batch_write(&batch, to);
		if (r < 0)
			return r;
	}
	return r;
}

int fdb_copy(int from, int to)
{
	int r;

	if (map_capacity(to) >= map_capacity(from))
		return batch_copy(from, to);
	r = copy_those(from, to, /* learned= */ false);
	return r < 0 ? r : copy_those(from, to, /* learned= */ true);
}

struct merge {
	int to;
	uint64_t since_ns;
	uint64_t n_seen;
};

/* Whatever changes an entry also stamps it. */
static int merge_entry(struct merge *merge, const struct table_fdb_key *key,
		       const struct table_fdb *old)
{
	struct table_fdb present;

	merge->n_seen++;
	if (old->source != FDB_LEARNED) /* the daemon puts those into the new one itself */
		return 0;
	if (old->seen_ns < merge->since_ns)
		return 0;
	if (!bpf_map_lookup_elem(merge->to, key, &present) &&
	    (present.source != FDB_LEARNED || present.seen_ns >= old->seen_ns))
		return 0;
	return bpf_map_update_elem(merge->to, key, old, BPF_ANY) && errno != E2BIG ? -errno : 0;
}

int fdb_merge(struct datapath *dp, int from, uint64_t since_ns, uint64_t *ret_entries)
{
	_cleanup_batch_ struct batch batch = {};
	struct merge merge = {.to = datapath_fd(dp, MAP_FDB), .since_ns = since_ns};
	int r = batch_open(&batch, from);

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n; i++) {
			r = merge_entry(&merge, batch_key(&batch, i), batch_value(&batch, i));
			if (r < 0)
				return r;
		}
	if (r == 0)
		*ret_entries = merge.n_seen;
	return r;
}
