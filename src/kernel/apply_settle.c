/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from the whole model?  Which peers are members of a segment, to
 * whom its frames are flooded, and how large a flooded packet may be.  Only
 * segments that an operation or a route touched are looked at.
 */
#include "base/problem.h"
#include "kernel/apply_object.h"
#include "kernel/maps.h"
#include "kernel/resolve.h"
#include "kernel/slots.h"

#include <errno.h>
#include <string.h>

void apply_touch_segment(struct host *host, const char *name)
{
	struct host_segment *segment = host_segment_by_name(host, name);

	if (segment)
		segment->touched = true;
}

void apply_touch_peer(struct host *host, const struct peer *peer)
{
	struct host_segment *segment, *next;

	for (size_t i = 0; !peer->in_all_segments && i < peer->n_segments; i++)
		apply_touch_segment(host, peer->segments[i]);
	if (!peer->in_all_segments)
		return;
	HASH_ITER(hh, host->segments, segment, next)
		segment->touched = true;
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

static int delete_member(struct host *host, uint32_t vni, uint32_t slot)
{
	const union slot_name *name = slots_name(datapath_slots(host->datapath), SLOT_PEER, slot);

	host->leftovers = true; /* what was learned from it */
	return name ? maps_delete_member(host->datapath, vni, &name->address) : 0;
}

/* Every peer that has a slot, if nothing is known of what an earlier daemon wrote. */
static int delete_members(struct host *host, const struct host_segment *segment,
			  const struct slot_list *wanted)
{
	const struct slots *slots = datapath_slots(host->datapath);
	int error = 0;

	for (size_t i = 0; !error && i < segment->members.n; i++)
		if (!slot_list_has(wanted, segment->members.slots[i]))
			error = delete_member(host, segment->vni, segment->members.slots[i]);
	if (segment->members_known)
		return error;
	for (uint32_t slot = slots_next(slots, SLOT_PEER, 0); !error && slot != TABLE_NO_SLOT;
	     slot = slots_next(slots, SLOT_PEER, slot + 1))
		if (!slot_list_has(wanted, slot))
			error = delete_member(host, segment->vni, slot);
	return error;
}

static int settle_members(struct host *host, struct host_segment *segment,
			  const struct model *model, struct problem *problem)
{
	const struct slots *slots = datapath_slots(host->datapath);
	_cleanup_slot_list_ struct slot_list wanted = {0};
	int error = find_members(host, segment, model, &wanted);

	for (size_t i = 0; !error && i < wanted.n; i++)
		if (!segment->members_known || !slot_list_has(&segment->members, wanted.slots[i]))
			error = maps_put_member(
				host->datapath, segment->vni,
				&slots_name(slots, SLOT_PEER, wanted.slots[i])->address,
				wanted.slots[i], problem);
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

/* Peers of one (kind, family) need one outer header: one shape. */
static unsigned int shape_of(const struct host *host, uint32_t slot)
{
	const struct host_peer *peer = host_peer_by_slot(host, slot);

	return peer ? peer->record.kind * 2u + (peer->record.family == 6) : 0;
}

#define N_SHAPES (2 * N_ENCAP_KINDS)

/* The most frequent shape first, then by shape: a frame is encapsulated once for each. */
static int order_by_shape(const struct host *host, const struct slot_list *members,
			  struct slot_list *ret)
{
	size_t n_of[N_SHAPES] = {0}, n_left = members->n;
	int error = 0;

	for (size_t i = 0; i < members->n; i++)
		n_of[shape_of(host, members->slots[i])]++;
	while (!error && n_left) {
		unsigned int most = 0;

		for (unsigned int shape = 1; shape < N_SHAPES; shape++)
			most = n_of[shape] > n_of[most] ? shape : most;
		for (size_t i = 0; !error && i < members->n; i++)
			if (shape_of(host, members->slots[i]) == most)
				error = slot_list_append(ret, members->slots[i]);
		n_left -= n_of[most];
		n_of[most] = 0;
	}
	return error;
}

static int settle_flood(struct host *host, struct host_segment *segment)
{
	_cleanup_slot_list_ struct slot_list peers = {0};
	int error = 0;

	if (segment->record.flags & SEGMENT_FLOOD_PEERS)
		error = order_by_shape(host, &segment->members, &peers);
	if (!error)
		error = maps_set_flood(host->datapath, FLOOD_TO_PEERS, segment->slot, peers.slots,
				       peers.n);
	if (!error)
		error = maps_set_flood(host->datapath, FLOOD_TO_PORTS, segment->slot,
				       segment->ports.slots, segment->ports.n);
	return error;
}

static int settle_limit(struct host *host, struct host_segment *segment, struct problem *problem)
{
	uint16_t limit = UINT16_MAX;
	uint32_t slot;

	for (size_t i = 0; i < segment->members.n; i++) {
		const struct host_peer *peer = host_peer_by_slot(host, segment->members.slots[i]);

		if (peer && peer->record.limit && peer->record.limit < limit)
			limit = peer->record.limit;
	}
	if (segment->record.flood_limit == limit)
		return 0;
	segment->record.flood_limit = limit;
	return maps_put_segment(host->datapath, &segment->record, &slot, problem);
}

/* A segment that was deleted and made again with another VNI has another slot. */
static int settle_ports(struct host *host, struct problem *problem)
{
	struct host_segment *segment, *next_segment;
	struct host_port *port, *next_port;
	int error = 0;

	HASH_ITER(hh, host->segments, segment, next_segment)
		if (segment->touched)
			segment->ports.n = 0;
	HASH_ITER(hh, host->ports, port, next_port) {
		segment = host_segment_by_name(host, port->segment);
		if (!error && segment && segment->touched)
			error = slot_list_append(&segment->ports, port->slot);
		if (error || !segment || port->record.segment == segment->slot)
			continue;
		port->record.segment = segment->slot;
		error = apply_put_port(host, port, problem);
	}
	return error;
}

static int settle_peers(struct host *host, struct problem *problem)
{
	struct host_peer *peer, *next;
	int error = 0;

	HASH_ITER(hh, host->peers, peer, next) {
		if (!error)
			error = resolve_peer(host, peer);
		if (!error)
			error = resolve_publish(host, peer, problem);
	}
	return error;
}

int apply_settle(struct host *host, const struct model *model, struct problem *problem)
{
	struct host_segment *segment, *next;
	int error = host->peers_stale ? settle_peers(host, problem) : 0;

	if (!error)
		error = settle_ports(host, problem);
	HASH_ITER(hh, host->segments, segment, next) {
		/* other outer headers mean other shapes and other limits */
		if (error || (!segment->touched && !host->peers_stale))
			continue;
		error = settle_members(host, segment, model, problem);
		if (!error)
			error = settle_flood(host, segment);
		if (!error)
			error = settle_limit(host, segment, problem);
		segment->touched = error != 0;
	}
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the segments cannot be written to the datapath: %s",
				   strerror(-error));
	host->peers_stale = false;
	return 0;
}
