/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the kernel's own tunnel devices there?  Made with everything that cannot
 * be changed later, then our program put on them, then set up: no frame comes
 * out of one before the switch sees it.
 */
#include "kernel/anchor.h"

#include "kernel/anchor_kind.h"
#include "kernel/attach.h"
#include "kernel/link_set.h"
#include "kernel/relay.h"
#include "kernel/stt.h"

#include <errno.h>
#include <netlink/attr.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

/* Above any underlay's; the path's MTU is the datapath's business, per peer. */
#define ANCHOR_MTU 65000u

/* One device that is being looked after. */
struct place {
	struct host *host;
	const struct anchor_kind *kind;
	struct host_anchor *anchor;
};

static struct place place_of(struct host *host, size_t row)
{
	return (struct place){host, &anchor_kinds[row], &host->anchors[row]};
}

__attribute__((format(printf, 2, 3))) static void complain(const struct place *place,
							   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(place->anchor->complaint, sizeof(place->anchor->complaint), format, arguments);
	va_end(arguments);
}

static uint16_t udp_port(const struct place *place)
{
	return place->kind->udp_port ? place->kind->udp_port(&place->host->underlay) : 0;
}

static const struct link *find(const struct place *place)
{
	return link_by_name(&place->host->links, place->kind->device);
}

static int put_info(struct nl_msg *request, const struct anchor_kind *as, uint16_t port)
{
	struct nlattr *info = nla_nest_start(request, IFLA_LINKINFO), *data;

	if (!info || nla_put_string(request, IFLA_INFO_KIND, as->link_kind) < 0)
		return -ENOMEM;
	data = nla_nest_start(request, IFLA_INFO_DATA);
	if (!data || as->put_data(request, port) < 0)
		return -ENOMEM;
	nla_nest_end(request, data);
	nla_nest_end(request, info);
	return 0;
}

/* `as`: the row itself, or what keeps GRO awake in its place. */
static int create(const struct place *place, const struct anchor_kind *as)
{
	struct ifinfomsg header = {0};
	struct nl_msg *request =
		netlink_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof(header));

	if (!request)
		return -ENOMEM;
	if (nla_put_string(request, IFLA_IFNAME, place->kind->device) < 0 ||
	    nla_put_u32(request, IFLA_MTU, ANCHOR_MTU) < 0 ||
	    put_info(request, as, udp_port(place)) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return netlink_ask(&place->host->netlink, request, NULL, NULL);
}

/* -EEXIST and -EADDRINUSE come from devices and programs of others; name them where possible. */
static void complain_about(const struct place *place, const char *action, int error)
{
	uint16_t port = udp_port(place);
	const struct link *other = link_by_udp_port(&place->host->links, port);
	const char *words = place->host->netlink.complaint;

	if (other && strcmp(other->name, place->kind->device) != 0)
		complain(place, "UDP port %u belongs to the %s device %s; delete that or set %s",
			 port, other->kind, other->name, place->kind->port_name);
	else if (error == -EADDRINUSE && port)
		complain(place, "UDP port %u is in use by a program; `ss -lunp` names it", port);
	else if (error == -EEXIST && !port)
		complain(place,
			 "a %s device in external mode exists already, and a machine can "
			 "have one only",
			 place->kind->link_kind);
	else
		complain(place, "%s cannot be %s: %s%s%s", place->kind->device, action,
			 strerror(-error), words[0] ? ": " : "", words);
}

static int create_or_wake(const struct place *place)
{
	int error = create(place, place->kind);

	place->anchor->kind_missing = error == -EOPNOTSUPP || error == -ENODEV;
	if (!place->anchor->kind_missing)
		return error;
	complain(place, "this kernel has no %s devices", place->kind->link_kind);
	return place->kind->waker ? create(place, place->kind->waker) : error;
}

/* The table has to know of the device now, not when its event is read. */
static int create_known(const struct place *place)
{
	struct host *host = place->host;
	int error =
		link_by_udp_port(&host->links, udp_port(place)) ? -EEXIST : create_or_wake(place);

	if (!error)
		return link_table_refresh(&host->links, &host->netlink, place->kind->device);
	if (!place->anchor->kind_missing || place->kind->waker)
		complain_about(place, "made", error);
	return error;
}

/* Program first, then up; a device that cannot be completed is taken away again. */
static int complete(const struct place *place, const struct link *link)
{
	struct host *host = place->host;
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
		return link_table_refresh(&host->links, &host->netlink, place->kind->device);
	complain_about(place, "set up", error);
	(void)attach_remove(host->datapath, PROGRAM_ANCHOR, ifindex);
	(void)link_delete(&host->netlink, ifindex);
	return error;
}

