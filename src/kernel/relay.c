/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the relay there?  Both ends get what cannot be wrong for a moment (no
 * offload, no addresses), then their programs, then are set up.
 */
#include "kernel/relay.h"

#include "kernel/attach.h"
#include "kernel/link_set.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <netlink/attr.h>
#include <string.h>

#define RELAY_MTU 65535u /* a veth's most: no frame is refused for its size */

static int put_peer(struct nl_msg *request)
{
	struct ifinfomsg header = {0};
	struct nlattr *info = nla_nest_start(request, IFLA_LINKINFO), *data, *peer;

	if (!info || nla_put_string(request, IFLA_INFO_KIND, "veth") < 0)
		return -ENOMEM;
	data = nla_nest_start(request, IFLA_INFO_DATA);
	peer = data ? nla_nest_start(request, VETH_INFO_PEER) : NULL;
	if (!peer || nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
	    nla_put_string(request, IFLA_IFNAME, RELAY_FAR_DEVICE) < 0 ||
	    nla_put_u32(request, IFLA_MTU, RELAY_MTU) < 0)
		return -ENOMEM;
	nla_nest_end(request, peer);
	nla_nest_end(request, data);
	nla_nest_end(request, info);
	return 0;
}

static int create(struct host *host)
{
	struct ifinfomsg header = {0};
	struct nl_msg *request =
		netlink_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));

	if (!request)
		return -ENOMEM;
	if (nla_put_string(request, IFLA_IFNAME, RELAY_NEAR_DEVICE) < 0 ||
	    nla_put_u32(request, IFLA_MTU, RELAY_MTU) < 0 || put_peer(request) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return netlink_ask(&host->netlink, request, NULL, NULL);
}

static int refresh(struct host *host)
{
	int near = link_table_refresh(&host->links, &host->netlink, RELAY_NEAR_DEVICE);
	int far = link_table_refresh(&host->links, &host->netlink, RELAY_FAR_DEVICE);

	return near ? near : far;
}

static bool is_ours(const struct link *link)
{
	return link && !strcmp(link->kind, "veth") && !link->far_end_elsewhere;
}

static bool is_ready(const struct host *host, const struct host_device *device)
{
	const struct link *link = link_by_name(&host->links, device->name);

	return link && device->birth == link->birth && link->up && !link->makes_addresses;
}

/* A frame that was cut must stay cut, and one that is to be cut must not slip through. */
static int switch_offloads_off(const char *name)
{
	int error = link_set_features_off(name, "rx-gro");

	return error ? error : link_set_features_off(name, "tx-");
}

static int complete(struct host *host, struct host_device *device, enum datapath_program program)
{
	const struct link *link = link_by_name(&host->links, device->name);
	int error = link ? switch_offloads_off(device->name) : -ENODEV;

	if (!error && link->makes_addresses)
		error = link_set_no_addresses(&host->netlink, link->ifindex);
	if (!error && link->mtu != RELAY_MTU)
		error = link_set_mtu(&host->netlink, link->ifindex, RELAY_MTU);
	if (!error)
		error = attach_program(host->datapath, program, link->ifindex);
	if (!error && !link->up)
		error = link_set_up(&host->netlink, link->ifindex);
	device->ifindex = error ? 0 : link->ifindex;
	device->birth = error ? 0 : link->birth;
	return error;
}

static int make(struct host *host)
{
	struct host_relay *relay = &host->relay;
	const struct link *near = link_by_name(&host->links, RELAY_NEAR_DEVICE);
	const struct link *far = link_by_name(&host->links, RELAY_FAR_DEVICE);
	int error = 0;

	if ((near && !is_ours(near)) || (far && !is_ours(far)))
		return -EEXIST;
	if (!near || !far)
		error = create(host);
	if (!error)
		error = refresh(host);
	if (!error)
		error = complete(host, &relay->far, PROGRAM_CUTTER);
	if (!error)
		error = complete(host, &relay->near, PROGRAM_RELAY);
	return error ? error : refresh(host);
}

static void complain(struct host *host, int error)
{
	const char *words = host->netlink.complaint;

	if (error == -EEXIST)
		snprintf(host->relay.complaint, sizeof(host->relay.complaint),
			 "a device named %s or %s exists that is not the switch's own pair",
			 RELAY_NEAR_DEVICE, RELAY_FAR_DEVICE);
	else
		snprintf(host->relay.complaint, sizeof(host->relay.complaint),
			 "%s and %s cannot be made: %s%s%s", RELAY_NEAR_DEVICE, RELAY_FAR_DEVICE,
			 strerror(-error), words[0] ? ": " : "", words);
}

static void set_names(struct host_relay *relay)
{
	snprintf(relay->near.name, sizeof(relay->near.name), "%s", RELAY_NEAR_DEVICE);
	snprintf(relay->far.name, sizeof(relay->far.name), "%s", RELAY_FAR_DEVICE);
}

bool relay_ensure(struct host *host, bool retry)
{
	struct host_relay *relay = &host->relay;
	uint32_t before = relay_ifindex(host);
	int error;

	set_names(relay);
	if (!relay->wanted || (relay->near.error && !retry) ||
	    (is_ready(host, &relay->near) && is_ready(host, &relay->far)))
		return false;
	error = make(host);
	if (error)
		relay->near.ifindex = relay->near.birth = 0;
	relay->near.error = error;
	relay->complaint[0] = '\0';
	if (error)
		complain(host, error);
	return relay_ifindex(host) != before;
}

void relay_want_present(struct host *host)
{
	if (is_ours(link_by_name(&host->links, RELAY_NEAR_DEVICE)) &&
	    is_ours(link_by_name(&host->links, RELAY_FAR_DEVICE)))
		host->relay.wanted = true;
}

int relay_remove(struct host *host)
{
	const struct link *near = link_by_name(&host->links, RELAY_NEAR_DEVICE);
	const struct link *far = link_by_name(&host->links, RELAY_FAR_DEVICE);
	int error;

	if (!is_ours(near) || !is_ours(far))
		return 0;
	(void)attach_remove(host->datapath, PROGRAM_RELAY, near->ifindex);
	(void)attach_remove(host->datapath, PROGRAM_CUTTER, far->ifindex);
	error = link_delete(&host->netlink, near->ifindex);
	(void)refresh(host);
	memset(&host->relay, 0, sizeof(host->relay));
	return error == -ENODEV ? 0 : error;
}

void relay_forget(struct host *host)
{
	if (!host->relay.wanted)
		(void)relay_remove(host);
}

uint32_t relay_ifindex(const struct host *host)
{
	return host->relay.wanted ? host->relay.near.ifindex : 0;
}

bool relay_is_named(const char *device)
{
	return !strcmp(device, RELAY_NEAR_DEVICE) || !strcmp(device, RELAY_FAR_DEVICE);
}
