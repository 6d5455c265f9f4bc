/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do peers look, and the way to them?
 */
#include "cli/printers.h"

static const struct column list[] = {
	{"ADDRESS", "address", PRINT_NAME},
	{"ENCAPSULATION", "encapsulation"},
	{"ROLE", "role"},
	{"REACHABLE", "state.reachable", PRINT_HEALTH},
	{"PATH MTU", "state.path-mtu", PRINT_RIGHT},
	{"LARGEST PACKET", "state.limit", PRINT_RIGHT},
	{"FDB ENTRIES", "state.fdb-entries", PRINT_RIGHT},
	{"SEGMENTS", "segments"},
	{},
};

static const struct column settings[] = {
	{"address", "address", PRINT_NAME},
	{"encapsulation", "encapsulation"},
	{"accept", "state.accepts"},
	{"other addresses", "other-addresses"},
	{"geneve options", "geneve-options"},
	{"gre checksum", "gre-checksum"},
	{"gre sequence", "gre-sequence"},
	{"role", "role"},
	{"zero-checksum6", "zero-checksum6"},
	{"segments", "segments"},
	{"reachable", "state.reachable", PRINT_HEALTH},
	{"our address", "state.local"},
	{"route mtu", "state.route-mtu"},
	{"path mtu", "state.path-mtu"},
	{"overhead", "state.overhead"},
	{"largest packet", "state.limit"},
	{"FDB entries", "state.fdb-entries"},
	PRINT_TRAFFIC_RECORD,
	{},
};

static const struct column nexthops[] = {
	{"DEVICE", "device", PRINT_NAME},
	{"GATEWAY", "gateway"},
	{"MAC", "mac"},
	{"RESOLVED", "resolved", PRINT_HEALTH},
	{},
};

void print_peer_list(const json_t *answer, const struct invocation *invocation)
{
	print_table(list, json_object_get(answer, "peers"));
}

void print_peer_show(const json_t *answer, const struct invocation *invocation)
{
	print_record(settings, answer);
	if (json_array_size(print_find(answer, "state.nexthops"))) {
		print_heading("Next hops");
		print_table(nexthops, print_find(answer, "state.nexthops"));
	}
}
