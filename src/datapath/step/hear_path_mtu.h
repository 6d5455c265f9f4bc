/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Did a router say that our outer packets are too big?  Looks into ICMP 3/4
 * and ICMPv6 type 2 that quote a packet of ours to a peer, and tells the
 * daemon, which keeps path MTUs per peer.  RFC 1191 promises no more than the
 * quoted IP header and 8 bytes: enough for addresses and ports, or for GRE's
 * flags and protocol type.
 *
 * Ends in: HOST, always.  The kernel learns from the same message.
 */
#ifndef OVERLAID_DATAPATH_STEP_HEAR_PATH_MTU_H
#define OVERLAID_DATAPATH_STEP_HEAR_PATH_MTU_H

#include "datapath/frame_tc.h"
#include "wire/gre.h"
#include "wire/icmp.h"

__step void table_address_from_ip4(struct table_address *address, __be32 ip)
{
	__builtin_memset(address->bytes, 0, 10);
	address->bytes[10] = 0xff;
	address->bytes[11] = 0xff;
	__builtin_memcpy(address->bytes + 12, &ip, sizeof(ip));
}

__step void report_path_mtu(const struct table_address *source,
			    const struct table_address *destination, __u32 mtu)
{
	const __u32 *peer = bpf_map_lookup_elem(&peer_by_address, destination);
	struct event *event;

	if (!peer || !bpf_map_lookup_elem(&local_addresses, source))
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->kind = EVENT_PATH_MTU;
	event->path_kind = PATH_PEER;
	event->path = *peer;
	event->mtu = mtu;
	bpf_ringbuf_submit(event, 0);
}

#define QUOTE_BYTES 8
/* Do these bytes behind an IP header start a tunnel packet?  From another's tunnel we learn too. */
__step bool quotes_tunnel(struct __sk_buff *skb, __u8 protocol, __u32 offset,
			  const struct table_settings *settings)
{
	const __be16 *words = frame_at(skb, offset, QUOTE_BYTES);

	if (!words)
		return false;
	if (protocol == IPPROTO_UDP)
		return words[1] == bpf_htons(settings->vxlan_port) ||
		       words[1] == bpf_htons(settings->geneve_port);
	if (protocol == IPPROTO_GRE)
		return words[0] & bpf_htons(GRE_FLAG_KEY) &&
		       words[1] == bpf_htons(GRE_PROTOCOL_ETHERNET);
	return protocol == IPPROTO_TCP && words[1] == bpf_htons(settings->stt_port);
}

__step void hear_path_mtu4(struct __sk_buff *skb, __u32 offset,
			   const struct table_settings *settings)
{
	const struct icmp_too_big *icmp = frame_at(skb, offset, sizeof(*icmp));
	const struct iphdr *ip = frame_at(skb, offset + sizeof(*icmp), sizeof(*ip));
	struct table_address source, destination;

	if (!icmp || !ip || icmp->type != ICMP4_UNREACHABLE ||
	    icmp->code != ICMP4_FRAGMENTATION_NEEDED)
		return;
	if (!quotes_tunnel(skb, ip->protocol, offset + sizeof(*icmp) + ip->ihl * 4, settings))
		return;
	table_address_from_ip4(&source, ip->saddr);
	table_address_from_ip4(&destination, ip->daddr);
	report_path_mtu(&source, &destination, bpf_ntohs(icmp->mtu4_be));
}

__step void hear_path_mtu6(struct __sk_buff *skb, __u32 offset,
			   const struct table_settings *settings)
{
	const struct icmp_too_big *icmp = frame_at(skb, offset, sizeof(*icmp));
	const struct ipv6hdr *ip = frame_at(skb, offset + sizeof(*icmp), sizeof(*ip));
	struct table_address source, destination;

	if (!icmp || !ip || icmp->type != ICMP6_PACKET_TOO_BIG)
		return;
	if (!quotes_tunnel(skb, ip->nexthdr, offset + sizeof(*icmp) + sizeof(*ip), settings))
		return;
	__builtin_memcpy(source.bytes, &ip->saddr, 16);
	__builtin_memcpy(destination.bytes, &ip->daddr, 16);
	report_path_mtu(&source, &destination, bpf_ntohl(icmp->mtu6_be));
}

__step verdict hear_path_mtu(struct __sk_buff *skb, __u8 family, __u32 offset,
			     const struct table_settings *settings)
{
	if (family == 4)
		hear_path_mtu4(skb, offset, settings);
	else
		hear_path_mtu6(skb, offset, settings);
	return HOST;
}

#endif
