/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the reassembly share: entries, whose they are, and the
 * pool that they come from.  Not for anybody else.
 */
#ifndef OVERLAID_STT_REASSEMBLY_TABLE_H
#define OVERLAID_STT_REASSEMBLY_TABLE_H

#include "stt/reassembly.h"

#include <sys/queue.h>

/* Pieces with holes between them: every second segment of the smallest path's MTU. */
#define STT_RUNS_MAX 64

struct stt_run {
	uint32_t from, to;
};

struct stt_entry {
	struct table_address source, destination;
	uint32_t frame_id;
	uint32_t length;
	uint32_t received;
	uint8_t ecn;
	uint64_t first_ns;
	uint8_t *buffer; /* owned */
	uint8_t *frame;	 /* where the STT frame begins in it */
	uint32_t n_runs;
	struct stt_run runs[STT_RUNS_MAX]; /* what is there, ascending, none touches the next */
	struct stt_source *of;
	TAILQ_ENTRY(stt_entry) by_age, by_age_of_source;
	LIST_ENTRY(stt_entry) chain; /* of a bucket, or of the free ones */
};

TAILQ_HEAD(stt_ages, stt_entry);
LIST_HEAD(stt_bucket, stt_entry);

/* Exists while it has entries, so there are never more than entries. */
struct stt_source {
	struct table_address address;
	uint32_t n;
	struct stt_ages ages;
	LIST_ENTRY(stt_source) chain;
};

LIST_HEAD(stt_source_bucket, stt_source);

struct stt_reassembly {
	struct stt_limits limits;
	stt_lost lost;
	void *arg;
	uint32_t n; /* of entries in use */
	uint32_t mask;

	struct stt_entry *entries;
	struct stt_source *sources;
	uint8_t *memory;
	uint8_t **buffers; /* free ones */
	uint32_t n_buffers;
	struct stt_bucket *buckets, free_entries;
	struct stt_source_bucket *source_buckets, free_sources;
	struct stt_ages ages; /* the oldest first */
};

struct stt_entry *entry_find(struct stt_reassembly *table, const struct stt_segment *segment);
/* Never NULL: others go where there is no room. */
struct stt_entry *entry_make(struct stt_reassembly *table, const struct stt_segment *segment,
			     uint64_t now_ns);
/* Its buffer goes back to the pool. */
void entry_free(struct stt_reassembly *table, struct stt_entry *entry);
/* The same with a word to the caller. */
void entry_lose(struct stt_reassembly *table, struct stt_entry *entry, enum drop_reason reason);

#endif
