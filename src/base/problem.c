/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why was a request refused?  Fills and prints struct problem.  Called by
 * whoever refuses and by the outermost layer that tells the user; prints
 * nothing itself.
 */
#include "base/problem.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *name;
	int http_status;
} codes[] = {
#define X(symbol, name, status) [PROBLEM_##symbol] = {name, status},
	PROBLEM_CODES(X)
#undef X
};

int problem_set(struct problem *problem, enum problem_code code, int error, const char *field,
		const char *format, ...)
{
	va_list arguments;

	if (!problem || problem_is_set(problem))
		return -error;

	problem->code = code;
	snprintf(problem->field, sizeof(problem->field), "%s", field ? field : "");
	va_start(arguments, format);
	vsnprintf(problem->message, sizeof(problem->message), format, arguments);
	va_end(arguments);
	/* it quotes what came from outside, cut anywhere, and goes to terminals and JSON */
	text_clean(problem->field);
	text_clean(problem->message);
	return -error;
}

const char *problem_code_name(enum problem_code code)
{
	return codes[code].name;
}

int problem_http_status(enum problem_code code)
{
	return codes[code].http_status;
}

void problem_format(const struct problem *problem, char *buffer, unsigned long size)
{
	struct text text = text_into(buffer, size);

	if (problem->file[0] && problem->line)
		text_append(&text, "%s:%u: ", problem->file, problem->line);
	else if (problem->file[0])
		text_append(&text, "%s: ", problem->file);
	else if (problem->line)
		text_append(&text, "line %u: ", problem->line);
	if (problem->field[0])
		text_append(&text, "%s: ", problem->field);
	text_append(&text, "%s", problem->message);
}
