/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does an IPv4 packet without DF get over an IPv6 underlay that is too
 * small for it?  The kernel does not fragment a tunnel's IPv6 packets, so the
 * inner packet is cut in two, as a router would (RFC 791 section 2.3): this
 * frame becomes the first fragment, and a copy of it enters the port again,
 * marked, to become the rest, which may be cut again.
 *
 * Not for packets with options or padding, and not for what is flooded: the local copies
 * are out already.
 *
 * Ends in: encapsulate, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_SPLIT_H
#define OVERLAID_DATAPATH_STEP_SPLIT_H

#include "datapath/checksum.h"
#include "datapath/step/parse.h"
#include "datapath/step/verify.h"

/*
 * In skb->mark of the copy, with the bytes that it is to lose.  Frames of VMs
 * come without a mark: the kernel clears it between network namespaces, taps
 * set none.
 */
#define SPLIT_MARK	 0x4f560000u
#define SPLIT_MARK_BYTES 0x0000ffffu
#define SPLIT_SLICE_MAX	 0xff8u /* whole words of eight, within bpf_skb_adjust_room's reach */

/* What is taken out and put back so that the kernel forgets an unfinished checksum (frame_blank). */
#define SPLIT_HEAD 40
struct split_head {
	struct iphdr ip;
	__u8 payload[SPLIT_HEAD - sizeof(struct iphdr)];
};

__step void set_fragment(struct iphdr *ip, __u16 bytes, __u16 fragment)
{
	ip->tot_len = bpf_htons(bytes);
	ip->frag_off = bpf_htons(fragment);
	ip->check = 0;
	ip->check = ~checksum_fold(checksum_words((const __u16 *)ip, sizeof(*ip) / 2));
}

/* A checksum that was left to a device covers the whole packet: it is finished now. */
__step int finish_checksum(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 l4 = packet->l3_offset + packet->l3_header, at = inner_checksum_at(packet);
	const __u16 *field = frame_at(skb, l4 + at, sizeof(*field));
	__u64 sum = 0;
	__u16 check;

	if (!at || packet->later_fragment || packet->more_fragments)
		return 0;
	if (!field || !inner_is_partial(skb, packet, 0, *field))
		return 0;
	/* the field holds the pseudo-header's sum, which belongs into it */
	if (checksum_frame(skb, l4, packet->length - l4, &sum))
		return -1;
	check = ~checksum_fold(sum);
	if (!check && packet->protocol == IPPROTO_UDP)
		check = 0xffff;
	return bpf_skb_store_bytes(skb, l4 + at, &check, sizeof(check), 0);
}

/* Sends the copy that will be the rest into the port again. */
__step int send_rest(struct __sk_buff *skb, __u32 slice)
{
	int error;

	skb->mark = SPLIT_MARK | slice;
	error = bpf_clone_redirect(skb, skb->ifindex, BPF_F_INGRESS);
	skb->mark = 0;
	return error;
}

/* The frame keeps `slice` bytes of payload and says that more follow. */
__step verdict become_first(struct __sk_buff *skb, struct packet *packet, __u32 slice)
{
	struct split_head head;

	if (bpf_skb_change_tail(skb, packet->l3_offset + sizeof(head.ip) + slice, 0) ||
	    bpf_skb_load_bytes(skb, packet->l3_offset, &head, sizeof(head)))
		return DROP_TOO_BIG;
	set_fragment(&head.ip, sizeof(head.ip) + slice,
		     (bpf_ntohs(head.ip.frag_off) & IP_OFFSET) | IP_MORE);
	if (bpf_skb_adjust_room(skb, -SPLIT_HEAD, BPF_ADJ_ROOM_MAC, 0) ||
	    bpf_skb_adjust_room(skb, SPLIT_HEAD, BPF_ADJ_ROOM_MAC, 0) ||
	    bpf_skb_store_bytes(skb, packet->l3_offset, &head, sizeof(head), 0))
		return DROP_TOO_BIG;
	packet->length = skb->len;
	return NEXT;
}

/* Padding behind the packet would become part of a fragment. */
__step bool ends_with_frame(struct __sk_buff *skb, const struct packet *packet)
{
	const struct iphdr *ip = frame_at(skb, packet->l3_offset, sizeof(*ip));

	return ip && bpf_ntohs(ip->tot_len) == packet->length - packet->l3_offset;
}

/* limit: the largest IP packet that fits. */
__step verdict split(struct __sk_buff *skb, struct packet *packet, __u32 limit)
{
	__u32 slice = (limit - sizeof(struct iphdr)) & ~7u;

	if (slice > SPLIT_SLICE_MAX)
		slice = SPLIT_SLICE_MAX;

	if (packet->ip_version != 4 || packet->l3_header != sizeof(struct iphdr) ||
	    packet->gso_size || packet->tag_in_bytes)
		return DROP_TOO_BIG;
	if (limit < sizeof(struct iphdr) + SPLIT_HEAD || !ends_with_frame(skb, packet))
		return DROP_TOO_BIG;
	if (finish_checksum(skb, packet) || send_rest(skb, slice))
		return DROP_TOO_BIG;
	packet->anchor = ANCHOR_UNUSED;
	return become_first(skb, packet, slice);
}

/* The first step of a marked copy: it loses what the first fragment has. */
__step verdict become_rest(struct __sk_buff *skb)
{
	__u32 slice = skb->mark & SPLIT_MARK_BYTES;
	struct iphdr ip;
	__u16 fragment;

	skb->mark = 0;
	if (bpf_skb_adjust_room(skb, -(__s32)slice, BPF_ADJ_ROOM_NET, 0) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return DROP_TOO_BIG;
	fragment = bpf_ntohs(ip.frag_off) & (IP_MORE | IP_OFFSET);
	set_fragment(&ip, bpf_ntohs(ip.tot_len) - slice, fragment + slice / 8);
	return bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0) ? DROP_TOO_BIG : NEXT;
}

__step bool is_rest(const struct __sk_buff *skb)
{
	return (skb->mark & ~SPLIT_MARK_BYTES) == SPLIT_MARK;
}

#endif
