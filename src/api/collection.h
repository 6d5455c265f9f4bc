/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are the objects of one kind listed, shown, added, changed and deleted?
 * The same five requests for segments, ports and peers, and parts of them for
 * FDB and neighbor records; what differs is a struct collection.
 */
#ifndef OVERLAID_API_COLLECTION_H
#define OVERLAID_API_COLLECTION_H

#include "api/request.h"
#include "model/field.h"

struct collection {
	const struct noun *noun;
	/* Fills the key of *object from a path's last part. */
	int (*key)(const char *name, void *object, struct problem *problem);
	/* The object with object's key, or NULL. */
	void *(*find)(const struct model *model, const void *object);
	/* -errno and *problem when something refers to the object. */
	int (*in_use)(const struct model *model, const void *object, struct problem *problem);
	/* A new reference to what goes under "state"; `whole` for one object. */
	json_t *(*state)(const struct request *request, const void *object, bool whole);
};

/* The request handlers' bodies. */
int collection_list(const struct collection *collection, struct request *request,
		    struct reply *reply, struct problem *problem);
int collection_show(const struct collection *collection, struct request *request,
		    struct reply *reply, struct problem *problem);
int collection_add(const struct collection *collection, struct request *request,
		   struct reply *reply, struct problem *problem);
int collection_set(const struct collection *collection, struct request *request,
		   struct reply *reply, struct problem *problem);
int collection_delete(const struct collection *collection, struct request *request,
		      struct reply *reply, struct problem *problem);

/* Removes the object with key's key from the running state; -ENOENT without a problem. */
int collection_remove(const struct collection *collection, struct request *request, const void *key,
		      struct problem *problem);

/* The object as JSON, its state included; NULL: no memory. */
json_t *collection_json(const struct collection *collection, const struct request *request,
			const void *object, bool whole);

/* The five handlers of a noun whose objects have paths of their own. */
#define COLLECTION_HANDLER(handler, verb, collection)                                              \
	int handler(struct request *request, struct reply *reply, struct problem *problem)         \
	{                                                                                          \
		return collection_##verb(&(collection), request, reply, problem);                  \
	}
#define COLLECTION_HANDLERS(noun, collection)                                                      \
	COLLECTION_HANDLER(noun##_list, list, collection)                                          \
	COLLECTION_HANDLER(noun##_show, show, collection)                                          \
	COLLECTION_HANDLER(noun##_add, add, collection)                                            \
	COLLECTION_HANDLER(noun##_set, set, collection)                                            \
	COLLECTION_HANDLER(noun##_delete, delete, collection)

/* Room for a key of any kind. */
union collection_key {
	struct segment segment;
	struct port port;
	struct peer peer;
	struct fdb_record fdb;
	struct neighbor_record neighbor;
};

#endif
