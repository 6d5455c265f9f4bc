/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which peers may send into a segment?  Writes the differences between what
 * the model says and what the datapath has.
 */
#include "kernel/apply_object.h"
#include "kernel/maps.h"
#include "kernel/slots.h"

#include <errno.h>

static int note_member(void *arg, const struct table_member *member,
		       const struct table_membership *membership)
{
	const struct host *host = arg;
	struct host_segment *segment = host_segment(host, member->vni);
	uint32_t peer = slots_find_peer(datapath_slots(host->datapath), &member->address);

	if (!segment || segment->members_known)
		return 0;
	if (peer == TABLE_NO_SLOT || peer != membership->peer ||
	    segment->slot != membership->segment)
		return 0; /* apply_forget takes it away unless it is put again */
	return slot_list_append(&segment->members, peer);
}

int apply_members_read(struct host *host)
{
	struct host_segment *segment, *next;
	bool any = false;
	int error;

	HASH_ITER(hh, host->segments, segment, next) {
		if (segment->members_known)
			continue;
		segment->members.n = 0;
		any = true;
	}
	error = any ? maps_each_member(host->datapath, note_member, host) : 0;
	HASH_ITER(hh, host->segments, segment, next) {
		if (error || segment->members_known)
			continue;
		slot_list_sort(&segment->members);
		segment->members_known = true;
	}
	return error;
}

static int find_members(const struct host *host, const struct host_segment *segment,
			const struct model *model, struct slot_list *ret)
{
	int error = 0;

	for (size_t i = 0; !error && i < model->n_peers; i++) {
		const struct peer *wanted = &model->peers[i];
		const struct host_peer *peer = host_peer(host, &wanted->address);

		if (peer && peer_in_segment(wanted, segment->name))
			error = slot_list_append(ret, peer->slot);
	}
	slot_list_sort(ret);
	return error;
}

static const struct table_address *other_address(const struct host_peer *peer, size_t i)
{
	return (const struct table_address *)&peer->wanted.other_addresses[i];
}

static int delete_member(struct host *host, uint32_t vni, uint32_t slot)
{
	const union slot_name *name = slots_name(datapath_slots(host->datapath), SLOT_PEER, slot);
	const struct host_peer *peer = host_peer_by_slot(host, slot);
	int error = 0;

	host->leftovers = true; /* what was learned from it */
	if (name)
		error = maps_delete_member(host->datapath, vni, &name->address, slot);
	for (size_t i = 0; !error && peer && i < peer->wanted.n_other_addresses; i++)
		error = maps_delete_member(host->datapath, vni, other_address(peer, i), slot);
	return error;
}

static int delete_members(struct host *host, const struct host_segment *segment,
			  const struct slot_list *wanted)
{
	int error = 0;

	for (size_t i = 0; !error && i < segment->members.n; i++)
		if (!slot_list_has(wanted, segment->members.slots[i]))
			error = delete_member(host, segment->vni, segment->members.slots[i]);
	return error;
}

/* The other ones always: another peer may have had them, or have got them by a change undone now. */
static int put_member(struct host *host, const struct host_segment *segment, uint32_t slot,
		      struct problem *problem)
{
	const struct slots *slots = datapath_slots(host->datapath);
	const struct host_peer *peer = host_peer_by_slot(host, slot);
	int error = 0;

	if (!slot_list_has(&segment->members, slot))
		error = maps_put_member(host->datapath, segment->vni,
					&slots_name(slots, SLOT_PEER, slot)->address, slot,
					problem);
	for (size_t i = 0; !error && peer && i < peer->wanted.n_other_addresses; i++)
		error = maps_put_member(host->datapath, segment->vni, other_address(peer, i), slot,
					problem);
	return error;
}

static int put_members(struct host *host, const struct host_segment *segment,
		       const struct slot_list *wanted, struct problem *problem)
{
	int error = 0;

	for (size_t i = 0; !error && i < wanted->n; i++)
		error = put_member(host, segment, wanted->slots[i], problem);
	return error;
}

int apply_members(struct host *host, struct host_segment *segment, const struct model *model,
		  struct problem *problem)
{
	_cleanup_slot_list_ struct slot_list wanted = {0};
	int error = find_members(host, segment, model, &wanted);

	if (!error)
		error = put_members(host, segment, &wanted, problem);
	if (!error)
		error = delete_members(host, segment, &wanted);
	segment->members_known = !error;
	if (error)
		return error;
	slot_list_clear(&segment->members);
	segment->members = wanted;
	wanted = (struct slot_list){0};
	return 0;
}
