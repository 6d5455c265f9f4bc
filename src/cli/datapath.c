/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do programs and maps look?
 */
#include "cli/printers.h"

#include <stdio.h>

static const struct column summary[] = {
	{"layout", "layout"},
	{"pinned at", "pin-directory"},
	{},
};

/* What one run cost; the kernel counts only with the sysctl kernel.bpf_stats_enabled. */
static void print_cost(const json_t *program, char *buffer)
{
	json_int_t count = json_integer_value(json_object_get(program, "run-count"));
	json_int_t ns = json_integer_value(json_object_get(program, "run-ns"));

	if (count)
		snprintf(buffer, PRINT_TEXT_MAX, "%" JSON_INTEGER_FORMAT, ns / count);
	else
		print_value(/* value= */ NULL, buffer);
}

static const struct column programs[] = {
	{"PROGRAM", "name", PRINT_NAME},
	{"ID", "id", PRINT_RIGHT},
	{"TAG", "tag"},
	{"RUNS", "run-count", PRINT_RIGHT},
	{"NS PER RUN", "", PRINT_RIGHT, print_cost},
	{},
};

static const struct column maps[] = {
	{"MAP", "name", PRINT_NAME},
	{"ID", "id", PRINT_RIGHT},
	{"KEY", "key-bytes", PRINT_RIGHT},
	{"VALUE", "value-bytes", PRINT_RIGHT},
	{"ENTRIES", "max-entries", PRINT_RIGHT},
	{"MEMORY", "memory-bytes", PRINT_RIGHT, print_bytes},
	{},
};

void print_datapath(const json_t *answer, const struct invocation *invocation)
{
	print_record(summary, answer);
	print_heading("Programs");
	print_table(programs, json_object_get(answer, "programs"));
	print_heading("Maps");
	print_table(maps, json_object_get(answer, "maps"));
}
