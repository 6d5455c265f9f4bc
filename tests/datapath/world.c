/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in the switch when a test begins?  The maps as harness.h describes
 * them, written anew for each test.
 */
#include "tables.h"

#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "datapath.skel.h"

#include "abi/encap_kind.h"

static void fill_segments(struct harness *harness)
{
	struct table_segment segment = {
		.flags = SEGMENT_IN_USE | SEGMENT_LEARN | SEGMENT_FLOOD_PEERS |
			 SEGMENT_FLOOD_UNKNOWN | SEGMENT_FRAGMENT,
		.vni = BLUE_VNI,
		.max_learned = 65536,
		.flood_limit = LIMIT_6,
	};

	tables_set_segment(harness, BLUE, segment);
	segment.vni = GREEN_VNI;
	segment.flood_limit = LIMIT_4;
	tables_set_segment(harness, GREEN, segment);
}

static void fill_ports(struct harness *harness)
{
	for (uint32_t slot = 0; slot < N_PORTS; slot++) {
		struct table_port port = {
			.flags = PORT_IN_USE | PORT_UP,
			.ifindex = (uint32_t)harness->ports[slot].ifindex,
			.segment = slot == PORT_GREEN ? GREEN : BLUE,
			.max_learned = 1024,
			.mtu = 1500,
		};

		snprintf(port.name, sizeof(port.name), "%s", harness->ports[slot].name);
		tables_set_port(harness, slot, port);
	}
}

/* The packet in front of the inner frame, with the fields that the datapath patches at zero. */
static void fill_header(struct table_peer *peer, const char *local, const char *remote)
{
	const struct frame *outer;
	bool ipv4 = peer->family == 4;

	if (ipv4)
		outer = frame(eth(), ip4(.src = local, .dst = remote, .fragment = FRAGMENT_DF),
			      udp(.sport = 0, .dport = 4789), vxlan(.vni = 0));
	else
		outer = frame(eth(), ip6(.src = local, .dst = remote),
			      udp(.sport = 0, .dport = 4789), vxlan(.vni = 0));
	peer->header_bytes = (uint16_t)(outer->length - 14);
	memcpy(peer->header, outer->bytes + 14, peer->header_bytes);
	memset(peer->header + (ipv4 ? 24 : 44), 0, 4); /* UDP length and checksum */
	memset(peer->header + (ipv4 ? 2 : 4), 0, 2);   /* IP length */
	if (!ipv4)
		return;
	memset(peer->header + 10, 0, 2);
	for (size_t i = 0; i < 20; i += 2) {
		uint16_t word;

		memcpy(&word, peer->header + i, sizeof(word));
		peer->ip_sum += word;
	}
}

static void fill_peer(struct harness *harness, uint32_t slot, const char *remote, const char *mac)
{
	bool ipv4 = strchr(remote, ':') == NULL;
	struct table_peer peer = {
		.flags = PEER_IN_USE | PEER_ZERO_CHECKSUM6,
		.kind = ENCAP_VXLAN,
		.family = ipv4 ? 4 : 6,
		.accepts = ACCEPTS_DEFAULT,
		.limit = ipv4 ? LIMIT_4 : LIMIT_6,
		.nexthop_first = slot * TABLE_NEXTHOP_BANKS * TABLE_NEXTHOPS,
		.n_nexthops = 1,
		.remote = tables_address(remote),
		.local = tables_address(ipv4 ? LOCAL_4 : LOCAL_6),
	};
	struct table_nexthop nexthop = {
		.ifindex = (uint32_t)harness->underlay.ifindex,
		.family = peer.family,
		.flags = NEXTHOP_RESOLVED,
		.gateway = peer.remote,
	};
	const struct frame *macs = frame(eth(.dst = mac, .src = UNDERLAY_MAC));

	fill_header(&peer, ipv4 ? LOCAL_4 : LOCAL_6, remote);
	memcpy(nexthop.destination, macs->bytes, 6);
	memcpy(nexthop.source, macs->bytes + 6, 6);
	tables_set_nexthop(harness, peer.nexthop_first, nexthop);
	tables_set_peer(harness, slot, peer);
}

static void fill_peers(struct harness *harness)
{
	fill_peer(harness, PEER_4, REMOTE_4, NEXT_HOP_MAC);
	fill_peer(harness, PEER_4B, REMOTE_4B, NEXT_HOP_4B_MAC);
	fill_peer(harness, PEER_6, REMOTE_6, NEXT_HOP_6_MAC);
	tables_add_member(harness, BLUE_VNI, REMOTE_4, PEER_4);
	tables_add_member(harness, BLUE_VNI, REMOTE_4B, PEER_4B);
	tables_add_member(harness, BLUE_VNI, REMOTE_6, PEER_6);
	tables_add_member(harness, GREEN_VNI, REMOTE_4, PEER_4);
	tables_add_local_address(harness, LOCAL_4);
	tables_add_local_address(harness, LOCAL_6);
}

/* A changed list costs a grace period of the kernel, which hundreds of tests would notice. */
static void fill_flood_lists(struct harness *harness)
{
	if (harness->floods_as_described)
		return;
	tables_set_flood_ports(harness, BLUE, (uint32_t[]){PORT_A, PORT_B, PORT_C}, 3);
	tables_set_flood_ports(harness, GREEN, (uint32_t[]){PORT_GREEN}, 1);
	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4, PEER_4B, PEER_6}, 3);
	tables_set_flood_peers(harness, GREEN, (uint32_t[]){PEER_4}, 1);
	harness->floods_as_described = true;
}

void tables_fill(struct harness *harness)
{
	tables_clear_hash(harness->datapath->maps.segment_by_vni);
	tables_clear_hash(harness->datapath->maps.port_by_ifindex);
	tables_clear_hash(harness->datapath->maps.peer_by_address);
	tables_clear_hash(harness->datapath->maps.members);
	tables_clear_hash(harness->datapath->maps.local_addresses);
	tables_clear_hash(harness->datapath->maps.fdb);
	tables_set_heartbeat(harness, UINT64_MAX);
	tables_set_settings(harness, 0);
	fill_segments(harness);
	fill_ports(harness);
	fill_peers(harness);
	fill_flood_lists(harness);
	tables_clear_budgets(harness);
	for (uint32_t slot = 0; slot < N_PORTS; slot++)
		tables_set_learned_by_port(harness, slot, 0);
	for (uint32_t slot = 0; slot < N_SEGMENTS; slot++)
		tables_set_learned_by_segment(harness, slot, 0);
}
