/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts segments together.  What stands in a frame's first piece stays where it
 * was read; the others are copied behind it.
 */
#include "stt/reassembly_table.h"

#include "stt/congestion.h"

#include <stdbool.h>
#include <string.h>

/* Room before a frame in a fresh buffer, as a packet's headers would leave. */
#define FRAME_AT STT_HEADROOM

static bool is_worse(uint8_t ecn, uint8_t than)
{
	return ecn == STT_ECN_CE && than != STT_ECN_CE;
}

/* The first run that ends at or behind `from`. */
static uint32_t find_run(const struct stt_entry *entry, uint32_t from)
{
	uint32_t i = 0;

	while (i < entry->n_runs && entry->runs[i].to < from)
		i++;
	return i;
}

static void remove_run(struct stt_entry *entry, uint32_t i)
{
	entry->n_runs--;
	memmove(&entry->runs[i], &entry->runs[i + 1], (entry->n_runs - i) * sizeof(entry->runs[0]));
}

/* Notes from..to; a drop reason when any of it is there already, or it cannot be noted. */
static enum drop_reason add_run(struct stt_entry *entry, uint32_t from, uint32_t to)
{
	uint32_t i = find_run(entry, from);
	struct stt_run *run = &entry->runs[i];
	bool touches = i < entry->n_runs && run->to == from;
	struct stt_run *next = touches ? run + 1 : run;

	if (next < entry->runs + entry->n_runs && next->from < to)
		return DROP_STT_OVERLAP;
	if (touches) {
		run->to = to;
		if (next < entry->runs + entry->n_runs && next->from == to) {
			run->to = next->to;
			remove_run(entry, i + 1);
		}
		return DROP_NONE;
	}
	if (i < entry->n_runs && run->from == to) {
		run->from = from;
		return DROP_NONE;
	}
	if (entry->n_runs == STT_RUNS_MAX)
		return DROP_STT_TOO_MANY_PIECES;
	memmove(run + 1, run, (entry->n_runs - i) * sizeof(*run));
	*run = (struct stt_run){.from = from, .to = to};
	entry->n_runs++;
	return DROP_NONE;
}

static bool fits_where_it_is(const struct stt_segment *segment, const uint8_t *buffer)
{
	return segment->payload.at + segment->length <= buffer + STT_BUFFER_BYTES;
}

static void exchange(struct stt_entry *entry, uint8_t **buffer)
{
	uint8_t *own = entry->buffer;

	entry->buffer = *buffer;
	*buffer = own;
}

static void place(struct stt_entry *entry, const struct stt_segment *segment, uint8_t **buffer)
{
	if (entry->received == 0) {
		if (segment->offset == 0 && fits_where_it_is(segment, *buffer)) {
			exchange(entry, buffer);
			entry->frame = segment->payload.at;
			return;
		}
		entry->frame = entry->buffer + FRAME_AT;
	}
	memcpy(entry->frame + segment->offset, segment->payload.at, segment->payload.n);
}

enum drop_reason stt_reassembly_add(struct stt_reassembly *table, const struct stt_segment *segment,
				    uint64_t now_ns, uint8_t **buffer, struct stt_span *ret_frame,
				    uint8_t *ret_ecn)
{
	struct stt_entry *entry;
	enum drop_reason reason;

	*ret_frame = (struct stt_span){0};
	*ret_ecn = segment->ecn;
	if (segment->payload.n == segment->length) {
		*ret_frame = segment->payload;
		return DROP_NONE;
	}
	entry = entry_find(table, segment);
	if (entry && entry->length != segment->length)
		return DROP_STT_LENGTH_MISMATCH;
	if (!entry)
		entry = entry_make(table, segment, now_ns);
	reason = add_run(entry, segment->offset, segment->offset + (uint32_t)segment->payload.n);
	if (reason)
		return reason;
	place(entry, segment, buffer);
	entry->received += (uint32_t)segment->payload.n;
	if (is_worse(segment->ecn, entry->ecn))
		entry->ecn = segment->ecn;
	if (entry->received < entry->length)
		return DROP_NONE;
	*ret_frame = (struct stt_span){.at = entry->frame, .n = entry->length};
	*ret_ecn = entry->ecn;
	exchange(entry, buffer);
	entry_free(table, entry);
	return DROP_NONE;
}

void stt_reassembly_expire(struct stt_reassembly *table, uint64_t now_ns)
{
	struct stt_entry *entry;

	while ((entry = TAILQ_FIRST(&table->ages)) &&
	       now_ns - entry->first_ns >= table->limits.timeout_ns)
		entry_lose(table, entry, DROP_REASSEMBLY_TIMEOUT);
}

uint32_t stt_reassembly_count(const struct stt_reassembly *table)
{
	return table->n;
}
