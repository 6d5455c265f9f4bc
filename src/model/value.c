/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kinds of values share: their table, and how a refusal names the
 * member that it is about.
 */
#include "model/value.h"

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct value_kind *const kinds[] = {
	[FIELD_NAME] = &value_name,	    [FIELD_DEVICE] = &value_device,
	[FIELD_DEVICES] = &value_devices,   [FIELD_UINT] = &value_uint,
	[FIELD_SECONDS] = &value_seconds,   [FIELD_BOOL] = &value_bool,
	[FIELD_ENUM] = &value_enum,	    [FIELD_DSCP] = &value_dscp,
	[FIELD_ADDRESS] = &value_address,   [FIELD_ADDRESSES] = &value_addresses,
	[FIELD_MAC] = &value_mac,	    [FIELD_MACS] = &value_macs,
	[FIELD_SEGMENTS] = &value_segments, [FIELD_WORDS] = &value_words,
	[FIELD_BYTES] = &value_bytes,
};

const struct value_kind *value_kind(const struct field *field)
{
	return kinds[field->type];
}

/* "segments[2].vni", "vni", "underlay.device[1]" */
static void name_place(const struct place *place, struct text *text)
{
	text_append(text, "%s%s%s", place->path, place->path[0] ? "." : "", place->member);
	if (place->index >= 0)
		text_append(text, "[%d]", place->index);
}

int value_refuse(const struct place *place, const char *format, ...)
{
	struct problem *problem = place->problem;
	char field[sizeof(problem->field)], message[sizeof(problem->message)];
	struct text text = text_into(field, sizeof(field));
	va_list arguments;

	name_place(place, &text);
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return problem_set(problem, PROBLEM_INVALID, EINVAL, field, "%s", message);
}

void value_list_words(const char *const *words, struct text *text)
{
	for (; *words; words++) {
		if (**words)
			text_append(text, "%s%s", *words,
				    !words[1] ? "" :
				    words[2]  ? ", " :
						" or ");
	}
}

int value_no_memory(const struct place *place)
{
	return problem_set(place->problem, PROBLEM_SYSTEM, ENOMEM, place->path, "out of memory");
}

const char *value_type_name(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "a mapping";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a fraction";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "nothing";
	}
	return "something unknown";
}

const char *value_string(const json_t *json, const struct place *place)
{
	const char *text = json_string_value(json);
	bool quotable = json_is_integer(json) || json_is_boolean(json);

	if (!text) {
		value_refuse(place, "is %s, but must be text%s", value_type_name(json),
			     quotable ? "; put it in quotes" : "");
		return NULL;
	}
	if (strlen(text) != json_string_length(json)) {
		value_refuse(place, "contains a NUL character");
		return NULL;
	}
	return text;
}
