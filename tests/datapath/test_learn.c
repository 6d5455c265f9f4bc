/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step learn: is the sender remembered, moved, left alone and refused exactly
 * as the tables say, with the right event and the right counts?  A MAC that
 * may not be learned still sends.
 */
#include "test.h"

#include <time.h>

#define SECOND 1000000000ull

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* VM_B is known, so that the frame passes. */
static const struct outcome *from_port(struct harness *harness, uint32_t port, const char *source)
{
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_C, FDB_STATIC);
	return harness_run(harness, FROM_PORT, &harness->ports[port],
			   frame(eth(.src = source), arp()));
}

static const struct outcome *from_peer(struct harness *harness, const char *remote,
				       const char *source)
{
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_C, FDB_STATIC);
	return harness_run(harness, FROM_UNDERLAY, &harness->underlay,
			   frame(eth(.dst = UNDERLAY_MAC), ip4(.src = remote, .dst = LOCAL_4),
				 udp(.dport = 4789, .checksum = CHECKSUM_ZERO), vxlan(),
				 eth(.src = source), arp()));
}

static struct table_fdb assert_known(struct harness *harness, const char *mac,
				     enum table_path_kind kind, uint32_t path)
{
	struct table_fdb entry = {0};

	assert_true(tables_fdb(harness, BLUE_VNI, mac, &entry));
	assert_int_equal(entry.path_kind, kind);
	assert_int_equal(entry.path, path);
	return entry;
}

static void assert_event(const struct outcome *outcome, enum event_kind kind, const char *mac,
			 enum table_path_kind path_kind, uint32_t path)
{
	const struct frame *macs = frame(eth(.src = mac));

	assert_int_equal(outcome->n_events, 1);
	assert_int_equal(outcome->events[0].kind, kind);
	assert_int_equal(outcome->events[0].vni, BLUE_VNI);
	assert_memory_equal(outcome->events[0].mac, macs->bytes + 6, 6);
	assert_int_equal(outcome->events[0].path_kind, path_kind);
	assert_int_equal(outcome->events[0].path, path);
}

static void assert_learned(struct harness *harness, uint64_t port_a, uint64_t port_b,
			   uint64_t segment)
{
	assert_int_equal(tables_learned_by_port(harness, PORT_A), port_a);
	assert_int_equal(tables_learned_by_port(harness, PORT_B), port_b);
	assert_int_equal(tables_learned_by_segment(harness, BLUE), segment);
}

static void a_new_sender_behind_a_port_is_learned(void **state)
{
	struct harness *harness = *state;
	uint64_t before = now_ns();
	const struct outcome *outcome = from_port(harness, PORT_A, VM_A_MAC);
	struct table_fdb entry = assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A);

	assert_sent(outcome);
	assert_event(outcome, EVENT_LEARNED, VM_A_MAC, PATH_PORT, PORT_A);
	assert_int_equal(outcome->events[0].old_path_kind, PATH_NONE);
	assert_int_equal(entry.source, FDB_LEARNED);
	assert_int_equal(entry.moves, 0);
	assert_in_range(entry.seen_ns, before, now_ns());
	assert_learned(harness, 1, 0, 1);
}

static void a_new_sender_behind_a_peer_is_learned(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome = from_peer(harness, REMOTE_4B, VM_A_MAC);

	assert_sent(outcome);
	assert_event(outcome, EVENT_LEARNED, VM_A_MAC, PATH_PEER, PEER_4B);
	assert_known(harness, VM_A_MAC, PATH_PEER, PEER_4B);
	assert_learned(harness, 0, 0, 1);
}

