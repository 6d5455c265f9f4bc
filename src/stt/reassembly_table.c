/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries, senders and buffers: found by hash, ordered by age, taken from a
 * pool.  Decides who has to go when there is no room.
 */
#include "stt/reassembly_table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HASH_FACTOR 0x9e3779b97f4a7c15ull /* 2^64 by the golden ratio */

static uint64_t hash_address(uint64_t hash, const struct table_address *address)
{
	uint64_t words[2];

	memcpy(words, address, sizeof(words));
	for (int i = 0; i < 2; i++) {
		hash = (hash ^ words[i]) * HASH_FACTOR;
		hash ^= hash >> 31;
	}
	return hash;
}

static struct stt_source_bucket *source_bucket(const struct stt_reassembly *table,
					       const struct table_address *address)
{
	return &table->source_buckets[hash_address(table->limits.seed, address) & table->mask];
}

static struct stt_bucket *bucket_of(const struct stt_reassembly *table,
				    const struct stt_segment *segment)
{
	uint64_t hash = hash_address(table->limits.seed, &segment->source);

	hash = (hash_address(hash, &segment->destination) ^ segment->frame_id) * HASH_FACTOR;
	return &table->buckets[hash >> 32 & table->mask];
}

static bool is_same(const struct table_address *a, const struct table_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

struct stt_entry *entry_find(struct stt_reassembly *table, const struct stt_segment *segment)
{
	struct stt_entry *entry;

	LIST_FOREACH(entry, bucket_of(table, segment), chain)
	if (entry->frame_id == segment->frame_id && is_same(&entry->source, &segment->source) &&
	    is_same(&entry->destination, &segment->destination))
		return entry;
	return NULL;
}

static struct stt_source *source_find(const struct stt_reassembly *table,
				      const struct table_address *address)
{
	struct stt_source *source;

	LIST_FOREACH(source, source_bucket(table, address), chain)
	if (is_same(&source->address, address))
		return source;
	return NULL;
}

static struct stt_source *source_make(struct stt_reassembly *table,
				      const struct table_address *address)
{
	struct stt_source *source = LIST_FIRST(&table->free_sources);

	LIST_REMOVE(source, chain);
	source->address = *address;
	source->n = 0;
	TAILQ_INIT(&source->ages);
	LIST_INSERT_HEAD(source_bucket(table, address), source, chain);
	return source;
}

void entry_free(struct stt_reassembly *table, struct stt_entry *entry)
{
	struct stt_source *source = entry->of;

	TAILQ_REMOVE(&table->ages, entry, by_age);
	TAILQ_REMOVE(&source->ages, entry, by_age_of_source);
	LIST_REMOVE(entry, chain);
	LIST_INSERT_HEAD(&table->free_entries, entry, chain);
	table->buffers[table->n_buffers++] = entry->buffer;
	entry->buffer = NULL;
	table->n--;
	if (--source->n)
		return;
	LIST_REMOVE(source, chain);
	LIST_INSERT_HEAD(&table->free_sources, source, chain);
}

void entry_lose(struct stt_reassembly *table, struct stt_entry *entry, enum drop_reason reason)
{
	struct table_address source = entry->source;
	uint32_t received = entry->received;

	entry_free(table, entry);
	table->lost(table->arg, reason, &source, received);
}

/* Only when every entry is in use: a walk that a flood pays for with its own frames. */
static struct stt_entry *oldest_of_heaviest(const struct stt_reassembly *table)
{
	const struct stt_source *heaviest = TAILQ_FIRST(&table->ages)->of;
	const struct stt_entry *entry;

	TAILQ_FOREACH(entry, &table->ages, by_age)
	if (entry->of->n > heaviest->n)
		heaviest = entry->of;
	return TAILQ_FIRST(&heaviest->ages);
}

static void make_room(struct stt_reassembly *table, const struct table_address *address)
{
	const struct stt_source *source = source_find(table, address);

	if (source && source->n >= table->limits.frames_per_peer)
		entry_lose(table, TAILQ_FIRST(&source->ages), DROP_STT_TOO_MANY_FRAMES);
	else if (LIST_EMPTY(&table->free_entries))
		entry_lose(table, oldest_of_heaviest(table), DROP_STT_TOO_MANY_FRAMES);
}

struct stt_entry *entry_make(struct stt_reassembly *table, const struct stt_segment *segment,
			     uint64_t now_ns)
{
	struct stt_source *source;
	struct stt_entry *entry;

	make_room(table, &segment->source);
	source = source_find(table, &segment->source);
	if (!source)
		source = source_make(table, &segment->source);
	entry = LIST_FIRST(&table->free_entries);
	LIST_REMOVE(entry, chain);
	entry->source = segment->source;
	entry->destination = segment->destination;
	entry->frame_id = segment->frame_id;
	entry->length = segment->length;
	entry->received = 0;
	entry->ecn = segment->ecn;
	entry->first_ns = now_ns;
	entry->n_runs = 0;
	entry->of = source;
	entry->buffer = entry->frame = table->buffers[--table->n_buffers];
	source->n++;
	table->n++;
	TAILQ_INSERT_TAIL(&table->ages, entry, by_age);
	TAILQ_INSERT_TAIL(&source->ages, entry, by_age_of_source);
	LIST_INSERT_HEAD(bucket_of(table, segment), entry, chain);
	return entry;
}

static bool allocate(struct stt_reassembly *table)
{
	uint32_t frames = table->limits.frames, n_buckets = 1;

	while (n_buckets < 2 * frames)
		n_buckets *= 2;
	table->mask = n_buckets - 1;
	table->n_buffers = frames + table->limits.buffers;
	table->entries = calloc(frames, sizeof(*table->entries));
	table->sources = calloc(frames, sizeof(*table->sources));
	table->buckets = calloc(n_buckets, sizeof(*table->buckets));
	table->source_buckets = calloc(n_buckets, sizeof(*table->source_buckets));
	table->buffers = calloc(table->n_buffers, sizeof(*table->buffers));
	/* pages that no segment ever touches cost nothing */
	table->memory = calloc(table->n_buffers, STT_BUFFER_BYTES);
	return table->entries && table->sources && table->buckets && table->source_buckets &&
	       table->buffers && table->memory;
}

int stt_reassembly_new(const struct stt_limits *limits, stt_lost lost, void *arg,
		       struct stt_reassembly **ret)
{
	struct stt_reassembly *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->limits = *limits;
	table->lost = lost;
	table->arg = arg;
	TAILQ_INIT(&table->ages);
	if (!allocate(table)) {
		stt_reassembly_free(table);
		return -ENOMEM;
	}
	for (uint32_t i = limits->frames; i-- > 0;) {
		LIST_INSERT_HEAD(&table->free_entries, &table->entries[i], chain);
		LIST_INSERT_HEAD(&table->free_sources, &table->sources[i], chain);
	}
	/* the last is taken first: those touched once are used again */
	for (uint32_t i = 0; i < table->n_buffers; i++)
		table->buffers[i] =
			table->memory + (size_t)(table->n_buffers - 1 - i) * STT_BUFFER_BYTES;
	*ret = table;
	return 0;
}

void stt_reassembly_free(struct stt_reassembly *table)
{
	if (!table)
		return;
	free(table->entries);
	free(table->sources);
	free(table->buckets);
	free(table->source_buckets);
	free(table->buffers);
	free(table->memory);
	free(table);
}

uint8_t *stt_buffer_take(struct stt_reassembly *table)
{
	uint32_t for_entries = table->limits.frames - table->n;

	return table->n_buffers > for_entries ? table->buffers[--table->n_buffers] : NULL;
}
