/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/status, check, counters, drops and datapath: what is only read, mostly.
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

static void the_status_has_the_underlay_the_counts_and_the_findings(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/status", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "version"), "0.0-test");
	assert_string_equal(text_at(&answer, "config-file"), FAKE_CONFIG_FILE);
	assert_string_equal(text_at(&answer, "addresses.1"), "2001:db8::1");
	assert_string_equal(text_at(&answer, "devices.0.hook"), "tcx");
	assert_string_equal(text_at(&answer, "anchors.0.encapsulations.0"), "vxlan");
	assert_string_equal(text_at(&answer, "anchors.1.encapsulations.1"), "gre");
	assert_int_equal(number_at(&answer, "counts.peers"), 3);
	assert_int_equal(number_at(&answer, "counts.drops"), 7);
	assert_string_equal(text_at(&answer, "findings.0.field"), "segment blue");
	assert_int_equal(number_at(&answer, "warnings"), 1);
	answer_clear(&answer);
}

static void the_check_lists_findings_and_counts_them(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/check", NULL, &answer);
	assert_string_equal(text_at(&answer, "findings.0.level"), "warning");
	assert_int_equal(number_at(&answer, "errors"), 0);
	assert_int_equal(number_at(&answer, "warnings"), 1);
	answer_clear(&answer);
}

static void counters_are_of_everything_or_of_one_object(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/counters", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(json_array_size(at(&answer, "ports")), 2);
	assert_int_equal(number_at(&answer, "segments.1.traffic.rx-frames"), 5002000);
	assert_string_equal(text_at(&answer, "peers.2.address"), "2001:db8::2");
	answer_clear(&answer);

	ask(server, "GET", "/v1/counters?peer=192.0.2.2", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "peers")), 1);
	assert_null(at(&answer, "ports"));
	answer_clear(&answer);

	expect_error(server, "GET", "/v1/counters?port=tap9", NULL, 404, "unknown", "port", "tap9");
	expect_error(server, "GET", "/v1/counters?peer=x", NULL, 404, "unknown", "peer", "x");
}

static void counters_are_reset(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/counters/reset", NULL, &answer);
	assert_int_equal(answer.status, 204);
	assert_int_equal(server->fake->resets, 1);
	answer_clear(&answer);
	expect_error(server, "POST", "/v1/counters/reset", "{}", 400, "invalid", "", "no body");
}

static void drops_come_with_the_reason_s_sentence(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/drops", NULL, &answer);
	assert_string_equal(text_at(&answer, "drops.0.reason"), "unknown_peer");
	assert_non_null(strstr(text_at(&answer, "drops.0.sentence"), "overlayctl peer add"));
	assert_int_equal(number_at(&answer, "drops.0.frames"), 7);
	assert_null(at(&answer, "drops.0.segment"));
	assert_string_equal(text_at(&answer, "drops.1.port"), "tap1");
	answer_clear(&answer);
}

static void the_datapath_shows_programs_and_maps(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/datapath", NULL, &answer);
	assert_string_equal(text_at(&answer, "programs.0.name"), "from_port");
	assert_int_equal(number_at(&answer, "maps.0.memory-bytes"), 9437184);
	answer_clear(&answer);
}

static void exit_loop(void *arg)
{
	sd_event_exit(((struct server *)arg)->event, 0);
}

static void the_answer_to_unload_arrives_although_the_daemon_ends(void **state)
{
	struct answer answer;

	server->fake->on_unload = exit_loop;
	server->fake->on_unload_arg = server;
	server->ends_itself = true;
	ask(server, "POST", "/v1/datapath/unload", NULL, &answer);
	assert_int_equal(answer.status, 204);
	assert_int_equal(server->fake->unloads, 1);
	answer_clear(&answer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(the_status_has_the_underlay_the_counts_and_the_findings),
		TEST(the_check_lists_findings_and_counts_them),
		TEST(counters_are_of_everything_or_of_one_object),
		TEST(counters_are_reset),
		TEST(drops_come_with_the_reason_s_sentence),
		TEST(the_datapath_shows_programs_and_maps),
		TEST(the_answer_to_unload_arrives_although_the_daemon_ends),
	};

	return cmocka_run_group_tests_name("what is read over HTTP", tests, NULL, NULL);
}
