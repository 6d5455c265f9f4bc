/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was dropped, of which segment, port and peer?
 */
#include "control/state.h"
#include "kernel/counters.h"

#include <string.h>

struct walk {
	const struct control *control;
	drop_visit visit;
	void *arg;
};

static int show(void *arg, const struct table_drop_key *key, const struct table_drop *sum)
{
	const struct walk *walk = arg;
	const struct slots *slots = datapath_slots(walk->control->host->datapath);
	const union slot_name *segment = slots_name(slots, SLOT_SEGMENT, key->segment);
	const union slot_name *port = slots_name(slots, SLOT_PORT, key->port);
	const union slot_name *peer = slots_name(slots, SLOT_PEER, key->peer);
	struct drop_view view = {
		.reason = key->reason,
		.frames = sum->frames,
		.bytes = sum->bytes,
	};

	if (segment)
		snprintf(view.segment, sizeof(view.segment), "%s",
			 control_segment_name(walk->control, segment->vni));
	if (port)
		snprintf(view.port, sizeof(view.port), "%.15s", port->device);
	if (peer)
		memcpy(view.peer.bytes, peer->address.bytes, sizeof(view.peer.bytes));
	return walk->visit(walk->arg, &view);
}

int control_drops_each(void *self, drop_visit visit, void *arg)
{
	struct control *control = self;
	struct walk walk = {.control = control, .visit = visit, .arg = arg};

	return counters_drops(control->host->datapath, show, &walk);
}

int control_counters_reset(void *self)
{
	struct control *control = self;

	return counters_reset(control->host->datapath);
}
