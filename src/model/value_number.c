/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members that are a number: counts with a range, times, and DSCP, which may
 * also be a word.  The width in memory is the member's.
 */
#include "model/value.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

static uint32_t load(const struct field *field, const void *object)
{
	const void *slot = value_slot(field, object);

	switch (field->size) {
	case sizeof(uint8_t):
		return *(const uint8_t *)slot;
	case sizeof(uint16_t):
		return *(const uint16_t *)slot;
	default:
		return *(const uint32_t *)slot;
	}
}

static void store(const struct field *field, uint32_t value, void *object)
{
	void *slot = value_slot(field, object);

	switch (field->size) {
	case sizeof(uint8_t):
		*(uint8_t *)slot = (uint8_t)value;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)slot = (uint16_t)value;
		break;
	default:
		*(uint32_t *)slot = value;
	}
}

static bool number_equal(const struct field *field, const void *a, const void *b)
{
	return load(field, a) == load(field, b);
}

static int number_check(const struct field *field, const void *object, const struct place *place)
{
	uint32_t value = load(field, object);

	if (value >= field->minimum && value <= field->maximum)
		return 0;
	return value_refuse(place, "is %u, but must be %u to %u", value, field->minimum,
			    field->maximum);
}

/* `words` stands for the range in the message. */
static int integer_from_json(const struct field *field, const json_t *json,
			     const struct place *place, uint32_t maximum, const char *words,
			     void *object)
{
	json_int_t value = json_integer_value(json);
	const char *text = json_string_value(json);
	uint64_t number;

	if (text && text_parse_uint(text, field->minimum, maximum, &number) == 0)
		return value_refuse(place, "is the text \"%s\"; write the number without quotes",
				    text);
	if (text)
		return value_refuse(place, "is \"%.40s\", but must be %s", text, words);
	if (!json_is_integer(json))
		return value_refuse(place, "is %s, but must be %s", value_type_name(json), words);
	if (value < field->minimum || value > maximum)
		return value_refuse(place, "is %" JSON_INTEGER_FORMAT ", but must be %s", value,
				    words);
	store(field, (uint32_t)value, object);
	return 0;
}

static int uint_from_json(const struct field *field, const json_t *json, const struct place *place,
			  void *object)
{
	char words[64];
	struct text text = text_into(words, sizeof(words));

	text_append(&text, "a number from %u to %u", field->minimum, field->maximum);
	return integer_from_json(field, json, place, field->maximum, words, object);
}

static json_t *uint_to_json(const struct field *field, const void *object)
{
	return json_integer(load(field, object));
}

const struct value_kind value_uint = {
	.from_json = uint_from_json,
	.to_json = uint_to_json,
	.equal = number_equal,
	.check = number_check,
};

static int seconds_from_json(const struct field *field, const json_t *json,
			     const struct place *place, void *object)
{
	const char *text = json_string_value(json);
	char words[96];
	struct text known = text_into(words, sizeof(words));
	uint32_t seconds;

	text_append(&known, "a time from %us to %us, as in 300s, 5m or 1h", field->minimum,
		    field->maximum);
	if (!text)
		return integer_from_json(field, json, place, field->maximum, words, object);
	if (text_parse_seconds(text, &seconds) < 0 || seconds < field->minimum ||
	    seconds > field->maximum)
		return value_refuse(place, "is \"%.40s\", but must be %s", text, words);
	store(field, seconds, object);
	return 0;
}

static json_t *seconds_to_json(const struct field *field, const void *object)
{
	return json_sprintf("%us", load(field, object));
}

const struct value_kind value_seconds = {
	.from_json = seconds_from_json,
	.to_json = seconds_to_json,
	.equal = number_equal,
	.check = number_check,
};

static int dscp_from_json(const struct field *field, const json_t *json, const struct place *place,
			  void *object)
{
	if (!json_is_string(json) || strcmp(json_string_value(json), "copy"))
		return integer_from_json(field, json, place, MODEL_DSCP_COPY - 1,
					 "a number from 0 to 63, or copy", object);
	store(field, MODEL_DSCP_COPY, object);
	return 0;
}

static json_t *dscp_to_json(const struct field *field, const void *object)
{
	uint32_t dscp = load(field, object);

	return dscp == MODEL_DSCP_COPY ? json_string("copy") : json_integer(dscp);
}

const struct value_kind value_dscp = {
	.from_json = dscp_from_json,
	.to_json = dscp_to_json,
	.equal = number_equal,
	.check = number_check,
};
