/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BPF_MAP_LOOKUP_BATCH and BPF_MAP_UPDATE_BATCH (5.6, per-CPU arrays 5.13).
 * Called by every walk through a map in kernel/.
 */
#include "kernel/batch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <stdlib.h>

static bool is_per_cpu(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH;
}

size_t batch_cpus_size(size_t value_size)
{
	return (value_size + 7) / 8 * 8 * (size_t)libbpf_num_possible_cpus();
}

int batch_open(struct batch *ret, int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	*ret = (struct batch){.map = map};
	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return -errno;
	ret->key_size = info.key_size;
	ret->value_size =
		is_per_cpu(info.type) ? batch_cpus_size(info.value_size) : info.value_size;
	ret->keys = malloc(BATCH_ENTRIES * ret->key_size);
	ret->values = malloc(BATCH_ENTRIES * ret->value_size);
	if (ret->keys && ret->values)
		return 0;
	batch_close(ret);
	return -ENOMEM;
}

int batch_next(struct batch *batch)
{
	uint32_t n = BATCH_ENTRIES;

	batch->n = 0;
	if (batch->ended)
		return 0;
	if (bpf_map_lookup_batch(batch->map, batch->started ? &batch->position : NULL,
				 &batch->position, batch->keys, batch->values, &n, NULL)) {
		if (errno != ENOENT)
			return -errno;
		batch->ended = true;
	}
	batch->started = true;
	batch->n = n;
	return n > 0;
}

void batch_close(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
	batch->keys = batch->values = NULL;
}

int batch_write(const struct batch *batch, int to)
{
	uint32_t n = batch->n;

	if (!n || !bpf_map_update_batch(to, batch->keys, batch->values, &n, NULL) || errno == E2BIG)
		return 0;
	return -errno;
}

int batch_copy(int from, int to)
{
	_cleanup_batch_ struct batch batch = {};
	int r = batch_open(&batch, from);

	if (r < 0)
		return r;
	while ((r = batch_next(&batch)) > 0) {
		r = batch_write(&batch, to);
		if (r < 0)
			return r;
	}
	return r;
}
