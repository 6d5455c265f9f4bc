/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every envelope that a peer can be sent, with and without what is each peer's
 * own choice, and the relay, which serves what one run of a program cannot.
 */
#ifndef OVERLAID_TESTS_KINDS_H
#define OVERLAID_TESTS_KINDS_H

#include "harness.h"

#include "envelope.h"

struct spoken {
	const char *name;
	struct envelope envelope; /* what its frames look like */
	bool needs_cutter;	  /* the kernel cannot cut its super-frames */
};

/* Geneve and GRE twice and more: with options, with checksum, with sequence number. */
#define N_SPOKEN 9
extern const struct spoken spoken[N_SPOKEN];
enum {
	SPOKEN_VXLAN,
	SPOKEN_GENEVE,
	SPOKEN_GENEVE_OPTIONS,
	SPOKEN_GENEVE_LONGEST,
	SPOKEN_NVGRE,
	SPOKEN_GRE,
	SPOKEN_GRE_CHECKSUM,
	SPOKEN_GRE_SEQUENCE,
	SPOKEN_GRE_BOTH,
};

/* The peer is sent this from now on; its record is outer_build()'s, its limit a path of 1500. */
void spoken_set(struct harness *harness, uint32_t peer, const struct spoken *to);
/* Bytes from the outer Ethernet header to the inner one. */
size_t spoken_outer_bytes(struct harness *harness, uint32_t peer);
/* The next sequence number that the peer is sent. */
void spoken_set_sequence(struct harness *harness, uint32_t peer, uint32_t next);

/* Makes the relay, once, and tells the datapath of it until the next test. */
void relay_open(struct harness *harness);
/* Runs the program of the relay's near or far end on a frame with this mark; returns TC_ACT_*. */
int relay_run(struct harness *harness, bool far_end, uint32_t mark, const struct frame *frame);

#endif
