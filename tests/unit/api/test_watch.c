/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/watch: events and rates, for several watchers, and none is waited for.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* The client's end: chunks become plain bytes here. */
struct watcher {
	int fd;
	char buffer[65536];
	size_t start, end;
	size_t chunk; /* bytes that are left of the chunk */
};

/* A watcher whose answer has begun: what happens from now on reaches it. */
static struct watcher *watch(void)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	struct answer answer;

	assert_non_null(watcher);
	watcher->fd = client_connect(server);
	client_send(watcher->fd, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n");
	client_receive_head(watcher->fd, &answer);
	assert_int_equal(answer.status, 200);
	assert_non_null(strcasestr(answer.head, "transfer-encoding: chunked"));
	return watcher;
}

static void leave(struct watcher *watcher)
{
	close(watcher->fd);
	free(watcher);
}

/* -1 at the end. */
static int raw_byte(struct watcher *watcher)
{
	if (watcher->start == watcher->end) {
		ssize_t n = recv(watcher->fd, watcher->buffer, sizeof(watcher->buffer), 0);

		assert_true(n >= 0);
		if (!n)
			return -1;
		watcher->start = 0;
		watcher->end = (size_t)n;
	}
	return (unsigned char)watcher->buffer[watcher->start++];
}

/* "1f\r\n", after the "\r\n" that ends the chunk before; false at the end. */
static bool next_chunk(struct watcher *watcher)
{
	char size[32];
	size_t length = 0;
	int byte;

	while ((byte = raw_byte(watcher)) >= 0 && length < sizeof(size) - 1) {
		if (byte == '\n' && length)
			break;
		if (byte != '\r' && byte != '\n')
			size[length++] = (char)byte;
	}
	size[length] = '\0';
	watcher->chunk = byte < 0 ? 0 : strtoul(size, NULL, 16);
	return watcher->chunk;
}

/* The next line; NULL at the end. */
static json_t *next_line(struct watcher *watcher)
{
	char line[8192];
	size_t length = 0;
	json_t *json;

	do {
		if (!watcher->chunk && !next_chunk(watcher))
			return NULL;
		watcher->chunk--;
		assert_in_range(length, 0, sizeof(line) - 1);
		line[length] = (char)raw_byte(watcher);
	} while (line[length++] != '\n');
	json = json_loadb(line, length, 0, NULL);
	if (!json_is_object(json))
		fail_msg("not an object: %.*s", (int)length, line);
	return json;
}

/* The next line with the member, within as many lines. */
static json_t *await(struct watcher *watcher, const char *member, int lines)
{
	while (lines--) {
		json_t *line = next_line(watcher);

		assert_non_null(line);
		if (json_object_get(line, member))
			return line;
		json_decref(line);
	}
	fail_msg("no line with %s", member);
	return NULL;
}

static void emit(struct server *at_server, void *arg)
{
	fake_switch_emit(at_server->fake, *(enum event_kind *)arg);
}

static void emit_event(enum event_kind kind)
{
	server_run(server, emit, &kind);
}

static void expect_text(const json_t *object, const char *member, const char *text)
{
	assert_string_equal(json_string_value(json_object_get(object, member)), text);
}

static void an_event_reaches_every_watcher(void **state)
{
	struct watcher *watchers[3];

	for (int i = 0; i < 3; i++)
		watchers[i] = watch();
	emit_event(EVENT_LEARNED);
	emit_event(EVENT_MOVED);
	for (int i = 0; i < 3; i++) {
		json_t *line = await(watchers[i], "event", 5);

		expect_text(line, "event", "learned");
		expect_text(line, "segment", "blue");
		expect_text(line, "mac", "52:54:00:00:00:0a");
		expect_text(line, "port", "tap0");
		assert_int_equal(json_integer_value(json_object_get(line, "vni")), 5001);
		assert_int_equal(strlen(json_string_value(json_object_get(line, "time"))), 24);
		json_decref(line);
		line = await(watchers[i], "event", 5);
		expect_text(line, "event", "moved");
		expect_text(json_object_get(line, "from"), "peer", "192.0.2.2");
		json_decref(line);
		leave(watchers[i]);
	}
}

static void add_traffic(struct server *at_server, void *arg)
{
	at_server->fake->frames += 100;
	at_server->fake->drops += 50;
}

static const json_t *find_row(const json_t *rates, const char *plural, const char *member,
			      const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(rates, plural), i, row)
		if (!strcmp(json_string_value(json_object_get(row, member)), name))
			return row;
	return NULL;
}

