/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does the sender learn that its packet is too big?  The frame becomes the
 * ICMP error that a router on the way would send (RFC 1191 section 4, RFC 4443
 * section 3.2), from the packet's destination, as a layer-2 switch has no
 * address of its own there, and goes back out of the port.
 *
 * Never for group destinations, ICMP errors, later fragments or strange
 * sources (RFC 1122 section 3.2.2, RFC 4443 section 2.4), and at most
 * TABLE_ANSWERS_PER_SECOND a second and port.
 *
 * Ends in: SENT with packet->answered, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_ANSWER_TOO_BIG_H
#define OVERLAID_DATAPATH_STEP_ANSWER_TOO_BIG_H

#include "datapath/checksum.h"
#include "datapath/step/ip6_extensions.h"
#include "datapath/step/parse.h"
#include "wire/icmp.h"

#include <linux/pkt_cls.h>

#define IPV6_MTU_MIN 1280 /* RFC 8200 section 5: no host goes below */

/* Quotes are as long as the RFCs want, in whole words. */
#define QUOTE4_MAX    (576 - sizeof(struct iphdr) - sizeof(struct icmp_too_big))
#define QUOTE6_MAX    (1280 - sizeof(struct ipv6hdr) - sizeof(struct icmp_too_big))
#define QUOTE_CHUNKS4 2
#define QUOTE_CHUNKS6 3

__step bool answer_is_due(__u32 port)
{
	struct table_budget *budget = bpf_map_lookup_elem(&budgets, &port);
	__u64 now = bpf_ktime_get_coarse_ns();

	if (!budget)
		return false;
	if (now - budget->window_ns >= 1000000000ull) {
		budget->window_ns = now;
		budget->spent = 0;
	}
	return __sync_fetch_and_add(&budget->spent, 1) < TABLE_ANSWERS_PER_SECOND;
}

__step bool answer_may4(struct __sk_buff *skb, const struct packet *packet)
{
	const struct iphdr *ip = frame_at(skb, packet->l3_offset, sizeof(*ip));
	const __u8 *type;
	__u32 source;

	if (!ip || packet->later_fragment)
		return false;
	source = bpf_ntohl(ip->saddr);
	if (!source || source >> 28 >= 0xe || source >> 24 == 127)
		return false;
	if (bpf_ntohl(ip->daddr) >> 28 >= 0xe)
		return false;
	if (packet->protocol != IPPROTO_ICMP)
		return true;
	type = frame_at(skb, packet->l3_offset + packet->l3_header, 1);
	return type && (*type == ICMP4_ECHO || *type == ICMP4_ECHO_REPLY ||
			*type == ICMP4_TIMESTAMP || *type == ICMP4_TIMESTAMP_REPLY);
}

__step bool answer_may6(struct __sk_buff *skb, const struct packet *packet)
{
	const struct ipv6hdr *ip = frame_at(skb, packet->l3_offset, sizeof(*ip));
	struct ip6_payload payload = {
		.offset = packet->l3_offset + sizeof(*ip),
		.protocol = packet->protocol,
	};
	const __u8 *type;

	if (!ip || ip->saddr.in6_u.u6_addr8[0] == 0xff || ip->daddr.in6_u.u6_addr8[0] == 0xff)
		return false;
	if (!(ip->saddr.in6_u.u6_addr32[0] | ip->saddr.in6_u.u6_addr32[1] |
	      ip->saddr.in6_u.u6_addr32[2] | (ip->saddr.in6_u.u6_addr32[3] & bpf_htonl(~1u))))
		return false;
	walk_extensions(skb, &payload);
	if (payload.not_first || is_extension(payload.protocol))
		return false;
	type = frame_at(skb, payload.offset, 1);
	return payload.protocol != IPPROTO_ICMPV6 || (type && *type & ICMP6_INFORMATIONAL);
}

/* The ICMP message with its quote in scratch, checksum still missing.  Returns the quote's bytes. */
__step __u32 answer_quote(struct __sk_buff *skb, const struct packet *packet,
			  struct scratch *scratch, __u32 most, __u32 n_chunks)
{
	__u64 quote = (skb->len - packet->l3_offset) & ~3u;
	volatile __u64 *words = (volatile __u64 *)scratch->bytes; /* no memset in BPF */

	if (quote > most)
		quote = most;
	for (__u32 i = 0; i < n_chunks * CHECKSUM_CHUNK / sizeof(*words); i++)
		words[i] = 0;
	PIN(quote);
	if (quote < sizeof(struct iphdr) || quote > QUOTE6_MAX)
		return 0;
	if (bpf_skb_load_bytes(skb, packet->l3_offset, scratch->bytes + sizeof(struct icmp_too_big),
			       quote))
		return 0;
	return quote;
}

