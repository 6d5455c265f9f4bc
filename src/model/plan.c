/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be done to get from one model to another?  Pairs the objects of
 * both by their keys and lists deletions, then creations and changes.  Called
 * by whoever changes the running state; does nothing itself.
 */
#include "model/plan.h"

#include "base/cleanup.h"
#include "model/index.h"

#include <errno.h>
#include <string.h>

#define NO_PAIR SIZE_MAX

static const struct noun *const noun_of[] = {
	[PLAN_LIMITS] = &noun_limits,	  [PLAN_UNDERLAY] = &noun_underlay,
	[PLAN_SEGMENT] = &noun_segment,	  [PLAN_PEER] = &noun_peer,
	[PLAN_PORT] = &noun_port,	  [PLAN_FDB] = &noun_fdb,
	[PLAN_NEIGHBOR] = &noun_neighbor,
};
_Static_assert(sizeof(noun_of) / sizeof(noun_of[0]) == N_PLAN_OBJECTS, "one noun each");

const struct noun *plan_noun(enum plan_object object)
{
	return noun_of[object];
}

/* Which objects of one kind are the same one before and after. */
struct pairing {
	size_t *after;	   /* by position before: position after, or NO_PAIR: it is deleted */
	size_t *before;	   /* by position after: position before, or NO_PAIR: it is created */
	struct index lost; /* names (not whole keys) of what is deleted */
};

struct planner {
	const struct model *from, *to;
	struct pairing pairings[N_PLAN_OBJECTS];
	struct plan plan;
	size_t capacity;
};

static void planner_clear(struct planner *planner)
{
	for (size_t i = 0; i < N_PLAN_OBJECTS; i++) {
		free(planner->pairings[i].after);
		free(planner->pairings[i].before);
		index_clear(&planner->pairings[i].lost);
	}
	plan_clear(&planner->plan);
}

static bool is_lost(const struct planner *planner, enum plan_object object, struct index_key name)
{
	size_t position;

	return index_find(&planner->pairings[object].lost, &name, &position);
}

/* Does it refer to something that is deleted?  Objects are visited in PLAN_OBJECTS' order. */
static bool stands_on_lost(const struct planner *planner, enum plan_object object, const void *at)
{
	const struct fdb_record *fdb = at;

	switch (object) {
	case PLAN_PORT:
		return is_lost(planner, PLAN_SEGMENT,
			       index_key_of_text(((const struct port *)at)->segment));
	case PLAN_FDB:
		return is_lost(planner, PLAN_SEGMENT, index_key_of_text(fdb->segment)) ||
		       is_lost(planner, PLAN_PORT, index_key_of_text(fdb->port)) ||
		       is_lost(planner, PLAN_PEER,
			       index_key_of_bytes(&fdb->peer, sizeof(fdb->peer)));
	case PLAN_NEIGHBOR:
		return is_lost(planner, PLAN_SEGMENT,
			       index_key_of_text(((const struct neighbor_record *)at)->segment));
	default:
		return false;
	}
}

/* What other objects call it. */
static struct index_key name_of(enum plan_object object, const void *at)
{
	switch (object) {
	case PLAN_SEGMENT:
		return index_key_of_text(((const struct segment *)at)->name);
	case PLAN_PORT:
		return index_key_of_text(((const struct port *)at)->device);
	default:
		return index_key_of(noun_of[object], at);
	}
}

static int pairing_init(struct pairing *pairing, size_t n_from, size_t n_to)
{
	pairing->after = reallocarray(NULL, n_from + 1, sizeof(*pairing->after));
	pairing->before = reallocarray(NULL, n_to + 1, sizeof(*pairing->before));
	if (!pairing->after || !pairing->before)
		return -ENOMEM;
	for (size_t i = 0; i < n_from; i++)
		pairing->after[i] = NO_PAIR;
	for (size_t i = 0; i < n_to; i++)
		pairing->before[i] = NO_PAIR;
	return index_init(&pairing->lost, n_from);
}

static int index_objects(const struct noun *noun, const struct model *model, struct index *index)
{
	size_t n;
	const char *objects = noun_objects(noun, model, &n);
	int r;

	r = index_init(index, n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct index_key key = index_key_of(noun, objects + i * noun->size);

		r = index_add(index, &key, i, /* ret_taken= */ NULL);
		if (r == -EEXIST) /* model_check refuses it; the first one counts */
			r = 0;
	}
	return r;
}

