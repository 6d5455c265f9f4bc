/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole model as one JSON value in the form of the configuration file.
 * Called by src/config and for the state file; the members of one object are
 * field.c's, the relations between objects check.c's.
 */
#include "model/field.h"

#include "base/problem.h"
#include "base/text.h"
#include "model/value.h"

#include <errno.h>
#include <string.h>

#define NOUNS_MAX      8
#define PATH_MAX_BYTES 48 /* "neighbors[18446744073709551615]" */

static const struct noun *noun_of_key(const char *key)
{
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		if (!strcmp((*noun)->plural, key))
			return *noun;
	}
	return NULL;
}

static int refuse_unknown_key(const char *key, struct problem *problem)
{
	const struct place place = {"", key, -1, problem};
	const char *known[NOUNS_MAX + 1];
	const char *nearest;
	size_t n = 0;

	for (const struct noun *const *noun = nouns; *noun && n < NOUNS_MAX; noun++)
		known[n++] = (*noun)->plural;
	known[n] = NULL;
	nearest = text_nearest(key, known);
	if (nearest)
		return value_refuse(&place, "is not known here; did you mean \"%s\"?", nearest);
	return value_refuse(&place, "is not known here; known are underlay, limits, segments, "
				    "peers, ports, fdb and neighbors");
}

static int read_list(const struct noun *noun, const json_t *json, struct model *model,
		     struct problem *problem)
{
	char path[PATH_MAX_BYTES];
	const json_t *element;
	size_t i, n;
	char *objects;
	int r;

	if (!json_is_array(json))
		return problem_set(problem, PROBLEM_INVALID, EINVAL, noun->plural,
				   "is %s, but must be a list: begin each %s with a dash",
				   value_type_name(json), noun->name);
	if (noun_reserve(noun, model, json_array_size(json)) < 0)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, noun->plural, "out of memory");

	objects = noun_objects(noun, model, &n);
	json_array_foreach(json, i, element) {
		void *object = objects + i * noun->size;
		struct text text = text_into(path, sizeof(path));

		text_append(&text, "%s[%zu]", noun->plural, i);
		noun->set_defaults(object);
		r = noun_from_json(noun, element, path, /* change= */ false, object, problem);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_noun(const struct noun *noun, const json_t *json, struct model *model,
		     struct problem *problem)
{
	size_t n;

	if (json_is_null(json))
		return 0;
	if (noun->is_list)
		return read_list(noun, json, model, problem);
	return noun_from_json(noun, json, noun->plural, /* change= */ false,
			      noun_objects(noun, model, &n), problem);
}

int model_from_json(const json_t *json, struct model *ret, struct problem *problem)
{
	_cleanup_model_ struct model model = {0};
	const char *key;
	json_t *value;
	int r;

	if (!json_is_object(json) && !json_is_null(json))
		return problem_set(problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
				   "the configuration is %s, but must be a mapping with underlay, "
				   "segments, peers and ports",
				   value_type_name(json));
	model_init(&model);
	json_object_foreach((json_t *)json, key, value) {
		const struct noun *noun = noun_of_key(key);

		r = noun ? read_noun(noun, value, &model, problem) :
			   refuse_unknown_key(key, problem);
		if (r < 0)
			return r;
	}
	if (json_is_null(json_object_get(json, "underlay")) || !json_object_get(json, "underlay"))
		return problem_set(problem, PROBLEM_INVALID, EINVAL, "underlay",
				   "is missing; name at least the device that reaches the peers, "
				   "as in \"underlay: {device: eth1}\"");
	*ret = model;
	model = (struct model){0};
	return 0;
}

static json_t *objects_to_json(const struct noun *noun, const struct model *model)
{
	size_t n;
	const char *objects = noun_objects(noun, model, &n);
	json_t *list;

	if (!noun->is_list)
		return noun_to_json(noun, objects);
	list = json_array();
	for (size_t i = 0; list && i < n; i++) {
		if (!json_array_append_new(list, noun_to_json(noun, objects + i * noun->size)))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

json_t *model_to_json(const struct model *model)
{
	json_t *json = json_object();

	for (const struct noun *const *noun = nouns; json && *noun; noun++) {
		if (!json_object_set_new(json, (*noun)->plural, objects_to_json(*noun, model)))
			continue;
		json_decref(json);
		return NULL;
	}
	return json;
}
