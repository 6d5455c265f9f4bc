/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do FDB entries and neighbors look?  The FDB may be long: it comes line
 * by line and is printed in parts of bounded size.
 */
#include "cli/printers.h"

#include <stdio.h>
#include <string.h>

#define ROWS_PER_PART 4096u

static void print_path(const json_t *entry, char *buffer)
{
	const char *port = json_string_value(json_object_get(entry, "port"));
	const char *peer = json_string_value(json_object_get(entry, "peer"));

	if (port || peer)
		snprintf(buffer, PRINT_TEXT_MAX, "%s %s", port ? "port" : "peer",
			 port ? port : peer);
	else
		print_value(/* value= */ NULL, buffer);
}

static void print_age(const json_t *entry, char *buffer)
{
	const char *source = json_string_value(json_object_get(entry, "source"));
	bool ages = source && !strcmp(source, "learned");

	print_duration(ages ? json_object_get(entry, "age") : NULL, buffer);
}

static const struct column entries[] = {
	{"SEGMENT", "segment"},
	{"MAC", "mac", PRINT_NAME},
	{"PATH", "", .format = print_path},
	{"SOURCE", "state.source"},
	{"AGE", "state", PRINT_RIGHT, print_age},
	{"MOVES", "state.moves", PRINT_RIGHT},
	{},
};

static const struct column neighbors[] = {
	{"SEGMENT", "segment"},
	{"ADDRESS", "address", PRINT_NAME},
	{"MAC", "mac"},
	{},
};

void print_fdb_line(const json_t *line, const struct invocation *invocation)
{
	static bool printed;
	static json_t *rows;

	if (!rows)
		rows = json_array();
	if (line)
		json_array_append(rows, (json_t *)line);
	if (line && json_array_size(rows) < ROWS_PER_PART)
		return;
	if (!printed || json_array_size(rows))
		print_table_part(entries, rows, !printed);
	printed = true;
	json_decref(rows);
	rows = NULL;
}

void print_flushed(const json_t *answer, const struct invocation *invocation)
{
	printf("%" JSON_INTEGER_FORMAT " entries forgotten\n",
	       json_integer_value(json_object_get(answer, "flushed")));
}

void print_neighbor_list(const json_t *answer, const struct invocation *invocation)
{
	print_table(neighbors, json_object_get(answer, "neighbors"));
}
