/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which build do the pins belong to?  A small pinned map says it.  Called at
 * start and when this build's pins are in place.
 */
#include "kernel/datapath_state.h"

#include "base/cleanup.h"

#include <bpf/bpf.h>

#include <errno.h>

#define META_MAP "meta"

/* What the pins are of; zeroes when nothing is pinned. */
void build_read(const struct bpffs *bpffs, struct build *ret)
{
	_cleanup_close_ int map = bpffs_get(bpffs, FOLDER_MAPS, META_MAP);
	uint32_t zero = 0;

	if (map < 0 || bpf_map_lookup_elem(map, &zero, ret))
		*ret = (struct build){};
}

/* A new map each time: pinning it is one step, writing into the old one another. */
int build_pin(const struct datapath *dp)
{
	_cleanup_close_ int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, META_MAP, sizeof(uint32_t),
						 sizeof(dp->build), 1, NULL);
	uint32_t zero = 0;

	if (map < 0 || bpf_map_update_elem(map, &zero, &dp->build, BPF_ANY))
		return -errno;
	return bpffs_pin(dp->bpffs, FOLDER_MAPS, META_MAP, map);
}
