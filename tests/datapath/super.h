/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a VM with offloads hand to its NIC?  Super-frames, and frames
 * whose checksum is left to the device.  For ports that speak vnet_hdr.
 */
#ifndef OVERLAID_TESTS_SUPER_H
#define OVERLAID_TESTS_SUPER_H

#include "harness.h"

/* A stream's piece in one frame. */
struct super {
	bool ipv4, tcp, tagged;
	uint16_t gso_size; /* 0: one segment, only the checksum is left to the device */
	size_t n;	   /* bytes of payload */
	const char *dst;   /* MAC; NULL: VM B */
	uint16_t fragment; /* IPv4 */
	uint8_t tcp_options;
	uint8_t tos;
};

/* TCP and UDP over both IP versions; their segments fit every peer. */
#define N_SUPER_KINDS 4
extern const struct super super_kinds[N_SUPER_KINDS];
/* How many of them, from the first on, this kernel's taps can make into super-frames. */
size_t super_n_kinds(const struct harness *harness);

size_t super_l4_offset(const struct super *super);
size_t super_header_bytes(const struct super *super);
const struct frame *super_frame(const struct super *super);
struct offload super_offload(const struct super *super);

/*
 * The whole super-frame is on the underlay in segments of at most `most` bytes
 * of payload, each in its envelope for the peer, with every length, checksum
 * and byte right and in order; GRE's sequence numbers count on from the
 * envelope's.  Returns how many there are.
 */
struct envelope;
size_t super_check_wire(struct harness *harness, uint32_t peer, const struct super *super,
			size_t most, const struct envelope *envelope);

/* From port A. */
const struct outcome *super_send(struct harness *harness, const struct super *super);
/* The device transmitted it as one, for its reader to cut and sum as the sender asked. */
void super_assert_received(const struct device *device, const struct super *super);
/* The same, or, for a frame of one segment, with its checksum finished on the way. */
void super_assert_received_right(const struct device *device, const struct super *super);

#endif
