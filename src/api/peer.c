/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/peers: the remote VTEPs, by their underlay address, and how each is
 * reached: next hops, the MTU on the way, and the largest packet that fits.
 */
#include "api/collection.h"
#include "api/handlers.h"
#include "api/view.h"

#include <errno.h>

static int key(const char *name, void *object, struct problem *problem)
{
	struct peer *peer = object;

	if (address_parse(name, &peer->address) < 0)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, "address",
				   "%s is not an IP address; a peer's name is its address", name);
	return 0;
}

static void *find(const struct model *model, const void *object)
{
	return model_peer(model, &((const struct peer *)object)->address);
}

static int in_use(const struct model *model, const void *object, struct problem *problem)
{
	const struct peer *peer = object;
	char mac[MAC_TEXT_MAX], address[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < model->n_fdb; i++)
		if (address_equal(&model->fdb[i].peer, &peer->address))
			return problem_set(problem, PROBLEM_CONFLICT, EBUSY, /* field= */ NULL,
					   "the static FDB entry of %s in %s points to peer %s; "
					   "delete that first",
					   mac_format(&model->fdb[i].mac, mac),
					   model->fdb[i].segment,
					   address_format(&peer->address, address));
	return 0;
}

static json_t *nexthops(const struct peer_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->n_nexthops; i++) {
		const struct nexthop_view *nexthop = &view->nexthops[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:b}", "device", reply_text(nexthop->device),
				  "gateway", view_address(&nexthop->gateway), "mac",
				  nexthop->resolved ? view_mac(&nexthop->mac) : json_null(),
				  "resolved", nexthop->resolved));
	}
	return list;
}

static json_t *state(const struct request *request, const void *object, bool whole)
{
	const struct peer *peer = object;
	struct peer_view view = {};

	if (request->service->ops->peer(request->service->self, &peer->address, &view) < 0)
		return json_null();
	return json_pack("{s:b, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "reachable",
			 view.reachable, "accepts", view_encaps(view.accepts), "local",
			 view_address(&view.local), "route-mtu", (json_int_t)view.route_mtu,
			 "path-mtu", (json_int_t)view.path_mtu, "overhead",
			 (json_int_t)view.overhead, "limit", (json_int_t)view.limit, "fdb-entries",
			 (json_int_t)view.fdb_entries, "nexthops", nexthops(&view), "traffic",
			 view_traffic(&view.traffic));
}

static const struct collection peers = {
	.noun = &noun_peer,
	.key = key,
	.find = find,
	.in_use = in_use,
	.state = state,
};

COLLECTION_HANDLERS(peer, peers)
