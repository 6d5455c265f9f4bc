/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that is readable inside C.
 */
#ifndef OVERLAID_TESTS_JSON_TEXT_H
#define OVERLAID_TESTS_JSON_TEXT_H

#include "cases.h"

#include <jansson.h>

/* JSON in which every ' stands for ". */
static inline json_t *json_of(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	assert_non_null(copy);
	for (char *at = copy; *at; at++) {
		if (*at == '\'')
			*at = '"';
	}
	json = json_loads(copy, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!json)
		print_error("%s: %s\n", error.text, copy);
	free(copy);
	assert_non_null(json);
	return json;
}

#endif
