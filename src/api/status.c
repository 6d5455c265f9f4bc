/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/status and /v1/check: how the switch is, and what is not as good as it
 * could be.
 */
#include "api/handlers.h"
#include "api/view.h"

#include <errno.h>
#include <string.h>

static json_t *addresses(const struct status_view *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->n_addresses; i++)
		json_array_append_new(list, view_address(&status->addresses[i]));
	return list;
}

static json_t *devices(const struct status_view *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->n_devices; i++) {
		const struct underlay_device_view *device = &status->devices[i];

		json_array_append_new(list, json_pack("{s:o, s:b, s:b, s:b, s:i, s:s}", "device",
						      reply_text(device->device), "present",
						      device->present, "up", device->up, "attached",
						      device->attached, "mtu", (int)device->mtu,
						      "hook", device->hook));
	}
	return list;
}

static json_t *anchors(const struct status_view *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->n_anchors; i++) {
		const struct anchor_view *anchor = &status->anchors[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:b, s:b}", "device",
						      reply_text(anchor->device), "encapsulations",
						      view_encaps(anchor->kinds), "present",
						      anchor->present, "carries", anchor->carries));
	}
	return list;
}

static json_t *counts(const struct status_view *status)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "segments",
			 (json_int_t)status->n_segments, "peers", (json_int_t)status->n_peers,
			 "ports", (json_int_t)status->n_ports, "ports-attached",
			 (json_int_t)status->n_ports_attached, "fdb-entries",
			 (json_int_t)status->fdb_entries, "fdb-capacity",
			 (json_int_t)status->fdb_capacity, "drops", (json_int_t)status->drops);
}

int status_show(struct request *request, struct reply *reply, struct problem *problem)
{
	const struct switch_ops *ops = request->service->ops;
	struct status_view status = {};
	json_t *json;
	int r = ops->status(request->service->self, &status);

	if (r < 0)
		return r;
	json = json_pack("{s:s, s:i, s:I, s:o, s:b, s:o, s:o, s:o, s:o}", "version", status.version,
			 "pid", (int)status.pid, "uptime", (json_int_t)status.uptime_seconds,
			 "config-file", reply_text(status.config_file), "unsaved", status.unsaved,
			 "addresses", addresses(&status), "devices", devices(&status), "anchors",
			 anchors(&status), "counts", counts(&status));
	if (json && json_object_update_new(json, view_findings(ops, request->service->self)) < 0) {
		json_decref(json);
		json = NULL;
	}
	return reply_json(reply, 200, json, problem);
}

int check_show(struct request *request, struct reply *reply, struct problem *problem)
{
	return reply_json(reply, 200, view_findings(request->service->ops, request->service->self),
			  problem);
}
