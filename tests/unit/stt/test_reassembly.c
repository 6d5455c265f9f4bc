/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are frames put together from segments in any order, and does nobody's
 * misbehaviour cost anybody else a frame?
 */
#include "segments.h"

#define PENDING 0
#define WHOLE	(-1)

struct step {
	uint32_t offset, n;
	int end;	 /* PENDING, WHOLE, or a drop reason */
	uint32_t length; /* 0: the row's */
};

#define STEPS_MAX 8

struct order {
	const char *sentence;
	uint32_t length;
	struct step steps[STEPS_MAX];
};

static const struct order orders[] = {
	{"segments in order", 300, {{0, 100, 0}, {100, 100, 0}, {200, 100, WHOLE}}},
	{"segments in reverse order", 300, {{200, 100, 0}, {100, 100, 0}, {0, 100, WHOLE}}},
	{"the middle last", 300, {{0, 100, 0}, {200, 100, 0}, {100, 100, WHOLE}}},
	{"the first in the middle", 300, {{200, 100, 0}, {0, 100, 0}, {100, 100, WHOLE}}},
	{"pieces of one byte", 20, {{0, 1, 0}, {1, 1, 0}, {3, 17, 0}, {2, 1, WHOLE}}},
	{"two holes filled from behind",
	 500,
	 {{0, 100, 0}, {200, 100, 0}, {400, 100, 0}, {300, 100, 0}, {100, 100, WHOLE}}},
	{"a duplicate of the first",
	 300,
	 {{0, 100, 0}, {0, 100, DROP_STT_OVERLAP}, {100, 200, WHOLE}}},
	{"a duplicate of one in the middle",
	 300,
	 {{100, 100, 0}, {100, 100, DROP_STT_OVERLAP}, {0, 100, 0}, {200, 100, WHOLE}}},
	{"an overlap at the end of what is there",
	 300,
	 {{0, 100, 0}, {99, 100, DROP_STT_OVERLAP}, {100, 200, WHOLE}}},
	{"an overlap at the start of what is there",
	 300,
	 {{100, 100, 0}, {1, 100, DROP_STT_OVERLAP}, {0, 100, 0}, {200, 100, WHOLE}}},
	{"a segment inside of what is there",
	 300,
	 {{0, 200, 0}, {50, 10, DROP_STT_OVERLAP}, {200, 100, WHOLE}}},
	{"a segment around what is there",
	 300,
	 {{100, 50, 0}, {50, 200, DROP_STT_OVERLAP}, {0, 100, 0}, {150, 150, WHOLE}}},
	{"a segment from one piece into the next",
	 300,
	 {{0, 100, 0}, {150, 50, 0}, {100, 60, DROP_STT_OVERLAP}, {100, 50, 0}, {200, 100, WHOLE}}},
	{"another length does not join",
	 300,
	 {{0, 100, 0}, {100, 100, DROP_STT_LENGTH_MISMATCH, 200}, {100, 200, WHOLE}}},
	{"a late duplicate opens a new frame",
	 200,
	 {{0, 100, 0}, {100, 100, WHOLE}, {100, 100, 0}, {0, 100, WHOLE}}},
	{"a whole frame needs no table", 100, {{0, 100, WHOLE}}},
	{"the largest frame", 65535, {{0, 40000, 0}, {40000, 25535, WHOLE}}},
	{"the largest frame from behind", 65535, {{40000, 25535, 0}, {0, 40000, WHOLE}}},
};

struct bench {
	struct stt_reassembly *table;
	struct losses losses;
	uint8_t *buffer;
	struct stt_span frame;
	uint8_t ecn;
};

/* Byte i of a frame: different at every offset that tests use. */
static uint8_t byte_at(uint32_t i)
{
	return (uint8_t)(i * 7 + (i >> 8) * 13 + 1);
}

static void open_bench(struct bench *bench, uint32_t frames, uint32_t per_peer)
{
	*bench = (struct bench){0};
	bench->table = make_table(frames, per_peer, &bench->losses);
	bench->buffer = stt_buffer_take(bench->table);
	assert_non_null(bench->buffer);
}

static int send_piece(struct bench *bench, uint8_t source, uint32_t frame_id, uint32_t length,
		      uint32_t offset, uint32_t n, uint8_t ecn, uint64_t now_ns)
{
	struct stt_segment segment = {
		.source = address4(source),
		.destination = address4(1),
		.frame_id = frame_id,
		.length = (uint16_t)length,
		.offset = (uint16_t)offset,
		.ecn = ecn,
		.payload = {.at = bench->buffer + STT_HEADROOM + 54, .n = n},
	};
	enum drop_reason reason;

	for (uint32_t i = 0; i < n; i++)
		segment.payload.at[i] = byte_at(offset + i);
	reason = stt_reassembly_add(bench->table, &segment, now_ns, &bench->buffer, &bench->frame,
				    &bench->ecn);
	return reason ? (int)reason : bench->frame.n ? WHOLE : PENDING;
}

