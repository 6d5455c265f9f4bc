/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What generate.c and frames.bpf.c share: the frame that they send, 64 bytes
 * on an Ethernet wire (the last four, the check sequence, are the NIC's), and
 * what the loader tells the programs.
 */
#ifndef OVERLAID_TESTS_BENCH_FRAMES_H
#define OVERLAID_TESTS_BENCH_FRAMES_H

#include <linux/types.h>

#define SMALL_FRAME_SOURCE_PORT	     20000 /* of the first flow */
#define SMALL_FRAME_DESTINATION_PORT 9	   /* discard */
#define SMALL_FRAME_PAYLOAD	     18

struct small_frame {
	__u8 destination_mac[6];
	__u8 source_mac[6];
	__u16 type_be;

	__u8 version_and_length;
	__u8 tos;
	__u16 total_length_be;
	__u16 id_be;
	__u16 fragment_be;
	__u8 ttl;
	__u8 protocol;
	__u16 ip_checksum;
	__u8 source_address[4];
	__u8 destination_address[4];

	__u16 source_port_be;
	__u16 destination_port_be;
	__u16 udp_length_be;
	__u16 udp_checksum; /* 0: none, RFC 768 */
	__u8 payload[SMALL_FRAME_PAYLOAD];
} __attribute__((packed, aligned(4)));

struct generator_settings {
	struct small_frame frame;
	__u32 flow_mask; /* number of flows, a power of two, less one */
	__u32 serial;
};

_Static_assert(sizeof(struct small_frame) == 60, "64 bytes with the check sequence");

#endif
