/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does this machine have, and what has the switch made of it?  Life and
 * look-ups of the records; what they mean is apply's and follow's.
 */
#include "kernel/host.h"

#include "base/cleanup.h"
#include "base/problem.h"
#include "kernel/slots.h"
#include "kernel/stt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int load_tables(struct host *host)
{
	int error = link_table_load(&host->links, &host->netlink);

	if (!error)
		error = link_address_table_load(&host->addresses, &host->netlink);
	if (!error)
		error = neighbour_table_load(&host->neighbours, &host->netlink);
	return error;
}

int host_look(struct host *host)
{
	int error = netlink_open(&host->netlink);

	if (!error)
		error = load_tables(host);
	if (error)
		host_look_away(host);
	return error;
}

void host_look_away(struct host *host)
{
	neighbour_table_clear(&host->neighbours);
	link_address_table_clear(&host->addresses);
	link_table_clear(&host->links);
	netlink_close(&host->netlink);
}

int host_open(const struct datapath_options *options, struct host **ret, struct problem *problem)
{
	struct host *host = calloc(1, sizeof(*host));
	int error = host ? host_look(host) : -ENOMEM;

	if (error) {
		free(host);
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the network devices cannot be read: %s", strerror(-error));
	}
	error = datapath_open(options, &host->datapath, problem);
	if (error) {
		host_look_away(host);
		free(host);
		return error;
	}
	*ret = host;
	return 0;
}

void host_forget_segment(struct host *host, struct host_segment *segment)
{
	HASH_DELETE(hh, host->segments, segment);
	HASH_DELETE(hh_name, host->segments_by_name, segment);
	slot_list_clear(&segment->members);
	slot_list_clear(&segment->ports);
	slot_list_clear(&segment->flood);
	free(segment);
	host->leftovers = true;
}

void host_forget_port(struct host *host, struct host_port *port)
{
	HASH_DEL(host->ports, port);
	free(port);
	host->leftovers = true;
}

void host_forget_peer(struct host *host, struct host_peer *peer)
{
	HASH_DEL(host->peers, peer);
	free(peer);
	host->leftovers = true;
}

static void forget_objects(struct host *host)
{
	struct host_segment *segment, *next_segment;
	struct host_port *port, *next_port;
	struct host_peer *peer, *next_peer;

	HASH_ITER(hh, host->segments, segment, next_segment)
		host_forget_segment(host, segment);
	HASH_ITER(hh, host->ports, port, next_port)
		host_forget_port(host, port);
	HASH_ITER(hh, host->peers, peer, next_peer)
		host_forget_peer(host, peer);
}

void host_close(struct host *host)
{
	if (!host)
		return;
	stt_close(host);
	forget_objects(host);
	datapath_close(host->datapath);
	host_look_away(host);
	free(host);
}

struct reading {
	struct host *host;
	unsigned int changes;
};

/* A hypervisor may hold the Internet's routes: only those to peers are worth a look. */
static bool is_about_routes(const struct host *host, struct nlmsghdr *message)
{
	struct host_peer *peer, *next;

	switch (message->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		HASH_ITER(hh, host->peers, peer, next)
			if (route_covers(message, &peer->address))
				return true;
		return false;
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		return true;
	default:
		return false;
	}
}

static int visit_event(void *arg, struct nlmsghdr *message)
{
	struct reading *reading = arg;
	struct host *host = reading->host;

	if (link_table_update(&host->links, message))
		reading->changes |= HOST_LINKS | HOST_ROUTES;
	else if (link_address_table_update(&host->addresses, message))
		reading->changes |= HOST_ADDRESSES | HOST_ROUTES;
	else if (neighbour_table_update(&host->neighbours, message))
		reading->changes |= HOST_NEIGHBOURS;
	else if (is_about_routes(host, message))
		reading->changes |= HOST_ROUTES;
	return 0;
}

int host_read_events(struct host *host, unsigned int *changes)
{
	struct reading reading = {.host = host};
	int error = netlink_read_events(&host->netlink, visit_event, &reading);

	if (error == -ENOBUFS) {
		reading.changes = HOST_EVERYTHING;
		error = load_tables(host);
	}
	*changes |= reading.changes;
	return error;
}

struct host_segment *host_segment(const struct host *host, uint32_t vni)
{
	struct host_segment *segment;

	HASH_FIND(hh, host->segments, &vni, sizeof(vni), segment);
	return segment;
}

struct host_segment *host_segment_by_name(const struct host *host, const char *name)
{
	struct host_segment *segment;

	HASH_FIND(hh_name, host->segments_by_name, name, strlen(name), segment);
	return segment;
}

struct host_port *host_port(const struct host *host, const char *name)
{
	struct host_port *port;

	HASH_FIND(hh, host->ports, name, strlen(name), port);
	return port;
}

struct host_peer *host_peer(const struct host *host, const struct address *address)
{
	struct host_peer *peer;

	HASH_FIND(hh, host->peers, address, sizeof(*address), peer);
	return peer;
}

struct host_peer *host_peer_by_slot(const struct host *host, uint32_t slot)
{
	const union slot_name *name = slots_name(datapath_slots(host->datapath), SLOT_PEER, slot);

	return name ? host_peer(host, (const struct address *)name->address.bytes) : NULL;
}
