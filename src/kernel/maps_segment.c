/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments: record by slot, slot by VNI, flood lists.
 */
#include "kernel/maps_state.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"

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

/* Never 0, which stands for a list that this process has not set. */
static uint64_t hash_list(const uint32_t *slots, size_t n)
{
	return object_hash(slots, n * sizeof(*slots)) | 1;
}

/* A list of its own length, made and filled before anybody can see it. */
static int make_list(const uint32_t *slots, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	_cleanup_close_ int list = bpf_map_create(BPF_MAP_TYPE_ARRAY, "flood_list",
						  sizeof(uint32_t), sizeof(uint32_t), n, &options);

	if (list < 0)
		return -errno;
	for (uint32_t i = 0; i < n; i++)
		if (bpf_map_update_elem(list, &i, &slots[i], BPF_ANY))
			return -errno;
	return TAKE_FD(list);
}

static int set_list(struct datapath *dp, enum datapath_map map, uint32_t segment,
		    const uint32_t *slots, size_t n)
{
	_cleanup_close_ int list = -1;

	if (!n)
		return map_delete(dp, map, &segment);
	list = make_list(slots, (uint32_t)n);
	return list < 0 ? list : map_write(dp, map, &segment, &list);
}

int maps_set_flood(struct datapath *dp, enum maps_flood which, uint32_t segment,
		   const uint32_t *slots, size_t n)
{
	enum datapath_map map = which == FLOOD_TO_PORTS ? MAP_FLOOD_PORTS : MAP_FLOOD_PEERS;
	uint64_t hash = hash_list(slots, n);
	int r;

	if (segment >= TABLE_MAX_SEGMENTS)
		return -ERANGE;
	if (dp->flood_hash[which][segment] == hash)
		return 0;
	r = set_list(dp, map, segment, slots, n);
	if (r == 0)
		dp->flood_hash[which][segment] = hash;
	return r;
}
