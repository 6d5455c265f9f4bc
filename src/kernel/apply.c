/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a plan become true in the kernel?  Runs the operations, settles
 * what follows from them, and only when nothing can fail any more takes away
 * what is not wanted: until then every step can be undone without the loss of
 * a slot or an FDB entry.
 */
#include "kernel/apply.h"

#include "base/log.h"
#include "base/problem.h"
#include "kernel/anchor.h"
#include "kernel/apply_object.h"
#include "kernel/relay.h"
#include "kernel/stt.h"

#include <string.h>

static int resize_fdb(struct host *host, const struct limits *before, const struct limits *after,
		      struct problem *problem)
{
	if (before->fdb_entries == after->fdb_entries)
		return 0;
	return datapath_resize_fdb(host->datapath, after->fdb_entries, problem);
}

static int run(struct host *host, const struct operation *operation, struct problem *problem)
{
	const union plan_value *before = &operation->before, *after = &operation->after;

	switch (operation->object) {
	case PLAN_LIMITS:
		return resize_fdb(host, before->limits, after->limits, problem);
	case PLAN_UNDERLAY:
		return apply_underlay(host, before->underlay, after->underlay, problem);
	case PLAN_SEGMENT:
		return apply_segment(host, before->segment, after->segment, problem);
	case PLAN_PEER:
		return apply_peer(host, before->peer, after->peer, problem);
	case PLAN_PORT:
		return apply_port(host, before->port, after->port, problem);
	case PLAN_FDB:
		return apply_fdb(host, before->fdb_record, after->fdb_record, problem);
	default:
		return 0; /* neighbor records are listed only: the datapath answers none yet */
	}
}

static void undo(struct host *host, const struct plan *plan, size_t n_done,
		 const struct model *from)
{
	struct problem problem = {0};
	int error = 0;

	host->undoing = true;
	for (size_t i = n_done; i-- > 0;) {
		struct operation reverse = {
			.object = plan->operations[i].object,
			.before = plan->operations[i].after,
			.after = plan->operations[i].before,
		};
		int result = run(host, &reverse, &problem);

		error = error ? error : result;
	}
	host->undoing = false;
	if (apply_settle(host, from, &problem) < 0 || error)
		log_error("a refused change could not be undone completely: %s", problem.message);
	apply_forget(host);
}

int apply_plan(struct host *host, const struct plan *plan, const struct model *from,
	       const struct model *to, struct problem *problem)
{
	size_t n_done = 0;
	int error = 0;

	while (!error && n_done < plan->n_operations)
		error = run(host, &plan->operations[n_done++], problem);
	if (!error)
		error = apply_settle(host, to, problem);
	if (!error) {
		apply_forget(host);
		return 0;
	}
	/* the one that failed may have been done in part */
	undo(host, plan, n_done, from);
	return error;
}

int apply_first(struct host *host, const struct model *to, struct problem *problem)
{
	_cleanup_model_ struct model nothing;
	_cleanup_plan_ struct plan plan = {0};
	int error;

	model_init(&nothing);
	host->leftovers = true;
	anchor_want_present(host);
	relay_want_present(host);
	error = plan_make(&nothing, to, &plan);
	/* an underlay without a device is in no plan, but the settings must be written */
	if (!error && to->underlay.n_devices == 0)
		error = apply_underlay(host, NULL, &to->underlay, problem);
	/* the FDB was opened with the capacity that is wanted */
	for (size_t i = 0; !error && i < plan.n_operations; i++)
		if (plan.operations[i].object != PLAN_LIMITS)
			error = run(host, &plan.operations[i], problem);
	if (!error)
		error = apply_settle(host, to, problem);
	if (!error)
		error = datapath_take_over(host->datapath, problem);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the configuration cannot be applied: %s", strerror(-error));
	apply_forget(host);
	apply_forget_static(host, to);
	return 0;
}

int apply_unload(struct host *host, struct problem *problem)
{
	int error = anchor_remove(host), of_relay = relay_remove(host), tap = stt_remove(host);
	int result = datapath_unload(host->datapath, problem);

	error = error ? error : of_relay ? of_relay : tap;
	if (result)
		return result;
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "a device of the switch's own cannot be removed: %s",
				   strerror(-error));
	return 0;
}
