/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does any JSON upset the readers of the model that the API calls, and is what
 * they accept written so that it reads back as the same?
 */
#include "fuzz.h"

#include "base/problem.h"
#include "model/check.h"
#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

static void assert_problem(const struct problem *problem)
{
	json_auto_t *message = json_string(problem->message), *field = json_string(problem->field);

	/* both must be fit for an answer in JSON */
	if (!problem_is_set(problem) || !problem->message[0] || !message || !field)
		abort();
}

static void try_model(const json_t *json)
{
	_cleanup_model_ struct model model = {0}, again = {0};
	_cleanup_plan_ struct plan creation = {0}, plan = {0};
	json_auto_t *written = NULL;
	struct problem problem = {0};
	struct model empty;
	char line[64];

	if (model_from_json(json, &model, &problem) < 0 || model_check(&model, &problem) < 0) {
		assert_problem(&problem);
		return;
	}
	written = model_to_json(&model);
	if (!written || model_from_json(written, &again, NULL) < 0 ||
	    plan_make(&model, &again, &plan) < 0 || plan.n_operations)
		abort();
	model_init(&empty);
	if (plan_make(&empty, &model, &creation) < 0)
		abort();
	for (size_t i = 0; i < creation.n_operations; i++) {
		if (operation_describe(&creation.operations[i], line, sizeof(line)) < 0)
			abort();
	}
}

static void try_noun(const struct noun *noun, const json_t *json, bool change)
{
	union noun_object object, again;
	json_auto_t *written = NULL;
	struct problem problem = {0};

	noun->set_defaults(&object);
	if (noun_from_json(noun, json, "path", change, &object, &problem) < 0) {
		assert_problem(&problem);
	} else if (!change) {
		noun->set_defaults(&again);
		written = noun_to_json(noun, &object);
		if (noun_check(noun, &object, "", NULL) == 0 &&
		    (noun_from_json(noun, written, "", false, &again, NULL) < 0 ||
		     !noun_equal(noun, &object, &again)))
			abort();
		noun_clear(noun, &again);
	}
	noun_clear(noun, &object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_auto_t *json = json_loadb((const char *)data, size,
				       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL,
				       /* error= */ NULL);

	if (!json)
		return 0;
	try_model(json);
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		try_noun(*noun, json, /* change= */ false);
		try_noun(*noun, json, /* change= */ true);
	}
	return 0;
}
