/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings and our own addresses, and what the other maps_*.c need.  Called by
 * apply*.c.
 */
#include "kernel/maps.h"

#include "base/problem.h"
#include "kernel/counters.h"
#include "kernel/maps_state.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <string.h>

int map_write(const struct datapath *dp, enum datapath_map map, const void *key, const void *value)
{
	return bpf_map_update_elem(datapath_fd(dp, map), key, value, BPF_ANY) ? -errno : 0;
}

int map_read(const struct datapath *dp, enum datapath_map map, const void *key, void *ret)
{
	return bpf_map_lookup_elem(datapath_fd(dp, map), key, ret) ? -errno : 0;
}

int map_delete(const struct datapath *dp, enum datapath_map map, const void *key)
{
	return bpf_map_delete_elem(datapath_fd(dp, map), key) && errno != ENOENT ? -errno : 0;
}

int maps_assign(struct datapath *dp, enum slot_kind kind, const union slot_name *name,
		uint32_t *ret_slot, struct problem *problem)
{
	static const char *const nouns[] = {"segments", "ports", "peers"};
	int r = slots_assign(dp->slots, kind, name, ret_slot);

	if (r == -ENOSPC && slots_count_retired(dp->slots)) {
		r = maps_sweep(dp);
		if (r < 0)
			return r;
		r = slots_assign(dp->slots, kind, name, ret_slot);
	}
	if (r == -ENOSPC)
		return problem_set(problem, PROBLEM_TOO_LARGE, ENOSPC, NULL,
				   "there are %u %s already, which is the most", SLOTS_PER_KIND,
				   nouns[kind]);
	if (r != SLOTS_REUSED)
		return r;
	r = counters_reset_slot(dp, kind, *ret_slot);
	return r < 0 ? r : SLOTS_REUSED;
}

int maps_refused(int r, const char *what, struct problem *problem)
{
	return r < 0 ? problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "the kernel refused to change %s: %s", what, strerror(-r)) :
		       0;
}

int maps_put_settings(struct datapath *dp, const struct table_settings *settings)
{
	struct table_settings record = *settings;
	uint32_t zero = 0;

	record.flags |= datapath_features(dp);
	return map_write(dp, MAP_SETTINGS, &zero, &record);
}

int maps_get_settings(const struct datapath *dp, struct table_settings *ret)
{
	uint32_t zero = 0;

	return map_read(dp, MAP_SETTINGS, &zero, ret);
}

int maps_put_heartbeat(struct datapath *dp, uint64_t until_ns)
{
	uint32_t zero = 0;

	return map_write(dp, MAP_HEARTBEAT, &zero, &until_ns);
}

static bool has_address(const struct table_address *addresses, size_t n,
			const struct table_address *address)
{
	for (size_t i = 0; i < n; i++)
		if (!memcmp(&addresses[i], address, sizeof(*address)))
			return true;
	return false;
}

/* The address after `from` is read before `from` is deleted. */
static int remove_other_addresses(struct datapath *dp, const struct table_address *addresses,
				  size_t n)
{
	struct table_address from, next;
	int map = datapath_fd(dp, MAP_LOCAL_ADDRESSES), r;
	bool more = !bpf_map_get_next_key(map, NULL, &next);

	while (more) {
		from = next;
		more = !bpf_map_get_next_key(map, &from, &next);
		if (has_address(addresses, n, &from))
			continue;
		r = map_delete(dp, MAP_LOCAL_ADDRESSES, &from);
		if (r < 0)
			return r;
	}
	return 0;
}

int maps_set_local_addresses(struct datapath *dp, const struct table_address *addresses, size_t n)
{
	uint32_t one = 1;
	int r;

	for (size_t i = 0; i < n; i++) {
		r = map_write(dp, MAP_LOCAL_ADDRESSES, &addresses[i], &one);
		if (r < 0)
			return r;
	}
	return remove_other_addresses(dp, addresses, n);
}
