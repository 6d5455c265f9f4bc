/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BPF_MAP_LOOKUP_BATCH, BPF_MAP_UPDATE_BATCH and BPF_MAP_DELETE_BATCH (5.6,
 * per-CPU arrays 5.13).  Called by every walk through a map in kernel/.
 */
#include "kernel/batch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static void move_entries(struct batch *batch, uint32_t to, uint32_t from, uint32_t n)
{
	memmove(batch->keys + to * batch->key_size, batch->keys + from * batch->key_size,
		n * batch->key_size);
	memmove(batch->values + to * batch->value_size, batch->values + from * batch->value_size,
		n * batch->value_size);
}

void batch_keep(struct batch *batch, batch_test test, const void *arg)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < batch->n; i++)
		if (test(arg, batch_key(batch, i), batch_value(batch, i)))
			move_entries(batch, n++, i, 1);
	batch->n = n;
}

/*
 * Deletes from the entry `from` on up to one that is not there any more; how
 * many, or -errno.  An error before the first leaves the kernel's count as it
 * was.
 */
static int delete_run(struct batch *batch, uint32_t from)
{
	uint32_t n_wanted = batch->n - from, n = n_wanted;

	if (!bpf_map_delete_batch(batch->map, batch->keys + from * batch->key_size, &n, NULL) ||
	    errno == ENOENT)
		return (int)n;
	batch->n = from + (n < n_wanted ? n : 0);
	return -errno;
}

int batch_delete(struct batch *batch)
{
	uint32_t done = 0;
	int r;

	while (done < batch->n) {
		r = delete_run(batch, done);
		if (r < 0)
			return r;
		done += (uint32_t)r;
		if (done < batch->n) { /* stopped at one that is not there */
			move_entries(batch, done, done + 1, batch->n - done - 1);
			batch->n--;
		}
	}
	return 0;
}
