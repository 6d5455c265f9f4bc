/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the inner frame's headers and hashes its flow.  A frame that is not IP
 * is still a frame.
 */
#include "stt/inner.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define TAG_BYTES   4
#define IP_MORE	    0x2000
#define IP_OFFSET   0x1fff
#define HASH_FACTOR 0x9e3779b97f4a7c15ull /* 2^64 by the golden ratio */

static bool is_tag(uint16_t type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static uint64_t hash_add(uint64_t hash, const uint8_t *at, size_t n)
{
	uint32_t word;

	for (; n >= sizeof(word); n -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * HASH_FACTOR;
		hash ^= hash >> 29;
	}
	return hash;
}

/* Both ports of TCP and UDP.  No fragment has any, so that all of a packet go one way. */
static uint64_t hash_ports(const struct stt_span *frame, const struct stt_inner *inner,
			   bool fragment, uint64_t hash)
{
	if (fragment || (inner->protocol != IPPROTO_TCP && inner->protocol != IPPROTO_UDP) ||
	    inner->l4_offset + 4u > frame->n)
		return hash;
	return hash_add(hash, frame->at + inner->l4_offset, 4);
}

static uint64_t read_ip4(const struct stt_span *frame, struct stt_inner *ret)
{
	const uint8_t *ip = frame->at + ret->l3_offset;
	size_t header = (ip[0] & 0xf) * 4u;

	if (ip[0] >> 4 != 4 || header < sizeof(struct iphdr) || ret->l3_offset + header > frame->n)
		return 0;
	ret->ip_version = 4;
	ret->tos = ip[1];
	ret->protocol = ip[9];
	ret->l4_offset = (uint16_t)(ret->l3_offset + header);
	return hash_ports(frame, ret, span_get16(ip + 6) & (IP_MORE | IP_OFFSET),
			  hash_add(ret->protocol, ip + 12, 8));
}

static uint64_t read_ip6(const struct stt_span *frame, struct stt_inner *ret)
{
	const uint8_t *ip = frame->at + ret->l3_offset;

	if (ip[0] >> 4 != 6 || ret->l3_offset + sizeof(struct ipv6hdr) > frame->n)
		return 0;
	ret->ip_version = 6;
	ret->tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	ret->protocol = ip[6];
	ret->l4_offset = (uint16_t)(ret->l3_offset + sizeof(struct ipv6hdr));
	return hash_ports(frame, ret, false, hash_add(ret->protocol, ip + 8, 32));
}

void stt_inner_read(const struct stt_span *frame, struct stt_inner *ret)
{
	size_t at = 2 * ETH_ALEN;
	uint16_t type = span_get16(frame->at + at);
	uint64_t hash = 0;

	*ret = (struct stt_inner){0};
	while (is_tag(type) && at + TAG_BYTES + 2 <= frame->n) {
		at += TAG_BYTES;
		type = span_get16(frame->at + at);
	}
	ret->l3_offset = (uint16_t)(at + 2);
	if (ret->l3_offset + sizeof(struct iphdr) <= frame->n) {
		if (type == ETH_P_IP)
			hash = read_ip4(frame, ret);
		else if (type == ETH_P_IPV6)
			hash = read_ip6(frame, ret);
	}
	if (!ret->ip_version)
		hash = hash_add(type, frame->at, 2 * ETH_ALEN);
	ret->flow = (uint32_t)(hash * HASH_FACTOR >> 32);
}
