/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation on a static FDB record do?  Writes or deletes one FDB
 * entry; learning never overrides it.
 */
#include "base/problem.h"
#include "kernel/apply_object.h"
#include "kernel/fdb.h"
#include "kernel/slots.h"

#include <errno.h>
#include <string.h>

static int make_key(const struct host *host, const struct fdb_record *record,
		    struct table_fdb_key *ret)
{
	const struct host_segment *segment = host_segment_by_name(host, record->segment);

	if (!segment)
		return -ENOENT;
	*ret = (struct table_fdb_key){.vni = segment->vni};
	memcpy(ret->mac, record->mac.bytes, sizeof(ret->mac));
	return 0;
}

static int make_entry(const struct host *host, const struct fdb_record *record,
		      struct table_fdb *ret)
{
	const struct slots *slots = datapath_slots(host->datapath);

	*ret = (struct table_fdb){.source = FDB_STATIC};
	if (record->port[0]) {
		ret->path_kind = PATH_PORT;
		ret->path = slots_find_port(slots, record->port);
	} else {
		ret->path_kind = PATH_PEER;
		ret->path = slots_find_peer(slots, record->peer.bytes);
	}
	return ret->path == TABLE_NO_SLOT ? -ENOENT : 0;
}

static int take_away(struct host *host, const struct table_fdb_key *key)
{
	struct table_fdb entry;

	if (fdb_get(host->datapath, key, &entry) < 0 || entry.source != FDB_STATIC)
		return 0;
	(void)fdb_delete(host->datapath, key, NULL);
	return 0;
}

int apply_fdb(struct host *host, const struct fdb_record *before, const struct fdb_record *after,
	      struct problem *problem)
{
	struct table_fdb_key key;
	struct table_fdb entry;
	char mac[MAC_TEXT_MAX];
	int error;

	if (!after)
		return make_key(host, before, &key) < 0 ? 0 : take_away(host, &key);
	error = make_key(host, after, &key);
	if (!error)
		error = make_entry(host, after, &entry);
	if (!error)
		error = fdb_put(host->datapath, &key, &entry, problem);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "static FDB entry %s of segment %s cannot be written: %s",
				   mac_format(&after->mac, mac), after->segment, strerror(-error));
	return 0;
}
