/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do ports look?
 */
#include "cli/printers.h"

static const struct column list[] = {
	{"DEVICE", "device", PRINT_NAME},
	{"SEGMENT", "segment"},
	{"PRESENT", "state.present", PRINT_HEALTH},
	{"UP", "state.up", PRINT_HEALTH},
	{"ATTACHED", "state.attached", PRINT_HEALTH},
	{"MTU", "state.device-mtu", PRINT_RIGHT},
	{"LEARNED", "state.learned", PRINT_RIGHT},
	{"MACS", "macs"},
	{},
};

static const struct column settings[] = {
	{"device", "device", PRINT_NAME},
	{"segment", "segment"},
	{"macs", "macs"},
	{"max-learned", "max-learned"},
	{"present", "state.present", PRINT_HEALTH},
	{"up", "state.up", PRINT_HEALTH},
	{"attached", "state.attached", PRINT_HEALTH},
	{"ifindex", "state.ifindex"},
	{"device mtu", "state.device-mtu"},
	{"learned", "state.learned"},
	PRINT_TRAFFIC_RECORD,
	{},
};

void print_port_list(const json_t *answer, const struct invocation *invocation)
{
	print_table(list, json_object_get(answer, "ports"));
}

void print_port_show(const json_t *answer, const struct invocation *invocation)
{
	print_record(settings, answer);
}
