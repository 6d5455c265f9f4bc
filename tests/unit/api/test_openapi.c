/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is docs/api/openapi.yaml the API's description?  Its paths against the
 * route table, its schemas against the model's members, the lists of names,
 * and what the server really answers.
 */
#include "server.h"

#include "abi/event.h"
#include "api/route.h"
#include "config/yaml.h"
#include "model/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DOCUMENT  "docs/api/openapi.yaml"
#define TEXT_ROOM 131072

static json_t *document;
static struct server *server;

static int start(void **state)
{
	struct yaml_lines lines = {};
	struct problem problem = {};
	char *text = malloc(TEXT_ROOM);
	FILE *file = fopen(DOCUMENT, "r");
	size_t length;

	assert_non_null(text);
	assert_non_null(file);
	length = fread(text, 1, TEXT_ROOM, file);
	assert_in_range(length, 1, TEXT_ROOM - 1);
	fclose(file);
	if (yaml_read(text, length, &document, &lines, &problem) < 0)
		fail_msg("%s:%u: %s", DOCUMENT, problem.line, problem.message);
	yaml_lines_clear(&lines);
	free(text);
	server = server_start();
	return 0;
}

static int stop(void **state)
{
	json_decref(document);
	server_stop(server);
	return 0;
}

/* What a "$ref" stands for; anything else is itself. */
static const json_t *resolve(const json_t *json)
{
	const char *reference = json_string_value(json_object_get(json, "$ref"));
	char copy[128], *rest = copy, *part;
	const json_t *found = document;

	if (!reference)
		return json;
	assert_memory_equal(reference, "#/", 2);
	snprintf(copy, sizeof(copy), "%s", reference + 2);
	while ((part = strsep(&rest, "/")))
		found = json_object_get(found, part);
	if (!found)
		fail_msg("%s leads nowhere", reference);
	return found;
}

static const json_t *schema_named(const char *name)
{
	const json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");
	const json_t *schema = json_object_get(schemas, name);

	if (!schema)
		fail_msg("no schema %s", name);
	return schema;
}

static void check_references(const json_t *json)
{
	const char *name;
	json_t *value;
	size_t i;

	resolve(json);
	if (json_is_array(json))
		json_array_foreach(json, i, value)
			check_references(value);
	else
		json_object_foreach((json_t *)json, name, value)
			check_references(value);
}

static void every_reference_leads_somewhere(void **state)
{
	check_references(document);
}

/* "GET" is "get" there. */
static const json_t *find_operation(const char *path, const char *method)
{
	const json_t *item = json_object_get(json_object_get(document, "paths"), path);
	char name[16] = "";

	for (size_t i = 0; method[i] && i < sizeof(name) - 1; i++)
		name[i] = (char)(method[i] | 0x20);
	return json_object_get(item, name);
}

/* The query's names, separated by spaces, in the document's order. */
static void list_arguments(const json_t *operation, char *buffer)
{
	json_t *parameter;
	size_t i;

	buffer[0] = '\0';
	json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
		const json_t *found = resolve(parameter);

		if (strcmp(json_string_value(json_object_get(found, "in")), "query"))
			continue;
		strcat(buffer, *buffer ? " " : "");
		strcat(buffer, json_string_value(json_object_get(found, "name")));
	}
}

static void check_body(const struct route *route, const json_t *operation)
{
	static const char *const types[] = {[BODY_NONE] = NULL,
					    [BODY_JSON] = "application/json",
					    [BODY_YAML] = "application/yaml"};
	const json_t *body = json_object_get(operation, "requestBody");

	if (!types[route->body])
		assert_null(body);
	else if (!json_object_get(json_object_get(body, "content"), types[route->body]))
		fail_msg("%s %s: no body of %s", route->method, route->path, types[route->body]);
}

static void every_route_is_described_with_its_arguments_and_its_body(void **state)
{
	for (const struct route *route = routes; route->method; route++) {
		const json_t *operation = find_operation(route->path, route->method);
		char arguments[256];

		if (!operation)
			fail_msg("%s %s is not described", route->method, route->path);
		list_arguments(operation, arguments);
		assert_string_equal(arguments, route->arguments);
		check_body(route, operation);
	}
}

static bool is_route(const char *path, const char *method)
{
	for (const struct route *route = routes; route->method; route++)
		if (!strcmp(route->path, path) && !strcasecmp(route->method, method))
			return true;
	return false;
}

static void nothing_else_is_described(void **state)
{
	const char *path, *method;
	json_t *item, *operation;

	json_object_foreach(json_object_get(document, "paths"), path, item)
		json_object_foreach(item, method, operation)
			if (strcmp(method, "parameters") && !is_route(path, method))
				fail_msg("there is no %s %s", method, path);
}

