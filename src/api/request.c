/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is common to all requests: arguments, the budget of memory, replies.
 */
#include "api/request.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

bool budget_take(struct budget *budget, size_t bytes)
{
	if (bytes > budget->maximum - budget->held)
		return false;
	budget->held += bytes;
	return true;
}

void budget_return(struct budget *budget, size_t bytes)
{
	budget->held -= bytes;
}

const char *request_argument(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->n_arguments; i++)
		if (!strcmp(request->arguments[i].name, name))
			return request->arguments[i].value;
	return NULL;
}

void request_copy_name(char *to, size_t size, const char *name)
{
	size_t length = strlen(name);

	if (length >= size)
		length = 0;
	memcpy(to, name, length);
	to[length] = '\0';
}

int request_no_memory(struct problem *problem)
{
	return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, /* field= */ NULL, "out of memory");
}

void reply_clear(struct reply *reply)
{
	json_decref(reply->json);
	if (reply->stream)
		reply->stream->close(reply->stream);
	*reply = (struct reply){};
}

json_t *reply_text(const char *text)
{
	_cleanup_free_ char *copy = NULL;
	json_t *json = json_string(text);

	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	text_clean(copy);
	return json_string(copy);
}

int reply_json(struct reply *reply, int status, json_t *json, struct problem *problem)
{
	if (!json)
		return request_no_memory(problem);
	reply->status = status;
	reply->json = json;
	return 0;
}

void reply_problem(struct reply *reply, const struct problem *problem)
{
	json_t *error =
		json_pack("{s:s, s:o, s:o}", "code", problem_code_name(problem->code), "field",
			  reply_text(problem->field), "message", reply_text(problem->message));

	if (problem->file[0])
		json_object_set_new(error, "file", reply_text(problem->file));
	if (problem->line)
		json_object_set_new(error, "line", json_integer(problem->line));
	reply->status = problem_http_status(problem->code);
	reply->json = json_pack("{s:o}", "error", error);
}
