/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of `underlay` and `limits`.  Whether the devices and addresses
 * exist is the kernel layer's question.
 */
#include "model/check_parts.h"

#include <errno.h>

static int check_address(const struct check *check, size_t i)
{
	const struct address *address = &check->model->underlay.addresses[i];
	struct spot spot = {&noun_underlay, 0, "address", (int)i};
	char text[ADDRESS_TEXT_MAX];
	int r;

	r = check_unicast_address(check, spot, address);
	if (r < 0)
		return r;
	if (!address_is_ipv4(address) && address_is_link_local(address))
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "is %s, a link-local address, which peers cannot be told "
				    "apart by; give a global or unique local one",
				    address_format(address, text));
	return 0;
}

/* One port, one envelope: for the datapath, and for whoever reads a capture. */
static int check_ports_differ(const struct check *check)
{
	const struct underlay *underlay = &check->model->underlay;
	const struct {
		const char *member;
		uint16_t port;
	} ports[] = {
		{"vxlan-port", underlay->vxlan_port},
		{"geneve-port", underlay->geneve_port},
		{"stt-port", underlay->stt_port},
	};

	for (size_t i = 1; i < sizeof(ports) / sizeof(ports[0]); i++)
		for (size_t k = 0; k < i; k++)
			if (ports[i].port == ports[k].port)
				return check_refuse(check, PROBLEM_CONFLICT, EEXIST,
						    SPOT(noun_underlay, 0, ports[i].member),
						    "is %u, which is underlay.%s already; each "
						    "envelope needs a port of its own",
						    ports[i].port, ports[k].member);
	return 0;
}

int check_underlay(struct check *check)
{
	int r;

	r = check_members(check, &noun_underlay, 0);
	for (size_t i = 0; r == 0 && i < check->model->underlay.n_addresses; i++)
		r = check_address(check, i);
	if (r == 0)
		r = check_ports_differ(check);
	if (r == 0)
		r = check_members(check, &noun_limits, 0);
	return r;
}
