/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the outer checksum right, UDP's or GRE's?  UDP's may be zero over IPv4,
 * and over IPv6 from peers that may (RFC 6935, RFC 6936); GRE's may be absent.
 * What the device or GRO has verified is right.  The rest is summed here.
 *
 * A sender on the same machine hands over what its device would have filled
 * in: either the outer checksum is still the bare pseudo-header sum, or the
 * inner one is, and the outer was computed as if it were not ("local checksum
 * offload").  Both are right.
 *
 * Ends in: decapsulate, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_VERIFY_H
#define OVERLAID_DATAPATH_STEP_VERIFY_H

#include "datapath/checksum.h"
#include "datapath/step/parse_outer.h"

/* RFC 768 and RFC 8200 section 8.1: addresses, length, protocol; l4_bytes from UDP or TCP on. */
__step __u64 pseudo_sum(const void *addresses, __u32 words, __u32 l4_bytes, __u8 protocol)
{
	return checksum_words(addresses, words) + bpf_htons(l4_bytes) + bpf_htons(protocol);
}

__step __u64 outer_pseudo_sum(const struct outer_packet *outer)
{
	__u32 bytes = outer->end - outer->l4_offset;

	if (outer->family == 6)
		return checksum_words((const __u16 *)outer->source.bytes, 8) +
		       pseudo_sum(outer->destination.bytes, 8, bytes, IPPROTO_UDP);
	return checksum_words((const __u16 *)(outer->source.bytes + 12), 2) +
	       pseudo_sum(outer->destination.bytes + 12, 2, bytes, IPPROTO_UDP);
}

/* Offset of the inner checksum field in its L4 header; 0: not TCP or UDP. */
__step __u32 inner_checksum_at(const struct packet *packet)
{
	if (packet->protocol == IPPROTO_TCP)
		return 16;
	return packet->protocol == IPPROTO_UDP ? 6 : 0;
}

/* Whether the inner checksum is the bare pseudo-header sum; offset: of the inner frame. */
__step bool inner_is_partial(struct __sk_buff *skb, const struct packet *packet, __u32 offset,
			     __u16 field)
{
	__u32 l3 = offset + packet->l3_offset,
	      l4_bytes = packet->length - packet->l3_offset - packet->l3_header;
	const void *addresses;
	__u64 sum;

	if (packet->ip_version == 4) {
		addresses = frame_at(skb, l3 + 12, 8);
		sum = addresses ? pseudo_sum(addresses, 4, l4_bytes, packet->protocol) : 0;
	} else {
		addresses = frame_at(skb, l3 + 8, 32);
		sum = addresses ? pseudo_sum(addresses, 16, l4_bytes, packet->protocol) : 0;
	}
	return addresses && checksum_fold(sum) == field;
}

/*
 * The bytes that the outer checksum covers when the inner one is left to a
 * device: up to the inner L4 header, then what the complete inner part would
 * sum to, the complement of its pseudo-header sum.  sum: what is to be added,
 * the outer pseudo header's.
 */
__step bool verify_local(struct __sk_buff *skb, const struct packet *packet,
			 const struct outer_packet *outer, __u64 sum)
{
	__u32 inner = outer->inner, l4 = inner + packet->l3_offset + packet->l3_header;
	const __u16 *field;
	__u32 at = inner_checksum_at(packet);

	if (!packet->ip_version || !at)
		return false;
	field = frame_at(skb, l4 + at, sizeof(*field));
	if (!field || !inner_is_partial(skb, packet, inner, *field))
		return false;
	sum += (__u16) ~*field;
	return !checksum_frame(skb, outer->l4_offset, l4 - outer->l4_offset, &sum) &&
	       checksum_fold(sum) == 0xffff;
}

/* From the L4 header to the end of the packet, the checksum's own field among it. */
__step bool verify_bytes(struct __sk_buff *skb, const struct outer_packet *outer, __u64 sum)
{
	return !checksum_frame(skb, outer->l4_offset, outer->end - outer->l4_offset, &sum) &&
	       checksum_fold(sum) == 0xffff;
}

/* A super-frame is verified by GRO, or its segments' checksums are yet to be made. */
__step bool is_verified(struct __sk_buff *skb, const struct packet *packet)
{
	return packet->gso_size || bpf_csum_level(skb, BPF_CSUM_LEVEL_QUERY) >= 0;
}

__step verdict verify_udp(struct __sk_buff *skb, const struct packet *packet,
			  const struct outer_packet *outer, bool zero_allowed)
{
	const struct udphdr *udp = frame_at(skb, outer->l4_offset, sizeof(*udp));
	__u64 sum = outer_pseudo_sum(outer);

	if (!udp)
		return DROP_BAD_UDP_LENGTH;
	if (!udp->check)
		return outer->family == 4 || zero_allowed ? NEXT : DROP_ZERO_UDP_CHECKSUM6;
	if (is_verified(skb, packet) || udp->check == checksum_fold(sum) ||
	    verify_local(skb, packet, outer, sum))
		return NEXT;
	return verify_bytes(skb, outer, sum) ? NEXT : DROP_BAD_UDP_CHECKSUM;
}

/*
 * RFC 2784 section 2.5: GRE header and payload, no pseudo header; so zero is
 * what a sender on the same machine leaves to its device.
 */
__step verdict verify_gre(struct __sk_buff *skb, const struct packet *packet,
			  const struct outer_packet *outer)
{
	const __u16 *field =
		frame_at(skb, outer->l4_offset + sizeof(struct gre_base), sizeof(*field));

	if (!outer->gre_sum || is_verified(skb, packet) || (field && !*field) ||
	    verify_local(skb, packet, outer, 0))
		return NEXT;
	return verify_bytes(skb, outer, 0) ? NEXT : DROP_BAD_GRE_CHECKSUM;
}

/* packet describes the inner frame. */
__step verdict verify(struct __sk_buff *skb, const struct packet *packet,
		      const struct outer_packet *outer, bool zero_allowed)
{
	return outer->protocol == IPPROTO_GRE ? verify_gre(skb, packet, outer) :
						verify_udp(skb, packet, outer, zero_allowed);
}

#endif
