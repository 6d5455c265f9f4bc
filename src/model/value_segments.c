/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The member `segments` of a peer: the word all, or a list of names that the
 * peer owns, kept sorted so that membership is a binary search.
 */
#include "model/value.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

typedef char name[MODEL_NAME_MAX];

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int name_from_json(const json_t *json, const struct place *place, name *ret)
{
	static const struct field element = {.type = FIELD_NAME, .size = MODEL_NAME_MAX};

	if (json_is_null(json))
		return value_refuse(place, "is empty; give a name or remove the entry");
	return value_name.from_json(&element, json, place, ret);
}

static int refuse_double(const name *names, size_t n, const struct place *place)
{
	for (size_t i = 1; i < n; i++) {
		if (!strcmp(names[i - 1], names[i]))
			return value_refuse(place, "has \"%s\" twice; remove one", names[i]);
	}
	return 0;
}

static int names_from_json(const json_t *json, const struct place *place, name *names, size_t n)
{
	struct place at = *place;

	for (size_t i = 0; i < n; i++) {
		int r;

		at.index = (int)i;
		r = name_from_json(json_array_get(json, i), &at, &names[i]);
		if (r < 0)
			return r;
	}
	if (n)
		qsort(names, n, sizeof(*names), compare_names);
	return refuse_double(names, n, place);
}

static void set(struct peer *peer, bool all, name *names, size_t n)
{
	free(peer->segments);
	peer->in_all_segments = all;
	peer->segments = names;
	peer->n_segments = n;
}

static int segments_from_json(const struct field *field, const json_t *json,
			      const struct place *place, void *object)
{
	bool is_list = json_is_array(json);
	size_t n = is_list ? json_array_size(json) : 1;
	_cleanup_free_ name *names = NULL;
	int r;

	if (json_is_string(json) && !strcmp(json_string_value(json), "all")) {
		set(object, true, NULL, 0);
		return 0;
	}
	if (!is_list && !json_is_string(json))
		return value_refuse(place, "is %s, but must be a list of segments' names, or all",
				    value_type_name(json));
	if (n > field->maximum)
		return value_refuse(place, "has %zu names, but there can be only %u segments", n,
				    field->maximum);
	names = calloc(n ? n : 1, sizeof(*names));
	if (!names)
		return value_no_memory(place);
	r = is_list ? names_from_json(json, place, names, n) : name_from_json(json, place, names);
	if (r < 0)
		return r;
	set(object, false, TAKE_PTR(names), n);
	return 0;
}

static json_t *segments_to_json(const struct field *field, const void *object)
{
	const struct peer *peer = object;
	json_t *list;

	if (peer->in_all_segments)
		return json_string("all");
	list = json_array();
	for (size_t i = 0; list && i < peer->n_segments; i++) {
		if (!json_array_append_new(list, json_string(peer->segments[i])))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static bool segments_equal(const struct field *field, const void *a, const void *b)
{
	const struct peer *one = a, *other = b;

	if (one->in_all_segments || other->in_all_segments)
		return one->in_all_segments == other->in_all_segments;
	if (one->n_segments != other->n_segments)
		return false;
	for (size_t i = 0; i < one->n_segments; i++) {
		if (strcmp(one->segments[i], other->segments[i]))
			return false;
	}
	return true;
}

static int segments_check(const struct field *field, const void *object, const struct place *place)
{
	const struct peer *peer = object;

	if (peer->in_all_segments)
		return 0;
	if (peer->n_segments > field->maximum)
		return value_refuse(place, "has %zu names, but there can be only %u segments",
				    peer->n_segments, field->maximum);
	for (size_t i = 1; i < peer->n_segments; i++) {
		if (strcmp(peer->segments[i - 1], peer->segments[i]) >= 0)
			return value_refuse(place, "is not sorted or has \"%s\" twice",
					    peer->segments[i]);
	}
	return 0;
}

const struct value_kind value_segments = {
	.from_json = segments_from_json,
	.to_json = segments_to_json,
	.equal = segments_equal,
	.check = segments_check,
};
