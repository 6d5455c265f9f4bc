/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does overlaid.yaml(5) say of each member?  Writes the page to stdout
 * from the tables of model/field.h, so that page and program cannot differ.
 * Run by the build; docs/man/overlaid.yaml.5.in holds the prose around it.
 */
#include "model/field.h"

#include <stdio.h>
#include <string.h>

#define MARK "@MEMBERS@"

static void write_words(const char *const *words)
{
	const char *between = "";

	for (; *words; words++) {
		if (!**words)
			continue;
		printf("%s\\fB%s\\fR", between, *words);
		between = " | ";
	}
}

static void write_type(const struct field *field)
{
	switch (field->type) {
	case FIELD_NAME:
		fputs("name", stdout);
		break;
	case FIELD_DEVICE:
		fputs("device", stdout);
		break;
	case FIELD_DEVICES:
		fputs("device or list", stdout);
		break;
	case FIELD_UINT:
		printf("%u..%u", field->minimum, field->maximum);
		break;
	case FIELD_SECONDS:
		fputs("seconds, or \\fB5m\\fR, \\fB1h\\fR", stdout);
		break;
	case FIELD_BOOL:
		fputs("\\fBtrue\\fR | \\fBfalse\\fR", stdout);
		break;
	case FIELD_ENUM:
		write_words(field->words);
		break;
	case FIELD_DSCP:
		fputs("0..63 | \\fBcopy\\fR", stdout);
		break;
	case FIELD_ADDRESS:
		fputs("IP address", stdout);
		break;
	case FIELD_ADDRESSES:
		fputs("IP address or list", stdout);
		break;
	case FIELD_MAC:
		fputs("MAC address", stdout);
		break;
	case FIELD_MACS:
		fputs("list of MAC addresses", stdout);
		break;
	case FIELD_SEGMENTS:
		fputs("list of segments", stdout);
		break;
	case FIELD_WORDS:
		fputs("one or a list of ", stdout);
		write_words(field->words);
		break;
	case FIELD_BYTES:
		printf("up to %u bytes, as \\fB0a1b\\fR", field->maximum);
		break;
	}
}

/* A scalar's text, or nothing for what has no default worth a word. */
static void write_default(const struct field *field, const json_t *defaults)
{
	const json_t *value = json_object_get(defaults, field->name);
	char *text;

	if (field->required)
		return (void)fputs("; required", stdout);
	if (!value || json_is_null(value) || json_is_array(value) || json_is_object(value))
		return;
	if (json_is_string(value) && !*json_string_value(value))
		return;
	if (json_is_string(value))
		return (void)printf("; default \\fB%s\\fR", json_string_value(value));
	text = json_dumps(value, JSON_ENCODE_ANY);
	if (text)
		printf("; default \\fB%s\\fR", text);
	free(text);
}

static void write_member(const struct field *field, const json_t *defaults)
{
	printf(".TP\n\\fB%s\\fR (", field->name);
	write_type(field);
	write_default(field, defaults);
	printf(")\n%s\n", field->meaning);
}

static int write_noun(const struct noun *noun)
{
	union noun_object object = {};
	json_t *defaults;

	noun->set_defaults(&object);
	defaults = noun_to_json(noun, &object);
	if (!defaults)
		return 1;
	printf(".SS %s%s\n", noun->plural, noun->is_list ? " (a list)" : "");
	for (const struct field *field = noun->fields; field->name; field++)
		write_member(field, defaults);
	json_decref(defaults);
	noun_clear(noun, &object);
	return 0;
}

static int write_nouns(void)
{
	int failed = 0;

	for (size_t i = 0; nouns[i]; i++)
		failed |= write_noun(nouns[i]);
	return failed;
}

int main(int argc, char **argv)
{
	FILE *template = argc == 2 ? fopen(argv[1], "re") : NULL;
	char line[512];
	int failed = 0;

	if (!template) {
		fputs("usage: man-yaml TEMPLATE\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof(line), template)) {
		if (strncmp(line, MARK, strlen(MARK)) == 0)
			failed |= write_nouns();
		else
			fputs(line, stdout);
	}
	failed |= ferror(template);
	fclose(template);
	return failed || fflush(stdout) || ferror(stdout);
}
