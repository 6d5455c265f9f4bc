/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a change of an object touch?  What it names, and never the key.
 */
#include "../json_text.h"

#include "base/problem.h"
#include "model/field.h"

#include <errno.h>

static struct segment blue(void)
{
	struct segment segment;

	noun_segment.set_defaults(&segment);
	strcpy(segment.name, "blue");
	segment.vni = 5001;
	segment.mtu = 9000;
	return segment;
}

static void a_change_touches_only_what_it_names(void **state)
{
	struct segment segment = blue();
	json_auto_t *json = json_of("{'aging': '10m'}");

	assert_int_equal(noun_from_json(&noun_segment, json, "", true, &segment, NULL), 0);
	assert_int_equal(segment.aging_seconds, 600);
	assert_int_equal(segment.mtu, 9000);
	assert_string_equal(segment.name, "blue");
}

static void a_change_to_null_restores_the_default(void **state)
{
	struct segment segment = blue();
	json_auto_t *json = json_of("{'mtu': null}");

	assert_int_equal(noun_from_json(&noun_segment, json, "", true, &segment, NULL), 0);
	assert_int_equal(segment.mtu, 1500);
}

static void a_change_may_name_the_key_as_it_is(void **state)
{
	struct segment segment = blue();
	json_auto_t *json = json_of("{'name': 'blue', 'vni': 5001, 'mtu': 1400}");

	assert_int_equal(noun_from_json(&noun_segment, json, "", true, &segment, NULL), 0);
	assert_int_equal(segment.mtu, 1400);
}

static void a_change_of_the_key_is_refused(void **state)
{
	struct segment segment = blue();
	json_auto_t *json = json_of("{'vni': 5002}");
	struct problem problem = {0};

	assert_int_equal(noun_from_json(&noun_segment, json, "", true, &segment, &problem),
			 -EINVAL);
	assert_string_equal(problem.field, "vni");
	assert_contains(problem.message, "cannot be changed; delete the object and add it anew");
	assert_int_equal(segment.vni, 5001);
}

static void a_change_of_segments_replaces_the_list(void **state)
{
	json_auto_t *first = json_of("{'address': '192.0.2.2', 'segments': ['a', 'b']}");
	json_auto_t *second = json_of("{'segments': ['c']}"),
		    *third = json_of("{'segments': null}");
	struct peer peer;

	noun_peer.set_defaults(&peer);
	assert_int_equal(noun_from_json(&noun_peer, first, "", false, &peer, NULL), 0);
	assert_true(peer_in_segment(&peer, "b"));
	assert_int_equal(noun_from_json(&noun_peer, second, "", true, &peer, NULL), 0);
	assert_int_equal(peer.n_segments, 1);
	assert_true(peer_in_segment(&peer, "c"));
	assert_false(peer_in_segment(&peer, "b"));
	assert_int_equal(noun_from_json(&noun_peer, third, "", true, &peer, NULL), 0);
	assert_true(peer.in_all_segments);
	assert_null(peer.segments);
	noun_clear(&noun_peer, &peer);
}

static void a_refused_list_keeps_the_object_whole(void **state)
{
	json_auto_t *first = json_of("{'address': '192.0.2.2', 'segments': ['a']}");
	json_auto_t *second = json_of("{'segments': ['c', 7]}");
	struct peer peer;

	noun_peer.set_defaults(&peer);
	assert_int_equal(noun_from_json(&noun_peer, first, "", false, &peer, NULL), 0);
	assert_int_equal(noun_from_json(&noun_peer, second, "", true, &peer, NULL), -EINVAL);
	assert_true(peer_in_segment(&peer, "a"));
	noun_clear(&noun_peer, &peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_touches_only_what_it_names),
		cmocka_unit_test(a_change_to_null_restores_the_default),
		cmocka_unit_test(a_change_may_name_the_key_as_it_is),
		cmocka_unit_test(a_change_of_the_key_is_refused),
		cmocka_unit_test(a_change_of_segments_replaces_the_list),
		cmocka_unit_test(a_refused_list_keeps_the_object_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
