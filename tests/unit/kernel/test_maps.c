/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon writes is what the datapath reads, and deletions leave nothing behind. */
#include "fixture.h"

static uint32_t find_u32(const struct fixture *fixture, enum datapath_map map, const void *key)
{
	uint32_t value;

	return bpf_map_lookup_elem(datapath_fd(fixture->dp, map), key, &value) ? TABLE_NO_SLOT :
										 value;
}

static void settings_carry_the_kernels_features(void **state)
{
	struct fixture *fixture = *state;
	struct table_settings settings = {.vxlan_port = 4789, .flags = SETTING_STRICT_RESERVED};

	assert_int_equal(maps_put_settings(fixture->dp, &settings), 0);
	assert_int_equal(maps_get_settings(fixture->dp, &settings), 0);
	assert_int_equal(settings.vxlan_port, 4789);
	assert_int_equal(settings.flags, SETTING_STRICT_RESERVED | datapath_features(fixture->dp));
}

static void a_port_is_found_by_the_number_that_its_device_has_now(void **state)
{
	struct fixture *fixture = *state;
	uint32_t segment = put_segment(fixture, BLUE), old = 10, new = 20;
	uint32_t port = put_port(fixture, "tap0", old, segment), other;
	struct table_port record;

	assert_int_equal(find_u32(fixture, MAP_PORT_BY_IFINDEX, &old), port);
	assert_int_equal(put_port(fixture, "tap0", new, segment), port);
	assert_int_equal(find_u32(fixture, MAP_PORT_BY_IFINDEX, &old), TABLE_NO_SLOT);
	assert_int_equal(find_u32(fixture, MAP_PORT_BY_IFINDEX, &new), port);
	assert_int_equal(maps_get_port(fixture->dp, port, &record), 0);
	assert_int_equal(record.flags, PORT_IN_USE | PORT_UP);
	assert_string_equal(record.name, "tap0");

	other = put_port(fixture, "tap1", new, segment);
	put_port(fixture, "tap0", 0, segment);
	assert_int_equal(find_u32(fixture, MAP_PORT_BY_IFINDEX, &new), other);
	assert_int_equal(maps_delete_port(fixture->dp, "tap1"), 0);
	assert_int_equal(find_u32(fixture, MAP_PORT_BY_IFINDEX, &new), TABLE_NO_SLOT);
	assert_int_equal(maps_delete_port(fixture->dp, "tap1"), -ENOENT);
}

static struct table_nexthop nexthop(uint32_t ifindex)
{
	return (struct table_nexthop){.ifindex = ifindex, .family = 4};
}

static void next_hops_change_in_the_bank_that_is_not_in_use(void **state)
{
	struct fixture *fixture = *state;
	uint32_t other = put_peer(fixture, 9), peer = put_peer(fixture, 1);
	struct table_nexthop hops[TABLE_NEXTHOPS + 2] = {}, found[TABLE_NEXTHOPS];
	struct table_peer before, after;

	for (uint32_t i = 0; i < TABLE_NEXTHOPS + 2; i++)
		hops[i] = nexthop(100 + i);
	assert_int_equal(maps_get_nexthops(fixture->dp, peer, found), 0);
	assert_int_equal(maps_set_nexthops(fixture->dp, peer, hops, 2), 0);
	maps_get_peer(fixture->dp, peer, &before);
	assert_int_equal(before.n_nexthops, 2);
	assert_int_equal(maps_set_nexthops(fixture->dp, peer, hops + 1, TABLE_NEXTHOPS + 1), 0);
	maps_get_peer(fixture->dp, peer, &after);
	assert_int_equal(after.n_nexthops, TABLE_NEXTHOPS);
	assert_int_not_equal(after.nexthop_first, before.nexthop_first);
	assert_int_equal(after.nexthop_first / (TABLE_NEXTHOPS * TABLE_NEXTHOP_BANKS), peer);
	assert_int_equal(maps_get_nexthops(fixture->dp, peer, found), TABLE_NEXTHOPS);
	assert_memory_equal(found, hops + 1, sizeof(found));

	assert_int_equal(maps_set_nexthops(fixture->dp, peer, hops + 1, TABLE_NEXTHOPS), 0);
	maps_get_peer(fixture->dp, peer, &before);
	assert_int_equal(before.nexthop_first, after.nexthop_first);
	assert_int_equal(maps_set_nexthops(fixture->dp, peer, NULL, 0), 0);
	assert_int_equal(maps_get_nexthops(fixture->dp, peer, found), 0);
	assert_int_equal(maps_get_nexthops(fixture->dp, other, found), 0);
}

