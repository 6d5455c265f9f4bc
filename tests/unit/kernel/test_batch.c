/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many entries of a map are sorted out and deleted at once, also when some have gone before. */
#include "fixture.h"

#include "kernel/batch.h"

#define N_ENTRIES 10u

/* A map whose values are twice their keys, and a batch that has read all of it. */
static int make_batch(struct batch *ret)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "test", 4, 8, N_ENTRIES, NULL);

	for (uint32_t key = 0; key < N_ENTRIES; key++) {
		uint64_t value = 2 * key;

		assert_int_equal(bpf_map_update_elem(map, &key, &value, BPF_NOEXIST), 0);
	}
	assert_int_equal(batch_open(ret, map), 0);
	assert_int_equal(batch_next(ret), 1);
	assert_int_equal(ret->n, N_ENTRIES);
	return map;
}

static uint32_t key_of(const struct batch *batch, uint32_t i)
{
	return *(const uint32_t *)batch_key(batch, i);
}

static bool is_in_map(int map, uint32_t key)
{
	uint64_t value;

	return !bpf_map_lookup_elem(map, &key, &value);
}

static bool is_below(const void *arg, const void *key, const void *value)
{
	return *(const uint32_t *)key < *(const uint32_t *)arg;
}

static void a_batch_keeps_what_passes_the_test(void **state)
{
	_cleanup_batch_ struct batch batch = {};
	uint32_t limit = 4, seen = 0;
	int map = make_batch(&batch);

	batch_keep(&batch, is_below, &limit);
	assert_int_equal(batch.n, limit);
	for (uint32_t i = 0; i < batch.n; i++) {
		assert_int_equal(*(const uint64_t *)batch_value(&batch, i), 2 * key_of(&batch, i));
		seen |= 1u << key_of(&batch, i);
	}
	assert_int_equal(seen, 0xf);
	close(map);
}

static void a_batch_deletes_what_is_left_in_it_and_no_more(void **state)
{
	_cleanup_batch_ struct batch batch = {};
	uint32_t limit = 4;
	int map = make_batch(&batch);

	batch_keep(&batch, is_below, &limit);
	assert_int_equal(batch_delete(&batch), 0);
	assert_int_equal(batch.n, limit);
	for (uint32_t key = 0; key < N_ENTRIES; key++)
		assert_int_equal(is_in_map(map, key), key >= limit);
	limit = 0;
	batch_keep(&batch, is_below, &limit);
	assert_int_equal(batch_delete(&batch), 0);
	close(map);
}

/* `gone`: a bit for each place in the batch whose entry somebody else deletes. */
static void check_with_some_gone(uint32_t gone)
{
	_cleanup_batch_ struct batch batch = {};
	int map = make_batch(&batch);
	uint32_t n_gone = 0, deleted = 0, expected = 0;

	for (uint32_t i = 0; i < N_ENTRIES; i++) {
		uint32_t key = key_of(&batch, i);

		if (gone & 1u << i) {
			assert_int_equal(bpf_map_delete_elem(map, &key), 0);
			n_gone++;
		} else {
			expected |= 1u << key;
		}
	}
	assert_int_equal(batch_delete(&batch), 0);
	assert_int_equal(batch.n, N_ENTRIES - n_gone);
	for (uint32_t i = 0; i < batch.n; i++) {
		assert_int_equal(*(const uint64_t *)batch_value(&batch, i), 2 * key_of(&batch, i));
		deleted |= 1u << key_of(&batch, i);
	}
	assert_int_equal(deleted, expected);
	for (uint32_t key = 0; key < N_ENTRIES; key++)
		assert_false(is_in_map(map, key));
	close(map);
}

static void entries_that_have_gone_before_are_not_among_the_deleted(void **state)
{
	for (uint32_t gone = 0; gone < 1u << N_ENTRIES; gone++)
		check_with_some_gone(gone);
}

static void a_map_that_cannot_lose_entries_says_so(void **state)
{
	_cleanup_batch_ struct batch batch = {};
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "test", 4, 8, N_ENTRIES, NULL);

	assert_int_equal(batch_open(&batch, map), 0);
	assert_int_equal(batch_next(&batch), 1);
	assert_true(batch_delete(&batch) < 0);
	assert_int_equal(batch.n, 0);
	close(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_keeps_what_passes_the_test),
		cmocka_unit_test(a_batch_deletes_what_is_left_in_it_and_no_more),
		cmocka_unit_test(entries_that_have_gone_before_are_not_among_the_deleted),
		cmocka_unit_test(a_map_that_cannot_lose_entries_says_so),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/batch", tests, NULL, NULL);
}
