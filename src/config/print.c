/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model as YAML, as a person would write it: members that are as by default
 * are left out, records are one line each.  Called to save the configuration
 * and the state.
 */
#include "config/config.h"

#include "base/cleanup.h"
#include "model/field.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FLOW_LIST_MAX 8 /* longer lists get a line for each element */

/* Words and numbers that some YAML reader, ours included, would not take as text. */
static bool reads_as_other_type(const char *text)
{
	static const char *const words[] = {"true", "false", "yes", "no",  "on",
					    "off",  "y",     "n",   "null"};
	char *end;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcasecmp(text, words[i]))
			return true;
	}
	strtod(text, &end);
	return !*end;
}

static bool is_plain(const char *text)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "._-:/@+";
	size_t length = strlen(text);

	if (!length || strchr("._-:/@+", text[0]) || text[strspn(text, safe)])
		return false;
	return text[length - 1] != ':' && !reads_as_other_type(text);
}

static void print_text(const char *text, FILE *out)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void print_scalar(const json_t *json, FILE *out)
{
	if (json_is_string(json))
		print_text(json_string_value(json), out);
	else if (json_is_integer(json))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
	else
		fputs(json_is_true(json) ? "true" : "false", out);
}

static void print_list(const json_t *list, unsigned int indent, FILE *out)
{
	bool flow = json_array_size(list) <= FLOW_LIST_MAX;
	const json_t *element;
	size_t i;

	fputs(flow ? " [" : "", out);
	json_array_foreach(list, i, element) {
		if (flow)
			fputs(i ? ", " : "", out);
		else
			fprintf(out, "\n%*s- ", indent, "");
		print_scalar(element, out);
	}
	fputs(flow ? "]" : "", out);
}

/* After the colon. */
static int print_value(const struct field *field, const void *object, unsigned int indent,
		       FILE *out)
{
	json_auto_t *json = field_to_json(field, object);
	bool one_or_list = field->type == FIELD_DEVICES || field->type == FIELD_ADDRESSES ||
			   field->type == FIELD_WORDS;
	const json_t *scalar = json;

	if (!json)
		return -ENOMEM;
	if (one_or_list && json_array_size(json) == 1)
		scalar = json_array_get(json, 0);
	if (json_is_array(scalar)) {
		print_list(json, indent, out);
		return 0;
	}
	fputc(' ', out);
	print_scalar(scalar, out);
	return 0;
}

static bool is_worth_printing(const struct field *field, const void *object, const void *fresh)
{
	return field->required || !field_equal(field, object, fresh);
}

static bool is_one_line(const struct noun *noun)
{
	return noun == &noun_fdb || noun == &noun_neighbor;
}

/* first, between and last stand around the members. */
static int print_members(const struct noun *noun, const void *object, unsigned int indent,
			 const char *first, const char *between, const char *last, FILE *out)
{
	union noun_object fresh;
	const char *before = first;

	noun->set_defaults(&fresh);
	for (const struct field *field = noun->fields; field->name; field++) {
		int r;

		if (!is_worth_printing(field, object, &fresh))
			continue;
		fprintf(out, "%s%s:", before, field->name);
		before = between;
		r = print_value(field, object, indent, out);
		if (r < 0)
			return r;
	}
	fputs(before == between ? last : "", out);
	return 0;
}

static int print_noun(const struct noun *noun, const struct model *model, FILE *out)
{
	size_t n;
	const char *objects = noun_objects(noun, model, &n);
	int r = 0;

	if (!n)
		return 0;
	fprintf(out, "%s:\n", noun->plural);
	if (!noun->is_list)
		return print_members(noun, objects, 4, "  ", "\n  ", "\n", out);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const void *object = objects + i * noun->size;

		r = is_one_line(noun) ? print_members(noun, object, 0, "  - {", ", ", "}\n", out) :
					print_members(noun, object, 6, "  - ", "\n    ", "\n", out);
	}
	return r;
}

static bool is_default(const struct noun *noun, const struct model *model)
{
	union noun_object fresh;
	size_t n;
	const void *object = noun_objects(noun, model, &n);

	noun->set_defaults(&fresh);
	return !noun->is_list && noun_equal(noun, object, &fresh);
}

int config_print(const struct model *model, FILE *out)
{
	fputs("# overlaid.yaml(5); members that are as by default are left out\n", out);
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		int r;

		if (is_default(*noun, model))
			continue;
		r = print_noun(*noun, model, out);
		if (r < 0)
			return r;
	}
	return ferror(out) ? -EIO : 0;
}
