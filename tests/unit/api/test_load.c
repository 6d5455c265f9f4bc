/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crowds, giants and those who stop in the middle: none may hurt the others.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

#define MEGABYTE (1u << 20)

/* A body of `size` bytes that is one JSON string member of a segment. */
static char *make_body(size_t size)
{
	static const char head[] = "{\"name\": \"", tail[] = "\"}";
	char *body = malloc(size + 1);

	assert_non_null(body);
	memset(body, 'a', size);
	memcpy(body, head, sizeof(head) - 1);
	memcpy(body + size - (sizeof(tail) - 1), tail, sizeof(tail));
	return body;
}

static void a_body_of_16_mb_is_read_and_judged(void **state)
{
	char *body = make_body(16 * MEGABYTE);
	struct answer answer;

	ask(server, "POST", "/v1/segments", body, &answer);
	assert_int_equal(answer.status, 400);
	assert_string_equal(text_at(&answer, "error.field"), "name");
	answer_clear(&answer);
	free(body);
}

static void a_body_that_announces_more_is_refused_before_it_is_sent(void **state)
{
	struct answer answer;
	int fd = client_connect(server);

	client_send(fd, "POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 16777217\r\n"
			"Expect: 100-continue\r\n\r\n");
	client_receive(fd, &answer);
	assert_int_equal(answer.status, 413);
	assert_string_equal(text_at(&answer, "error.code"), "too-large");
	assert_string_equal(text_at(&answer, "error.message"), "the body is larger than 16 MB");
	answer_clear(&answer);
	close(fd);
}

static void a_body_that_only_turns_out_to_be_larger_is_refused_too(void **state)
{
	char *body = make_body(MEGABYTE);
	struct answer answer;
	int fd = client_connect(server);

	client_send(fd, "POST /v1/apply HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
			"Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 17; i++) {
		client_send(fd, "100000\r\n");
		client_send(fd, body);
		client_send(fd, "\r\n");
	}
	client_send(fd, "0\r\n\r\n");
	client_receive(fd, &answer);
	assert_int_equal(answer.status, 413);
	answer_clear(&answer);
	close(fd);
	free(body);
}

#define N_GIANTS   18
#define GIANT_SIZE (9 * MEGABYTE) /* for which the server takes 16 MB of its 256 */

/* Each waits with its last bytes; a space now and then keeps it from being cut off. */
static void send_giants(const char *body, int *fds)
{
	char head[256];

	for (int i = 0; i < N_GIANTS; i++) {
		fds[i] = client_connect(server);
		snprintf(head, sizeof(head),
			 "POST /v1/segments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
			 "Content-Length: %u\r\n\r\n",
			 GIANT_SIZE + (unsigned int)(N_GIANTS - i));
		client_send(fds[i], head);
		client_send(fds[i], body);
		for (int j = 0; j < i; j++)
			client_send(fds[j], " ");
	}
}

static void large_bodies_together_are_refused_beyond_the_budget(void **state)
{
	char *body = make_body(GIANT_SIZE);
	int fds[N_GIANTS], n_refused = 0;
	struct answer answer;

	body[0] = '!'; /* refused at the first byte: the time of parsing is not the test */
	send_giants(body, fds);
	/* others are served meanwhile */
	ask(server, "GET", "/v1/status", NULL, &answer);
	assert_int_equal(answer.status, 200);
	answer_clear(&answer);
	for (int i = 0; i < N_GIANTS; i++) {
		client_send(fds[i], " ");
		client_receive(fds[i], &answer);
		n_refused += answer.status == 503;
		assert_true(answer.status == 400 || answer.status == 503);
		answer_clear(&answer);
		close(fds[i]);
	}
	assert_int_equal(n_refused, 2);
	/* and all of it is free again */
	ask(server, "POST", "/v1/segments", body, &answer);
	assert_int_equal(answer.status, 400);
	answer_clear(&answer);
	free(body);
}

#define N_CLIENTS 1000

static int raise_limit(void **state)
{
	struct rlimit limit;

	/* both ends of each connection are ours, and the server's own limit is not the test */
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < 4096) {
		print_message("needs 4096 descriptors, the hard limit is %lu\n",
			      (unsigned long)limit.rlim_max);
		skip();
	}
	limit.rlim_cur = limit.rlim_cur < 4096 ? 4096 : limit.rlim_cur;
	setrlimit(RLIMIT_NOFILE, &limit);
	return start(state);
}

static void a_thousand_clients_at_once_are_all_served(void **state)
{
	static int fds[N_CLIENTS];
	struct answer answer;

	for (int i = 0; i < N_CLIENTS; i++)
		fds[i] = client_connect(server);
	for (int i = 0; i < N_CLIENTS; i++)
		client_send(fds[i], "GET /v1/segments/blue HTTP/1.1\r\nHost: x\r\n"
				    "Connection: close\r\n\r\n");
	for (int i = 0; i < N_CLIENTS; i++) {
		client_receive(fds[i], &answer);
		assert_int_equal(answer.status, 200);
		assert_string_equal(text_at(&answer, "name"), "blue");
		answer_clear(&answer);
		close(fds[i]);
	}
}

static const char *const halves[] = {
	"",
	"G",
	"GET /v1/status HTTP/1.1\r\nHost",
	"POST /v1/segments HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{\"name\": \"x\"",
	"POST /v1/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
};

#define N_HALVES 200

static void half_requests_block_nobody_and_are_cut_off(void **state)
{
	size_t n_kinds = sizeof(halves) / sizeof(halves[0]);
	struct answer answer;
	int fds[N_HALVES];
	char byte;

	for (size_t i = 0; i < N_HALVES; i++) {
		fds[i] = client_connect(server);
		client_send(fds[i], halves[i % n_kinds]);
	}
	for (int i = 0; i < 50; i++) {
		ask(server, "GET", "/v1/status", NULL, &answer);
		assert_int_equal(answer.status, 200);
		answer_clear(&answer);
	}
	/* the end comes after ten seconds without a byte; recv fails the test after thirty */
	for (int i = 0; i < N_HALVES; i++) {
		assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
		close(fds[i]);
	}
	assert_int_equal(server->fake->changes, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_body_of_16_mb_is_read_and_judged),
		TEST(a_body_that_announces_more_is_refused_before_it_is_sent),
		TEST(a_body_that_only_turns_out_to_be_larger_is_refused_too),
		TEST(large_bodies_together_are_refused_beyond_the_budget),
		cmocka_unit_test_setup_teardown(a_thousand_clients_at_once_are_all_served,
						raise_limit, stop),
		TEST(half_requests_block_nobody_and_are_cut_off),
	};

	return cmocka_run_group_tests_name("crowds and giants", tests, NULL, NULL);
}