static void a_known_sender_is_refreshed_once_a_second_without_an_event(void **state)
{
	struct harness *harness = *state;
	struct table_fdb entry = {.path_kind = PATH_PORT, .path = PORT_A};
	uint64_t fresh = now_ns() - SECOND / 2, before;

	entry.seen_ns = fresh;
	tables_put_fdb(harness, BLUE_VNI, VM_A_MAC, entry);
	assert_int_equal(from_port(harness, PORT_A, VM_A_MAC)->n_events, 0);
	entry = assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A);
	if (now_ns() - fresh < SECOND)
		assert_int_equal(entry.seen_ns, fresh);

	before = now_ns();
	entry.seen_ns = before - 2 * SECOND;
	entry.moves = 7;
	tables_put_fdb(harness, BLUE_VNI, VM_A_MAC, entry);
	assert_int_equal(from_port(harness, PORT_A, VM_A_MAC)->n_events, 0);
	entry = assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A);
	assert_in_range(entry.seen_ns, before, now_ns());
	assert_int_equal(entry.moves, 7);
}

static void assert_moved(const struct outcome *outcome, enum table_path_kind kind, uint32_t path,
			 enum table_path_kind old_kind, uint32_t old_path)
{
	assert_sent(outcome);
	assert_event(outcome, EVENT_MOVED, VM_A_MAC, kind, path);
	assert_int_equal(outcome->events[0].old_path_kind, old_kind);
	assert_int_equal(outcome->events[0].old_path, old_path);
}

static void a_sender_that_shows_up_elsewhere_moves_with_its_count(void **state)
{
	struct harness *harness = *state;

	from_port(harness, PORT_A, VM_A_MAC);
	assert_learned(harness, 1, 0, 1);
	assert_moved(from_port(harness, PORT_B, VM_A_MAC), PATH_PORT, PORT_B, PATH_PORT, PORT_A);
	assert_learned(harness, 0, 1, 1);
	assert_moved(from_peer(harness, REMOTE_4, VM_A_MAC), PATH_PEER, PEER_4, PATH_PORT, PORT_B);
	assert_learned(harness, 0, 0, 1);
	assert_moved(from_peer(harness, REMOTE_4B, VM_A_MAC), PATH_PEER, PEER_4B, PATH_PEER,
		     PEER_4);
	assert_learned(harness, 0, 0, 1);
	assert_moved(from_port(harness, PORT_A, VM_A_MAC), PATH_PORT, PORT_A, PATH_PEER, PEER_4B);
	assert_learned(harness, 1, 0, 1);
	assert_int_equal(assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A).moves, 4);
}

static void the_number_of_moves_stops_at_its_maximum(void **state)
{
	struct harness *harness = *state;

	tables_put_fdb(harness, BLUE_VNI, VM_A_MAC,
		       (struct table_fdb){.path_kind = PATH_PORT, .path = PORT_B, .moves = 65534});
	tables_set_learned_by_port(harness, PORT_B, 1);
	from_port(harness, PORT_A, VM_A_MAC);
	assert_int_equal(assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A).moves, 65535);
	from_port(harness, PORT_B, VM_A_MAC);
	assert_int_equal(assert_known(harness, VM_A_MAC, PATH_PORT, PORT_B).moves, 65535);
}

static void entries_that_were_not_learned_are_never_overridden(void **state)
{
	static const enum table_fdb_source sources[] = {FDB_STATIC, FDB_EVPN};
	struct harness *harness = *state;

	for (size_t i = 0; i < 2; i++) {
		struct table_fdb before, after;

		tables_set_fdb(harness, BLUE_VNI, VM_A_MAC, PATH_PORT, PORT_B, sources[i]);
		assert_true(tables_fdb(harness, BLUE_VNI, VM_A_MAC, &before));
		assert_int_equal(from_port(harness, PORT_A, VM_A_MAC)->n_events, 0);
		assert_int_equal(from_peer(harness, REMOTE_4, VM_A_MAC)->n_events, 0);
		assert_true(tables_fdb(harness, BLUE_VNI, VM_A_MAC, &after));
		assert_memory_equal(&before, &after, sizeof(before));
	}
	assert_learned(harness, 0, 0, 0);
}

static void a_segment_with_learning_off_learns_nothing_and_still_forwards(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_flag_segment(harness, BLUE, 0, SEGMENT_LEARN);
	outcome = from_port(harness, PORT_A, VM_A_MAC);
	assert_sent(outcome);
	assert_int_equal(outcome->n_events, 0);
	assert_sent(from_peer(harness, REMOTE_4, VM_A_MAC));
	assert_int_equal(tables_count_fdb(harness), 1);
	assert_learned(harness, 0, 0, 0);
}

