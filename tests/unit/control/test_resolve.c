/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are routers believed as the RFCs say, and next hops spread by weight?
 */
#include "kernel/resolve.h"
#include "kernel/resolve_mtu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND 1000000000ull

static void a_smaller_path_mtu_is_believed_for_ten_minutes(void **state)
{
	struct resolve_mtu told = {0};

	assert_int_equal(resolve_mtu_apply(&told, 1500, 0), 1500);
	assert_true(resolve_mtu_tell(&told, false, 1400, 1500, 100 * SECOND));
	assert_int_equal(resolve_mtu_apply(&told, 1500, 100 * SECOND), 1400);
	assert_int_equal(resolve_mtu_apply(&told, 1500, 699 * SECOND), 1400);
	assert_int_equal(resolve_mtu_apply(&told, 1500, 700 * SECOND), 1500);
}

static void a_route_that_became_smaller_still_counts(void **state)
{
	struct resolve_mtu told = {0};

	assert_true(resolve_mtu_tell(&told, false, 1400, 1500, 0));
	assert_int_equal(resolve_mtu_apply(&told, 1300, SECOND), 1300);
}

static void a_message_that_does_not_lower_it_is_ignored(void **state)
{
	struct resolve_mtu told = {0};

	assert_false(resolve_mtu_tell(&told, false, 1500, 1500, 0));
	assert_false(resolve_mtu_tell(&told, false, 9000, 1500, 0));
	assert_int_equal(told.mtu, 0);
	assert_true(resolve_mtu_tell(&told, false, 1400, 1500, 0));
	assert_false(resolve_mtu_tell(&told, false, 1450, 1400, 500 * SECOND));
	assert_int_equal(resolve_mtu_apply(&told, 1500, 601 * SECOND), 1500);
}

static void nobody_shrinks_a_path_below_the_floors(void **state)
{
	struct resolve_mtu told = {0};

	assert_true(resolve_mtu_tell(&told, false, 68, 1500, 0));
	assert_int_equal(told.mtu, 552);
	assert_false(resolve_mtu_tell(&told, false, 100, 552, 0));
	told = (struct resolve_mtu){0};
	assert_false(resolve_mtu_tell(&told, true, 1279, 1500, 0));
	assert_true(resolve_mtu_tell(&told, true, 1280, 1500, 0));
	assert_int_equal(told.mtu, 1280);
}

static void a_router_that_names_no_mtu_means_the_next_plateau(void **state)
{
	static const struct {
		uint32_t present, expected;
	} cases[] = {
		{9000, 8166}, {8166, 4352}, {1600, 1492}, {1500, 1492}, {1492, 1006}, {1006, 552},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct resolve_mtu told = {0};

		assert_true(resolve_mtu_tell(&told, false, 0, cases[i].present, 0));
		assert_int_equal(told.mtu, cases[i].expected);
	}
}

static void count_places(const uint32_t *weights, size_t n, size_t *ret_count)
{
	size_t index[TABLE_NEXTHOPS];
	size_t n_places = resolve_spread(weights, n, TABLE_NEXTHOPS, index);

	assert_true(n_places <= TABLE_NEXTHOPS);
	for (size_t i = 0; i < n; i++)
		ret_count[i] = 0;
	for (size_t i = 0; i < n_places; i++) {
		assert_true(index[i] < n);
		ret_count[index[i]]++;
	}
}

static void next_hops_get_places_by_weight_and_one_at_least(void **state)
{
	size_t count[8];

	count_places((uint32_t[]){1}, 1, count);
	assert_int_equal(count[0], 1);
	count_places((uint32_t[]){3, 1}, 2, count);
	assert_int_equal(count[0], 3);
	assert_int_equal(count[1], 1);
	count_places((uint32_t[]){1, 256}, 2, count);
	assert_int_equal(count[0], 1);
	assert_int_equal(count[1], 7);
	count_places((uint32_t[]){256, 1}, 2, count);
	assert_int_equal(count[0], 7);
	assert_int_equal(count[1], 1);
	count_places((uint32_t[]){256, 1, 1, 1, 1, 1, 1, 1}, 8, count);
	for (int i = 0; i < 8; i++)
		assert_int_equal(count[i], 1);
	count_places((uint32_t[]){10, 10, 20}, 3, count);
	assert_int_equal(count[0], 2);
	assert_int_equal(count[1], 2);
	assert_int_equal(count[2], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_smaller_path_mtu_is_believed_for_ten_minutes),
		cmocka_unit_test(a_route_that_became_smaller_still_counts),
		cmocka_unit_test(a_message_that_does_not_lower_it_is_ignored),
		cmocka_unit_test(nobody_shrinks_a_path_below_the_floors),
		cmocka_unit_test(a_router_that_names_no_mtu_means_the_next_plateau),
		cmocka_unit_test(next_hops_get_places_by_weight_and_one_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
