/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members with a few possible values: true and false, and the words of an
 * enum.
 */
#include "model/value.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

/* Words that YAML 1.1 takes for a truth value and we do not: which one was meant? */
static const char *meant_truth(const char *text)
{
	static const char *const truths[][2] = {
		{"true", "true"},   {"yes", "true"}, {"on", "true"},   {"y", "true"},
		{"false", "false"}, {"no", "false"}, {"off", "false"}, {"n", "false"},
	};

	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++) {
		if (!strcasecmp(text, truths[i][0]))
			return truths[i][1];
	}
	return NULL;
}

static int bool_from_json(const struct field *field, const json_t *json, const struct place *place,
			  void *object)
{
	const char *text = json_string_value(json);

	if (json_is_boolean(json)) {
		*(bool *)value_slot(field, object) = json_is_true(json);
		return 0;
	}
	if (text && meant_truth(text))
		return value_refuse(place, "is \"%s\"; write %s, in lower case and without quotes",
				    text, meant_truth(text));
	if (text)
		return value_refuse(place, "is \"%.40s\", but must be true or false", text);
	return value_refuse(place, "is %s, but must be true or false", value_type_name(json));
}

static json_t *bool_to_json(const struct field *field, const void *object)
{
	return json_boolean(*(const bool *)value_slot(field, object));
}

static bool bool_equal(const struct field *field, const void *a, const void *b)
{
	return *(const bool *)value_slot(field, a) == *(const bool *)value_slot(field, b);
}

const struct value_kind value_bool = {
	.from_json = bool_from_json,
	.to_json = bool_to_json,
	.equal = bool_equal,
};

static int load(const struct field *field, const void *object)
{
	int value;

	memcpy(&value, value_slot(field, object), sizeof(value));
	return value;
}

static int enum_from_json(const struct field *field, const json_t *json, const struct place *place,
			  void *object)
{
	const char *text = json_string_value(json);
	char known[128];
	struct text words = text_into(known, sizeof(known));

	for (int i = 0; text && *text && field->words[i]; i++) {
		if (strcmp(text, field->words[i]))
			continue;
		memcpy(value_slot(field, object), &i, sizeof(i));
		return 0;
	}
	value_list_words(field->words, &words);
	if (text)
		return value_refuse(place, "is \"%.40s\", but must be %s", text, known);
	return value_refuse(place, "is %s, but must be %s", value_type_name(json), known);
}

static json_t *enum_to_json(const struct field *field, const void *object)
{
	return json_string(field->words[load(field, object)]);
}

static bool enum_equal(const struct field *field, const void *a, const void *b)
{
	return load(field, a) == load(field, b);
}

static int enum_check(const struct field *field, const void *object, const struct place *place)
{
	int value = load(field, object), n = 0;

	while (field->words[n])
		n++;
	if (value >= 0 && value < n && field->words[value][0])
		return 0;
	return value_refuse(place, "has no word for the number %d", value);
}

const struct value_kind value_enum = {
	.from_json = enum_from_json,
	.to_json = enum_to_json,
	.equal = enum_equal,
	.check = enum_check,
};
