/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a test read and write the maps of the datapath?  See tables.h; the
 * switch that every test starts with is in world.c.
 */
#include "tables.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "datapath.skel.h"

#include "base/cleanup.h"

#define MAP(harness, name) bpf_map__fd((harness)->datapath->maps.name)

static void must(int result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "%s: %s\n", what, strerror(-result));
		exit(EXIT_FAILURE);
	}
}

static void put(int map, const void *key, const void *value)
{
	must(bpf_map_update_elem(map, key, value, BPF_ANY), "cannot write to a map");
}

static void get(int map, const void *key, void *value)
{
	must(bpf_map_lookup_elem(map, key, value), "cannot read from a map");
}

/* The next key is asked for before its predecessor goes: from a lost key the walk begins anew. */
void tables_clear_hash(struct bpf_map *map)
{
	int fd = bpf_map__fd(map);
	uint8_t key[64], next[64];
	int r = bpf_map_get_next_key(fd, NULL, key);

	while (r == 0) {
		r = bpf_map_get_next_key(fd, key, next);
		bpf_map_delete_elem(fd, key);
		memcpy(key, next, sizeof(key));
	}
}

struct table_address tables_address(const char *text)
{
	struct table_address address = {.bytes = {[10] = 0xff, [11] = 0xff}};

	if (inet_pton(AF_INET, text, address.bytes + 12) != 1 &&
	    inet_pton(AF_INET6, text, address.bytes) != 1)
		must(-EINVAL, text);
	return address;
}

void tables_set_heartbeat(struct harness *harness, uint64_t until_ns)
{
	put(MAP(harness, heartbeat), &(uint32_t){0}, &until_ns);
}