/* n frames with new sources from `first` on. */
static void send_new(struct harness *harness, uint32_t port, unsigned int first, unsigned int n,
		     uint64_t *ret_refused, size_t *ret_events)
{
	*ret_refused = 0;
	*ret_events = 0;
	for (unsigned int i = first; i < first + n; i++) {
		const struct outcome *outcome;
		char mac[32];

		snprintf(mac, sizeof(mac), "02:dd:00:00:%02x:%02x", i >> 8, i & 255);
		outcome = from_port(harness, port, mac);
		assert_sent(outcome);
		*ret_refused += outcome->ports[port].learn_refused;
		assert_int_equal(outcome->ports[port].learn_refused,
				 outcome->segments[BLUE].learn_refused);
		*ret_events += outcome->n_events;
	}
}

static void a_port_at_its_limit_learns_no_more_but_still_sends(void **state)
{
	struct harness *harness = *state;
	struct table_port port = tables_port(harness, PORT_A);
	const struct outcome *outcome;
	uint64_t refused;
	size_t events;

	port.max_learned = 3;
	tables_set_port(harness, PORT_A, port);
	send_new(harness, PORT_A, 0, 3, &refused, &events);
	assert_int_equal(refused, 0);
	assert_int_equal(events, 3);
	outcome = from_port(harness, PORT_A, VM_A_MAC);
	assert_sent(outcome);
	assert_event(outcome, EVENT_REFUSED, VM_A_MAC, PATH_PORT, PORT_A);
	assert_int_equal(outcome->ports[PORT_A].learn_refused, 1);
	assert_int_equal(outcome->segments[BLUE].learn_refused, 1);
	assert_int_equal(tables_count_fdb(harness), 1 + 3);
	assert_learned(harness, 3, 0, 3);
	/* the limit is the port's alone */
	assert_event(from_port(harness, PORT_B, VM_A_MAC), EVENT_LEARNED, VM_A_MAC, PATH_PORT,
		     PORT_B);
	assert_learned(harness, 3, 1, 4);
}

/* A move into a full port would be a way around the limit. */
static void a_move_into_a_port_at_its_limit_is_refused(void **state)
{
	struct harness *harness = *state;
	struct table_port port = tables_port(harness, PORT_A);

	port.max_learned = 0;
	tables_set_port(harness, PORT_A, port);
	from_port(harness, PORT_B, VM_A_MAC);
	assert_event(from_port(harness, PORT_A, VM_A_MAC), EVENT_REFUSED, VM_A_MAC, PATH_PORT,
		     PORT_A);
	assert_known(harness, VM_A_MAC, PATH_PORT, PORT_B);
	assert_learned(harness, 0, 1, 1);
}

static void a_segment_at_its_limit_learns_from_no_port_and_no_peer(void **state)
{
	struct harness *harness = *state;
	struct table_segment segment = tables_segment(harness, BLUE);
	const struct outcome *outcome;
	uint64_t refused;
	size_t events;

	segment.max_learned = 5;
	tables_set_segment(harness, BLUE, segment);
	send_new(harness, PORT_A, 0, 5, &refused, &events);
	assert_int_equal(refused, 0);
	outcome = from_port(harness, PORT_A, VM_A_MAC);
	assert_event(outcome, EVENT_REFUSED, VM_A_MAC, PATH_PORT, PORT_A);
	assert_int_equal(outcome->segments[BLUE].learn_refused, 1);
	outcome = from_peer(harness, REMOTE_4, VM_A_MAC);
	assert_sent(outcome);
	assert_event(outcome, EVENT_REFUSED, VM_A_MAC, PATH_PEER, PEER_4);
	assert_int_equal(outcome->peers[PEER_4].learn_refused, 1);
	assert_int_equal(outcome->segments[BLUE].learn_refused, 1);
	assert_learned(harness, 5, 0, 5);
	assert_int_equal(tables_count_fdb(harness), 1 + 5);
}

