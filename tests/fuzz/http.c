/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of any kind against the API, below libmicrohttpd: "METHOD TARGET",
 * a line end, then the body; several requests with lines of "---" between
 * them.  Whatever comes, each answer is whole, and what is refused has changed
 * nothing.
 */
#include "fuzz.h"

#include "fake_switch.h"

#include "api/route.h"
#include "base/problem.h"
#include "model/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_MAX 8
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static int hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* "%2F" and '+' in place, as libmicrohttpd does; a zero byte ends the word. */
static void decode(char *word)
{
	char *to = word;

	for (; *word; word++, to++) {
		*to = *word == '+' ? ' ' : *word;
		if (*word == '%' && hex(word[1]) >= 0 && hex(word[2]) >= 0) {
			*to = (char)(hex(word[1]) << 4 | hex(word[2]));
			word += 2;
		}
	}
	*to = '\0';
}

static void split_arguments(char *query, struct request *request)
{
	char *pair;

	while ((pair = strsep(&query, "&")) && request->n_arguments < REQUEST_ARGUMENTS_MAX) {
		char *name = strsep(&pair, "="), *value = pair;

		decode(name);
		if (value)
			decode(value);
		request->arguments[request->n_arguments++] =
			(struct argument){.name = name, .value = value ? value : ""};
	}
}

static void check_stream(struct stream *stream)
{
	size_t room = 65536, length = 0;
	char *text = malloc(room);
	json_t *json;
	ssize_t n;

	/* odd sizes: lines are cut anywhere */
	while ((n = stream->read(stream, text + length, 777)) > 0) {
		length += (size_t)n;
		REQUIRE(length + 777 < room);
	}
	REQUIRE(!n);
	json = json_loadb(text, length, 0, NULL);
	REQUIRE(json_is_array(json_object_get(json, "fdb")));
	json_decref(json);
	free(text);
}

static void check_reply(const struct reply *reply)
{
	const json_t *error = json_object_get(reply->json, "error");
	char *text;

	REQUIRE(reply->status >= 200 && reply->status < 600);
	if (reply->status >= 400) {
		REQUIRE(json_is_string(json_object_get(error, "code")));
		REQUIRE(json_is_string(json_object_get(error, "field")));
		REQUIRE(json_string_length(json_object_get(error, "message")));
	}
	if (reply->stream) {
		check_stream(reply->stream);
		return;
	}
	REQUIRE(reply->json || reply->status == 204);
	text = reply->json ? json_dumps(reply->json, 0) : NULL;
	REQUIRE(text || !reply->json);
	free(text);
}

static void run(struct service *service, struct fake_switch *fake, char *head, const char *body,
		size_t length)
{
	struct request request = {.service = service, .body = body, .length = length};
	struct problem problem = {};
	struct reply reply = {};
	int changes = fake->changes;
	char none[] = "", *target = head, *path = none;

	request.method = strsep(&target, " ");
	if (target)
		path = strsep(&target, "?");
	if (target)
		split_arguments(target, &request);
	decode(path);
	request.path = path;
	route_run(&request, &reply);
	check_reply(&reply);
	REQUIRE(reply.status < 400 || fake->changes == changes);
	REQUIRE(!model_check(&fake->running, &problem));
	reply_clear(&reply);
	REQUIRE(!service->budget.held);
}

/* The next request's text, and where the one after it begins. */
static const uint8_t *next_request(const uint8_t *data, size_t size, size_t *ret_length)
{
	const uint8_t *end = memmem(data, size, "\n---\n", 5);

	*ret_length = end ? (size_t)(end - data) : size;
	return end ? end + 5 : data + size;
}

static void run_text(struct service *service, struct fake_switch *fake, const uint8_t *text,
		     size_t size)
{
	const uint8_t *end = memchr(text, '\n', size);
	size_t head_length = end ? (size_t)(end - text) : size;
	size_t length = end ? size - head_length - 1 : 0;
	char *head = strndup((const char *)text, head_length);
	/* exactly as long as it is, so that a sanitizer sees every read beyond it */
	char *body = malloc(length ? length : 1);

	REQUIRE(head && body);
	if (length)
		memcpy(body, end + 1, length);
	run(service, fake, head, body, length);
	free(head);
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_switch *fake = fake_switch_new();
	struct service service = {
		.ops = &fake_switch_ops,
		.self = fake,
		.budget = {.maximum = 1 << 20},
	};
	const uint8_t *end = data + size;

	for (int i = 0; i < REQUESTS_MAX && data < end; i++) {
		size_t length;
		const uint8_t *next = next_request(data, (size_t)(end - data), &length);

		run_text(&service, fake, data, length);
		data = next;
	}
	fake_switch_free(fake);
	return 0;
}
