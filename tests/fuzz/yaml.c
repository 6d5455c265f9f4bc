/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does any text upset the reader of the configuration, and is every text that
 * it accepts written so that it reads back as the same?
 */
#include "fuzz.h"

#include "base/problem.h"
#include "config/config.h"
#include "model/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A refusal has a code, words, and a line within the text. */
static void assert_problem(const struct problem *problem, const uint8_t *data, size_t size)
{
	unsigned int n_lines = 2;

	for (size_t i = 0; i < size; i++)
		n_lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80;
	if (!problem_is_set(problem) || !problem->message[0])
		abort();
	/* libyaml also counts the line ends of Unicode, which no ASCII byte shows */
	if (problem->line > n_lines)
		abort();
}

static void assert_survives_saving(const struct model *model)
{
	_cleanup_model_ struct model again = {0};
	_cleanup_plan_ struct plan plan = {0};
	struct problem problem = {0};
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out || config_print(model, out) < 0 || fclose(out))
		abort();
	if (config_parse("again", text, length, &again, &problem) < 0) {
		fprintf(stderr, "%s\n%u: %s: %s\n", text, problem.line, problem.field,
			problem.message);
		abort();
	}
	if (plan_make(model, &again, &plan) < 0 || plan.n_operations)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = {0};
	struct model model;

	if (config_parse("fuzz", (const char *)data, size, &model, &problem) < 0) {
		assert_problem(&problem, data, size);
		return 0;
	}
	assert_survives_saving(&model);
	model_clear(&model);
	return 0;
}
