/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members that are a set of words, as the envelopes that a peer may send: one
 * word or a list, in memory a bit for each.  The order is not kept.  No bit at
 * all stands for a member that is not given.
 */
#include "model/value.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

static uint32_t load(const struct field *field, const void *object)
{
	return *(const uint32_t *)value_slot(field, object);
}

static int add_word(const struct field *field, const json_t *json, const struct place *place,
		    uint32_t *bits)
{
	const char *text = json_string_value(json);
	char known[128];
	struct text words = text_into(known, sizeof(known));

	value_list_words(field->words, &words);
	if (!text)
		return value_refuse(place, "is %s, but must be %s", value_type_name(json), known);
	for (unsigned int i = 0; *text && field->words[i]; i++) {
		if (strcmp(text, field->words[i]))
			continue;
		if (*bits & 1u << i)
			return value_refuse(place, "has \"%s\" twice; remove one", text);
		*bits |= 1u << i;
		return 0;
	}
	return value_refuse(place, "is \"%.40s\", but must be %s", text, known);
}

static int words_from_json(const struct field *field, const json_t *json, const struct place *place,
			   void *object)
{
	struct place at = *place;
	uint32_t bits = 0;
	json_t *element;
	size_t i;
	int r = 0;

	if (json_is_array(json) && !json_array_size(json))
		return value_refuse(place,
				    "is an empty list; name at least one, or leave the member out");
	if (!json_is_array(json))
		r = add_word(field, json, place, &bits);
	json_array_foreach(json, i, element) {
		at.index = (int)i;
		if (r == 0)
			r = add_word(field, element, &at, &bits);
	}
	if (r == 0)
		*(uint32_t *)value_slot(field, object) = bits;
	return r;
}

static json_t *words_to_json(const struct field *field, const void *object)
{
	uint32_t bits = load(field, object);
	json_t *list = json_array();

	for (unsigned int i = 0; list && field->words[i]; i++) {
		if (!(bits & 1u << i) || !json_array_append_new(list, json_string(field->words[i])))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static bool words_equal(const struct field *field, const void *a, const void *b)
{
	return load(field, a) == load(field, b);
}

static int words_check(const struct field *field, const void *object, const struct place *place)
{
	uint32_t known = 0;

	for (unsigned int i = 0; field->words[i]; i++)
		known |= field->words[i][0] ? 1u << i : 0;
	if (load(field, object) & ~known)
		return value_refuse(place, "has no word for the bits %#x",
				    load(field, object) & ~known);
	return 0;
}

static bool words_are_absent(const struct field *field, const void *object)
{
	return !load(field, object);
}

const struct value_kind value_words = {
	.from_json = words_from_json,
	.to_json = words_to_json,
	.equal = words_equal,
	.check = words_check,
	.is_absent = words_are_absent,
};
