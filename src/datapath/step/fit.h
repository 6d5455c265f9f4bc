/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does it fit the path's MTU?  What does not is made to fit or its sender is
 * told, so that no VM falls into a black hole (RFC 4459 sections 3.1 and 3.2).
 *
 *   TCP super-frame               its segments are made smaller
 *   IPv4 with DF, IPv6            answer_too_big
 *   IPv4 without DF, IPv6 that    the anchor lets the kernel fragment the outer
 *   no host makes smaller         IPv4 packet, split does without over IPv6;
 *                                 or a drop, as the segment says
 *   not IP                        a drop
 *
 * Ends in: encapsulate (perhaps through the anchor), an answer, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_FIT_H
#define OVERLAID_DATAPATH_STEP_FIT_H

#include "datapath/conclude.h"
#include "datapath/step/answer_too_big.h"

/* Below this a path carries nothing useful, and the kernel's segmentation nothing at all. */
#define FIT_SEGMENT_MIN 48
#define FIT_SHRINK_MAX	0xfff /* of bpf_skb_adjust_room */

__step __u32 fit_l4_header(struct __sk_buff *skb, const struct packet *packet)
{
	const struct tcphdr *tcp;

	if (packet->protocol != IPPROTO_TCP)
		return sizeof(struct udphdr);
	tcp = frame_at(skb, packet->l3_offset + packet->l3_header, sizeof(*tcp));
	return tcp ? tcp->doff * 4 : sizeof(*tcp);
}

/* The IP packet as it will be on the wire: of a super-frame, its largest segment. */
__step __u32 fit_packet_bytes(struct __sk_buff *skb, const struct packet *packet)
{
	if (!packet->gso_size)
		return packet->length - packet->l3_offset;
	return packet->gso_size + packet->l3_header + fit_l4_header(skb, packet);
}

/*
 * Growing lets the kernel lower the segment size by as much, shrinking with
 * FIXED_GSO keeps it there.  The bytes between are not looked at.
 */
__step verdict fit_shrink_segments(struct __sk_buff *skb, struct packet *packet, __u32 excess)
{
	if (excess > FIT_SHRINK_MAX || packet->gso_size < excess + FIT_SEGMENT_MIN)
		return DROP_TOO_BIG;
	if (bpf_skb_adjust_room(skb, excess, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET) ||
	    bpf_skb_adjust_room(skb, -(__s32)excess, BPF_ADJ_ROOM_MAC,
				BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return DROP_ENCAPSULATION_FAILED;
	packet->gso_size -= excess;
	COUNT_ONE(segment_traffic, packet->segment_slot, shrunk);
	return NEXT;
}

/* limit: the largest IP packet, untagged, that the path takes. */
__step verdict fit(struct __sk_buff *skb, struct packet *packet, __u32 limit)
{
	__u32 bytes = fit_packet_bytes(skb, packet);

	if (packet->tagged)
		limit = limit > VLAN_BYTES ? limit - VLAN_BYTES : 0;
	if (likely(bytes <= limit))
		return NEXT;
	if (packet->gso_size && packet->protocol == IPPROTO_TCP && packet->ip_version)
		return fit_shrink_segments(skb, packet, bytes - limit);
	if (!packet->ip_version)
		return DROP_TOO_BIG;
	if (packet->dont_fragment && !(packet->ip_version == 6 && bytes <= IPV6_MTU_MIN))
		return answer_too_big(skb, packet, limit);
	if (!(packet->segment->flags & SEGMENT_FRAGMENT))
		return DROP_TOO_BIG;
	packet->anchor = ANCHOR_FRAGMENTS;
	return NEXT;
}

#endif