/* ip: the answer's IP header; the ICMP message stands in scratch. */
__step verdict answer_send(struct __sk_buff *skb, struct packet *packet, const void *ip,
			   __u32 ip_bytes, struct scratch *scratch, __u32 icmp_bytes)
{
	const struct table_port *back = bpf_map_lookup_elem(&ports, &packet->port_in);
	struct ethhdr eth = {.h_proto = bpf_htons(packet->ethertype)};

	if (!back || icmp_bytes > SCRATCH_BYTES || icmp_bytes < sizeof(struct icmp_too_big))
		return DROP_TOO_BIG_SILENT;
	__builtin_memcpy(eth.h_dest, packet->macs + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(eth.h_source, packet->macs, ETH_ALEN);
	if (frame_blank(skb, sizeof(eth) + ip_bytes + icmp_bytes) ||
	    bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0) ||
	    bpf_skb_store_bytes(skb, sizeof(eth), ip, ip_bytes, 0) ||
	    bpf_skb_store_bytes(skb, sizeof(eth) + ip_bytes, scratch->bytes, icmp_bytes, 0))
		return DROP_TOO_BIG_SILENT;
	if (bpf_redirect(back->ifindex, 0) != TC_ACT_REDIRECT)
		return DROP_SEND_FAILED;
	packet->answered = DROP_TOO_BIG_ANSWERED;
	return SENT;
}

__step verdict answer4(struct __sk_buff *skb, struct packet *packet, __u32 limit)
{
	struct scratch *scratch = frame_scratch();
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP};
	struct icmp_too_big *icmp;
	const struct iphdr *quoted;
	__u32 quote;

	if (!scratch || !answer_may4(skb, packet))
		return DROP_TOO_BIG_SILENT;
	quote = answer_quote(skb, packet, scratch, QUOTE4_MAX, QUOTE_CHUNKS4);
	if (!quote)
		return DROP_TOO_BIG_SILENT;
	icmp = (struct icmp_too_big *)scratch->bytes;
	icmp->type = ICMP4_UNREACHABLE;
	icmp->code = ICMP4_FRAGMENTATION_NEEDED;
	icmp->mtu4_be = bpf_htons(limit);
	icmp->checksum = ~checksum_fold(checksum_scratch(scratch, QUOTE_CHUNKS4));

	quoted = (const struct iphdr *)(icmp + 1);
	ip.tot_len = bpf_htons(sizeof(ip) + sizeof(*icmp) + quote);
	ip.saddr = quoted->daddr;
	ip.daddr = quoted->saddr;
	ip.check = ~checksum_fold(checksum_words((const __u16 *)&ip, sizeof(ip) / 2));
	return answer_send(skb, packet, &ip, sizeof(ip), scratch, sizeof(*icmp) + quote);
}

__step verdict answer6(struct __sk_buff *skb, struct packet *packet, __u32 limit)
{
	struct scratch *scratch = frame_scratch();
	struct ipv6hdr ip = {.version = 6, .hop_limit = 64, .nexthdr = IPPROTO_ICMPV6};
	struct icmp_too_big *icmp;
	const struct ipv6hdr *quoted;
	__u32 quote;
	__u64 sum;

	if (!scratch || !answer_may6(skb, packet))
		return DROP_TOO_BIG_SILENT;
	quote = answer_quote(skb, packet, scratch, QUOTE6_MAX, QUOTE_CHUNKS6);
	if (!quote)
		return DROP_TOO_BIG_SILENT;
	icmp = (struct icmp_too_big *)scratch->bytes;
	quoted = (const struct ipv6hdr *)(icmp + 1);
	ip.payload_len = bpf_htons(sizeof(*icmp) + quote);
	ip.saddr = quoted->daddr;
	ip.daddr = quoted->saddr;

	icmp->type = ICMP6_PACKET_TOO_BIG;
	icmp->mtu6_be = bpf_htonl(limit < IPV6_MTU_MIN ? IPV6_MTU_MIN : limit);
	/* the pseudo-header of RFC 8200 section 8.1: both addresses, length, next header */
	sum = checksum_words((const __u16 *)&ip.saddr, 16) + ip.payload_len +
	      bpf_htons(IPPROTO_ICMPV6);
	icmp->checksum = ~checksum_fold(sum + checksum_scratch(scratch, QUOTE_CHUNKS6));
	return answer_send(skb, packet, &ip, sizeof(ip), scratch, sizeof(*icmp) + quote);
}

__step verdict answer_too_big(struct __sk_buff *skb, struct packet *packet, __u32 limit)
{
	if (is_group(packet->macs) || packet->tag_in_bytes || packet->port_in == TABLE_NO_SLOT)
		return DROP_TOO_BIG_SILENT;
	if (!answer_is_due(packet->port_in))
		return DROP_TOO_BIG_SILENT;
	return packet->ip_version == 4 ? answer4(skb, packet, limit) : answer6(skb, packet, limit);
}

#endif
