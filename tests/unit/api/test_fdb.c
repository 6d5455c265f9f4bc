/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/fdb and /v1/neighbors: filters, static and learned entries, long lists.
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

static void the_list_has_static_and_learned_entries_with_their_paths(void **state)
{
	struct answer answer;

	ask(server, "GET", "/v1/fdb", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(json_array_size(at(&answer, "fdb")), 3);
	assert_string_equal(text_at(&answer, "fdb.0.state.source"), "static");
	assert_string_equal(text_at(&answer, "fdb.0.peer"), "192.0.2.2");
	assert_int_equal(number_at(&answer, "fdb.0.state.vni"), 5001);
	assert_string_equal(text_at(&answer, "fdb.1.port"), "tap0");
	assert_string_equal(text_at(&answer, "fdb.1.mac"), "52:54:00:00:00:0a");
	assert_int_equal(number_at(&answer, "fdb.1.state.age"), 4);
	assert_int_equal(number_at(&answer, "fdb.1.state.moves"), 1);
	assert_string_equal(text_at(&answer, "fdb.2.peer"), "2001:db8::2");
	answer_clear(&answer);
}

static size_t count(const char *target)
{
	struct answer answer;
	size_t n;

	ask(server, "GET", target, NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(json_is_array(at(&answer, "fdb")));
	n = json_array_size(at(&answer, "fdb"));
	answer_clear(&answer);
	return n;
}

static void filters_narrow_the_list(void **state)
{
	assert_int_equal(count("/v1/fdb?segment=blue"), 3);
	assert_int_equal(count("/v1/fdb?segment=red"), 0);
	assert_int_equal(count("/v1/fdb?port=tap0"), 1);
	assert_int_equal(count("/v1/fdb?peer=192.0.2.2"), 1);
	assert_int_equal(count("/v1/fdb?segment=blue&peer=2001%3adb8%3a%3a2"), 1);
	assert_int_equal(count("/v1/fdb?mac=52-54-00-00-00-0A"), 1);
	assert_int_equal(count("/v1/fdb?mac=52:54:00:00:00:0f"), 0);
}

static void a_filter_that_names_nothing_is_refused(void **state)
{
	expect_error(server, "GET", "/v1/fdb?segment=grey", NULL, 404, "unknown", "segment",
		     "grey");
	expect_error(server, "GET", "/v1/fdb?port=tap9", NULL, 404, "unknown", "port", "tap9");
	expect_error(server, "GET", "/v1/fdb?peer=192.0.2.9", NULL, 404, "unknown", "peer", "");
	expect_error(server, "GET", "/v1/fdb?peer=tap0", NULL, 400, "invalid", "peer", "");
	expect_error(server, "GET", "/v1/fdb?mac=5254", NULL, 400, "invalid", "mac", "5254");
	expect_error(server, "GET", "/v1/fdb?vlan=5", NULL, 400, "invalid", "vlan",
		     "segment port peer mac");
}

static void a_static_entry_is_added_and_deleted(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/fdb?text=1",
	    "{\"segment\": \"red\", \"mac\": \"52:54:00:00:00:77\", \"port\": \"tap1\"}", &answer);
	assert_int_equal(answer.status, 201);
	assert_string_equal(text_at(&answer, "port"), "tap1");
	answer_clear(&answer);
	assert_int_equal(count("/v1/fdb?segment=red"), 1);

	expect_error(server, "POST", "/v1/fdb",
		     "{\"segment\": \"red\", \"mac\": \"52:54:00:00:00:77\", \"port\": \"tap1\"}",
		     409, "conflict", "", "exists already");
	ask(server, "DELETE", "/v1/fdb?segment=red&mac=52:54:00:00:00:77", NULL, &answer);
	assert_int_equal(answer.status, 204);
	answer_clear(&answer);
	assert_int_equal(count("/v1/fdb?segment=red"), 0);
}

static void an_entry_needs_one_path(void **state)
{
	expect_error(server, "POST", "/v1/fdb",
		     "{\"segment\": \"red\", \"mac\": \"52:54:00:00:00:77\"}", 400, "invalid", "",
		     "");
	expect_error(server, "POST", "/v1/fdb",
		     "{\"segment\": \"red\", \"mac\": \"52:54:00:00:00:77\", \"port\": \"tap9\"}",
		     404, "unknown", "port", "tap9");
	expect_error(server, "POST", "/v1/fdb", "{\"segment\": \"red\", \"port\": \"tap1\"}", 400,
		     "invalid", "mac", "missing");
}

static void a_learned_entry_is_forgotten(void **state)
{
	struct answer answer;

	ask(server, "DELETE", "/v1/fdb?segment=blue&mac=52:54:00:00:00:0a", NULL, &answer);
	assert_int_equal(answer.status, 204);
	answer_clear(&answer);
	assert_int_equal(count("/v1/fdb"), 2);
	assert_int_equal(server->fake->changes, 0);

	expect_error(server, "DELETE", "/v1/fdb?segment=blue&mac=52:54:00:00:00:0a", NULL, 404,
		     "unknown", "", "no FDB entry 52:54:00:00:00:0a in segment blue");
	expect_error(server, "DELETE", "/v1/fdb?segment=blue", NULL, 400, "invalid", "mac",
		     "missing");
	expect_error(server, "DELETE", "/v1/fdb?mac=52:54:00:00:00:0a", NULL, 400, "invalid",
		     "segment", "missing");
}

static void a_flush_forgets_what_matches_and_says_how_many(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/fdb/flush", "{\"peer\": \"2001:db8::2\"}", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(number_at(&answer, "flushed"), 1);
	answer_clear(&answer);

	ask(server, "POST", "/v1/fdb/flush", NULL, &answer);
	assert_int_equal(number_at(&answer, "flushed"), 1);
	answer_clear(&answer);
	assert_int_equal(count("/v1/fdb"), 1); /* the static one stays */

	expect_error(server, "POST", "/v1/fdb/flush", "{\"segment\": 5}", 400, "invalid", "segment",
		     "string");
	expect_error(server, "POST", "/v1/fdb/flush", "{\"vlan\": \"5\"}", 400, "invalid", "vlan",
		     "unknown");
}

static size_t count_lines(const struct answer *answer)
{
	size_t n = 0;

	for (size_t i = 0; i < answer->length; i++)
		n += answer->body[i] == '\n';
	return n;
}

static void a_million_entries_are_sent_one_a_line(void **state)
{
	static const char last[] = "{\"segment\":\"red\",\"mac\":\"02:00:00:0f:42:3f\",";
	struct answer answer;

	server->fake->n_generated = 1000000;
	ask(server, "GET", "/v1/fdb?segment=red", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(count_lines(&answer), 1000002);
	assert_non_null(strstr(answer.body + answer.length - 200, last));
	answer_clear(&answer);
}

/* 48 MB of the 256 MB that all clients together may hold */
#define LONG_LIST 1100000

/* A client that asks for the long list and does not read on. */
static int ask_and_wait(int *ret_status)
{
	struct answer answer;
	int fd = client_connect(server);

	client_send(fd, "GET /v1/fdb HTTP/1.1\r\nHost: x\r\n\r\n");
	client_receive_head(fd, &answer);
	*ret_status = answer.status;
	return fd;
}

static void lists_beyond_the_budget_are_refused_until_others_have_gone(void **state)
{
	int fds[6], status;

	server->fake->n_generated = LONG_LIST;
	for (int i = 0; i < 6; i++) {
		fds[i] = ask_and_wait(&status);
		assert_int_equal(status, i < 5 ? 200 : 503);
	}
	for (int i = 0; i < 6; i++)
		close(fds[i]); /* in the middle of it */
	/* that they have gone is seen in the same turn of the loop, or in the next */
	for (int i = 0; i < 2; i++)
		close(ask_and_wait(&status));
	assert_int_equal(status, 200);
}

static void neighbors_are_listed_added_and_deleted(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/neighbors",
	    "{\"segment\": \"red\", \"address\": \"10.0.0.9\", \"mac\": \"52:54:00:00:00:09\"}",
	    &answer);
	assert_int_equal(answer.status, 201);
	answer_clear(&answer);

	ask(server, "GET", "/v1/neighbors", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "neighbors")), 2);
	assert_string_equal(text_at(&answer, "neighbors.0.address"), "10.0.0.2");
	answer_clear(&answer);
	ask(server, "GET", "/v1/neighbors?segment=red", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "neighbors")), 1);
	answer_clear(&answer);

	ask(server, "DELETE", "/v1/neighbors?segment=red&address=10.0.0.9", NULL, &answer);
	assert_int_equal(answer.status, 204);
	answer_clear(&answer);
	expect_error(server, "DELETE", "/v1/neighbors?segment=red&address=10.0.0.9", NULL, 404,
		     "unknown", "", "no neighbor 10.0.0.9 in segment red");
	expect_error(server, "DELETE", "/v1/neighbors?segment=red&address=ten", NULL, 400,
		     "invalid", "address", "ten");
	expect_error(server, "DELETE", "/v1/neighbors", NULL, 400, "invalid", "segment", "missing");
	expect_error(server, "GET", "/v1/neighbors?segment=grey", NULL, 404, "unknown", "segment",
		     "grey");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(the_list_has_static_and_learned_entries_with_their_paths),
		TEST(filters_narrow_the_list),
		TEST(a_filter_that_names_nothing_is_refused),
		TEST(a_static_entry_is_added_and_deleted),
		TEST(an_entry_needs_one_path),
		TEST(a_learned_entry_is_forgotten),
		TEST(a_flush_forgets_what_matches_and_says_how_many),
		TEST(a_million_entries_are_sent_one_a_line),
		TEST(lists_beyond_the_budget_are_refused_until_others_have_gone),
		TEST(neighbors_are_listed_added_and_deleted),
	};

	return cmocka_run_group_tests_name("FDB and neighbors over HTTP", tests, NULL, NULL);
}
