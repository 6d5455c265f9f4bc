/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many FDB entries go at once, some thousand with each system call: a flush of
 * a million holds the event loop for little longer than a look at them.
 *
 * Counters follow what was read some microseconds before the deletion: an
 * entry that moves in between is counted out at its former port.
 */
#include "kernel/fdb_purge.h"

#include "kernel/datapath_state.h"
#include "kernel/fdb.h"

int fdb_delete_batch(struct datapath *dp, struct batch *batch)
{
	int r = batch_delete(batch);

	for (uint32_t i = 0; i < batch->n; i++)
		learned_forget(dp, batch_key(batch, i), batch_value(batch, i));
	return r;
}

int fdb_delete_those(struct datapath *dp, batch_test is_unwanted, const void *arg)
{
	_cleanup_batch_ struct batch batch = {};
	int n_deleted = 0, r = batch_open(&batch, datapath_fd(dp, MAP_FDB));

	while (r >= 0 && (r = batch_next(&batch)) > 0) {
		batch_keep(&batch, is_unwanted, arg);
		r = fdb_delete_batch(dp, &batch);
		n_deleted += (int)batch.n;
	}
	return r < 0 ? r : n_deleted;
}

static bool is_matched(const void *arg, const void *key, const void *value)
{
	return fdb_matches(arg, key, value);
}

int fdb_purge(struct datapath *dp, const struct fdb_match *match)
{
	return fdb_delete_those(dp, is_matched, match);
}
