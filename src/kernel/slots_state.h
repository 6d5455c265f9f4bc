/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What slots.c and slots_assign.c share; nobody else includes it.  The map's
 * records are theirs alone and never change their layout: FDB entries of any
 * earlier build hold the numbers.
 */
#ifndef OVERLAID_KERNEL_SLOTS_STATE_H
#define OVERLAID_KERNEL_SLOTS_STATE_H

#include "kernel/slots.h"

#include <uthash.h>

enum slot_state { SLOT_UNTOUCHED = 0, SLOT_USED = 1, SLOT_RETIRED = 2, SLOT_FREED = 3 };

/* Value of the map `slots`, ARRAY by kind * SLOTS_PER_KIND + slot. */
struct slot_record {
	union slot_name name;
	uint32_t state; /* enum slot_state */
	uint32_t zero;
};
_Static_assert(sizeof(struct slot_record) == 24, "outlives every build");

struct slot {
	struct slot_record record;
	UT_hash_handle hh; /* while used or retired */
};

/* Free slots as a queue: taken at the head, returned at the tail. */
struct slot_kind_table {
	struct slot *by_name;
	struct slot slots[SLOTS_PER_KIND];
	uint16_t queue[SLOTS_PER_KIND];
	size_t head, n_free, n_used, n_retired;
};

struct slots {
	int map;
	struct slot_kind_table kinds[N_SLOT_KINDS];
};

/* Also a retired one. */
uint32_t slots_find_any(const struct slots *slots, enum slot_kind kind,
			const union slot_name *name);
void slots_add_name(struct slot_kind_table *table, struct slot *slot);
void slots_enqueue(struct slot_kind_table *table, uint32_t slot);

#endif
