/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `ports`: a device is in one segment, and not in the underlay.
 */
#include "model/check_parts.h"

#include <errno.h>
#include <string.h>

static int check_device(struct check *check, size_t position)
{
	const struct model *model = check->model;
	const struct port *port = &model->ports[position];
	struct spot spot = SPOT(noun_port, position, "device");
	struct index_key key = index_key_of_text(port->device);
	size_t taken;
	int r;

	for (size_t i = 0; i < model->underlay.n_devices; i++) {
		if (!strcmp(model->underlay.devices[i], port->device))
			return check_refuse(
				check, PROBLEM_CONFLICT, EEXIST, spot,
				"\"%s\" is a device of the underlay; a port needs one of "
				"its own",
				port->device);
	}
	r = index_add(&check->ports, &key, position, &taken);
	if (r == -EEXIST && !strcmp(model->ports[taken].segment, port->segment))
		return check_refuse(check, PROBLEM_CONFLICT, EEXIST, spot,
				    "\"%s\" is the device of ports[%zu] already; remove one",
				    port->device, taken);
	if (r == -EEXIST)
		return check_refuse(
			check, PROBLEM_CONFLICT, EEXIST, spot,
			"\"%s\" is in segment \"%s\" already (ports[%zu]); a port is in "
			"one segment, remove one",
			port->device, model->ports[taken].segment, taken);
	return r < 0 ? check_no_memory(check) : 0;
}

static int check_macs(const struct check *check, size_t position)
{
	const struct port *port = &check->model->ports[position];
	int r = 0;

	for (size_t i = 0; r == 0 && i < port->n_macs; i++)
		r = check_unicast_mac(check, (struct spot){&noun_port, position, "macs", (int)i},
				      &port->macs[i]);
	return r;
}

int check_ports(struct check *check)
{
	size_t n = check->model->n_ports;
	int r;

	r = check_count(check, &noun_port, n, TABLE_MAX_PORTS);
	if (r < 0)
		return r;
	if (index_init(&check->ports, n) < 0)
		return check_no_memory(check);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = check_members(check, &noun_port, i);
		if (r == 0)
			r = check_device(check, i);
		if (r == 0 && !check_segment_name(check, SPOT(noun_port, i, "segment"),
						  check->model->ports[i].segment))
			r = -ENOENT;
		if (r == 0)
			r = check_macs(check, i);
	}
	return r;
}
