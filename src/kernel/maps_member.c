/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is a member of which segment, as the datapath has it?  For a new daemon
 * that takes over what an earlier one wrote.
 */
#include "kernel/maps_state.h"

#include "kernel/batch.h"

int maps_each_member(const struct datapath *dp, maps_member_visit visit, void *arg)
{
	_cleanup_batch_ struct batch batch = {0};
	int r = batch_open(&batch, datapath_fd(dp, MAP_MEMBERS));

	while (r == 0 && (r = batch_next(&batch)) == 1) {
		r = 0;
		for (uint32_t i = 0; r == 0 && i < batch.n; i++)
			r = visit(arg, batch_key(&batch, i), batch_value(&batch, i));
		if (r)
			return r;
	}
	return r;
}
