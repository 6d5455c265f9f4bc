/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a frame come in again that this machine enveloped?  Two hypervisors
 * on one machine, joined by a veth: super-frames arrive uncut, checksums
 * unfinished, and the kernel remembers that a tunnel made them.  Port A's
 * broadcast goes out over the veth and comes back as the peer's: port C hears
 * it twice.  For harnesses with offloads.
 */
#ifndef OVERLAID_TESTS_LOOP_H
#define OVERLAID_TESTS_LOOP_H

#include "super.h"

enum { LOOP_4 = N_PEERS, LOOP_6 }; /* peer slots of our own, outward and inward at once */

/* Makes the veth and attaches from_underlay to its far end. */
void loop_open(struct harness *harness);
/* The same with another program in front; false where the kernel has no place for two. */
bool loop_open_tampered(struct harness *harness, int tamper);
void loop_remove(void);
/* From now on BLUE floods to this peer alone, carries tags and learns nothing. */
void loop_use(struct harness *harness, uint32_t slot);
const char *loop_remote(uint32_t slot);

/*
 * A program that overwrites one byte of each frame.  before, after: the word of
 * the IPv4 header that it is in, as on the wire, for the checksum; equal: none.
 */
int loop_tamper_fd(int offset, uint8_t value, uint16_t before, uint16_t after);

/* Sends it as a broadcast from port A: port C must hear it twice, right both times. */
void loop_check_super(struct harness *harness, struct super super);
/* Segments of a super-frame that were dropped for the reason, whenever the softirq ran. */
uint64_t loop_dropped(struct harness *harness, const struct super *super, enum drop_reason reason);
void loop_drain(struct harness *harness);

#endif
