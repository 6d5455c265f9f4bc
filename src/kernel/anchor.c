/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the kernel's own tunnel device there?  Made with everything that cannot
 * be changed later, then our program put on it, then set up: no frame comes
 * out of it before the switch sees it.
 */
#include "kernel/anchor.h"

#include "kernel/attach.h"
#include "kernel/link_set.h"

#include <errno.h>
#include <linux/if_link.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <stdarg.h>
#include <string.h>

/* Above any underlay's; the path's MTU is the datapath's business, per peer. */
#define ANCHOR_MTU	 65000u
#define SOURCE_PORT_LOW	 49152
#define SOURCE_PORT_HIGH 65535

__attribute__((format(printf, 2, 3))) static void complain(struct host *host, const char *format,
							   ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(host->anchor.complaint, sizeof(host->anchor.complaint), format, arguments);
	va_end(arguments);
}

static int put_vxlan(struct nl_msg *request, uint16_t udp_port)
{
	/* RFC 7348 section 5: a source port from the dynamic range, by the flow's hash */
	const struct ifla_vxlan_port_range sources = {
		.low = htons(SOURCE_PORT_LOW),
		.high = htons(SOURCE_PORT_HIGH),
	};
	struct nlattr *info = nla_nest_start(request, IFLA_LINKINFO), *data;

	if (!info || nla_put_string(request, IFLA_INFO_KIND, "vxlan") < 0)
		return -ENOMEM;
	data = nla_nest_start(request, IFLA_INFO_DATA);
	if (!data || nla_put_u8(request, IFLA_VXLAN_COLLECT_METADATA, 1) < 0 ||
	    nla_put_u8(request, IFLA_VXLAN_LEARNING, 0) < 0 ||
	    nla_put_u16(request, IFLA_VXLAN_PORT, htons(udp_port)) < 0 ||
	    nla_put(request, IFLA_VXLAN_PORT_RANGE, sizeof(sources), &sources) < 0 ||
	    nla_put_u8(request, IFLA_VXLAN_UDP_ZERO_CSUM6_RX, 1) < 0)
		return -ENOMEM;
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
	if (nla_put_string(request, IFLA_IFNAME, ANCHOR_VXLAN_DEVICE) < 0 ||
	    nla_put_u32(request, IFLA_MTU, ANCHOR_MTU) < 0 ||
	    put_vxlan(request, host->underlay.vxlan_port) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return netlink_ask(&host->netlink, request, NULL, NULL);
}

/* -EEXIST and -EADDRINUSE come from devices and programs of others; name them where possible. */
static void complain_about(struct host *host, const char *action, int error)
{
	uint16_t port = host->underlay.vxlan_port;
	const struct link *other = link_by_vxlan_port(&host->links, port);
	const char *words = host->netlink.complaint;

	if (other && strcmp(other->name, ANCHOR_VXLAN_DEVICE) != 0)
		complain(host,
			 "UDP port %u belongs to the vxlan device %s; delete that or set "
			 "underlay.vxlan-port",
			 port, other->name);
	else if (error == -EADDRINUSE)
		complain(host, "UDP port %u is in use by a program; `ss -lunp` names it", port);
	else
		complain(host, "%s cannot be %s: %s%s%s", ANCHOR_VXLAN_DEVICE, action,
			 strerror(-error), words[0] ? ": " : "", words);
}

static const struct link *find(const struct host *host)
{
	return link_by_name(&host->links, ANCHOR_VXLAN_DEVICE);
}

static bool is_ours(const struct link *link)
{
	return strcmp(link->kind, "vxlan") == 0 && link->vxlan_external;
}

/* The table has to know of the device now, not when its event is read. */
static int create_known(struct host *host)
{
	int error = link_by_vxlan_port(&host->links, host->underlay.vxlan_port) ? -EEXIST :
										  create(host);

	if (error)
		complain_about(host, "made", error);
	else
		error = link_table_refresh(&host->links, &host->netlink, ANCHOR_VXLAN_DEVICE);
	return error;
}

/* Program first, then up; a device that cannot be completed is taken away again. */
static int complete(struct host *host, const struct link *link)
{
	uint32_t ifindex = link->ifindex;
	int error = 0;

	if (link->makes_addresses)
		error = link_set_no_addresses(&host->netlink, ifindex);
	if (!error && link->mtu != ANCHOR_MTU)
		error = link_set_mtu(&host->netlink, ifindex, ANCHOR_MTU);
	if (!error)
		error = attach_program(host->datapath, PROGRAM_ANCHOR, ifindex);
	if (!error && !link->up)
		error = link_set_up(&host->netlink, ifindex);
	if (!error)
		return link_table_refresh(&host->links, &host->netlink, ANCHOR_VXLAN_DEVICE);
	complain_about(host, "set up", error);
	(void)attach_remove(host->datapath, PROGRAM_ANCHOR, ifindex);
	(void)link_delete(&host->netlink, ifindex);
	return error;
}

static int adopt_or_make(struct host *host)
{
	const struct link *link = find(host);

	if (link && !is_ours(link)) {
		complain(host,
			 "a device named %s exists that is not a vxlan device in external mode",
			 ANCHOR_VXLAN_DEVICE);
		return -EEXIST;
	}
	if (link && link->vxlan_port != host->underlay.vxlan_port) {
		(void)anchor_remove(host);
		link = NULL;
	}
	if (!link) {
		int error = create_known(host);

		link = find(host);
		if (error || !link)
			return error ? error : -ENODEV;
	}
	return complete(host, link);
}

static bool is_ready(const struct host *host, const struct link *link)
{
	return link && link->birth == host->anchor.device.birth && link->up &&
	       host->anchor.udp_port == host->underlay.vxlan_port;
}

bool anchor_ensure(struct host *host)
{
	struct host_anchor *anchor = &host->anchor;
	uint32_t before = anchor->device.ifindex;
	const struct link *link = find(host);

	if (is_ready(host, link))
		return false;
	anchor->complaint[0] = '\0';
	anchor->device.error = adopt_or_make(host);
	link = anchor->device.error ? NULL : find(host);
	anchor->device.ifindex = link ? link->ifindex : 0;
	anchor->device.birth = link ? link->birth : 0;
	anchor->udp_port = host->underlay.vxlan_port;
	snprintf(anchor->device.name, sizeof(anchor->device.name), "%s", ANCHOR_VXLAN_DEVICE);
	return anchor->device.ifindex != before;
}

int anchor_remove(struct host *host)
{
	const struct link *link = find(host);
	int error;

	if (!link || !is_ours(link))
		return 0;
	(void)attach_remove(host->datapath, PROGRAM_ANCHOR, link->ifindex);
	error = link_delete(&host->netlink, link->ifindex);
	host->anchor.device.ifindex = 0;
	host->anchor.device.birth = 0;
	return error == -ENODEV ? 0 : error;
}
