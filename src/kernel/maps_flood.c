/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flood lists: inner maps of `flood_ports` and `flood_peers`, made and filled
 * before anybody can see them, then swapped in many at a time.
 */
#include "kernel/maps_state.h"

#include "base/cleanup.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TOGETHER 256u /* descriptors that are open at once */

/* What is to be done with one outer map. */
struct swap {
	struct datapath *dp;
	enum maps_flood which;
	uint32_t n, segments[TOGETHER];
	int lists[TOGETHER];
	uint64_t hashes[TOGETHER];
	uint32_t n_gone, gone[TOGETHER];
};

/* Never 0, which stands for a list that this process has not set. */
static uint64_t hash_list(const struct maps_flood_list *list)
{
	return object_hash(list->slots, list->n * sizeof(*list->slots)) | 1;
}

static enum datapath_map outer_of(enum maps_flood which)
{
	return which == FLOOD_TO_PORTS ? MAP_FLOOD_PORTS : MAP_FLOOD_PEERS;
}

/* 0, 1, 2 ...: keys for whole lists. */
static uint32_t *number(uint32_t n)
{
	uint32_t *numbers = reallocarray(NULL, n, sizeof(*numbers));

	for (uint32_t i = 0; numbers && i < n; i++)
		numbers[i] = i;
	return numbers;
}

static int make_list(const uint32_t *slots, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	LIBBPF_OPTS(bpf_map_batch_opts, batch);
	_cleanup_free_ uint32_t *keys = number(n);
	_cleanup_close_ int list = -1;

	if (!keys)
		return -ENOMEM;
	list = bpf_map_create(BPF_MAP_TYPE_ARRAY, "flood_list", sizeof(uint32_t), sizeof(uint32_t),
			      n, &options);
	if (list < 0 || bpf_map_update_batch(list, keys, slots, &n, &batch))
		return -errno;
	return TAKE_FD(list);
}

static bool holds(int inner, const uint32_t *slots, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_batch_opts, batch);
	_cleanup_free_ uint32_t *keys = number(n), *present = number(n);
	struct bpf_map_info info = {};
	uint32_t size = sizeof(info), position, n_read = n;

	if (!keys || !present || bpf_obj_get_info_by_fd(inner, &info, &size) ||
	    info.max_entries != n)
		return false;
	if (bpf_map_lookup_batch(inner, NULL, &position, keys, present, &n_read, &batch) &&
	    errno != ENOENT) /* the end of the map */
		return false;
	return n_read == n && memcmp(present, slots, n * sizeof(*slots)) == 0;
}

/* Did an earlier daemon leave the same list?  Only a start with all rights can look into it. */
static bool is_there(const struct datapath *dp, const struct maps_flood_list *list)
{
	_cleanup_close_ int inner = -1;
	uint32_t id;

	if (map_read(dp, outer_of(list->which), &list->segment, &id) < 0)
		return list->n == 0;
	if (list->n == 0)
		return false;
	inner = bpf_map_get_fd_by_id(id);
	return inner >= 0 && holds(inner, list->slots, (uint32_t)list->n);
}

static bool is_set(struct datapath *dp, const struct maps_flood_list *list)
{
	uint64_t *known = &dp->flood_hash[list->which][list->segment];

	if (*known == 0 && is_there(dp, list))
		*known = hash_list(list);
	return *known == hash_list(list);
}

static int put_lists(struct datapath *dp, enum datapath_map outer, const uint32_t *segments,
		     const int *lists, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_batch_opts, batch);
	uint32_t n_put = n;
	int r = 0;

	if (n == 0 ||
	    bpf_map_update_batch(datapath_fd(dp, outer), segments, lists, &n_put, &batch) == 0)
		return 0;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = map_write(dp, outer, &segments[i], &lists[i]);
	return r;
}

/* The kernel has no batch for deletions here; a list of nobody says the same. */
static int take_lists_away(const struct swap *swap)
{
	const uint32_t nobody = TABLE_NO_SLOT;
	_cleanup_close_ int list = -1;
	int lists[TOGETHER];

	if (swap->n_gone == 0)
		return 0;
	if (swap->n_gone == 1)
		return map_delete(swap->dp, outer_of(swap->which), &swap->gone[0]);
	list = make_list(&nobody, 1);
	if (list < 0)
		return list;
	for (uint32_t i = 0; i < swap->n_gone; i++)
		lists[i] = list;
	return put_lists(swap->dp, outer_of(swap->which), swap->gone, lists, swap->n_gone);
}

static int swap_commit(struct swap *swap)
{
	const struct maps_flood_list nobody = {.which = swap->which};
	uint64_t *known = swap->dp->flood_hash[swap->which];
	int r = put_lists(swap->dp, outer_of(swap->which), swap->segments, swap->lists, swap->n);

	if (r == 0)
		r = take_lists_away(swap);
	for (uint32_t i = 0; i < swap->n; i++) {
		known[swap->segments[i]] = r == 0 ? swap->hashes[i] : 0;
		close(swap->lists[i]);
	}
	for (uint32_t i = 0; i < swap->n_gone; i++)
		known[swap->gone[i]] = r == 0 ? hash_list(&nobody) : 0;
	swap->n = swap->n_gone = 0;
	return r;
}

static int swap_add(struct swap *swap, const struct maps_flood_list *list)
{
	int fd;

	if (list->n == 0) {
		swap->gone[swap->n_gone++] = list->segment;
	} else {
		fd = make_list(list->slots, (uint32_t)list->n);
		if (fd < 0)
			return fd;
		swap->segments[swap->n] = list->segment;
		swap->hashes[swap->n] = hash_list(list);
		swap->lists[swap->n++] = fd;
	}
	return swap->n == TOGETHER || swap->n_gone == TOGETHER ? swap_commit(swap) : 0;
}

int maps_set_floods(struct datapath *dp, const struct maps_flood_list *lists, size_t n_lists)
{
	int r = 0;

	for (size_t i = 0; i < n_lists; i++)
		if (lists[i].segment >= TABLE_MAX_SEGMENTS)
			return -ERANGE;
	for (enum maps_flood which = FLOOD_TO_PORTS; which <= FLOOD_TO_PEERS; which++) {
		struct swap swap = {.dp = dp, .which = which};
		int last;

		for (size_t i = 0; r == 0 && i < n_lists; i++)
			if (lists[i].which == which && !is_set(dp, &lists[i]))
				r = swap_add(&swap, &lists[i]);
		last = swap_commit(&swap);
		r = r ? r : last;
	}
	return r;
}

int maps_set_flood(struct datapath *dp, enum maps_flood which, uint32_t segment,
		   const uint32_t *slots, size_t n)
{
	const struct maps_flood_list list = {
		.which = which, .segment = segment, .slots = slots, .n = n};

	return maps_set_floods(dp, &list, 1);
}
