/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports: record by slot, slot by ifindex.
 */
#include "kernel/maps_state.h"

#include "base/problem.h"

#include <errno.h>
#include <string.h>

/* The number of a device that vanished may be another port's by now. */
static int remove_index(struct datapath *dp, uint32_t ifindex, uint32_t slot)
{
	uint32_t holder;

	if (!ifindex || map_read(dp, MAP_PORT_BY_IFINDEX, &ifindex, &holder) || holder != slot)
		return 0;
	return map_delete(dp, MAP_PORT_BY_IFINDEX, &ifindex);
}

static int write_port(struct datapath *dp, uint32_t slot, const struct table_port *port)
{
	struct table_port before;
	int r = maps_get_port(dp, slot, &before);

	if (r < 0)
		return r;
	if (before.ifindex != port->ifindex) {
		r = remove_index(dp, before.ifindex, slot);
		if (r < 0)
			return r;
	}
	r = map_write(dp, MAP_PORTS, &slot, port);
	if (r < 0 || !port->ifindex)
		return r;
	return map_write(dp, MAP_PORT_BY_IFINDEX, &port->ifindex, &slot);
}

int maps_put_port(struct datapath *dp, const struct table_port *record, uint32_t *ret_slot,
		  struct problem *problem)
{
	struct table_port port = *record;
	union slot_name name = {};
	uint32_t slot, before;
	int r;

	port.flags |= PORT_IN_USE;
	memcpy(name.device, port.name, strnlen(port.name, sizeof(name.device) - 1));
	memcpy(port.name, name.device, sizeof(port.name));
	r = maps_assign(dp, SLOT_PORT, &name, &slot, problem);
	if (r > SLOTS_PRESENT)
		dp->port_segment[slot] = TABLE_NO_SLOT; /* the former owner's */
	if (r >= 0)
		r = write_port(dp, slot, &port);
	if (r < 0)
		return maps_refused(r, "a port", problem);
	before = dp->port_segment[slot];
	dp->port_segment[slot] = port.segment;
	dp->has_strays |= before != TABLE_NO_SLOT && before != port.segment;
	*ret_slot = slot;
	return 0;
}

/* The segment is remembered: the same port put again in another one leaves strays. */
int maps_delete_port(struct datapath *dp, const char *device)
{
	uint32_t slot = slots_find_port(dp->slots, device);
	struct table_port before, nothing = {};
	int r;

	if (slot == TABLE_NO_SLOT)
		return -ENOENT;
	r = maps_get_port(dp, slot, &before);
	if (r < 0)
		return r;
	r = remove_index(dp, before.ifindex, slot);
	if (r < 0)
		return r;
	r = map_write(dp, MAP_PORTS, &slot, &nothing);
	if (r < 0)
		return r;
	dp->has_strays = true;
	return slots_retire(dp->slots, SLOT_PORT, slot);
}

int maps_get_port(const struct datapath *dp, uint32_t slot, struct table_port *ret)
{
	return map_read(dp, MAP_PORTS, &slot, ret);
}
