/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in the kernel, in numbers, for `datapath show` and `status`.
 */
#include "kernel/datapath_state.h"

#include "base/cleanup.h"
#include "model/switch.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

uint32_t datapath_features(const struct datapath *dp)
{
	return dp->build.features;
}

const struct slots *datapath_slots(const struct datapath *dp)
{
	return dp->slots;
}

const char *datapath_hook(const struct datapath *dp)
{
	return dp->has_tcx ? "tcx" : "clsact";
}

uint64_t datapath_fdb_left_behind(const struct datapath *dp)
{
	return dp->fdb_left_behind;
}

/* The kernel's own estimate; struct bpf_map_info does not have it. */
static uint64_t memory_of(int map)
{
	_cleanup_fclose_ FILE *file = NULL;
	uint64_t bytes = 0;
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %" SCNu64, &bytes) == 1)
			break;
	return bytes;
}

static int describe_map(struct datapath_view *view, const char *name, int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	__typeof__(view->maps[0]) *row = &view->maps[view->n_maps];

	if (view->n_maps == sizeof(view->maps) / sizeof(view->maps[0]))
		return -ENOBUFS;
	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return -errno;
	snprintf(row->name, sizeof(row->name), "%s", name);
	row->id = info.id;
	row->key_bytes = info.key_size;
	row->value_bytes = info.value_size;
	row->max_entries = info.max_entries;
	row->memory_bytes = memory_of(map);
	view->n_maps++;
	return 0;
}

static int describe_program(struct datapath_view *view, const char *name, int program)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	__typeof__(view->programs[0]) *row = &view->programs[view->n_programs];

	if (bpf_obj_get_info_by_fd(program, &info, &length))
		return -errno;
	snprintf(row->name, sizeof(row->name), "%s", name);
	for (int i = 0; i < BPF_TAG_SIZE; i++)
		snprintf(row->tag + 2 * i, sizeof(row->tag) - 2 * i, "%02x", info.tag[i]);
	row->id = info.id;
	row->run_count = info.run_cnt;
	row->run_ns = info.run_time_ns;
	view->n_programs++;
	return 0;
}

int datapath_describe(const struct datapath *dp, struct datapath_view *ret)
{
	struct datapath_view view = {.layout = dp->build.layout};
	int r = 0;

	snprintf(view.pin_directory, sizeof(view.pin_directory), "%s", bpffs_directory(dp->bpffs));
	for (enum datapath_program i = 0; i < N_PROGRAMS && r == 0; i++)
		r = describe_program(&view, datapath_program_name(i), dp->now.programs[i]);
	for (enum datapath_map i = 0; i < N_MAPS && r == 0; i++)
		r = describe_map(&view, datapath_map_name(i), dp->now.maps[i]);
	if (r == 0)
		r = describe_map(&view, "slots", dp->slots_map);
	if (r == 0)
		*ret = view;
	return r;
}
