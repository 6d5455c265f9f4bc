/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon's threads write into STT's tap: tc ingress on it.  A frame
 * with an 802.1ad tag came out of an STT packet and is of the segment and peer
 * that the tag stands for; a frame without is an STT packet on its way out.
 * Nothing of it is for the host's own stack.
 */
#include "datapath/conclude.h"
#include "datapath/step/admit.h"
#include "datapath/step/find_path.h"
#include "datapath/step/flood.h"
#include "datapath/step/hear_path_mtu.h"
#include "datapath/step/learn.h"
#include "datapath/step/send.h"
#include "wire/stt.h"

/* Whose is it?  The daemon has looked at its sender; the pair may have gone meanwhile. */
__step verdict admit_path(struct packet *packet, __u32 id)
{
	const struct table_stt_path *path = bpf_map_lookup_elem(&stt_paths, &id);
	const struct table_peer *peer;

	if (!path)
		return DROP_UNKNOWN_PEER;
	packet->peer_in = path->peer;
	peer = bpf_map_lookup_elem(&peers, &packet->peer_in);
	if (!peer || !(peer->flags & PEER_IN_USE)) {
		packet->peer_in = TABLE_NO_SLOT;
		return DROP_UNKNOWN_PEER;
	}
	packet->segment_slot = path->segment;
	packet->segment = bpf_map_lookup_elem(&segments, &packet->segment_slot);
	if (!packet->segment || !(packet->segment->flags & SEGMENT_IN_USE)) {
		packet->segment_slot = TABLE_NO_SLOT;
		return DROP_UNKNOWN_VNI;
	}
	return NEXT;
}

__step verdict walk_received(struct __sk_buff *skb, struct packet *packet)
{
	__u32 id = skb->vlan_tci;
	verdict verdict;

	if (bpf_skb_vlan_pop(skb))
		return DROP_DECAPSULATION_FAILED;
	frame_pull(skb);
	packet->length = skb->len;
	verdict = admit_path(packet, id);
	if (verdict)
		return verdict;
	verdict = parse(skb, packet, 0, packet->length) ?: admit_frame(packet);
	if (verdict)
		return verdict;
	learn(packet);
	verdict = find_path(packet);
	if (verdict == FLOOD)
		return flood_from_peer(skb, packet);
	return verdict ?: send_to_port(skb, packet);
}

/* The outer destination; false: it is none of ours. */
__step bool read_destination(struct __sk_buff *skb, __be16 type, struct table_address *ret,
			     __u8 *ret_family, __u32 *ret_l4)
{
	const struct iphdr *ip4 = frame_at(skb, ETH_HLEN, sizeof(*ip4));
	const struct ipv6hdr *ip6 = frame_at(skb, ETH_HLEN, sizeof(*ip6));

	if (type == bpf_htons(ETH_P_IP) && ip4) {
		table_address_from_ip4(ret, ip4->daddr);
		*ret_family = 4;
		*ret_l4 = ETH_HLEN + sizeof(*ip4);
		return true;
	}
	if (type != bpf_htons(ETH_P_IPV6) || !ip6)
		return false;
	__builtin_memcpy(ret->bytes, &ip6->daddr, sizeof(ret->bytes));
	*ret_family = 6;
	*ret_l4 = ETH_HLEN + sizeof(*ip6);
	return true;
}

/* It was counted where it was handed to the tap. */
__step verdict walk_packet(struct __sk_buff *skb, struct packet *packet)
{
	const struct stt_segment_header *segment;
	struct table_address destination;
	const struct table_peer *peer;
	const __u32 *slot;
	__u8 family;
	__u32 l4;

	frame_pull(skb);
	if (!read_destination(skb, skb->protocol, &destination, &family, &l4))
		return DROP_ENCAPSULATION_FAILED;
	slot = bpf_map_lookup_elem(&peer_by_address, &destination);
	if (!slot)
		return DROP_PEER_UNREACHABLE;
	packet->path_kind = PATH_PEER;
	packet->path = *slot;
	peer = bpf_map_lookup_elem(&peers, &packet->path);
	segment = frame_at(skb, l4, sizeof(*segment));
	if (!peer || !segment)
		return DROP_PEER_UNREACHABLE;
	/* the flow's upper bits choose the next hop, and all that is left of them is the port */
	return send_to_nexthop(
		skb, choose_nexthop(peer, (__u32)bpf_ntohs(segment->source_be) << 16), family);
}

SEC("tc")
int from_stt(struct __sk_buff *skb)
{
	struct packet packet;
	verdict verdict;

	packet_begin(skb, &packet);
	if (skb->vlan_present && skb->vlan_proto == bpf_htons(ETH_P_8021AD))
		return conclude(&packet, walk_received(skb, &packet));
	verdict = walk_packet(skb, &packet);
	return verdict == SENT ? TC_ACT_REDIRECT : conclude(&packet, verdict);
}

char LICENSE[] SEC("license") = "GPL";