void tables_set_settings(struct harness *harness, uint32_t flags)
{
	struct table_settings value = {
		.flags = flags | SETTING_GENEVE | harness->features,
		.vxlan_port = 4789,
		.geneve_port = 6081,
		.stt_port = 7471,
		.anchors[ENCAP_VXLAN] = {(uint32_t)harness->anchor.ifindex,
					 (uint32_t)harness->anchor.ifindex},
	};

	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

static struct table_settings settings(struct harness *harness)
{
	struct table_settings value;

	get(MAP(harness, settings), &(uint32_t){0}, &value);
	return value;
}

void tables_set_anchor(struct harness *harness, int ifindex)
{
	struct table_settings value = settings(harness);

	value.anchors[ENCAP_VXLAN][TABLE_ANCHOR4] = (uint32_t)ifindex;
	value.anchors[ENCAP_VXLAN][TABLE_ANCHOR6] = (uint32_t)ifindex;
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

void tables_set_anchor_of(struct harness *harness, enum encap_kind kind, int family, int ifindex)
{
	struct table_settings value = settings(harness);

	value.anchors[kind][family] = (uint32_t)ifindex;
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

void tables_set_stt_device(struct harness *harness, int ifindex)
{
	struct table_settings value = settings(harness);

	value.stt_device = (uint32_t)ifindex;
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

void tables_set_relay(struct harness *harness, uint32_t ifindex)
{
	struct table_settings value = settings(harness);

	value.relay = ifindex;
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

void tables_clear_geneve(struct harness *harness)
{
	struct table_settings value = settings(harness);

	value.flags &= ~(uint32_t)SETTING_GENEVE;
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

void tables_clear_features(struct harness *harness)
{
	struct table_settings value = settings(harness);

	value.flags &= ~(uint32_t)(SETTING_DECAP_L3 | SETTING_DECAP_L4);
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

void tables_set_vxlan_port(struct harness *harness, uint16_t port)
{
	struct table_settings value = settings(harness);

	value.vxlan_port = port;
	put(MAP(harness, settings), &(uint32_t){0}, &value);
}

struct table_segment tables_segment(struct harness *harness, uint32_t slot)
{
	struct table_segment segment;

	get(MAP(harness, segments), &slot, &segment);
	return segment;
}

void tables_set_segment(struct harness *harness, uint32_t slot, struct table_segment segment)
{
	put(MAP(harness, segments), &slot, &segment);
	tables_add_vni(harness, segment.vni, slot);
}

void tables_flag_segment(struct harness *harness, uint32_t slot, uint32_t set, uint32_t clear)
{
	struct table_segment segment = tables_segment(harness, slot);

	segment.flags = (segment.flags & ~clear) | set;
	tables_set_segment(harness, slot, segment);
}

struct table_port tables_port(struct harness *harness, uint32_t slot)
{
	struct table_port port;

	get(MAP(harness, ports), &slot, &port);
	return port;
}

void tables_set_port(struct harness *harness, uint32_t slot, struct table_port port)
{
	put(MAP(harness, ports), &slot, &port);
	if (port.ifindex)
		put(MAP(harness, port_by_ifindex), &port.ifindex, &slot);
}

void tables_flag_port(struct harness *harness, uint32_t slot, uint32_t set, uint32_t clear)
{
	struct table_port port = tables_port(harness, slot);

	port.flags = (port.flags & ~clear) | set;
	tables_set_port(harness, slot, port);
}

struct table_peer tables_peer(struct harness *harness, uint32_t slot)
{
	struct table_peer peer;

	get(MAP(harness, peers), &slot, &peer);
	return peer;
}

void tables_set_peer(struct harness *harness, uint32_t slot, struct table_peer peer)
{
	put(MAP(harness, peers), &slot, &peer);
	put(MAP(harness, peer_by_address), &peer.remote, &slot);
}

void tables_set_accepts(struct harness *harness, uint32_t slot, uint32_t kinds)
{
	struct table_peer peer = tables_peer(harness, slot);

	peer.accepts = (uint16_t)kinds;
	tables_set_peer(harness, slot, peer);
}

void tables_accept_only(struct harness *harness, enum encap_kind kind)
{
	for (uint32_t slot = 0; slot < N_PEERS; slot++)
		tables_set_accepts(harness, slot, 1u << kind);
}

void tables_set_nexthop(struct harness *harness, uint32_t index, struct table_nexthop nexthop)
{
	put(MAP(harness, nexthops), &index, &nexthop);
}

struct table_nexthop tables_nexthop(struct harness *harness, uint32_t index)
{
	struct table_nexthop nexthop;

	get(MAP(harness, nexthops), &index, &nexthop);
	return nexthop;
}

void tables_add_member(struct harness *harness, uint32_t vni, const char *address, uint32_t peer)
{
	struct table_member member = {.vni = vni, .address = tables_address(address)};
	struct table_membership membership = {.peer = peer, .segment = TABLE_NO_SLOT};

	(void)bpf_map_lookup_elem(MAP(harness, segment_by_vni), &vni, &membership.segment);
	put(MAP(harness, members), &member, &membership);
}

void tables_remove_member(struct harness *harness, uint32_t vni, const char *address)
{
	struct table_member member = {.vni = vni, .address = tables_address(address)};

	must(bpf_map_delete_elem(MAP(harness, members), &member), "cannot remove a member");
}

void tables_add_local_address(struct harness *harness, const char *address)
{
	struct table_address key = tables_address(address);

	put(MAP(harness, local_addresses), &key, &(uint32_t){1});
}

void tables_add_vni(struct harness *harness, uint32_t vni, uint32_t segment)
{
	put(MAP(harness, segment_by_vni), &vni, &segment);
}

static struct table_fdb_key fdb_key(uint32_t vni, const char *mac)
{
	struct table_fdb_key key = {.vni = vni};

	if (sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &key.mac[0], &key.mac[1],
		   &key.mac[2], &key.mac[3], &key.mac[4], &key.mac[5]) != 6)
		must(-EINVAL, mac);
	return key;
}

void tables_put_fdb(struct harness *harness, uint32_t vni, const char *mac, struct table_fdb entry)
{
	struct table_fdb_key key = fdb_key(vni, mac);

	put(MAP(harness, fdb), &key, &entry);
}

void tables_set_fdb(struct harness *harness, uint32_t vni, const char *mac,
		    enum table_path_kind kind, uint32_t path, enum table_fdb_source source)
{
	tables_put_fdb(harness, vni, mac,
		       (struct table_fdb){.path = path,
					  .path_kind = (uint8_t)kind,
					  .source = (uint8_t)source});
}

bool tables_fdb(struct harness *harness, uint32_t vni, const char *mac, struct table_fdb *ret)
{
	struct table_fdb_key key = fdb_key(vni, mac);

	return bpf_map_lookup_elem(MAP(harness, fdb), &key, ret) == 0;
}

size_t tables_count_fdb(struct harness *harness)
{
	struct table_fdb_key key;
	size_t n = 0;

	for (int r = bpf_map_get_next_key(MAP(harness, fdb), NULL, &key); r == 0;
	     r = bpf_map_get_next_key(MAP(harness, fdb), &key, &key))
		n++;
	return n;
}

/* A list of one place more than it needs, so that the end mark is used too. */
static void set_flood(int outer, uint32_t segment, const uint32_t *slots, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	_cleanup_close_ int inner =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "flood_list", sizeof(uint32_t), sizeof(uint32_t),
			       n + 1, &options);

	must(inner, "cannot make a flood list");
	for (uint32_t i = 0; i <= n; i++)
		put(inner, &i, i < n ? &slots[i] : &(uint32_t){TABLE_NO_SLOT});
	put(outer, &segment, &inner);
}

void tables_set_flood_ports(struct harness *harness, uint32_t segment, const uint32_t *ports,
			    uint32_t n)
{
	harness->floods_as_described = false;
	set_flood(MAP(harness, flood_ports), segment, ports, n);
}

void tables_set_flood_peers(struct harness *harness, uint32_t segment, const uint32_t *peers,
			    uint32_t n)
{
	harness->floods_as_described = false;
	set_flood(MAP(harness, flood_peers), segment, peers, n);
}

uint64_t tables_learned_by_port(struct harness *harness, uint32_t port)
{
	uint64_t n;

	get(MAP(harness, learned_by_port), &port, &n);
	return n;
}

uint64_t tables_learned_by_segment(struct harness *harness, uint32_t segment)
{
	uint64_t n;

	get(MAP(harness, learned_by_segment), &segment, &n);
	return n;
}

void tables_set_learned_by_port(struct harness *harness, uint32_t port, uint64_t n)
{
	put(MAP(harness, learned_by_port), &port, &n);
}

void tables_set_learned_by_segment(struct harness *harness, uint32_t segment, uint64_t n)
{
	put(MAP(harness, learned_by_segment), &segment, &n);
}

void tables_clear_budgets(struct harness *harness)
{
	for (uint32_t port = 0; port < N_PORTS; port++)
		put(MAP(harness, budgets), &port, &(struct table_budget){0});
}

void tables_age_budget(struct harness *harness, uint32_t port, uint64_t ns)
{
	struct table_budget budget;

	get(MAP(harness, budgets), &port, &budget);
	budget.window_ns -= ns;
	put(MAP(harness, budgets), &port, &budget);
}
