/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stamps the peer's prebuilt outer header in front of the frame.
 *
 *   before   [dst src type][payload]
 *   after    [dst src type][outer IP][tunnel][dst src (tag) type][payload]
 *            the first 14 bytes are the neighbour code's to write
 *
 * DSCP as the segment says, ECN as RFC 6040 section 4.1 (normal mode).
 *
 * What the kinds differ in is in encap/<kind>.h: the length of the part that
 * all peers of the kind have (<KIND>_TUNNEL_BYTES; 0: not stamped here), who
 * stamps it, whether a peer's header may be longer (<KIND>_HAS_REST), and what
 * the kernel's segmentation must be told (<KIND>_GROW).
 *
 * Ends in: send, or ANCHOR_TAKES_OVER with the frame as it was: the
 * kernel refuses a frame that has been in a tunnel on this machine before
 * (-EALREADY) and super-frames other than TCP and UDP.
 */
#ifndef OVERLAID_DATAPATH_STEP_ENCAPSULATE_H
#define OVERLAID_DATAPATH_STEP_ENCAPSULATE_H

#include "datapath/checksum.h"
#include "datapath/encap/geneve.h"
#include "datapath/encap/gre.h"
#include "datapath/encap/nvgre.h"
#include "datapath/encap/stt.h"
#include "datapath/encap/vxlan.h"
#include "datapath/step/hash.h"
#include "datapath/step/parse.h"
#include "datapath/step/verify.h"

/* What varies in the outer headers of one frame; the same for all its copies. */
struct outer_values {
	__u32 vni;
	__u32 hash;  /* of the inner flow */
	__u32 bytes; /* of the outer packet, from its IP header on */
	__u32 frames;
	__u16 payload_sum; /* of the inner frame, for GRE's checksum */
	__u8 tos;
};

__step void outer_begin(struct __sk_buff *skb, const struct packet *packet,
			struct outer_values *outer)
{
	__u8 dscp = packet->segment->flags & SEGMENT_COPY_DSCP ? packet->tos >> 2 :
								 packet->segment->dscp;

	outer->vni = packet->segment->vni;
	outer->hash = flow_hash(skb, packet);
	outer->frames = packet->frames;
	outer->tos = dscp << 2 | (packet->tos & ECN_MASK);
	outer->bytes = 0;
}

typedef void (*stamp_function)(void *tunnel, __u32 vni, __u32 hash, __u32 length);

/* n: bytes of the tunnel header's fixed part, a constant, so that copies are loads and stores. */
__step void stamp4(struct iphdr *ip, const struct table_peer *peer,
		   const struct outer_values *outer, __u32 n, stamp_function stamp_tunnel)
{
	struct scratch *scratch = frame_scratch();

	__builtin_memcpy(ip, peer->header, sizeof(*ip) + n);
	ip->tos = outer->tos;
	ip->tot_len = bpf_htons(outer->bytes);
	if (scratch) {
		ip->id = bpf_htons(scratch->ip_id);
		scratch->ip_id += outer->frames;
	}
	ip->check =
		~checksum_fold((__u64)peer->ip_sum + bpf_htons(outer->tos) + ip->tot_len + ip->id);
	stamp_tunnel(ip + 1, outer->vni, outer->hash, outer->bytes - sizeof(*ip));
}

/* RFC 6438: the flow label carries the flow's hash. */
__step void stamp6(struct ipv6hdr *ip, const struct table_peer *peer,
		   const struct outer_values *outer, __u32 n, stamp_function stamp_tunnel)
{
	__builtin_memcpy(ip, peer->header, sizeof(*ip) + n);
	*(__be32 *)ip = bpf_htonl(6u << 28 | (__u32)outer->tos << 20 | (outer->hash & 0xfffff));
	ip->payload_len = bpf_htons(outer->bytes - sizeof(*ip));
	stamp_tunnel(ip + 1, outer->vni, outer->hash, outer->bytes - sizeof(*ip));
}

