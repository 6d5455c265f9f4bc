/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which FDB entries and members lead nowhere?  After deletions they are taken
 * out together, then the slots that they held are free.
 */
#include "kernel/maps_state.h"

#include "base/cleanup.h"
#include "kernel/batch.h"
#include "kernel/fdb_purge.h"

#include <errno.h>
#include <string.h>

/* One bit per segment and peer: 2 MB for the time of a sweep. */
struct sweep {
	const struct datapath *dp;
	uint64_t *members;
};

#define MEMBER_WORDS ((size_t)TABLE_MAX_SEGMENTS * TABLE_MAX_PEERS / 64)

static uint64_t *word_of(const struct sweep *sweep, uint32_t segment, uint32_t peer)
{
	return &sweep->members[((size_t)segment * TABLE_MAX_PEERS + peer) / 64];
}

static uint64_t bit_of(uint32_t peer)
{
	return 1ull << peer % 64;
}

static int sweep_member(const struct sweep *sweep, const struct table_member *member,
			const struct table_membership *membership)
{
	uint32_t segment = slots_find_segment(sweep->dp->slots, member->vni);
	uint32_t peer = maps_peer_at(sweep->dp, &member->address);

	if (segment == TABLE_NO_SLOT || peer == TABLE_NO_SLOT || peer != membership->peer)
		return map_delete(sweep->dp, MAP_MEMBERS, member);
	*word_of(sweep, segment, peer) |= bit_of(peer);
	return 0;
}

static int sweep_members(const struct sweep *sweep)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, datapath_fd(sweep->dp, MAP_MEMBERS));

	while (r >= 0 && (r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n && r >= 0; i++)
			r = sweep_member(sweep, batch_key(&batch, i), batch_value(&batch, i));
	return r;
}

/* A static entry may name a peer that does not send into the segment. */
static bool leads_somewhere(const struct sweep *sweep, uint32_t segment,
			    const struct table_fdb *entry)
{
	const struct datapath *dp = sweep->dp;

	switch (entry->path_kind) {
	case PATH_PORT:
		return slots_name(dp->slots, SLOT_PORT, entry->path) &&
		       (dp->port_segment[entry->path] == segment ||
			dp->port_segment[entry->path] == TABLE_NO_SLOT);
	case PATH_PEER:
		return slots_name(dp->slots, SLOT_PEER, entry->path) &&
		       (entry->source != FDB_LEARNED ||
			*word_of(sweep, segment, entry->path) & bit_of(entry->path));
	default:
		return false;
	}
}

static bool is_stray(const void *arg, const void *key, const void *value)
{
	const struct sweep *sweep = arg;
	const struct table_fdb_key *named = key;
	uint32_t segment = slots_find_segment(sweep->dp->slots, named->vni);

	return segment == TABLE_NO_SLOT || !leads_somewhere(sweep, segment, value);
}

/* Frames that still saw a deleted object have ended before the walk: none learns behind it. */
int maps_sweep(struct datapath *dp)
{
	_cleanup_free_ uint64_t *members = NULL;
	struct sweep sweep = {.dp = dp};
	int n_deleted, r;

	if (!dp->has_strays)
		return 0;
	sweep.members = members = calloc(MEMBER_WORDS, sizeof(*members));
	if (!members)
		return -ENOMEM;
	datapath_wait_for_programs();
	r = sweep_members(&sweep);
	if (r < 0)
		return r;
	n_deleted = fdb_delete_those(dp, is_stray, &sweep);
	if (n_deleted < 0)
		return n_deleted;
	r = slots_release(dp->slots);
	if (r < 0)
		return r;
	dp->has_strays = false;
	return n_deleted;
}