static bool has_text(const json_t *list, const char *text)
{
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
		if (json_is_string(value) && !strcmp(json_string_value(value), text))
			return true;
	return false;
}

static void check_words(const struct field *field, const json_t *property)
{
	const json_t *words = json_object_get(property, "enum");
	size_t n = 0;

	for (const char *const *word = field->words; *word; word++) {
		if (!**word)
			continue;
		if (!has_text(words, *word))
			fail_msg("%s: %s is missing", field->name, *word);
		n++;
	}
	assert_int_equal(json_array_size(words), n);
}

static void check_noun(const struct noun *noun, const char *name)
{
	const json_t *schema = schema_named(name);
	const json_t *properties = json_object_get(schema, "properties");
	size_t n_fields = 0;

	for (const struct field *field = noun->fields; field->name; field++) {
		const json_t *property = json_object_get(properties, field->name);

		if (!property)
			fail_msg("%s.%s is not described", name, field->name);
		if (field->type == FIELD_ENUM)
			check_words(field, property);
		assert_int_equal(field->required,
				 has_text(json_object_get(schema, "required"), field->name));
		n_fields++;
	}
	assert_int_equal(json_object_size(properties),
			 n_fields + (json_object_get(properties, "state") != NULL));
}

static void the_schemas_have_the_model_s_members(void **state)
{
	check_noun(&noun_segment, "Segment");
	check_noun(&noun_port, "Port");
	check_noun(&noun_peer, "Peer");
	check_noun(&noun_fdb, "FdbEntry");
	check_noun(&noun_neighbor, "Neighbor");
}

static void the_lists_of_names_are_the_program_s(void **state)
{
	const json_t *events = json_object_get(
		json_object_get(json_object_get(schema_named("WatchLine"), "properties"), "event"),
		"enum");
	const json_t *error = json_object_get(
		json_object_get(json_object_get(schema_named("Error"), "properties"), "error"),
		"properties");
	const json_t *codes = json_object_get(json_object_get(error, "code"), "enum");

#define X(symbol, number, name) assert_true(has_text(events, name));
	EVENT_KINDS(X)
#undef X
#define X(symbol, name, status) assert_true(has_text(codes, name) || !strcmp(name, "none"));
	PROBLEM_CODES(X)
#undef X
}

static bool type_fits(const char *type, const json_t *value)
{
	return (!strcmp(type, "string") && json_is_string(value)) ||
	       (!strcmp(type, "integer") && json_is_integer(value)) ||
	       (!strcmp(type, "number") && json_is_number(value)) ||
	       (!strcmp(type, "boolean") && json_is_boolean(value)) ||
	       (!strcmp(type, "object") && json_is_object(value)) ||
	       (!strcmp(type, "array") && json_is_array(value)) ||
	       (!strcmp(type, "null") && json_is_null(value));
}

static bool any_type_fits(const json_t *types, const json_t *value)
{
	json_t *type;
	size_t i;

	if (json_is_string(types))
		return type_fits(json_string_value(types), value);
	json_array_foreach(types, i, type)
		if (type_fits(json_string_value(type), value))
			return true;
	return false;
}

static void check_value(const json_t *schema, const json_t *value, const char *where);

static void check_object(const json_t *schema, const json_t *object, const char *where)
{
	const json_t *properties = json_object_get(schema, "properties");
	json_t *member, *required;
	const char *name;
	char path[256];
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, required)
		if (!json_object_get(object, json_string_value(required)))
			fail_msg("%s has no %s", where, json_string_value(required));
	json_object_foreach((json_t *)object, name, member) {
		snprintf(path, sizeof(path), "%s.%s", where, name);
		check_value(json_object_get(properties, name), member, path);
	}
}

static void check_value(const json_t *schema, const json_t *value, const char *where)
{
	const json_t *words;
	json_t *element;
	size_t i;

	if (!schema)
		fail_msg("%s is not described", where);
	schema = resolve(schema);
	words = json_object_get(schema, "enum");
	if (!any_type_fits(json_object_get(schema, "type"), value))
		fail_msg("%s has another type than described", where);
	if (words && !has_text(words, json_string_value(value)))
		fail_msg("%s: %s is not described", where, json_string_value(value));
	if (json_is_object(value))
		check_object(schema, value, where);
	json_array_foreach(value, i, element)
		check_value(json_object_get(schema, "items"), element, where);
}

static const json_t *answer_schema(const json_t *operation, int status)
{
	const json_t *responses = json_object_get(operation, "responses"), *response;
	char name[16];

	snprintf(name, sizeof(name), "%d", status);
	response = json_object_get(responses, name);
	response = resolve(response ? response : json_object_get(responses, "default"));
	return json_object_get(
		json_object_get(json_object_get(response, "content"), "application/json"),
		"schema");
}