static void a_peer_that_is_put_again_keeps_its_next_hops(void **state)
{
	struct fixture *fixture = *state;
	uint32_t slot = put_peer(fixture, 1);
	struct table_nexthop hop = nexthop(5);
	struct table_peer record;

	assert_int_equal(maps_set_nexthops(fixture->dp, slot, &hop, 1), 0);
	assert_int_equal(put_peer(fixture, 1), slot);
	assert_int_equal(maps_get_peer(fixture->dp, slot, &record), 0);
	assert_int_equal(record.n_nexthops, 1);
	assert_int_equal(record.limit, 1450);
	assert_int_equal(record.flags, PEER_IN_USE);
	assert_int_equal(find_u32(fixture, MAP_PEER_BY_ADDRESS, &record.remote), slot);
}

/* Inner maps can only be told apart by what the kernel says of them: their id. */
static void flood_lists_are_swapped_and_taken_away(void **state)
{
	struct fixture *fixture = *state;
	uint32_t segment = put_segment(fixture, BLUE), list[] = {3, 1, 2}, first, second;

	assert_int_equal(find_u32(fixture, MAP_FLOOD_PEERS, &segment), TABLE_NO_SLOT);
	assert_int_equal(maps_set_flood(fixture->dp, FLOOD_TO_PEERS, segment, list, 3), 0);
	first = find_u32(fixture, MAP_FLOOD_PEERS, &segment);
	assert_int_not_equal(first, TABLE_NO_SLOT);
	assert_int_equal(maps_set_flood(fixture->dp, FLOOD_TO_PEERS, segment, list, 3), 0);
	assert_int_equal(find_u32(fixture, MAP_FLOOD_PEERS, &segment), first);
	assert_int_equal(maps_set_flood(fixture->dp, FLOOD_TO_PEERS, segment, list, 2), 0);
	second = find_u32(fixture, MAP_FLOOD_PEERS, &segment);
	assert_int_not_equal(second, first);
	assert_int_equal(find_u32(fixture, MAP_FLOOD_PORTS, &segment), TABLE_NO_SLOT);
	assert_int_equal(maps_set_flood(fixture->dp, FLOOD_TO_PEERS, segment, NULL, 0), 0);
	assert_int_equal(find_u32(fixture, MAP_FLOOD_PEERS, &segment), TABLE_NO_SLOT);
	assert_int_equal(maps_set_flood(fixture->dp, FLOOD_TO_PEERS, TABLE_MAX_SEGMENTS, list, 1),
			 -ERANGE);
}

static void the_set_of_local_addresses_becomes_what_was_asked(void **state)
{
	struct fixture *fixture = *state;
	struct table_address a[] = {address_of(1), address_of(2), address_of(3)};

	assert_int_equal(maps_set_local_addresses(fixture->dp, a, 2), 0);
	assert_int_equal(find_u32(fixture, MAP_LOCAL_ADDRESSES, &a[0]), 1);
	assert_int_equal(maps_set_local_addresses(fixture->dp, a + 1, 2), 0);
	assert_int_equal(find_u32(fixture, MAP_LOCAL_ADDRESSES, &a[0]), TABLE_NO_SLOT);
	assert_int_equal(find_u32(fixture, MAP_LOCAL_ADDRESSES, &a[1]), 1);
	assert_int_equal(find_u32(fixture, MAP_LOCAL_ADDRESSES, &a[2]), 1);
	assert_int_equal(maps_set_local_addresses(fixture->dp, NULL, 0), 0);
	assert_int_equal(find_u32(fixture, MAP_LOCAL_ADDRESSES, &a[1]), TABLE_NO_SLOT);
}

