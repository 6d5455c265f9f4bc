/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens when a command that asks the daemon is run?  One request; the
 * answer is kept and printed whole, or printed line by line as it comes, or
 * passed through as it is.  Called by main.c.
 */
#include "cli/run.h"

#include "base/cleanup.h"
#include "cli/request.h"

#include <errno.h>
#include <string.h>

/* A line of a list or of watch, and any whole answer that is not a list of FDB entries. */
#define KEPT_MAX (256u << 20)

struct answer {
	const struct invocation *invocation;
	bool json;   /* pass through */
	long status; /* HTTP; 0: nothing came */
	char *kept;  /* a whole answer, or an unfinished line */
	size_t length, room;
};

static bool keep(struct answer *answer, const char *bytes, size_t length)
{
	size_t room = answer->room ? answer->room : 4096;
	char *kept;

	while (room < answer->length + length + 1)
		room *= 2;
	if (room > KEPT_MAX)
		return false;
	kept = room == answer->room ? answer->kept : realloc(answer->kept, room);
	if (!kept)
		return false;
	memcpy(kept + answer->length, bytes, length);
	answer->kept = kept;
	answer->room = room;
	answer->length += length;
	kept[answer->length] = '\0';
	return true;
}

/* Lists of entries come as one JSON array with an element a line: brackets and commas go. */
static void print_kept_line(struct answer *answer)
{
	size_t length = answer->length;
	json_t *json;

	if (length && answer->kept[length - 1] == ',')
		length--;
	json = json_loadb(answer->kept, length, 0, /* error= */ NULL);
	if (json)
		answer->invocation->command->line(json, answer->invocation);
	json_decref(json);
	answer->length = 0;
}

static bool receive_lines(struct answer *answer, const char *bytes, size_t length)
{
	while (length) {
		const char *end = memchr(bytes, '\n', length);
		size_t part = end ? (size_t)(end - bytes) : length;

		if (!keep(answer, bytes, part))
			return false;
		if (!end)
			break;
		print_kept_line(answer);
		bytes += part + 1;
		length -= part + 1;
	}
	return !ferror(stdout);
}

static bool receive(void *arg, long status, const char *bytes, size_t length)
{
	struct answer *answer = arg;

	answer->status = status;
	if (answer->json && (fwrite(bytes, 1, length, stdout) != length || fflush(stdout) == EOF))
		return false;
	if (answer->json && status < 400 && !answer->invocation->command->failures)
		return true;
	if (answer->invocation->command->line && status < 400)
		return receive_lines(answer, bytes, length);
	return keep(answer, bytes, length);
}

static void complain(const char *message)
{
	fprintf(stderr, "overlayctl: %s\n", message);
}

/* "FILE:LINE: FIELD: MESSAGE" of the API's error, with the parts that are there. */
static void print_error(const struct answer *answer)
{
	json_t *json = json_loadb(answer->kept ? answer->kept : "", answer->length, 0, NULL);
	const json_t *error = json_object_get(json, "error");
	const char *file = json_string_value(json_object_get(error, "file"));
	const char *field = json_string_value(json_object_get(error, "field"));
	const char *message = json_string_value(json_object_get(error, "message"));
	json_int_t line = json_integer_value(json_object_get(error, "line"));
	char place[24] = "";

	if (line)
		snprintf(place, sizeof(place), ":%" JSON_INTEGER_FORMAT, line);
	if (message)
		fprintf(stderr, "overlayctl: %s%s%s%s%s%s\n", file ? file : "", file ? place : "",
			file ? ": " : "", field ? field : "", field && *field ? ": " : "", message);
	else
		fprintf(stderr, "overlayctl: the daemon answered with HTTP status %ld\n",
			answer->status);
	json_decref(json);
}

static int print_whole(const struct answer *answer)
{
	const struct command *command = answer->invocation->command;
	json_error_t error;
	int status = EXIT_SUCCESS;
	json_t *json;

	json = json_loadb(answer->kept ? answer->kept : "", answer->length, 0, &error);
	if (!json) {
		fprintf(stderr, "overlayctl: the daemon's answer is not JSON: %s\n", error.text);
		return EXIT_FAILURE;
	}
	if (!answer->json)
		command->print(json, answer->invocation);
	if (command->failures && json_integer_value(json_object_get(json, command->failures)))
		status = EXIT_FAILURE;
	json_decref(json);
	return status;
}

static int finish(struct answer *answer)
{
	const struct command *command = answer->invocation->command;

	if (answer->status >= 400) {
		print_error(answer);
		return EXIT_FAILURE;
	}
	if (command->line && !answer->json)
		command->line(/* line= */ NULL, answer->invocation);
	if (answer->json ? !command->failures : !command->print)
		return EXIT_SUCCESS;
	return print_whole(answer);
}

static int ask(const char *method, const struct request *request, const struct place *place,
	       struct answer *answer)
{
	struct client *client = client_open(place);
	const struct call call = {
		.method = method,
		.target = request->target,
		.content_type = request->content_type,
		.body = request->body,
		.length = request->length,
		.receive = receive,
		.arg = answer,
	};
	char message[CLIENT_MESSAGE_MAX] = "out of memory";
	int r = client ? client_call(client, &call, message, sizeof(message)) : -ENOMEM;

	client_close(client);
	if (r < 0)
		complain(message);
	return r;
}

int run_command(const struct invocation *invocation, const struct place *place, bool json)
{
	_cleanup_(request_clear) struct request request = {};
	struct answer answer = {.invocation = invocation, .json = json};
	char message[CLIENT_MESSAGE_MAX];
	int status;

	if (request_make(invocation, &request, message, sizeof(message)) < 0) {
		complain(message);
		return EXIT_FAILURE;
	}
	if (ask(invocation->command->method, &request, place, &answer) < 0)
		status = EXIT_FAILURE;
	else
		status = finish(&answer);
	free(answer.kept);
	if (fflush(stdout) == EOF || ferror(stdout))
		return EXIT_FAILURE;
	return status;
}
