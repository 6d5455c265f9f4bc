/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which network devices exist here, and in what state?  Reads RTM_NEWLINK and
 * RTM_DELLINK into the table.  Asks the kernel for nothing but whole
 * tables and single devices.
 */
#include "kernel/link.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

/* Where the attributes of a kind of tunnel say these two; 0: nowhere. */
struct tunnel_kind {
	const char *name;
	int port, external;
	bool external_is_flag;
};

static const struct tunnel_kind tunnel_kinds[] = {
	{"vxlan", IFLA_VXLAN_PORT, IFLA_VXLAN_COLLECT_METADATA},
	{"geneve", IFLA_GENEVE_PORT, IFLA_GENEVE_COLLECT_METADATA, .external_is_flag = true},
	{"gretap", 0, IFLA_GRE_COLLECT_METADATA, .external_is_flag = true},
	{"ip6gretap", 0, IFLA_GRE_COLLECT_METADATA, .external_is_flag = true},
};

static void read_tunnel(const struct tunnel_kind *kind, struct nlattr *data, struct link *ret)
{
	struct nlattr *port =
		kind->port ? nla_find(nla_data(data), nla_len(data), kind->port) : NULL;
	struct nlattr *external = nla_find(nla_data(data), nla_len(data), kind->external);

	ret->udp_port = port ? ntohs(nla_get_u16(port)) : 0;
	ret->external = external && (kind->external_is_flag || nla_get_u8(external));
}

static void read_kind(struct nlattr *linkinfo, struct link *ret)
{
	struct nlattr *attributes[IFLA_INFO_MAX + 1];

	if (nla_parse_nested(attributes, IFLA_INFO_MAX, linkinfo, NULL) < 0 ||
	    !attributes[IFLA_INFO_KIND])
		return;
	nla_strlcpy(ret->kind, attributes[IFLA_INFO_KIND], sizeof(ret->kind));
	for (size_t i = 0; i < sizeof(tunnel_kinds) / sizeof(tunnel_kinds[0]); i++)
		if (attributes[IFLA_INFO_DATA] && !strcmp(ret->kind, tunnel_kinds[i].name))
			read_tunnel(&tunnel_kinds[i], attributes[IFLA_INFO_DATA], ret);
}

/* IFLA_AF_SPEC holds one nest per address family; a kernel without IPv6 has none for it. */
static bool reads_makes_addresses(struct nlattr *af_spec)
{
	struct nlattr *inet6 = nla_find(nla_data(af_spec), nla_len(af_spec), AF_INET6);
	struct nlattr *mode =
		inet6 ? nla_find(nla_data(inet6), nla_len(inet6), IFLA_INET6_ADDR_GEN_MODE) : NULL;

	return mode && nla_get_u8(mode) != IN6_ADDR_GEN_MODE_NONE;
}

static int read_link(struct nlmsghdr *message, struct link *ret)
{
	const struct ifinfomsg *info = nlmsg_data(message);
	struct nlattr *attributes[IFLA_MAX + 1];
	struct link link = {
		.ifindex = (uint32_t)info->ifi_index,
		.ethernet = info->ifi_type == ARPHRD_ETHER,
		.up = info->ifi_flags & IFF_UP,
		.carrier = info->ifi_flags & IFF_LOWER_UP,
	};

	if (nlmsg_parse(message, sizeof(*info), attributes, IFLA_MAX, NULL) < 0 ||
	    !attributes[IFLA_IFNAME])
		return -EBADMSG;
	nla_strlcpy(link.name, attributes[IFLA_IFNAME], sizeof(link.name));
	if (attributes[IFLA_MTU])
		link.mtu = nla_get_u32(attributes[IFLA_MTU]);
	if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) == sizeof(link.mac))
		memcpy(&link.mac, nla_data(attributes[IFLA_ADDRESS]), sizeof(link.mac));
	if (attributes[IFLA_LINKINFO])
		read_kind(attributes[IFLA_LINKINFO], &link);
	if (attributes[IFLA_AF_SPEC])
		link.makes_addresses = reads_makes_addresses(attributes[IFLA_AF_SPEC]);
	link.far_end_elsewhere = strcmp(link.kind, "veth") == 0 && attributes[IFLA_LINK_NETNSID];
	*ret = link;
	return 0;
}