static const struct {
	const char *method, *target, *path, *body;
	int status;
} asked[] = {
	{"GET", "/v1/status", "/v1/status", NULL, 200},
	{"GET", "/v1/check", "/v1/check", NULL, 200},
	{"GET", "/v1/segments", "/v1/segments", NULL, 200},
	{"GET", "/v1/segments/blue", "/v1/segments/{name}", NULL, 200},
	{"GET", "/v1/segments/nosuch", "/v1/segments/{name}", NULL, 404},
	{"POST", "/v1/segments", "/v1/segments", "{\"name\": \"green\", \"vni\": 9}", 201},
	{"POST", "/v1/segments", "/v1/segments", "{\"name\": \"green\", \"vni\": 9}", 409},
	{"POST", "/v1/segments", "/v1/segments", "nonsense", 400},
	{"PATCH", "/v1/segments/green", "/v1/segments/{name}", "{\"mtu\": 1400}", 200},
	{"GET", "/v1/ports", "/v1/ports", NULL, 200},
	{"GET", "/v1/ports/tap1", "/v1/ports/{name}", NULL, 200},
	{"GET", "/v1/peers", "/v1/peers", NULL, 200},
	{"GET", "/v1/peers/192.0.2.3", "/v1/peers/{name}", NULL, 200},
	{"GET", "/v1/fdb", "/v1/fdb", NULL, 200},
	{"POST", "/v1/fdb", "/v1/fdb",
	 "{\"segment\": \"red\", \"mac\": \"52:54:00:00:00:77\", \"port\": \"tap1\"}", 201},
	{"POST", "/v1/fdb/flush", "/v1/fdb/flush", "{\"segment\": \"blue\"}", 200},
	{"GET", "/v1/neighbors", "/v1/neighbors", NULL, 200},
	{"POST", "/v1/neighbors", "/v1/neighbors",
	 "{\"segment\": \"red\", \"address\": \"10.0.0.9\", \"mac\": \"52:54:00:00:00:09\"}", 201},
	{"GET", "/v1/counters", "/v1/counters", NULL, 200},
	{"GET", "/v1/drops", "/v1/drops", NULL, 200},
	{"POST", "/v1/apply?name=x&dry-run=1", "/v1/apply",
	 "{\"underlay\": {\"device\": \"eth1\"}}", 200},
	{"POST", "/v1/apply?name=x", "/v1/apply", "\n{", 400},
	{"POST", "/v1/diff", "/v1/diff", NULL, 200},
	{"POST", "/v1/save", "/v1/save", NULL, 200},
	{"GET", "/v1/datapath", "/v1/datapath", NULL, 200},
};

static void what_the_server_answers_is_what_is_described(void **state)
{
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const json_t *operation = find_operation(asked[i].path, asked[i].method);
		struct answer answer;

		ask(server, asked[i].method, asked[i].target, asked[i].body, &answer);
		assert_int_equal(answer.status, asked[i].status);
		assert_non_null(answer.json);
		check_value(answer_schema(operation, answer.status), answer.json, asked[i].target);
		answer_clear(&answer);
	}
}

static void change_things(struct server *at_server, void *arg)
{
	at_server->fake->frames += 100;
	at_server->fake->drops += 100;
	fake_switch_emit(at_server->fake, EVENT_MOVED);
}

static void what_watchers_are_told_is_what_is_described(void **state)
{
	int fd = client_connect(server), n_rates = 0;
	struct answer answer;
	char line[8192];
	FILE *file;

	client_send(fd, "GET /v1/watch HTTP/1.0\r\nHost: x\r\n\r\n");
	client_receive_head(fd, &answer);
	server_run(server, change_things, NULL);
	/* HTTP/1.0 has no chunks: the lines are all there is */
	file = fdopen(fd, "r");
	while (!n_rates && fgets(line, sizeof(line), file)) {
		json_t *json = json_loads(line, 0, NULL);

		check_value(schema_named("WatchLine"), json, "watch");
		n_rates += json_object_get(json, "rates") != NULL;
		json_decref(json);
	}
	assert_int_equal(n_rates, 1);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reference_leads_somewhere),
		cmocka_unit_test(every_route_is_described_with_its_arguments_and_its_body),
		cmocka_unit_test(nothing_else_is_described),
		cmocka_unit_test(the_schemas_have_the_model_s_members),
		cmocka_unit_test(the_lists_of_names_are_the_program_s),
		cmocka_unit_test(what_the_server_answers_is_what_is_described),
		cmocka_unit_test(what_watchers_are_told_is_what_is_described),
	};

	return cmocka_run_group_tests_name("openapi.yaml", tests, start, stop);
}
