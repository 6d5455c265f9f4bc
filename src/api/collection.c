/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are the objects of one kind listed, shown, added, changed and deleted?
 * Changes are made to a copy of the running state, which switch_ops.change
 * then checks and applies as a whole; nothing here judges a value.
 */
#include "api/collection.h"

#include "api/edit.h"
#include "api/text.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct model *running(const struct request *request)
{
	return request->service->ops->running(request->service->self);
}

static int copy_running(const struct request *request, struct model *ret, struct problem *problem)
{
	return model_copy(running(request), ret) < 0 ? request_no_memory(problem) : 0;
}

/*
 * The model's check names members by their place in the whole, "fdb[3].port";
 * the client sent one object and has "port".
 */
static void strip_place(const struct collection *collection, size_t index, struct problem *problem)
{
	char place[64];
	size_t length;

	length = (size_t)snprintf(place, sizeof(place), "%s[%zu]", collection->noun->plural, index);
	if (strncmp(problem->field, place, length))
		return;
	length += problem->field[length] == '.';
	memmove(problem->field, problem->field + length, strlen(problem->field + length) + 1);
}

static int commit(const struct collection *collection, struct request *request, size_t index,
		  struct model *want, struct problem *problem)
{
	int r = request->service->ops->change(request->service->self, want, problem);

	if (r < 0)
		strip_place(collection, index, problem);
	return r;
}

static int read_members(const struct collection *collection, struct request *request, bool change,
			void *object, struct problem *problem)
{
	if (request->text && text_to_json(collection->noun, request->json) < 0)
		return request_no_memory(problem);
	return noun_from_json(collection->noun, request->json, /* path= */ "", change, object,
			      problem);
}

static int refuse_unknown(const struct collection *collection, const char *name,
			  struct problem *problem)
{
	return problem_set(problem, PROBLEM_UNKNOWN, ENOENT, /* field= */ NULL,
			   "there is no %s %s; `overlayctl %s list` shows what there is",
			   collection->noun->name, name, collection->noun->name);
}

/* The object that the path names, in `model`. */
static int find_named(const struct collection *collection, const struct request *request,
		      const struct model *model, void **ret, struct problem *problem)
{
	union collection_key key = {};
	void *object;
	int r = collection->key(request->name, &key, problem);

	if (r < 0)
		return r;
	object = collection->find(model, &key);
	if (!object)
		return refuse_unknown(collection, request->name, problem);
	*ret = object;
	return 0;
}

json_t *collection_json(const struct collection *collection, const struct request *request,
			const void *object, bool whole)
{
	json_t *json = noun_to_json(collection->noun, object);

	if (json && collection->state)
		json_object_set_new(json, "state", collection->state(request, object, whole));
	return json;
}

int collection_list(const struct collection *collection, struct request *request,
		    struct reply *reply, struct problem *problem)
{
	const struct model *model = running(request);
	_cleanup_json_ json_t *list = json_array();
	size_t count = edit_count(collection->noun, model);

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(list, collection_json(collection, request,
								edit_at(collection->noun, model, i),
								/* whole= */ false)) < 0)
			return request_no_memory(problem);
	return reply_json(reply, 200, json_pack("{s:O}", collection->noun->plural, list), problem);
}

int collection_show(const struct collection *collection, struct request *request,
		    struct reply *reply, struct problem *problem)
{
	void *object;
	int r = find_named(collection, request, running(request), &object, problem);

	if (r < 0)
		return r;
	return reply_json(reply, 200,
			  collection_json(collection, request, object, /* whole= */ true), problem);
}

/* The answer to a change: the object as it is now, and where it is. */
static int reply_object(const struct collection *collection, struct request *request,
			const void *key, int status, struct reply *reply, struct problem *problem)
{
	const void *object = collection->find(running(request), key);

	if (!object)
		return problem_set(problem, PROBLEM_SYSTEM, ENOENT, /* field= */ NULL,
				   "the %s was gone as soon as it was there",
				   collection->noun->name);
	return reply_json(reply, status,
			  collection_json(collection, request, object, /* whole= */ true), problem);
}

/* What has a name of its own is named by its first member. */
static int refuse_twin(const struct collection *collection, const struct request *request,
		       struct problem *problem)
{
	const char *noun = collection->noun->name;
	const char *name =
		json_string_value(json_object_get(request->json, collection->noun->fields[0].name));

	if (collection->key && name)
		return problem_set(problem, PROBLEM_CONFLICT, EEXIST, /* field= */ NULL,
				   "%s %s exists already; `overlayctl %s set %s` changes it", noun,
				   name, noun, name);
	return problem_set(problem, PROBLEM_CONFLICT, EEXIST, /* field= */ NULL,
			   "this %s entry exists already; `overlayctl %s del` removes it", noun,
			   noun);
}

int collection_add(const struct collection *collection, struct request *request,
		   struct reply *reply, struct problem *problem)
{
	_cleanup_model_ struct model want = {};
	union collection_key key = {};
	size_t index;
	void *object;
	int r = copy_running(request, &want, problem);

	if (r < 0)
		return r;
	object = edit_append(collection->noun, &want);
	if (!object)
		return request_no_memory(problem);
	r = read_members(collection, request, /* change= */ false, object, problem);
	if (r < 0)
		return r;
	if (collection->find(running(request), object))
		return refuse_twin(collection, request, problem);
	memcpy(&key, object, collection->noun->size);
	index = edit_index(collection->noun, &want, object);
	r = commit(collection, request, index, &want, problem);
	if (r < 0)
		return r;
	return reply_object(collection, request, &key, 201, reply, problem);
}

int collection_set(const struct collection *collection, struct request *request,
		   struct reply *reply, struct problem *problem)
{
	_cleanup_model_ struct model want = {};
	union collection_key key = {};
	void *object = NULL;
	size_t index;
	int r = copy_running(request, &want, problem);

	if (r < 0)
		return r;
	r = find_named(collection, request, &want, &object, problem);
	if (r < 0)
		return r;
	r = read_members(collection, request, /* change= */ true, object, problem);
	if (r < 0)
		return r;
	memcpy(&key, object, collection->noun->size);
	index = edit_index(collection->noun, &want, object);
	r = commit(collection, request, index, &want, problem);
	if (r < 0)
		return r;
	return reply_object(collection, request, &key, 200, reply, problem);
}

int collection_remove(const struct collection *collection, struct request *request, const void *key,
		      struct problem *problem)
{
	_cleanup_model_ struct model want = {};
	int r;

	if (!collection->find(running(request), key))
		return -ENOENT;
	if (collection->in_use) {
		r = collection->in_use(running(request), key, problem);
		if (r < 0)
			return r;
	}
	r = copy_running(request, &want, problem);
	if (r < 0)
		return r;
	edit_remove(collection->noun, &want, collection->find(&want, key));
	return request->service->ops->change(request->service->self, &want, problem);
}

int collection_delete(const struct collection *collection, struct request *request,
		      struct reply *reply, struct problem *problem)
{
	union collection_key key = {};
	int r = collection->key(request->name, &key, problem);

	if (r < 0)
		return r;
	r = collection_remove(collection, request, &key, problem);
	if (r == -ENOENT && !problem_is_set(problem))
		return refuse_unknown(collection, request->name, problem);
	if (r < 0)
		return r;
	reply->status = 204;
	return 0;
}
