/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation on a segment do?  Its record; the rest follows from
 * the whole model in apply_settle.c.
 */
#include "base/problem.h"
#include "kernel/apply_object.h"
#include "kernel/maps.h"
#include "kernel/slots.h"

#include <errno.h>
#include <string.h>

static struct table_segment make_record(const struct segment *segment)
{
	struct table_segment record = {
		.vni = segment->vni,
		.max_learned = segment->max_learned,
		.flood_limit = UINT16_MAX,
	};

	if (segment->learning)
		record.flags |= SEGMENT_LEARN;
	if (segment->flood == FLOOD_HEAD_END)
		record.flags |= SEGMENT_FLOOD_PEERS;
	if (segment->unknown_unicast == UNKNOWN_FLOOD)
		record.flags |= SEGMENT_FLOOD_UNKNOWN;
	if (segment->vlan_tags == VLAN_CARRY)
		record.flags |= SEGMENT_CARRY_VLAN;
	if (segment->too_big == TOO_BIG_FRAGMENT)
		record.flags |= SEGMENT_FRAGMENT;
	if (segment->dscp == MODEL_DSCP_COPY)
		record.flags |= SEGMENT_COPY_DSCP;
	else
		record.dscp = segment->dscp;
	return record;
}

/* What an earlier daemon or an earlier change has derived goes on until it is derived again. */
static void keep_derived(struct host *host, const struct host_segment *segment,
			 struct table_segment *record)
{
	struct table_segment present;
	uint32_t slot = slots_find_segment(datapath_slots(host->datapath), record->vni);

	if (segment)
		present = segment->record;
	else if (slot == TABLE_NO_SLOT || maps_get_segment(host->datapath, slot, &present) < 0)
		return;
	record->flood_limit = present.flood_limit;
	record->flood_shapes = present.flood_shapes;
}

static struct host_segment *make(struct host *host, const struct segment *wanted)
{
	struct host_segment *segment = calloc(1, sizeof(*segment));

	if (!segment)
		return NULL;
	segment->vni = wanted->vni;
	snprintf(segment->name, sizeof(segment->name), "%s", wanted->name);
	HASH_ADD(hh, host->segments, vni, sizeof(segment->vni), segment);
	HASH_ADD(hh_name, host->segments_by_name, name, strlen(segment->name), segment);
	return segment;
}

static bool is_another(const struct segment *before, const struct segment *after)
{
	return !after || before->vni != after->vni || strcmp(before->name, after->name) != 0;
}

int apply_segment(struct host *host, const struct segment *before, const struct segment *after,
		  struct problem *problem)
{
	struct host_segment *segment = before ? host_segment(host, before->vni) : NULL;
	struct table_segment record;
	uint32_t slot;
	int error;

	if (segment && is_another(before, after))
		host_forget_segment(host, segment);
	if (!after)
		return 0;
	segment = host_segment(host, after->vni);
	record = make_record(after);
	keep_derived(host, segment, &record);
	error = maps_put_segment(host->datapath, &record, &slot, problem);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "segment %s cannot be written to the datapath: %s", after->name,
				   strerror(-error));
	if (!segment)
		segment = make(host, after);
	if (!segment)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, NULL, "no memory");
	segment->slot = slot;
	segment->record = record;
	segment->touched = true;
	return 0;
}
