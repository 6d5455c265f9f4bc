/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real API server in a thread, and a client that speaks bytes, so that
 * tests can send halves, garbage and crowds.
 */
#include "server.h"

#include "api/api.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define PARSED_MAX (1u << 20)

struct order {
	void (*function)(struct server *server, void *arg);
	void *arg;
};

static int on_order(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct server *server = arg;
	struct order order;

	if (read(fd, &order, sizeof(order)) != sizeof(order))
		return -EIO;
	order.function(server, order.arg);
	return write(server->replies[1], "", 1) == 1 ? 0 : -EIO;
}

static void *run_loop(void *arg)
{
	struct server *server = arg;

	sd_event_loop(server->event);
	api_close(server->api);
	return NULL;
}

struct server *server_start(void)
{
	struct server *server = calloc(1, sizeof(*server));
	struct problem problem = {};

	assert_non_null(server);
	snprintf(server->folder, sizeof(server->folder), "/tmp/overlaid-test-XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	snprintf(server->path, sizeof(server->path), "%s/overlaid.sock", server->folder);
	server->fake = fake_switch_new();
	assert_int_equal(pipe(server->orders), 0);
	assert_int_equal(pipe(server->replies), 0);
	assert_true(sd_event_new(&server->event) >= 0);
	assert_true(sd_event_add_io(server->event, NULL, server->orders[0], EPOLLIN, on_order,
				    server) >= 0);
	if (api_open(server->event, server->path, &fake_switch_ops, server->fake, &server->api,
		     &problem) < 0)
		fail_msg("api_open: %s", problem.message);
	assert_int_equal(pthread_create(&server->thread, NULL, run_loop, server), 0);
	return server;
}

static void end_loop(struct server *server, void *arg)
{
	sd_event_exit(server->event, 0);
}

void server_run(struct server *server, void (*function)(struct server *server, void *arg),
		void *arg)
{
	struct order order = {function, arg};
	char done;

	assert_int_equal(write(server->orders[1], &order, sizeof(order)), sizeof(order));
	assert_int_equal(read(server->replies[0], &done, 1), 1);
}

void server_stop(struct server *server)
{
	if (!server->ends_itself)
		server_run(server, end_loop, NULL);
	pthread_join(server->thread, NULL);
	sd_event_unref(server->event);
	fake_switch_free(server->fake);
	for (int i = 0; i < 2; i++) {
		close(server->orders[i]);
		close(server->replies[i]);
	}
	assert_int_equal(access(server->path, F_OK), -1);
	assert_int_equal(rmdir(server->folder), 0);
	free(server);
}

int client_connect(const struct server *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval deadline = {.tv_sec = SERVER_DEADLINE_SECONDS};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, server->path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof(deadline));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* A server that refuses closes before it has read everything: that is its right. */
static void send_bytes(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		assert_true(n > 0);
		bytes += n;
		length -= (size_t)n;
	}
}

void client_send(int fd, const char *text)
{
	send_bytes(fd, text, strlen(text));
}

/* Everything up to the end, NUL behind it. */
static char *read_all(int fd, size_t *ret_length)
{
	size_t room = 65536, length = 0;
	char *bytes = malloc(room + 1);

	for (;;) {
		ssize_t n;

		assert_non_null(bytes);
		n = recv(fd, bytes + length, room - length, 0);
		if (n < 0 && errno == ECONNRESET)
			n = 0;
		if (n < 0)
			fail_msg("no answer within %d s: %s", SERVER_DEADLINE_SECONDS,
				 strerror(errno));
		if (!n)
			break;
		length += (size_t)n;
		if (length == room)
			bytes = realloc(bytes, (room *= 2) + 1);
	}
	bytes[length] = '\0';
	*ret_length = length;
	return bytes;
}

