/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a test read and write the maps of the datapath?  One function per
 * kind of record of abi/table.h, with addresses as text.  They end the program
 * when the kernel refuses, since no test can go on then.
 */
#ifndef OVERLAID_TESTS_TABLES_H
#define OVERLAID_TESTS_TABLES_H

#include "harness.h"

/* Everything as harness.h describes the switch. */
void tables_fill(struct harness *harness);

/* The kernel's features, the port and the anchor are as in the harness. */
/* Until when resolved next hops count as such; the world is made with UINT64_MAX. */
void tables_set_heartbeat(struct harness *harness, uint64_t until_ns);
void tables_set_settings(struct harness *harness, uint32_t flags);
/* Another anchor, or 0 for none; keeps the rest of the settings. */
void tables_set_anchor(struct harness *harness, int ifindex);
/* The kernel's device of a kind and family (TABLE_ANCHOR4 or 6); 0 for none. */
void tables_set_anchor_of(struct harness *harness, enum encap_kind kind, int family, int ifindex);
/* The tap behind which STT is spoken; 0 for none. */
void tables_set_stt_device(struct harness *harness, int ifindex);
/* The relay's near end, or 0 for none; keeps the rest of the settings. */
void tables_set_relay(struct harness *harness, uint32_t ifindex);
/* As on a kernel that knows no DECAP flags; until the settings are written again. */
void tables_clear_features(struct harness *harness);
/* As if no peer spoke Geneve. */
void tables_clear_geneve(struct harness *harness);
void tables_set_vxlan_port(struct harness *harness, uint16_t port);

struct table_segment tables_segment(struct harness *harness, uint32_t slot);
void tables_set_segment(struct harness *harness, uint32_t slot, struct table_segment segment);
/* Sets and clears flags of a segment. */
void tables_flag_segment(struct harness *harness, uint32_t slot, uint32_t set, uint32_t clear);

struct table_port tables_port(struct harness *harness, uint32_t slot);
void tables_set_port(struct harness *harness, uint32_t slot, struct table_port port);
void tables_flag_port(struct harness *harness, uint32_t slot, uint32_t set, uint32_t clear);

struct table_peer tables_peer(struct harness *harness, uint32_t slot);
void tables_set_peer(struct harness *harness, uint32_t slot, struct table_peer peer);
/* What the peer may send: bits 1 << kind. */
void tables_set_accepts(struct harness *harness, uint32_t slot, uint32_t kinds);
/* The same for every peer of the harness and one kind. */
void tables_accept_only(struct harness *harness, enum encap_kind kind);
void tables_set_nexthop(struct harness *harness, uint32_t index, struct table_nexthop nexthop);
struct table_nexthop tables_nexthop(struct harness *harness, uint32_t index);
void tables_add_member(struct harness *harness, uint32_t vni, const char *address, uint32_t peer);
void tables_remove_member(struct harness *harness, uint32_t vni, const char *address);
void tables_add_local_address(struct harness *harness, const char *address);
void tables_add_vni(struct harness *harness, uint32_t vni, uint32_t segment);

void tables_set_fdb(struct harness *harness, uint32_t vni, const char *mac,
		    enum table_path_kind kind, uint32_t path, enum table_fdb_source source);
void tables_put_fdb(struct harness *harness, uint32_t vni, const char *mac, struct table_fdb entry);
bool tables_fdb(struct harness *harness, uint32_t vni, const char *mac, struct table_fdb *ret);
size_t tables_count_fdb(struct harness *harness);

/* The ports or peers that BUM of a segment goes to. */
void tables_set_flood_ports(struct harness *harness, uint32_t segment, const uint32_t *ports,
			    uint32_t n);
void tables_set_flood_peers(struct harness *harness, uint32_t segment, const uint32_t *peers,
			    uint32_t n);

uint64_t tables_learned_by_port(struct harness *harness, uint32_t port);
uint64_t tables_learned_by_segment(struct harness *harness, uint32_t segment);
void tables_set_learned_by_port(struct harness *harness, uint32_t port, uint64_t n);
void tables_set_learned_by_segment(struct harness *harness, uint32_t segment, uint64_t n);

/* Counters: sums over CPUs into *ret, and back to nothing. */
void tables_read_counters(struct harness *harness, struct outcome *ret);
void tables_clear_counters(struct harness *harness);
/* No room for another combination; one record per reason is there, as the daemon puts it. */
void tables_fill_drops(struct harness *harness);
/* A new window of ICMP answers for every port. */
void tables_clear_budgets(struct harness *harness);
/* Lets the port's window have begun that much earlier. */
void tables_age_budget(struct harness *harness, uint32_t port, uint64_t ns);

/* Deletes every record of a hash map. */
struct bpf_map;
void tables_clear_hash(struct bpf_map *map);

struct table_address tables_address(const char *text);

#endif
