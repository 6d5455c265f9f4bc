/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does the daemon write what the datapath reads?  One function per change,
 * in the order of writes that a concurrent reader survives: the record before
 * the index that leads to it, the index away before the record.  Puts are
 * idempotent: the same object again keeps its slot and its counters.
 *
 * Deletes take the object out of every frame's way at once.  What FDB entries
 * and members of it are left, and its slot, go in maps_sweep, once for all
 * deletions of a change; the same object put again before that finds its slot
 * and its FDB entries as they were.
 *
 * All return 0 or -errno.  Functions with a problem fill it where a limit
 * refuses what the user asked for, and on errors of the kernel.
 */
#ifndef OVERLAID_KERNEL_MAPS_H
#define OVERLAID_KERNEL_MAPS_H

#include "abi/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datapath;
struct problem;

/* Adds the kernel's features to flags. */
int maps_put_settings(struct datapath *dp, const struct table_settings *settings);
int maps_get_settings(const struct datapath *dp, struct table_settings *ret);

/*
 * Says until when (CLOCK_MONOTONIC, ns) next hops are kept up to date; 0: no
 * longer.  See abi/table.h.
 */
int maps_put_heartbeat(struct datapath *dp, uint64_t until_ns);

/* record->vni names it; SEGMENT_IN_USE is added. */
int maps_put_segment(struct datapath *dp, const struct table_segment *record, uint32_t *ret_slot,
		     struct problem *problem);
/* Also its flood lists.  Its ports must be gone or moved before.  -ENOENT: there is none. */
int maps_delete_segment(struct datapath *dp, uint32_t vni);
int maps_get_segment(const struct datapath *dp, uint32_t slot, struct table_segment *ret);

/*
 * record->name names it; PORT_IN_USE is added.  A changed ifindex moves the
 * index; ifindex 0 takes it away.  After a changed segment maps_sweep takes
 * what the port taught the former one.
 */
int maps_put_port(struct datapath *dp, const struct table_port *record, uint32_t *ret_slot,
		  struct problem *problem);
/* Flood lists that hold the slot must be set before.  -ENOENT: there is none. */
int maps_delete_port(struct datapath *dp, const char *device);
int maps_get_port(const struct datapath *dp, uint32_t slot, struct table_port *ret);

/*
 * record->remote names it; PEER_IN_USE is added.  nexthop_first and n_nexthops
 * are ignored: a new peer is unreachable, a present one keeps its next hops.
 */
int maps_put_peer(struct datapath *dp, const struct table_peer *record, uint32_t *ret_slot,
		  struct problem *problem);
/*
 * Another address of the peer in this slot: what comes from there is its.  The
 * address may have been another peer's.
 */
int maps_put_peer_address(struct datapath *dp, uint32_t peer, const struct table_address *address,
			  struct problem *problem);
/*
 * Takes away the addresses that the test does not want; what the peers sent
 * from there goes in maps_sweep.  0 or -errno.
 */
typedef bool (*maps_address_test)(const void *arg, const struct table_address *address,
				  uint32_t peer);
int maps_keep_peer_addresses(struct datapath *dp, maps_address_test is_wanted, const void *arg);
/* Flood lists that hold the slot must be set before.  -ENOENT: there is none. */
int maps_delete_peer(struct datapath *dp, const struct table_address *address);
int maps_get_peer(const struct datapath *dp, uint32_t slot, struct table_peer *ret);

/*
 * All next hops of a peer at once; n = 0: unreachable; beyond TABLE_NEXTHOPS
 * the rest is cut.  A frame sees the old set or the new one.  Does nothing
 * when the set is what it was.
 */
int maps_set_nexthops(struct datapath *dp, uint32_t peer, const struct table_nexthop *nexthops,
		      size_t n);
/* Returns how many of TABLE_NEXTHOPS were filled, or -errno. */
int maps_get_nexthops(const struct datapath *dp, uint32_t peer, struct table_nexthop *ret);

/* Who may send into which segment: put after segment and peer. */
int maps_put_member(struct datapath *dp, uint32_t vni, const struct table_address *address,
		    uint32_t peer, struct problem *problem);
/*
 * 0 also when there was none, or when the address is another peer's by now.
 * What was learned from it goes in maps_sweep.
 */
int maps_delete_member(struct datapath *dp, uint32_t vni, const struct table_address *address,
		       uint32_t peer);

/*
 * Every member, also those of an earlier daemon.  The visitor may not change
 * members.  Returns what it did when that is not 0.
 */
typedef int (*maps_member_visit)(void *arg, const struct table_member *member,
				 const struct table_membership *membership);
int maps_each_member(const struct datapath *dp, maps_member_visit visit, void *arg);

/*
 * Whole flood lists of segments; n = 0: nobody.  Lists that are what the
 * datapath has already cost nothing.  For the others the kernel waits for an
 * RCU grace period in here (many milliseconds), since 6.8 once for a few
 * hundred lists: after a change of many objects set all lists together, at the
 * end.  On error some lists may be set.
 */
enum maps_flood { FLOOD_TO_PORTS, FLOOD_TO_PEERS };
struct maps_flood_list {
	enum maps_flood which;
	uint32_t segment;
	const uint32_t *slots;
	size_t n;
};
int maps_set_floods(struct datapath *dp, const struct maps_flood_list *lists, size_t n_lists);
/* One of them. */
int maps_set_flood(struct datapath *dp, enum maps_flood which, uint32_t segment,
		   const uint32_t *slots, size_t n);

/* Makes the set of our VTEP addresses equal to this one. */
int maps_set_local_addresses(struct datapath *dp, const struct table_address *addresses, size_t n);

/*
 * After the deletions of a change: deletes every FDB entry whose segment, port
 * or peer is gone, learned ones also where the port moved to another segment or
 * the peer is no member any more, members that lead nowhere, and frees the
 * slots.  One walk through the FDB, none when nothing was deleted.  Returns how
 * many FDB entries went, or -errno.  A complete pass of fdb_age does it too.
 */
int maps_sweep(struct datapath *dp);

#endif
