/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots by name and names by slot, in memory as the pinned map `slots` has
 * them.  Who gets and gives back slots is slots_assign.c.
 */
#include "kernel/slots_state.h"

#include "base/cleanup.h"
#include "kernel/batch.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int slots_create_map(int *ret)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "slots", sizeof(uint32_t),
				sizeof(struct slot_record), N_SLOT_KINDS * SLOTS_PER_KIND, NULL);

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

void slots_add_name(struct slot_kind_table *table, struct slot *slot)
{
	HASH_ADD(hh, table->by_name, record.name, sizeof(union slot_name), slot);
}

void slots_enqueue(struct slot_kind_table *table, uint32_t slot)
{
	table->queue[(table->head + table->n_free++) % SLOTS_PER_KIND] = (uint16_t)slot;
}

static void load(struct slots *slots, uint32_t index, const struct slot_record *record)
{
	struct slot_kind_table *table = &slots->kinds[index / SLOTS_PER_KIND];
	struct slot *slot = &table->slots[index % SLOTS_PER_KIND];

	slot->record = *record;
	if (record->state == SLOT_USED || record->state == SLOT_RETIRED)
		slots_add_name(table, slot);
	table->n_used += record->state == SLOT_USED;
	table->n_retired += record->state == SLOT_RETIRED;
}

/* Slots that nobody ever had come before those that were freed. */
static void fill_queues(struct slots *slots)
{
	for (int kind = 0; kind < N_SLOT_KINDS; kind++) {
		struct slot_kind_table *table = &slots->kinds[kind];

		for (uint32_t i = 0; i < SLOTS_PER_KIND; i++)
			if (table->slots[i].record.state == SLOT_UNTOUCHED)
				slots_enqueue(table, i);
		for (uint32_t i = 0; i < SLOTS_PER_KIND; i++)
			if (table->slots[i].record.state == SLOT_FREED)
				slots_enqueue(table, i);
	}
}

static void slots_closep(struct slots **slots)
{
	slots_close(*slots);
}

int slots_open(int map, struct slots **ret)
{
	_cleanup_(slots_closep) struct slots *slots = calloc(1, sizeof(*slots));
	_cleanup_batch_ struct batch batch = {};
	int r;

	if (!slots)
		return -ENOMEM;
	slots->map = map;
	r = batch_open(&batch, map);
	if (r < 0)
		return r;
	if (batch.key_size != sizeof(uint32_t) || batch.value_size != sizeof(struct slot_record))
		return -EPROTO;
	while ((r = batch_next(&batch)) > 0)
		for (uint32_t i = 0; i < batch.n; i++)
			load(slots, *(const uint32_t *)batch_key(&batch, i),
			     batch_value(&batch, i));
	if (r < 0)
		return r;
	fill_queues(slots);
	*ret = TAKE_PTR(slots);
	return 0;
}

void slots_close(struct slots *slots)
{
	if (!slots)
		return;
	for (int kind = 0; kind < N_SLOT_KINDS; kind++)
		HASH_CLEAR(hh, slots->kinds[kind].by_name);
	free(slots);
}

uint32_t slots_find_any(const struct slots *slots, enum slot_kind kind, const union slot_name *name)
{
	const struct slot_kind_table *table = &slots->kinds[kind];
	struct slot *slot;

	HASH_FIND(hh, table->by_name, name, sizeof(*name), slot);
	return slot ? (uint32_t)(slot - table->slots) : TABLE_NO_SLOT;
}

uint32_t slots_find(const struct slots *slots, enum slot_kind kind, const union slot_name *name)
{
	uint32_t slot = slots_find_any(slots, kind, name);

	return slots_name(slots, kind, slot) ? slot : TABLE_NO_SLOT;
}

uint32_t slots_find_segment(const struct slots *slots, uint32_t vni)
{
	union slot_name name = {};

	name.vni = vni;
	return slots_find(slots, SLOT_SEGMENT, &name);
}

uint32_t slots_find_port(const struct slots *slots, const char *device)
{
	union slot_name name = {};

	memcpy(name.device, device, strnlen(device, sizeof(name.device) - 1));
	return slots_find(slots, SLOT_PORT, &name);
}

uint32_t slots_find_peer(const struct slots *slots, const void *address)
{
	union slot_name name;

	memcpy(&name, address, sizeof(name));
	return slots_find(slots, SLOT_PEER, &name);
}

const union slot_name *slots_name(const struct slots *slots, enum slot_kind kind, uint32_t slot)
{
	const struct slot_record *record;

	if (slot >= SLOTS_PER_KIND)
		return NULL;
	record = &slots->kinds[kind].slots[slot].record;
	return record->state == SLOT_USED ? &record->name : NULL;
}

uint32_t slots_next(const struct slots *slots, enum slot_kind kind, uint32_t from)
{
	for (; from < SLOTS_PER_KIND; from++)
		if (slots_name(slots, kind, from))
			return from;
	return TABLE_NO_SLOT;
}

size_t slots_count(const struct slots *slots, enum slot_kind kind)
{
	return slots->kinds[kind].n_used;
}

size_t slots_count_retired(const struct slots *slots)
{
	size_t n = 0;

	for (int kind = 0; kind < N_SLOT_KINDS; kind++)
		n += slots->kinds[kind].n_retired;
	return n;
}
