/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is it ours?  Whose?  Which envelope?  Everything that arrives at the
 * underlay device passes here, the host's own traffic included: what is not
 * addressed to a VTEP address and a tunnel port of ours, or is GRE or STT of
 * a peer, goes on untouched: the host may have GRE tunnels of its own, and real
 * connections to STT's port.
 *
 * Fragments are left to the kernel's reassembly, which gives the whole to the
 * anchor: a later fragment of UDP shows no port, so nobody can say here whose
 * it is.  Where there is no anchor, what is known to be ours ends here.
 *
 * Ends in: read_tunnel, receive_stt, HOST, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_PARSE_OUTER_H
#define OVERLAID_DATAPATH_STEP_PARSE_OUTER_H

#include "datapath/checksum.h"
#include "datapath/step/hear_path_mtu.h"
#include "datapath/step/ip6_extensions.h"
#include "datapath/step/parse.h"
#include "datapath/step/read_tunnel.h"

__step verdict parse_outer4(struct __sk_buff *skb, struct outer_packet *outer)
{
	const struct iphdr *ip = frame_at(skb, ETH_HLEN, sizeof(*ip));

	if (!ip)
		return DROP_TRUNCATED_OUTER_IP;
	if (ip->version != 4)
		return HOST;
	outer->family = 4;
	outer->protocol = ip->protocol;
	outer->ecn = ip->tos & ECN_MASK;
	outer->fragment = ip->frag_off & bpf_htons(IP_MORE | IP_OFFSET);
	outer->later_fragment = ip->frag_off & bpf_htons(IP_OFFSET);
	outer->l4_offset = ETH_HLEN + ip->ihl * 4;
	outer->end = ETH_HLEN + bpf_ntohs(ip->tot_len);
	table_address_from_ip4(&outer->source, ip->saddr);
	table_address_from_ip4(&outer->destination, ip->daddr);
	return NEXT;
}

__step verdict parse_outer6(struct __sk_buff *skb, struct outer_packet *outer)
{
	const struct ipv6hdr *ip = frame_at(skb, ETH_HLEN, sizeof(*ip));
	struct ip6_payload payload = {.offset = ETH_HLEN + sizeof(*ip)};

	if (!ip)
		return DROP_TRUNCATED_OUTER_IP;
	if (ip->version != 6)
		return HOST;
	payload.protocol = ip->nexthdr;
	outer->family = 6;
	outer->ecn = ip->flow_lbl[0] >> 4 & ECN_MASK;
	outer->end = payload.offset + bpf_ntohs(ip->payload_len);
	__builtin_memcpy(outer->source.bytes, &ip->saddr, 16);
	__builtin_memcpy(outer->destination.bytes, &ip->daddr, 16);
	walk_extensions(skb, &payload);
	outer->protocol = payload.protocol;
	outer->l4_offset = payload.offset;
	outer->fragment = payload.fragment;
	outer->later_fragment = payload.not_first;
	return NEXT;
}

__step bool is_local(const struct table_address *address)
{
	return bpf_map_lookup_elem(&local_addresses, address);
}

#define IP4_OPTIONS_MAX 40
/* Adds the words of the IPv4 options; 0 or -errno. */
__step int sum_ip4_options(struct __sk_buff *skb, __u64 bytes, __u64 *sum)
{
	__u64 options[IP4_OPTIONS_MAX / sizeof(__u64)] = {};
	int error;

	PIN(bytes);
	if (bytes < 4 || bytes > IP4_OPTIONS_MAX)
		return 0;
	error = bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct iphdr), options, bytes);
	if (!error)
		*sum += checksum_words((const __u16 *)options, IP4_OPTIONS_MAX / 2);
	return error;
}

/* What the host's own receiver would check before it gives the packet to a tunnel. */
__step verdict check_ip4(struct __sk_buff *skb, const struct outer_packet *outer)
{
	const struct iphdr *ip = frame_at(skb, ETH_HLEN, sizeof(*ip));
	__u64 sum;

	if (!ip || ip->ihl < 5)
		return DROP_BAD_IHL;
	if (outer->end > skb->len || outer->end < outer->l4_offset)
		return DROP_BAD_IP_LENGTH;
	sum = checksum_words((const __u16 *)ip, sizeof(*ip) / 2);
	if (sum_ip4_options(skb, ip->ihl * 4 - sizeof(*ip), &sum))
		return DROP_TRUNCATED_OUTER_IP;
	return checksum_fold(sum) == 0xffff ? NEXT : DROP_BAD_IP_CHECKSUM;
}

__step verdict check_udp(struct __sk_buff *skb, struct outer_packet *outer)
{
	const struct udphdr *udp = frame_at(skb, outer->l4_offset, sizeof(*udp));
	__u32 length;

	if (!udp)
		return DROP_BAD_UDP_LENGTH;
	length = bpf_ntohs(udp->len);
	if (length < sizeof(*udp) || outer->l4_offset + length > outer->end)
		return DROP_BAD_UDP_LENGTH;
	outer->end = outer->l4_offset + length;
	return NEXT;
}

