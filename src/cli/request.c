/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which HTTP request does an invocation mean?  Values go as they were typed:
 * `?text=1` asks the API to read them by the types of its members.  Called by
 * run.c.
 */
#include "cli/request.h"

#include "base/cleanup.h"
#include "cli/client.h"

#include <errno.h>
#include <string.h>

/* The API takes no more; reading on would only waste memory. */
#define FILE_MAX ((16u << 20) + 1)

static int no_memory(char *message, size_t size)
{
	snprintf(message, size, "out of memory");
	return -ENOMEM;
}

/* Appends "?name=value" or "&name=value" to *target. */
static int add_argument(char **target, const char *name, const char *value)
{
	_cleanup_free_ char *escaped = client_escape(value);
	char *longer;

	if (!escaped || asprintf(&longer, "%s%c%s=%s", *target, strchr(*target, '?') ? '&' : '?',
				 name, escaped) < 0)
		return -ENOMEM;
	free(*target);
	*target = longer;
	return 0;
}

/* The path with the name in the place of "%s". */
static char *make_path(const struct invocation *invocation)
{
	const char *pattern = invocation->command->path, *place = strstr(pattern, "%s");
	_cleanup_free_ char *name = NULL;
	char *path;

	if (!place)
		return strdup(pattern);
	name = client_escape(invocation->name);
	if (!name ||
	    asprintf(&path, "%.*s%s%s", (int)(place - pattern), pattern, name, place + 2) < 0)
		return NULL;
	return path;
}

static int add_arguments(const struct invocation *invocation, char **target)
{
	const struct command *command = invocation->command;
	int r = 0;

	if (command->use == KEYS_BODY)
		return add_argument(target, "text", "1");
	for (size_t i = 0; i < invocation->n_pairs && !r && command->use == KEYS_QUERY; i++)
		r = add_argument(target, invocation->words[i], invocation->values[i]);
	if (!r && command->reads_file && invocation->name)
		r = add_argument(target, "name",
				 strcmp(invocation->name, "-") ? invocation->name : "stdin");
	if (!r && invocation->dry_run)
		r = add_argument(target, "dry-run", "1");
	return r;
}

/* NULL: no memory, or bytes that are not UTF-8. */
static char *make_body(const struct invocation *invocation)
{
	json_t *json = json_object();
	char *text = NULL;
	int r = 0;

	if (invocation->command->member)
		r = json_object_set_new(json, invocation->command->member,
					json_string(invocation->name));
	for (size_t i = 0; i < invocation->n_pairs && !r; i++)
		r = json_object_set_new(json, invocation->words[i],
					json_string(invocation->values[i]));
	if (!r)
		text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static int read_stream(FILE *file, char **ret, size_t *ret_length)
{
	_cleanup_free_ char *text = malloc(FILE_MAX);
	size_t length;

	if (!text)
		return -ENOMEM;
	length = fread(text, 1, FILE_MAX, file);
	if (ferror(file))
		return -errno;
	*ret = TAKE_PTR(text);
	*ret_length = length;
	return 0;
}

static int read_file(const char *path, struct request *request, char *message, size_t size)
{
	_cleanup_fclose_ FILE *file = NULL;
	int r;

	if (!strcmp(path, "-"))
		return read_stream(stdin, &request->body, &request->length);
	file = fopen(path, "re");
	r = file ? read_stream(file, &request->body, &request->length) : -errno;
	if (r < 0)
		snprintf(message, size, "%s: %s", path, strerror(-r));
	return r;
}

static int fill_body(const struct invocation *invocation, struct request *request, char *message,
		     size_t size)
{
	request->content_type = "application/json";
	if (invocation->command->use == KEYS_BODY) {
		request->body = make_body(invocation);
		if (!request->body) {
			snprintf(message, size, "the words are not UTF-8");
			return -EILSEQ;
		}
		request->length = strlen(request->body);
		return 0;
	}
	if (!invocation->command->reads_file || !invocation->name)
		return 0;
	request->content_type = "application/yaml";
	return read_file(invocation->name, request, message, size);
}

int request_make(const struct invocation *invocation, struct request *ret, char *message,
		 size_t size)
{
	_cleanup_(request_clear) struct request request = {};
	int r;

	request.target = make_path(invocation);
	if (!request.target || add_arguments(invocation, &request.target) < 0)
		return no_memory(message, size);
	r = fill_body(invocation, &request, message, size);
	if (r < 0)
		return r;
	*ret = request;
	request = (struct request){};
	return 0;
}

void request_clear(struct request *request)
{
	free(request->target);
	free(request->body);
	*request = (struct request){};
}
