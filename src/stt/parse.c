/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks a received packet from the outside in and names the first thing that
 * is wrong.
 */
#include "stt/parse.h"

#include "stt/checksum.h"
#include "stt/congestion.h"
#include "wire/stt.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define IP_MORE	       0x2000
#define IP_OFFSET      0x1fff
#define EXTENSIONS_MAX 4
#define FRAGMENT_BYTES 8

/* The outer IP packet, offsets from the start of the frame. */
struct outer {
	size_t addresses, addresses_bytes;
	size_t l4, end;
	uint8_t protocol;
};

static void address_from_ip4(struct table_address *address, const uint8_t *ip)
{
	memset(address->bytes, 0, 10);
	memset(address->bytes + 10, 0xff, 2);
	memcpy(address->bytes + 12, ip, 4);
}

static enum drop_reason parse_ip4(const struct stt_span *packet, struct outer *outer,
				  struct stt_segment *ret)
{
	const uint8_t *ip = packet->at + ETH_HLEN;
	size_t header;

	if (packet->n < ETH_HLEN + sizeof(struct iphdr))
		return DROP_TRUNCATED_OUTER_IP;
	header = (ip[0] & 0xf) * 4u;
	if (ip[0] >> 4 != 4 || header < sizeof(struct iphdr))
		return DROP_BAD_IHL;
	address_from_ip4(&ret->source, ip + 12);
	address_from_ip4(&ret->destination, ip + 16);
	*outer = (struct outer){
		.addresses = ETH_HLEN + 12,
		.addresses_bytes = 8,
		.l4 = ETH_HLEN + header,
		.end = ETH_HLEN + (size_t)span_get16(ip + 2),
		.protocol = ip[9],
	};
	ret->ecn = ip[1] & STT_ECN_MASK;
	if (outer->end > packet->n || outer->end < outer->l4)
		return DROP_BAD_IP_LENGTH;
	if (checksum_fold(checksum_add(0, ip, header)) != 0xffff)
		return DROP_BAD_IP_CHECKSUM;
	return span_get16(ip + 6) & (IP_MORE | IP_OFFSET) ? DROP_OUTER_FRAGMENT : DROP_NONE;
}

/* RFC 8200 section 4: a bounded number of them; a whole packet may have a fragment header. */
static enum drop_reason walk_extensions(const struct stt_span *packet, struct outer *outer)
{
	for (int i = 0; i < EXTENSIONS_MAX && outer->protocol != IPPROTO_TCP; i++) {
		const uint8_t *header = packet->at + outer->l4;

		if (outer->l4 + FRAGMENT_BYTES > outer->end)
			return DROP_TRUNCATED_OUTER_IP;
		switch (outer->protocol) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			outer->l4 += (header[1] + 1u) * 8;
			break;
		case IPPROTO_FRAGMENT:
			if (span_get16(header + 2) & 0xfff9)
				return DROP_OUTER_FRAGMENT;
			outer->l4 += FRAGMENT_BYTES;
			break;
		default:
			return DROP_WRONG_ENCAPSULATION;
		}
		outer->protocol = header[0];
	}
	return DROP_NONE;
}

static enum drop_reason parse_ip6(const struct stt_span *packet, struct outer *outer,
				  struct stt_segment *ret)
{
	const uint8_t *ip = packet->at + ETH_HLEN;

	if (packet->n < ETH_HLEN + sizeof(struct ipv6hdr) || ip[0] >> 4 != 6)
		return DROP_TRUNCATED_OUTER_IP;
	memcpy(ret->source.bytes, ip + 8, 16);
	memcpy(ret->destination.bytes, ip + 24, 16);
	*outer = (struct outer){
		.addresses = ETH_HLEN + 8,
		.addresses_bytes = 32,
		.l4 = ETH_HLEN + sizeof(struct ipv6hdr),
		.end = ETH_HLEN + sizeof(struct ipv6hdr) + span_get16(ip + 4),
		.protocol = ip[6],
	};
	ret->ecn = ip[1] >> 4 & STT_ECN_MASK;
	if (outer->end > packet->n)
		return DROP_BAD_IP_LENGTH;
	return walk_extensions(packet, outer);
}

/* vnet speaks of the outer segment header, and not of something that happens to be inside. */
static bool is_left_to_device(const struct virtio_net_hdr *vnet, const struct outer *outer)
{
	return vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && vnet->csum_start == outer->l4 &&
	       vnet->csum_offset == offsetof(struct stt_segment_header, checksum);
}

static bool is_sound(const struct stt_span *packet, const struct virtio_net_hdr *vnet,
		     const struct outer *outer)
{
	size_t bytes = outer->end - outer->l4;
	uint64_t sum;

	if (vnet->flags & VIRTIO_NET_HDR_F_DATA_VALID || is_left_to_device(vnet, outer))
		return true;
	sum = checksum_pseudo(packet->at + outer->addresses, outer->addresses_bytes,
			      (uint32_t)bytes, IPPROTO_TCP);
	return checksum_fold(checksum_add(sum, packet->at + outer->l4, bytes)) == 0xffff;
}

static enum drop_reason parse_segment(const struct stt_span *packet,
				      const struct virtio_net_hdr *vnet, uint16_t port,
				      const struct outer *outer, struct stt_segment *ret)
{
	struct stt_segment_header header;

	if (outer->l4 + sizeof(header) > outer->end)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	memcpy(&header, packet->at + outer->l4, sizeof(header));
	if (outer->protocol != IPPROTO_TCP || ntohs(header.destination_be) != port)
		return DROP_WRONG_ENCAPSULATION;
	ret->length = ntohs(header.length_be);
	ret->offset = ntohs(header.offset_be);
	ret->frame_id = ntohl(header.frame_id_be);
	ret->payload.at = packet->at + outer->l4 + sizeof(header);
	ret->payload.n = outer->end - outer->l4 - sizeof(header);
	/* first of all, so that a scan of the port is what it is called */
	if (!ret->payload.n)
		return DROP_STT_EMPTY_SEGMENT;
	if ((header.data_offset & 0xf0) != STT_DATA_OFFSET)
		return DROP_STT_TCP_DATA_OFFSET;
	if (header.flags & STT_TCP_FLAGS_BAD)
		return DROP_STT_TCP_FLAGS;
	if (!is_sound(packet, vnet, outer))
		return DROP_STT_BAD_TCP_CHECKSUM;
	if (ret->length < STT_HEADER_BYTES)
		return DROP_TRUNCATED_TUNNEL_HEADER;
	if (ret->offset + ret->payload.n > ret->length)
		return DROP_STT_SEGMENT_BEYOND_FRAME;
	return DROP_NONE;
}

enum drop_reason stt_parse(const struct stt_span *packet, const struct virtio_net_hdr *vnet,
			   uint16_t port, struct stt_segment *ret)
{
	enum drop_reason reason;
	struct outer outer;

	*ret = (struct stt_segment){0};
	if (packet->n < ETH_HLEN)
		return DROP_TRUNCATED_OUTER_IP;
	switch (span_get16(packet->at + 2 * ETH_ALEN)) {
	case ETH_P_IP:
		reason = parse_ip4(packet, &outer, ret);
		break;
	case ETH_P_IPV6:
		reason = parse_ip6(packet, &outer, ret);
		break;
	default:
		return DROP_WRONG_ENCAPSULATION;
	}
	return reason ? reason : parse_segment(packet, vnet, port, &outer, ret);
}
