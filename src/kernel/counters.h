/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much passed, and how much was dropped and why?  Adds up what the
 * processors count apart.
 */
#ifndef OVERLAID_KERNEL_COUNTERS_H
#define OVERLAID_KERNEL_COUNTERS_H

#include "abi/table.h"
#include "kernel/slots.h"

struct datapath;

/* Of a segment, port or peer slot.  0, -ERANGE, or the kernel's error. */
int counters_traffic(const struct datapath *dp, enum slot_kind kind, uint32_t slot,
		     struct table_traffic *ret);

/* Returns 0 to go on; anything else ends the walk and is returned by it. */
typedef int (*counters_drop_visit)(void *arg, const struct table_drop_key *key,
				   const struct table_drop *sum);
/* In no order.  Slots in the key may have been freed since. */
int counters_drops(const struct datapath *dp, counters_drop_visit visit, void *arg);
/* Frames of all reasons together. */
int counters_drops_total(const struct datapath *dp, uint64_t *ret);

/* All traffic and drops to zero.  A frame in flight may keep its processor's old value. */
int counters_reset(struct datapath *dp);
/* For kernel/maps_*.c: those of one slot, before it is given to another object. */
int counters_reset_slot(struct datapath *dp, enum slot_kind kind, uint32_t slot);

#endif
