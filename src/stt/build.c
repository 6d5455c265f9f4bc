/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the frame header, the segment header and the outer IP and Ethernet
 * headers, from the inside out.
 */
#include "stt/build.h"

#include "stt/checksum.h"
#include "stt/congestion.h"
#include "stt/inner.h"
#include "stt/tag.h"
#include "wire/stt.h"

#include <arpa/inet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <stddef.h>

#define TCP_CHECKSUM_AT	  16
#define UDP_CHECKSUM_AT	  6
#define IP_DONT_FRAGMENT  0x4000
#define SOURCE_PORT_FIRST 49152
#define SOURCE_PORT_MASK  0x3fff
#define FLOW_LABEL_MASK	  0xfffff
#define L4_OFFSET_MAX	  255

static void *push(struct stt_span *frame, size_t n)
{
	frame->at -= n;
	frame->n += n;
	return memset(frame->at, 0, n);
}

/* Headers of words of four bytes do not stand at multiples of four behind Ethernet's. */
static void push_copy(struct stt_span *frame, const void *header, size_t n)
{
	memcpy(push(frame, n), header, n);
}

/* The outermost 802.1Q tag travels in the header; 0: there is none. */
static uint16_t take_vlan(struct stt_span *frame, struct virtio_net_hdr *vnet)
{
	uint16_t tci;

	if (frame->n < ETH_HLEN + STT_TAG_BYTES ||
	    span_get16(frame->at + 2 * ETH_ALEN) != ETH_P_8021Q)
		return 0;
	tci = span_get16(frame->at + 2 * ETH_ALEN + 2);
	stt_tag_take(frame, vnet);
	/* the place of CFI is V's: draft-davie-stt-08 has no room for it */
	return tci | STT_VLAN_PRESENT;
}

static bool is_partial(const struct virtio_net_hdr *vnet)
{
	return vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
}

/* Can the header's flags and its one byte of L4 offset say what is left to do? */
static bool can_stay_partial(const struct stt_inner *inner, const struct virtio_net_hdr *vnet)
{
	if (vnet->csum_start > L4_OFFSET_MAX || vnet->csum_start < inner->l4_offset)
		return false;
	return inner->ip_version &&
	       (vnet->csum_offset == TCP_CHECKSUM_AT || vnet->csum_offset == UDP_CHECKSUM_AT);
}

static enum drop_reason finish_checksum(const struct stt_span *frame, struct virtio_net_hdr *vnet)
{
	size_t at = (size_t)vnet->csum_start + vnet->csum_offset;
	uint16_t check;

	if (vnet->gso_type != VIRTIO_NET_HDR_GSO_NONE || at + sizeof(check) > frame->n)
		return DROP_ENCAPSULATION_FAILED;
	check = (uint16_t)~checksum_fold(
		checksum_add(0, frame->at + vnet->csum_start, frame->n - vnet->csum_start));
	if (!check && vnet->csum_offset == UDP_CHECKSUM_AT)
		check = 0xffff;
	memcpy(frame->at + at, &check, sizeof(check));
	vnet->flags = 0;
	return DROP_NONE;
}

static bool is_tcp_super(const struct virtio_net_hdr *vnet)
{
	uint8_t type = vnet->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;

	return type == VIRTIO_NET_HDR_GSO_TCPV4 || type == VIRTIO_NET_HDR_GSO_TCPV6;
}

/* draft-davie-stt-08 section 3.2; vnet is of the inner frame. */
static enum drop_reason push_frame_header(const struct stt_target *to, struct stt_span *frame,
					  const struct stt_inner *inner,
					  struct virtio_net_hdr *vnet, uint16_t vlan)
{
	struct stt_header *header;

	if (is_partial(vnet) && !can_stay_partial(inner, vnet)) {
		enum drop_reason reason = finish_checksum(frame, vnet);

		if (reason)
			return reason;
	}
	if (vnet->gso_type != VIRTIO_NET_HDR_GSO_NONE && (!is_partial(vnet) || !is_tcp_super(vnet)))
		return DROP_ENCAPSULATION_FAILED;
	header = push(frame, STT_HEADER_BYTES);
	header->context_low_be = htonl(to->vni);
	header->vlan_be = htons(vlan);
	if (is_partial(vnet)) {
		header->flags = STT_PARTIAL | (inner->ip_version == 4 ? STT_IPV4 : 0) |
				(vnet->csum_offset == TCP_CHECKSUM_AT ? STT_TCP : 0);
		header->l4_offset = (uint8_t)vnet->csum_start;
		if (vnet->gso_type != VIRTIO_NET_HDR_GSO_NONE)
			header->mss_be = htons(vnet->gso_size);
	} else if (vnet->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
		header->flags = STT_VERIFIED;
	}
	return DROP_NONE;
}

static uint64_t pseudo_sum(const struct stt_target *to, size_t l4_bytes)
{
	const uint8_t *local = to->local.bytes, *remote = to->remote.bytes;
	size_t n = to->family == 4 ? 4 : 16;

	return checksum_pseudo(remote + 16 - n, n, (uint32_t)l4_bytes, IPPROTO_TCP) +
	       checksum_add(0, local + 16 - n, n);
}