static bool differ(const struct link *a, const struct link *b)
{
	return strcmp(a->name, b->name) != 0 || strcmp(a->kind, b->kind) != 0 || a->mtu != b->mtu ||
	       !mac_equal(&a->mac, &b->mac) || a->up != b->up || a->carrier != b->carrier ||
	       a->far_end_elsewhere != b->far_end_elsewhere ||
	       a->makes_addresses != b->makes_addresses || a->udp_port != b->udp_port ||
	       a->external != b->external;
}

static void forget(struct link_table *table, struct link *link)
{
	HASH_DELETE(hh_ifindex, table->by_ifindex, link);
	HASH_DELETE(hh_name, table->by_name, link);
	free(link);
}

/* Two devices never share a name, but events may arrive in an order in which they seem to. */
static void keep(struct link_table *table, struct link *link)
{
	struct link *namesake;

	HASH_FIND(hh_name, table->by_name, link->name, strlen(link->name), namesake);
	if (namesake)
		forget(table, namesake);
	HASH_ADD(hh_ifindex, table->by_ifindex, ifindex, sizeof(link->ifindex), link);
	HASH_ADD(hh_name, table->by_name, name, strlen(link->name), link);
}

static bool update_link(struct link_table *table, const struct link *seen)
{
	struct link *known = (struct link *)link_by_ifindex(table, seen->ifindex);
	uint64_t birth = known ? known->birth : table->births + 1;
	struct link *link;

	if (known && !differ(known, seen))
		return false;
	link = malloc(sizeof(*link));
	if (!link)
		return false; /* the next event or dump brings it again */
	*link = *seen;
	link->birth = birth;
	if (known)
		forget(table, known);
	else
		table->births++;
	keep(table, link);
	return true;
}

bool link_table_update(struct link_table *table, struct nlmsghdr *message)
{
	const struct ifinfomsg *info = nlmsg_data(message);
	struct link seen, *known;

	/* AF_BRIDGE: only the device's life as a bridge port begins or ends */
	if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
	    info->ifi_family != AF_UNSPEC)
		return false;
	if (message->nlmsg_type == RTM_NEWLINK)
		return read_link(message, &seen) == 0 && update_link(table, &seen);
	known = (struct link *)link_by_ifindex(table, (uint32_t)info->ifi_index);
	if (known)
		forget(table, known);
	return known != NULL;
}

struct reload {
	struct link_table *table;
	struct link_table seen;
};

static int visit_link(void *arg, struct nlmsghdr *message)
{
	struct reload *reload = arg;

	link_table_update(reload->table, message);
	link_table_update(&reload->seen, message);
	return 0;
}

int link_table_load(struct link_table *table, struct netlink *netlink)
{
	struct reload reload = {.table = table};
	int error = netlink_dump(netlink, RTM_GETLINK, visit_link, &reload);
	struct link *link, *next;

	HASH_ITER(hh_ifindex, table->by_ifindex, link, next)
		if (!error && !link_by_ifindex(&reload.seen, link->ifindex))
			forget(table, link);
	link_table_clear(&reload.seen);
	return error;
}

static int visit_one(void *arg, struct nlmsghdr *message)
{
	link_table_update(arg, message);
	return 0;
}

int link_table_refresh(struct link_table *table, struct netlink *netlink, const char *name)
{
	struct ifinfomsg any = {0};
	struct nl_msg *request = netlink_request(RTM_GETLINK, 0, &any, sizeof(any));
	struct link *gone;
	int error;

	if (!request || nla_put_string(request, IFLA_IFNAME, name) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	error = netlink_ask(netlink, request, visit_one, table);
	gone = error == -ENODEV ? (struct link *)link_by_name(table, name) : NULL;
	if (gone)
		forget(table, gone);
	return error;
}

void link_table_clear(struct link_table *table)
{
	struct link *link, *next;

	HASH_ITER(hh_ifindex, table->by_ifindex, link, next)
		forget(table, link);
}

const struct link *link_by_name(const struct link_table *table, const char *name)
{
	struct link *link;

	HASH_FIND(hh_name, table->by_name, name, strlen(name), link);
	return link;
}

const struct link *link_by_ifindex(const struct link_table *table, uint32_t ifindex)
{
	struct link *link;

	HASH_FIND(hh_ifindex, table->by_ifindex, &ifindex, sizeof(ifindex), link);
	return link;
}

const struct link *link_by_udp_port(const struct link_table *table, uint16_t port)
{
	struct link *link, *next;

	HASH_ITER(hh_ifindex, table->by_ifindex, link, next)
		if (link->udp_port == port && port != 0)
			return link;
	return NULL;
}
