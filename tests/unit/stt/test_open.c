/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is what an STT frame header promises believed only where it is true, and are
 * congestion marks merged as RFC 6040 says?
 */
#include "segments.h"

/* An STT frame: header, then a TCP or UDP packet in an Ethernet frame. */
struct stt_frame {
	struct stt_header header;
	uint8_t inner[2000];
} __attribute__((packed));

static void make(struct stt_frame *frame, uint8_t version)
{
	memset(frame, 0, sizeof(*frame));
	span_put16(frame->inner + 12, version == 4 ? ETH_P_IP : ETH_P_IPV6);
	frame->inner[14] = version == 4 ? 0x45 : 0x60;
	frame->inner[14 + (version == 4 ? 9 : 6)] = IPPROTO_TCP;
	frame->inner[(version == 4 ? 34 : 54) + 12] = 0x50;
}

static enum drop_reason open_it(struct stt_frame *frame, size_t inner_bytes, uint8_t ecn,
				struct virtio_net_hdr *vnet, struct stt_span *span)
{
	uint64_t context;

	span->at = (uint8_t *)frame;
	span->n = STT_HEADER_BYTES + inner_bytes;
	return stt_open(span, ecn, vnet, &context);
}

struct promise {
	const char *sentence;
	uint8_t version; /* of the inner IP packet */
	uint8_t flags;
	uint8_t l4_offset;
	uint16_t mss;
	uint16_t bytes; /* of the inner frame */
	enum drop_reason end;
	uint8_t vnet_flags, gso_type;
};

#define PARTIAL4 (STT_PARTIAL | STT_IPV4 | STT_TCP)
#define PARTIAL6 (STT_PARTIAL | STT_TCP)
#define NEEDED	 VIRTIO_NET_HDR_F_NEEDS_CSUM
#define BAD_L4	 DROP_STT_BAD_L4_OFFSET

static const struct promise promises[] = {
	{"no flag", 4, 0, 0, 0, 60, 0, 0, 0},
	{"no flag, and an L4 offset that means nothing", 4, 0, 200, 500, 60, 0, 0, 0},
	{"verified", 4, STT_VERIFIED, 0, 0, 60, 0, VIRTIO_NET_HDR_F_DATA_VALID, 0},
	{"verified and partial: partial", 4, STT_VERIFIED | PARTIAL4, 34, 0, 60, 0, NEEDED, 0},
	{"reserved flags", 4, 0xf0, 0, 0, 60, 0, 0, 0},
	{"partial TCP", 4, PARTIAL4, 34, 0, 54, 0, NEEDED, 0},
	{"partial TCP, one byte short", 4, PARTIAL4, 34, 0, 53, BAD_L4, 0, 0},
	{"partial UDP", 4, STT_PARTIAL | STT_IPV4, 34, 0, 42, 0, NEEDED, 0},
	{"partial UDP, one byte short", 4, STT_PARTIAL | STT_IPV4, 34, 0, 41, BAD_L4, 0, 0},
	{"L4 inside of IPv4's header", 4, PARTIAL4, 33, 0, 100, BAD_L4, 0, 0},
	{"L4 inside of IPv6's header", 6, PARTIAL6, 53, 0, 100, BAD_L4, 0, 0},
	{"L4 at 0", 4, PARTIAL4, 0, 0, 100, BAD_L4, 0, 0},
	{"L4 behind the end", 4, PARTIAL4, 255, 0, 100, BAD_L4, 0, 0},
	{"a super-frame", 4, PARTIAL4, 34, 500, 1554, 0, NEEDED, VIRTIO_NET_HDR_GSO_TCPV4},
	{"a super-frame of IPv6", 6, PARTIAL6, 54, 500, 1574, 0, NEEDED, VIRTIO_NET_HDR_GSO_TCPV6},
	{"a segment size that fits all", 4, PARTIAL4, 34, 1500, 1554, 0, NEEDED, 0},
	{"segments of one byte", 4, PARTIAL4, 34, 1, 1554, DROP_STT_BAD_MSS, 0, 0},
	{"segments of 47 bytes", 4, PARTIAL4, 34, 47, 1554, DROP_STT_BAD_MSS, 0, 0},
	{"segments of 48 bytes", 4, PARTIAL4, 34, 48, 1554, 0, NEEDED, VIRTIO_NET_HDR_GSO_TCPV4},
	{"a segment size for UDP", 4, STT_PARTIAL | STT_IPV4, 34, 500, 1554, 0, NEEDED, 0},
	{"13 bytes", 4, 0, 0, 0, 13, DROP_TRUNCATED_INNER_ETH, 0, 0},
	{"14 bytes", 4, 0, 0, 0, 14, 0, 0, 0},
};

