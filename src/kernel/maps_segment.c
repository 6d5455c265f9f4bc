/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments: record by slot, slot by VNI.  Flood lists are maps_flood.c's.
 */
#include "kernel/maps_state.h"

#include <errno.h>

int maps_put_segment(struct datapath *dp, const struct table_segment *record, uint32_t *ret_slot,
		     struct problem *problem)
{
	struct table_segment segment = *record;
	union slot_name name = {};
	uint32_t slot;
	int r;

	segment.flags |= SEGMENT_IN_USE;
	name.vni = segment.vni;
	r = maps_assign(dp, SLOT_SEGMENT, &name, &slot, problem);
	if (r >= 0)
		r = map_write(dp, MAP_SEGMENTS, &slot, &segment);
	if (r >= 0)
		r = map_write(dp, MAP_SEGMENT_BY_VNI, &segment.vni, &slot);
	if (r < 0)
		return maps_refused(r, "a segment", problem);
	*ret_slot = slot;
	return 0;
}

int maps_delete_segment(struct datapath *dp, uint32_t vni)
{
	uint32_t slot = slots_find_segment(dp->slots, vni);
	struct table_segment nothing = {};
	int r;

	if (slot == TABLE_NO_SLOT)
		return -ENOENT;
	r = map_delete(dp, MAP_SEGMENT_BY_VNI, &vni);
	if (r < 0)
		return r;
	r = map_write(dp, MAP_SEGMENTS, &slot, &nothing);
	if (r < 0)
		return r;
	for (enum maps_flood which = FLOOD_TO_PORTS; which <= FLOOD_TO_PEERS; which++) {
		r = maps_set_flood(dp, which, slot, NULL, 0);
		if (r < 0)
			return r;
	}
	dp->has_strays = true;
	return slots_retire(dp->slots, SLOT_SEGMENT, slot);
}

int maps_get_segment(const struct datapath *dp, uint32_t slot, struct table_segment *ret)
{
	return map_read(dp, MAP_SEGMENTS, &slot, ret);
}
