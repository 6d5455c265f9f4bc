/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libyaml says is wrong, in our problem: its words, the line, and a hint
 * for the most common mistake.
 */
#include "config/yaml_reader.h"

#include "base/problem.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

int yaml_refuse(const struct yaml_reader *reader, unsigned int line, const char *message)
{
	int r = problem_set(reader->problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL, "%s",
			    message);

	reader->problem->line = line;
	return r;
}

int yaml_refuse_size(const struct yaml_reader *reader, unsigned int line, const char *message)
{
	int r = problem_set(reader->problem, PROBLEM_TOO_LARGE, E2BIG, /* field= */ NULL, "%s",
			    message);

	reader->problem->line = line;
	return r;
}

int yaml_no_memory(const struct yaml_reader *reader)
{
	return problem_set(reader->problem, PROBLEM_SYSTEM, ENOMEM, /* field= */ NULL,
			   "out of memory");
}

/* Wrong bytes are found before they are scanned, when libyaml counts no lines yet. */
static unsigned int line_of_offset(const struct yaml_reader *reader, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset && i < reader->length; i++)
		line += reader->text[i] == '\n';
	return line;
}

/* Is the line, 0 being the first, indented with a tab?  Marks count characters, we count lines. */
static bool is_indented_with_tab(const struct yaml_reader *reader, size_t line)
{
	const char *at = reader->text, *end = reader->text + reader->length;

	while (line-- && at) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	while (at && at < end && *at == ' ')
		at++;
	return at && at < end && *at == '\t';
}

static int refuse_syntax(const struct yaml_reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const yaml_mark_t *mark = &parser->problem_mark;
	const char *hint = "";
	int r;

	if (parser->error == YAML_MEMORY_ERROR)
		return yaml_no_memory(reader);
	if (parser->error == YAML_READER_ERROR)
		return yaml_refuse(reader, line_of_offset(reader, parser->problem_offset),
				   parser->problem);
	if (is_indented_with_tab(reader, mark->line))
		hint = "; indent with spaces, not with tabs";
	r = problem_set(reader->problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL, "%s%s%s%s",
			parser->problem, parser->context ? " " : "",
			parser->context ? parser->context : "", hint);
	reader->problem->line = (unsigned int)mark->line + 1;
	return r;
}

int yaml_next_event(struct yaml_reader *reader, yaml_event_t *ret)
{
	yaml_event_t event;

	if (!yaml_parser_parse(&reader->parser, &event))
		return refuse_syntax(reader);
	*ret = event;
	return 0;
}
