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
#include "kernel/stt.h"

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

static int settle_record(struct host *host, struct host_segment *segment, struct problem *problem)
{
	uint16_t limit = UINT16_MAX, shapes = 0;
	uint32_t slot;

	for (size_t i = 0; i < segment->members.n; i++) {
		const struct host_peer *peer = host_peer_by_slot(host, segment->members.slots[i]);

		if (peer && peer->record.limit && peer->record.limit < limit)
			limit = peer->record.limit;
		if (peer && peer->record.kind && segment->record.flags & SEGMENT_FLOOD_PEERS)
			shapes |= TABLE_SHAPE(peer->record.kind, peer->record.family);
	}
	if (segment->record.flood_limit == limit && segment->record.flood_shapes == shapes)
		return 0;
	segment->record.flood_limit = limit;
	segment->record.flood_shapes = shapes;
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

static void touch_all(struct host *host)
{
	struct host_segment *segment, *next;

	HASH_ITER(hh, host->segments, segment, next)
		segment->touched = true;
}

static int settle_segments(struct host *host, const struct model *model, struct problem *problem)
{
	struct host_segment *segment, *next;
	int error = settle_ports(host, problem);

	if (!error)
		error = apply_members_read(host);
	HASH_ITER(hh, host->segments, segment, next) {
		if (error || !segment->touched)
			continue;
		error = apply_members(host, segment, model, problem);
		if (!error)
			error = settle_record(host, segment, problem);
	}
	/* a list of several shapes needs the relay */
	if (!error)
		error = apply_devices(host);
	return error ? error : apply_flood(host);
}

int apply_settle(struct host *host, const struct model *model, struct problem *problem)
{
	struct host_segment *segment, *next;
	int error = 0;

	if (host->peers_stale) {
		/* other outer headers mean other shapes and other limits */
		touch_all(host);
		error = settle_peers(host, problem);
	}
	if (!error)
		error = settle_segments(host, model, problem);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the segments cannot be written to the datapath: %s",
				   strerror(-error));
	HASH_ITER(hh, host->segments, segment, next)
		segment->touched = false;
	host->peers_stale = false;
	stt_settle(host);
	return 0;
}
