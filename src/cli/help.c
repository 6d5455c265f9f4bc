/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does `overlayctl help` say?  The table of commands, a line each.
 */
#include "cli/command.h"
#include "cli/document.h"

#include <errno.h>
#include <string.h>

#define USAGE_MAX 512

static void print_command(FILE *file, const struct command *command, bool keys)
{
	const struct key *key = keys && command->use == KEYS_BODY ? command->keys : NULL;
	char usage[USAGE_MAX];

	command_usage(command, usage, sizeof(usage));
	fprintf(file, "  %s\n          %s\n", usage, command->help);
	for (; key && key->name; key++)
		fprintf(file, "              %s %s\n", key->name, key->value);
}

static int print_object(FILE *file, const char *object)
{
	bool found = false;

	for (const struct command *command = commands; command->object; command++) {
		if (strncmp(command->object, object, strlen(object)))
			continue;
		print_command(file, command, /* keys= */ true);
		found = true;
	}
	return found ? 0 : -ENOENT;
}

int document_help(FILE *file, const char *object)
{
	if (object)
		return print_object(file, object);
	fprintf(file,
		"Usage: overlayctl [--socket PATH | --host ssh://HOST] [--json] COMMAND ...\n\n"
		"Words may be shortened where only one fits. Commands:\n\n");
	for (const struct command *command = commands; command->object; command++)
		print_command(file, command, /* keys= */ false);
	fprintf(file, "\nOptions:\n"
		      "  -s, --socket PATH     the daemon's socket; default: $OVERLAID_SOCKET, or\n"
		      "                        /run/overlaid/overlaid.sock\n"
		      "  -H, --host ssh://HOST ask the daemon of another hypervisor, through ssh\n"
		      "  -j, --json            print the API's JSON as it is\n"
		      "      --dry-run         with apply: only show what would change\n"
		      "  -V, --version         print the version\n"
		      "  -h, --help            print this\n\n"
		      "`overlayctl help OBJECT` lists the keys of an object's commands.\n");
	return 0;
}
