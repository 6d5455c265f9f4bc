/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libyaml's event stream and how it is refused.  Only yaml.c uses this.
 */
#ifndef OVERLAID_CONFIG_YAML_READER_H
#define OVERLAID_CONFIG_YAML_READER_H

#include "config/yaml.h"

#include <yaml.h>

struct yaml_reader {
	yaml_parser_t parser;
	const char *text;
	size_t length;
	unsigned int depth;
	struct yaml_lines lines;
	struct problem *problem;
};

static inline unsigned int yaml_event_line(const yaml_event_t *event)
{
	return (unsigned int)event->start_mark.line + 1;
}

/* Each fills the problem with its line and returns -errno. */
int yaml_refuse(const struct yaml_reader *reader, unsigned int line, const char *message);
int yaml_refuse_size(const struct yaml_reader *reader, unsigned int line, const char *message);
int yaml_no_memory(const struct yaml_reader *reader);

/* 0 with *ret the caller's to delete; -errno in libyaml's words when the text is no YAML. */
int yaml_next_event(struct yaml_reader *reader, yaml_event_t *ret);

#endif
