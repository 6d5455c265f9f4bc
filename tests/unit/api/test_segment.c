/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/segments: each method, and each way to be refused.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct server *server;

static int start(void **state)
{
	server = server_start();
	return 0;
}

static int stop(void **state)
{
	server_stop(server);
	return 0;
}

static void the_list_has_every_segment_with_its_state(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/segments", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "Content-Type: application/json"));
	assert_int_equal(json_array_size(at(&answer, "segments")), 2);
	assert_string_equal(text_at(&answer, "segments.0.name"), "blue");
	assert_int_equal(number_at(&answer, "segments.1.vni"), 5002);
	assert_int_equal(number_at(&answer, "segments.0.state.learned"), 2);
	assert_int_equal(number_at(&answer, "segments.0.state.traffic.rx-frames"), 5001000);
	answer_clear(&answer);
}

static void one_segment_shows_what_mtu_it_wants_and_what_each_way_has(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/segments/blue", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(number_at(&answer, "state.wanted-underlay-mtu"), 1570);
	assert_true(json_is_false(at(&answer, "state.fits")));
	assert_string_equal(text_at(&answer, "state.underlay.devices.0.device"), "eth1");
	assert_true(json_is_false(at(&answer, "state.underlay.devices.0.fits")));
	assert_string_equal(text_at(&answer, "state.underlay.peers.0.address"), "192.0.2.2");
	assert_int_equal(number_at(&answer, "state.underlay.peers.0.wanted-mtu"), 1550);
	assert_true(json_is_true(at(&answer, "state.underlay.peers.0.fits")));
	assert_string_equal(text_at(&answer, "state.underlay.peers.2.address"), "2001:db8::2");
	assert_int_equal(number_at(&answer, "state.underlay.peers.2.path-mtu"), 1400);
	assert_true(json_is_false(at(&answer, "state.underlay.peers.2.fits")));
	answer_clear(&answer);

	/* 192.0.2.3 is a peer of blue only */
	ask(server, "GET", "/v1/segments/red", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "state.underlay.peers")), 2);
	answer_clear(&answer);
}

static void a_carried_tag_costs_four_bytes_of_the_underlay(void **state)
{
	struct answer answer;

	ask(server, "PATCH", "/v1/segments/blue", "{\"vlan-tags\": \"carry\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(number_at(&answer, "state.underlay.peers.0.wanted-mtu"), 1554);
	answer_clear(&answer);
}

static void a_segment_is_added_changed_and_deleted(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/segments", "{\"name\": \"green\", \"vni\": 7}", &answer);
	assert_int_equal(answer.status, 201);
	assert_int_equal(number_at(&answer, "mtu"), 1500);
	answer_clear(&answer);

	ask(server, "PATCH", "/v1/segments/green", "{\"aging\": \"10m\", \"learning\": false}",
	    &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "name"), "green");
	assert_true(json_is_false(at(&answer, "learning")));
	assert_int_equal(server->fake->running.segments[2].aging_seconds, 600);
	answer_clear(&answer);

	ask(server, "DELETE", "/v1/segments/green", NULL, &answer);
	assert_int_equal(answer.status, 204);
	assert_int_equal(answer.length, 0);
	answer_clear(&answer);

	ask(server, "GET", "/v1/segments/green", NULL, &answer);
	assert_int_equal(answer.status, 404);
	answer_clear(&answer);
}

static void words_of_a_command_line_become_what_the_members_are(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/segments?text=1",
	    "{\"name\": \"green\", \"vni\": \"7\", \"learning\": \"false\", \"aging\": \"5m\","
	    " \"dscp\": \"46\", \"unknown-unicast\": \"drop\"}",
	    &answer);
	assert_int_equal(answer.status, 201);
	assert_int_equal(number_at(&answer, "vni"), 7);
	assert_true(json_is_false(at(&answer, "learning")));
	assert_int_equal(number_at(&answer, "dscp"), 46);
	answer_clear(&answer);

	expect_error(server, "POST", "/v1/segments?text=1", "{\"name\": \"x\", \"vni\": \"seven\"}",
		     400, "invalid", "vni", "");
	expect_error(server, "PATCH", "/v1/segments/blue?text=1", "{\"learning\": \"maybe\"}", 400,
		     "invalid", "learning", "");
	/* without text=1 a string is a string */
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\", \"vni\": \"7\"}", 400,
		     "invalid", "vni", "");
}

static void a_wrong_value_is_refused_with_the_name_of_its_member(void **state)
{
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\", \"vni\": 0}", 400,
		     "invalid", "vni", "0");
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\", \"vni\": 16777216}", 400,
		     "invalid", "vni", "16777216");
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\"}", 400, "invalid", "vni",
		     "missing");
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\", \"vni\": 7, \"vnu\": 1}",
		     400, "invalid", "vnu", "");
	expect_error(server, "POST", "/v1/segments", "{\"name\": 5, \"vni\": 7}", 400, "invalid",
		     "name", "");
	expect_error(server, "PATCH", "/v1/segments/blue", "{\"mtu\": \"big\"}", 400, "invalid",
		     "mtu", "");
	expect_error(server, "PATCH", "/v1/segments/blue", "{\"name\": \"green\"}", 400, "invalid",
		     "name", "cannot be changed");
	assert_int_equal(server->fake->changes, 0);
}

static void what_clashes_with_another_segment_is_refused_with_the_own_member(void **state)
{
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"blue\", \"vni\": 7}", 409,
		     "conflict", "", "exists already");
	/* found by the check of the whole: segments[2].vni there, vni here */
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\", \"vni\": 5001}", 409,
		     "conflict", "vni", "blue");
	assert_int_equal(server->fake->changes, 0);
}

static void a_segment_in_use_is_not_deleted(void **state)
{
	expect_error(server, "DELETE", "/v1/segments/blue", NULL, 409, "conflict", "", "port tap0");
	expect_error(server, "DELETE", "/v1/segments/nosuch", NULL, 404, "unknown", "",
		     "no segment nosuch");
}

static void unknown_segments_are_not_found(void **state)
{
	expect_error(server, "GET", "/v1/segments/nosuch", NULL, 404, "unknown", "",
		     "no segment nosuch");
	expect_error(server, "PATCH", "/v1/segments/nosuch", "{\"mtu\": 1400}", 404, "unknown", "",
		     "no segment nosuch");
	expect_error(
		server, "GET",
		"/v1/segments/"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		NULL, 404, "unknown", "", "no segment");
}

static void a_change_that_the_kernel_refuses_changes_nothing(void **state)
{
	server->fake->refuse_change = true;
	expect_error(server, "PATCH", "/v1/segments/blue", "{\"mtu\": 1400}", 500, "system", "",
		     "the kernel said no");
	assert_int_equal(server->fake->running.segments[0].mtu, 1500);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(the_list_has_every_segment_with_its_state),
		TEST(one_segment_shows_what_mtu_it_wants_and_what_each_way_has),
		TEST(a_carried_tag_costs_four_bytes_of_the_underlay),
		TEST(a_segment_is_added_changed_and_deleted),
		TEST(words_of_a_command_line_become_what_the_members_are),
		TEST(a_wrong_value_is_refused_with_the_name_of_its_member),
		TEST(what_clashes_with_another_segment_is_refused_with_the_own_member),
		TEST(a_segment_in_use_is_not_deleted),
		TEST(unknown_segments_are_not_found),
		TEST(a_change_that_the_kernel_refuses_changes_nothing),
	};

	return cmocka_run_group_tests_name("segments over HTTP", tests, NULL, NULL);
}
