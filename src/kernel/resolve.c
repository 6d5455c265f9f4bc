/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a peer reached right now?  Called for one peer when it is made, for
 * all when routes change, and twice a minute, because the kernel does not tell
 * when it learns a path MTU.
 */
#include "kernel/resolve.h"

#include "base/problem.h"
#include "kernel/fdb.h"
#include "kernel/maps.h"
#include "outer/outer.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct address) == sizeof(struct table_address), "one form of addresses");

static struct table_address in_table(const struct address *address)
{
	struct table_address result;

	memcpy(&result, address, sizeof(result));
	return result;
}

static bool is_local(const struct host *host, const struct address *address)
{
	for (size_t i = 0; i < host->n_local; i++)
		if (address_equal(&host->local[i], address))
			return true;
	return false;
}

static struct route_query query_for(const struct host *host, const struct host_peer *peer)
{
	const struct underlay *underlay = &host->underlay;
	struct route_query query = {.destination = peer->address};

	switch (peer->wanted.encapsulation) {
	case ENCAP_VXLAN:
	case ENCAP_GENEVE:
		query.protocol = IPPROTO_UDP;
		query.port = peer->wanted.encapsulation == ENCAP_VXLAN ? underlay->vxlan_port :
									 underlay->geneve_port;
		break;
	case ENCAP_STT:
		query.protocol = IPPROTO_TCP;
		query.port = underlay->stt_port;
		break;
	default: /* the kernel takes no question about GRE here */
		break;
	}
	return query;
}

/* Our only address of the peer's family, or the one that the route prefers, or the first. */
static int choose_local(struct host *host, const struct host_peer *peer, struct address *ret)
{
	const struct address *first = NULL;
	struct route_query query = query_for(host, peer);
	struct route route;
	size_t n = 0;

	for (size_t i = 0; i < host->n_local; i++) {
		if (address_family(&host->local[i]) != address_family(&peer->address))
			continue;
		first = first ? first : &host->local[i];
		n++;
	}
	if (n == 0)
		return -EADDRNOTAVAIL;
	*ret = *first;
	if (n > 1 && route_resolve(&host->netlink, &query, &route) == 0 &&
	    is_local(host, &route.source))
		*ret = route.source;
	return 0;
}

/* What the route itself says, and never more than its narrowest device. */
static uint32_t route_mtu(const struct host *host, const struct route *route)
{
	uint32_t mtu = route->mtu ? route->mtu : UINT32_MAX;

	for (size_t i = 0; i < route->n_nexthops; i++) {
		const struct link *link = link_by_ifindex(&host->links, route->nexthops[i].ifindex);

		if (link && link->mtu < mtu)
			mtu = link->mtu;
	}
	return mtu == UINT32_MAX ? 0 : mtu;
}

static void set_mtus(const struct host *host, struct host_peer *peer)
{
	uint32_t mtu = route_mtu(host, &peer->route);

	peer->route_mtu = mtu;
	if (peer->route.path_mtu && peer->route.path_mtu < mtu)
		mtu = peer->route.path_mtu;
	peer->path_mtu = resolve_mtu_apply(&peer->told, mtu, fdb_now_ns());
	peer->record.limit =
		(uint16_t)outer_limit(&peer->wanted, peer->path_mtu, /* tagged= */ false);
}

static void set_unreachable(struct host_peer *peer)
{
	peer->route = (struct route){.kind = ROUTE_NONE};
	peer->route_mtu = 0;
	peer->path_mtu = 0;
	peer->n_nexthops = 0;
	peer->record.limit = 0;
}

size_t resolve_spread(const uint32_t *weights, size_t n, size_t room, size_t *ret_index)
{
	uint64_t total = 0;
	size_t n_places = 0;

	for (size_t i = 0; i < n; i++)
		total += weights[i];
	for (size_t i = 0; i < n && n_places < room; i++) {
		uint64_t share = total > room ? weights[i] * (uint64_t)room / total : weights[i];
		size_t left_for_others = n - i - 1;

		/* the others keep one place each, as far as there are places */
		if (share + left_for_others > room - n_places)
			share = room - n_places > left_for_others ?
					room - n_places - left_for_others :
					1;
		for (uint64_t k = 0; k < (share ? share : 1); k++)
			ret_index[n_places++] = i;
	}
	return n_places;
}

