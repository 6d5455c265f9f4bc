/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/neighbors: which IP address of a segment has which MAC.  Records are
 * kept and listed; the datapath does not answer ARP and ND from them yet.
 */
#include "api/collection.h"
#include "api/handlers.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

static void *find(const struct model *model, const void *object)
{
	const struct neighbor_record *record = object;

	return model_neighbor(model, record->segment, &record->address);
}

static const struct collection neighbors = {
	.noun = &noun_neighbor,
	.find = find,
};

int neighbor_list(struct request *request, struct reply *reply, struct problem *problem)
{
	const struct model *model = request->service->ops->running(request->service->self);
	const char *segment = request_argument(request, "segment");
	_cleanup_json_ json_t *list = json_array();

	if (segment && !model_segment(model, segment))
		return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, "segment",
				   "there is no segment %s", segment);
	for (size_t i = 0; i < model->n_neighbors; i++) {
		const struct neighbor_record *record = &model->neighbors[i];

		if (segment && strcmp(segment, record->segment))
			continue;
		if (json_array_append_new(list, collection_json(&neighbors, request, record,
								/* whole= */ false)) < 0)
			return request_no_memory(problem);
	}
	return reply_json(reply, 200, json_pack("{s:O}", "neighbors", list), problem);
}

COLLECTION_HANDLER(neighbor_add, add, neighbors)

int neighbor_delete(struct request *request, struct reply *reply, struct problem *problem)
{
	const char *segment = request_argument(request, "segment");
	const char *address = request_argument(request, "address");
	struct neighbor_record key = {};
	int r;

	if (!segment || !address)
		return problem_set(problem, PROBLEM_INVALID, EINVAL,
				   segment ? "address" : "segment",
				   "is missing; segment and address name a neighbor");
	if (address_parse(address, &key.address) < 0)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, "address",
				   "%s is not an IP address", address);
	request_copy_name(key.segment, sizeof(key.segment), segment);
	r = collection_remove(&neighbors, request, &key, problem);
	if (r == -ENOENT && !problem_is_set(problem))
		return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, /* field= */ NULL,
				   "there is no neighbor %s in segment %s", address, segment);
	if (r < 0)
		return r;
	reply->status = 204;
	return 0;
}
