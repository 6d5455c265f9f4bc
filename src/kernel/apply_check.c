/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Could a configuration be applied on this machine?  What model_check cannot
 * know: which devices there are and which addresses are ours.  Ports are not
 * asked for: they may wait for their device.
 */
#include "base/problem.h"
#include "kernel/anchor.h"
#include "kernel/apply.h"
#include "kernel/apply_object.h"
#include "outer/outer.h"

#include <errno.h>
#include <string.h>

static int check_devices(const struct host *host, const struct underlay *underlay,
			 struct problem *problem)
{
	for (size_t i = 0; i < underlay->n_devices; i++) {
		const char *name = underlay->devices[i];
		const struct link *link = link_by_name(&host->links, name);

		if (!link)
			return problem_set(problem, PROBLEM_INVALID, ENODEV, "underlay.device",
					   "there is no device %s", name);
		if (!link->ethernet)
			return problem_set(problem, PROBLEM_INVALID, EINVAL, "underlay.device",
					   "%s is not an Ethernet device", name);
	}
	return 0;
}

static int check_addresses(const struct host *host, const struct underlay *underlay,
			   struct problem *problem)
{
	struct address found[MODEL_ADDRESSES_MAX];
	char text[ADDRESS_TEXT_MAX];
	size_t n_found;

	for (size_t i = 0; i < underlay->n_addresses; i++)
		if (!link_address_is_ours(&host->addresses, &underlay->addresses[i]))
			return problem_set(problem, PROBLEM_INVALID, EADDRNOTAVAIL,
					   "underlay.address",
					   "%s is not an address of this machine; add it to a "
					   "device first",
					   address_format(&underlay->addresses[i], text));
	apply_find_local(host, underlay, found, &n_found);
	if (n_found == 0 && underlay->n_devices)
		return problem_set(problem, PROBLEM_INVALID, EADDRNOTAVAIL, "underlay.address",
				   "%s has no global address; add one, or say which address of "
				   "this machine it is",
				   underlay->devices[0]);
	return 0;
}

/* Which of a peer's other addresses is ours, -1: none. */
static int find_our_own(const struct host *host, const struct peer *peer)
{
	for (size_t i = 0; i < peer->n_other_addresses; i++)
		if (link_address_is_ours(&host->addresses, &peer->other_addresses[i]))
			return (int)i;
	return -1;
}

static int check_peers(const struct host *host, const struct model *model, struct problem *problem)
{
	char field[64], text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < model->n_peers; i++) {
		const struct address *address = &model->peers[i].address;

		int other = find_our_own(host, &model->peers[i]);

		if (other >= 0) {
			address = &model->peers[i].other_addresses[other];
			snprintf(field, sizeof(field), "peers[%zu].other-addresses[%d]", i, other);
		} else if (link_address_is_ours(&host->addresses, address)) {
			snprintf(field, sizeof(field), "peers[%zu].address", i);
		} else {
			continue;
		}
		return problem_set(problem, PROBLEM_INVALID, EINVAL, field,
				   "%s is an address of this machine; a peer is another hypervisor",
				   address_format(address, text));
	}
	return 0;
}

/* Where every device is known to be too narrow; a path that is so beyond them is a finding. */
static int check_widths(const struct host *host, const struct model *model, struct problem *problem)
{
	uint32_t widest = 0;
	char field[64];

	for (size_t i = 0; i < model->underlay.n_devices; i++) {
		const struct link *link = link_by_name(&host->links, model->underlay.devices[i]);

		widest = link && link->mtu > widest ? link->mtu : widest;
	}
	for (size_t i = 0; widest && i < model->n_peers; i++) {
		uint32_t least = outer_wanted_mtu(&model->peers[i], /* vm_mtu= */ 0,
						  /* tagged= */ false);

		if (widest >= least)
			continue;
		snprintf(field, sizeof(field), "peers[%zu].encapsulation", i);
		return problem_set(problem, PROBLEM_INVALID, EMSGSIZE, field,
				   "needs packets of %u bytes, and %s takes %u; raise its MTU or "
				   "choose another encapsulation",
				   least, model->underlay.devices[0], widest);
	}
	return 0;
}

static int check_ports(const struct model *model, struct problem *problem)
{
	char field[64];

	for (size_t i = 0; i < model->n_ports; i++) {
		if (!anchor_is_named(model->ports[i].device))
			continue;
		snprintf(field, sizeof(field), "ports[%zu].device", i);
		return problem_set(problem, PROBLEM_INVALID, EINVAL, field,
				   "%s is a device of the switch's own", model->ports[i].device);
	}
	return 0;
}

int apply_check(const struct host *host, const struct model *model, struct problem *problem)
{
	int error = check_devices(host, &model->underlay, problem);

	if (!error)
		error = check_addresses(host, &model->underlay, problem);
	if (!error)
		error = check_peers(host, model, problem);
	if (!error)
		error = check_widths(host, model, problem);
	if (!error)
		error = check_ports(model, problem);
	return error;
}
