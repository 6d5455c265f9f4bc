/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a plan become true in the kernel?  Operation by operation, then
 * what is derived from the whole (members, flood lists, limits), then what
 * nobody wants any more goes.  All or nothing.
 */
#ifndef OVERLAID_KERNEL_APPLY_H
#define OVERLAID_KERNEL_APPLY_H

#include "kernel/host.h"
#include "model/plan.h"

struct problem;

/*
 * Could `model` be applied on this machine?  What only the kernel knows:
 * devices, addresses that must be ours, peers that must not be.  Changes
 * nothing; needs host_look only.
 */
int apply_check(const struct host *host, const struct model *model, struct problem *problem);

/*
 * Leads from `from`, which is in force, to `to`; the plan is theirs.  On error
 * `from` is in force again.
 */
int apply_plan(struct host *host, const struct plan *plan, const struct model *from,
	       const struct model *to, struct problem *problem);

/*
 * The same for a fresh process, over whatever an earlier one left in the maps:
 * frames that both allow flow on.  On error what was left there stays.
 */
int apply_first(struct host *host, const struct model *to, struct problem *problem);

/* Takes away the anchor, the programs, the maps and their pins. */
int apply_unload(struct host *host, struct problem *problem);

#endif
