/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must an encapsulated frame look like on the wire, and how does a test
 * make one that a peer sent?  Every kind over both families, whole frames.
 */
#ifndef OVERLAID_TESTS_ENVELOPE_H
#define OVERLAID_TESTS_ENVELOPE_H

#include "abi/encap_kind.h"

#include "frame.h"

#define OUTER4_BYTES 50 /* Ethernet, IPv4, UDP, VXLAN */
#define OUTER6_BYTES 70

#define ENVELOPE_FLOW_ID 0x5a /* NVGRE's, of frames that a peer sent */

/* What of an outer header is not given by the peer and the segment. */
struct envelope {
	uint32_t vni;		/* 0: BLUE's */
	uint8_t tos;		/* DSCP and ECN */
	bool fragments;		/* DF is clear */
	bool anchor;		/* encapsulated by the kernel: the flow label is its own */
	enum encap_kind kind;	/* ENCAP_NONE: VXLAN */
	const uint8_t *options; /* Geneve's, as on the wire */
	size_t n_options;
	uint16_t gre_flags; /* GRE's; 0: a key alone */
	uint32_t sequence;
	enum checksum checksum; /* GRE's, where it has one; UDP's of what a peer sent is zero */
};

/*
 * The frame is `inner` in the envelope for the peer of harness.h, byte for
 * byte.  Only IP ID, source port and flow label are the datapath's to choose;
 * the last two must be of one hash and the port in 49152..65535.
 */
#define assert_enveloped(actual, peer, inner, ...)                                                 \
	envelope_assert(actual, peer, inner, (struct envelope){__VA_ARGS__}, __FILE__, __LINE__)
void envelope_assert(const struct frame *actual, uint32_t peer, const struct frame *inner,
		     struct envelope envelope, const char *file, int line);

/* The frame as it comes in from the peer: to our address, UDP checksum zero. */
const struct frame *envelope_from(uint32_t peer, const struct frame *inner,
				  struct envelope envelope);
/* The same with a UDP checksum. */
const struct frame *envelope_from_summed(uint32_t peer, const struct frame *inner,
					 struct envelope envelope);

uint16_t envelope_source_port(const struct frame *frame);

#endif
