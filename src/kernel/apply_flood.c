/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To whom are the frames of a segment flooded?  Lists for all touched segments
 * are set together, because each swap waits for the kernel.
 */
#include "base/cleanup.h"
#include "kernel/apply_object.h"
#include "kernel/maps.h"
#include "kernel/slots.h"

#include <errno.h>
#include <stdlib.h>

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

static int order_peers(const struct host *host, struct host_segment *segment)
{
	segment->flood.n = 0;
	return segment->record.flags & SEGMENT_FLOOD_PEERS ?
		       order_by_shape(host, &segment->members, &segment->flood) :
		       0;
}

static struct maps_flood_list list_of(enum maps_flood which, uint32_t segment,
				      const struct slot_list *slots)
{
	return (struct maps_flood_list){
		.which = which,
		.segment = segment,
		.slots = slots ? slots->slots : NULL,
		.n = slots ? slots->n : 0,
	};
}

int apply_flood(struct host *host)
{
	size_t n = 0, n_max = 2 * HASH_COUNT(host->segments);
	_cleanup_free_ struct maps_flood_list *lists = calloc(n_max + 1, sizeof(*lists));
	struct host_segment *segment, *next;
	int error = lists ? 0 : -ENOMEM;

	HASH_ITER(hh, host->segments, segment, next) {
		if (error || !segment->touched)
			continue;
		error = order_peers(host, segment);
		lists[n++] = list_of(FLOOD_TO_PEERS, segment->slot, &segment->flood);
		lists[n++] = list_of(FLOOD_TO_PORTS, segment->slot, &segment->ports);
	}
	return error ? error : maps_set_floods(host->datapath, lists, n);
}

int apply_flood_forget(struct host *host)
{
	const struct slots *slots = datapath_slots(host->datapath);
	size_t n = 0, n_max = 2 * slots_count(slots, SLOT_SEGMENT);
	_cleanup_free_ struct maps_flood_list *lists = calloc(n_max + 1, sizeof(*lists));

	if (!lists)
		return -ENOMEM;
	for (uint32_t slot = slots_next(slots, SLOT_SEGMENT, 0); slot != TABLE_NO_SLOT && n < n_max;
	     slot = slots_next(slots, SLOT_SEGMENT, slot + 1)) {
		if (host_segment(host, slots_name(slots, SLOT_SEGMENT, slot)->vni))
			continue;
		lists[n++] = list_of(FLOOD_TO_PEERS, slot, NULL);
		lists[n++] = list_of(FLOOD_TO_PORTS, slot, NULL);
	}
	return maps_set_floods(host->datapath, lists, n);
}
