/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a BPF object to descriptors of its maps and programs, with the maps
 * that are in use already where they fit.  Called by datapath.c at start and
 * when the FDB gets another size.
 */
#include "kernel/datapath_state.h"

#include "base/cleanup.h"
#include "base/problem.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The first thing that libbpf complains about during a load names the cause. */
static char complaint[200];

__attribute__((format(printf, 2, 0))) static int
keep_complaint(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN || complaint[0])
		return 0;
	vsnprintf(complaint, sizeof(complaint), format, arguments);
	complaint[strcspn(complaint, "\n")] = '\0';
	return 0;
}

static void close_object(struct bpf_object **object)
{
	bpf_object__close(*object);
}

static struct bpf_map *find_map(const struct bpf_object *object, enum datapath_map map)
{
	return bpf_object__find_map_by_name(object, datapath_map_name(map));
}

static bool fits(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length))
		return false;
	return info.type == bpf_map__type(map) && info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map) &&
	       info.map_flags == bpf_map__map_flags(map);
}

/* What the daemon decides about maps and the BPF source does not say. */
static int set_definitions(struct bpf_object *object, uint32_t fdb_entries)
{
	struct bpf_map *peers = find_map(object, MAP_PEERS);
	int r;

	for (enum datapath_map i = 0; i < N_MAPS; i++)
		if (!find_map(object, i))
			return -ENOENT;
	r = bpf_map__set_max_entries(find_map(object, MAP_FDB), fdb_entries);
	if (r < 0)
		return r;
	/* next hops are switched by one store into the mapped record */
	return bpf_map__set_map_flags(peers, bpf_map__map_flags(peers) | BPF_F_MMAPABLE);
}

static int reuse_maps(struct bpf_object *object, const struct generation *present)
{
	int r;

	for (enum datapath_map i = 0; i < N_MAPS; i++) {
		struct bpf_map *map = find_map(object, i);

		if (!fits(present->maps[i], map))
			continue;
		r = bpf_map__reuse_fd(map, present->maps[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int keep_fd(int fd, int *ret)
{
	*ret = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *ret < 0 ? -errno : 0;
}

/* The object closes its own descriptors. */
static int keep_descriptors(const struct bpf_object *object, struct generation *ret)
{
	int r;

	for (enum datapath_map i = 0; i < N_MAPS; i++) {
		r = keep_fd(bpf_map__fd(find_map(object, i)), &ret->maps[i]);
		if (r < 0)
			return r;
	}
	for (enum datapath_program i = 0; i < N_PROGRAMS; i++) {
		const struct bpf_program *program =
			bpf_object__find_program_by_name(object, datapath_program_name(i));

		if (!program)
			return -ENOENT;
		r = keep_fd(bpf_program__fd(program), &ret->programs[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load(const struct datapath *dp, const struct generation *present, bool reuse_records,
		uint32_t fdb_entries, struct generation *ret)
{
	_cleanup_(close_object) struct bpf_object *object =
		bpf_object__open_mem(dp->object, dp->object_size, NULL);
	int r;

	if (!object)
		return -errno;
	r = set_definitions(object, fdb_entries);
	if (r < 0)
		return r;
	if (reuse_records) {
		r = reuse_maps(object, present);
		if (r < 0)
			return r;
	}
	r = bpf_object__load(object);
	if (r < 0)
		return r;
	return keep_descriptors(object, ret);
}

int generation_load(const struct datapath *dp, const struct generation *present, bool reuse_records,
		    uint32_t fdb_entries, struct generation *ret, struct problem *problem)
{
	_cleanup_(generation_clear) struct generation loaded;
	int r;

	generation_init(&loaded);
	libbpf_set_print(keep_complaint);
	complaint[0] = '\0';
	r = load(dp, present, reuse_records, fdb_entries, &loaded);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "the kernel refused the datapath (%s)%s%s", strerror(-r),
				   complaint[0] ? ": " : "", complaint);
	r = generation_copy(present, &loaded, reuse_records);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, NULL,
				   "cannot copy the maps that are in use: %s", strerror(-r));
	*ret = loaded;
	generation_init(&loaded);
	return 0;
}
