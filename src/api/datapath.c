/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/datapath: the programs and maps in the kernel, and taking them out of it.
 */
#include "api/handlers.h"
#include "api/request.h"

#include <errno.h>

static json_t *programs(const struct datapath_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->n_programs; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", view->programs[i].name,
					"tag", view->programs[i].tag, "id",
					(json_int_t)view->programs[i].id, "run-count",
					(json_int_t)view->programs[i].run_count, "run-ns",
					(json_int_t)view->programs[i].run_ns));
	return list;
}

static json_t *maps(const struct datapath_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->n_maps; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "name",
					view->maps[i].name, "id", (json_int_t)view->maps[i].id,
					"key-bytes", (json_int_t)view->maps[i].key_bytes,
					"value-bytes", (json_int_t)view->maps[i].value_bytes,
					"max-entries", (json_int_t)view->maps[i].max_entries,
					"memory-bytes", (json_int_t)view->maps[i].memory_bytes));
	return list;
}

int datapath_show(struct request *request, struct reply *reply, struct problem *problem)
{
	struct datapath_view view = {};
	int r = request->service->ops->datapath(request->service->self, &view);

	if (r < 0)
		return r;
	return reply_json(reply, 200,
			  json_pack("{s:I, s:o, s:o, s:o}", "layout", (json_int_t)view.layout,
				    "pin-directory", reply_text(view.pin_directory), "programs",
				    programs(&view), "maps", maps(&view)),
			  problem);
}

int datapath_remove(struct request *request, struct reply *reply, struct problem *problem)
{
	int r = request->service->ops->unload(request->service->self, problem);

	if (r < 0)
		return r;
	reply->status = 204;
	return 0;
}
