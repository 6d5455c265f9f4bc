/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FDB is aged, limited, purged and listed; a million entries cost what is printed here. */
#include "fixture.h"

#include "model/switch.h"

#include <time.h>

#define SECOND 1000000000ull

struct lifetimes {
	uint64_t ns;
	uint32_t n_aged;
};

static uint64_t lifetime_of(void *arg, uint32_t segment)
{
	const struct lifetimes *lifetimes = arg;

	return lifetimes->ns;
}

static void count_aged(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	struct lifetimes *lifetimes = arg;

	lifetimes->n_aged++;
}

/* A whole pass in steps of one batch; returns how many were aged. */
static uint32_t age(struct fixture *fixture, uint64_t lifetime_ns)
{
	struct lifetimes lifetimes = {.ns = lifetime_ns};
	struct fdb_aging aging = {lifetime_of, count_aged, &lifetimes};
	struct fdb_cursor cursor = {};
	int r;

	do {
		r = fdb_age(fixture->dp, &cursor, 1, &aging);
	} while (r == 0);
	assert_int_equal(r, 1);
	return lifetimes.n_aged;
}

/* Writes an entry as if it had been learned `seconds` ago. */
static void make_old(struct fixture *fixture, uint32_t n, uint64_t seconds)
{
	struct table_fdb_key key = fdb_key(BLUE, n);
	struct table_fdb entry;

	assert_int_equal(fdb_get(fixture->dp, &key, &entry), 0);
	entry.seen_ns -= seconds * SECOND;
	assert_int_equal(
		bpf_map_update_elem(datapath_fd(fixture->dp, MAP_FDB), &key, &entry, BPF_EXIST), 0);
}

static void silent_learned_entries_are_aged_and_others_stay(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE), port = put_port(fixture, "tap0", 0, blue);
	struct table_fdb fixed = {.path = port, .path_kind = PATH_PORT, .source = FDB_STATIC};
	struct table_fdb_key key = fdb_key(BLUE, 3);

	learn(fixture, BLUE, 1, PATH_PORT, port);
	learn(fixture, BLUE, 2, PATH_PORT, port);
	assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
	make_old(fixture, 1, 301);
	make_old(fixture, 2, 290);
	make_old(fixture, 3, 1000);
	assert_int_equal(age(fixture, 0), 0);
	assert_int_equal(age(fixture, 300 * SECOND), 1);
	assert_false(is_known(fixture, BLUE, 1));
	assert_true(is_known(fixture, BLUE, 2));
	assert_true(is_known(fixture, BLUE, 3));
	assert_int_equal(fdb_count_learned(fixture->dp), 1);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 1);
}

static void a_pass_of_many_steps_sees_every_entry(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t port;

	options.fdb_entries = 50000;
	fixture_open_with(fixture, &options);
	fixture_take_over(fixture);
	port = put_port(fixture, "tap0", 0, put_segment(fixture, BLUE));
	for (uint32_t n = 0; n < 40000; n++)
		learn(fixture, BLUE, n, PATH_PORT, port);
	make_old(fixture, 7, 10);
	assert_int_equal(age(fixture, 5 * SECOND), 1);
	assert_int_equal(fdb_count_learned(fixture->dp), 39999);
	for (uint32_t n = 0; n < 40000; n++)
		if (n != 7)
			make_old(fixture, n, 10);
	assert_int_equal(age(fixture, 5 * SECOND), 39999);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 0);
}

static void an_entry_of_no_segment_is_removed_by_the_pass(void **state)
{
	struct fixture *fixture = *state;
	struct table_fdb_key key = fdb_key(4711, 1);
	struct table_fdb entry = {.path_kind = PATH_PEER, .seen_ns = fdb_now_ns()};

	assert_int_equal(
		bpf_map_update_elem(datapath_fd(fixture->dp, MAP_FDB), &key, &entry, BPF_ANY), 0);
	assert_int_equal(age(fixture, 0), 1);
	assert_false(is_known(fixture, 4711, 1));
}

static void counters_below_zero_are_healed_by_the_pass(void **state)
{
	struct fixture *fixture = *state;
	uint32_t port = put_port(fixture, "tap0", 0, put_segment(fixture, BLUE));

	fixture->dp->learned_by_port[port] = UINT64_MAX;
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 0);
	age(fixture, 0);
	assert_int_equal(fixture->dp->learned_by_port[port], 0);
}

static void a_static_entry_replaces_a_learned_one_and_is_not_counted(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE), port = put_port(fixture, "tap0", 0, blue);
	uint32_t peer = put_peer(fixture, 1);
	struct table_fdb fixed = {.path = peer, .path_kind = PATH_PEER, .source = FDB_STATIC};
	struct table_fdb_key key = fdb_key(BLUE, 1);
	struct table_fdb found;

	learn(fixture, BLUE, 1, PATH_PORT, port);
	assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, blue), 0);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 0);
	assert_int_equal(fdb_delete(fixture->dp, &key, &found), 0);
	assert_int_equal(found.path, peer);
	assert_int_equal(found.source, FDB_STATIC);
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, blue), 0);
	assert_int_equal(fdb_delete(fixture->dp, &key, NULL), -ENOENT);
}

static void a_full_fdb_is_refused_with_what_to_do(void **state)
{
	struct fixture *fixture = *state;
	uint32_t port = put_port(fixture, "tap0", 0, put_segment(fixture, BLUE)), n = 0;
	struct table_fdb fixed = {.path = port, .path_kind = PATH_PORT, .source = FDB_STATIC};
	struct problem problem = {};
	struct table_fdb_key key;
	int r;

	do {
		key = fdb_key(BLUE, n++);
		r = fdb_put(fixture->dp, &key, &fixed, &problem);
	} while (r == 0 && n < 2000);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(n, 1025);
	assert_int_equal(problem.code, PROBLEM_TOO_LARGE);
	assert_non_null(strstr(problem.message, "1024 entries"));
	assert_non_null(strstr(problem.message, "limits.fdb-entries"));
	key = fdb_key(BLUE, 0);
	assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
}