static int pair_objects(struct planner *planner, enum plan_object object)
{
	const struct noun *noun = noun_of[object];
	struct pairing *pairing = &planner->pairings[object];
	_cleanup_index_ struct index wanted = {0};
	size_t n_from, n_to;
	const char *from = noun_objects(noun, planner->from, &n_from);
	int r;

	noun_objects(noun, planner->to, &n_to);
	r = pairing_init(pairing, n_from, n_to);
	if (r == 0)
		r = index_objects(noun, planner->to, &wanted);
	for (size_t i = 0; r == 0 && i < n_from; i++) {
		const void *at = from + i * noun->size;
		struct index_key key = index_key_of(noun, at);

		if (!stands_on_lost(planner, object, at) &&
		    index_find(&wanted, &key, &pairing->after[i])) {
			pairing->before[pairing->after[i]] = i;
			continue;
		}
		key = name_of(object, at);
		r = index_add(&pairing->lost, &key, i, /* ret_taken= */ NULL);
		if (r == -EEXIST)
			r = 0;
	}
	return r;
}

static int add_operation(struct planner *planner, enum plan_object object, const void *before,
			 const void *after)
{
	struct plan *plan = &planner->plan;

	if (plan->n_operations == planner->capacity) {
		size_t capacity = planner->capacity ? 2 * planner->capacity : 16;
		struct operation *bigger =
			reallocarray(plan->operations, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		plan->operations = bigger;
		planner->capacity = capacity;
	}
	plan->operations[plan->n_operations++] = (struct operation){
		.object = object,
		.before.any = before,
		.after.any = after,
	};
	return 0;
}

static int add_deletions(struct planner *planner, enum plan_object object)
{
	const struct noun *noun = noun_of[object];
	size_t n;
	const char *from = noun_objects(noun, planner->from, &n);
	int r = 0;

	for (size_t i = n; r == 0 && i-- > 0;) {
		if (planner->pairings[object].after[i] == NO_PAIR)
			r = add_operation(planner, object, from + i * noun->size, NULL);
	}
	return r;
}

static int add_creations_and_changes(struct planner *planner, enum plan_object object)
{
	const struct noun *noun = noun_of[object];
	size_t n_from, n_to;
	const char *from = noun_objects(noun, planner->from, &n_from);
	const char *to = noun_objects(noun, planner->to, &n_to);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n_to; i++) {
		size_t pair = planner->pairings[object].before[i];
		const void *before = pair == NO_PAIR ? NULL : from + pair * noun->size;
		const void *after = to + i * noun->size;

		if (!before || !noun_equal(noun, before, after))
			r = add_operation(planner, object, before, after);
	}
	return r;
}

/* The one object of its kind; NULL when the model has none. */
static const void *single(const struct noun *noun, const struct model *model)
{
	size_t n;

	if (noun == &noun_underlay && !model->underlay.n_devices)
		return NULL;
	return noun_objects(noun, model, &n);
}

static int add_single(struct planner *planner, enum plan_object object, bool deletion)
{
	const struct noun *noun = noun_of[object];
	const void *before = single(noun, planner->from), *after = single(noun, planner->to);

	if (deletion != (before && !after) || (!before && !after))
		return 0;
	if (before && after && noun_equal(noun, before, after))
		return 0;
	return add_operation(planner, object, before, after);
}

static int list_operations(struct planner *planner)
{
	int r = 0;

	for (size_t i = N_PLAN_OBJECTS; r == 0 && i-- > 0;)
		r = noun_of[i]->is_list ? add_deletions(planner, i) :
					  add_single(planner, i, /* deletion= */ true);
	for (size_t i = 0; r == 0 && i < N_PLAN_OBJECTS; i++)
		r = noun_of[i]->is_list ? add_creations_and_changes(planner, i) :
					  add_single(planner, i, /* deletion= */ false);
	return r;
}

int plan_make(const struct model *from, const struct model *to, struct plan *ret)
{
	_cleanup_(planner_clear) struct planner planner = {.from = from, .to = to};
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_PLAN_OBJECTS; i++) {
		if (noun_of[i]->is_list)
			r = pair_objects(&planner, i);
	}
	if (r == 0)
		r = list_operations(&planner);
	if (r < 0)
		return r;
	*ret = planner.plan;
	planner.plan = (struct plan){0};
	return 0;
}

void plan_clear(struct plan *plan)
{
	free(TAKE_PTR(plan->operations));
	plan->n_operations = 0;
}
