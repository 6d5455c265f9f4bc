/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the maps_*.c files share; nobody else includes it.
 */
#ifndef OVERLAID_KERNEL_MAPS_STATE_H
#define OVERLAID_KERNEL_MAPS_STATE_H

#include "kernel/datapath_state.h"

/* 0 or -errno; a delete of nothing is 0. */
int map_write(const struct datapath *dp, enum datapath_map map, const void *key, const void *value);
int map_read(const struct datapath *dp, enum datapath_map map, const void *key, void *ret);
int map_delete(const struct datapath *dp, enum datapath_map map, const void *key);

/* slots_assign with the limit as a problem and clean counters. */
int maps_assign(struct datapath *dp, enum slot_kind kind, const union slot_name *name,
		uint32_t *ret_slot, struct problem *problem);
/* Whose address it is, one of several or the only one; TABLE_NO_SLOT: nobody's. */
uint32_t maps_peer_at(const struct datapath *dp, const struct table_address *address);
/* Fills the problem for an error of the kernel; returns r. */
int maps_refused(int r, const char *what, struct problem *problem);

#endif
