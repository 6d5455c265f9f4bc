/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left that nobody wants?  Hooks, objects and static FDB entries of an
 * earlier daemon or of before a change.  Runs last, when nothing can fail that
 * would need them again.
 */
#include "base/log.h"
#include "kernel/anchor.h"
#include "kernel/apply_object.h"
#include "kernel/attach.h"
#include "kernel/fdb.h"
#include "kernel/maps.h"
#include "kernel/relay.h"
#include "kernel/slots.h"
#include "kernel/stt.h"

#include <string.h>

static bool is_port(const struct host *host, uint32_t ifindex)
{
	const struct link *link = link_by_ifindex(&host->links, ifindex);

	return link && host_port(host, link->name);
}

static bool is_underlay(const struct host *host, uint32_t ifindex)
{
	for (size_t i = 0; i < host->n_devices; i++)
		if (host->devices[i].ifindex == ifindex)
			return true;
	return false;
}

static bool is_anchor(const struct host *host, uint32_t ifindex)
{
	for (size_t row = 0; row < N_ANCHORS; row++)
		if (host->wanted_anchors & 1u << row &&
		    host->anchors[row].device.ifindex == ifindex)
			return true;
	return false;
}

static int visit_hook(void *arg, enum datapath_program program, uint32_t ifindex)
{
	struct host *host = arg;
	bool wanted = false;

	switch (program) {
	case PROGRAM_PORT:
		wanted = is_port(host, ifindex);
		break;
	case PROGRAM_UNDERLAY:
		wanted = is_underlay(host, ifindex);
		break;
	case PROGRAM_ANCHOR:
		wanted = is_anchor(host, ifindex);
		break;
	case PROGRAM_RELAY:
		wanted = host->relay.wanted && host->relay.near.ifindex == ifindex;
		break;
	case PROGRAM_CUTTER:
		wanted = host->relay.wanted && host->relay.far.ifindex == ifindex;
		break;
	case PROGRAM_STT:
		wanted = stt_ifindex(host) == ifindex;
		break;
	default:
		break;
	}
	return wanted ? 0 : attach_remove(host->datapath, program, ifindex);
}

typedef int (*forget_slot)(struct host *host, const union slot_name *name);

static int forget_port(struct host *host, const union slot_name *name)
{
	return host_port(host, name->device) ? 0 : maps_delete_port(host->datapath, name->device);
}

static int forget_peer(struct host *host, const union slot_name *name)
{
	return host_peer(host, (const struct address *)name->address.bytes) ?
		       0 :
		       maps_delete_peer(host->datapath, &name->address);
}

static bool is_address_wanted(const void *arg, const struct table_address *address, uint32_t slot)
{
	const struct host *host = arg;
	const struct host_peer *peer = host_peer_by_slot(host, slot);

	if (!peer)
		return false;
	if (!memcmp(&peer->address, address, sizeof(*address)))
		return true;
	for (size_t i = 0; i < peer->wanted.n_other_addresses; i++)
		if (!memcmp(&peer->wanted.other_addresses[i], address, sizeof(*address)))
			return true;
	return false;
}

static int forget_segment(struct host *host, const union slot_name *name)
{
	return host_segment(host, name->vni) ? 0 : maps_delete_segment(host->datapath, name->vni);
}

static int forget_slots(struct host *host, enum slot_kind kind, forget_slot forget)
{
	const struct slots *slots = datapath_slots(host->datapath);
	int error = 0;

	for (uint32_t slot = slots_next(slots, kind, 0); slot != TABLE_NO_SLOT;
	     slot = slots_next(slots, kind, slot + 1)) {
		int result = forget(host, slots_name(slots, kind, slot));

		/* deleted before, and waiting for the sweep */
		if (result && result != -ENOENT)
			error = error ? error : result;
	}
	return error;
}

void apply_forget(struct host *host)
{
	int error, result;

	if (!host->leftovers)
		return;
	anchor_forget(host);
	relay_forget(host);
	error = attach_each(host->datapath, visit_hook, host);
	result = forget_slots(host, SLOT_PORT, forget_port);
	error = error ? error : result;
	result = forget_slots(host, SLOT_PEER, forget_peer);
	error = error ? error : result;
	result = maps_keep_peer_addresses(host->datapath, is_address_wanted, host);
	error = error ? error : result;
	result = apply_flood_forget(host);
	error = error ? error : result;
	result = forget_slots(host, SLOT_SEGMENT, forget_segment);
	error = error ? error : result;
	result = maps_sweep(host->datapath);
	error = error ? error : result < 0 ? result : 0;
	if (error)
		log_warning("the datapath still holds what no one wants any more: %s",
			    strerror(-error));
	host->leftovers = error != 0;
}

struct stale_search {
	struct host *host;
	const struct model *model;
};

static int visit_entry(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	const struct stale_search *search = arg;
	const struct host_segment *segment = host_segment(search->host, key->vni);
	struct mac mac;

	memcpy(mac.bytes, key->mac, sizeof(mac.bytes));
	if (value->source == FDB_STATIC && segment &&
	    !model_fdb(search->model, segment->name, &mac))
		(void)fdb_delete(search->host->datapath, key, NULL);
	return 0;
}

void apply_forget_static(struct host *host, const struct model *model)
{
	struct stale_search search = {.host = host, .model = model};
	int error = fdb_walk(host->datapath, visit_entry, &search);

	if (error)
		log_warning("static FDB entries of an earlier run may be left: %s",
			    strerror(-error));
}
