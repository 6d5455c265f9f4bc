/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which small number stands for which segment, port or peer in the maps?  Kept
 * in the pinned map `slots` as well, because FDB entries outlive the daemon
 * and hold these numbers.  kernel/maps.h gives and frees slots; others only
 * look up.
 */
#ifndef OVERLAID_KERNEL_SLOTS_H
#define OVERLAID_KERNEL_SLOTS_H

#include "abi/table.h"

#include <stddef.h>
#include <stdint.h>

struct slots;

enum slot_kind { SLOT_SEGMENT, SLOT_PORT, SLOT_PEER, N_SLOT_KINDS };

#define SLOTS_PER_KIND 4096
_Static_assert(TABLE_MAX_SEGMENTS == SLOTS_PER_KIND, "one size for all kinds");
_Static_assert(TABLE_MAX_PORTS == SLOTS_PER_KIND, "one size for all kinds");
_Static_assert(TABLE_MAX_PEERS == SLOTS_PER_KIND, "one size for all kinds");

/* Unused bytes are zero. */
union slot_name {
	uint32_t vni;
	char device[16];
	struct table_address address;
	uint8_t bytes[16];
};

/* TABLE_NO_SLOT when there is none. */
uint32_t slots_find(const struct slots *slots, enum slot_kind kind, const union slot_name *name);
uint32_t slots_find_segment(const struct slots *slots, uint32_t vni);
uint32_t slots_find_port(const struct slots *slots, const char *device);
uint32_t slots_find_peer(const struct slots *slots, const void *address /* 16 bytes */);

/* NULL for a slot that is free or out of range; lives until the slot is freed. */
const union slot_name *slots_name(const struct slots *slots, enum slot_kind kind, uint32_t slot);

/* The first slot in use from `from` on, or TABLE_NO_SLOT: for (s = slots_next(x, k, 0); ...). */
uint32_t slots_next(const struct slots *slots, enum slot_kind kind, uint32_t from);
size_t slots_count(const struct slots *slots, enum slot_kind kind);

/*
 * For kernel/: reads the pinned map back; -ENOMEM or the kernel's error.  map
 * is borrowed and must outlive *ret.
 */
int slots_open(int map, struct slots **ret);
void slots_close(struct slots *slots);
/* A new map for slots_open; *ret is the caller's. */
int slots_create_map(int *ret);

/*
 * The slot of this name: the present one, the retired one brought back, or else
 * the one that has been free longest.  -ENOSPC: none is free.
 */
enum slots_assigned {
	SLOTS_PRESENT, /* it had one, or was retired and not yet released */
	SLOTS_UNTOUCHED,
	SLOTS_REUSED, /* counters of its former owner may be left */
};
int slots_assign(struct slots *slots, enum slot_kind kind, const union slot_name *name,
		 uint32_t *ret_slot);
/* The name is gone; the slot is not given away while FDB entries may hold it. */
int slots_retire(struct slots *slots, enum slot_kind kind, uint32_t slot);
/* No FDB entry holds a retired slot any more: all of them are free. */
int slots_release(struct slots *slots);
size_t slots_count_retired(const struct slots *slots);

#endif
