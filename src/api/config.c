/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/apply, /v1/diff and /v1/save: the running state against configuration
 * files.  What a file's text means is switch_ops.parse's business.
 */
#include "api/handlers.h"
#include "api/request.h"
#include "base/cleanup.h"
#include "model/plan.h"

#include <errno.h>
#include <string.h>

#define LINE_MAX_BYTES 1024

static int parse_body(struct request *request, struct model *ret, struct problem *problem)
{
	const char *name = request_argument(request, "name");

	return request->service->ops->parse(request->service->self, name ? name : "request",
					    request->body, request->length, ret, problem);
}

/* One line for each thing that leads from one model to the other. */
static int describe(const struct model *from, const struct model *to, json_t **ret,
		    struct problem *problem)
{
	_cleanup_plan_ struct plan plan = {};
	_cleanup_json_ json_t *lines = json_array();

	if (plan_make(from, to, &plan) < 0)
		return request_no_memory(problem);
	for (size_t i = 0; i < plan.n_operations; i++) {
		char line[LINE_MAX_BYTES];

		operation_describe(&plan.operations[i], line, sizeof(line));
		if (json_array_append_new(lines, reply_text(line)) < 0)
			return request_no_memory(problem);
	}
	*ret = TAKE_PTR(lines);
	return 0;
}

int config_apply(struct request *request, struct reply *reply, struct problem *problem)
{
	const struct switch_ops *ops = request->service->ops;
	const char *dry = request_argument(request, "dry-run");
	_cleanup_model_ struct model want = {};
	_cleanup_json_ json_t *changes = NULL;
	bool dry_run = dry && strcmp(dry, "0");
	int r;

	if (!request->length)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
				   "the body is empty; send a configuration file");
	r = parse_body(request, &want, problem);
	if (r < 0)
		return r;
	r = describe(ops->running(request->service->self), &want, &changes, problem);
	if (!r && !dry_run)
		r = ops->change(request->service->self, &want, problem);
	if (r < 0)
		return r;
	return reply_json(reply, 200,
			  json_pack("{s:O, s:b}", "changes", changes, "dry-run", dry_run), problem);
}

/* From the file to the running state: what `save` would add to it and take from it. */
int config_diff(struct request *request, struct reply *reply, struct problem *problem)
{
	const struct switch_ops *ops = request->service->ops;
	const struct model *running = ops->running(request->service->self);
	_cleanup_model_ struct model file = {};
	_cleanup_json_ json_t *changes = NULL;
	int r = request->length ? parse_body(request, &file, problem) : 0;

	if (r < 0)
		return r;
	r = describe(request->length ? &file : ops->declared(request->service->self), running,
		     &changes, problem);
	if (r < 0)
		return r;
	return reply_json(reply, 200, json_pack("{s:O}", "changes", changes), problem);
}

int config_write(struct request *request, struct reply *reply, struct problem *problem)
{
	const struct switch_ops *ops = request->service->ops;
	struct status_view status = {};
	int r = ops->save(request->service->self, problem);

	if (!r)
		r = ops->status(request->service->self, &status);
	if (r < 0)
		return r;
	return reply_json(reply, 200, json_pack("{s:o}", "file", reply_text(status.config_file)),
			  problem);
}
