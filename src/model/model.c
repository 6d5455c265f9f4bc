/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The desired state as a value: begin, copy, free, grow, look up.  Look-ups
 * walk the arrays; whoever looks up in a loop uses model/index.h.
 */
#include "model/model.h"

#include "base/cleanup.h"
#include "model/field.h"

#include <errno.h>
#include <string.h>

void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	noun_underlay.set_defaults(&model->underlay);
	noun_limits.set_defaults(&model->limits);
}

void *noun_objects(const struct noun *noun, const struct model *model, size_t *ret_n)
{
	char *at = (char *)model + noun->offset;

	*ret_n = 1;
	if (!noun->is_list)
		return at;
	memcpy(ret_n, (const char *)model + noun->count_offset, sizeof(*ret_n));
	return *(void **)at;
}

static void set_objects(const struct noun *noun, struct model *model, void *objects, size_t n)
{
	memcpy((char *)model + noun->offset, &objects, sizeof(objects));
	memcpy((char *)model + noun->count_offset, &n, sizeof(n));
}

void *noun_append(const struct noun *noun, struct model *model)
{
	size_t n;
	char *objects = noun_objects(noun, model, &n);

	objects = reallocarray(objects, n + 1, noun->size);
	if (!objects)
		return NULL;
	noun->set_defaults(objects + n * noun->size);
	set_objects(noun, model, objects, n + 1);
	return objects + n * noun->size;
}

int noun_reserve(const struct noun *noun, struct model *model, size_t n)
{
	void *objects;

	if (!n)
		return 0;
	objects = calloc(n, noun->size);
	if (!objects)
		return -ENOMEM;
	set_objects(noun, model, objects, n);
	return 0;
}

void noun_remove(const struct noun *noun, struct model *model, void *object)
{
	size_t n;
	char *objects = noun_objects(noun, model, &n);
	char *next = (char *)object + noun->size;

	noun_clear(noun, object);
	memmove(object, next, (size_t)(objects + n * noun->size - next));
	set_objects(noun, model, objects, n - 1);
}

void noun_clear(const struct noun *noun, void *object)
{
	struct peer *peer = object;

	if (noun != &noun_peer)
		return;
	free(TAKE_PTR(peer->segments));
	peer->n_segments = 0;
}

void model_clear(struct model *model)
{
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		size_t n;
		char *objects = noun_objects(*noun, model, &n);

		if (!(*noun)->is_list)
			continue;
		for (size_t i = 0; i < n; i++)
			noun_clear(*noun, objects + i * (*noun)->size);
		free(objects);
	}
	model_init(model);
}

/* The peers are copied already, but still share their lists with the originals. */
static int copy_segment_lists(struct model *copy)
{
	int r = 0;

	for (size_t i = 0; i < copy->n_peers; i++) {
		struct peer *peer = &copy->peers[i];
		char(*shared)[MODEL_NAME_MAX] = TAKE_PTR(peer->segments);

		if (!peer->n_segments)
			continue;
		if (r == 0)
			peer->segments = reallocarray(NULL, peer->n_segments, sizeof(*shared));
		if (peer->segments)
			memcpy(peer->segments, shared, peer->n_segments * sizeof(*shared));
		else
			r = -ENOMEM; /* go on: no list may stay shared */
	}
	return r;
}

/* Empty objects, as many as there are in `from`. */
static int reserve_like(const struct model *from, struct model *copy)
{
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		size_t n;
		int r;

		noun_objects(*noun, from, &n);
		if (!(*noun)->is_list)
			continue;
		r = noun_reserve(*noun, copy, n);
		if (r < 0)
			return r;
	}
	return 0;
}

int model_copy(const struct model *from, struct model *ret)
{
	_cleanup_model_ struct model copy = {0};
	int r;

	r = reserve_like(from, &copy);
	if (r < 0)
		return r;
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		size_t n, n_copies;
		const void *objects = noun_objects(*noun, from, &n);

		if (n)
			memcpy(noun_objects(*noun, &copy, &n_copies), objects, n * (*noun)->size);
	}
	r = copy_segment_lists(&copy);
	if (r < 0)
		return r;
	*ret = copy;
	copy = (struct model){0};
	return 0;
}

struct segment *model_segment(const struct model *model, const char *name)
{
	for (size_t i = 0; i < model->n_segments; i++) {
		if (!strcmp(model->segments[i].name, name))
			return &model->segments[i];
	}
	return NULL;
}

struct segment *model_segment_by_vni(const struct model *model, uint32_t vni)
{
	for (size_t i = 0; i < model->n_segments; i++) {
		if (model->segments[i].vni == vni)
			return &model->segments[i];
	}
	return NULL;
}

struct peer *model_peer(const struct model *model, const struct address *address)
{
	for (size_t i = 0; i < model->n_peers; i++) {
		if (address_equal(&model->peers[i].address, address))
			return &model->peers[i];
	}
	return NULL;
}

struct port *model_port(const struct model *model, const char *device)
{
	for (size_t i = 0; i < model->n_ports; i++) {
		if (!strcmp(model->ports[i].device, device))
			return &model->ports[i];
	}
	return NULL;
}

struct fdb_record *model_fdb(const struct model *model, const char *segment, const struct mac *mac)
{
	for (size_t i = 0; i < model->n_fdb; i++) {
		struct fdb_record *record = &model->fdb[i];

		if (mac_equal(&record->mac, mac) && !strcmp(record->segment, segment))
			return record;
	}
	return NULL;
}

struct neighbor_record *model_neighbor(const struct model *model, const char *segment,
				       const struct address *address)
{
	for (size_t i = 0; i < model->n_neighbors; i++) {
		struct neighbor_record *record = &model->neighbors[i];

		if (address_equal(&record->address, address) && !strcmp(record->segment, segment))
			return record;
	}
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool peer_in_segment(const struct peer *peer, const char *segment)
{
	if (peer->in_all_segments)
		return true;
	return peer->n_segments && bsearch(segment, peer->segments, peer->n_segments,
					   sizeof(*peer->segments), compare_names);
}

uint32_t peer_accepts(const struct peer *peer)
{
	uint32_t all = 0;

	if (peer->accept)
		return peer->accept;
#define X(symbol, number, name, spoken) all |= (spoken) ? 1u << (number) : 0;
	ENCAP_KINDS(X)
#undef X
	all &= ~(1u << (peer->encapsulation == ENCAP_NVGRE ? ENCAP_GRE : ENCAP_NVGRE));
	return peer->encapsulation == ENCAP_STT ? all : all & ~(1u << ENCAP_STT);
}
