/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which IP addresses are ours, and on which device?  Reads RTM_NEWADDR and
 * RTM_DELADDR.  A hypervisor has a handful of addresses: a plain array.
 */
#include "kernel/link_address.h"

#include "kernel/netlink_address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

/* The same address on the same device is one entry, whatever its prefix or flags. */
static size_t find(const struct link_address_table *table, const struct link_address *wanted)
{
	size_t i = 0;

	while (i < table->n_addresses &&
	       (table->addresses[i].ifindex != wanted->ifindex ||
		!address_equal(&table->addresses[i].address, &wanted->address)))
		i++;
	return i;
}

static int append(struct link_address_table *table, const struct link_address *address)
{
	if (table->n_addresses == table->n_allocated) {
		size_t n = table->n_allocated ? 2 * table->n_allocated : 16;
		void *grown = reallocarray(table->addresses, n, sizeof(*table->addresses));

		if (!grown)
			return -ENOMEM;
		table->addresses = grown;
		table->n_allocated = n;
	}
	table->addresses[table->n_addresses++] = *address;
	return 0;
}

static int read_address(struct nlmsghdr *message, struct link_address *ret)
{
	const struct ifaddrmsg *info = nlmsg_data(message);
	struct nlattr *attributes[IFA_MAX + 1], *attribute;

	if (nlmsg_parse(message, sizeof(*info), attributes, IFA_MAX, NULL) < 0)
		return -EBADMSG;
	/* on a point-to-point link IFA_ADDRESS is the far end */
	attribute = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	if (!attribute || netlink_address_get(attribute, &ret->address) < 0)
		return -EBADMSG;
	ret->ifindex = info->ifa_index;
	ret->global = info->ifa_scope == RT_SCOPE_UNIVERSE;
	return 0;
}

bool link_address_table_update(struct link_address_table *table, struct nlmsghdr *message)
{
	struct link_address seen;
	size_t i;

	if ((message->nlmsg_type != RTM_NEWADDR && message->nlmsg_type != RTM_DELADDR) ||
	    read_address(message, &seen) < 0)
		return false;
	i = find(table, &seen);
	if (message->nlmsg_type == RTM_NEWADDR)
		return i == table->n_addresses && append(table, &seen) == 0;
	if (i == table->n_addresses)
		return false;
	table->n_addresses--;
	memmove(&table->addresses[i], &table->addresses[i + 1],
		(table->n_addresses - i) * sizeof(*table->addresses));
	return true;
}

static int visit_address(void *arg, struct nlmsghdr *message)
{
	link_address_table_update(arg, message);
	return 0;
}

int link_address_table_load(struct link_address_table *table, struct netlink *netlink)
{
	struct link_address_table fresh = {0};
	int error = netlink_dump(netlink, RTM_GETADDR, visit_address, &fresh);

	if (error) {
		link_address_table_clear(&fresh);
		return error;
	}
	link_address_table_clear(table);
	*table = fresh;
	return 0;
}

void link_address_table_clear(struct link_address_table *table)
{
	free(table->addresses);
	*table = (struct link_address_table){0};
}

bool link_address_is_ours(const struct link_address_table *table, const struct address *address)
{
	for (size_t i = 0; i < table->n_addresses; i++)
		if (address_equal(&table->addresses[i].address, address))
			return true;
	return false;
}

const struct address *link_address_first(const struct link_address_table *table, uint32_t ifindex,
					 int family)
{
	for (size_t i = 0; i < table->n_addresses; i++) {
		const struct link_address *address = &table->addresses[i];

		if (address->ifindex == ifindex && address->global &&
		    address_family(&address->address) == family)
			return &address->address;
	}
	return NULL;
}

static int drop(struct netlink *netlink, const struct link_address *address)
{
	struct ifaddrmsg header = {
		.ifa_family = AF_INET6,
		.ifa_prefixlen = 64,
		.ifa_index = address->ifindex,
	};
	struct nl_msg *request = netlink_request(RTM_DELADDR, 0, &header, sizeof(header));

	if (!request || netlink_address_put(request, IFA_LOCAL, &address->address) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return netlink_ask(netlink, request, NULL, NULL);
}

int link_address_drop_link_local(struct netlink *netlink, uint32_t ifindex)
{
	struct link_address_table present = {0};
	int error = link_address_table_load(&present, netlink);

	for (size_t i = 0; !error && i < present.n_addresses; i++) {
		const struct link_address *address = &present.addresses[i];

		if (address->ifindex == ifindex && !address_is_ipv4(&address->address) &&
		    address_is_link_local(&address->address))
			error = drop(netlink, address);
	}
	link_address_table_clear(&present);
	return error;
}
