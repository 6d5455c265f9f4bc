/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is a frame on the relay to become?  The relay is a pair of veth devices
 * in the daemon's own network namespace, settings.relay its near end.  Frames
 * that one run of a program cannot bring out start over there, plain as they
 * came from the VM, with one of two marks in skb->mark:
 *
 *   flood    to all peers of one shape (kind of envelope and family): the
 *            program `from_relay`, tc egress on the near end, sends the copies
 *   to peer  to one peer: a super-frame is cut on its way into the veth, whose
 *            offloads are off, checksums left to a device are finished, and the
 *            program `from_cutter`, tc ingress on the far end, sends each piece;
 *            also for a copy of a flood whose next hop the kernel must look for
 *
 *   31      30       29         27..24      23..12         11..0
 *   relay   to peer  fragments  shape       segment slot   port slot, or peer slot
 *
 * shape is the number of the bit TABLE_SHAPE(); fragments: the frame is too
 * big and the outer packet may be fragmented.
 */
#ifndef OVERLAID_ABI_RELAY_H
#define OVERLAID_ABI_RELAY_H

#include "abi/table.h"

#define RELAY_MARK	0x80000000u
#define RELAY_TO_PEER	0x40000000u
#define RELAY_FRAGMENTS 0x20000000u

#define RELAY_SHAPE_SHIFT   24
#define RELAY_SHAPE_MASK    0xfu
#define RELAY_SEGMENT_SHIFT 12
#define RELAY_SLOT_MASK	    0xfffu

#define RELAY_SHAPE(mark)   ((mark) >> RELAY_SHAPE_SHIFT & RELAY_SHAPE_MASK)
#define RELAY_SEGMENT(mark) ((mark) >> RELAY_SEGMENT_SHIFT & RELAY_SLOT_MASK)
#define RELAY_SLOT(mark)    ((mark)&RELAY_SLOT_MASK) /* port or peer */

_Static_assert(TABLE_MAX_SEGMENTS <= RELAY_SLOT_MASK + 1, "a slot fits into the mark");
_Static_assert(TABLE_MAX_PORTS <= RELAY_SLOT_MASK + 1, "a slot fits into the mark");
_Static_assert(TABLE_MAX_PEERS <= RELAY_SLOT_MASK + 1, "a slot fits into the mark");
_Static_assert(2 * N_ENCAP_KINDS <= RELAY_SHAPE_MASK + 1, "a shape fits into the mark");

#endif