/* `count` things within so many seconds, as the daemon rounds it. */
static void expect_rate(const json_t *row, const char *member, double count, double seconds)
{
	double rate = (double)json_integer_value(json_object_get(row, member));

	assert_true(rate > count / seconds - 1 && rate < count / seconds + 1);
}

static void what_moved_in_a_second_comes_as_rates(void **state)
{
	struct watcher *watcher = watch();
	json_t *line;
	const json_t *rates;
	double seconds;

	server_run(server, add_traffic, NULL);
	line = await(watcher, "rates", 5);
	rates = json_object_get(line, "rates");
	seconds = json_real_value(json_object_get(rates, "seconds"));
	assert_true(seconds > 0.5);
	expect_rate(find_row(rates, "ports", "device", "tap0"), "rx-frames", 1000, seconds);
	expect_rate(find_row(rates, "ports", "device", "tap0"), "tx-bits", 200000 * 8, seconds);
	expect_rate(find_row(rates, "segments", "name", "red"), "rx-frames", 500200, seconds);
	expect_rate(find_row(rates, "peers", "address", "192.0.2.3"), "tx-frames", 1000, seconds);
	expect_rate(find_row(rates, "drops", "reason", "unknown_peer"), "frames", 50, seconds);
	/* tap1 and one reason stood still */
	assert_null(find_row(rates, "ports", "device", "tap1"));
	assert_null(find_row(rates, "drops", "reason", "mac_not_allowed"));
	json_decref(line);
	leave(watcher);
}

static void reset(struct server *at_server, void *arg)
{
	at_server->fake->frames = 100;
	at_server->fake->drops = 3;
}

static void counters_that_were_reset_do_not_become_huge_rates(void **state)
{
	struct watcher *watcher = watch();
	json_t *line;
	const json_t *rates;
	double seconds;

	server_run(server, reset, NULL);
	line = await(watcher, "rates", 5);
	rates = json_object_get(line, "rates");
	seconds = json_real_value(json_object_get(rates, "seconds"));
	expect_rate(find_row(rates, "ports", "device", "tap0"), "rx-frames", 1000, seconds);
	expect_rate(find_row(rates, "drops", "reason", "unknown_peer"), "frames", 3, seconds);
	json_decref(line);
	leave(watcher);
}

static void look_for_listener(struct server *at_server, void *arg)
{
	*(bool *)arg = at_server->fake->listener != NULL;
}

static bool has_listener(void)
{
	bool listens;

	server_run(server, look_for_listener, &listens);
	return listens;
}

static void the_switch_is_listened_to_only_while_somebody_watches(void **state)
{
	struct watcher *watcher;

	assert_false(has_listener());
	watcher = watch();
	assert_true(has_listener());
	leave(watcher);
	/* noticed when the next line is written, at the latest with the next rates */
	for (int i = 0; i < 10000 && has_listener(); i++)
		emit_event(EVENT_LEARNED);
	assert_false(has_listener());
}

static void emit_many(struct server *at_server, void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		fake_switch_emit(at_server->fake, EVENT_LEARNED);
}

static void a_watcher_that_does_not_read_is_cut_off_and_others_go_on(void **state)
{
	struct watcher *slow = watch(), *fast = watch();
	int n_events = 1000;
	size_t received = 0;
	char buffer[65536];
	ssize_t n;

	/* some 13 MB, of which 8 MB may wait; the fast one reads as it comes */
	for (int i = 0; i < 100; i++) {
		server_run(server, emit_many, &n_events);
		for (int j = 0; j < n_events; j++)
			json_decref(await(fast, "event", 5));
	}
	while ((n = recv(slow->fd, buffer, sizeof(buffer), 0)) > 0)
		received += (size_t)n;
	assert_true(received > 0);
	/* an end, not the deadline */
	assert_int_equal(n, 0);
	emit_event(EVENT_AGED);
	json_decref(await(fast, "event", 5));
	leave(slow);
	leave(fast);
}

static void watchers_end_when_the_daemon_ends(void **state)
{
	struct server *other = server_start();
	struct watcher *watcher;

	watcher = watch();
	server_stop(server);
	server = other;
	assert_null(next_line(watcher));
	leave(watcher);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(an_event_reaches_every_watcher),
		TEST(what_moved_in_a_second_comes_as_rates),
		TEST(counters_that_were_reset_do_not_become_huge_rates),
		TEST(the_switch_is_listened_to_only_while_somebody_watches),
		TEST(a_watcher_that_does_not_read_is_cut_off_and_others_go_on),
		TEST(watchers_end_when_the_daemon_ends),
	};

	return cmocka_run_group_tests_name("watching over HTTP", tests, NULL, NULL);
}
