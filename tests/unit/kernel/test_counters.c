/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-CPU counters add up, and a reused slot begins at zero. */
#include "fixture.h"

#include "abi/drop.h"
#include "kernel/counters.h"

#include <bpf/libbpf.h>

static void count_frames(struct fixture *fixture, enum datapath_map map, uint32_t slot,
			 uint64_t per_cpu)
{
	int n_cpus = libbpf_num_possible_cpus();
	struct table_traffic *traffic = calloc((size_t)n_cpus, sizeof(*traffic));

	for (int i = 0; i < n_cpus; i++)
		traffic[i] = (struct table_traffic){.rx_frames = per_cpu, .shrunk = (uint64_t)i};
	assert_int_equal(
		bpf_map_update_elem(datapath_fd(fixture->dp, map), &slot, traffic, BPF_ANY), 0);
	free(traffic);
}

static void count_drops(struct fixture *fixture, enum drop_reason reason, uint32_t port,
			uint64_t frames)
{
	int n_cpus = libbpf_num_possible_cpus();
	struct table_drop *drops = calloc((size_t)n_cpus, sizeof(*drops));
	struct table_drop_key key = {reason, TABLE_NO_SLOT, port, TABLE_NO_SLOT};

	drops[0] = (struct table_drop){.frames = frames - 1, .bytes = 100};
	drops[n_cpus - 1].frames += 1;
	assert_int_equal(
		bpf_map_update_elem(datapath_fd(fixture->dp, MAP_DROPS), &key, drops, BPF_ANY), 0);
	free(drops);
}

static struct table_traffic traffic_of(const struct fixture *fixture, enum slot_kind kind,
				       uint32_t slot)
{
	struct table_traffic traffic;

	assert_int_equal(counters_traffic(fixture->dp, kind, slot, &traffic), 0);
	return traffic;
}

static uint64_t total_drops(const struct fixture *fixture)
{
	uint64_t total = UINT64_MAX;

	assert_int_equal(counters_drops_total(fixture->dp, &total), 0);
	return total;
}

static void traffic_is_the_sum_over_all_processors(void **state)
{
	struct fixture *fixture = *state;
	uint64_t n_cpus = (uint64_t)libbpf_num_possible_cpus();
	struct table_traffic traffic;

	count_frames(fixture, MAP_PEER_TRAFFIC, 7, 10);
	traffic = traffic_of(fixture, SLOT_PEER, 7);
	assert_int_equal(traffic.rx_frames, 10 * n_cpus);
	assert_int_equal(traffic.shrunk, n_cpus * (n_cpus - 1) / 2);
	assert_int_equal(traffic.tx_frames, 0);
	assert_int_equal(traffic_of(fixture, SLOT_PORT, 7).rx_frames, 0);
	assert_int_equal(counters_traffic(fixture->dp, SLOT_PORT, SLOTS_PER_KIND, &traffic),
			 -ERANGE);
}

static int check_drop(void *arg, const struct table_drop_key *key, const struct table_drop *sum)
{
	assert_int_equal(key->reason, DROP_SAME_PORT);
	assert_int_equal(key->port, 3);
	assert_int_equal(sum->frames, 42);
	assert_int_equal(sum->bytes, 100);
	++*(int *)arg;
	return 0;
}

static void drops_are_listed_without_those_that_never_happened(void **state)
{
	struct fixture *fixture = *state;
	int n = 0;

	assert_int_equal(total_drops(fixture), 0);
	count_drops(fixture, DROP_SAME_PORT, 3, 42);
	assert_int_equal(counters_drops(fixture->dp, check_drop, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(total_drops(fixture), 42);
}

/* The datapath counts there when the table is full. */
static bool has_reason_alone(const struct fixture *fixture, uint32_t reason)
{
	struct table_drop values[1024];
	struct table_drop_key key = {reason, TABLE_NO_SLOT, TABLE_NO_SLOT, TABLE_NO_SLOT};

	assert_true(libbpf_num_possible_cpus() <= 1024);
	return !bpf_map_lookup_elem(datapath_fd(fixture->dp, MAP_DROPS), &key, values);
}

static void every_reason_alone_has_its_place_also_after_a_reset(void **state)
{
	struct fixture *fixture = *state;
	uint32_t port = put_port(fixture, "tap0", 0, 0);

	for (uint32_t reason = 1; reason < DROP_REASON_END; reason++)
		assert_true(has_reason_alone(fixture, reason));
	count_drops(fixture, DROP_SAME_PORT, port, 42);
	count_frames(fixture, MAP_PORT_TRAFFIC, port, 10);
	assert_int_equal(counters_reset(fixture->dp), 0);
	for (uint32_t reason = 1; reason < DROP_REASON_END; reason++)
		assert_true(has_reason_alone(fixture, reason));
	assert_int_equal(total_drops(fixture), 0);
	assert_int_equal(traffic_of(fixture, SLOT_PORT, port).rx_frames, 0);
}

/* Other combinations, until there is no room. */
static void fill_drops(struct fixture *fixture)
{
	struct table_drop *zeroes = calloc((size_t)libbpf_num_possible_cpus(), sizeof(*zeroes));
	struct table_drop_key key = {DROP_SAME_PORT, 0, 0, 0};

	while (!bpf_map_update_elem(datapath_fd(fixture->dp, MAP_DROPS), &key, zeroes, BPF_NOEXIST))
		key.peer++;
	assert_int_equal(errno, E2BIG);
	assert_in_range(key.peer, TABLE_MAX_DROPS - DROP_REASON_END, TABLE_MAX_DROPS);
	free(zeroes);
}

/* A frame with a group address as its source enters by the loopback device. */
static void drop_a_frame(struct fixture *fixture)
{
	uint8_t frame[64] = {[0] = 0x52, [6] = 0x01};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame));

	assert_int_equal(bpf_prog_test_run_opts(fixture->dp->now.programs[PROGRAM_PORT], &options),
			 0);
}