static int remove_device(const struct place *place)
{
	const struct link *link = find(place);
	int error;

	if (!link || !anchor_kind_owns(place->kind, link))
		return 0;
	(void)attach_remove(place->host->datapath, PROGRAM_ANCHOR, link->ifindex);
	error = link_delete(&place->host->netlink, link->ifindex);
	if (error == -ENODEV)
		error = 0;
	if (!error)
		(void)link_table_refresh(&place->host->links, &place->host->netlink,
					 place->kind->device);
	memset(place->anchor, 0, sizeof(*place->anchor));
	return error;
}

static int adopt_or_make(const struct place *place)
{
	const struct link *link = find(place);

	if (link && !anchor_kind_owns(place->kind, link)) {
		complain(place, "a device named %s exists that is not a %s device in external mode",
			 place->kind->device, place->kind->link_kind);
		return -EEXIST;
	}
	/* the kernel announces the end of the old one later; the new one has another ifindex */
	if (link && link->udp_port != udp_port(place)) {
		(void)remove_device(place);
		link = NULL;
	}
	if (!link) {
		int error = create_known(place);

		link = find(place);
		if (error || !link)
			return error ? error : -ENODEV;
	}
	return complete(place, link);
}

static bool is_ready(const struct place *place, const struct link *link)
{
	return link && link->birth == place->anchor->device.birth && link->up &&
	       place->anchor->udp_port == udp_port(place);
}

static bool ensure(const struct place *place)
{
	struct host_anchor *anchor = place->anchor;
	uint32_t before = anchor->device.ifindex;
	const struct link *link = find(place);

	if (is_ready(place, link))
		return false;
	anchor->complaint[0] = '\0';
	anchor->device.error = adopt_or_make(place);
	link = anchor->device.error ? NULL : find(place);
	anchor->device.ifindex = link ? link->ifindex : 0;
	anchor->device.birth = link ? link->birth : 0;
	anchor->is_waker = link && strcmp(link->kind, place->kind->link_kind) != 0;
	anchor->kind_missing |= anchor->is_waker;
	if (anchor->is_waker)
		complain(place, "this kernel has no %s devices", place->kind->link_kind);
	anchor->udp_port = udp_port(place);
	snprintf(anchor->device.name, sizeof(anchor->device.name), "%s", place->kind->device);
	return anchor->device.ifindex != before;
}

bool anchor_ensure(struct host *host, bool retry)
{
	bool changed = false;

	for (size_t row = 0; row < N_ANCHORS; row++) {
		struct place place = place_of(host, row);

		if (host->wanted_anchors & 1u << row && (retry || !place.anchor->device.error))
			changed |= ensure(&place);
	}
	return changed;
}

void anchor_want_present(struct host *host)
{
	for (size_t row = 0; row < N_ANCHORS; row++) {
		const struct link *link = link_by_name(&host->links, anchor_kinds[row].device);

		if (link && anchor_kind_owns(&anchor_kinds[row], link))
			host->wanted_anchors |= 1u << row;
	}
}

void anchor_forget(struct host *host)
{
	for (size_t row = 0; row < N_ANCHORS; row++) {
		struct place place = place_of(host, row);

		if (!(host->wanted_anchors & 1u << row))
			(void)remove_device(&place);
	}
}

int anchor_remove(struct host *host)
{
	int first = 0;

	for (size_t row = 0; row < N_ANCHORS; row++) {
		struct place place = place_of(host, row);
		int error = remove_device(&place);

		first = first ? first : error;
	}
	return first;
}

static bool serves(const struct anchor_kind *row, enum encap_kind kind, int family)
{
	return row->kinds & 1u << kind &&
	       row->serves[family == AF_INET ? TABLE_ANCHOR4 : TABLE_ANCHOR6];
}

uint32_t anchor_rows(enum encap_kind kind, int family)
{
	uint32_t rows = 0;

	for (size_t row = 0; row < N_ANCHORS; row++)
		rows |= serves(&anchor_kinds[row], kind, family) ? 1u << row : 0;
	return rows;
}

uint32_t anchor_ifindex(const struct host *host, enum encap_kind kind, int family)
{
	for (size_t row = 0; row < N_ANCHORS; row++)
		if (serves(&anchor_kinds[row], kind, family) && !host->anchors[row].is_waker)
			return host->anchors[row].device.ifindex;
	return 0;
}

bool anchor_is_named(const char *device)
{
	for (size_t row = 0; row < N_ANCHORS; row++)
		if (!strcmp(anchor_kinds[row].device, device))
			return true;
	return relay_is_named(device) || !strcmp(device, STT_DEVICE);
}
