/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do `status` and `check` look?
 */
#include "cli/printers.h"

#include <stdio.h>

static const struct column summary[] = {
	{"version", "version"},
	{"process", "pid"},
	{"up for", "uptime", .format = print_duration},
	{"configuration", "config-file"},
	{"unsaved changes", "unsaved"},
	{"underlay addresses", "addresses"},
	{"segments", "counts.segments"},
	{"peers", "counts.peers"},
	{"ports", "counts.ports"},
	{"ports attached", "counts.ports-attached"},
	{"FDB entries", "counts.fdb-entries"},
	{"FDB capacity", "counts.fdb-capacity"},
	{"frames dropped", "counts.drops"},
	{},
};

static const struct column devices[] = {
	{"DEVICE", "device", PRINT_NAME},
	{"PRESENT", "present", PRINT_HEALTH},
	{"UP", "up", PRINT_HEALTH},
	{"ATTACHED", "attached", PRINT_HEALTH},
	{"MTU", "mtu", PRINT_RIGHT},
	{"HOOK", "hook"},
	{},
};

static const struct column anchors[] = {
	{"DEVICE", "device", PRINT_NAME},
	{"ENCAPSULATIONS", "encapsulations"},
	{"PRESENT", "present", PRINT_HEALTH},
	{"CARRIES", "carries"},
	{},
};

static void print_findings(const json_t *answer)
{
	json_t *finding;
	size_t i;

	json_array_foreach(json_object_get(answer, "findings"), i, finding)
		printf("%s: %s: %s\n", json_string_value(json_object_get(finding, "level")),
		       json_string_value(json_object_get(finding, "field")),
		       json_string_value(json_object_get(finding, "message")));
}

void print_status(const json_t *answer, const struct invocation *invocation)
{
	print_record(summary, answer);
	print_heading("Underlay devices");
	print_table(devices, json_object_get(answer, "devices"));
	if (json_array_size(json_object_get(answer, "anchors"))) {
		print_heading("Anchors");
		print_table(anchors, json_object_get(answer, "anchors"));
	}
	if (json_array_size(json_object_get(answer, "findings"))) {
		print_heading("Findings");
		print_findings(answer);
	}
}

void print_check(const json_t *answer, const struct invocation *invocation)
{
	print_findings(answer);
	if (!json_array_size(json_object_get(answer, "findings")))
		printf("nothing to complain about\n");
}
