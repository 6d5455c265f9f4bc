/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be seen of the running switch?  Copies of its records and
 * counters for the API; changes nothing.
 */
#include "control/state.h"
#include "kernel/anchor_kind.h"
#include "kernel/attach.h"
#include "kernel/counters.h"
#include "kernel/fdb.h"
#include "kernel/stt.h"
#include "outer/outer.h"

#include <errno.h>
#include <string.h>

#define COUNT_LIFETIME_NS 1000000000ull /* a walk of the FDB serves so long */

static uint32_t wanted_mtu(const struct segment *segment, const struct host_peer *peer)
{
	return outer_wanted_mtu(&peer->wanted, segment->mtu, segment->vlan_tags == VLAN_CARRY);
}

/* Without a peer to ask: what VXLAN over our own addresses would want. */
static uint32_t wanted_without_peers(const struct host *host, const struct segment *segment)
{
	uint32_t wanted = 0;

	for (size_t i = 0; i < host->n_local; i++) {
		struct peer like = {.address = host->local[i], .encapsulation = ENCAP_VXLAN};
		uint32_t mtu =
			outer_wanted_mtu(&like, segment->mtu, segment->vlan_tags == VLAN_CARRY);

		wanted = mtu > wanted ? mtu : wanted;
	}
	return wanted;
}

int control_view_segment(void *self, const char *name, struct segment_view *ret)
{
	const struct control *control = self;
	const struct host *host = control->host;
	const struct segment *segment = model_segment(&control->running, name);
	const struct host_segment *known = host_segment_by_name(host, name);

	if (!segment || !known)
		return -ENOENT;
	*ret = (struct segment_view){
		.n_ports = known->ports.n,
		.n_peers = known->members.n,
		.learned = fdb_count_learned_by_segment(host->datapath, known->slot),
		.fits = true,
	};
	for (size_t i = 0; i < known->members.n; i++) {
		const struct host_peer *peer = host_peer_by_slot(host, known->members.slots[i]);
		uint32_t wanted = peer ? wanted_mtu(segment, peer) : 0;

		if (wanted > ret->wanted_underlay_mtu)
			ret->wanted_underlay_mtu = wanted;
		if (peer && peer->n_nexthops && peer->path_mtu < wanted)
			ret->fits = false;
	}
	if (known->members.n == 0)
		ret->wanted_underlay_mtu = wanted_without_peers(host, segment);
	return counters_traffic(host->datapath, SLOT_SEGMENT, known->slot, &ret->traffic);
}

int control_view_port(void *self, const char *device, struct port_view *ret)
{
	const struct control *control = self;
	const struct host *host = control->host;
	const struct host_port *port = host_port(host, device);
	const struct link *link = link_by_name(&host->links, device);

	if (!port)
		return -ENOENT;
	*ret = (struct port_view){
		.present = link != NULL,
		.up = link && link_runs(link),
		.attached = link && port->device.birth == link->birth,
		.ifindex = link ? link->ifindex : 0,
		.device_mtu = link ? link->mtu : 0,
		.learned = fdb_count_learned_by_port(host->datapath, port->slot),
	};
	return counters_traffic(host->datapath, SLOT_PORT, port->slot, &ret->traffic);
}

static void view_nexthops(const struct host *host, const struct host_peer *peer,
			  struct peer_view *ret)
{
	ret->n_nexthops = peer->n_nexthops;
	for (size_t i = 0; i < peer->n_nexthops; i++) {
		const struct table_nexthop *from = &peer->nexthops[i];
		const struct link *link = link_by_ifindex(&host->links, from->ifindex);
		struct nexthop_view *to = &ret->nexthops[i];

		snprintf(to->device, sizeof(to->device), "%s", link ? link->name : "");
		memcpy(to->gateway.bytes, from->gateway.bytes, sizeof(to->gateway.bytes));
		memcpy(to->mac.bytes, from->destination, sizeof(to->mac.bytes));
		to->resolved = from->flags & NEXTHOP_RESOLVED;
	}
}

static uint64_t count_entries(struct control *control, uint32_t slot)
{
	uint64_t now = fdb_now_ns();

	if (!control->entries_by_peer)
		control->entries_by_peer = calloc(TABLE_MAX_PEERS, sizeof(uint32_t));
	if (!control->entries_by_peer)
		return 0;
	if (control->entries_counted_ns == 0 ||
	    now - control->entries_counted_ns >= COUNT_LIFETIME_NS) {
		if (fdb_count_by_peer(control->host->datapath, control->entries_by_peer) < 0)
			return 0;
		control->entries_counted_ns = now;
	}
	return control->entries_by_peer[slot];
}

