/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which learned entries have been silent for too long?  In steps, from a timer
 * of control/.
 *
 * The datapath may refresh an entry after it was read here and before it is
 * deleted: it is gone although its MAC just spoke.  Harmless: that MAC's next
 * frame brings it back, and what is sent to it in between is flooded.
 */
#include "kernel/fdb.h"

#include "kernel/datapath_state.h"
#include "kernel/fdb_purge.h"

/* A clock that the datapath read later than we did is no age. */
static bool is_older_than(const struct table_fdb *value, uint64_t now, uint64_t lifetime)
{
	return now > value->seen_ns && now - value->seen_ns > lifetime;
}

struct pass {
	const struct datapath *dp;
	const struct fdb_aging *aging;
	uint64_t now_ns;
};

static bool is_due(const void *arg, const void *key, const void *value)
{
	const struct pass *pass = arg;
	const struct table_fdb_key *named = key;
	const struct table_fdb *entry = value;
	uint32_t segment = slots_find_segment(pass->dp->slots, named->vni);
	uint64_t lifetime;

	if (segment == TABLE_NO_SLOT)
		return true;
	if (entry->source != FDB_LEARNED)
		return false;
	lifetime = pass->aging->lifetime_ns(pass->aging->arg, segment);
	return lifetime && is_older_than(entry, pass->now_ns, lifetime);
}

static int age_batch(struct datapath *dp, struct batch *batch, const struct fdb_aging *aging)
{
	struct pass pass = {.dp = dp, .aging = aging, .now_ns = fdb_now_ns()};
	int r;

	batch_keep(batch, is_due, &pass);
	r = fdb_delete_batch(dp, batch);
	for (uint32_t i = 0; aging->aged && i < batch->n; i++)
		aging->aged(aging->arg, batch_key(batch, i), batch_value(batch, i));
	return r;
}

/* Deletion and move of one entry at one time may count it out twice. */
static void heal_counters(struct datapath *dp)
{
	for (int i = 0; i < TABLE_MAX_PORTS; i++)
		if ((int64_t)dp->learned_by_port[i] < 0)
			learned_add(&dp->learned_by_port[i], 0);
	for (int i = 0; i < TABLE_MAX_SEGMENTS; i++)
		if ((int64_t)dp->learned_by_segment[i] < 0)
			learned_add(&dp->learned_by_segment[i], 0);
}

static int finish_pass(struct datapath *dp, struct fdb_cursor *cursor)
{
	int r = maps_sweep(dp);

	*cursor = (struct fdb_cursor){};
	heal_counters(dp);
	return r < 0 ? r : 1;
}

int fdb_age(struct datapath *dp, struct fdb_cursor *cursor, size_t budget,
	    const struct fdb_aging *aging)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, datapath_fd(dp, MAP_FDB));

	if (r < 0)
		return r;
	batch.started = cursor->started;
	batch.position = cursor->position;
	for (size_t seen = 0; seen < budget;) {
		r = batch_next(&batch);
		if (r < 0)
			return r;
		if (r == 0)
			return finish_pass(dp, cursor);
		seen += batch.n;
		r = age_batch(dp, &batch, aging);
		if (r < 0)
			return r;
	}
	if (batch.ended)
		return finish_pass(dp, cursor);
	*cursor = (struct fdb_cursor){.started = true, .position = batch.position};
	return 0;
}
