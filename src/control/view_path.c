/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do slots and VNIs in entries, events and counters mean to people?
 */
#include "control/state.h"
#include "kernel/slots.h"

#include <string.h>

void control_view_path(const struct control *control, unsigned int kind, uint32_t slot,
		       struct path_view *ret)
{
	const struct slots *slots = datapath_slots(control->host->datapath);
	const union slot_name *name;

	*ret = (struct path_view){.kind = kind};
	if (kind != PATH_PORT && kind != PATH_PEER)
		return;
	name = slots_name(slots, kind == PATH_PORT ? SLOT_PORT : SLOT_PEER, slot);
	if (!name)
		ret->kind = PATH_NONE; /* freed since */
	else if (kind == PATH_PORT)
		snprintf(ret->port, sizeof(ret->port), "%.15s", name->device);
	else
		memcpy(ret->peer.bytes, name->address.bytes, sizeof(ret->peer.bytes));
}

const char *control_segment_name(const struct control *control, uint32_t vni)
{
	const struct host_segment *segment = host_segment(control->host, vni);

	return segment ? segment->name : "";
}
