/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * YAML text as JSON values, with the line of each.  Called by config.c; knows
 * YAML, not what the members mean.
 */
#ifndef OVERLAID_CONFIG_YAML_H
#define OVERLAID_CONFIG_YAML_H

#include <jansson.h>
#include <stddef.h>

struct problem;

#define YAML_DEPTH_MAX 16
/* Values of a document, each list and mapping included: bounds the memory that 16 MB can cost. */
#define YAML_VALUES_MAX 1000000

/*
 * The line of every value in the order of the document; that of its key for a
 * member of a mapping.
 */
struct yaml_lines {
	unsigned int *lines;
	size_t n_lines, capacity;
};

/*
 * Plain integers become numbers, true and false booleans, null, ~ and nothing
 * null; every other scalar is a string, and so is everything in quotes.
 * Refused: anchors and aliases, tags, keys that are not scalars, the same key
 * twice, a second document, NUL characters.  An empty text is null.
 * 0, or -errno with problem->line; *ret is a new reference.
 */
int yaml_read(const char *text, size_t length, json_t **ret, struct yaml_lines *ret_lines,
	      struct problem *problem);

/*
 * The line of the value that a problem's field names, "segments[2].vni"; of
 * what holds it when there is no such value; 0 when nothing is known.
 */
unsigned int yaml_lines_find(const struct yaml_lines *lines, const json_t *root, const char *field);
int yaml_lines_append(struct yaml_lines *lines, unsigned int line); /* 0 or -ENOMEM */
/* Of the member `key` of the mapping whose own number is `number`; 0: there is none. */
unsigned int yaml_lines_of_member(const struct yaml_lines *lines, const json_t *mapping,
				  size_t number, const char *key);
void yaml_lines_clear(struct yaml_lines *lines);

#endif
