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

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	const char *text;
	size_t length;
	unsigned int depth;
	struct yaml_lines lines;
	struct problem *problem;
};

#define _cleanup_event_ _cleanup_(yaml_event_delete)

static unsigned int line_of(const yaml_event_t *event)
{
	return (unsigned int)event->start_mark.line + 1;
}

static int refuse(const struct reader *reader, unsigned int line, const char *message)
{
	int r = problem_set(reader->problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL, "%s",
			    message);

	reader->problem->line = line;
	return r;
}

static int refuse_size(const struct reader *reader, unsigned int line, const char *message)
{
	int r = problem_set(reader->problem, PROBLEM_TOO_LARGE, E2BIG, /* field= */ NULL, "%s",
			    message);

	reader->problem->line = line;
	return r;
}

static int no_memory(const struct reader *reader)
{
	return problem_set(reader->problem, PROBLEM_SYSTEM, ENOMEM, /* field= */ NULL,
			   "out of memory");
}

/* Wrong bytes are found before they are scanned, when libyaml counts no lines yet. */
static unsigned int line_of_offset(const struct reader *reader, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset && i < reader->length; i++)
		line += reader->text[i] == '\n';
	return line;
}

static int refuse_syntax(const struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const yaml_mark_t *mark = &parser->problem_mark;
	const char *hint = "";
	int r;

	if (parser->error == YAML_MEMORY_ERROR)
		return no_memory(reader);
	if (parser->error == YAML_READER_ERROR)
		return refuse(reader, line_of_offset(reader, parser->problem_offset),
			      parser->problem);
	if (mark->index < reader->length && reader->text[mark->index] == '\t')
		hint = "; indent with spaces, not with tabs";
	r = problem_set(reader->problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL, "%s%s%s%s",
			parser->problem, parser->context ? " " : "",
			parser->context ? parser->context : "", hint);
	reader->problem->line = (unsigned int)mark->line + 1;
	return r;
}

static int next_event(struct reader *reader, yaml_event_t *ret)
{
	yaml_event_t event;

	if (!yaml_parser_parse(&reader->parser, &event))
		return refuse_syntax(reader);
	*ret = event;
	return 0;
}

static int refuse_decoration(const struct reader *reader, unsigned int line, const void *anchor,
			     const void *tag)
{
	if (anchor)
		return refuse(reader, line,
			      "anchors (&) are not supported; write the value where it is used");
	if (tag)
		return refuse(reader, line, "tags (!) are not supported; remove it");
	return 0;
}

