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
 * Ends in: send, or ANCHOR_TAKES_OVER with the frame as it was: the
 * kernel refuses a frame that has been in a tunnel on this machine before
 * (-EALREADY) and super-frames other than TCP and UDP.
 */
#ifndef OVERLAID_DATAPATH_STEP_ENCAPSULATE_H
#define OVERLAID_DATAPATH_STEP_ENCAPSULATE_H

#include "datapath/checksum.h"
#include "datapath/encap/vxlan.h"
#include "datapath/step/hash.h"
#include "datapath/step/parse.h"

#define OUTER4_BYTES (sizeof(struct iphdr) + VXLAN_TUNNEL_BYTES)
#define OUTER6_BYTES (sizeof(struct ipv6hdr) + VXLAN_TUNNEL_BYTES)

/* What varies in the outer headers of one frame; the same for all its copies. */
struct outer_values {
	__u32 vni;
	__u32 hash;  /* of the inner flow */
	__u32 bytes; /* of the outer packet, from its IP header on */
	__u32 frames;
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

__step void stamp4(struct iphdr *ip, const struct table_peer *peer,
		   const struct outer_values *outer)
{
	struct scratch *scratch = frame_scratch();

	__builtin_memcpy(ip, peer->header, OUTER4_BYTES);
	ip->tos = outer->tos;
	ip->tot_len = bpf_htons(outer->bytes);
	if (scratch) {
		ip->id = bpf_htons(scratch->ip_id);
		scratch->ip_id += outer->frames;
	}
	ip->check =
		~checksum_fold((__u64)peer->ip_sum + bpf_htons(outer->tos) + ip->tot_len + ip->id);
	vxlan_stamp(ip + 1, outer->vni, outer->hash, outer->bytes - sizeof(*ip));
}

/* RFC 6438: the flow label carries the flow's hash. */
__step void stamp6(struct ipv6hdr *ip, const struct table_peer *peer,
		   const struct outer_values *outer)
{
	__builtin_memcpy(ip, peer->header, OUTER6_BYTES);
	*(__be32 *)ip = bpf_htonl(6u << 28 | (__u32)outer->tos << 20 | (outer->hash & 0xfffff));
	ip->payload_len = bpf_htons(outer->bytes - sizeof(*ip));
	vxlan_stamp(ip + 1, outer->vni, outer->hash, outer->bytes - sizeof(*ip));
}

/* Writes the outer header of an encapsulated frame; also over another peer's of the same family. */
__step verdict stamp(struct __sk_buff *skb, const struct table_peer *peer,
		     struct outer_values *outer)
{
	void *ip;

	outer->bytes = skb->len - ETH_HLEN;
	if (peer->family == 4) {
		ip = frame_at(skb, ETH_HLEN, OUTER4_BYTES);
		if (!ip)
			return DROP_ENCAPSULATION_FAILED;
		stamp4(ip, peer, outer);
	} else {
		ip = frame_at(skb, ETH_HLEN, OUTER6_BYTES);
		if (!ip)
			return DROP_ENCAPSULATION_FAILED;
		stamp6(ip, peer, outer);
	}
	return NEXT;
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
	return BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET |
	       BPF_F_ADJ_ROOM_ENCAP_L4_UDP | BPF_F_ADJ_ROOM_ENCAP_L2_ETH |
	       BPF_F_ADJ_ROOM_ENCAP_L2(inner_eth_bytes) |
	       (peer->family == 4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);
}

__step verdict encapsulate(struct __sk_buff *skb, struct packet *packet,
			   const struct table_peer *peer, struct outer_values *outer)
{
	__u32 header = peer->family == 4 ? OUTER4_BYTES : OUTER6_BYTES;
	struct inner_eth inner = {};
	verdict verdict;
	__u32 eth_bytes;

	if (peer->kind != ENCAP_VXLAN)
		return DROP_ENCAPSULATION_FAILED;
	outer_begin(skb, packet, outer);
	verdict = take_inner_eth(skb, &inner);
	if (verdict)
		return verdict;
	eth_bytes = ETH_HLEN + inner.n_tags * VLAN_BYTES;
	if (bpf_skb_adjust_room(skb, header + eth_bytes, BPF_ADJ_ROOM_MAC,
				grow_flags(peer, eth_bytes))) {
		packet->anchor = ANCHOR_TAKES_OVER;
		return give_back_inner_eth(skb, &inner);
	}
	verdict = stamp(skb, peer, outer);
	if (verdict)
		return verdict;
	return write_inner_eth(skb, &inner, ETH_HLEN + header);
}

#endif
