/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRE's bytes (RFC 2784 section 2, RFC 2890): what of the prebuilt header
 * varies per frame, and what a received header must look like.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_GRE_H
#define OVERLAID_DATAPATH_ENCAP_GRE_H

#include "datapath/checksum.h"
#include "wire/gre.h"

/* With the key alone; the fields that a peer asks for make it longer. */
#define GRE_TUNNEL_BYTES sizeof(struct gre_keyed)
#define GRE_HAS_REST	 1
#define GRE_GROW	 BPF_F_ADJ_ROOM_ENCAP_L4_GRE
#define GRE_STAMP	 gre_stamp
#define GRE_READ	 gre_read

#define PEER_GRE_FIELDS (PEER_GRE_CHECKSUM | PEER_GRE_SEQUENCE)

/* tunnel: the GRE_TUNNEL_BYTES behind the outer IP header, prebuilt. */
__step void gre_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
	struct gre_keyed *gre = tunnel;

	gre->key_be = bpf_htonl(vni);
}

/* RFC 2890 section 2.2: the first packet's is 0. */
__step __u32 gre_next_sequence(__u32 peer)
{
	__u32 *next = bpf_map_lookup_elem(&sequences, &peer);

	return next ? __sync_fetch_and_add(next, 1) : 0;
}

/*
 * The header of a peer that asks for checksum or sequence number: four words
 * at most, in the order of RFC 2890 section 2.  words: the header, at least
 * four words of the frame; payload_sum: of all that follows it, which the
 * checksum covers (RFC 2784 section 2.5).
 */
__step void gre_stamp_fields(__be32 *words, const struct table_peer *peer, __u32 slot, __u32 vni,
			     __u16 payload_sum)
{
	__be32 key = bpf_htonl(vni), sequence = 0;
	bool summed = peer->flags & PEER_GRE_CHECKSUM;
	__u64 sum = payload_sum;

	if (summed)
		words[2] = key;
	else
		words[1] = key;
	if (peer->flags & PEER_GRE_SEQUENCE) {
		sequence = bpf_htonl(gre_next_sequence(slot));
		if (summed)
			words[3] = sequence;
		else
			words[2] = sequence;
	}
	if (!summed)
		return;
	sum += (__u64)words[0] + key + sequence;
	words[1] = 0; /* reserved1 is behind the checksum */
	*(__u16 *)&words[1] = ~checksum_fold(sum);
}

/*
 * The key is the VNI.  A checksum is verified in verify.h; a sequence number is
 * not looked at: order is the inner protocol's business.
 */
__step verdict gre_read(struct __sk_buff *skb, const struct packet *packet,
			const struct table_settings *settings, struct outer_packet *outer)
{
	const struct gre_base *base = frame_at(skb, outer->l4_offset, sizeof(*base));
	__u32 at = outer->l4_offset + sizeof(*base);
	const __be32 *key;
	__u16 flags;

	if (!base || outer->end < at)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	flags = bpf_ntohs(base->flags_be);
	if (flags & GRE_VERSION_MASK)
		return DROP_GRE_VERSION;
	if (flags & GRE_FLAGS_REFUSED)
		return DROP_GRE_FLAGS;
	if (base->protocol_be != bpf_htons(GRE_PROTOCOL_ETHERNET))
		return DROP_GRE_PROTOCOL;
	if (!(flags & GRE_FLAG_KEY))
		return DROP_GRE_KEY_MISSING;
	outer->gre_sum = flags & GRE_FLAG_CHECKSUM;
	if (outer->gre_sum)
		at += GRE_FIELD_BYTES;
	outer->inner = at + GRE_FIELD_BYTES + (flags & GRE_FLAG_SEQUENCE ? GRE_FIELD_BYTES : 0);
	key = frame_at(skb, at, sizeof(*key));
	if (!key || outer->end < outer->inner)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	outer->vni = bpf_ntohl(*key);
	return NEXT;
}

#endif