/* Text of a scalar without NUL characters; NULL with the problem filled. */
static const char *scalar_text(const struct reader *reader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	unsigned int line = line_of(event);

	if (refuse_decoration(reader, line, event->data.scalar.anchor, event->data.scalar.tag) < 0)
		return NULL;
	if (strlen(text) == event->data.scalar.length)
		return text;
	refuse(reader, line, "NUL characters are not supported");
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

static int read_scalar(struct reader *reader, const yaml_event_t *event, json_t **ret)
{
	const char *text = scalar_text(reader, event);

	if (!text)
		return -EINVAL;
	*ret = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_to_json(text) :
								     json_string(text);
	return *ret ? 0 : no_memory(reader);
}

static int read_value(struct reader *reader, const yaml_event_t *event, unsigned int line,
		      json_t **ret);

static int read_list(struct reader *reader, json_t **ret)
{
	json_auto_t *list = json_array();

	if (!list)
		return no_memory(reader);
	for (;;) {
		_cleanup_event_ yaml_event_t event = {0};
		json_t *element;
		int r;

		r = next_event(reader, &event);
		if (r < 0)
			return r;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		r = read_value(reader, &event, line_of(&event), &element);
		if (r < 0)
			return r;
		if (json_array_append_new(list, element) < 0)
			return no_memory(reader);
	}
	*ret = TAKE_PTR(list);
	return 0;
}

/* Checks a key before its value is read. */
static const char *key_text(const struct reader *reader, const yaml_event_t *event,
			    const json_t *mapping, size_t number)
{
	const char *key;

	if (event->type != YAML_SCALAR_EVENT) {
		refuse(reader, line_of(event), "a key must be a word");
		return NULL;
	}
	key = scalar_text(reader, event);
	if (!key || !json_object_get(mapping, key))
		return key;
	problem_set(reader->problem, PROBLEM_INVALID, EINVAL, key,
		    "is given twice, first in line %u; remove one",
		    yaml_lines_of_member(&reader->lines, mapping, number, key));
	reader->problem->line = line_of(event);
	return NULL;
}

static int read_member(struct reader *reader, const yaml_event_t *key_event, size_t number,
		       json_t *mapping)
{
	const char *key = key_text(reader, key_event, mapping, number);
	_cleanup_event_ yaml_event_t event = {0};
	json_t *value;
	int r;

	if (!key)
		return -EINVAL;
	r = next_event(reader, &event);
	if (r < 0)
		return r;
	r = read_value(reader, &event, line_of(key_event), &value);
	if (r < 0)
		return r;
	return json_object_set_new(mapping, key, value) < 0 ? no_memory(reader) : 0;
}

static int read_mapping(struct reader *reader, json_t **ret)
{
	json_auto_t *mapping = json_object();
	size_t number = reader->lines.n_lines - 1;

	if (!mapping)
		return no_memory(reader);
	for (;;) {
		_cleanup_event_ yaml_event_t event = {0};
		int r;

		r = next_event(reader, &event);
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

static int read_collection(struct reader *reader, const yaml_event_t *event, json_t **ret)
{
	bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	int r;

	r = is_list ? refuse_decoration(reader, line_of(event), event->data.sequence_start.anchor,
					event->data.sequence_start.tag) :
		      refuse_decoration(reader, line_of(event), event->data.mapping_start.anchor,
					event->data.mapping_start.tag);
	if (r < 0)
		return r;
	if (reader->depth == YAML_DEPTH_MAX)
		return refuse_size(
			reader, line_of(event),
			"lists and mappings are nested more than 16 deep; a configuration needs four");
	reader->depth++;
	r = is_list ? read_list(reader, ret) : read_mapping(reader, ret);
	reader->depth--;
	return r;
}

static int read_value(struct reader *reader, const yaml_event_t *event, unsigned int line,
		      json_t **ret)
{
	if (reader->lines.n_lines == YAML_VALUES_MAX)
		return refuse_size(reader, line_of(event),
				   "there are more than a million values; use fewer records");
	if (yaml_lines_append(&reader->lines, line) < 0)
		return no_memory(reader);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(reader, event, ret);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_collection(reader, event, ret);
	default:
		return refuse(reader, line_of(event),
			      "aliases (*) are not supported; write the value where it is used");
	}
}

/* Up to the end of the stream: one document, or none. */
static int read_stream(struct reader *reader, json_t **ret)
{
	json_auto_t *root = NULL;

	for (;;) {
		_cleanup_event_ yaml_event_t event = {0};
		int r;

		r = next_event(reader, &event);
		if (r == 0 && event.type == YAML_STREAM_END_EVENT)
			break;
		if (r == 0 && event.type == YAML_DOCUMENT_START_EVENT && root)
			r = refuse(
				reader, line_of(&event),
				"a second document begins here; a configuration is one document");
		else if (r == 0 && event.type != YAML_STREAM_START_EVENT &&
			 event.type != YAML_DOCUMENT_START_EVENT &&
			 event.type != YAML_DOCUMENT_END_EVENT)
			r = read_value(reader, &event, line_of(&event), &root);
		if (r < 0)
			return r;
	}
	if (!root && yaml_lines_append(&reader->lines, 1) < 0)
		return no_memory(reader);
	*ret = root ? TAKE_PTR(root) : json_null();
	return 0;
}

static void reader_clear(struct reader *reader)
{
	yaml_parser_delete(&reader->parser);
	yaml_lines_clear(&reader->lines);
}

int yaml_read(const char *text, size_t length, json_t **ret, struct yaml_lines *ret_lines,
	      struct problem *problem)
{
	_cleanup_(reader_clear) struct reader reader = {
		.text = text,
		.length = length,
		.problem = problem,
	};
	int r;

	if (!yaml_parser_initialize(&reader.parser))
		return no_memory(&reader);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
	r = read_stream(&reader, ret);
	if (r < 0)
		return r;
	*ret_lines = reader.lines;
	reader.lines = (struct yaml_lines){0};
	return 0;
}
