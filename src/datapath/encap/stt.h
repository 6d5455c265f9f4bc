/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STT's bytes (draft-davie-stt-08): none are stamped here.  Frames go plain to
 * the tap behind which STT is spoken, because a header in front of a
 * super-frame would have to move the place where its checksum starts.  Of what
 * is received the datapath looks at the TCP-like header alone: it has no
 * options, and SYN, FIN and RST are those of real connections.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_STT_H
#define OVERLAID_DATAPATH_ENCAP_STT_H

#include "datapath/frame_tc.h"

#define STT_TUNNEL_BYTES 0
#define STT_HAS_REST	 0
#define STT_GROW	 0
#define STT_STAMP	 stt_stamp
#define STT_READ	 stt_read

__step void stt_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
}

#define STT_TCP_WORDS 5 /* the data offset without options */

/* A TCP packet of a peer to our STT port: is it a piece of a real connection? */
__step bool stt_is_real_tcp(struct __sk_buff *skb, __u32 offset)
{
	const struct tcphdr *tcp = frame_at(skb, offset, sizeof(*tcp));

	return tcp && (tcp->syn || tcp->fin || tcp->rst);
}

/* Whether a thread may get it; where its frame begins nobody can say yet. */
__step verdict stt_read(struct __sk_buff *skb, const struct packet *packet,
			const struct table_settings *settings, struct outer_packet *outer)
{
	const struct tcphdr *tcp = frame_at(skb, outer->l4_offset, sizeof(*tcp));

	outer->inner = outer->l4_offset + sizeof(*tcp);
	if (!tcp || outer->end < outer->inner)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	return tcp->doff == STT_TCP_WORDS ? NEXT : DROP_STT_TCP_DATA_OFFSET;
}

#endif