static void every_refusal_is_counted_even_where_events_are_thinned_out(void **state)
{
	struct harness *harness = *state;
	struct table_port port = tables_port(harness, PORT_A);
	uint64_t refused;
	size_t events;

	port.max_learned = 0;
	tables_set_port(harness, PORT_A, port);
	send_new(harness, PORT_A, 0, 50, &refused, &events);
	assert_int_equal(refused, 50);
	assert_in_range(events, 1, 50);
	assert_learned(harness, 0, 0, 0);
}

static void a_full_table_refuses_new_entries_and_forwards(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;
	char mac[32];

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_C, FDB_STATIC);
	for (unsigned int i = 1; i < HARNESS_FDB_ENTRIES; i++) {
		snprintf(mac, sizeof(mac), "06:00:00:00:%02x:%02x", i >> 8, i & 255);
		tables_set_fdb(harness, GREEN_VNI, mac, PATH_PORT, PORT_GREEN, FDB_STATIC);
	}
	outcome = from_port(harness, PORT_A, VM_A_MAC);
	assert_sent(outcome);
	assert_event(outcome, EVENT_REFUSED, VM_A_MAC, PATH_PORT, PORT_A);
	assert_int_equal(outcome->ports[PORT_A].learn_refused, 1);
	assert_learned(harness, 0, 0, 0);
	assert_int_equal(tables_count_fdb(harness), HARNESS_FDB_ENTRIES);
}

/* Both sides add to the counts at once; one that is behind for a moment must not refuse. */
static void a_count_that_is_below_zero_for_a_moment_refuses_nothing(void **state)
{
	struct harness *harness = *state;

	tables_set_learned_by_port(harness, PORT_A, UINT64_MAX);
	tables_set_learned_by_segment(harness, BLUE, UINT64_MAX - 1);
	assert_event(from_port(harness, PORT_A, VM_A_MAC), EVENT_LEARNED, VM_A_MAC, PATH_PORT,
		     PORT_A);
	assert_learned(harness, 0, 0, UINT64_MAX);
}

static void the_same_mac_in_two_segments_is_two_entries(void **state)
{
	struct harness *harness = *state;
	struct table_fdb entry;

	from_port(harness, PORT_A, VM_A_MAC);
	harness_run(harness, FROM_PORT, &harness->ports[PORT_GREEN], frame(eth(), arp()));
	assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A);
	assert_true(tables_fdb(harness, GREEN_VNI, VM_A_MAC, &entry));
	assert_int_equal(entry.path, PORT_GREEN);
	assert_int_equal(tables_learned_by_segment(harness, BLUE), 1);
	assert_int_equal(tables_learned_by_segment(harness, GREEN), 1);
}

static void a_frame_that_has_nowhere_to_go_is_learned_from_all_the_same(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	outcome = harness_run(harness, FROM_PORT, &harness->ports[PORT_A], frame(eth(), arp()));
	assert_dropped(outcome, DROP_SAME_PORT);
	assert_known(harness, VM_A_MAC, PATH_PORT, PORT_A);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_new_sender_behind_a_port_is_learned),
		harness_test(a_new_sender_behind_a_peer_is_learned),
		harness_test(a_known_sender_is_refreshed_once_a_second_without_an_event),
		harness_test(a_sender_that_shows_up_elsewhere_moves_with_its_count),
		harness_test(the_number_of_moves_stops_at_its_maximum),
		harness_test(entries_that_were_not_learned_are_never_overridden),
		harness_test(a_segment_with_learning_off_learns_nothing_and_still_forwards),
		harness_test(a_port_at_its_limit_learns_no_more_but_still_sends),
		harness_test(a_move_into_a_port_at_its_limit_is_refused),
		harness_test(a_segment_at_its_limit_learns_from_no_port_and_no_peer),
		harness_test(every_refusal_is_counted_even_where_events_are_thinned_out),
		harness_test(a_full_table_refuses_new_entries_and_forwards),
		harness_test(a_count_that_is_below_zero_for_a_moment_refuses_nothing),
		harness_test(the_same_mac_in_two_segments_is_two_entries),
		harness_test(a_frame_that_has_nowhere_to_go_is_learned_from_all_the_same),
	};

	return harness_main(tests);
}
