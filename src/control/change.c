/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a request become the running state?  Checked, planned, applied,
 * kept for the next start; whatever fails, the state is what it was.
 */
#include "base/log.h"
#include "base/problem.h"
#include "control/state.h"
#include "kernel/apply.h"
#include "model/check.h"
#include "model/plan.h"

#include <string.h>

const struct model *control_running(void *self)
{
	return &((struct control *)self)->running;
}

const struct model *control_declared(void *self)
{
	return &((struct control *)self)->declared;
}

void control_compare(struct control *control)
{
	_cleanup_plan_ struct plan plan = {0};

	control->unsaved = plan_make(&control->declared, &control->running, &plan) < 0 ||
			   plan.n_operations > 0;
}

static void take_back(struct control *control, const struct model *from, const struct model *to)
{
	_cleanup_plan_ struct plan plan = {0};
	struct problem problem = {0};

	if (plan_make(from, to, &plan) < 0 ||
	    apply_plan(control->host, &plan, from, to, &problem) < 0)
		log_error("a change that could not be kept could not be taken back: %s",
			  problem.message);
}

static int carry_out(struct control *control, const struct model *want, struct problem *problem)
{
	_cleanup_plan_ struct plan plan = {0};
	int error = plan_make(&control->running, want, &plan);

	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL, "no memory");
	if (plan.n_operations == 0)
		return 0;
	error = apply_plan(control->host, &plan, &control->running, want, problem);
	if (error)
		return error;
	error = control->options.keep(control->options.arg, want, problem);
	if (error)
		take_back(control, want, &control->running);
	return error;
}

int control_change(void *self, struct model *want, struct problem *problem)
{
	struct control *control = self;
	int error = model_check(want, problem);

	if (!error)
		error = apply_check(control->host, want, problem);
	if (!error)
		error = carry_out(control, want, problem);
	if (!error) {
		struct model before = control->running;

		control->running = *want;
		*want = before;
		control_compare(control);
		debounce_poke(control->look_around);
		learning_reschedule(control->learning);
	}
	model_clear(want);
	return error;
}

int control_parse(void *self, const char *name, const char *text, size_t length, struct model *ret,
		  struct problem *problem)
{
	struct control *control = self;

	return control->options.parse(control->options.arg, name, text, length, ret, problem);
}

int control_save(void *self, struct problem *problem)
{
	struct control *control = self;
	_cleanup_model_ struct model copy = {0};
	int error = model_copy(&control->running, &copy);

	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL, "no memory");
	error = control->options.save(control->options.arg, &control->running, problem);
	if (error)
		return error;
	model_clear(&control->declared);
	control->declared = copy;
	memset(&copy, 0, sizeof(copy));
	control_compare(control);
	return 0;
}

int control_reload(struct control *control, struct model *file, struct problem *problem)
{
	_cleanup_model_ struct model declared = {0};
	struct model before;
	int error = model_copy(file, &declared);

	if (error) {
		model_clear(file);
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL, "no memory");
	}
	error = control_change(control, file, problem);
	if (error)
		return error;
	before = control->declared;
	control->declared = declared;
	declared = before;
	control_compare(control);
	return 0;
}

int control_check(const struct model *model, struct problem *problem)
{
	struct host host = {0};
	int error = host_look(&host);

	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the network devices cannot be read: %s", strerror(-error));
	error = apply_check(&host, model, problem);
	host_look_away(&host);
	return error;
}
