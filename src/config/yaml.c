/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * YAML text as JSON values: libyaml's events, one function for each shape of
 * value.  The text comes from a file or from an API client and is not trusted:
 * depth and number of values are bounded, and what would let a short text
 * stand for a long one (aliases) is refused.
 */
#include "config/yaml.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "config/yaml_reader.h"

#include <errno.h>

#include <string.h>

#define _cleanup_event_ _cleanup_(yaml_event_delete)

static int refuse_decoration(const struct yaml_reader *reader, unsigned int line,
			     const void *anchor, const void *tag)
{
	if (anchor)
		return yaml_refuse(
			reader, line,
			"anchors (&) are not supported; write the value where it is used");
	if (tag)
		return yaml_refuse(reader, line, "tags (!) are not supported; remove it");
	return 0;
}

/* Text of a scalar without NUL characters; NULL with the problem filled. */
static const char *scalar_text(const struct yaml_reader *reader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	unsigned int line = yaml_event_line(event);

	if (refuse_decoration(reader, line, event->data.scalar.anchor, event->data.scalar.tag) < 0)
		return NULL;
	if (strlen(text) == event->data.scalar.length)
		return text;
	yaml_refuse(reader, line, "NUL characters are not supported");
	return NULL;
}

/* -?(0|[1-9][0-9]*) that a json_int_t holds.  010 could mean 8 or 10 and stays text. */
static bool is_integer(const char *text, json_int_t *ret)
{
	const char *digits = text + (*text == '-');
	char *end;

	if (!*digits || digits[strspn(digits, "0123456789")] || (*digits == '0' && digits[1]))
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0;
}

static json_t *plain_to_json(const char *text)
{
	json_int_t integer;

	if (!strcmp(text, "true"))
		return json_true();
	if (!strcmp(text, "false"))
		return json_false();
	if (!*text || !strcmp(text, "~") || !strcmp(text, "null"))
		return json_null();
	return is_integer(text, &integer) ? json_integer(integer) : json_string(text);
}

static int read_scalar(struct yaml_reader *reader, const yaml_event_t *event, json_t **ret)
{
	const char *text = scalar_text(reader, event);

	if (!text)
		return -EINVAL;
	*ret = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_to_json(text) :
								     json_string(text);
	return *ret ? 0 : yaml_no_memory(reader);
}

static int read_value(struct yaml_reader *reader, const yaml_event_t *event, unsigned int line,
		      json_t **ret);

static int read_list(struct yaml_reader *reader, json_t **ret)
{
	json_auto_t *list = json_array();

	if (!list)
		return yaml_no_memory(reader);
	for (;;) {
		_cleanup_event_ yaml_event_t event = {0};
		json_t *element;
		int r;

		r = yaml_next_event(reader, &event);
		if (r < 0)
			return r;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		r = read_value(reader, &event, yaml_event_line(&event), &element);
		if (r < 0)
			return r;
		if (json_array_append_new(list, element) < 0)
			return yaml_no_memory(reader);
	}
	*ret = TAKE_PTR(list);
	return 0;
}

/* Checks a key before its value is read. */
static const char *key_text(const struct yaml_reader *reader, const yaml_event_t *event,
			    const json_t *mapping, size_t number)
{
	const char *key;

	if (event->type != YAML_SCALAR_EVENT) {
		yaml_refuse(reader, yaml_event_line(event), "a key must be a word");
		return NULL;
	}
	key = scalar_text(reader, event);
	if (!key || !json_object_get(mapping, key))
		return key;
	problem_set(reader->problem, PROBLEM_INVALID, EINVAL, key,
		    "is given twice, first in line %u; remove one",
		    yaml_lines_of_member(&reader->lines, mapping, number, key));
	reader->problem->line = yaml_event_line(event);
	return NULL;
}

