/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the checksums of a frame right?  Written apart from the datapath's own
 * arithmetic: plain sums over bytes (RFC 1071).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "compose.h"

#define VXLAN_PORT 4789

uint16_t frame_sum(const void *data, size_t n, uint32_t start)
{
	const uint8_t *at = data;
	uint64_t sum = start;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
	if (n % 2)
		sum += (uint32_t)at[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint32_t checksum_pseudo(int version, const uint8_t *ip, uint8_t protocol, size_t length)
{
	uint32_t sum = protocol + (uint32_t)(length >> 16) + (uint32_t)(length & 0xffff);

	return version == 4 ? frame_sum(ip + 12, 8, sum) : frame_sum(ip + 8, 32, sum);
}

static bool complain(const char *what, uint16_t sum)
{
	fprintf(stderr, "the %s checksum is wrong: the sum is %04x\n", what, sum);
	return false;
}

static bool right_inside(const struct frame *frame, size_t at);

static bool right_udp(const struct frame *frame, size_t at, size_t n, uint32_t pseudo, int version)
{
	size_t length = n >= 8 ? frame_u16(frame, at + 4) : 0;
	uint16_t sum;

	if (length < 8 || length > n)
		return complain("UDP (its length, really)", (uint16_t)length);
	sum = frame_sum(frame->bytes + at, length, pseudo);
	if ((frame_u16(frame, at + 6) || version == 6) && sum != 0xffff &&
	    !(frame_u16(frame, at + 2) == VXLAN_PORT && !frame_u16(frame, at + 6)))
		return complain("UDP", sum);
	return frame_u16(frame, at + 2) != VXLAN_PORT || right_inside(frame, at + 16);
}

/* n bytes of a transport protocol at `at`; ip is the header that they belong to. */
static bool right_transport(const struct frame *frame, int version, size_t ip, uint8_t protocol,
			    size_t at, size_t n)
{
	uint32_t pseudo = checksum_pseudo(version, frame->bytes + ip, protocol, n);
	uint16_t sum;

	if (protocol == IPPROTO_UDP)
		return right_udp(frame, at, n, pseudo, version);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_ICMPV6 && protocol != IPPROTO_ICMP)
		return true;
	sum = frame_sum(frame->bytes + at, n, protocol == IPPROTO_ICMP ? 0 : pseudo);
	return sum == 0xffff || complain(protocol == IPPROTO_TCP ? "TCP" : "ICMP", sum);
}

static bool right_ip4(const struct frame *frame, size_t at)
{
	size_t header = (frame->bytes[at] & 0xfu) * 4, total = frame_u16(frame, at + 2);
	uint16_t sum = frame_sum(frame->bytes + at, header, 0);

	if (sum != 0xffff)
		return complain("IPv4 header", sum);
	if (total < header || at + total > frame->length)
		return complain("IPv4 (its length, really)", (uint16_t)total);
	if (frame_u16(frame, at + 6) & 0x3fff)
		return true; /* a fragment: the rest of the sum is elsewhere */
	return right_transport(frame, 4, at, frame->bytes[at + 9], at + header, total - header);
}

static bool right_ip6(const struct frame *frame, size_t at)
{
	size_t n = frame_u16(frame, at + 4);

	if (at + 40 + n > frame->length)
		return complain("IPv6 (its length, really)", (uint16_t)n);
	return right_transport(frame, 6, at, frame->bytes[at + 6], at + 40, n);
}

/* An Ethernet frame at `at`, to the end. */
static bool right_inside(const struct frame *frame, size_t at)
{
	uint16_t type = frame_u16(frame, at + 12);

	at += 14;
	while (type == 0x8100 || type == 0x88a8) {
		type = frame_u16(frame, at + 2);
		at += 4;
	}
	if (type == 0x0800)
		return right_ip4(frame, at);
	return type != 0x86dd || right_ip6(frame, at);
}

bool frame_checksums_right(const struct frame *frame)
{
	return right_inside(frame, 0);
}
