/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a peer reached right now?  From the kernel's routes, devices and
 * neighbours to the peer's record, limit and next hops in the datapath.
 */
#ifndef OVERLAID_KERNEL_RESOLVE_H
#define OVERLAID_KERNEL_RESOLVE_H

#include "kernel/host.h"

struct problem;

/*
 * Asks the kernel and fills route, MTUs, next hops and record of *peer from
 * peer->wanted; writes nothing.  0 (also for an unreachable peer), or -errno
 * when the kernel could not be asked or the outer header cannot be built.
 */
int resolve_peer(struct host *host, struct host_peer *peer);
/* The same with the route as it is known: only MAC addresses are looked up again. */
void resolve_nexthops(const struct host *host, struct host_peer *peer);

/*
 * Has the kernel resolve the next hops that it does not know.  Unicast frames
 * do that by themselves; copies of a flooded frame only where there is an
 * anchor to carry them.
 */
void resolve_probe(struct host *host, struct host_peer *peer);

/* Writes what differs from what the datapath has; ret_slot is peer->slot. */
int resolve_publish(struct host *host, struct host_peer *peer, struct problem *problem);

/*
 * Spreads next hops by weight over at most `room` places: at least one each,
 * as the hash over the flow then picks among equals.  Returns how many.
 */
size_t resolve_spread(const uint32_t *weights, size_t n, size_t room, size_t *ret_index);

#endif
