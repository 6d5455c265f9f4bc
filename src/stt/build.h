/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a VM's frame become an STT packet?  In the room before it, without
 * a copy; the kernel's or the card's TCP segmentation cuts the result to the
 * path's MTU and finishes the checksums.
 */
#ifndef OVERLAID_STT_BUILD_H
#define OVERLAID_STT_BUILD_H

#include "abi/drop.h"
#include "abi/table.h"
#include "stt/span.h"

#include <linux/virtio_net.h>
#include <stdbool.h>

/* The way to one peer in one segment. */
struct stt_target {
	struct table_address local, remote; /* of one family */
	uint16_t path_mtu;		    /* of the outer IP packet */
	uint16_t port;
	uint32_t vni;
	uint8_t family; /* 4 or 6 */
	uint8_t ttl;
	uint8_t dscp;
	bool copy_dscp; /* the inner packet's instead */
};

/* What goes on from packet to packet; one per thread. */
struct stt_sender {
	uint32_t frame_id;
	uint32_t frame_id_step; /* so that no two threads use the same at a time */
	uint16_t ip_id;
};

/* Outer IP, segment header: what each segment has before its payload. */
static inline unsigned int stt_cost_of_segment(int family)
{
	return (family == 4 ? 20 : 40) + 20;
}

/*
 * frame: with STT_HEADROOM before it; becomes the packet, from the Ethernet
 * header on, whose addresses are zero.  vnet: the frame's, becomes the
 * packet's.  DROP_NONE, or why it cannot be sent; *frame is undefined then.
 */
enum drop_reason stt_build(const struct stt_target *to, struct stt_sender *sender,
			   struct stt_span *frame, struct virtio_net_hdr *vnet);

#endif
