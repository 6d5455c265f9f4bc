/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a large map read, and thinned out, without a system call per entry?
 * A cursor that fetches some thousand entries at a time.  Entries that come or go meanwhile
 * may or may not appear; none appears twice unless it was deleted and added.
 */
#ifndef OVERLAID_KERNEL_BATCH_H
#define OVERLAID_KERNEL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BATCH_ENTRIES 8192u

struct batch {
	int map;		     /* borrowed */
	size_t key_size, value_size; /* of a per-CPU map: the values of all possible CPUs */
	uint8_t *keys, *values;
	uint32_t n; /* entries that batch_next has fetched */
	uint32_t position;
	bool started, ended;
};

/* Asks the kernel for the map's sizes.  0 or -errno. */
int batch_open(struct batch *ret, int map);
/* 1: n entries are in keys and values; 0: there are no more; or -errno. */
int batch_next(struct batch *batch);
/* Takes a batch of zeroes. */
void batch_close(struct batch *batch);

#define _cleanup_batch_ __attribute__((cleanup(batch_close)))

static inline const void *batch_key(const struct batch *batch, uint32_t i)
{
	return batch->keys + i * batch->key_size;
}

static inline const void *batch_value(const struct batch *batch, uint32_t i)
{
	return batch->values + i * batch->value_size;
}

/* Writes what batch_next has fetched into another map; what does not fit is left out. */
int batch_write(const struct batch *batch, int to);

/* Copies every entry that fits; both maps have equal keys and values. */
int batch_copy(int from, int to);

/* Leaves only the entries in the batch that pass the test. */
typedef bool (*batch_test)(const void *arg, const void *key, const void *value);
void batch_keep(struct batch *batch, batch_test test, const void *arg);

/*
 * Deletes the batch's entries from the map.  0 or -errno, with those left in
 * the batch that this call has deleted: others have gone before.
 */
int batch_delete(struct batch *batch);

/* Bytes of one per-CPU value in system calls. */
size_t batch_cpus_size(size_t value_size);

#endif
