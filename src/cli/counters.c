/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do counters and drops look?
 */
#include "cli/printers.h"

#include <stdio.h>

static const struct column ports[] = {{"PORT", "device", PRINT_NAME}, PRINT_TRAFFIC, {}};
static const struct column segments[] = {{"SEGMENT", "name", PRINT_NAME}, PRINT_TRAFFIC, {}};
static const struct column peers[] = {{"PEER", "address", PRINT_NAME}, PRINT_TRAFFIC, {}};

static const struct {
	const char *plural;
	const struct column *columns;
} counted[] = {
	{"ports", ports},
	{"segments", segments},
	{"peers", peers},
};

static const struct column drops[] = {
	{"REASON", "reason", PRINT_NAME},
	{"FRAMES", "frames", PRINT_RIGHT},
	{"BYTES", "bytes", PRINT_RIGHT},
	{"SEGMENT", "segment"},
	{"PORT", "port"},
	{"PEER", "peer"},
	{"WHY", "sentence"},
	{},
};

void print_counters(const json_t *answer, const struct invocation *invocation)
{
	bool first = true;

	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		const json_t *rows = json_object_get(answer, counted[i].plural);

		if (!json_array_size(rows))
			continue;
		if (!first)
			putchar('\n');
		print_table(counted[i].columns, rows);
		first = false;
	}
}

void print_drops(const json_t *answer, const struct invocation *invocation)
{
	print_table(drops, json_object_get(answer, "drops"));
}
