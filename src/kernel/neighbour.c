/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which link-layer address does a next hop have right now?  Keeps the usable
 * entries and those that it probed.  A STALE entry is not usable: frames that go past the kernel's
 * neighbour code would never make it probe, so the next one must go through.
 */
#include "kernel/neighbour.h"

#include "kernel/netlink_address.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_PAUSE_NS 1000000000ull
#define USABLE_STATES  (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP | NUD_DELAY | NUD_PROBE)

static int read_neighbour(struct nlmsghdr *message, struct neighbour *ret, bool *ret_has_mac)
{
	const struct ndmsg *info = nlmsg_data(message);
	struct nlattr *attributes[NDA_MAX + 1];

	*ret = (struct neighbour){.key.ifindex = (uint32_t)info->ndm_ifindex};
	if ((info->ndm_family != AF_INET && info->ndm_family != AF_INET6) ||
	    (info->ndm_flags & NTF_PROXY) ||
	    nlmsg_parse(message, sizeof(*info), attributes, NDA_MAX, NULL) < 0 ||
	    !attributes[NDA_DST] || netlink_address_get(attributes[NDA_DST], &ret->key.address) < 0)
		return -EBADMSG;
	*ret_has_mac =
		attributes[NDA_LLADDR] && nla_len(attributes[NDA_LLADDR]) == sizeof(ret->mac);
	if (*ret_has_mac) {
		memcpy(&ret->mac, nla_data(attributes[NDA_LLADDR]), sizeof(ret->mac));
		ret->usable = info->ndm_state & USABLE_STATES;
	}
	return 0;
}

static struct neighbour *add(struct neighbour_table *table, const struct neighbour_key *key)
{
	struct neighbour *neighbour = calloc(1, sizeof(*neighbour));

	if (!neighbour)
		return NULL; /* not known is a correct answer too */
	neighbour->key = *key;
	HASH_ADD(hh, table->neighbours, key, sizeof(neighbour->key), neighbour);
	return neighbour;
}

static bool keep(struct neighbour *known, const struct neighbour *seen)
{
	bool same = known && known->usable && mac_equal(&known->mac, &seen->mac);

	if (known) {
		known->mac = seen->mac;
		known->usable = true;
		known->probed_ns = 0; /* answered: the next time at once again */
	}
	return known && !same;
}

/*
 * An entry that was probed in vain stays, so that it is not probed without a
 * pause.  One that became stale meanwhile, because the neighbour spoke first,
 * can be probed at once.
 */
static bool drop(struct neighbour_table *table, struct neighbour *known, bool stale)
{
	bool news = known && (known->usable || stale);

	if (known && (known->probed_ns == 0 || stale)) {
		HASH_DELETE(hh, table->neighbours, known);
		free(known);
	} else if (known) {
		known->usable = false;
	}
	return news;
}

bool neighbour_table_update(struct neighbour_table *table, struct nlmsghdr *message)
{
	struct neighbour seen, *known;
	bool has_mac;

	if ((message->nlmsg_type != RTM_NEWNEIGH && message->nlmsg_type != RTM_DELNEIGH) ||
	    read_neighbour(message, &seen, &has_mac) < 0)
		return false;
	HASH_FIND(hh, table->neighbours, &seen.key, sizeof(seen.key), known);
	if (message->nlmsg_type == RTM_NEWNEIGH && seen.usable)
		return keep(known ? known : add(table, &seen.key), &seen);
	return drop(table, known, message->nlmsg_type == RTM_NEWNEIGH && has_mac);
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
	return neighbour && neighbour->usable ? neighbour : NULL;
}

static int ask(struct netlink *netlink, int type, int flags, const struct neighbour_key *key,
	       struct neighbour_table *table)
{
	struct ndmsg header = {
		.ndm_family = (uint8_t)address_family(&key->address),
		.ndm_ifindex = (int)key->ifindex,
		.ndm_flags = type == RTM_NEWNEIGH ? NTF_USE : 0,
	};
	struct nl_msg *request = netlink_request(type, flags, &header, sizeof(header));

	if (!request || netlink_address_put(request, NDA_DST, &key->address) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return netlink_ask(netlink, request, visit_neighbour, table);
}

bool neighbour_probe(struct neighbour_table *table, struct netlink *netlink, uint32_t ifindex,
		     const struct address *address, uint64_t now_ns)
{
	struct neighbour_key key = {.ifindex = ifindex, .address = *address};
	struct neighbour *neighbour;

	HASH_FIND(hh, table->neighbours, &key, sizeof(key), neighbour);
	if (!neighbour)
		neighbour = add(table, &key);
	if (!neighbour || (neighbour->probed_ns && now_ns - neighbour->probed_ns < PROBE_PAUSE_NS))
		return false;
	neighbour->probed_ns = now_ns;
	/* the step from STALE to DELAY is not announced, so it is asked for */
	return ask(netlink, RTM_NEWNEIGH, NLM_F_CREATE, &key, table) == 0 &&
	       ask(netlink, RTM_GETNEIGH, 0, &key, table) == 0 &&
	       neighbour_find(table, ifindex, address);
}
