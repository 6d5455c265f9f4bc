/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/ports: the local devices that belong to segments.
 */
#include "api/collection.h"
#include "api/handlers.h"
#include "api/view.h"

#include <errno.h>
#include <string.h>

static int key(const char *name, void *object, struct problem *problem)
{
	struct port *port = object;

	request_copy_name(port->device, sizeof(port->device), name);
	return 0;
}

static void *find(const struct model *model, const void *object)
{
	return model_port(model, ((const struct port *)object)->device);
}

static int in_use(const struct model *model, const void *object, struct problem *problem)
{
	const struct port *port = object;
	char mac[MAC_TEXT_MAX];

	for (size_t i = 0; i < model->n_fdb; i++)
		if (!strcmp(model->fdb[i].port, port->device))
			return problem_set(problem, PROBLEM_CONFLICT, EBUSY, /* field= */ NULL,
					   "the static FDB entry of %s in %s points to port %s; "
					   "delete that first",
					   mac_format(&model->fdb[i].mac, mac),
					   model->fdb[i].segment, port->device);
	return 0;
}

static json_t *state(const struct request *request, const void *object, bool whole)
{
	const struct port *port = object;
	struct port_view view = {};

	if (request->service->ops->port(request->service->self, port->device, &view) < 0)
		return json_null();
	return json_pack("{s:b, s:b, s:b, s:I, s:I, s:I, s:o}", "present", view.present, "up",
			 view.up, "attached", view.attached, "ifindex", (json_int_t)view.ifindex,
			 "device-mtu", (json_int_t)view.device_mtu, "learned",
			 (json_int_t)view.learned, "traffic", view_traffic(&view.traffic));
}

static const struct collection ports = {
	.noun = &noun_port,
	.key = key,
	.find = find,
	.in_use = in_use,
	.state = state,
};

COLLECTION_HANDLERS(port, ports)