static void assert_contents(const struct stt_span *frame, uint32_t length)
{
	assert_int_equal(frame->n, length);
	for (uint32_t i = 0; i < length; i++)
		if (frame->at[i] != byte_at(i))
			fail_msg("byte %u is wrong", i);
}

static void an_order_ends_as_it_should(void **state)
{
	const struct order *row = *state;
	struct bench bench;

	open_bench(&bench, 4, 4);
	for (const struct step *step = row->steps; step < row->steps + STEPS_MAX && step->n;
	     step++) {
		uint32_t length = step->length ? step->length : row->length;

		assert_int_equal(send_piece(&bench, 2, 77, length, step->offset, step->n, 0, 0),
				 step->end);
		if (step->end == WHOLE)
			assert_contents(&bench.frame, row->length);
	}
	assert_int_equal(stt_reassembly_count(bench.table), 0);
	stt_reassembly_free(bench.table);
}

static void frames_are_told_apart_by_sender_and_id(void **state)
{
	struct bench bench;

	open_bench(&bench, 8, 8);
	assert_int_equal(send_piece(&bench, 2, 1, 200, 0, 100, 0, 0), PENDING);
	assert_int_equal(send_piece(&bench, 2, 2, 300, 0, 100, 0, 0), PENDING);
	assert_int_equal(send_piece(&bench, 3, 1, 400, 0, 100, 0, 0), PENDING);
	assert_int_equal(stt_reassembly_count(bench.table), 3);
	assert_int_equal(send_piece(&bench, 3, 1, 400, 100, 300, 0, 0), WHOLE);
	assert_contents(&bench.frame, 400);
	assert_int_equal(send_piece(&bench, 2, 1, 200, 100, 100, 0, 0), WHOLE);
	assert_contents(&bench.frame, 200);
	assert_int_equal(send_piece(&bench, 2, 2, 300, 100, 200, 0, 0), WHOLE);
	assert_contents(&bench.frame, 300);
	stt_reassembly_free(bench.table);
}

static void congestion_of_any_segment_is_the_frames(void **state)
{
	struct bench bench;

	open_bench(&bench, 4, 4);
	assert_int_equal(send_piece(&bench, 2, 1, 300, 0, 100, 2, 0), PENDING);
	assert_int_equal(send_piece(&bench, 2, 1, 300, 200, 100, 3, 0), PENDING);
	assert_int_equal(send_piece(&bench, 2, 1, 300, 100, 100, 2, 0), WHOLE);
	assert_int_equal(bench.ecn, 3);
	assert_int_equal(send_piece(&bench, 2, 2, 200, 0, 100, 2, 0), PENDING);
	assert_int_equal(send_piece(&bench, 2, 2, 200, 100, 100, 2, 0), WHOLE);
	assert_int_equal(bench.ecn, 2);
	stt_reassembly_free(bench.table);
}

static void what_is_not_whole_in_time_is_given_up(void **state)
{
	struct bench bench;

	open_bench(&bench, 4, 4);
	assert_int_equal(send_piece(&bench, 2, 1, 300, 0, 100, 0, 0), PENDING);
	assert_int_equal(send_piece(&bench, 2, 2, 300, 0, 100, 0, SECOND / 2), PENDING);
	stt_reassembly_expire(bench.table, SECOND - 1);
	assert_int_equal(stt_reassembly_count(bench.table), 2);
	stt_reassembly_expire(bench.table, SECOND);
	assert_int_equal(stt_reassembly_count(bench.table), 1);
	assert_int_equal(bench.losses.by_reason[DROP_REASSEMBLY_TIMEOUT], 1);
	/* its other segments open it anew */
	assert_int_equal(send_piece(&bench, 2, 1, 300, 100, 200, 0, SECOND), PENDING);
	assert_int_equal(send_piece(&bench, 2, 2, 300, 100, 200, 0, SECOND), WHOLE);
	stt_reassembly_free(bench.table);
}

static void endless_first_halves_cost_only_their_sender(void **state)
{
	enum { FRAMES = 16, PER_PEER = 8, HALVES = 1000 };
	struct bench bench;

	open_bench(&bench, FRAMES, PER_PEER);
	for (uint32_t id = 0; id < 4; id++)
		assert_int_equal(send_piece(&bench, 2, id, 300, 0, 100, 0, 0), PENDING);
	for (uint32_t id = 0; id < HALVES; id++)
		assert_int_equal(send_piece(&bench, 66, id, 300, 0, 100, 0, 1), PENDING);
	assert_int_equal(bench.losses.by_reason[DROP_STT_TOO_MANY_FRAMES], HALVES - PER_PEER);
	assert_int_equal(bench.losses.of_source[66], HALVES - PER_PEER);
	assert_int_equal(bench.losses.of_source[2], 0);
	assert_int_equal(stt_reassembly_count(bench.table), 4 + PER_PEER);
	for (uint32_t id = 0; id < 4; id++) {
		assert_int_equal(send_piece(&bench, 2, id, 300, 100, 200, 0, 2), WHOLE);
		assert_contents(&bench.frame, 300);
	}
	/* it kept its youngest */
	assert_int_equal(send_piece(&bench, 66, HALVES - 1, 300, 100, 200, 0, 2), WHOLE);
	stt_reassembly_free(bench.table);
}