static void a_deleted_port_takes_its_entries_in_the_sweep(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE);
	uint32_t going = put_port(fixture, "tap0", 0, blue);
	uint32_t staying = put_port(fixture, "tap1", 0, blue);
	struct table_fdb fixed = {.path = going, .path_kind = PATH_PORT, .source = FDB_STATIC};
	struct table_fdb_key key = fdb_key(BLUE, 3);

	learn(fixture, BLUE, 1, PATH_PORT, going);
	learn(fixture, BLUE, 2, PATH_PORT, staying);
	assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
	assert_int_equal(maps_sweep(fixture->dp), 0);
	assert_int_equal(maps_delete_port(fixture->dp, "tap0"), 0);
	assert_int_equal(maps_sweep(fixture->dp), 2);
	assert_false(is_known(fixture, BLUE, 1));
	assert_true(is_known(fixture, BLUE, 2));
	assert_false(is_known(fixture, BLUE, 3));
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, blue), 1);
	assert_int_equal(maps_sweep(fixture->dp), 0);
	assert_int_not_equal(put_port(fixture, "tap2", 0, blue), going);
}

static void a_port_that_comes_back_before_the_sweep_keeps_its_entries(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE), port = put_port(fixture, "tap0", 0, blue);

	learn(fixture, BLUE, 1, PATH_PORT, port);
	assert_int_equal(maps_delete_port(fixture->dp, "tap0"), 0);
	assert_int_equal(put_port(fixture, "tap0", 0, blue), port);
	assert_int_equal(maps_sweep(fixture->dp), 0);
	assert_true(is_known(fixture, BLUE, 1));
}

static void a_port_that_changes_segment_is_forgotten_in_the_old_one(void **state)
{
	struct fixture *fixture = *state;
	uint32_t blue = put_segment(fixture, BLUE), green = put_segment(fixture, GREEN);
	uint32_t port = put_port(fixture, "tap0", 0, blue);

	learn(fixture, BLUE, 1, PATH_PORT, port);
	fixture_reopen(fixture);
	assert_int_equal(put_port(fixture, "tap0", 0, green), port);
	learn(fixture, GREEN, 2, PATH_PORT, port);
	assert_int_equal(maps_sweep(fixture->dp), 1);
	assert_false(is_known(fixture, BLUE, 1));
	assert_true(is_known(fixture, GREEN, 2));
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 1);
}

static void a_deleted_segment_takes_its_entries_and_members(void **state)
{
	struct fixture *fixture = *state;
	uint32_t green = put_segment(fixture, GREEN), list = 0;
	uint32_t blue = put_segment(fixture, BLUE), peer = put_peer(fixture, 1), vni = BLUE;
	struct table_member of_blue = {.vni = BLUE, .address = address_of(1)};
	struct table_member of_green = {.vni = GREEN, .address = address_of(1)};

	maps_put_member(fixture->dp, BLUE, &of_blue.address, peer, NULL);
	maps_put_member(fixture->dp, GREEN, &of_green.address, peer, NULL);
	maps_set_flood(fixture->dp, FLOOD_TO_PEERS, blue, &list, 1);
	learn(fixture, BLUE, 1, PATH_PEER, peer);
	learn(fixture, GREEN, 1, PATH_PEER, peer);
	assert_int_equal(maps_delete_segment(fixture->dp, BLUE), 0);
	assert_int_equal(find_u32(fixture, MAP_SEGMENT_BY_VNI, &vni), TABLE_NO_SLOT);
	assert_int_equal(find_u32(fixture, MAP_FLOOD_PEERS, &blue), TABLE_NO_SLOT);
	assert_int_equal(maps_sweep(fixture->dp), 1);
	assert_false(is_known(fixture, BLUE, 1));
	assert_true(is_known(fixture, GREEN, 1));
	assert_int_equal(find_u32(fixture, MAP_MEMBERS, &of_blue), TABLE_NO_SLOT);
	assert_int_equal(find_u32(fixture, MAP_MEMBERS, &of_green), peer);
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, green), 1);
}