__step __u32 outer_ip_bytes(const struct table_peer *peer)
{
	return peer->family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/* What a peer's header has behind the fixed part: Geneve's options, GRE's fields. */
__step verdict stamp_rest(struct __sk_buff *skb, const struct table_peer *peer, __u32 n)
{
	__u32 fixed = outer_ip_bytes(peer) + n;
	/* one less: Linux 6.1's verifier does not learn from a comparison with zero */
	__u64 rest = (__u64)peer->header_bytes - fixed - 1;

	PIN(rest);
	if (rest >= TABLE_OUTER_MAX - sizeof(struct ipv6hdr) - n)
		return NEXT;
	return bpf_skb_store_bytes(skb, ETH_HLEN + fixed, peer->header + fixed, rest + 1, 0) ?
		       DROP_ENCAPSULATION_FAILED :
		       NEXT;
}

__step verdict stamp_gre_fields(struct __sk_buff *skb, const struct table_peer *peer, __u32 slot,
				const struct outer_values *outer)
{
	/* a short header and the first bytes of the frame behind it are as many */
	__be32 *words = frame_at(skb, ETH_HLEN + outer_ip_bytes(peer), 4 * GRE_FIELD_BYTES);

	if (!words)
		return DROP_ENCAPSULATION_FAILED;
	gre_stamp_fields(words, peer, slot, outer->vni, outer->payload_sum);
	return NEXT;
}

__step verdict stamp_kind(struct __sk_buff *skb, const struct table_peer *peer,
			  const struct outer_values *outer, __u32 n, stamp_function stamp_tunnel)
{
	void *ip;

	if (peer->family == 4) {
		ip = frame_at(skb, ETH_HLEN, sizeof(struct iphdr) + n);
		if (!ip)
			return DROP_ENCAPSULATION_FAILED;
		stamp4(ip, peer, outer, n, stamp_tunnel);
	} else {
		ip = frame_at(skb, ETH_HLEN, sizeof(struct ipv6hdr) + n);
		if (!ip)
			return DROP_ENCAPSULATION_FAILED;
		stamp6(ip, peer, outer, n, stamp_tunnel);
	}
	return NEXT;
}

/* Writes the outer header of an encapsulated frame; also over another peer's of the same size. */
__step verdict stamp(struct __sk_buff *skb, const struct table_peer *peer, __u32 slot,
		     struct outer_values *outer)
{
	verdict verdict = DROP_ENCAPSULATION_FAILED;

	outer->bytes = skb->len - ETH_HLEN;
#define X(symbol, number, name, spoken)                                                            \
	if (symbol##_TUNNEL_BYTES && peer->kind == ENCAP_##symbol)                                 \
		verdict = stamp_kind(skb, peer, outer, symbol##_TUNNEL_BYTES, symbol##_STAMP) ?:   \
				  (symbol##_HAS_REST ?                                             \
					   stamp_rest(skb, peer, symbol##_TUNNEL_BYTES) :          \
					   NEXT);
	ENCAP_KINDS(X)
#undef X
	if (!verdict && peer->kind == ENCAP_GRE && peer->flags & PEER_GRE_FIELDS)
		return stamp_gre_fields(skb, peer, slot, outer);
	return verdict;
}

/*
 * The inner Ethernet header, taken apart and put together again behind the
 * outer header.  bpf_skb_vlan_pop moves the next tag from the bytes into the
 * metadata, so a second tag has to be taken out as well.
 */
#define INNER_TAGS_MAX 2
struct inner_eth {
	__u8 macs[2 * ETH_ALEN];
	__be16 tags[2 * INNER_TAGS_MAX]; /* TPID, TCI; the outermost first */
	__u32 n_tags;
	__be16 type; /* as it stands in the bytes behind the tags */
	bool retyped;
};

__step verdict take_tags(struct __sk_buff *skb, struct inner_eth *inner)
{
	for (__u32 i = 0; i < INNER_TAGS_MAX; i++) {
		if (!skb->vlan_present)
			return NEXT;
		inner->tags[2 * i] = skb->vlan_proto;
		inner->tags[2 * i + 1] = bpf_htons(skb->vlan_tci);
		inner->n_tags = i + 1;
		if (bpf_skb_vlan_pop(skb))
			return DROP_ENCAPSULATION_FAILED;
	}
	return skb->vlan_present ? DROP_ENCAPSULATION_FAILED : NEXT;
}

__step verdict take_inner_eth(struct __sk_buff *skb, struct inner_eth *inner)
{
	verdict verdict = take_tags(skb, inner);
	const struct ethhdr *eth = frame_at(skb, 0, sizeof(*eth));

	if (verdict || !eth)
		return DROP_ENCAPSULATION_FAILED;
	__builtin_memcpy(inner->macs, eth, sizeof(inner->macs));
	inner->type = eth->h_proto;
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6)) {
		inner->retyped = true;
		if (frame_retype(skb, bpf_htons(ETH_P_IP)))
			return DROP_ENCAPSULATION_FAILED;
	}
	return NEXT;
}

__step verdict give_back_inner_eth(struct __sk_buff *skb, const struct inner_eth *inner)
{
	if (inner->retyped && frame_retype(skb, inner->type))
		return DROP_ENCAPSULATION_FAILED;
	for (__u32 i = INNER_TAGS_MAX; i-- > 0;)
		if (i < inner->n_tags &&
		    bpf_skb_vlan_push(skb, inner->tags[2 * i], bpf_ntohs(inner->tags[2 * i + 1])))
			return DROP_ENCAPSULATION_FAILED;
	return NEXT;
}

__step verdict write_inner_eth(struct __sk_buff *skb, const struct inner_eth *inner, __u32 offset)
{
	__be16 *at = frame_at(skb, offset, sizeof(inner->macs));

	if (!at)
		return DROP_ENCAPSULATION_FAILED;
	__builtin_memcpy(at, inner->macs, sizeof(inner->macs));
	offset += sizeof(inner->macs);
	for (__u32 i = 0; i < INNER_TAGS_MAX && i < inner->n_tags; i++, offset += VLAN_BYTES) {
		at = frame_at(skb, offset, VLAN_BYTES);
		if (!at)
			return DROP_ENCAPSULATION_FAILED;
		at[0] = inner->tags[2 * i];
		at[1] = inner->tags[2 * i + 1];
	}
	at = frame_at(skb, offset, sizeof(inner->type));
	if (!at)
		return DROP_ENCAPSULATION_FAILED;
	*at = inner->type;
	return NEXT;
}

__step __u64 grow_flags(const struct table_peer *peer, __u32 inner_eth_bytes)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET |
		      BPF_F_ADJ_ROOM_ENCAP_L2_ETH | BPF_F_ADJ_ROOM_ENCAP_L2(inner_eth_bytes);

#define X(symbol, number, name, spoken)                                                            \
	if (peer->kind == ENCAP_##symbol)                                                          \
		flags |= symbol##_GROW;
	ENCAP_KINDS(X)
#undef X
	return flags |
	       (peer->family == 4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);
}

/*
 * The kernel's tunnel device for the peer, which encapsulates what BPF's helper
 * cannot; 0: there is none, or it would not send what the peer is to get: a
 * sequence number is counted in one place, and no helper sets Geneve's C bit.
 */
__step __u32 anchor_for(const struct table_peer *peer)
{
	const struct table_settings *settings = frame_settings();
	__u64 kind = peer->kind;
	const __u8 *geneve = peer->header + outer_ip_bytes(peer) + sizeof(struct udphdr);

	PIN(kind);
	if (!settings || kind >= N_ENCAP_KINDS || peer->flags & PEER_GRE_FIELDS)
		return 0;
	if (kind == ENCAP_GENEVE && geneve[1] & GENEVE_FLAG_CRITICAL)
		return 0;
	return peer->family == 4 ? settings->anchors[kind][TABLE_ANCHOR4] :
				   settings->anchors[kind][TABLE_ANCHOR6];
}

/*
 * Without the kernel's knowledge of the envelope, which only super-frames
 * need: for what it refuses to tell apart from the envelope of before.
 */
__step int grow_unknown(struct __sk_buff *skb, const struct table_peer *peer,
			struct inner_eth *inner, __u32 bytes)
{
	__be16 protocol = peer->family == 4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);

	if (skb->gso_size)
		return -1;
	if (skb->protocol != protocol) {
		inner->retyped = true;
		if (frame_retype(skb, protocol))
			return -1;
	}
	return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET);
}

