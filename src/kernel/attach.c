/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts programs on devices, by the kind of hook that this kernel has.
 */
#include "kernel/attach.h"

#include "kernel/attach_state.h"

#include <bpf/bpf.h>

static const struct hook_kind *kind_of(const struct datapath *dp)
{
	return dp->has_tcx ? &hook_tcx : &hook_clsact;
}

uint32_t hook_program_id(int program)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &length) ? 0 : info.id;
}

int attach_program(struct datapath *dp, enum datapath_program program, uint32_t ifindex)
{
	return kind_of(dp)->add(dp, program, ifindex, /* update= */ dp->settled);
}

int attach_remove(struct datapath *dp, enum datapath_program program, uint32_t ifindex)
{
	return kind_of(dp)->remove(dp, program, ifindex);
}

bool attach_is_present(const struct datapath *dp, enum datapath_program program, uint32_t ifindex)
{
	return kind_of(dp)->is_present(dp, program, ifindex);
}

int attach_each(struct datapath *dp, attach_visit visit, void *arg)
{
	return kind_of(dp)->each(dp, visit, arg);
}

int attach_clean(struct datapath *dp)
{
	return kind_of(dp)->clean(dp);
}

struct update {
	struct datapath *dp;
	enum datapath_program program;
};

static int update_one(void *arg, enum datapath_program program, uint32_t ifindex)
{
	const struct update *update = arg;

	if (program != update->program)
		return 0;
	return kind_of(update->dp)->add(update->dp, program, ifindex, /* update= */ true);
}

/*
 * Senders first: what they newly send, receivers of either build understand;
 * but before them the relay, to which only our own ports send.
 */
int attach_update_all(struct datapath *dp)
{
	static const enum datapath_program order[] = {PROGRAM_CUTTER, PROGRAM_RELAY,
						      PROGRAM_PORT,   PROGRAM_ANCHOR,
						      PROGRAM_STT,    PROGRAM_UNDERLAY};
	_Static_assert(sizeof(order) / sizeof(order[0]) == N_PROGRAMS, "each has its turn");
	int r = 0;

	for (int i = 0; i < N_PROGRAMS && r == 0; i++) {
		struct update update = {.dp = dp, .program = order[i]};

		r = attach_each(dp, update_one, &update);
	}
	return r;
}
