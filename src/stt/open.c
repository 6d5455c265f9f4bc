/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the STT frame header and checks what it promises against the inner
 * frame, because the kernel will believe the virtio_net_hdr.
 */
#include "stt/open.h"

#include "stt/congestion.h"
#include "stt/tag.h"
#include "wire/stt.h"

#include <arpa/inet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>

#define TCP_CHECKSUM_AT 16
#define UDP_CHECKSUM_AT 6
#define TCP_FLAGS_AT	13
#define TCP_CWR		0x80

/* Where the L4 header may begin at the earliest, and how long it is at least. */
static bool l4_is_inside(const struct stt_span *frame, const struct stt_header *header)
{
	size_t ip = header->flags & STT_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	size_t l4 = header->flags & STT_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr);

	return header->l4_offset >= ETH_HLEN + ip && header->l4_offset + l4 <= frame->n;
}

/* Larger than one segment: the kernel, or the device that it leaves by, cuts it. */
static enum drop_reason set_super(const struct stt_span *frame, const struct stt_header *header,
				  struct virtio_net_hdr *ret)
{
	const uint8_t *tcp = frame->at + header->l4_offset;
	uint16_t mss = ntohs(header->mss_be);
	size_t headers = header->l4_offset + (size_t)(tcp[12] >> 4) * 4;

	if (!mss || !(header->flags & STT_TCP))
		return DROP_NONE;
	if (headers < header->l4_offset + sizeof(struct tcphdr) || headers > frame->n)
		return DROP_STT_BAD_L4_OFFSET;
	if (frame->n - headers <= mss)
		return DROP_NONE;
	if (mss < STT_MSS_MIN)
		return DROP_STT_BAD_MSS;
	ret->gso_type =
		header->flags & STT_IPV4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	if (tcp[TCP_FLAGS_AT] & TCP_CWR)
		ret->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	ret->gso_size = mss;
	ret->hdr_len = (uint16_t)headers;
	return DROP_NONE;
}

static enum drop_reason set_offloads(const struct stt_span *frame, const struct stt_header *header,
				     struct virtio_net_hdr *ret)
{
	*ret = (struct virtio_net_hdr){0};
	if (!(header->flags & STT_PARTIAL)) {
		if (header->flags & STT_VERIFIED)
			ret->flags = VIRTIO_NET_HDR_F_DATA_VALID;
		return DROP_NONE;
	}
	if (!l4_is_inside(frame, header))
		return DROP_STT_BAD_L4_OFFSET;
	ret->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	ret->csum_start = header->l4_offset;
	ret->csum_offset = header->flags & STT_TCP ? TCP_CHECKSUM_AT : UDP_CHECKSUM_AT;
	return set_super(frame, header, ret);
}

enum drop_reason stt_open(struct stt_span *frame, uint8_t ecn, struct virtio_net_hdr *ret_vnet,
			  uint64_t *ret_context)
{
	enum drop_reason reason;
	struct stt_header header;
	uint16_t vlan;

	if (frame->n < sizeof(header))
		return DROP_TRUNCATED_TUNNEL_HEADER;
	memcpy(&header, frame->at, sizeof(header));
	*ret_context = (uint64_t)ntohl(header.context_high_be) << 32 | ntohl(header.context_low_be);
	if (header.version != STT_VERSION)
		return DROP_STT_VERSION;
	frame->at += sizeof(header);
	frame->n -= sizeof(header);
	if (frame->n < ETH_HLEN)
		return DROP_TRUNCATED_INNER_ETH;
	reason = set_offloads(frame, &header, ret_vnet);
	if (!reason)
		reason = stt_merge_ecn(frame, ecn);
	vlan = ntohs(header.vlan_be);
	if (!reason && vlan & STT_VLAN_PRESENT)
		stt_tag_put(frame, ret_vnet, ETH_P_8021Q, vlan & (uint16_t)~STT_VLAN_PRESENT);
	return reason;
}
