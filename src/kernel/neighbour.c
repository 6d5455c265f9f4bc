/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which link-layer address does a next hop have right now?  Keeps the usable
 * entries only.  A STALE entry is not usable: frames that go past the kernel's
 * neighbour code would never make it probe, so the next one must go through.
 */
#include "kernel/neighbour.h"

#include "kernel/netlink_address.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#define USABLE_STATES (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP | NUD_DELAY | NUD_PROBE)

static int read_neighbour(struct nlmsghdr *message, struct neighbour *ret)
{
	const struct ndmsg *info = nlmsg_data(message);
	struct nlattr *attributes[NDA_MAX + 1];

	*ret = (struct neighbour){.key.ifindex = (uint32_t)info->ndm_ifindex};
	if ((info->ndm_family != AF_INET && info->ndm_family != AF_INET6) ||
	    (info->ndm_flags & NTF_PROXY) ||
	    nlmsg_parse(message, sizeof(*info), attributes, NDA_MAX, NULL) < 0 ||
	    !attributes[NDA_DST] || netlink_address_get(attributes[NDA_DST], &ret->key.address) < 0)
		return -EBADMSG;
	if (attributes[NDA_LLADDR] && nla_len(attributes[NDA_LLADDR]) == sizeof(ret->mac)) {
		memcpy(&ret->mac, nla_data(attributes[NDA_LLADDR]), sizeof(ret->mac));
		ret->usable = info->ndm_state & USABLE_STATES;
	}
	return 0;
}

static bool keep(struct neighbour_table *table, struct neighbour *known,
		 const struct neighbour *seen)
{
	struct neighbour *neighbour;

	if (known) {
		bool same = mac_equal(&known->mac, &seen->mac);

		known->mac = seen->mac;
		return !same;
	}
	neighbour = malloc(sizeof(*neighbour));
	if (!neighbour)
		return false; /* not known is a correct answer too */
	*neighbour = *seen;
	HASH_ADD(hh, table->neighbours, key, sizeof(neighbour->key), neighbour);
	return true;
}

bool neighbour_table_update(struct neighbour_table *table, struct nlmsghdr *message)
{
	struct neighbour seen, *known;

	if ((message->nlmsg_type != RTM_NEWNEIGH && message->nlmsg_type != RTM_DELNEIGH) ||
	    read_neighbour(message, &seen) < 0)
		return false;
	HASH_FIND(hh, table->neighbours, &seen.key, sizeof(seen.key), known);
	if (message->nlmsg_type == RTM_NEWNEIGH && seen.usable)
		return keep(table, known, &seen);
	if (!known)
		return false;
	HASH_DELETE(hh, table->neighbours, known);
	free(known);
	return true;
}

static int visit_neighbour(void *arg, struct nlmsghdr *message)
{
	neighbour_table_update(arg, message);
	return 0;
}

int neighbour_table_load(struct neighbour_table *table, struct netlink *netlink)
{
	neighbour_table_clear(table);
	return netlink_dump(netlink, RTM_GETNEIGH, visit_neighbour, table);
}

void neighbour_table_clear(struct neighbour_table *table)
{
	struct neighbour *neighbour, *next;

	HASH_ITER(hh, table->neighbours, neighbour, next) {
		HASH_DELETE(hh, table->neighbours, neighbour);
		free(neighbour);
	}
}

const struct neighbour *neighbour_find(const struct neighbour_table *table, uint32_t ifindex,
				       const struct address *address)
{
	struct neighbour_key key = {.ifindex = ifindex, .address = *address};
	struct neighbour *neighbour;

	HASH_FIND(hh, table->neighbours, &key, sizeof(key), neighbour);
	return neighbour;
}
