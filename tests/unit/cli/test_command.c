/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the table of commands agree with what it must not include?  Its keys
 * with the model's members, its paths with the API's routes, and the files
 * that are made from it with the table.
 */
#include "api/route.h"
#include "cli/command.h"
#include "cli/document.h"
#include "model/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct command *find_command(const char *object, const char *verb)
{
	for (const struct command *command = commands; command->object; command++)
		if (!strcmp(command->object, object) && !strcmp(command->verb, verb))
			return command;
	fail_msg("no command %s %s", object, verb);
	return NULL;
}

static const struct key *find_key(const struct command *command, const char *name)
{
	for (const struct key *key = command->keys; key && key->name; key++)
		if (!strcmp(key->name, name))
			return key;
	return NULL;
}

/* "flood|drop" against the words of the field. */
static void expect_words(const struct field *field, const struct key *key)
{
	char expected[256] = "";

	for (const char *const *word = field->words; *word; word++)
		if (**word) {
			strcat(expected, *expected ? "|" : "");
			strcat(expected, *word);
		}
	assert_string_equal(key->value, expected);
}

static void expect_members(const struct noun *noun, const char *verb)
{
	const struct command *command = find_command(noun->name, verb);
	size_t n_keys = 0, n_fields = 0;

	for (const struct field *field = noun->fields; field->name; field++) {
		const struct key *key = find_key(command, field->name);
		bool is_name = command->member && !strcmp(command->member, field->name);

		/* a key cannot be changed, and the name is said without one */
		if (is_name || (!strcmp(verb, "set") && field->is_key)) {
			assert_null(key);
			continue;
		}
		if (!key)
			fail_msg("%s %s does not know %s", noun->name, verb, field->name);
		assert_int_equal(command_requires(command, key),
				 field->required && !strcmp(verb, "add"));
		if (field->type == FIELD_ENUM)
			expect_words(field, key);
		n_fields++;
	}
	for (const struct key *key = command->keys; key->name; key++)
		n_keys++;
	assert_int_equal(n_keys, n_fields);
	assert_in_range(n_keys, 1, COMMAND_KEYS_MAX);
}

static void the_keys_are_the_model_s_members(void **state)
{
	static const struct noun *const changed[] = {&noun_segment, &noun_port, &noun_peer};

	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		expect_members(changed[i], "add");
		expect_members(changed[i], "set");
	}
	expect_members(&noun_fdb, "add");
	expect_members(&noun_neighbor, "add");
}

/* "/v1/segments/%s" asks "/v1/segments/{name}" */
static const struct route *find_route(const struct command *command)
{
	const char *place = strstr(command->path, "%s");
	size_t length = place ? (size_t)(place - command->path) : strlen(command->path);

	for (const struct route *route = routes; route->method; route++)
		if (!strcmp(route->method, command->method) &&
		    !strncmp(route->path, command->path, length) &&
		    !strcmp(route->path + length, place ? "{name}" : ""))
			return route;
	return NULL;
}

static void every_command_asks_for_a_route_that_there_is(void **state)
{
	for (const struct command *command = commands; command->object; command++) {
		const struct route *route;

		if (!command->method)
			continue;
		route = find_route(command);
		if (!route)
			fail_msg("%s %s: no route %s %s", command->object, command->verb,
				 command->method, command->path);
		for (const struct key *key = command->keys;
		     key && key->name && command->use == KEYS_QUERY; key++)
			assert_non_null(strstr(route->arguments, key->name));
	}
}

static void every_route_can_be_asked_for_by_a_command(void **state)
{
	for (const struct route *route = routes; route->method; route++) {
		bool found = false;

		for (const struct command *command = commands; command->object; command++)
			found = found || (command->method && find_route(command) == route);
		if (!found)
			fail_msg("no command asks for %s %s", route->method, route->path);
	}
}

static char *read_file(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *file = fopen(path, "r");

	assert_non_null(text);
	if (!file || !fread(text, 1, 65535, file))
		fail_msg("%s cannot be read", path);
	fclose(file);
	return text;
}

static void expect_current(const char *path, const char *option, void (*document)(FILE *file))
{
	char *found = read_file(path), *made = NULL;
	size_t size;
	FILE *file = open_memstream(&made, &size);

	assert_non_null(file);
	document(file);
	fclose(file);
	if (strcmp(found, made))
		fail_msg("%s is not what the table of commands makes; run "
			 "`build/overlayctl %s > %s`",
			 path, option, path);
	free(found);
	free(made);
}

static void the_man_page_is_current(void **state)
{
	expect_current("docs/man/overlayctl.8", "--generate-man", document_man);
}

static void the_completion_is_current(void **state)
{
	expect_current("packaging/completion/overlayctl", "--generate-completion",
		       document_completion);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_are_the_model_s_members),
		cmocka_unit_test(every_command_asks_for_a_route_that_there_is),
		cmocka_unit_test(every_route_can_be_asked_for_by_a_command),
		cmocka_unit_test(the_man_page_is_current),
		cmocka_unit_test(the_completion_is_current),
	};

	return cmocka_run_group_tests_name("the table of commands", tests, NULL, NULL);
}
