/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two kinds of hook, for attach.c; nobody else includes it.  Contracts as
 * in attach.h.
 */
#ifndef OVERLAID_KERNEL_ATTACH_STATE_H
#define OVERLAID_KERNEL_ATTACH_STATE_H

#include "kernel/attach.h"
#include "kernel/datapath_state.h"

struct hook_kind {
	/* update: what is there already is to run dp's program as well */
	int (*add)(struct datapath *dp, enum datapath_program program, uint32_t ifindex,
		   bool update);
	int (*remove)(struct datapath *dp, enum datapath_program program, uint32_t ifindex);
	bool (*is_present)(const struct datapath *dp, enum datapath_program program,
			   uint32_t ifindex);
	int (*each)(struct datapath *dp, attach_visit visit, void *arg);
	int (*clean)(struct datapath *dp);
};

extern const struct hook_kind hook_tcx, hook_clsact;

/* Frames on their way out of the device, not into the machine? */
static inline bool hook_is_egress(enum datapath_program program)
{
	return program == PROGRAM_RELAY;
}

/* The kernel's number of the program behind a descriptor; 0: not known. */
uint32_t hook_program_id(int program);

#endif
