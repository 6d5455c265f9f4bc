/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which FDB entries match a filter, and how are they shown or deleted?
 */
#include "kernel/fdb.h"

#include "control/state.h"
#include "kernel/slots.h"

#include <errno.h>
#include <string.h>

struct walk {
	const struct control *control;
	struct fdb_match match;
	uint64_t now_ns;
	fdb_visit visit;
	void *arg;
};

static bool is_given(const char *text)
{
	return text[0] != '\0';
}

static int match_path(const struct control *control, const struct fdb_filter *filter,
		      struct fdb_match *ret)
{
	const struct slots *slots = datapath_slots(control->host->datapath);

	if (is_given(filter->port)) {
		ret->path_kind = PATH_PORT;
		ret->path = slots_find_port(slots, filter->port);
	} else if (!address_is_unspecified(&filter->peer)) {
		ret->path_kind = PATH_PEER;
		ret->path = slots_find_peer(slots, filter->peer.bytes);
	}
	return ret->path_kind != PATH_NONE && ret->path == TABLE_NO_SLOT ? -ENOENT : 0;
}

/* -ENOENT: it names something that does not exist. */
static int make_match(const struct control *control, const struct fdb_filter *filter,
		      struct fdb_match *ret)
{
	*ret = (struct fdb_match){0};
	if (is_given(filter->segment)) {
		const struct host_segment *segment =
			host_segment_by_name(control->host, filter->segment);

		if (!segment)
			return -ENOENT;
		ret->has_vni = true;
		ret->vni = segment->vni;
	}
	ret->has_mac = filter->has_mac;
	memcpy(ret->mac, filter->mac.bytes, sizeof(ret->mac));
	return match_path(control, filter, ret);
}

static int show(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	const struct walk *walk = arg;
	struct fdb_view view = {
		.vni = key->vni,
		.source = value->source,
		.moves = value->moves,
	};

	if (!fdb_matches(&walk->match, key, value))
		return 0;
	if (value->source == FDB_LEARNED && walk->now_ns > value->seen_ns)
		view.age_seconds = (uint32_t)((walk->now_ns - value->seen_ns) / 1000000000ull);
	memcpy(view.mac.bytes, key->mac, sizeof(view.mac.bytes));
	snprintf(view.segment, sizeof(view.segment), "%s",
		 control_segment_name(walk->control, key->vni));
	control_view_path(walk->control, value->path_kind, value->path, &view.path);
	return walk->visit(walk->arg, &view);
}

int control_fdb_each(void *self, const struct fdb_filter *filter, fdb_visit visit, void *arg)
{
	struct control *control = self;
	struct walk walk = {
		.control = control,
		.now_ns = fdb_now_ns(),
		.visit = visit,
		.arg = arg,
	};
	struct table_fdb_key key = {0};
	struct table_fdb value;
	int error = make_match(control, filter, &walk.match);

	if (error)
		return error;
	if (!walk.match.has_vni || !walk.match.has_mac)
		return fdb_walk(control->host->datapath, show, &walk);
	key.vni = walk.match.vni;
	memcpy(key.mac, walk.match.mac, sizeof(key.mac));
	error = fdb_get(control->host->datapath, &key, &value);
	if (error == -ENOENT)
		return 0;
	return error ? error : show(&walk, &key, &value);
}

int control_fdb_flush(void *self, const struct fdb_filter *filter)
{
	struct control *control = self;
	struct fdb_match match;
	int error = make_match(control, filter, &match);

	if (error)
		return error;
	match.learned_only = true;
	control->entries_counted_ns = 0;
	return fdb_purge(control->host->datapath, &match);
}
