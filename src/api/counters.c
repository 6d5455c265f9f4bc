/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/counters: what each port, segment and peer carried since the counters
 * were last reset.
 */
#include "api/handlers.h"
#include "api/view.h"

#include <errno.h>
#include <string.h>

static json_t *row(const char *member, json_t *name, const struct table_traffic *traffic)
{
	return json_pack("{s:o, s:o}", member, name, "traffic", view_traffic(traffic));
}

static json_t *port_rows(const struct request *request, const char *only)
{
	const struct switch_ops *ops = request->service->ops;
	const struct model *model = ops->running(request->service->self);
	json_t *list = json_array();

	for (size_t i = 0; i < model->n_ports; i++) {
		const char *device = model->ports[i].device;
		struct port_view view = {};

		if ((!only || !strcmp(only, device)) &&
		    !ops->port(request->service->self, device, &view))
			json_array_append_new(list,
					      row("device", reply_text(device), &view.traffic));
	}
	return list;
}

static json_t *segment_rows(const struct request *request, const char *only)
{
	const struct switch_ops *ops = request->service->ops;
	const struct model *model = ops->running(request->service->self);
	json_t *list = json_array();

	for (size_t i = 0; i < model->n_segments; i++) {
		const char *name = model->segments[i].name;
		struct segment_view view = {};

		if ((!only || !strcmp(only, name)) &&
		    !ops->segment(request->service->self, name, &view))
			json_array_append_new(list, row("name", reply_text(name), &view.traffic));
	}
	return list;
}

static json_t *peer_rows(const struct request *request, const char *only)
{
	const struct switch_ops *ops = request->service->ops;
	const struct model *model = ops->running(request->service->self);
	struct address wanted = {};
	json_t *list = json_array();

	if (only && address_parse(only, &wanted) < 0)
		return list;
	for (size_t i = 0; i < model->n_peers; i++) {
		const struct address *address = &model->peers[i].address;
		struct peer_view view = {};

		if ((!only || address_equal(&wanted, address)) &&
		    !ops->peer(request->service->self, address, &view))
			json_array_append_new(list,
					      row("address", view_address(address), &view.traffic));
	}
	return list;
}

struct counted {
	const char *argument, *plural;
	json_t *(*rows)(const struct request *request, const char *only);
};

static const struct counted counted[] = {
	{"port", "ports", port_rows},
	{"segment", "segments", segment_rows},
	{"peer", "peers", peer_rows},
};

int counters_show(struct request *request, struct reply *reply, struct problem *problem)
{
	_cleanup_json_ json_t *json = json_object();

	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		const char *only = request_argument(request, counted[i].argument);
		json_t *rows;

		if (request->n_arguments && !only)
			continue;
		rows = counted[i].rows(request, only);
		if (only && !json_array_size(rows)) {
			json_decref(rows);
			return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, counted[i].argument,
					   "there is no %s %s", counted[i].argument, only);
		}
		json_object_set_new(json, counted[i].plural, rows);
	}
	return reply_json(reply, 200, json_incref(json), problem);
}

int counters_clear(struct request *request, struct reply *reply, struct problem *problem)
{
	int r = request->service->ops->counters_reset(request->service->self);

	if (r < 0)
		return r;
	reply->status = 204;
	return 0;
}
