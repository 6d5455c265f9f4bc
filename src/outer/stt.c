/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STT's part of an outer header, draft-davie-stt-08 section 3: a header that
 * looks like TCP's, and the STT frame header.  Source port, sequence number,
 * acknowledgement and checksum, and the whole STT frame header, are written by
 * who cuts the frame.
 */
#include "outer/kind.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#define STT_FRAME_HEADER_BYTES 18
/* Section 3: the length field counts the frame header; one IPv4 datagram before it is cut. */
#define STT_LARGEST_FRAME 65477
#define STT_TUNNEL_BYTES  (sizeof(struct tcphdr) + STT_FRAME_HEADER_BYTES)

static unsigned int stt_bytes(const struct peer *peer)
{
	(void)peer;
	return STT_TUNNEL_BYTES;
}

static void stt_build(const struct underlay *underlay, const struct peer *peer, void *tunnel)
{
	struct tcphdr *to = tunnel;

	(void)peer;
	to->dest = htons(underlay->stt_port);
	to->doff = sizeof(*to) / 4;
	to->ack = 1;
	to->psh = 1;
	to->window = htons(0xffff);
}

const struct outer_kind outer_stt = {
	.ip_protocol = IPPROTO_TCP,
	.largest_frame = STT_LARGEST_FRAME,
	.tunnel_bytes = stt_bytes,
	.build = stt_build,
};
