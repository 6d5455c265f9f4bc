/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which handler answers which method and path?  The table at the end is the
 * API's table of contents; docs/api/openapi.yaml describes each line of it.
 * Refuses unknown paths, methods and arguments, bodies where none belong, and
 * JSON that is not JSON, so that no handler has to.
 */
#include "api/route.h"

#include "api/handlers.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether path has the pattern's form; what stands for {name} goes to name. */
static bool path_matches(const char *pattern, const char *path, char *name, size_t size)
{
	const char *brace = strchr(pattern, '{');
	size_t prefix = brace ? (size_t)(brace - pattern) : strlen(pattern);

	name[0] = '\0';
	if (strncmp(pattern, path, prefix))
		return false;
	path += prefix;
	if (!brace)
		return !*path;
	if (!*path || strchr(path, '/') || strlen(path) >= size)
		return false;
	strcpy(name, path);
	return true;
}

/* Whether `word` is one of the words, which are separated by single spaces. */
static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
		if (length && !strncmp(at, word, length) && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static int check_arguments(const struct route *route, const struct request *request,
			   struct problem *problem)
{
	for (size_t i = 0; i < request->n_arguments; i++) {
		const char *name = request->arguments[i].name;

		if (!has_word(route->arguments, name))
			return problem_set(problem, PROBLEM_INVALID, EINVAL, name,
					   "unknown argument; this request takes %s",
					   *route->arguments ? route->arguments : "none");
		for (size_t j = 0; j < i; j++)
			if (!strcmp(name, request->arguments[j].name))
				return problem_set(problem, PROBLEM_INVALID, EINVAL, name,
						   "is given twice");
	}
	return 0;
}

/* Fills reply->allow; it stays empty when the path is unknown. */
static void find_methods(const char *path, struct reply *reply)
{
	char name[128];

	for (const struct route *route = routes; route->method; route++) {
		size_t used = strlen(reply->allow);

		if (path_matches(route->path, path, name, sizeof(name)))
			snprintf(reply->allow + used, sizeof(reply->allow) - used, "%s%s",
				 used ? ", " : "", route->method);
	}
}

static void refuse_route(const struct request *request, struct reply *reply)
{
	struct problem problem = {};

	find_methods(request->path, reply);
	if (reply->allow[0])
		problem_set(&problem, PROBLEM_NOT_ALLOWED, EPERM, /* field= */ NULL,
			    "%s is not possible here; this path takes %s", request->method,
			    reply->allow);
	else
		problem_set(&problem, PROBLEM_UNKNOWN, ENOENT, /* field= */ NULL,
			    "there is no %s; docs/api/openapi.yaml lists what there is",
			    request->path);
	reply_problem(reply, &problem);
}

const struct route *route_find(struct request *request, struct reply *reply)
{
	struct problem problem = {};

	for (const struct route *route = routes; route->method; route++) {
		if (strcmp(route->method, request->method) ||
		    !path_matches(route->path, request->path, request->name, sizeof(request->name)))
			continue;
		if (!check_arguments(route, request, &problem))
			return route;
		reply_problem(reply, &problem);
		return NULL;
	}
	refuse_route(request, reply);
	return NULL;
}

static int decode_body(const struct route *route, struct request *request, struct problem *problem)
{
	json_error_t error;

	if (route->body == BODY_NONE && request->length)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
				   "this request takes no body");
	if (route->body != BODY_JSON)
		return 0;
	request->json =
		json_loadb(request->length ? request->body : "{}",
			   request->length ? request->length : 2, JSON_REJECT_DUPLICATES, &error);
	if (request->json && json_is_object(request->json))
		return 0;
	if (request->json)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
				   "the body must be a JSON object, {...}");
	problem->line = error.line > 0 ? (unsigned int)error.line : 0;
	return problem_set(problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
			   "the body is not JSON: line %d, column %d: %s", error.line, error.column,
			   error.text);
}

void route_run(struct request *request, struct reply *reply)
{
	const struct route *route = route_find(request, reply);
	const char *text = request_argument(request, "text");
	_cleanup_json_ json_t *json = NULL;
	struct problem problem = {};
	int r;

	if (!route)
		return;
	request->text = text && !strcmp(text, "1");
	r = decode_body(route, request, &problem);
	json = request->json;
	if (!r)
		r = route->handle(request, reply, &problem);
	if (!r)
		return;
	problem_set(&problem, PROBLEM_SYSTEM, -r, /* field= */ NULL, "%s", strerror(-r));
	reply_clear(reply);
	reply_problem(reply, &problem);
}

const struct route routes[] = {
	{"GET", "/v1/status", "", BODY_NONE, status_show},
	{"GET", "/v1/check", "", BODY_NONE, check_show},

	{"GET", "/v1/segments", "", BODY_NONE, segment_list},
	{"POST", "/v1/segments", "text", BODY_JSON, segment_add},
	{"GET", "/v1/segments/{name}", "", BODY_NONE, segment_show},
	{"PATCH", "/v1/segments/{name}", "text", BODY_JSON, segment_set},
	{"DELETE", "/v1/segments/{name}", "", BODY_NONE, segment_delete},

	{"GET", "/v1/ports", "", BODY_NONE, port_list},
	{"POST", "/v1/ports", "text", BODY_JSON, port_add},
	{"GET", "/v1/ports/{name}", "", BODY_NONE, port_show},
	{"PATCH", "/v1/ports/{name}", "text", BODY_JSON, port_set},
	{"DELETE", "/v1/ports/{name}", "", BODY_NONE, port_delete},

	{"GET", "/v1/peers", "", BODY_NONE, peer_list},
	{"POST", "/v1/peers", "text", BODY_JSON, peer_add},
	{"GET", "/v1/peers/{name}", "", BODY_NONE, peer_show},
	{"PATCH", "/v1/peers/{name}", "text", BODY_JSON, peer_set},
	{"DELETE", "/v1/peers/{name}", "", BODY_NONE, peer_delete},

	{"GET", "/v1/fdb", "segment port peer mac", BODY_NONE, fdb_list},
	{"POST", "/v1/fdb", "text", BODY_JSON, fdb_add},
	{"DELETE", "/v1/fdb", "segment mac", BODY_NONE, fdb_remove},
	{"POST", "/v1/fdb/flush", "text", BODY_JSON, fdb_flush},

	{"GET", "/v1/neighbors", "segment", BODY_NONE, neighbor_list},
	{"POST", "/v1/neighbors", "text", BODY_JSON, neighbor_add},
	{"DELETE", "/v1/neighbors", "segment address", BODY_NONE, neighbor_delete},

	{"GET", "/v1/counters", "port segment peer", BODY_NONE, counters_show},
	{"POST", "/v1/counters/reset", "", BODY_NONE, counters_clear},
	{"GET", "/v1/drops", "", BODY_NONE, drops_show},
	{"GET", "/v1/watch", "", BODY_NONE, watch_open},

	{"POST", "/v1/apply", "name dry-run", BODY_YAML, config_apply},
	{"POST", "/v1/diff", "name", BODY_YAML, config_diff},
	{"POST", "/v1/save", "", BODY_NONE, config_write},

	{"GET", "/v1/datapath", "", BODY_NONE, datapath_show},
	{"POST", "/v1/datapath/unload", "", BODY_NONE, datapath_remove},
	{},
};
