/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation say to people?  One line, for the log, `diff` and
 * `apply`; the words are those of the configuration file.
 */
#include "model/plan.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>

static void append_json(struct text *text, const json_t *json)
{
	const json_t *element;
	size_t i;

	switch (json_typeof(json)) {
	case JSON_STRING:
		text_append(text, "%s", json_string_value(json));
		break;
	case JSON_INTEGER:
		text_append(text, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
		break;
	case JSON_ARRAY:
		if (!json_array_size(json))
			text_append(text, "none");
		json_array_foreach(json, i, element) {
			text_append(text, "%s", i ? "," : "");
			append_json(text, element);
		}
		break;
	default:
		text_append(text, "%s", json_is_true(json) ? "true" : "false");
	}
}

static int append_value(struct text *text, const struct field *field, const void *object)
{
	json_auto_t *json = NULL;

	if (field_is_absent(field, object)) {
		text_append(text, "none");
		return 0;
	}
	json = field_to_json(field, object);
	if (!json)
		return -ENOMEM;
	append_json(text, json);
	return 0;
}

/* A segment's name says enough without its VNI. */
static bool is_shown_as_name(const struct field *field)
{
	return field->is_key && field->type != FIELD_UINT;
}

/* "segment blue", "fdb blue 52:54:00:00:00:02", "underlay" */
static int append_name(struct text *text, const struct noun *noun, const void *object)
{
	int r = 0;

	text_append(text, "%s", noun->name);
	for (const struct field *field = noun->fields; r == 0 && field->name; field++) {
		if (!is_shown_as_name(field))
			continue;
		text_append(text, " ");
		r = append_value(text, field, object);
	}
	return r;
}

/* What is not as it would be by default. */
static int describe_creation(struct text *text, const struct noun *noun, const void *object)
{
	union noun_object fresh;
	int r;

	noun->set_defaults(&fresh);
	text_append(text, "+ ");
	r = append_name(text, noun, object);
	for (const struct field *field = noun->fields; r == 0 && field->name; field++) {
		if (is_shown_as_name(field) || field_equal(field, &fresh, object))
			continue;
		text_append(text, " %s=", field->name);
		r = append_value(text, field, object);
	}
	return r;
}

static int describe_change(struct text *text, const struct noun *noun, const void *before,
			   const void *after)
{
	const char *separator = ": ";
	int r;

	r = append_name(text, noun, after);
	for (const struct field *field = noun->fields; r == 0 && field->name; field++) {
		if (field_equal(field, before, after))
			continue;
		text_append(text, "%s%s ", separator, field->name);
		r = append_value(text, field, before);
		if (r < 0)
			break;
		text_append(text, " -> ");
		r = append_value(text, field, after);
		separator = ", ";
	}
	return r;
}

int operation_describe(const struct operation *operation, char *buffer, size_t size)
{
	const struct noun *noun = plan_noun(operation->object);
	const void *before = operation->before.any, *after = operation->after.any;
	struct text text = text_into(buffer, size);

	if (before && after)
		return describe_change(&text, noun, before, after);
	if (after)
		return describe_creation(&text, noun, after);
	text_append(&text, "- ");
	return append_name(&text, noun, before);
}
