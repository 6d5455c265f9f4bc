/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The descriptors that one load of the object gave, their names, their pins,
 * and what of their contents goes from one generation to the next.
 */
#include "kernel/datapath_state.h"

#include "base/cleanup.h"
#include "kernel/batch.h"

#include <bpf/bpf.h>

#include <errno.h>

const char *datapath_map_name(enum datapath_map map)
{
	static const char *const names[] = {
#define X(symbol, name) #name,
		DATAPATH_MAPS(X)
#undef X
	};

	return names[map];
}

const char *datapath_program_name(enum datapath_program program)
{
	static const char *const names[] = {
#define X(symbol, hook, name) name,
		DATAPATH_PROGRAMS(X)
#undef X
	};

	return names[program];
}

const char *datapath_hook_name(enum datapath_program program)
{
	static const char *const names[] = {
#define X(symbol, hook, name) hook,
		DATAPATH_PROGRAMS(X)
#undef X
	};

	return names[program];
}

void generation_init(struct generation *generation)
{
	for (int i = 0; i < N_MAPS; i++)
		generation->maps[i] = -1;
	for (int i = 0; i < N_PROGRAMS; i++)
		generation->programs[i] = -1;
}

void generation_clear(struct generation *generation)
{
	for (int i = 0; i < N_MAPS; i++)
		cleanup_close(&generation->maps[i]);
	for (int i = 0; i < N_PROGRAMS; i++)
		cleanup_close(&generation->programs[i]);
	generation_init(generation);
}

static int get_pin(const struct bpffs *bpffs, const char *folder, const char *name, int *ret)
{
	int fd = bpffs_get(bpffs, folder, name);

	if (fd < 0 && fd != -ENOENT)
		return fd;
	*ret = fd < 0 ? -1 : fd;
	return 0;
}

int generation_from_pins(const struct bpffs *bpffs, struct generation *ret)
{
	int r = 0;

	for (enum datapath_map i = 0; i < N_MAPS && r == 0; i++)
		r = get_pin(bpffs, FOLDER_MAPS, datapath_map_name(i), &ret->maps[i]);
	for (enum datapath_program i = 0; i < N_PROGRAMS && r == 0; i++)
		r = get_pin(bpffs, FOLDER_PROGRAMS, datapath_program_name(i), &ret->programs[i]);
	return r;
}

bool generation_is_complete(const struct generation *generation)
{
	for (int i = 0; i < N_MAPS; i++)
		if (generation->maps[i] < 0)
			return false;
	for (int i = 0; i < N_PROGRAMS; i++)
		if (generation->programs[i] < 0)
			return false;
	return true;
}

int generation_pin(const struct generation *generation, const struct bpffs *bpffs)
{
	int r = 0;

	for (enum datapath_map i = 0; i < N_MAPS && r == 0; i++)
		r = bpffs_pin(bpffs, FOLDER_MAPS, datapath_map_name(i), generation->maps[i]);
	for (enum datapath_program i = 0; i < N_PROGRAMS && r == 0; i++)
		r = bpffs_pin(bpffs, FOLDER_PROGRAMS, datapath_program_name(i),
			      generation->programs[i]);
	return r;
}

uint32_t map_capacity(int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &length) ? 0 : info.max_entries;
}

static uint32_t id_of(int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &length) ? 0 : info.id;
}

bool map_is_same(int a, int b)
{
	return id_of(a) == id_of(b);
}

static bool has_entries(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_ARRAY ||
	       type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

/* 1: two maps that hold the same records; 0: one and the same map, or nothing in common. */
static int may_copy(int from, int to)
{
	struct bpf_map_info of_from = {}, of_to = {};
	__u32 length = sizeof(of_from);

	if (from < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(from, &of_from, &length) ||
	    bpf_obj_get_info_by_fd(to, &of_to, &length))
		return -errno;
	return of_from.id != of_to.id && has_entries(of_from.type) && of_from.type == of_to.type &&
	       of_from.key_size == of_to.key_size && of_from.value_size == of_to.value_size;
}

int generation_copy(const struct generation *from, const struct generation *to, bool reuse_records)
{
	int r;

	for (enum datapath_map i = 0; i < N_MAPS; i++) {
		if (!reuse_records && i != MAP_FDB)
			continue; /* filled by the daemon's state again */
		r = may_copy(from->maps[i], to->maps[i]);
		if (r > 0)
			r = i == MAP_FDB ? fdb_copy(from->maps[i], to->maps[i]) :
					   batch_copy(from->maps[i], to->maps[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
