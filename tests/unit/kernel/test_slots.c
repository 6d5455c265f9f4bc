/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots keep their meaning across restarts and are reused late. */
#include "fixture.h"

static union slot_name name_of(uint32_t vni)
{
	union slot_name name = {};

	name.vni = vni;
	return name;
}

static uint32_t assign(struct slots *slots, uint32_t vni, int expected)
{
	union slot_name name = name_of(vni);
	uint32_t slot = TABLE_NO_SLOT;

	assert_int_equal(slots_assign(slots, SLOT_SEGMENT, &name, &slot), expected);
	return slot;
}

struct state {
	int map;
	struct slots *slots;
};

static int setup(void **state)
{
	struct state *it = calloc(1, sizeof(*it));

	*state = it;
	return !it || slots_create_map(&it->map) || slots_open(it->map, &it->slots);
}

static int teardown(void **state)
{
	struct state *it = *state;

	slots_close(it->slots);
	close(it->map);
	free(it);
	return 0;
}

static void reopen(struct state *it)
{
	slots_close(it->slots);
	it->slots = NULL;
	assert_int_equal(slots_open(it->map, &it->slots), 0);
}

static void a_name_keeps_its_slot(void **state)
{
	struct state *it = *state;
	uint32_t blue = assign(it->slots, BLUE, SLOTS_UNTOUCHED);
	uint32_t green = assign(it->slots, GREEN, SLOTS_UNTOUCHED);

	assert_int_not_equal(blue, green);
	assert_int_equal(assign(it->slots, BLUE, SLOTS_PRESENT), blue);
	assert_int_equal(slots_find_segment(it->slots, GREEN), green);
	assert_int_equal(slots_find_segment(it->slots, 1), TABLE_NO_SLOT);
}

static void slots_survive_reopening(void **state)
{
	struct state *it = *state;
	uint32_t blue = assign(it->slots, BLUE, SLOTS_UNTOUCHED);
	uint32_t green = assign(it->slots, GREEN, SLOTS_UNTOUCHED);

	assert_int_equal(slots_retire(it->slots, SLOT_SEGMENT, blue), 0);
	reopen(it);
	assert_int_equal(slots_find_segment(it->slots, GREEN), green);
	assert_int_equal(slots_find_segment(it->slots, BLUE), TABLE_NO_SLOT);
	assert_int_equal(slots_count(it->slots, SLOT_SEGMENT), 1);
	assert_int_equal(slots_count_retired(it->slots), 1);
	assert_int_equal(assign(it->slots, BLUE, SLOTS_PRESENT), blue);
}

static void kinds_do_not_share_names(void **state)
{
	struct state *it = *state;
	union slot_name tap = {.device = "tap0"};
	uint32_t slot;

	assign(it->slots, BLUE, SLOTS_UNTOUCHED);
	assert_int_equal(slots_assign(it->slots, SLOT_PORT, &tap, &slot), SLOTS_UNTOUCHED);
	assert_int_equal(slots_find_port(it->slots, "tap0"), slot);
	assert_int_equal(slots_find(it->slots, SLOT_PEER, &tap), TABLE_NO_SLOT);
	assert_string_equal(slots_name(it->slots, SLOT_PORT, slot)->device, "tap0");
}

static void a_retired_name_comes_back_to_its_slot(void **state)
{
	struct state *it = *state;
	uint32_t blue = assign(it->slots, BLUE, SLOTS_UNTOUCHED);

	assert_int_equal(slots_retire(it->slots, SLOT_SEGMENT, blue), 0);
	assert_null(slots_name(it->slots, SLOT_SEGMENT, blue));
	assert_int_equal(slots_next(it->slots, SLOT_SEGMENT, 0), TABLE_NO_SLOT);
	assert_int_equal(slots_retire(it->slots, SLOT_SEGMENT, blue), -ENOENT);
	assert_int_equal(assign(it->slots, BLUE, SLOTS_PRESENT), blue);
	assert_int_equal(slots_release(it->slots), 0);
	assert_int_equal(slots_find_segment(it->slots, BLUE), blue);
}

static void the_slot_freed_first_is_reused_first_and_after_all_others(void **state)
{
	struct state *it = *state;
	uint32_t first, second;

	first = assign(it->slots, 1, SLOTS_UNTOUCHED);
	second = assign(it->slots, 2, SLOTS_UNTOUCHED);
	assert_int_equal(slots_retire(it->slots, SLOT_SEGMENT, second), 0);
	assert_int_equal(slots_release(it->slots), 0);
	assert_int_equal(slots_retire(it->slots, SLOT_SEGMENT, first), 0);
	assert_int_equal(slots_release(it->slots), 0);
	for (uint32_t vni = 3; vni < 3 + SLOTS_PER_KIND - 2; vni++)
		assign(it->slots, vni, SLOTS_UNTOUCHED);
	assert_int_equal(assign(it->slots, 100001, SLOTS_REUSED), second);
	assert_int_equal(assign(it->slots, 100002, SLOTS_REUSED), first);
}

static void the_4097th_name_is_refused(void **state)
{
	struct state *it = *state;

	for (uint32_t vni = 1; vni <= SLOTS_PER_KIND; vni++)
		assign(it->slots, vni, SLOTS_UNTOUCHED);
	assign(it->slots, SLOTS_PER_KIND + 1, -ENOSPC);
	assert_int_equal(slots_count(it->slots, SLOT_SEGMENT), SLOTS_PER_KIND);
	reopen(it);
	assign(it->slots, SLOTS_PER_KIND + 1, -ENOSPC);
	assign(it->slots, SLOTS_PER_KIND, SLOTS_PRESENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_keeps_its_slot, setup, teardown),
		cmocka_unit_test_setup_teardown(slots_survive_reopening, setup, teardown),
		cmocka_unit_test_setup_teardown(kinds_do_not_share_names, setup, teardown),
		cmocka_unit_test_setup_teardown(a_retired_name_comes_back_to_its_slot, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			the_slot_freed_first_is_reused_first_and_after_all_others, setup, teardown),
		cmocka_unit_test_setup_teardown(the_4097th_name_is_refused, setup, teardown),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/slots", tests, NULL, NULL);
}
