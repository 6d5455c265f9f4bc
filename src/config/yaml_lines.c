/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which line does a value stand?  The lines are kept in the document's
 * order; a value is found by walking the JSON values, which keep that order,
 * and counting.  One number a value is all it costs while nothing is wrong.
 */
#include "config/yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int yaml_lines_append(struct yaml_lines *lines, unsigned int line)
{
	if (lines->n_lines == lines->capacity) {
		size_t capacity = lines->capacity ? 2 * lines->capacity : 64;
		unsigned int *bigger = reallocarray(lines->lines, capacity, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		lines->lines = bigger;
		lines->capacity = capacity;
	}
	lines->lines[lines->n_lines++] = line;
	return 0;
}

void yaml_lines_clear(struct yaml_lines *lines)
{
	free(lines->lines);
	*lines = (struct yaml_lines){0};
}

/* The value itself and all that it holds.  Depth is bounded by YAML_DEPTH_MAX. */
static size_t count_values(const json_t *json)
{
	size_t n = 1, i;
	const char *key;
	json_t *child;

	json_array_foreach(json, i, child)
		n += count_values(child);
	json_object_foreach((json_t *)json, key, child)
		n += count_values(child);
	return n;
}

static unsigned int line_of(const struct yaml_lines *lines, size_t number)
{
	return number < lines->n_lines ? lines->lines[number] : 0;
}

unsigned int yaml_lines_of_member(const struct yaml_lines *lines, const json_t *mapping,
				  size_t number, const char *key)
{
	const char *other;
	json_t *child;

	number++;
	json_object_foreach((json_t *)mapping, other, child) {
		if (!strcmp(key, other))
			return line_of(lines, number);
		number += count_values(child);
	}
	return 0;
}

/* Where on the way to a value we are. */
struct cursor {
	const json_t *json;
	size_t number;	  /* of json in the document's order */
	const char *rest; /* of the path */
};

/* Keys may contain dots and brackets: of those that the path begins with, the longest counts. */
static bool enter_mapping(struct cursor *cursor)
{
	struct cursor best = {0};
	size_t number = cursor->number + 1, longest = 0;
	const char *path = cursor->rest + (*cursor->rest == '.');
	const char *key;
	json_t *child;

	json_object_foreach((json_t *)cursor->json, key, child) {
		size_t length = strlen(key);

		if (length > longest && !strncmp(path, key, length) &&
		    strchr(".[", path[length])) { /* also finds the final NUL */
			best = (struct cursor){child, number, path + length};
			longest = length;
		}
		number += count_values(child);
	}
	if (best.json)
		*cursor = best;
	return best.json;
}

static bool enter_list(struct cursor *cursor)
{
	size_t number = cursor->number + 1, i;
	unsigned long wanted;
	const json_t *child;
	char *end;

	if (*cursor->rest != '[')
		return false;
	wanted = strtoul(cursor->rest + 1, &end, 10);
	json_array_foreach(cursor->json, i, child) {
		if (i == wanted) {
			*cursor = (struct cursor){child, number, end + (*end == ']')};
			return true;
		}
		number += count_values(child);
	}
	return false;
}

unsigned int yaml_lines_find(const struct yaml_lines *lines, const json_t *root, const char *field)
{
	struct cursor cursor = {root, 0, field};
	bool found = true;

	while (found && *cursor.rest)
		found = json_is_object(cursor.json) ? enter_mapping(&cursor) :
			json_is_array(cursor.json)  ? enter_list(&cursor) :
						      false;
	return line_of(lines, cursor.number);
}
