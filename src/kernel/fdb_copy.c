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
#include <string.h>

/* Moves the entries that are (or are not) learned to the batch's front. */
static void keep_only(struct batch *batch, bool learned)
{
	struct table_fdb_key *keys = (void *)batch->keys;
	struct table_fdb *values = (void *)batch->values;
	uint32_t n = 0;

	for (uint32_t i = 0; i < batch->n; i++) {
		if ((values[i].source == FDB_LEARNED) != learned)
			continue;
		keys[n] = keys[i];
		values[n++] = values[i];
	}
	batch->n = n;
}

static int copy_those(int from, int to, bool learned, uint64_t *lost)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, from);

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0) {
		keep_only(&batch, learned);
		r = batch_write(&batch, to, lost);
		if (r < 0)
			return r;
	}
	return r;
}

int fdb_copy(int from, int to, uint64_t *ret_lost)
{
	uint64_t lost = 0;
	int r = copy_those(from, to, /* learned= */ false, &lost);

	if (r == 0)
		r = copy_those(from, to, /* learned= */ true, &lost);
	if (r == 0)
		*ret_lost = lost;
	return r;
}

static int merge_entry(int to, const struct table_fdb_key *key, const struct table_fdb *old,
		       uint64_t *lost)
{
	struct table_fdb present;

	if (old->source != FDB_LEARNED)
		return 0; /* the daemon puts those into the new one itself */
	if (!bpf_map_lookup_elem(to, key, &present) &&
	    (present.source != FDB_LEARNED || present.seen_ns >= old->seen_ns))
		return 0;
	if (!bpf_map_update_elem(to, key, old, BPF_ANY))
		return 0;
	if (errno != E2BIG)
		return -errno;
	(*lost)++;
	return 0;
}

int fdb_merge(struct datapath *dp, int from, uint64_t *ret_lost)
{
	_cleanup_batch_ struct batch batch = {};
	uint64_t lost = 0;
	int r = batch_open(&batch, from);

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n; i++) {
			r = merge_entry(datapath_fd(dp, MAP_FDB), batch_key(&batch, i),
					batch_value(&batch, i), &lost);
			if (r < 0)
				return r;
		}
	if (r == 0)
		*ret_lost = lost;
	return r;
}
