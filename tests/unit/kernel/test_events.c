/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program learns from a frame reaches the daemon as an event and as an entry. */
#include "fixture.h"

#include "kernel/events.h"

#include <poll.h>

struct seen {
	struct event last;
	int n;
};

static void see(void *arg, const struct event *event)
{
	struct seen *seen = arg;

	seen->last = *event;
	seen->n++;
}

static bool is_readable(const struct events *events)
{
	struct pollfd fd = {.fd = events_fd(events), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

/* A broadcast from 52:54:00:00:00:0N enters at the loopback device, as in every test run. */
static void send_from(struct fixture *fixture, uint32_t n)
{
	struct table_fdb_key key = fdb_key(BLUE, n);
	uint8_t frame[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, [12] = 0x88, 0xb5};
	LIBBPF_OPTS(bpf_test_run_opts, test, .data_in = frame, .data_size_in = sizeof(frame));

	memcpy(frame + 6, key.mac, sizeof(key.mac));
	assert_int_equal(bpf_prog_test_run_opts(fixture->dp->now.programs[PROGRAM_PORT], &test), 0);
}

static void a_learned_address_is_reported_and_counted(void **state)
{
	struct fixture *fixture = *state;
	struct events *events = NULL;
	struct seen seen = {};
	uint32_t blue, port;

	run("ip link set lo up");
	blue = put_segment(fixture, BLUE);
	port = put_port(fixture, "lo", 1, blue);
	assert_int_equal(events_open(fixture->dp, see, &seen, &events), 0);
	assert_false(is_readable(events));
	send_from(fixture, 1);
	assert_true(is_readable(events));
	assert_int_equal(events_consume(events), 1);
	assert_false(is_readable(events));
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.kind, EVENT_LEARNED);
	assert_int_equal(seen.last.vni, BLUE);
	assert_int_equal(seen.last.path_kind, PATH_PORT);
	assert_int_equal(seen.last.path, port);
	assert_memory_equal(seen.last.mac, fdb_key(BLUE, 1).mac, 6);
	assert_true(is_known(fixture, BLUE, 1));
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 1);
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, blue), 1);

	send_from(fixture, 1);
	assert_int_equal(events_consume(events), 0);
	assert_int_equal(seen.n, 1);
	events_close(events);
}

/* The two clocks are the same one: what was just learned is not old. */
static void the_datapaths_clock_is_the_daemons(void **state)
{
	struct fixture *fixture = *state;
	struct table_fdb_key key = fdb_key(BLUE, 1);
	struct table_fdb entry;
	uint64_t before, after;

	put_port(fixture, "lo", 1, put_segment(fixture, BLUE));
	before = fdb_now_ns();
	send_from(fixture, 1);
	after = fdb_now_ns();
	assert_int_equal(fdb_get(fixture->dp, &key, &entry), 0);
	assert_in_range(entry.seen_ns, before, after);
}

static void one_turn_takes_a_limited_number_of_events(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	struct events *events = NULL;
	struct seen seen = {};

	options.fdb_entries = 2 * EVENTS_PER_CALL;
	fixture_open_with(fixture, &options);
	fixture_take_over(fixture);
	put_port(fixture, "lo", 1, put_segment(fixture, BLUE));
	assert_int_equal(events_open(fixture->dp, see, &seen, &events), 0);
	for (uint32_t n = 1; n <= EVENTS_PER_CALL + 10; n++)
		send_from(fixture, n);
	assert_int_equal(events_consume(events), EVENTS_PER_CALL);
	assert_true(is_readable(events));
	assert_int_equal(events_consume(events), 10);
	assert_int_equal(seen.n, EVENTS_PER_CALL + 10);
	assert_false(is_readable(events));
	events_close(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(a_learned_address_is_reported_and_counted),
		fixture_test(the_datapaths_clock_is_the_daemons),
		fixture_test_closed(one_turn_takes_a_limited_number_of_events),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/events", tests, NULL, NULL);
}