/* The checksum field holds the pseudo-header's sum: whoever cuts the packet finishes it. */
static void push_segment_header(const struct stt_target *to, struct stt_sender *sender,
				struct stt_span *frame, uint32_t flow)
{
	struct stt_segment_header header = {
		.source_be = htons((uint16_t)(SOURCE_PORT_FIRST + (flow & SOURCE_PORT_MASK))),
		.destination_be = htons(to->port),
		.length_be = htons((uint16_t)frame->n),
		.frame_id_be = htonl(sender->frame_id),
		.data_offset = STT_DATA_OFFSET,
		.flags = STT_ACK | STT_PSH,
		.window_be = htons(STT_WINDOW),
		.checksum = checksum_fold(pseudo_sum(to, frame->n + STT_SEGMENT_BYTES)),
	};

	push_copy(frame, &header, sizeof(header));
	sender->frame_id += sender->frame_id_step;
}

static void push_ip4(const struct stt_target *to, struct stt_sender *sender, struct stt_span *frame,
		     uint8_t tos, uint16_t segments)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tos = tos,
		.tot_len = htons((uint16_t)(frame->n + sizeof(ip))),
		.id = htons(sender->ip_id),
		.frag_off = htons(IP_DONT_FRAGMENT),
		.ttl = to->ttl,
		.protocol = IPPROTO_TCP,
	};

	memcpy(&ip.saddr, to->local.bytes + 12, sizeof(ip.saddr));
	memcpy(&ip.daddr, to->remote.bytes + 12, sizeof(ip.daddr));
	ip.check = (uint16_t)~checksum_fold(checksum_add(0, &ip, sizeof(ip)));
	push_copy(frame, &ip, sizeof(ip));
	/* each segment gets the next one */
	sender->ip_id = (uint16_t)(sender->ip_id + segments);
}

static void push_ip6(const struct stt_target *to, struct stt_span *frame, uint8_t tos,
		     uint32_t flow)
{
	/* RFC 6438: the flow label carries the flow's hash */
	uint32_t first = htonl(6u << 28 | (uint32_t)tos << 20 | (flow & FLOW_LABEL_MASK));
	struct ipv6hdr ip = {
		.payload_len = htons((uint16_t)frame->n),
		.nexthdr = IPPROTO_TCP,
		.hop_limit = to->ttl,
	};

	memcpy(&ip, &first, sizeof(first));
	memcpy(&ip.saddr, to->local.bytes, sizeof(ip.saddr));
	memcpy(&ip.daddr, to->remote.bytes, sizeof(ip.daddr));
	push_copy(frame, &ip, sizeof(ip));
}

/* What the packet wants of the device: finish the checksum, and cut where it does not fit. */
static struct virtio_net_hdr packet_vnet(const struct stt_target *to, size_t payload, uint16_t mss)
{
	unsigned int ip_bytes = to->family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)(ETH_HLEN + ip_bytes),
		.csum_offset = offsetof(struct stt_segment_header, checksum),
		.hdr_len = (uint16_t)(ETH_HLEN + ip_bytes + STT_SEGMENT_BYTES),
	};

	if (payload > mss) {
		vnet.gso_type =
			to->family == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
		vnet.gso_size = mss;
	}
	return vnet;
}

enum drop_reason stt_build(const struct stt_target *to, struct stt_sender *sender,
			   struct stt_span *frame, struct virtio_net_hdr *vnet)
{
	unsigned int cost = stt_cost_of_segment(to->family);
	enum drop_reason reason;
	struct stt_inner inner;
	uint16_t vlan, mss;
	size_t payload;
	uint8_t tos;

	if (frame->n < ETH_HLEN)
		return DROP_TRUNCATED_INNER_ETH;
	vlan = take_vlan(frame, vnet);
	if (frame->n > STT_INNER_MAX)
		return DROP_STT_FRAME_TOO_LONG;
	if (to->path_mtu <= cost)
		return DROP_PEER_UNREACHABLE;
	stt_inner_read(frame, &inner);
	reason = push_frame_header(to, frame, &inner, vnet, vlan);
	if (reason)
		return reason;
	payload = frame->n;
	mss = (uint16_t)(to->path_mtu - cost);
	/* RFC 6040 section 4.1, normal mode */
	tos = (uint8_t)((to->copy_dscp ? inner.tos & ~STT_ECN_MASK : to->dscp << 2) |
			(inner.tos & STT_ECN_MASK));
	push_segment_header(to, sender, frame, inner.flow);
	if (to->family == 4)
		push_ip4(to, sender, frame, tos, (uint16_t)((payload + mss - 1) / mss));
	else
		push_ip6(to, frame, tos, inner.flow);
	push(frame, ETH_HLEN);
	span_put16(frame->at + 2 * ETH_ALEN, to->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	*vnet = packet_vnet(to, payload, mss);
	return DROP_NONE;
}
