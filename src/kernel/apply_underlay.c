/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation on the underlay do?  Our addresses, the devices that
 * frames come in by, the anchor, and what the datapath is told of them.
 */
#include "base/problem.h"
#include "kernel/anchor.h"
#include "kernel/apply_object.h"
#include "kernel/attach.h"
#include "kernel/link_set.h"
#include "kernel/maps.h"
#include "kernel/relay.h"
#include "kernel/stt.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void apply_find_local(const struct host *host, const struct underlay *underlay, struct address *ret,
		      size_t *ret_n)
{
	static const int families[] = {AF_INET, AF_INET6};
	const struct link *link = link_by_name(&host->links, underlay->devices[0]);
	size_t n = underlay->n_addresses;

	memcpy(ret, underlay->addresses, n * sizeof(*ret));
	for (size_t i = 0; n < 2 && underlay->n_addresses == 0 && link && i < 2; i++) {
		const struct address *address =
			link_address_first(&host->addresses, link->ifindex, families[i]);

		if (address)
			ret[n++] = *address;
	}
	*ret_n = n;
}

int apply_put_local(struct host *host)
{
	struct table_address addresses[MODEL_ADDRESSES_MAX];

	memcpy(addresses, host->local, host->n_local * sizeof(addresses[0]));
	return maps_set_local_addresses(host->datapath, addresses, host->n_local);
}

int apply_put_settings(struct host *host)
{
	const struct underlay *underlay = &host->underlay;
	struct table_settings settings = {
		.vxlan_port = underlay->vxlan_port,
		.geneve_port = underlay->geneve_port,
		.stt_port = underlay->stt_port,
		.relay = relay_ifindex(host),
		.stt_device = stt_ifindex(host),
	};

	for (enum encap_kind kind = ENCAP_NONE + 1; kind < N_ENCAP_KINDS; kind++) {
		settings.anchors[kind][TABLE_ANCHOR4] = anchor_ifindex(host, kind, AF_INET);
		settings.anchors[kind][TABLE_ANCHOR6] = anchor_ifindex(host, kind, AF_INET6);
	}

	/* until a peer speaks Geneve, its port may be another program's */
	if (host->wanted_anchors & 1u << ANCHOR_GENEVE)
		settings.flags |= SETTING_GENEVE;
	if (underlay->fragments == FRAGMENTS_DROP)
		settings.flags |= SETTING_DROP_FRAGMENTS;
	if (underlay->reserved_bits == RESERVED_STRICT)
		settings.flags |= SETTING_STRICT_RESERVED;
	return maps_put_settings(host->datapath, &settings);
}

bool apply_attach(struct host *host, enum datapath_program program, struct host_device *device)
{
	const struct link *link = link_by_name(&host->links, device->name);
	uint32_t ifindex = link ? link->ifindex : 0;
	bool moved = device->ifindex != ifindex;

	if (link && link->birth == device->birth && !moved)
		return false;
	/* a device that was renamed carries a program that another record may want: apply_forget */
	if (moved && link_by_ifindex(&host->links, device->ifindex))
		host->leftovers = true;
	else if (moved && device->ifindex)
		(void)attach_remove(host->datapath, program, device->ifindex);
	device->ifindex = ifindex;
	device->birth = 0;
	device->error = link ? attach_program(host->datapath, program, ifindex) : -ENODEV;
	if (!device->error)
		device->birth = link->birth;
	return moved || !device->error;
}

/* A device of before keeps its record, so that its program is not touched. */
static void take_devices(struct host *host, const struct underlay *after)
{
	struct host_device devices[MODEL_DEVICES_MAX] = {0};

	for (size_t i = 0; i < after->n_devices; i++) {
		snprintf(devices[i].name, sizeof(devices[i].name), "%s", after->devices[i]);
		for (size_t k = 0; k < host->n_devices; k++)
			if (strcmp(host->devices[k].name, after->devices[i]) == 0)
				devices[i] = host->devices[k];
	}
	memcpy(host->devices, devices, sizeof(devices));
	host->n_devices = after->n_devices;
}

static int attach_devices(struct host *host, struct problem *problem)
{
	for (size_t i = 0; i < host->n_devices; i++) {
		struct host_device *device = &host->devices[i];

		apply_attach(host, PROGRAM_UNDERLAY, device);
		if (device->error && device->error != -ENODEV)
			return problem_set(problem, PROBLEM_SYSTEM, -device->error,
					   "underlay.device",
					   "the kernel refuses the program on %s: %s", device->name,
					   strerror(-device->error));
		/* off by default on veth; some drivers have none, which costs speed only */
		if (!device->error)
			(void)link_set_gro(device->name, true);
	}
	return 0;
}

int apply_underlay(struct host *host, const struct underlay *before, const struct underlay *after,
		   struct problem *problem)
{
	int error;

	(void)before;
	if (after)
		host->underlay = *after;
	else
		host->underlay.n_devices = host->underlay.n_addresses = 0;
	host->leftovers = true;
	host->peers_stale = host->peers != NULL;
	apply_find_local(host, &host->underlay, host->local, &host->n_local);
	take_devices(host, &host->underlay);
	error = apply_put_local(host);
	if (!error)
		error = apply_devices_present(host);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, "underlay",
				   "the datapath cannot be told: %s", strerror(-error));
	return attach_devices(host, problem);
}
