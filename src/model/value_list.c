/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members that are a list of devices, IP addresses or MAC addresses in a
 * fixed array.  A single value stands for a list of one.  The order is kept;
 * the same value twice is refused.
 */
#include "model/value.h"

#include <errno.h>
#include <string.h>

/* The elements are members like any other, at the start of an object of their own. */
static struct field element_of(const struct field *list)
{
	struct field element = *list;

	element.type = list->type == FIELD_DEVICES   ? FIELD_DEVICE :
		       list->type == FIELD_ADDRESSES ? FIELD_ADDRESS :
						       FIELD_MAC;
	element.offset = 0;
	element.count_offset = 0;
	return element;
}

static size_t load_count(const struct field *field, const void *object)
{
	size_t n;

	memcpy(&n, (const char *)object + field->count_offset, sizeof(n));
	return n;
}

static void store_count(const struct field *field, size_t n, void *object)
{
	memcpy((char *)object + field->count_offset, &n, sizeof(n));
}

static void *element_at(const struct field *field, const void *object, size_t i)
{
	return (char *)value_slot(field, object) + i * field->size;
}

static int refuse_double(const struct field *field, const struct place *place, size_t n,
			 const void *object)
{
	struct field element = element_of(field);
	struct place at = *place;

	for (size_t i = 0; i < n; i++) {
		if (!value_kind(&element)->equal(&element, element_at(field, object, i),
						 element_at(field, object, n)))
			continue;
		at.index = (int)n;
		return value_refuse(&at, "is in the list already, as number %zu; remove one",
				    i + 1);
	}
	return 0;
}

static int append(const struct field *field, const json_t *json, const struct place *place,
		  void *object)
{
	struct field element = element_of(field);
	size_t n = load_count(field, object);
	int r;

	if (n == field->maximum)
		return value_refuse(place, "has more than %u entries", field->maximum);
	if (json_is_null(json))
		return value_refuse(place, "is empty; give a value or remove the entry");
	r = value_kind(&element)->from_json(&element, json, place, element_at(field, object, n));
	if (r < 0)
		return r;
	r = refuse_double(field, place, n, object);
	if (r < 0)
		return r;
	store_count(field, n + 1, object);
	return 0;
}

static int list_from_json(const struct field *field, const json_t *json, const struct place *place,
			  void *object)
{
	struct place at = *place;
	const json_t *element;
	size_t i;
	int r;

	store_count(field, 0, object);
	memset(value_slot(field, object), 0, field->size * field->maximum);
	if (!json_is_array(json))
		return append(field, json, place, object);
	if (field->required && !json_array_size(json))
		return value_refuse(place, "is an empty list; give at least one");
	json_array_foreach(json, i, element) {
		at.index = (int)i;
		r = append(field, element, &at, object);
		if (r < 0)
			return r;
	}
	return 0;
}

static json_t *list_to_json(const struct field *field, const void *object)
{
	struct field element = element_of(field);
	json_t *list = json_array();

	for (size_t i = 0; list && i < load_count(field, object); i++) {
		const void *at = element_at(field, object, i);

		if (!json_array_append_new(list, value_kind(&element)->to_json(&element, at)))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static bool list_equal(const struct field *field, const void *a, const void *b)
{
	struct field element = element_of(field);
	size_t n = load_count(field, a);

	if (n != load_count(field, b))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!value_kind(&element)->equal(&element, element_at(field, a, i),
						 element_at(field, b, i)))
			return false;
	}
	return true;
}

static int list_check(const struct field *field, const void *object, const struct place *place)
{
	struct field element = element_of(field);
	const struct value_kind *kind = value_kind(&element);
	struct place at = *place;
	size_t n = load_count(field, object);

	if (n > field->maximum)
		return value_refuse(place, "has more than %u entries", field->maximum);
	for (size_t i = 0; i < n; i++) {
		int r;

		at.index = (int)i;
		r = kind->check ? kind->check(&element, element_at(field, object, i), &at) : 0;
		if (r == 0)
			r = refuse_double(field, place, i, object);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool list_is_absent(const struct field *field, const void *object)
{
	return !load_count(field, object);
}

#define LIST_KIND                                                                                  \
	.from_json = list_from_json, .to_json = list_to_json, .equal = list_equal,                 \
	.check = list_check, .is_absent = list_is_absent

const struct value_kind value_devices = {LIST_KIND};
const struct value_kind value_addresses = {LIST_KIND};
const struct value_kind value_macs = {LIST_KIND};
