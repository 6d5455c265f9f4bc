/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation on a port do?  Puts our program on the device if it
 * is there, and writes the port's record in any case: a port may wait for its
 * device.
 */
#include "base/problem.h"
#include "kernel/apply_object.h"
#include "kernel/link_set.h"
#include "kernel/maps.h"
#include "kernel/slots.h"

#include <errno.h>
#include <string.h>

static void set_rules(const struct port *port, struct table_port *record)
{
	memset(record->macs, 0, sizeof(record->macs));
	for (size_t i = 0; i < port->n_macs; i++)
		memcpy(record->macs[i], port->macs[i].bytes, sizeof(record->macs[i]));
	record->n_macs = (uint32_t)port->n_macs;
	record->max_learned = port->max_learned;
	record->flags = port->n_macs ? PORT_CHECK_SOURCE : 0;
	snprintf(record->name, sizeof(record->name), "%s", port->device);
}

static void set_device(const struct host *host, struct host_port *port)
{
	const struct link *link = link_by_name(&host->links, port->name);
	struct table_port *record = &port->record;

	record->flags &= ~(__u32)(PORT_UP | PORT_PEER_DEVICE);
	record->ifindex = link ? link->ifindex : 0;
	record->mtu = link ? link->mtu : 0;
	if (link && link_runs(link))
		record->flags |= PORT_UP;
	if (link && link->far_end_elsewhere)
		record->flags |= PORT_PEER_DEVICE;
}

/* The host has nothing to say to a VM; without IPv6 it cannot anyway. */
static void silence_host(struct host *host, const char *device)
{
	const struct link *link = link_by_name(&host->links, device);

	if (!link || !link->makes_addresses ||
	    link_set_no_addresses(&host->netlink, link->ifindex) < 0)
		return;
	(void)link_address_drop_link_local(&host->netlink, link->ifindex);
	(void)link_table_refresh(&host->links, &host->netlink, device);
}

int apply_put_port(struct host *host, struct host_port *port, struct problem *problem)
{
	int error;

	silence_host(host, port->name);
	set_device(host, port);
	error = maps_put_port(host->datapath, &port->record, &port->slot, problem);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "port %s cannot be written to the datapath: %s", port->name,
				   strerror(-error));
	/* after the record: the program finds its port from the first frame on */
	apply_attach(host, PROGRAM_PORT, &port->device);
	if (port->device.error && port->device.error != -ENODEV)
		return problem_set(problem, PROBLEM_SYSTEM, -port->device.error, "device",
				   "the kernel refuses the program on %s: %s", port->name,
				   strerror(-port->device.error));
	return 0;
}

static struct host_port *find_or_make(struct host *host, const char *name)
{
	struct host_port *port = host_port(host, name);

	if (port)
		return port;
	port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	snprintf(port->name, sizeof(port->name), "%s", name);
	snprintf(port->device.name, sizeof(port->device.name), "%s", name);
	HASH_ADD(hh, host->ports, name, strlen(port->name), port);
	return port;
}

int apply_port(struct host *host, const struct port *before, const struct port *after,
	       struct problem *problem)
{
	struct host_port *port = before ? host_port(host, before->device) : NULL;
	const struct host_segment *segment;

	if (before)
		apply_touch_segment(host, before->segment);
	if (port && (!after || strcmp(before->device, after->device) != 0))
		host_forget_port(host, port);
	if (!after)
		return 0;
	port = find_or_make(host, after->device);
	if (!port)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, NULL, "no memory");
	apply_touch_segment(host, after->segment);
	if (strcmp(port->segment, after->segment) != 0)
		host->leftovers = true; /* what it taught the former one */
	snprintf(port->segment, sizeof(port->segment), "%s", after->segment);
	segment = host_segment_by_name(host, after->segment);
	port->record.segment = segment ? segment->slot : TABLE_NO_SLOT;
	set_rules(after, &port->record);
	return apply_put_port(host, port, problem);
}
