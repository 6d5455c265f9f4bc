/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strips the envelope.
 *
 *   before   [dst src type][outer IP][tunnel][dst src type][payload][padding]
 *   after                                    [dst src type][payload]
 *
 * Congestion that the outer packet met is carried inside as RFC 6040 section
 * 4.2, figure 4 says; DSCP and TTL of the outer packet end here.
 *
 * Ends in: learn, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_DECAPSULATE_H
#define OVERLAID_DATAPATH_STEP_DECAPSULATE_H

#include "datapath/step/parse_outer.h"

/* Linux 6.3; not in every kernel's headers that this builds with. */
#define ADJ_ROOM_DECAP_L3_IPV4 (1ull << 7)
#define ADJ_ROOM_DECAP_L3_IPV6 (1ull << 8)

__step verdict check_ecn(const struct packet *packet, const struct outer_packet *outer)
{
	if (outer->ecn == ECN_CE && packet->ip_version && (packet->tos & ECN_MASK) == ECN_NOT_ECT)
		return DROP_ECN_CE_ON_NOT_ECT;
	return NEXT;
}

/* What the inner ECN field becomes; the same as it was for most. */
__step __u8 merged_ecn(__u8 inner, __u8 outer)
{
	if (inner == ECN_NOT_ECT || inner == ECN_CE)
		return inner;
	if (outer == ECN_CE)
		return ECN_CE;
	return outer == ECN_ECT1 ? ECN_ECT1 : inner;
}

__step verdict write_ecn4(struct __sk_buff *skb, const struct packet *packet, __u8 ecn)
{
	__u32 offset = packet->l3_offset;
	__u8 tos = (packet->tos & ~ECN_MASK) | ecn;
	const __u16 *word = frame_at(skb, offset, 2);
	__u16 before, after;

	if (!word)
		return DROP_DECAPSULATION_FAILED;
	before = *word;
	after = (before & bpf_htons(0xff00)) | bpf_htons(tos);
	if (bpf_l3_csum_replace(skb, offset + offsetof(struct iphdr, check), before, after, 2) ||
	    bpf_skb_store_bytes(skb, offset, &after, sizeof(after), 0))
		return DROP_DECAPSULATION_FAILED;
	return NEXT;
}

__step verdict write_ecn6(struct __sk_buff *skb, const struct packet *packet, __u8 ecn)
{
	const __u16 *word = frame_at(skb, packet->l3_offset, 2);
	__u16 after;

	if (!word)
		return DROP_DECAPSULATION_FAILED;
	after = (*word & ~bpf_htons(ECN_MASK << 4)) | bpf_htons(ecn << 4);
	return bpf_skb_store_bytes(skb, packet->l3_offset, &after, sizeof(after),
				   BPF_F_RECOMPUTE_CSUM) ?
		       DROP_DECAPSULATION_FAILED :
		       NEXT;
}

__step verdict merge_ecn(struct __sk_buff *skb, const struct packet *packet, __u8 outer_ecn)
{
	__u8 inner = packet->tos & ECN_MASK;
	__u8 ecn = merged_ecn(inner, outer_ecn);

	if (!packet->ip_version || likely(ecn == inner))
		return NEXT;
	return packet->ip_version == 4 ? write_ecn4(skb, packet, ecn) :
					 write_ecn6(skb, packet, ecn);
}

__step __u64 strip_flags(const struct packet *packet, const struct table_settings *settings)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET;

	if (settings->flags & SETTING_DECAP_L3)
		flags |= packet->ip_version == 6 ? ADJ_ROOM_DECAP_L3_IPV6 : ADJ_ROOM_DECAP_L3_IPV4;
	return flags;
}

/* bpf_skb_adjust_room leaves at least an IP header of the family it is told behind Ethernet's. */
__step __u32 strip_min(const struct packet *packet, const struct outer_packet *outer,
		       const struct table_settings *settings)
{
	__u8 family = settings->flags & SETTING_DECAP_L3 ? packet->ip_version : outer->family;

	return ETH_HLEN + (family == 6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
}

/*
 * Cuts what stands behind the packet, or pads a frame too short to be
 * stripped.  The kernel refuses that for a frame that a tunnel on this very
 * machine has sent; its own receiver then strips it.
 */
__step verdict set_length(struct __sk_buff *skb, __u32 length, const struct outer_packet *outer,
			  const struct table_settings *settings)
{
	if (skb->len == length || !bpf_skb_change_tail(skb, length, 0))
		return NEXT;
	return anchor_of(settings, outer) ? HOST : DROP_DECAPSULATION_FAILED;
}

/* What packet says of the inner frame stays true. */
__step verdict decapsulate(struct __sk_buff *skb, const struct packet *packet,
			   const struct outer_packet *outer, const struct table_settings *settings)
{
	__u32 length = packet->length, inner = outer->inner,
	      least = strip_min(packet, outer, settings);
	__u8 eth[ETH_HLEN] __attribute__((aligned(8)));
	void *at = frame_at(skb, inner, sizeof(eth));
	verdict verdict;

	if (!at)
		return DROP_TRUNCATED_INNER_ETH;
	__builtin_memcpy(eth, at, sizeof(eth));
	/* a priority tag is the underlay's own, and ends with it */
	if (skb->vlan_present && bpf_skb_vlan_pop(skb))
		return DROP_DECAPSULATION_FAILED;
	verdict = set_length(skb, inner + (length < least ? least : length), outer, settings);
	if (verdict)
		return verdict;
	if (bpf_skb_adjust_room(skb, -(__s32)inner, BPF_ADJ_ROOM_MAC,
				strip_flags(packet, settings)))
		return DROP_DECAPSULATION_FAILED;
	at = frame_at(skb, 0, sizeof(eth));
	if (!at)
		return DROP_DECAPSULATION_FAILED;
	__builtin_memcpy(at, eth, sizeof(eth));
	if (length < least && bpf_skb_change_tail(skb, length, 0))
		return DROP_DECAPSULATION_FAILED;
	/* GRE without a checksum: what a device has verified is the inner one */
	if (outer->protocol == IPPROTO_UDP || outer->gre_sum)
		bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC);
	return merge_ecn(skb, packet, outer->ecn);
}

/*
 * Moves the tag of a super-frame into the metadata: behind a tag in the bytes
 * the kernel finds nothing to cut, since the type of the skb is that of what
 * follows.  The type behind frame_retype's own tags is the tag's already.
 */
__step verdict lift_tag(struct __sk_buff *skb, struct packet *packet)
{
	const struct ethhdr *eth = frame_at(skb, 0, sizeof(*eth));

	if (likely(!packet->gso_size || !packet->tag_in_bytes))
		return NEXT;
	if (!eth || frame_retype(skb, eth->h_proto))
		return DROP_DECAPSULATION_FAILED;
	packet->tag_in_bytes = false;
	packet->l3_offset -= VLAN_BYTES;
	packet->length -= VLAN_BYTES;
	return NEXT;
}

#endif
