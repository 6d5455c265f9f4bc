/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do segments become frames again?  In any order, many frames at a time.
 * A frame is known by source, destination and frame ID.
 *
 *   A segment that overlaps what is there is dropped whole: nothing that was
 *   accepted is ever overwritten.
 *   All segments of a frame carry its length, or do not belong to it.
 *   A frame that is not whole in time goes.
 *   Who begins more frames than it may loses its own oldest; when the table is
 *   full, whoever has most loses its oldest.  So a sender of first halves
 *   drives out nobody's frames but its own.
 *
 * All memory is taken at birth.  Not for two threads at once: the caller locks.
 */
#ifndef OVERLAID_STT_REASSEMBLY_H
#define OVERLAID_STT_REASSEMBLY_H

#include "stt/parse.h"

struct stt_reassembly;

struct stt_limits {
	uint32_t frames; /* that are not whole, STT_BUFFER_BYTES each */
	uint32_t frames_per_peer;
	uint64_t timeout_ns;
	uint32_t buffers; /* for the caller's own use besides */
	uint64_t seed;	  /* unknown to senders */
};

/* A frame is given up; bytes of it had arrived. */
typedef void (*stt_lost)(void *arg, enum drop_reason reason, const struct table_address *source,
			 uint32_t bytes);

/* 0 or -ENOMEM. */
int stt_reassembly_new(const struct stt_limits *limits, stt_lost lost, void *arg,
		       struct stt_reassembly **ret);
/* Takes NULL.  Every buffer of it is gone then. */
void stt_reassembly_free(struct stt_reassembly *table);

/* STT_BUFFER_BYTES; NULL: more than limits.buffers were asked for. */
uint8_t *stt_buffer_take(struct stt_reassembly *table);

/*
 * segment->payload stands in *buffer, which may be exchanged for another one:
 * large pieces are kept where they are.  DROP_NONE: ret_frame->n is 0 while
 * the frame is not whole; then it stands in *buffer, with at least 8 bytes
 * before the inner frame, and *ret_ecn is the worst of all its segments.
 */
enum drop_reason stt_reassembly_add(struct stt_reassembly *table, const struct stt_segment *segment,
				    uint64_t now_ns, uint8_t **buffer, struct stt_span *ret_frame,
				    uint8_t *ret_ecn);

/* Gives up what is too old. */
void stt_reassembly_expire(struct stt_reassembly *table, uint64_t now_ns);
/* How many frames are waiting. */
uint32_t stt_reassembly_count(const struct stt_reassembly *table);

#endif
