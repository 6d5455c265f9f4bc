/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the packet a segment of STT, and which?  Everything that is checked
 * before reassembly.  Segments that the kernel or a card has merged come as
 * one, larger than any MTU.
 */
#ifndef OVERLAID_STT_PARSE_H
#define OVERLAID_STT_PARSE_H

#include "abi/drop.h"
#include "abi/table.h"
#include "stt/span.h"

#include <linux/virtio_net.h>

struct stt_segment {
	struct table_address source, destination; /* one form for both families */
	uint32_t frame_id;
	uint16_t length; /* of the STT frame */
	uint16_t offset; /* of payload in it */
	uint8_t ecn;	 /* of the outer packet */
	struct stt_span payload;
};

/*
 * packet: from the outer Ethernet header on, with STT's destination port.  The
 * TCP checksum is verified unless vnet says that it has been or that it is
 * still to be filled in.  DROP_NONE, or what is wrong; on error source is the
 * sender's when it could be read, zero otherwise.
 */
enum drop_reason stt_parse(const struct stt_span *packet, const struct virtio_net_hdr *vnet,
			   uint16_t port, struct stt_segment *ret);

#endif