static int read_member(struct yaml_reader *reader, const yaml_event_t *key_event, size_t number,
		       json_t *mapping)
{
	const char *key = key_text(reader, key_event, mapping, number);
	_cleanup_event_ yaml_event_t event = {0};
	json_t *value;
	int r;

	if (!key)
		return -EINVAL;
	r = yaml_next_event(reader, &event);
	if (r < 0)
		return r;
	r = read_value(reader, &event, yaml_event_line(key_event), &value);
	if (r < 0)
		return r;
	return json_object_set_new(mapping, key, value) < 0 ? yaml_no_memory(reader) : 0;
}

static int read_mapping(struct yaml_reader *reader, json_t **ret)
{
	json_auto_t *mapping = json_object();
	size_t number = reader->lines.n_lines - 1;

	if (!mapping)
		return yaml_no_memory(reader);
	for (;;) {
		_cleanup_event_ yaml_event_t event = {0};
		int r;

		r = yaml_next_event(reader, &event);
		if (r < 0)
			return r;
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		r = read_member(reader, &event, number, mapping);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(mapping);
	return 0;
}

static int read_collection(struct yaml_reader *reader, const yaml_event_t *event, json_t **ret)
{
	bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	int r;

	r = is_list ? refuse_decoration(reader, yaml_event_line(event),
					event->data.sequence_start.anchor,
					event->data.sequence_start.tag) :
		      refuse_decoration(reader, yaml_event_line(event),
					event->data.mapping_start.anchor,
					event->data.mapping_start.tag);
	if (r < 0)
		return r;
	if (reader->depth == YAML_DEPTH_MAX)
		return yaml_refuse_size(
			reader, yaml_event_line(event),
			"lists and mappings are nested more than 16 deep; a configuration needs four");
	reader->depth++;
	r = is_list ? read_list(reader, ret) : read_mapping(reader, ret);
	reader->depth--;
	return r;
}

static int read_value(struct yaml_reader *reader, const yaml_event_t *event, unsigned int line,
		      json_t **ret)
{
	if (reader->lines.n_lines == YAML_VALUES_MAX)
		return yaml_refuse_size(reader, yaml_event_line(event),
					"there are more than a million values; use fewer records");
	if (yaml_lines_append(&reader->lines, line) < 0)
		return yaml_no_memory(reader);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(reader, event, ret);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_collection(reader, event, ret);
	default:
		return yaml_refuse(
			reader, yaml_event_line(event),
			"aliases (*) are not supported; write the value where it is used");
	}
}

/* Up to the end of the stream: one document, or none. */
static int read_stream(struct yaml_reader *reader, json_t **ret)
{
	json_auto_t *root = NULL;

	for (;;) {
		_cleanup_event_ yaml_event_t event = {0};
		int r;

		r = yaml_next_event(reader, &event);
		if (r == 0 && event.type == YAML_STREAM_END_EVENT)
			break;
		if (r == 0 && event.type == YAML_DOCUMENT_START_EVENT && root)
			r = yaml_refuse(
				reader, yaml_event_line(&event),
				"a second document begins here; a configuration is one document");
		else if (r == 0 && event.type != YAML_STREAM_START_EVENT &&
			 event.type != YAML_DOCUMENT_START_EVENT &&
			 event.type != YAML_DOCUMENT_END_EVENT)
			r = read_value(reader, &event, yaml_event_line(&event), &root);
		if (r < 0)
			return r;
	}
	if (!root && yaml_lines_append(&reader->lines, 1) < 0)
		return yaml_no_memory(reader);
	*ret = root ? TAKE_PTR(root) : json_null();
	return 0;
}

static void reader_clear(struct yaml_reader *reader)
{
	yaml_parser_delete(&reader->parser);
	yaml_lines_clear(&reader->lines);
}

int yaml_read(const char *text, size_t length, json_t **ret, struct yaml_lines *ret_lines,
	      struct problem *problem)
{
	_cleanup_(reader_clear) struct yaml_reader reader = {
		.text = text,
		.length = length,
		.problem = problem,
	};
	int r;

	if (!yaml_parser_initialize(&reader.parser))
		return yaml_no_memory(&reader);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
	r = read_stream(&reader, ret);
	if (r < 0)
		return r;
	*ret_lines = reader.lines;
	reader.lines = (struct yaml_lines){0};
	return 0;
}
