/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects and the whole model in JSON, both ways, by the tables of nouns.c.
 * Called by the configuration file and the API; asks nothing about objects
 * among each other, which is check.c's.
 */
#include "model/field.h"

#include "base/problem.h"
#include "base/text.h"
#include "model/value.h"

#include <errno.h>
#include <string.h>

#define MEMBERS_MAX 32 /* of a noun; for the list of its members' names */

const struct field *noun_field(const struct noun *noun, const char *name)
{
	for (const struct field *field = noun->fields; field->name; field++) {
		if (!strcmp(field->name, name))
			return field;
	}
	return NULL;
}

static int refuse_unknown(const char *const *known, const char *key, const char *path,
			  struct problem *problem)
{
	const struct place place = {path, key, -1, problem};
	const char *nearest = text_nearest(key, known);
	char list[256];
	struct text text = text_into(list, sizeof(list));

	if (nearest)
		return value_refuse(&place, "is not known here; did you mean \"%s\"?", nearest);
	for (; *known; known++)
		text_append(&text, "%s%s", *known, known[1] ? ", " : "");
	return value_refuse(&place, "is not known here; known are %s", list);
}

static int refuse_unknown_member(const struct noun *noun, const char *key, const char *path,
				 struct problem *problem)
{
	const char *known[MEMBERS_MAX + 1];
	size_t n = 0;

	for (const struct field *field = noun->fields; field->name && n < MEMBERS_MAX; field++)
		known[n++] = field->name;
	known[n] = NULL;
	return refuse_unknown(known, key, path, problem);
}

/* A key may be named in a change, but only as it is. */
static int read_key(const struct field *field, const json_t *json, const struct place *place,
		    const void *object)
{
	union noun_object other = {0};
	int r;

	r = value_kind(field)->from_json(field, json, place, &other);
	if (r < 0)
		return r;
	if (value_kind(field)->equal(field, object, &other))
		return 0;
	return value_refuse(place, "cannot be changed; delete the object and add it anew");
}

static void set_default(const struct noun *noun, const struct field *field, void *object)
{
	union noun_object fresh;

	noun->set_defaults(&fresh);
	if (field->type == FIELD_SEGMENTS) {
		noun_clear(noun, object);
		((struct peer *)object)->in_all_segments = fresh.peer.in_all_segments;
		return;
	}
	memcpy(value_slot(field, object), value_slot(field, &fresh), field->size);
	if (field->count_offset)
		memset((char *)object + field->count_offset, 0, sizeof(size_t));
}

static int read_member(const struct noun *noun, const struct field *field, const json_t *json,
		       const char *path, bool change, void *object, struct problem *problem)
{
	const struct place place = {path, field->name, -1, problem};

	if (json_is_null(json) && field->required)
		return value_refuse(&place, "has no value, but is required");
	if (json_is_null(json)) {
		set_default(noun, field, object);
		return 0;
	}
	if (change && field->is_key)
		return read_key(field, json, &place, object);
	return value_kind(field)->from_json(field, json, &place, object);
}

static int refuse_missing(const struct noun *noun, const json_t *json, const char *path,
			  struct problem *problem)
{
	for (const struct field *field = noun->fields; field->name; field++) {
		const struct place place = {path, field->name, -1, problem};

		if (field->required && !json_object_get(json, field->name))
			return value_refuse(&place, "is missing; give it a value");
	}
	return 0;
}

int noun_from_json(const struct noun *noun, const json_t *json, const char *path, bool change,
		   void *object, struct problem *problem)
{
	const char *key;
	json_t *value;
	int r;

	if (!json_is_object(json))
		return problem_set(problem, PROBLEM_INVALID, EINVAL, path,
				   "is %s, but must be a mapping of %s members",
				   value_type_name(json), noun->name);
	json_object_foreach((json_t *)json, key, value) {
		const struct field *field = noun_field(noun, key);

		if (!field)
			return refuse_unknown_member(noun, key, path, problem);
		r = read_member(noun, field, value, path, change, object, problem);
		if (r < 0)
			return r;
	}
	return change ? 0 : refuse_missing(noun, json, path, problem);
}

json_t *field_to_json(const struct field *field, const void *object)
{
	return value_kind(field)->to_json(field, object);
}

json_t *noun_to_json(const struct noun *noun, const void *object)
{
	json_t *json = json_object();

	for (const struct field *field = noun->fields; json && field->name; field++) {
		/* an empty list is a value; an address or a name that is not given has none */
		if (!field->count_offset && field_is_absent(field, object))
			continue;
		if (!json_object_set_new(json, field->name, field_to_json(field, object)))
			continue;
		json_decref(json);
		return NULL;
	}
	return json;
}

bool field_equal(const struct field *field, const void *a, const void *b)
{
	return value_kind(field)->equal(field, a, b);
}

bool field_is_absent(const struct field *field, const void *object)
{
	const struct value_kind *kind = value_kind(field);

	return kind->is_absent && kind->is_absent(field, object);
}

bool noun_equal(const struct noun *noun, const void *a, const void *b)
{
	for (const struct field *field = noun->fields; field->name; field++) {
		if (!field_equal(field, a, b))
			return false;
	}
	return true;
}

int noun_check(const struct noun *noun, const void *object, const char *path,
	       struct problem *problem)
{
	for (const struct field *field = noun->fields; field->name; field++) {
		const struct place place = {path, field->name, -1, problem};
		const struct value_kind *kind = value_kind(field);
		bool absent = field_is_absent(field, object);
		int r;

		if (absent && field->required)
			return value_refuse(&place, "is empty or unspecified; give it a value");
		if (absent || !kind->check)
			continue;
		r = kind->check(field, object, &place);
		if (r < 0)
			return r;
	}
	return 0;
}