static void what_was_learned_from_a_former_member_is_swept(void **state)
{
	struct fixture *fixture = *state;
	struct table_address address = address_of(1);
	struct table_fdb_key key = fdb_key(BLUE, 2);
	uint32_t blue = put_segment(fixture, BLUE), peer = put_peer(fixture, 1);
	struct table_fdb fixed = {.path = peer, .path_kind = PATH_PEER, .source = FDB_STATIC};

	maps_put_member(fixture->dp, BLUE, &address, peer, NULL);
	learn(fixture, BLUE, 1, PATH_PEER, peer);
	assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
	assert_int_equal(maps_delete_member(fixture->dp, BLUE, &address, peer), 0);
	assert_int_equal(maps_sweep(fixture->dp), 1);
	assert_false(is_known(fixture, BLUE, 1));
	assert_true(is_known(fixture, BLUE, 2));
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, blue), 0);
}

static void a_deleted_peer_is_swept_also_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct table_address address = address_of(1);
	struct table_peer record;
	uint32_t peer;

	put_segment(fixture, BLUE);
	peer = put_peer(fixture, 1);
	maps_put_member(fixture->dp, BLUE, &address, peer, NULL);
	learn(fixture, BLUE, 1, PATH_PEER, peer);
	assert_int_equal(maps_delete_peer(fixture->dp, &address), 0);
	assert_int_equal(find_u32(fixture, MAP_PEER_BY_ADDRESS, &address), TABLE_NO_SLOT);
	maps_get_peer(fixture->dp, peer, &record);
	assert_int_equal(record.flags, 0);
	fixture_reopen(fixture);
	assert_int_equal(maps_sweep(fixture->dp), 1);
	assert_false(is_known(fixture, BLUE, 1));
	assert_int_equal(maps_delete_peer(fixture->dp, &address), -ENOENT);
}

static void the_4097th_port_is_refused_with_the_limit(void **state)
{
	struct fixture *fixture = *state;
	struct table_port port = {.segment = put_segment(fixture, BLUE)};
	struct problem problem = {};
	uint32_t slot;

	for (int i = 0; i < TABLE_MAX_PORTS; i++) {
		snprintf(port.name, sizeof(port.name), "tap%d", i);
		assert_int_equal(maps_put_port(fixture->dp, &port, &slot, &problem), 0);
	}
	strcpy(port.name, "one-more");
	assert_int_equal(maps_put_port(fixture->dp, &port, &slot, &problem), -ENOSPC);
	assert_int_equal(problem.code, PROBLEM_TOO_LARGE);
	assert_non_null(strstr(problem.message, "4096 ports"));
	assert_int_equal(maps_delete_port(fixture->dp, "tap7"), 0);
	assert_int_equal(maps_put_port(fixture->dp, &port, &slot, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(settings_carry_the_kernels_features),
		fixture_test(a_port_is_found_by_the_number_that_its_device_has_now),
		fixture_test(next_hops_change_in_the_bank_that_is_not_in_use),
		fixture_test(a_peer_that_is_put_again_keeps_its_next_hops),
		fixture_test(flood_lists_are_swapped_and_taken_away),
		fixture_test(the_set_of_local_addresses_becomes_what_was_asked),
		fixture_test(a_deleted_port_takes_its_entries_in_the_sweep),
		fixture_test(a_port_that_comes_back_before_the_sweep_keeps_its_entries),
		fixture_test(a_port_that_changes_segment_is_forgotten_in_the_old_one),
		fixture_test(a_deleted_segment_takes_its_entries_and_members),
		fixture_test(what_was_learned_from_a_former_member_is_swept),
		fixture_test(a_deleted_peer_is_swept_also_after_a_restart),
		fixture_test(the_4097th_port_is_refused_with_the_limit),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/maps", tests, NULL, NULL);
}
