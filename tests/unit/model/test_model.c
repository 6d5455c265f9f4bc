/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a model a value: copied, cleared, grown, looked up, without sharing?
 */
#include "../json_text.h"

#include "model/field.h"

#include <errno.h>

#define FULL                                                                                       \
	"{'underlay': {'device': 'eth1', 'ttl': 3}, 'limits': {'fdb-entries': 2048},"              \
	" 'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'red', 'vni': 5002}],"              \
	" 'peers': [{'address': '192.0.2.2', 'segments': ['blue', 'red']},"                        \
	" {'address': '192.0.2.3'}, {'address': '192.0.2.4', 'segments': []}],"                    \
	" 'ports': [{'device': 'tap0', 'segment': 'blue'}, {'device': 'tap1', 'segment': 'red'}]," \
	" 'fdb': [{'segment': 'blue', 'mac': '52:54:00:00:00:02', 'peer': '192.0.2.2'},"           \
	" {'segment': 'red', 'mac': '52:54:00:00:00:02', 'port': 'tap1'}],"                        \
	" 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', 'mac': '52:54:00:00:00:02'}]}"

static int read_full(void **state)
{
	static struct model model;
	json_auto_t *json = json_of(FULL);

	*state = &model;
	return model_from_json(json, &model, NULL);
}

static int clear(void **state)
{
	model_clear(*state);
	return 0;
}

static void a_copy_is_equal_and_shares_nothing(void **state)
{
	struct model *model = *state;
	_cleanup_model_ struct model copy = {0};
	json_auto_t *before = model_to_json(model), *after = NULL;

	assert_int_equal(model_copy(model, &copy), 0);
	strcpy(model->peers[0].segments[0], "gone");
	strcpy(model->segments[0].name, "gone");
	model_clear(model);
	after = model_to_json(&copy);
	assert_true(json_equal(before, after));
}

static void a_cleared_model_is_as_a_fresh_one(void **state)
{
	struct model *model = *state;
	struct model fresh;

	model_init(&fresh);
	model_clear(model);
	assert_memory_equal(model, &fresh, sizeof(fresh));
	model_clear(model);
	assert_memory_equal(model, &fresh, sizeof(fresh));
}

static void a_zeroed_model_can_be_cleared_and_copied(void **state)
{
	struct model zero = {0}, copy = {0};

	assert_int_equal(model_copy(&zero, &copy), 0);
	assert_int_equal(copy.n_segments, 0);
	model_clear(&copy);
	model_clear(&zero);
	assert_int_equal(zero.underlay.ttl, 64);
}

static struct address address(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(text, &address), 0);
	return address;
}

static void objects_are_found_by_their_names(void **state)
{
	const struct model *model = *state;
	struct address second = address("192.0.2.3"), none = address("192.0.2.9");
	struct address vm = address("10.0.0.2");
	struct mac mac = {{0x52, 0x54, 0, 0, 0, 2}}, other = {{0x52, 0x54, 0, 0, 0, 3}};

	assert_ptr_equal(model_segment(model, "red"), &model->segments[1]);
	assert_null(model_segment(model, "re"));
	assert_ptr_equal(model_segment_by_vni(model, 5002), &model->segments[1]);
	assert_null(model_segment_by_vni(model, 5003));
	assert_ptr_equal(model_peer(model, &second), &model->peers[1]);
	assert_null(model_peer(model, &none));
	assert_ptr_equal(model_port(model, "tap1"), &model->ports[1]);
	assert_null(model_port(model, "tap2"));
	assert_ptr_equal(model_fdb(model, "red", &mac), &model->fdb[1]);
	assert_null(model_fdb(model, "green", &mac));
	assert_null(model_fdb(model, "red", &other));
	assert_ptr_equal(model_neighbor(model, "blue", &vm), &model->neighbors[0]);
	assert_null(model_neighbor(model, "red", &vm));
	assert_null(model_neighbor(model, "blue", &none));
}

static void membership_follows_the_list_or_all(void **state)
{
	const struct model *model = *state;

	assert_true(peer_in_segment(&model->peers[0], "blue"));
	assert_true(peer_in_segment(&model->peers[0], "red"));
	assert_false(peer_in_segment(&model->peers[0], "green"));
	assert_true(peer_in_segment(&model->peers[1], "green"));
	assert_false(peer_in_segment(&model->peers[2], "blue"));
}

static void objects_are_appended_with_defaults(void **state)
{
	struct model *model = *state;
	struct segment *segment = noun_append(&noun_segment, model);

	assert_non_null(segment);
	assert_int_equal(model->n_segments, 3);
	assert_ptr_equal(segment, &model->segments[2]);
	assert_int_equal(segment->mtu, 1500);
	assert_string_equal(segment->name, "");
	assert_string_equal(model->segments[1].name, "red");
}

static void an_object_in_the_middle_is_removed(void **state)
{
	struct model *model = *state;
	struct address last = address("192.0.2.4");

	noun_remove(&noun_peer, model, &model->peers[1]);
	assert_int_equal(model->n_peers, 2);
	assert_true(address_equal(&model->peers[1].address, &last));
	noun_remove(&noun_peer, model, &model->peers[0]);
	noun_remove(&noun_peer, model, &model->peers[0]);
	assert_int_equal(model->n_peers, 0);
	assert_non_null(noun_append(&noun_peer, model));
	assert_true(model->peers[0].in_all_segments);
}

static void every_noun_knows_where_the_model_keeps_it(void **state)
{
	struct model *model = *state;
	size_t n;

	assert_ptr_equal(noun_objects(&noun_underlay, model, &n), &model->underlay);
	assert_int_equal(n, 1);
	assert_ptr_equal(noun_objects(&noun_limits, model, &n), &model->limits);
	assert_ptr_equal(noun_objects(&noun_segment, model, &n), model->segments);
	assert_int_equal(n, 2);
	assert_ptr_equal(noun_objects(&noun_peer, model, &n), model->peers);
	assert_int_equal(n, 3);
	assert_ptr_equal(noun_objects(&noun_port, model, &n), model->ports);
	assert_ptr_equal(noun_objects(&noun_fdb, model, &n), model->fdb);
	assert_ptr_equal(noun_objects(&noun_neighbor, model, &n), model->neighbors);
	assert_int_equal(n, 1);
}

#define on_full(test) cmocka_unit_test_setup_teardown(test, read_full, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_full(a_copy_is_equal_and_shares_nothing),
		on_full(a_cleared_model_is_as_a_fresh_one),
		cmocka_unit_test(a_zeroed_model_can_be_cleared_and_copied),
		on_full(objects_are_found_by_their_names),
		on_full(membership_follows_the_list_or_all),
		on_full(objects_are_appended_with_defaults),
		on_full(an_object_in_the_middle_is_removed),
		on_full(every_noun_knows_where_the_model_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