static uint32_t greatest_divisor(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static struct table_nexthop make_nexthop(const struct host *host, const struct route_nexthop *hop)
{
	const struct link *link = link_by_ifindex(&host->links, hop->ifindex);
	const struct neighbour *neighbour =
		neighbour_find(&host->neighbours, hop->ifindex, &hop->gateway);
	struct table_nexthop result = {
		.ifindex = hop->ifindex,
		.family = address_is_ipv4(&hop->gateway) ? 4 : 6,
		.gateway = in_table(&hop->gateway),
	};

	if (link)
		memcpy(result.source, link->mac.bytes, sizeof(result.source));
	if (link && link->ethernet && neighbour) {
		memcpy(result.destination, neighbour->mac.bytes, sizeof(result.destination));
		result.flags = NEXTHOP_RESOLVED;
	}
	return result;
}

void resolve_nexthops(const struct host *host, struct host_peer *peer)
{
	const struct route *route = &peer->route;
	uint32_t weights[ROUTE_NEXTHOPS_MAX], divisor = 0;
	size_t index[TABLE_NEXTHOPS];

	for (size_t i = 0; i < route->n_nexthops; i++)
		divisor = greatest_divisor(route->nexthops[i].weight, divisor);
	for (size_t i = 0; i < route->n_nexthops; i++)
		weights[i] = route->nexthops[i].weight / divisor;
	peer->n_nexthops = resolve_spread(weights, route->n_nexthops, TABLE_NEXTHOPS, index);
	for (size_t i = 0; i < peer->n_nexthops; i++)
		peer->nexthops[i] = make_nexthop(host, &route->nexthops[index[i]]);
}

/* outer_build knows the peer's configuration; what it was before is known here. */
static void set_accepts(struct host_peer *peer)
{
	const uint32_t by_history = 1u << ENCAP_NVGRE | 1u << ENCAP_GRE | 1u << ENCAP_STT;
	struct table_peer *record = &peer->record;

	if (!peer->wanted.accept)
		record->accepts = (uint16_t)((record->accepts & ~by_history) | peer->reading);
}

int resolve_peer(struct host *host, struct host_peer *peer)
{
	struct route_query query = query_for(host, peer);
	int error = choose_local(host, peer, &query.source);

	if (error == -EADDRNOTAVAIL) {
		peer->record.remote = in_table(&peer->address);
		set_unreachable(peer);
		return 0;
	}
	error = outer_build(&host->underlay, &peer->wanted, &query.source, &peer->record);
	if (!error)
		error = route_resolve(&host->netlink, &query, &peer->route);
	if (error)
		return error;
	set_accepts(peer);
	if (peer->route.kind == ROUTE_UNICAST) {
		set_mtus(host, peer);
		resolve_nexthops(host, peer);
	} else {
		set_unreachable(peer);
	}
	return 0;
}

void resolve_probe(struct host *host, struct host_peer *peer)
{
	bool any = false;

	for (size_t i = 0; i < peer->n_nexthops; i++) {
		const struct table_nexthop *nexthop = &peer->nexthops[i];
		struct address gateway;

		memcpy(&gateway, &nexthop->gateway, sizeof(gateway));
		if (!(nexthop->flags & NEXTHOP_RESOLVED))
			any |= neighbour_probe(&host->neighbours, &host->netlink, nexthop->ifindex,
					       &gateway, fdb_now_ns());
	}
	if (any)
		resolve_nexthops(host, peer);
}

static bool is_written(const struct host_peer *peer)
{
	const struct host_peer_written *written = &peer->written;

	return written->any && memcmp(&written->record, &peer->record, sizeof(peer->record)) == 0 &&
	       written->n_nexthops == peer->n_nexthops &&
	       memcmp(written->nexthops, peer->nexthops,
		      peer->n_nexthops * sizeof(peer->nexthops[0])) == 0;
}

int resolve_publish(struct host *host, struct host_peer *peer, struct problem *problem)
{
	struct host_peer_written *written = &peer->written;
	int error;

	if (is_written(peer))
		return 0;
	written->any = false;
	error = maps_put_peer(host->datapath, &peer->record, &peer->slot, problem);
	if (!error)
		error = maps_set_nexthops(host->datapath, peer->slot, peer->nexthops,
					  peer->n_nexthops);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the peer cannot be written to the datapath: %s",
				   strerror(-error));
	written->any = true;
	written->record = peer->record;
	memcpy(written->nexthops, peer->nexthops, sizeof(peer->nexthops));
	written->n_nexthops = peer->n_nexthops;
	return 0;
}