int control_view_peer(void *self, const struct address *address, struct peer_view *ret)
{
	struct control *control = self;
	const struct host *host = control->host;
	const struct host_peer *peer = host_peer(host, address);

	if (!peer)
		return -ENOENT;
	*ret = (struct peer_view){
		.reachable = peer->n_nexthops > 0,
		.accepts = peer->record.accepts,
		.route_mtu = peer->route_mtu,
		.path_mtu = peer->path_mtu,
		.overhead = outer_overhead(&peer->wanted),
		.limit = peer->record.limit,
		.fdb_entries = count_entries(control, peer->slot),
	};
	memcpy(ret->local.bytes, peer->record.local.bytes, sizeof(ret->local.bytes));
	view_nexthops(host, peer, ret);
	return counters_traffic(host->datapath, SLOT_PEER, peer->slot, &ret->traffic);
}

static void view_devices(const struct host *host, struct status_view *ret)
{
	ret->n_devices = host->n_devices;
	for (size_t i = 0; i < host->n_devices; i++) {
		const struct host_device *device = &host->devices[i];
		const struct link *link = link_by_name(&host->links, device->name);
		struct underlay_device_view *to = &ret->devices[i];

		snprintf(to->device, sizeof(to->device), "%s", device->name);
		snprintf(to->hook, sizeof(to->hook), "%s", datapath_hook(host->datapath));
		to->present = link != NULL;
		to->up = link && link_runs(link);
		to->attached = link && device->birth == link->birth;
		to->mtu = link ? link->mtu : 0;
	}
}

static void view_anchors(const struct host *host, struct status_view *ret)
{
	for (size_t row = 0; row < N_ANCHORS; row++) {
		struct anchor_view *anchor = &ret->anchors[ret->n_anchors];

		if (!(host->wanted_anchors & 1u << row))
			continue;
		ret->n_anchors++;
		anchor->kinds = anchor_kinds[row].kinds;
		anchor->present = host->anchors[row].device.ifindex != 0;
		anchor->carries = anchor->present && !host->anchors[row].is_waker;
		snprintf(anchor->device, sizeof(anchor->device), "%s", anchor_kinds[row].device);
	}
}

/* Beside the anchors: a device of ours that an envelope needs. */
static void view_stt(const struct host *host, struct status_view *ret)
{
	struct anchor_view *tap = &ret->anchors[ret->n_anchors];

	if (!stt_is_wanted(host))
		return;
	ret->n_anchors++;
	tap->kinds = 1u << ENCAP_STT;
	tap->present = tap->carries = stt_ifindex(host) != 0;
	snprintf(tap->device, sizeof(tap->device), "%s", STT_DEVICE);
}

static size_t count_attached(const struct control *control)
{
	size_t n = 0;

	for (size_t i = 0; i < control->running.n_ports; i++) {
		const struct host_port *port =
			host_port(control->host, control->running.ports[i].device);

		n += port && port->device.birth != 0;
	}
	return n;
}

int control_view_status(void *self, struct status_view *ret)
{
	const struct control *control = self;
	const struct host *host = control->host;

	*ret = (struct status_view){
		.pid = (uint32_t)getpid(),
		.uptime_seconds = (fdb_now_ns() - control->started_ns) / 1000000000ull,
		.unsaved = control->unsaved,
		.n_segments = control->running.n_segments,
		.n_peers = control->running.n_peers,
		.n_ports = control->running.n_ports,
		.n_ports_attached = count_attached(control),
		.fdb_entries = fdb_count_learned(host->datapath) + control->running.n_fdb,
		.fdb_capacity = fdb_capacity(host->datapath),
		.n_addresses = host->n_local,
	};
	snprintf(ret->version, sizeof(ret->version), "%s", OVERLAID_VERSION);
	snprintf(ret->config_file, sizeof(ret->config_file), "%s", control->options.config_file);
	memcpy(ret->addresses, host->local, sizeof(ret->addresses));
	view_devices(host, ret);
	view_anchors(host, ret);
	view_stt(host, ret);
	return counters_drops_total(host->datapath, &ret->drops);
}

int control_view_datapath(void *self, struct datapath_view *ret)
{
	const struct control *control = self;

	return datapath_describe(control->host->datapath, ret);
}
