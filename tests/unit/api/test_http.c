/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP itself: paths, methods, arguments, bodies that are not what they should be.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void unknown_paths_are_not_found(void **state)
{
	expect_error(server, "GET", "/", NULL, 404, "unknown", "", "there is no /");
	expect_error(server, "GET", "/v1/", NULL, 404, "unknown", "", "openapi.yaml");
	expect_error(server, "GET", "/v2/status", NULL, 404, "unknown", "", "/v2/status");
	expect_error(server, "GET", "/v1/segments/blue/", NULL, 404, "unknown", "", "");
	expect_error(server, "GET", "/v1/segments/a%2Fb", NULL, 404, "unknown", "", "");
	expect_error(server, "GET", "/v1/statuss", NULL, 404, "unknown", "", "");
	expect_error(server, "POST", "/v1/nothing", "{\"a\": 1}", 404, "unknown", "", "");
}

static void a_method_that_a_path_does_not_take_is_told_which_it_takes(void **state)
{
	struct answer answer;

	expect_error(server, "PUT", "/v1/segments/blue", "{}", 405, "not-allowed", "",
		     "GET, PATCH, DELETE");
	expect_error(server, "DELETE", "/v1/status", NULL, 405, "not-allowed", "", "GET");
	ask(server, "DELETE", "/v1/segments", NULL, &answer);
	assert_non_null(strstr(answer.head, "Allow: GET, POST"));
	answer_clear(&answer);
}

static void arguments_are_known_and_given_once(void **state)
{
	expect_error(server, "GET", "/v1/status?all=1", NULL, 400, "invalid", "all", "none");
	expect_error(server, "GET", "/v1/fdb?segment=blue&segment=red", NULL, 400, "invalid",
		     "segment", "twice");
	expect_error(server, "GET", "/v1/fdb?a&b&c&d&e&f&g&h&i", NULL, 400, "invalid", "",
		     "too many arguments");
	expect_error(server, "GET", "/v1/fdb?segment=blue%00x", NULL, 400, "invalid", "",
		     "zero byte");
}

static void what_is_not_json_is_refused_with_the_place(void **state)
{
	struct answer answer;

	expect_error(server, "POST", "/v1/segments", "{\"name\": \"x\",", 400, "invalid", "",
		     "line 1, column 13");
	expect_error(server, "POST", "/v1/segments", "not json", 400, "invalid", "", "not JSON");
	expect_error(server, "POST", "/v1/segments", "[1, 2]", 400, "invalid", "", "object");
	expect_error(server, "POST", "/v1/segments", "{\"vni\": 1, \"vni\": 2}", 400, "invalid", "",
		     "vni");
	expect_error(server, "POST", "/v1/segments", "{\"name\": \"\xff\xfe\"}", 400, "invalid", "",
		     "decode byte 0xff");
	ask(server, "POST", "/v1/segments", "{\n \"name\": \"x\",\n oops}", &answer);
	assert_int_equal(number_at(&answer, "error.line"), 3);
	answer_clear(&answer);
	ask_bytes(server, "POST", "/v1/segments", "{\"name\": \"\\u0000\"}\0", 20, &answer);
	assert_int_equal(answer.status, 400);
	answer_clear(&answer);
}

/* 100,000 brackets must not eat the stack */
static void deep_json_is_refused(void **state)
{
	char *body = malloc(100001);
	struct answer answer;

	assert_non_null(body);
	memset(body, '[', 100000);
	body[100000] = '\0';
	ask(server, "POST", "/v1/segments", body, &answer);
	assert_int_equal(answer.status, 400);
	answer_clear(&answer);
	free(body);
}

static void a_body_where_none_belongs_is_refused(void **state)
{
	expect_error(server, "DELETE", "/v1/ports/tap1", "{}", 400, "invalid", "", "no body");
	assert_int_equal(server->fake->changes, 0);
}

static void what_is_not_http_gets_an_error_and_the_end(void **state)
{
	struct answer answer;
	int fd = client_connect(server);

	client_send(fd, "\x16\x03\x01 hello\r\n\r\n");
	client_receive(fd, &answer);
	assert_int_equal(answer.status, 400);
	answer_clear(&answer);
	close(fd);
}

static void headers_without_end_are_refused(void **state)
{
	struct answer answer;
	int fd = client_connect(server);

	client_send(fd, "GET /v1/status HTTP/1.1\r\nHost: x\r\n");
	for (int i = 0; i < 1000; i++)
		client_send(fd, "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
	client_receive(fd, &answer);
	assert_int_equal(answer.status, 431);
	answer_clear(&answer);
	close(fd);
}

/* Two requests on one connection, the second sent before the first is answered. */
static void a_connection_serves_several_requests(void **state)
{
	struct answer answer;
	int fd = client_connect(server);

	client_send(fd, "GET /v1/segments/blue HTTP/1.1\r\nHost: x\r\n\r\n"
			"GET /v1/segments/nosuch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	client_receive(fd, &answer);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "HTTP/1.1 404"));
	answer_clear(&answer);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(unknown_paths_are_not_found),
		TEST(a_method_that_a_path_does_not_take_is_told_which_it_takes),
		TEST(arguments_are_known_and_given_once),
		TEST(what_is_not_json_is_refused_with_the_place),
		TEST(deep_json_is_refused),
		TEST(a_body_where_none_belongs_is_refused),
		TEST(what_is_not_http_gets_an_error_and_the_end),
		TEST(headers_without_end_are_refused),
		TEST(a_connection_serves_several_requests),
	};

	return cmocka_run_group_tests_name("HTTP itself", tests, NULL, NULL);
}
