/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members that are raw bytes, as they stand on the wire: hexadecimal digits in
 * text, two for each byte, and nothing between them.  What the bytes mean is
 * the model's checks' business.
 */
#include "model/value.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static size_t load_count(const struct field *field, const void *object)
{
	size_t n;

	memcpy(&n, (const char *)object + field->count_offset, sizeof(n));
	return n;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int refuse_character(const struct place *place, const char *text)
{
	size_t at = 0;

	while (digit_value(text[at]) >= 0)
		at++;
	if (!text[at])
		return value_refuse(
			place, "has %zu hexadecimal digits, an odd number; each byte has two", at);
	return value_refuse(place,
			    "has '%c' as character %zu, but must be hexadecimal digits, two for "
			    "each byte, with nothing before or between them",
			    text[at] > ' ' && text[at] < 0x7f ? text[at] : '?', at + 1);
}

static int bytes_from_json(const struct field *field, const json_t *json, const struct place *place,
			   void *object)
{
	const char *text = value_string(json, place);
	uint8_t *bytes = value_slot(field, object);
	size_t length = text ? strlen(text) : 0, n = length / 2;

	if (!text)
		return -EINVAL;
	if (length % 2)
		return refuse_character(place, text);
	for (size_t i = 0; i < length; i++)
		if (digit_value(text[i]) < 0)
			return refuse_character(place, text);
	if (n > field->maximum)
		return value_refuse(place, "has %zu bytes, but can have at most %u", n,
				    field->maximum);
	memset(bytes, 0, field->maximum);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
	memcpy((char *)object + field->count_offset, &n, sizeof(n));
	return 0;
}

static json_t *bytes_to_json(const struct field *field, const void *object)
{
	const uint8_t *bytes = value_slot(field, object);
	size_t n = load_count(field, object);
	_cleanup_free_ char *text = calloc(2 * n + 1, 1);

	if (!text)
		return NULL;
	for (size_t i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	return json_string(text);
}

static bool bytes_equal(const struct field *field, const void *a, const void *b)
{
	size_t n = load_count(field, a);

	return n == load_count(field, b) && !memcmp(value_slot(field, a), value_slot(field, b), n);
}

static int bytes_check(const struct field *field, const void *object, const struct place *place)
{
	size_t n = load_count(field, object);

	return n <= field->maximum ? 0 :
				     value_refuse(place, "has %zu bytes, but can have at most %u",
						  n, field->maximum);
}

static bool bytes_are_absent(const struct field *field, const void *object)
{
	return !load_count(field, object);
}

const struct value_kind value_bytes = {
	.from_json = bytes_from_json,
	.to_json = bytes_to_json,
	.equal = bytes_equal,
	.check = bytes_check,
	.is_absent = bytes_are_absent,
};
