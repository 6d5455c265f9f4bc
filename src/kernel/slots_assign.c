/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a slot: untouched or freed, used, retired, freed.  The map is
 * written before memory, so that a refusal changes nothing.  Called by
 * maps*.c.
 */
#include "kernel/slots_state.h"

#include <bpf/bpf.h>

#include <errno.h>

static int store(const struct slots *slots, enum slot_kind kind, uint32_t slot,
		 const struct slot_record *record)
{
	uint32_t index = kind * SLOTS_PER_KIND + slot;

	return bpf_map_update_elem(slots->map, &index, record, BPF_ANY) ? -errno : 0;
}

static int change_state(struct slots *slots, enum slot_kind kind, uint32_t slot,
			enum slot_state state)
{
	struct slot *it = &slots->kinds[kind].slots[slot];
	struct slot_record record = it->record;
	int r;

	record.state = state;
	r = store(slots, kind, slot, &record);
	if (r < 0)
		return r;
	it->record.state = state;
	return 0;
}

static int revive(struct slots *slots, enum slot_kind kind, uint32_t slot)
{
	struct slot_kind_table *table = &slots->kinds[kind];
	int r;

	if (table->slots[slot].record.state == SLOT_USED)
		return SLOTS_PRESENT;
	r = change_state(slots, kind, slot, SLOT_USED);
	if (r < 0)
		return r;
	table->n_retired--;
	table->n_used++;
	return SLOTS_PRESENT;
}

int slots_assign(struct slots *slots, enum slot_kind kind, const union slot_name *name,
		 uint32_t *ret_slot)
{
	struct slot_kind_table *table = &slots->kinds[kind];
	struct slot_record record = {.name = *name, .state = SLOT_USED};
	uint32_t slot = slots_find_any(slots, kind, name);
	enum slot_state before;
	int r;

	if (slot != TABLE_NO_SLOT) {
		*ret_slot = slot;
		return revive(slots, kind, slot);
	}
	if (!table->n_free)
		return -ENOSPC;
	slot = table->queue[table->head];
	r = store(slots, kind, slot, &record);
	if (r < 0)
		return r;
	table->head = (table->head + 1) % SLOTS_PER_KIND;
	table->n_free--;
	table->n_used++;
	before = table->slots[slot].record.state;
	table->slots[slot].record = record;
	slots_add_name(table, &table->slots[slot]);
	*ret_slot = slot;
	return before == SLOT_UNTOUCHED ? SLOTS_UNTOUCHED : SLOTS_REUSED;
}

int slots_retire(struct slots *slots, enum slot_kind kind, uint32_t slot)
{
	int r;

	if (!slots_name(slots, kind, slot))
		return -ENOENT;
	r = change_state(slots, kind, slot, SLOT_RETIRED);
	if (r < 0)
		return r;
	slots->kinds[kind].n_used--;
	slots->kinds[kind].n_retired++;
	return 0;
}

static int release_one(struct slots *slots, enum slot_kind kind, uint32_t slot)
{
	struct slot_kind_table *table = &slots->kinds[kind];
	int r = change_state(slots, kind, slot, SLOT_FREED);

	if (r < 0)
		return r;
	HASH_DELETE(hh, table->by_name, &table->slots[slot]);
	table->n_retired--;
	slots_enqueue(table, slot);
	return 0;
}

int slots_release(struct slots *slots)
{
	int r;

	for (enum slot_kind kind = 0; kind < N_SLOT_KINDS; kind++)
		for (uint32_t i = 0; slots->kinds[kind].n_retired && i < SLOTS_PER_KIND; i++) {
			if (slots->kinds[kind].slots[i].record.state != SLOT_RETIRED)
				continue;
			r = release_one(slots, kind, i);
			if (r < 0)
				return r;
		}
	return 0;
}
