/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/drops: which frames did not arrive, why, and what to do about it.
 */
#include "api/handlers.h"
#include "api/view.h"

#include <errno.h>

static int add_drop(void *arg, const struct drop_view *drop)
{
	json_t *list = arg, *json = view_drop(drop);

	json_object_set_new(json, "frames", json_integer((json_int_t)drop->frames));
	json_object_set_new(json, "bytes", json_integer((json_int_t)drop->bytes));
	return json_array_append_new(list, json) < 0 ? -ENOMEM : 0;
}

int drops_show(struct request *request, struct reply *reply, struct problem *problem)
{
	_cleanup_json_ json_t *list = json_array();
	int r = request->service->ops->drops_each(request->service->self, add_drop, list);

	if (r < 0)
		return r;
	return reply_json(reply, 200, json_pack("{s:O}", "drops", list), problem);
}