static int count_entry(void *arg, const struct table_fdb_key *key, const struct table_fdb *value)
{
	++*(uint32_t *)arg;
	return 0;
}

static void a_purge_takes_what_matches_and_no_more(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE), port = put_port(fixture, "tap0", 0, blue);
	uint32_t peer;
	struct table_fdb fixed = {.path = port, .path_kind = PATH_PORT, .source = FDB_STATIC};
	struct table_fdb_key key = fdb_key(BLUE, 3);
	struct fdb_match of_port = {.learned_only = true, .path_kind = PATH_PORT, .path = port};
	struct fdb_match of_mac = {.has_vni = true, .vni = GREEN, .has_mac = true};

	put_segment(fixture, GREEN);
	peer = put_peer(fixture, 1);
	learn(fixture, BLUE, 1, PATH_PORT, port);
	learn(fixture, BLUE, 2, PATH_PEER, peer);
	learn(fixture, GREEN, 2, PATH_PEER, peer);
	assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
	assert_int_equal(fdb_purge(fixture->dp, &of_port), 1);
	assert_false(is_known(fixture, BLUE, 1));
	memcpy(of_mac.mac, fdb_key(GREEN, 2).mac, sizeof(of_mac.mac));
	assert_int_equal(fdb_purge(fixture->dp, &of_mac), 1);
	assert_true(is_known(fixture, BLUE, 2));
	assert_false(is_known(fixture, GREEN, 2));
	assert_true(is_known(fixture, BLUE, 3));
	assert_int_equal(fdb_count_learned(fixture->dp), 1);
}

static void entries_are_counted_by_peer(void **state)
{
	struct fixture *fixture = *state;
	static uint32_t counts[TABLE_MAX_PEERS];
	uint32_t one, two;

	put_segment(fixture, BLUE);
	one = put_peer(fixture, 1);
	two = put_peer(fixture, 2);
	for (uint32_t n = 0; n < 5; n++)
		learn(fixture, BLUE, n, PATH_PEER, n < 3 ? one : two);
	assert_int_equal(fdb_count_by_peer(fixture->dp, counts), 0);
	assert_int_equal(counts[one], 3);
	assert_int_equal(counts[two], 2);
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static uint64_t fdb_memory(const struct fixture *fixture)
{
	struct datapath_view view;

	assert_int_equal(datapath_describe(fixture->dp, &view), 0);
	return view.maps[MAP_FDB].memory_bytes;
}

#define MILLION 1000000u

static void fill(struct fixture *fixture, uint32_t peer)
{
	static struct table_fdb_key keys[10000];
	static struct table_fdb values[10000];

	for (uint32_t n = 0; n < MILLION; n += 10000) {
		uint32_t count = 10000;

		for (uint32_t i = 0; i < count; i++) {
			keys[i] = fdb_key(BLUE, n + i);
			values[i] = (struct table_fdb){
				.path = peer, .path_kind = PATH_PEER, .seen_ns = fdb_now_ns()};
		}
		assert_int_equal(bpf_map_update_batch(datapath_fd(fixture->dp, MAP_FDB), keys,
						      values, &count, NULL),
				 0);
	}
}

/* Times are printed, not judged: the machine may be busy. */
static void a_million_entries_fit_and_can_be_listed_aged_and_moved(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	struct timespec start;
	uint32_t seen = 0, peer;

	options.fdb_entries = MILLION;
	fixture_open_with(fixture, &options);
	fixture_take_over(fixture);
	put_segment(fixture, BLUE);
	peer = put_peer(fixture, 1);
	fill(fixture, peer);
	assert_true(fdb_memory(fixture) > MILLION * 28ull);
	print_message("a million FDB entries: %.1f MB of kernel memory\n",
		      (double)fdb_memory(fixture) / 1e6);

	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(fdb_walk(fixture->dp, count_entry, &seen), 0);
	assert_int_equal(seen, MILLION);
	print_message("listed in %.2f s", seconds_since(&start));
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(age(fixture, 300 * SECOND), 0);
	print_message(", an aging pass %.2f s", seconds_since(&start));
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(datapath_resize_fdb(fixture->dp, MILLION + 1000, NULL), 0);
	print_message(", moved to another size in %.2f s", seconds_since(&start));
	assert_int_equal(datapath_fdb_left_behind(fixture->dp), 0);
	assert_int_equal(fdb_count_learned(fixture->dp), MILLION);
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(fdb_purge(fixture->dp, &(struct fdb_match){.learned_only = true}),
			 MILLION);
	print_message(", flushed in %.2f s\n", seconds_since(&start));
	assert_int_equal(fdb_count_learned(fixture->dp), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(silent_learned_entries_are_aged_and_others_stay),
		fixture_test_closed(a_pass_of_many_steps_sees_every_entry),
		fixture_test(an_entry_of_no_segment_is_removed_by_the_pass),
		fixture_test(counters_below_zero_are_healed_by_the_pass),
		fixture_test(a_static_entry_replaces_a_learned_one_and_is_not_counted),
		fixture_test(a_full_fdb_is_refused_with_what_to_do),
		fixture_test(a_purge_takes_what_matches_and_no_more),
		fixture_test(entries_are_counted_by_peer),
		fixture_test_closed(a_million_entries_fit_and_can_be_listed_aged_and_moved),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/fdb", tests, NULL, NULL);
}
