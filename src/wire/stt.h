/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STT, draft-davie-stt-08 sections 3.1 and 3.2.  Network byte order.  A frame
 * of up to 64 KB, with the STT frame header before it, travels in segments
 * that look like TCP, so that network cards cut and merge them:
 *
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |      Source port (flow)       |    Destination port 7471      |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |  STT frame length (sequence)  |  Offset of this segment       |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |           Frame ID (acknowledgment number)                    |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  | Offset|       | |A|P| | | |   |            Window             |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |           Checksum            |        Urgent pointer         |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * and once, at offset 0 of the frame:
 *
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |    Version    |     Flags     |   L4 offset   |   Reserved    |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |    Maximum segment size       | PCP |V|       VLAN ID         |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |                       Context ID (64 bits)                    |
 *  +                                                               +
 *  |                                                               |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |            Padding            |   the inner Ethernet frame ...
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
#ifndef OVERLAID_WIRE_STT_H
#define OVERLAID_WIRE_STT_H

#include <linux/types.h>

#define STT_PORT 7471

struct stt_segment_header {
	__be16 source_be;
	__be16 destination_be;
	__be16 length_be; /* of the STT frame: STT_HEADER_BYTES and the inner frame */
	__be16 offset_be;
	__be32 frame_id_be;
	__u8 data_offset; /* words of four bytes, in the upper four bits: 5, STT has no TCP options */
	__u8 flags;
	__be16 window_be;
	__u16 checksum; /* TCP's, as it stands in memory */
	__be16 urgent_be;
};

#define STT_DATA_OFFSET	  0x50
#define STT_FIN		  0x01
#define STT_SYN		  0x02
#define STT_RST		  0x04
#define STT_PSH		  0x08
#define STT_ACK		  0x10
#define STT_WINDOW	  0xffff
#define STT_TCP_FLAGS_BAD (STT_FIN | STT_SYN | STT_RST)

struct stt_header {
	__u8 version;
	__u8 flags;
	__u8 l4_offset; /* from the start of the inner frame, with STT_PARTIAL */
	__u8 reserved;
	__be16 mss_be;
	__be16 vlan_be;
	__be32 context_high_be;
	__be32 context_low_be; /* the VNI */
	__be16 padding;
} __attribute__((packed));

#define STT_VERSION	  0
#define STT_VERIFIED	  0x01	 /* the sender vouches for the inner checksum */
#define STT_PARTIAL	  0x02	 /* the inner checksum is the pseudo-header's sum alone */
#define STT_IPV4	  0x04	 /* with STT_PARTIAL; else IPv6 */
#define STT_TCP		  0x08	 /* with STT_PARTIAL; else UDP */
#define STT_VLAN_PRESENT  0x1000 /* V */
#define STT_HEADER_BYTES  18
#define STT_SEGMENT_BYTES 20

_Static_assert(sizeof(struct stt_segment_header) == STT_SEGMENT_BYTES, "draft-davie-stt-08 3.1");
_Static_assert(sizeof(struct stt_header) == STT_HEADER_BYTES, "draft-davie-stt-08 3.2");

#endif
