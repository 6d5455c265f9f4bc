/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/fdb: which path each MAC has: listing with filters, static entries, and
 * forgetting learned ones.  The list itself is written by fdb_stream.c.
 */
#include "api/fdb_stream.h"

#include "api/collection.h"
#include "api/handlers.h"

#include <errno.h>
#include <string.h>

static void *find(const struct model *model, const void *object)
{
	const struct fdb_record *record = object;

	return model_fdb(model, record->segment, &record->mac);
}

static const struct collection records = {
	.noun = &noun_fdb,
	.find = find,
};

static int filter_mac(struct fdb_filter *filter, const char *value, struct problem *problem)
{
	if (mac_parse(value, &filter->mac) < 0)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, "mac",
				   "%s is not a MAC address; write it as 52:54:00:00:00:01", value);
	filter->has_mac = true;
	return 0;
}

static int filter_peer(struct fdb_filter *filter, const struct model *model, const char *value,
		       struct problem *problem)
{
	if (address_parse(value, &filter->peer) < 0)
		return problem_set(problem, PROBLEM_INVALID, EINVAL, "peer",
				   "%s is not an IP address", value);
	if (!model_peer(model, &filter->peer))
		return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, "peer", "there is no peer %s",
				   value);
	return 0;
}

/* An object that does not exist is an error, not an empty answer: it is a slip of the pen. */
static int filter_set(struct fdb_filter *filter, const struct model *model, const char *name,
		      const char *value, struct problem *problem)
{
	if (!strcmp(name, "mac"))
		return filter_mac(filter, value, problem);
	if (!strcmp(name, "peer"))
		return filter_peer(filter, model, value, problem);
	if (!strcmp(name, "port")) {
		if (!model_port(model, value))
			return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, "port",
					   "there is no port %s", value);
		request_copy_name(filter->port, sizeof(filter->port), value);
		return 0;
	}
	if (strcmp(name, "segment"))
		return problem_set(problem, PROBLEM_INVALID, EINVAL, name,
				   "unknown member; segment, port, peer and mac are known");
	if (!model_segment(model, value))
		return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, "segment",
				   "there is no segment %s", value);
	request_copy_name(filter->segment, sizeof(filter->segment), value);
	return 0;
}

static int filter_from_arguments(const struct request *request, struct fdb_filter *ret,
				 struct problem *problem)
{
	const struct model *model = request->service->ops->running(request->service->self);

	for (size_t i = 0; i < request->n_arguments; i++) {
		int r = filter_set(ret, model, request->arguments[i].name,
				   request->arguments[i].value, problem);

		if (r < 0)
			return r;
	}
	return 0;
}

static int filter_from_body(const struct request *request, struct fdb_filter *ret,
			    struct problem *problem)
{
	const struct model *model = request->service->ops->running(request->service->self);
	const char *name;
	json_t *value;

	json_object_foreach(request->json, name, value) {
		int r;

		if (!json_is_string(value) ||
		    strlen(json_string_value(value)) != json_string_length(value))
			return problem_set(problem, PROBLEM_INVALID, EINVAL, name,
					   "must be a string");
		r = filter_set(ret, model, name, json_string_value(value), problem);
		if (r < 0)
			return r;
	}
	return 0;
}

int fdb_list(struct request *request, struct reply *reply, struct problem *problem)
{
	struct fdb_filter filter = {};
	int r = filter_from_arguments(request, &filter, problem);

	if (r < 0)
		return r;
	r = fdb_stream_open(request->service, &filter, &reply->stream, problem);
	if (r < 0)
		return r;
	reply->status = 200;
	return 0;
}

COLLECTION_HANDLER(fdb_add, add, records)

/* A static entry is taken out of the running state; a learned one is forgotten. */
int fdb_remove(struct request *request, struct reply *reply, struct problem *problem)
{
	const struct switch_ops *ops = request->service->ops;
	struct fdb_filter filter = {};
	struct fdb_record key = {};
	int r = filter_from_arguments(request, &filter, problem);

	if (r < 0)
		return r;
	if (!filter.segment[0] || !filter.has_mac)
		return problem_set(problem, PROBLEM_INVALID, EINVAL,
				   filter.segment[0] ? "mac" : "segment",
				   "is missing; segment and mac name an FDB entry");
	memcpy(key.segment, filter.segment, sizeof(key.segment));
	key.mac = filter.mac;
	r = collection_remove(&records, request, &key, problem);
	if (r == -ENOENT && !problem_is_set(problem)) {
		r = ops->fdb_flush(request->service->self, &filter);
		if (!r)
			return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, /* field= */ NULL,
					   "there is no FDB entry %s in segment %s",
					   request_argument(request, "mac"), filter.segment);
	}
	if (r < 0)
		return r;
	reply->status = 204;
	return 0;
}

int fdb_flush(struct request *request, struct reply *reply, struct problem *problem)
{
	struct fdb_filter filter = {};
	int r = filter_from_body(request, &filter, problem);

	if (r < 0)
		return r;
	r = request->service->ops->fdb_flush(request->service->self, &filter);
	if (r < 0)
		return r;
	return reply_json(reply, 200, json_pack("{s:i}", "flushed", r), problem);
}
