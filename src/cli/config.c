/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do changes of the configuration look?
 */
#include "cli/command.h"
#include "cli/printers.h"

#include <stdio.h>

void print_changes(const json_t *answer, const struct invocation *invocation)
{
	const json_t *changes = json_object_get(answer, "changes");
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change)
		printf("%s\n", json_string_value(change));
	if (!json_array_size(changes))
		printf("no difference\n");
}

void print_saved(const json_t *answer, const struct invocation *invocation)
{
	printf("saved to %s\n", json_string_value(json_object_get(answer, "file")));
}
