/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: read, decode, check, save.  Puts file, line and
 * field into every problem; called by the daemon at start, on SIGHUP, and for
 * `apply`, `diff` and `save`.
 */
#include "config/config.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "config/file.h"
#include "config/yaml.h"
#include "model/check.h"
#include "model/field.h"

#include <errno.h>
#include <string.h>

/* The first cause wins, as in problem_set. */
static void hand_over(struct problem *found, const char *name, struct problem *ret)
{
	if (!ret || problem_is_set(ret))
		return;
	snprintf(found->file, sizeof(found->file), "%s", name);
	*ret = *found;
}

static int decode(const char *text, size_t length, struct model *ret, struct problem *problem)
{
	_cleanup_(yaml_lines_clear) struct yaml_lines lines = {0};
	_cleanup_model_ struct model model = {0};
	json_auto_t *json = NULL;
	int r;

	r = yaml_read(text, length, &json, &lines, problem);
	if (r < 0)
		return r;
	r = model_from_json(json, &model, problem);
	if (r == 0)
		r = model_check(&model, problem);
	if (r < 0) {
		if (problem->code != PROBLEM_SYSTEM)
			problem->line = yaml_lines_find(&lines, json, problem->field);
		return r;
	}
	*ret = model;
	model = (struct model){0};
	return 0;
}

int config_parse(const char *name, const char *text, size_t length, struct model *ret,
		 struct problem *problem)
{
	struct problem found = {0};
	int r;

	if (length > CONFIG_BYTES_MAX)
		r = problem_set(&found, PROBLEM_TOO_LARGE, EFBIG, /* field= */ NULL,
				"has %zu bytes, but at most %u are possible", length,
				CONFIG_BYTES_MAX);
	else
		r = decode(text, length, ret, &found);
	if (r < 0)
		hand_over(&found, name, problem);
	return r;
}

int config_load(const char *path, struct model *ret, struct problem *problem)
{
	_cleanup_free_ char *text = NULL;
	struct problem found = {0};
	size_t length;
	int r;

	r = file_read(path, CONFIG_BYTES_MAX, &text, &length, &found);
	if (r < 0) {
		hand_over(&found, path, problem);
		return r;
	}
	return config_parse(path, text, length, ret, problem);
}

void config_locate(const char *path, struct problem *problem)
{
	_cleanup_(yaml_lines_clear) struct yaml_lines lines = {0};
	_cleanup_free_ char *text = NULL;
	json_auto_t *json = NULL;
	struct problem other = {0};
	size_t length;

	if (problem->file[0])
		return;
	snprintf(problem->file, sizeof(problem->file), "%s", path);
	if (problem->field[0] && file_read(path, CONFIG_BYTES_MAX, &text, &length, &other) == 0 &&
	    yaml_read(text, length, &json, &lines, &other) == 0)
		problem->line = yaml_lines_find(&lines, json, problem->field);
}

static int print_to_memory(const struct model *model, char **ret, size_t *ret_length)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int r;

	if (!out)
		return -ENOMEM;
	r = config_print(model, out);
	if (fclose(out) < 0 || r < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(text);
	*ret_length = length;
	return 0;
}

int config_save(const char *path, const struct model *model, struct problem *problem)
{
	_cleanup_free_ char *text = NULL;
	struct problem found = {0};
	size_t length;
	int r;

	r = print_to_memory(model, &text, &length);
	if (r < 0)
		problem_set(&found, PROBLEM_SYSTEM, -r, /* field= */ NULL, "cannot be saved: %s",
			    strerror(-r));
	else
		r = file_replace(path, text, length, &found);
	if (r < 0)
		hand_over(&found, path, problem);
	return r;
}