static void many_such_senders_cannot_drive_out_a_modest_one(void **state)
{
	enum { FRAMES = 16, PER_PEER = 8 };
	struct bench bench;

	open_bench(&bench, FRAMES, PER_PEER);
	assert_int_equal(send_piece(&bench, 2, 1, 300, 0, 100, 0, 0), PENDING);
	for (uint32_t id = 0; id < 100; id++)
		for (uint8_t source = 60; source < 64; source++)
			assert_int_equal(send_piece(&bench, source, id, 300, 0, 100, 0, 1),
					 PENDING);
	assert_int_equal(stt_reassembly_count(bench.table), FRAMES);
	assert_int_equal(bench.losses.of_source[2], 0);
	assert_int_equal(send_piece(&bench, 2, 1, 300, 100, 200, 0, 2), WHOLE);
	/* and a new frame of it finds room */
	assert_int_equal(send_piece(&bench, 2, 2, 300, 0, 100, 0, 2), PENDING);
	assert_int_equal(send_piece(&bench, 2, 2, 300, 100, 200, 0, 2), WHOLE);
	stt_reassembly_free(bench.table);
}

static void a_frame_in_too_many_pieces_keeps_what_it_has(void **state)
{
	struct bench bench;
	uint32_t n = 0, i;

	open_bench(&bench, 4, 4);
	while (send_piece(&bench, 2, 1, 1000, 2 * n, 1, 0, 0) == PENDING && n < 500)
		n++;
	assert_true(n >= 45 && n < 500);
	assert_int_equal(send_piece(&bench, 2, 1, 1000, 2 * n, 1, 0, 0), DROP_STT_TOO_MANY_PIECES);
	for (i = 0; i < n; i++)
		assert_int_equal(send_piece(&bench, 2, 1, 1000, 2 * i + 1, 1, 0, 0), PENDING);
	assert_int_equal(send_piece(&bench, 2, 1, 1000, 2 * n, 1000 - 2 * n, 0, 0), WHOLE);
	assert_contents(&bench.frame, 1000);
	stt_reassembly_free(bench.table);
}

static void buffers_are_neither_lost_nor_doubled(void **state)
{
	enum { FRAMES = 8 };
	uint32_t seed = 1;
	struct bench bench;
	struct losses losses;

	open_bench(&bench, FRAMES, 3);
	for (int i = 0; i < 20000; i++) {
		uint32_t offset, n;

		seed = seed * 1664525 + 1013904223;
		offset = (seed >> 8) % 5 * 60;
		n = (1 + (seed >> 16) % 3) * 60;
		if (offset + n > 300)
			n = 300 - offset;
		if (!n)
			continue;
		if (send_piece(&bench, (uint8_t)(seed >> 24 & 3), seed >> 20 & 3, 300, offset, n, 0,
			       (uint64_t)i * SECOND / 50) == WHOLE)
			assert_contents(&bench.frame, 300);
		stt_reassembly_expire(bench.table, (uint64_t)i * SECOND / 50);
	}
	stt_reassembly_expire(bench.table, UINT64_MAX / 2);
	assert_int_equal(stt_reassembly_count(bench.table), 0);
	assert_null(stt_buffer_take(bench.table));
	/* every entry can still have one of its own */
	losses = bench.losses;
	for (uint32_t id = 0; id < FRAMES; id++)
		assert_int_equal(send_piece(&bench, (uint8_t)id, id, 300, 0, 100, 0, 0), PENDING);
	for (uint32_t id = 0; id < FRAMES; id++)
		assert_int_equal(send_piece(&bench, (uint8_t)id, id, 300, 100, 200, 0, 0), WHOLE);
	assert_memory_equal(&losses, &bench.losses, sizeof(losses));
	stt_reassembly_free(bench.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_told_apart_by_sender_and_id),
		cmocka_unit_test(congestion_of_any_segment_is_the_frames),
		cmocka_unit_test(what_is_not_whole_in_time_is_given_up),
		cmocka_unit_test(endless_first_halves_cost_only_their_sender),
		cmocka_unit_test(many_such_senders_cannot_drive_out_a_modest_one),
		cmocka_unit_test(a_frame_in_too_many_pieces_keeps_what_it_has),
		cmocka_unit_test(buffers_are_neither_lost_nor_doubled),
	};

	return run_cases(orders, an_order_ends_as_it_should) |
	       cmocka_run_group_tests(tests, NULL, NULL);
}
