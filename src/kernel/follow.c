/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's configuration has changed: what does the switch do about it?
 * Compares states and never interprets single events, so that lost or merged
 * events do no harm.
 */
#include "kernel/follow.h"

#include "kernel/anchor.h"
#include "kernel/apply_object.h"
#include "kernel/fdb.h"
#include "kernel/link_set.h"
#include "kernel/relay.h"
#include "kernel/resolve.h"
#include "kernel/stt.h"

#include <string.h>

static void keep_first(int *error, int result)
{
	if (*error == 0 && result < 0)
		*error = result;
}

static bool is_current(const struct host *host, const struct host_port *port)
{
	const struct link *link = link_by_name(&host->links, port->name);
	const struct table_port *record = &port->record;

	if (!link)
		return record->ifindex == 0;
	return record->ifindex == link->ifindex && record->mtu == link->mtu &&
	       port->device.birth == link->birth && !link->makes_addresses &&
	       !(record->flags & PORT_UP) == !link_runs(link) &&
	       !(record->flags & PORT_PEER_DEVICE) == !link->far_end_elsewhere;
}

/* A port that went down, or whose device was replaced, has lost what was learned on it. */
static int follow_port(struct host *host, struct host_port *port)
{
	uint32_t ifindex = port->record.ifindex;
	bool was_up = port->record.flags & PORT_UP;
	struct fdb_match learned_here = {.learned_only = true, .path_kind = PATH_PORT};
	int error;

	if (is_current(host, port))
		return 0;
	error = apply_put_port(host, port, NULL);
	if (was_up && (!(port->record.flags & PORT_UP) || port->record.ifindex != ifindex)) {
		learned_here.path = port->slot;
		keep_first(&error, fdb_purge(host->datapath, &learned_here));
	}
	return error;
}

static void follow_devices(struct host *host)
{
	for (size_t i = 0; i < host->n_devices; i++) {
		struct host_device *device = &host->devices[i];

		if (apply_attach(host, PROGRAM_UNDERLAY, device) && !device->error)
			(void)link_set_gro(device->name, true);
	}
}

static int follow_own_devices(struct host *host, bool retry)
{
	bool changed = anchor_ensure(host, retry);

	changed |= relay_ensure(host, retry);
	return changed ? apply_put_settings(host) : 0;
}

static int follow_links(struct host *host)
{
	struct host_port *port, *next;
	int error = 0;

	HASH_ITER(hh, host->ports, port, next)
		keep_first(&error, follow_port(host, port));
	follow_devices(host);
	/* one that failed waits for follow_slow: its own attempts make events */
	keep_first(&error, follow_own_devices(host, /* retry= */ false));
	return error;
}

static int follow_addresses(struct host *host)
{
	struct address found[MODEL_ADDRESSES_MAX];
	size_t n;

	apply_find_local(host, &host->underlay, found, &n);
	/* without any we would only forget what comes back in a moment */
	if (n == 0 || (n == host->n_local && memcmp(found, host->local, n * sizeof(found[0])) == 0))
		return 0;
	memcpy(host->local, found, n * sizeof(found[0]));
	host->n_local = n;
	return apply_put_local(host);
}

static int follow_peer(struct host *host, struct host_peer *peer, bool ask)
{
	uint16_t limit = peer->record.limit;
	uint8_t family = peer->record.family;
	int error = 0;

	if (ask)
		error = resolve_peer(host, peer);
	else
		resolve_nexthops(host, peer);
	if (!error &&
	    !anchor_ifindex(host, peer->wanted.encapsulation, address_family(&peer->address)))
		resolve_probe(host, peer);
	if (!error)
		error = resolve_publish(host, peer, NULL);
	if (peer->record.limit != limit || peer->record.family != family)
		peer->limit_changed = true;
	return error;
}

/* Limits of flooded frames follow from those of the peers. */
static int follow_limits(struct host *host, const struct model *model)
{
	struct host_peer *peer;
	bool any = false;

	for (size_t i = 0; i < model->n_peers; i++) {
		peer = host_peer(host, &model->peers[i].address);
		if (!peer || !peer->limit_changed)
			continue;
		peer->limit_changed = false;
		apply_touch_peer(host, &model->peers[i]);
		any = true;
	}
	return any ? apply_settle(host, model, NULL) : 0;
}

static int follow_peers(struct host *host, const struct model *model, bool ask)
{
	struct host_peer *peer, *next;
	int error = 0;

	HASH_ITER(hh, host->peers, peer, next)
		keep_first(&error, follow_peer(host, peer, ask));
	keep_first(&error, follow_limits(host, model));
	return error;
}

int follow_changes(struct host *host, const struct model *model, unsigned int changes)
{
	int error = 0;

	if (changes & HOST_ADDRESSES)
		keep_first(&error, follow_addresses(host));
	if (changes & HOST_LINKS)
		keep_first(&error, follow_links(host));
	if (changes & (HOST_ROUTES | HOST_NEIGHBOURS))
		keep_first(&error, follow_peers(host, model, changes & HOST_ROUTES));
	stt_settle(host);
	apply_forget(host);
	return error;
}

int follow_slow(struct host *host, const struct model *model)
{
	int error = 0;

	keep_first(&error, follow_own_devices(host, /* retry= */ true));
	keep_first(&error, follow_links(host));
	keep_first(&error, follow_peers(host, model, /* ask= */ true));
	stt_settle(host);
	return error;
}

int follow_path_mtu(struct host *host, const struct model *model, uint32_t peer_slot, uint32_t mtu)
{
	struct host_peer *peer = host_peer_by_slot(host, peer_slot);
	int error;

	if (!peer || !resolve_mtu_tell(&peer->told, !address_is_ipv4(&peer->address), mtu,
				       peer->path_mtu, fdb_now_ns()))
		return 0;
	error = follow_peer(host, peer, /* ask= */ true);
	keep_first(&error, follow_limits(host, model));
	stt_settle(host);
	return error;
}
