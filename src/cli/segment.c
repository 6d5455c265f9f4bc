/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do segments look, and whether their frames fit the underlay?
 */
#include "cli/printers.h"

#include <stdio.h>

static const struct column list[] = {
	{"NAME", "name", PRINT_NAME},	       {"VNI", "vni", PRINT_RIGHT},
	{"MTU", "mtu", PRINT_RIGHT},	       {"FLOOD", "flood"},
	{"UNKNOWN", "unknown-unicast"},	       {"PORTS", "state.ports", PRINT_RIGHT},
	{"PEERS", "state.peers", PRINT_RIGHT}, {"LEARNED", "state.learned", PRINT_RIGHT},
	{"FITS", "state.fits", PRINT_HEALTH},  {},
};

static const struct column settings[] = {
	{"name", "name", PRINT_NAME},
	{"vni", "vni"},
	{"mtu", "mtu"},
	{"flood", "flood"},
	{"group", "group"},
	{"unknown-unicast", "unknown-unicast"},
	{"suppress-neighbors", "suppress-neighbors"},
	{"learning", "learning"},
	{"aging", "aging"},
	{"max-learned", "max-learned"},
	{"vlan-tags", "vlan-tags"},
	{"too-big", "too-big"},
	{"dscp", "dscp"},
	{"ports", "state.ports"},
	{"peers", "state.peers"},
	{"learned", "state.learned"},
	{"underlay MTU wanted", "state.wanted-underlay-mtu"},
	{"fits", "state.fits", PRINT_HEALTH},
	PRINT_TRAFFIC_RECORD,
	{},
};

static const struct column devices[] = {
	{"DEVICE", "device", PRINT_NAME},
	{"PRESENT", "present", PRINT_HEALTH},
	{"MTU", "mtu", PRINT_RIGHT},
	{"FITS", "fits", PRINT_HEALTH},
	{},
};

static const struct column peers[] = {
	{"PEER", "address", PRINT_NAME},
	{"ENCAPSULATION", "encapsulation"},
	{"REACHABLE", "reachable", PRINT_HEALTH},
	{"OVERHEAD", "overhead", PRINT_RIGHT},
	{"WANTED MTU", "wanted-mtu", PRINT_RIGHT},
	{"ROUTE MTU", "route-mtu", PRINT_RIGHT},
	{"PATH MTU", "path-mtu", PRINT_RIGHT},
	{"LARGEST PACKET", "limit", PRINT_RIGHT},
	{"FITS", "fits", PRINT_HEALTH},
	{},
};

void print_segment_list(const json_t *answer, const struct invocation *invocation)
{
	print_table(list, json_object_get(answer, "segments"));
}

void print_segment_show(const json_t *answer, const struct invocation *invocation)
{
	print_record(settings, answer);
	print_heading("Underlay devices");
	print_table(devices, print_find(answer, "state.underlay.devices"));
	if (json_array_size(print_find(answer, "state.underlay.peers"))) {
		print_heading("Peers");
		print_table(peers, print_find(answer, "state.underlay.peers"));
	}
}