static void a_promise_is_checked(void **state)
{
	const struct promise *row = *state;
	struct stt_frame frame;
	struct virtio_net_hdr vnet;
	struct stt_span span;

	make(&frame, row->version);
	frame.header.flags = row->flags;
	frame.header.l4_offset = row->l4_offset;
	frame.header.mss_be = htons(row->mss);
	assert_int_equal(open_it(&frame, row->bytes, 0, &vnet, &span), row->end);
	if (row->end)
		return;
	assert_int_equal(span.n, row->bytes);
	assert_int_equal(vnet.flags, row->vnet_flags);
	assert_int_equal(vnet.gso_type, row->gso_type);
	assert_int_equal(vnet.gso_size, row->gso_type ? row->mss : 0);
	if (vnet.flags == NEEDED) {
		assert_int_equal(vnet.csum_start, row->l4_offset);
		assert_int_equal(vnet.csum_offset, row->flags & STT_TCP ? 16 : 6);
	}
}

static void a_tcp_header_beyond_the_frame_is_no_super_frame(void **state)
{
	struct stt_frame frame;
	struct virtio_net_hdr vnet;
	struct stt_span span;

	make(&frame, 4);
	frame.header.flags = PARTIAL4;
	frame.header.l4_offset = 34;
	frame.header.mss_be = htons(500);
	frame.inner[34 + 12] = 0xf0; /* 60 bytes */
	assert_int_equal(open_it(&frame, 80, 0, &vnet, &span), DROP_STT_BAD_L4_OFFSET);
	frame.inner[34 + 12] = 0x40; /* 16 bytes */
	assert_int_equal(open_it(&frame, 80, 0, &vnet, &span), DROP_STT_BAD_L4_OFFSET);
}

static void a_tag_moves_what_the_device_is_told(void **state)
{
	struct stt_frame frame;
	struct virtio_net_hdr vnet;
	struct stt_span span;

	make(&frame, 4);
	frame.header.flags = PARTIAL4;
	frame.header.l4_offset = 34;
	frame.header.mss_be = htons(500);
	frame.header.vlan_be = htons(0x7064);
	assert_int_equal(open_it(&frame, 1554, 0, &vnet, &span), DROP_NONE);
	assert_int_equal(span.n, 1558);
	assert_int_equal(span_get16(span.at + 12), ETH_P_8021Q);
	assert_int_equal(span_get16(span.at + 14), 0x6064);
	assert_int_equal(span_get16(span.at + 16), ETH_P_IP);
	assert_int_equal(vnet.csum_start, 38);
	assert_int_equal(vnet.hdr_len, 58);
}

/* RFC 6040 figure 4, rows by inner and columns by outer: not-ECT, ECT(1), ECT(0), CE; -1: drop. */
static const int figure4[4][4] = {
	{0, 0, 0, -1},
	{1, 1, 1, 3},
	{2, 1, 2, 3},
	{3, 3, 3, 3},
};

static void congestion_marks_are_merged(void **state)
{
	for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2))
		for (uint8_t inner = 0; inner < 4; inner++)
			for (uint8_t outer = 0; outer < 4; outer++) {
				struct stt_frame frame;
				struct virtio_net_hdr vnet;
				struct stt_span span;
				uint16_t check;
				enum drop_reason reason;

				make(&frame, version);
				frame.inner[15] = version == 4 ? 0xb8 | inner :
								 (uint8_t)(0x80 | inner << 4 | 5);
				check = (uint16_t)~checksum_fold(
					checksum_add(0, frame.inner + 14, 20));
				if (version == 4)
					memcpy(frame.inner + 24, &check, 2);
				reason = open_it(&frame, 100, outer, &vnet, &span);
				if (figure4[inner][outer] < 0) {
					assert_int_equal(reason, DROP_ECN_CE_ON_NOT_ECT);
					continue;
				}
				assert_int_equal(reason, DROP_NONE);
				assert_int_equal(span.at[15],
						 version == 4 ? 0xb8 | figure4[inner][outer] :
								0x85 | figure4[inner][outer] << 4);
				if (version == 4)
					assert_int_equal(
						checksum_fold(checksum_add(0, span.at + 14, 20)),
						0xffff);
			}
}

static void congestion_does_not_touch_what_is_not_ip(void **state)
{
	struct stt_frame frame;
	struct virtio_net_hdr vnet;
	struct stt_span span;

	make(&frame, 4);
	span_put16(frame.inner + 12, ETH_P_ARP);
	assert_int_equal(open_it(&frame, 42, 3, &vnet, &span), DROP_NONE);
	assert_int_equal(span.at[15], 0);
}

static void a_header_cut_short_is_refused(void **state)
{
	struct stt_frame frame;
	struct virtio_net_hdr vnet;
	uint64_t context;

	make(&frame, 4);
	for (size_t n = 0; n < STT_HEADER_BYTES; n++) {
		struct stt_span span = {.at = (uint8_t *)&frame, .n = n};

		assert_int_equal(stt_open(&span, 0, &vnet, &context), DROP_TRUNCATED_TUNNEL_HEADER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tcp_header_beyond_the_frame_is_no_super_frame),
		cmocka_unit_test(a_tag_moves_what_the_device_is_told),
		cmocka_unit_test(congestion_marks_are_merged),
		cmocka_unit_test(congestion_does_not_touch_what_is_not_ip),
		cmocka_unit_test(a_header_cut_short_is_refused),
	};

	return run_cases(promises, a_promise_is_checked) |
	       cmocka_run_group_tests(tests, NULL, NULL);
}