static int note_drop(void *arg, const struct table_drop_key *key, const struct table_drop *sum)
{
	assert_int_equal(sum->frames, 1);
	*(struct table_drop_key *)arg = *key;
	return 0;
}

static void a_full_table_counts_under_the_reason_alone(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE), port = put_port(fixture, "lo", 1, blue);
	struct table_drop_key key = {0};

	fill_drops(fixture);
	drop_a_frame(fixture);
	assert_int_equal(counters_drops(fixture->dp, note_drop, &key), 0);
	assert_int_equal(key.reason, DROP_INNER_SRC_MULTICAST);
	assert_int_equal(key.port, TABLE_NO_SLOT);
	assert_int_equal(key.segment, TABLE_NO_SLOT);
	assert_int_equal(counters_reset(fixture->dp), 0);
	assert_int_equal(total_drops(fixture), 0);
	drop_a_frame(fixture);
	assert_int_equal(counters_drops(fixture->dp, note_drop, &key), 0);
	assert_int_equal(key.port, port);
	assert_int_equal(key.segment, blue);
}

/* A newer build has a reason that the table knows nothing of. */
static void a_full_table_of_an_earlier_build_gets_the_new_reasons(void **state)
{
	struct fixture *fixture = *state;
	struct table_drop_key key = {DROP_REASON_END - 1, TABLE_NO_SLOT, TABLE_NO_SLOT,
				     TABLE_NO_SLOT};

	assert_int_equal(bpf_map_delete_elem(datapath_fd(fixture->dp, MAP_DROPS), &key), 0);
	fill_drops(fixture);
	fixture_reopen(fixture);
	assert_true(has_reason_alone(fixture, DROP_REASON_END - 1));
}

/* The next owner of the slot, after all the others have been given away. */
static void reuse_slot(struct fixture *fixture, uint32_t slot)
{
	char name[16];

	for (int i = 0; i < TABLE_MAX_PORTS - 1; i++) {
		snprintf(name, sizeof(name), "tap%d", i);
		assert_int_not_equal(put_port(fixture, name, 0, 0), slot);
	}
	assert_int_equal(put_port(fixture, "heir", 0, 0), slot);
}

static void a_reused_slot_begins_at_zero(void **state)
{
	struct fixture *fixture = *state;
	uint32_t port = put_port(fixture, "gone", 0, 0);

	count_frames(fixture, MAP_PORT_TRAFFIC, port, 10);
	count_drops(fixture, DROP_SAME_PORT, port, 42);
	count_drops(fixture, DROP_SAME_PORT, port + 1, 5);
	fixture->dp->learned_by_port[port] = 9;
	fixture_reopen(fixture);
	assert_int_not_equal(traffic_of(fixture, SLOT_PORT, port).rx_frames, 0);
	assert_int_equal(maps_delete_port(fixture->dp, "gone"), 0);
	assert_int_equal(maps_sweep(fixture->dp), 0);
	reuse_slot(fixture, port);
	assert_int_equal(traffic_of(fixture, SLOT_PORT, port).rx_frames, 0);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 0);
	assert_int_equal(total_drops(fixture), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(traffic_is_the_sum_over_all_processors),
		fixture_test(drops_are_listed_without_those_that_never_happened),
		fixture_test(every_reason_alone_has_its_place_also_after_a_reset),
		fixture_test(a_full_table_counts_under_the_reason_alone),
		fixture_test(a_full_table_of_an_earlier_build_gets_the_new_reasons),
		fixture_test(a_reused_slot_begins_at_zero),
	};

	return fixture_rights() ?:
				  cmocka_run_group_tests_name("kernel/counters", tests, NULL, NULL);
}
