/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names can be completed?  Called by main.c for `--names OBJECT`, which
 * the bash completion runs.
 */
#include "cli/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct named {
	const char *object, *path, *plural, *member;
};

static const struct named named[] = {
	{"segment", "/v1/segments", "segments", "name"},
	{"port", "/v1/ports", "ports", "device"},
	{"peer", "/v1/peers", "peers", "address"},
};

static const struct named *find(const char *object)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(named[i].object, object))
			return &named[i];
	return NULL;
}

/* invocation->name is the object. */
static void print_names(const json_t *answer, const struct invocation *invocation)
{
	const struct named *kind = find(invocation->name);
	json_t *object;
	size_t i;

	json_array_foreach(json_object_get(answer, kind->plural), i, object) {
		const char *name = json_string_value(json_object_get(object, kind->member));

		if (name)
			printf("%s\n", name);
	}
}

int run_names(const char *object, const struct place *place)
{
	const struct named *kind = find(object);
	const struct command command = {
		.object = object,
		.verb = "",
		.method = "GET",
		.path = kind ? kind->path : NULL,
		.print = print_names,
	};
	const struct invocation invocation = {.command = &command, .name = object};

	return kind ? run_command(&invocation, place, /* json= */ false) : EXIT_FAILURE;
}
