/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/segments: the virtual networks, and whether their frames fit the
 * underlay: what MTU each wants, and what each device and each peer's route has.
 */
#include "api/collection.h"
#include "api/handlers.h"
#include "api/view.h"

#include <errno.h>
#include <string.h>

/* A carried VLAN tag makes the outer packet that much longer. */
#define TAG_BYTES 4u

static int key(const char *name, void *object, struct problem *problem)
{
	struct segment *segment = object;

	request_copy_name(segment->name, sizeof(segment->name), name);
	return 0;
}

static void *find(const struct model *model, const void *object)
{
	return model_segment(model, ((const struct segment *)object)->name);
}

static int refuse_used(const struct segment *segment, const char *kind, const char *user,
		       struct problem *problem)
{
	return problem_set(problem, PROBLEM_CONFLICT, EBUSY, /* field= */ NULL,
			   "segment %s is used by %s %s; delete that first", segment->name, kind,
			   user);
}

static int in_use(const struct model *model, const void *object, struct problem *problem)
{
	const struct segment *segment = object;
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < model->n_ports; i++)
		if (!strcmp(model->ports[i].segment, segment->name))
			return refuse_used(segment, "port", model->ports[i].device, problem);
	for (size_t i = 0; i < model->n_fdb; i++)
		if (!strcmp(model->fdb[i].segment, segment->name))
			return refuse_used(segment, "the static FDB entry of",
					   mac_format(&model->fdb[i].mac, text), problem);
	for (size_t i = 0; i < model->n_neighbors; i++)
		if (!strcmp(model->neighbors[i].segment, segment->name))
			return refuse_used(segment, "neighbor",
					   address_format(&model->neighbors[i].address, text),
					   problem);
	for (size_t i = 0; i < model->n_peers; i++)
		if (!model->peers[i].in_all_segments &&
		    peer_in_segment(&model->peers[i], segment->name))
			return refuse_used(segment, "the list of peer",
					   address_format(&model->peers[i].address, text), problem);
	return 0;
}

/* One peer's side of "does it fit"; *wanted is raised to what it wants. */
static json_t *peer_fit(const struct segment *segment, const struct peer *peer,
			const struct peer_view *view)
{
	unsigned int tag = segment->vlan_tags == VLAN_CARRY ? TAG_BYTES : 0;
	unsigned int wanted = segment->mtu + view->overhead + tag;

	return json_pack("{s:o, s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:b}", "address",
			 view_address(&peer->address), "encapsulation",
			 view_encap_name(peer->encapsulation), "reachable", view->reachable,
			 "overhead", (int)view->overhead, "wanted-mtu", (int)wanted, "route-mtu",
			 (int)view->route_mtu, "path-mtu", (int)view->path_mtu, "limit",
			 (int)view->limit, "fits", view->reachable && view->path_mtu >= wanted);
}

static json_t *peers_fit(const struct request *request, const struct segment *segment)
{
	const struct switch_ops *ops = request->service->ops;
	const struct model *model = ops->running(request->service->self);
	json_t *list = json_array();

	for (size_t i = 0; i < model->n_peers; i++) {
		const struct peer *peer = &model->peers[i];
		struct peer_view view = {};

		if (peer_in_segment(peer, segment->name) &&
		    !ops->peer(request->service->self, &peer->address, &view))
			json_array_append_new(list, peer_fit(segment, peer, &view));
	}
	return list;
}

static json_t *devices_fit(const struct request *request, unsigned int wanted)
{
	json_t *list = json_array();
	struct status_view status = {};

	if (request->service->ops->status(request->service->self, &status) < 0)
		return list;
	for (size_t i = 0; i < status.n_devices; i++)
		json_array_append_new(list, json_pack("{s:o, s:b, s:i, s:b}", "device",
						      reply_text(status.devices[i].device),
						      "present", status.devices[i].present, "mtu",
						      (int)status.devices[i].mtu, "fits",
						      status.devices[i].mtu >= wanted));
	return list;
}

static json_t *state(const struct request *request, const void *object, bool whole)
{
	const struct segment *segment = object;
	struct segment_view view = {};
	json_t *json;

	if (request->service->ops->segment(request->service->self, segment->name, &view) < 0)
		return json_null();
	json = json_pack("{s:I, s:I, s:I, s:i, s:b, s:o}", "ports", (json_int_t)view.n_ports,
			 "peers", (json_int_t)view.n_peers, "learned", (json_int_t)view.learned,
			 "wanted-underlay-mtu", (int)view.wanted_underlay_mtu, "fits", view.fits,
			 "traffic", view_traffic(&view.traffic));
	if (whole)
		json_object_set_new(json, "underlay",
				    json_pack("{s:o, s:o}", "devices",
					      devices_fit(request, view.wanted_underlay_mtu),
					      "peers", peers_fit(request, segment)));
	return json;
}

static const struct collection segments = {
	.noun = &noun_segment,
	.key = key,
	.find = find,
	.in_use = in_use,
	.state = state,
};

COLLECTION_HANDLERS(segment, segments)