/*
 * GRE's checksum covers the frame (RFC 2784 section 2.3).  A checksum inside
 * that is left to a device makes all behind it sum to the complement of what
 * stands in its field now ("local checksum offload").
 */
__step verdict sum_payload(struct __sk_buff *skb, const struct packet *packet, __u32 inner,
			   __u32 n_tags, struct outer_values *outer)
{
	__u32 shifted = inner + n_tags * VLAN_BYTES, at = inner_checksum_at(packet);
	__u32 l4 = shifted + packet->l3_offset + packet->l3_header, end = skb->len;
	const __u16 *field = NULL;
	__u64 sum = 0;

	if (packet->ip_version && at && !packet->later_fragment)
		field = frame_at(skb, l4 + at, sizeof(*field));
	if (field && inner_is_partial(skb, packet, shifted, *field)) {
		sum = (__u16) ~*field;
		end = l4;
	}
	if (checksum_frame(skb, inner, end - inner, &sum))
		return DROP_ENCAPSULATION_FAILED;
	outer->payload_sum = checksum_fold(sum);
	return NEXT;
}

/*
 * Makes room for the outer header in front of the inner frame, and leaves it
 * to be stamped, for one peer or for many.  flags: PEER_* of all of them.
 */
__step verdict open_envelope(struct __sk_buff *skb, struct packet *packet,
			     const struct table_peer *peer, __u16 flags, struct outer_values *outer)
{
	__u32 header = peer->header_bytes;
	struct inner_eth inner = {};
	verdict verdict;
	__u32 eth_bytes;

	if (packet->tagged && peer->kind == ENCAP_NVGRE)
		return DROP_INNER_VLAN; /* RFC 7637 section 3.3 */
	outer_begin(skb, packet, outer);
	verdict = take_inner_eth(skb, &inner);
	if (verdict)
		return verdict;
	eth_bytes = ETH_HLEN + inner.n_tags * VLAN_BYTES;
	if (unlikely(bpf_skb_adjust_room(skb, header + eth_bytes, BPF_ADJ_ROOM_MAC,
					 grow_flags(peer, eth_bytes)))) {
		if (anchor_for(peer) || grow_unknown(skb, peer, &inner, header + eth_bytes)) {
			packet->anchor = ANCHOR_TAKES_OVER;
			return give_back_inner_eth(skb, &inner);
		}
	}
	verdict = write_inner_eth(skb, &inner, ETH_HLEN + header);
	if (!verdict && unlikely(flags & PEER_GRE_CHECKSUM))
		verdict = sum_payload(skb, packet, ETH_HLEN + header, inner.n_tags, outer);
	return verdict;
}

/* To one peer. */
__step verdict encapsulate(struct __sk_buff *skb, struct packet *packet,
			   const struct table_peer *peer, __u32 slot, struct outer_values *outer)
{
	verdict verdict = open_envelope(skb, packet, peer, peer->flags, outer);

	if (verdict || packet->anchor)
		return verdict;
	return stamp(skb, peer, slot, outer);
}

#endif