/* Chunks to plain bytes, in place. */
static size_t join_chunks(char *body)
{
	char *from = body, *to = body;

	for (;;) {
		char *end;
		size_t size = strtoul(from, &end, 16);

		if (!size || strncmp(end, "\r\n", 2))
			break;
		memmove(to, end + 2, size);
		to += size;
		from = end + 2 + size + 2;
	}
	*to = '\0';
	return (size_t)(to - body);
}

void client_receive_head(int fd, struct answer *ret)
{
	size_t length = 0;

	*ret = (struct answer){};
	while (length < 4 || memcmp(ret->head + length - 4, "\r\n\r\n", 4)) {
		assert_in_range(length, 0, sizeof(ret->head) - 2);
		assert_int_equal(recv(fd, ret->head + length, 1, 0), 1);
		length++;
	}
	ret->status = atoi(ret->head + strlen("HTTP/1.1 "));
}

void client_receive(int fd, struct answer *ret)
{
	size_t length, head;
	char *bytes = read_all(fd, &length), *split = strstr(bytes, "\r\n\r\n");

	*ret = (struct answer){};
	if (!split)
		fail_msg("not an HTTP answer: \"%.200s\"", bytes);
	head = (size_t)(split - bytes);
	assert_in_range(head, 12, sizeof(ret->head) - 1);
	memcpy(ret->head, bytes, head);
	ret->status = atoi(ret->head + strlen("HTTP/1.1 "));
	ret->length = length - head - 4;
	memmove(bytes, split + 4, ret->length + 1);
	if (strcasestr(ret->head, "transfer-encoding: chunked"))
		ret->length = join_chunks(bytes);
	ret->body = bytes;
	if (ret->length <= PARSED_MAX)
		ret->json = json_loadb(ret->body, ret->length, 0, NULL);
}

void ask_bytes(const struct server *server, const char *method, const char *target,
	       const char *body, size_t length, struct answer *ret)
{
	int fd = client_connect(server);
	char head[1024];

	snprintf(head, sizeof(head),
		 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu"
		 "\r\n\r\n",
		 method, target, length);
	client_send(fd, head);
	send_bytes(fd, body, length);
	client_receive(fd, ret);
	close(fd);
}

void ask(const struct server *server, const char *method, const char *target, const char *body,
	 struct answer *ret)
{
	ask_bytes(server, method, target, body ? body : "", body ? strlen(body) : 0, ret);
}

void answer_clear(struct answer *answer)
{
	free(answer->body);
	json_decref(answer->json);
	*answer = (struct answer){};
}

json_t *at(const struct answer *answer, const char *path)
{
	json_t *json = answer->json;
	char copy[256], *rest = copy, *part;

	snprintf(copy, sizeof(copy), "%s", path);
	while (json && (part = strsep(&rest, ".")))
		json = json_is_array(json) ? json_array_get(json, strtoul(part, NULL, 10)) :
					     json_object_get(json, part);
	return json;
}

const char *text_at(const struct answer *answer, const char *path)
{
	const char *text = json_string_value(at(answer, path));

	if (!text)
		fail_msg("no text at %s in %s", path, answer->body);
	return text;
}

json_int_t number_at(const struct answer *answer, const char *path)
{
	if (!json_is_integer(at(answer, path)))
		fail_msg("no number at %s in %s", path, answer->body);
	return json_integer_value(at(answer, path));
}

void expect_error(const struct server *server, const char *method, const char *target,
		  const char *body, int status, const char *code, const char *field,
		  const char *part)
{
	struct answer answer;

	ask(server, method, target, body, &answer);
	if (answer.status != status)
		fail_msg("%s %s: %d instead of %d: %s", method, target, answer.status, status,
			 answer.body);
	assert_string_equal(text_at(&answer, "error.code"), code);
	assert_string_equal(text_at(&answer, "error.field"), field);
	if (!strstr(text_at(&answer, "error.message"), part))
		fail_msg("\"%s\" is not in \"%s\"", part, text_at(&answer, "error.message"));
	answer_clear(&answer);
}
