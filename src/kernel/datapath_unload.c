/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only thing that takes the datapath out of the kernel: hooks, pins, mount.
 * Called for `datapath unload`.
 */
#include "kernel/datapath_state.h"

#include "base/problem.h"
#include "kernel/attach.h"

#include <errno.h>
#include <string.h>

static int remove_hook(void *arg, enum datapath_program program, uint32_t ifindex)
{
	return attach_remove(arg, program, ifindex);
}

static void note(int r, const char *what, int *first, struct problem *problem)
{
	if (r >= 0 || *first < 0)
		return;
	*first = problem_set(problem, PROBLEM_SYSTEM, -r, NULL, "cannot remove %s: %s", what,
			     strerror(-r));
}

int datapath_unload(struct datapath *dp, struct problem *problem)
{
	int first = 0, r;

	note(attach_each(dp, remove_hook, dp), "the programs from the devices", &first, problem);
	note(bpffs_remove_folder(dp->bpffs, FOLDER_LINKS), "the pinned links", &first, problem);
	note(bpffs_remove_folder(dp->bpffs, FOLDER_PROGRAMS), "the pinned programs", &first,
	     problem);
	note(bpffs_remove_folder(dp->bpffs, FOLDER_MAPS), "the pinned maps", &first, problem);
	r = bpffs_unmount(dp->bpffs);
	if (r != -EPERM) /* an empty mount that a sandbox keeps is none of the datapath */
		note(r, "the mount of the pins", &first, problem);
	return first;
}