/* IPv4 or IPv6 at all, and not a VLAN device's business. */
__step verdict parse_outer_ip(struct __sk_buff *skb, struct outer_packet *outer)
{
	const struct ethhdr *eth = frame_at(skb, 0, sizeof(*eth));

	if (!eth || (skb->vlan_present && skb->vlan_tci & VLAN_VID_MASK))
		return HOST;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return parse_outer4(skb, outer);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return parse_outer6(skb, outer);
	return HOST;
}

__step const struct table_peer *sender(const struct table_address *source)
{
	const __u32 *slot = bpf_map_lookup_elem(&peer_by_address, source);

	return slot ? bpf_map_lookup_elem(&peers, slot) : NULL;
}

__step enum encap_kind udp_kind(struct __sk_buff *skb, const struct outer_packet *outer,
				const struct table_settings *settings)
{
	const struct udphdr *udp = frame_at(skb, outer->l4_offset, sizeof(*udp));

	if (!udp || outer->later_fragment)
		return ENCAP_NONE;
	if (likely(udp->dest == bpf_htons(settings->vxlan_port)))
		return ENCAP_VXLAN;
	if (udp->dest != bpf_htons(settings->geneve_port))
		return ENCAP_NONE;
	return settings->flags & SETTING_GENEVE || sender(&outer->source) ? ENCAP_GENEVE :
									    ENCAP_NONE;
}

/* The two look alike: who may send NVGRE may not send GRE. */
__step enum encap_kind gre_kind(const struct table_address *source)
{
	const struct table_peer *peer = sender(source);

	if (!peer)
		return ENCAP_NONE;
	return peer->accepts & 1u << ENCAP_NVGRE ? ENCAP_NVGRE : ENCAP_GRE;
}

__step enum encap_kind tcp_kind(struct __sk_buff *skb, const struct outer_packet *outer,
				const struct table_settings *settings)
{
	const __be16 *ports = frame_at(skb, outer->l4_offset, 2 * sizeof(*ports));
	const struct table_peer *peer;

	if (!ports || ports[1] != bpf_htons(settings->stt_port) || outer->later_fragment)
		return ENCAP_NONE;
	peer = sender(&outer->source);
	return peer && peer->accepts & 1u << ENCAP_STT && !stt_is_real_tcp(skb, outer->l4_offset) ?
		       ENCAP_STT :
		       ENCAP_NONE;
}

__step enum encap_kind find_kind(struct __sk_buff *skb, const struct outer_packet *outer,
				 const struct table_settings *settings)
{
	if (outer->protocol == IPPROTO_UDP)
		return udp_kind(skb, outer, settings);
	if (outer->protocol == IPPROTO_TCP)
		return tcp_kind(skb, outer, settings);
	return outer->protocol == IPPROTO_GRE ? gre_kind(&outer->source) : ENCAP_NONE;
}

/* At an address of ours, in several pieces: to the host unless it is known to end there. */
__step verdict judge_fragment(const struct outer_packet *outer,
			      const struct table_settings *settings)
{
	if (!sender(&outer->source))
		return HOST;
	if (outer->kind == ENCAP_STT)
		return DROP_OUTER_FRAGMENT;
	if (settings->flags & SETTING_DROP_FRAGMENTS &&
	    (outer->kind || outer->protocol == IPPROTO_UDP))
		return DROP_OUTER_FRAGMENT;
	return outer->kind && !anchor_of(settings, outer) ? DROP_NO_ANCHOR : HOST;
}

/* One of our kinds, at an address of ours, and whole? */
__step verdict is_for_tunnel(struct __sk_buff *skb, struct outer_packet *outer,
			     const struct table_settings *settings)
{
	outer->kind = find_kind(skb, outer, settings);
	if (outer->family == 4 && outer->l4_offset < ETH_HLEN + sizeof(struct iphdr))
		return (outer->kind || outer->protocol == IPPROTO_UDP) &&
				       is_local(&outer->destination) ?
			       DROP_BAD_IHL :
			       HOST;
	if (outer->fragment)
		return is_local(&outer->destination) ? judge_fragment(outer, settings) : HOST;
	return outer->kind && is_local(&outer->destination) ? NEXT : HOST;
}

__step verdict parse_outer(struct __sk_buff *skb, const struct table_settings *settings,
			   struct outer_packet *outer)
{
	verdict verdict = parse_outer_ip(skb, outer);

	outer->gre_sum = false;
	if (verdict)
		return verdict;
	if (outer->protocol == IPPROTO_ICMP || outer->protocol == IPPROTO_ICMPV6)
		return hear_path_mtu(skb, outer->family, outer->l4_offset, settings);
	verdict = is_for_tunnel(skb, outer, settings);
	if (verdict)
		return verdict;
	if (outer->family == 4)
		verdict = check_ip4(skb, outer);
	else if (outer->end > skb->len)
		verdict = DROP_BAD_IP_LENGTH;
	if (verdict || outer->protocol != IPPROTO_UDP)
		return verdict;
	return check_udp(skb, outer);
}

#endif
