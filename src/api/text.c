/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a word of a command line mean as JSON?  Decides by the noun's
 * table of fields; judges nothing: ranges and spellings are noun_from_json's.
 */
#include "api/text.h"

#include "api/request.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

/* A reference to text itself when it is not a plain decimal number. */
static json_t *number_json(json_t *text)
{
	const char *word = json_string_value(text);
	size_t length = strlen(word);

	if (!length || length > 18 || strspn(word, "0123456789") != length)
		return json_incref(text);
	return json_integer(strtoll(word, /* endptr= */ NULL, 10));
}

/* People also write what `overlayctl` shows them. */
static json_t *bool_json(json_t *text)
{
	const char *word = json_string_value(text);

	if (!strcmp(word, "true") || !strcmp(word, "yes"))
		return json_true();
	if (!strcmp(word, "false") || !strcmp(word, "no"))
		return json_false();
	return json_incref(text);
}

/* "a,b" as a list; "" is the empty one.  NULL: no memory. */
static json_t *list_json(json_t *text)
{
	_cleanup_free_ char *words = strdup(json_string_value(text));
	_cleanup_json_ json_t *list = json_array();
	char *rest, *word;

	if (!words || !list)
		return NULL;
	rest = *words ? words : NULL;
	while ((word = strsep(&rest, ",")))
		if (json_array_append_new(list, json_string(word)) < 0)
			return NULL;
	return TAKE_PTR(list);
}

static json_t *value_json(const struct field *field, json_t *text)
{
	switch (field->type) {
	case FIELD_UINT:
	case FIELD_SECONDS:
	case FIELD_DSCP:
		return number_json(text);
	case FIELD_BOOL:
		return bool_json(text);
	case FIELD_SEGMENTS:
		return strcmp(json_string_value(text), "all") ? list_json(text) : json_incref(text);
	case FIELD_MACS:
	case FIELD_ADDRESSES:
		return strcmp(json_string_value(text), "none") ? list_json(text) : json_array();
	case FIELD_DEVICES:
		return list_json(text);
	case FIELD_WORDS:
		return strcmp(json_string_value(text), "default") ? list_json(text) : json_null();
	case FIELD_BYTES:
		return strcmp(json_string_value(text), "none") ? json_incref(text) : json_null();
	default:
		return json_incref(text);
	}
}

int text_to_json(const struct noun *noun, json_t *json)
{
	for (const struct field *field = noun->fields; field->name; field++) {
		json_t *text = json_object_get(json, field->name), *value;

		if (!json_is_string(text))
			continue;
		value = value_json(field, text);
		if (!value || json_object_set_new(json, field->name, value) < 0)
			return -ENOMEM;
	}
	return 0;
}
