/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/ports and /v1/peers: what differs from segments.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
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

static void a_port_shows_its_device_as_it_is(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/ports/tap0", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "segment"), "blue");
	assert_true(json_is_true(at(&answer, "state.attached")));
	assert_int_equal(number_at(&answer, "state.device-mtu"), 1500);
	assert_int_equal(number_at(&answer, "state.traffic.tx-bytes"), 2000000);
	answer_clear(&answer);

	ask(server, "GET", "/v1/ports", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "ports")), 2);
	assert_true(json_is_false(at(&answer, "ports.1.state.present")));
	answer_clear(&answer);
}

static void a_port_moves_to_another_segment_and_changes_its_macs(void **state)
{
	struct answer answer;

	ask(server, "PATCH", "/v1/ports/tap0?text=1",
	    "{\"segment\": \"red\", \"macs\": \"52:54:00:00:00:03,52:54:00:00:00:04\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "segment"), "red");
	assert_string_equal(text_at(&answer, "macs.1"), "52:54:00:00:00:04");
	answer_clear(&answer);

	ask(server, "PATCH", "/v1/ports/tap0?text=1", "{\"macs\": \"none\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(json_array_size(at(&answer, "macs")), 0);
	answer_clear(&answer);
	ask(server, "PATCH", "/v1/ports/tap1?text=1", "{\"macs\": \"\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(json_array_size(at(&answer, "macs")), 0);
	answer_clear(&answer);
}

static void a_port_of_a_segment_that_does_not_exist_is_refused(void **state)
{
	expect_error(server, "POST", "/v1/ports", "{\"device\": \"tap9\", \"segment\": \"grey\"}",
		     404, "unknown", "segment", "grey");
	expect_error(server, "POST", "/v1/ports", "{\"device\": \"tap0\", \"segment\": \"red\"}",
		     409, "conflict", "", "exists already");
	expect_error(server, "POST", "/v1/ports",
		     "{\"device\": \"a-name-of-16-char\", \"segment\": \"red\"}", 400, "invalid",
		     "device", "");
	expect_error(server, "PATCH", "/v1/ports/tap0", "{\"macs\": [\"52:54\"]}", 400, "invalid",
		     "macs[0]", "");
}

static void a_port_is_deleted_unless_a_static_entry_points_to_it(void **state)
{
	struct answer answer;

	ask(server, "DELETE", "/v1/ports/tap1", NULL, &answer);
	assert_int_equal(answer.status, 204);
	answer_clear(&answer);

	ask(server, "POST", "/v1/fdb",
	    "{\"segment\": \"blue\", \"mac\": \"52:54:00:00:00:77\", \"port\": \"tap0\"}", &answer);
	assert_int_equal(answer.status, 201);
	answer_clear(&answer);
	expect_error(server, "DELETE", "/v1/ports/tap0", NULL, 409, "conflict", "",
		     "52:54:00:00:00:77");
	expect_error(server, "DELETE", "/v1/ports/tap1", NULL, 404, "unknown", "", "no port tap1");
}

static void a_peer_shows_how_it_is_reached(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/peers/2001:db8::2", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "state.local"), "2001:db8::1");
	assert_int_equal(number_at(&answer, "state.limit"), 1330);
	assert_string_equal(text_at(&answer, "state.nexthops.0.device"), "eth1");
	assert_true(json_is_null(at(&answer, "state.nexthops.0.mac")));
	answer_clear(&answer);

	/* written otherwise, percent-encoded: the same peer */
	ask(server, "GET", "/v1/peers/2001%3Adb8%3A0%3A%3A2", NULL, &answer);
	assert_string_equal(text_at(&answer, "address"), "2001:db8::2");
	answer_clear(&answer);
}

static void what_a_peer_may_send_is_said_in_words(void **state)
{
	struct answer answer;

	ask(server, "PATCH", "/v1/peers/192.0.2.2?text=1",
	    "{\"accept\": \"vxlan\", \"other-addresses\": \"192.0.2.9,2001:db8::9\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "accept.0"), "vxlan");
	assert_string_equal(text_at(&answer, "other-addresses.1"), "2001:db8::9");
	assert_string_equal(text_at(&answer, "state.accepts.1"), "gre");
	answer_clear(&answer);
	ask(server, "PATCH", "/v1/peers/192.0.2.2?text=1",
	    "{\"accept\": \"default\", \"other-addresses\": \"none\","
	    " \"geneve-options\": \"none\"}",
	    &answer);
	assert_int_equal(answer.status, 200);
	assert_null(at(&answer, "accept"));
	assert_int_equal(json_array_size(at(&answer, "other-addresses")), 0);
	assert_string_equal(text_at(&answer, "geneve-options"), "");
	answer_clear(&answer);

	expect_error(server, "PATCH", "/v1/peers/192.0.2.2?text=1",
		     "{\"encapsulation\": \"geneve\", \"geneve-options\": \"01030101\"}", 400,
		     "invalid", "geneve-options",
		     "an option at byte 0 that says it is 8 bytes long");
	expect_error(server, "PATCH", "/v1/peers/192.0.2.2?text=1", "{\"accept\": \"gre,nvgre\"}",
		     400, "invalid", "accept", "has both nvgre and gre");
}

static void a_peer_s_segments_are_a_list_or_all(void **state)
{
	struct answer answer;

	ask(server, "PATCH", "/v1/peers/192.0.2.2?text=1", "{\"segments\": \"blue,red\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(json_array_size(at(&answer, "segments")), 2);
	answer_clear(&answer);

	ask(server, "PATCH", "/v1/peers/192.0.2.2?text=1", "{\"segments\": \"all\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "segments"), "all");
	answer_clear(&answer);

	expect_error(server, "PATCH", "/v1/peers/192.0.2.2?text=1", "{\"segments\": \"grey\"}", 404,
		     "unknown", "segments", "grey");
	/* 192.0.2.3 names blue */
	ask(server, "DELETE", "/v1/ports/tap0", NULL, &answer);
	answer_clear(&answer);
	ask(server, "DELETE", "/v1/fdb?segment=blue&mac=52:54:00:00:00:02", NULL, &answer);
	answer_clear(&answer);
	ask(server, "DELETE", "/v1/neighbors?segment=blue&address=10.0.0.2", NULL, &answer);
	answer_clear(&answer);
	expect_error(server, "DELETE", "/v1/segments/blue", NULL, 409, "conflict", "",
		     "the list of peer 192.0.2.3");
}

static void what_cannot_be_a_peer_is_refused(void **state)
{
	expect_error(server, "POST", "/v1/peers", "{\"address\": \"192.0.2.1\"}", 400, "invalid",
		     "address", "");
	expect_error(server, "POST", "/v1/peers", "{\"address\": \"192.0.2.256\"}", 400, "invalid",
		     "address", "192.0.2.256");
	expect_error(server, "POST", "/v1/peers",
		     "{\"address\": \"192.0.2.7\", \"encapsulation\": \"l2tp\"}", 400, "invalid",
		     "encapsulation", "");
	expect_error(server, "GET", "/v1/peers/tap0", NULL, 400, "invalid", "address",
		     "not an IP address");
	expect_error(server, "DELETE", "/v1/peers/192.0.2.9", NULL, 404, "unknown", "",
		     "no peer 192.0.2.9");
	expect_error(server, "DELETE", "/v1/peers/192.0.2.2", NULL, 409, "conflict", "",
		     "52:54:00:00:00:02");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_port_shows_its_device_as_it_is),
		TEST(a_port_moves_to_another_segment_and_changes_its_macs),
		TEST(a_port_of_a_segment_that_does_not_exist_is_refused),
		TEST(a_port_is_deleted_unless_a_static_entry_points_to_it),
		TEST(a_peer_shows_how_it_is_reached),
		TEST(what_a_peer_may_send_is_said_in_words),
		TEST(a_peer_s_segments_are_a_list_or_all),
		TEST(what_cannot_be_a_peer_is_refused),
	};

	return cmocka_run_group_tests_name("ports and peers over HTTP", tests, NULL, NULL);
}
