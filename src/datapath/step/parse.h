/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is it?  Reads the Ethernet header, one VLAN tag and the IP header of
 * the (inner) frame that stands from `base` to `end`.  A frame that is not IP,
 * or whose IP header is not whole, is still a frame: a switch carries it.
 *
 * Ends in: admit, or a drop of what is not an Ethernet frame.
 */
#ifndef OVERLAID_DATAPATH_STEP_PARSE_H
#define OVERLAID_DATAPATH_STEP_PARSE_H

#include "datapath/frame_tc.h"

__step bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

__step void parse_ip4(struct __sk_buff *skb, struct packet *packet, __u32 offset)
{
	const struct iphdr *ip = frame_at(skb, offset, sizeof(*ip));
	__u16 fragment;

	if (!ip || ip->version != 4 || ip->ihl < 5 ||
	    packet->length < packet->l3_offset + ip->ihl * 4)
		return;
	fragment = bpf_ntohs(ip->frag_off);
	packet->ip_version = 4;
	packet->tos = ip->tos;
	packet->protocol = ip->protocol;
	packet->l3_header = ip->ihl * 4;
	packet->dont_fragment = fragment & IP_DONT_FRAGMENT;
	packet->later_fragment = fragment & IP_OFFSET;
	packet->more_fragments = fragment & IP_MORE;
}

__step void parse_ip6(struct __sk_buff *skb, struct packet *packet, __u32 offset)
{
	const struct ipv6hdr *ip = frame_at(skb, offset, sizeof(*ip));

	if (!ip || ip->version != 6 || packet->length < packet->l3_offset + sizeof(*ip))
		return;
	packet->ip_version = 6;
	packet->tos = ip->priority << 4 | ip->flow_lbl[0] >> 4;
	packet->protocol = ip->nexthdr;
	packet->l3_header = sizeof(*ip);
	packet->dont_fragment = true; /* RFC 8200: only sources fragment */
}

__step verdict parse(struct __sk_buff *skb, struct packet *packet, __u32 base, __u32 end)
{
	const struct ethhdr *eth = frame_at(skb, base, sizeof(*eth));
	const __be16 *tag;
	__be16 type;

	if (end < base + ETH_HLEN)
		return DROP_TRUNCATED_INNER_ETH;
	packet->length = end - base;
	if (!eth)
		return DROP_TRUNCATED_INNER_ETH;
	__builtin_memcpy(packet->macs, eth, sizeof(packet->macs));
	packet->l3_offset = ETH_HLEN;
	type = eth->h_proto;
	/* at the device's own ingress the kernel has moved the tag to the metadata */
	packet->tagged = base == 0 && skb->vlan_present;
	if (!packet->tagged && is_vlan(type)) {
		tag = frame_at(skb, base + ETH_HLEN, VLAN_BYTES);
		if (!tag || packet->length < ETH_HLEN + VLAN_BYTES)
			return DROP_TRUNCATED_INNER_VLAN;
		packet->tagged = true;
		packet->tag_in_bytes = true;
		packet->l3_offset += VLAN_BYTES;
		type = tag[1];
	}
	packet->ethertype = bpf_ntohs(type);
	if (packet->ethertype == ETH_P_IP)
		parse_ip4(skb, packet, base + packet->l3_offset);
	else if (packet->ethertype == ETH_P_IPV6)
		parse_ip6(skb, packet, base + packet->l3_offset);
	return NEXT;
}

__step bool is_group(const __u8 *mac)
{
	return mac[0] & 1;
}

#endif
