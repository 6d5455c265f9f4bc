/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps parse_outer, verify and decapsulate beyond the vectors: lengths and
 * checksums at their boundaries, what a trailer must not do, and frames that
 * this machine's own kernel would hand over.
 */
#include "test.h"

#include <netinet/in.h>

#define MACS	     eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC)
#define FROM_4	     ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_DF)
#define FROM_6	     ip6(.src = REMOTE_6, .dst = LOCAL_6)
#define TUNNEL	     udp(.sport = 50000, .dport = 4789, .checksum = CHECKSUM_ZERO), vxlan()
#define INNER(frame) bytes((frame)->bytes, (frame)->length)

static const struct outcome *run(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	return harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame);
}

static void assert_delivered(void **state, const struct frame *frame, const struct frame *inner)
{
	struct harness *harness = *state;
	const struct outcome *outcome = run(state, frame);

	assert_sent(outcome);
	assert_frame(outcome->out, inner);
	assert_int_equal(outcome->ports[PORT_A].tx_bytes, inner->length);
	assert_no_drop(harness_deliver(harness, &harness->underlay, frame));
	assert_received(&harness->ports[PORT_A], inner);
}

static const struct frame *inner_of(size_t length)
{
	return frame(eth(.type = 0x88b5), payload(length - 14));
}

static void inner_frames_of_every_size_are_delivered(void **state)
{
	for (size_t n = 14; n < 80; n++) {
		assert_delivered(state, frame(MACS, FROM_4, TUNNEL, INNER(inner_of(n))),
				 inner_of(n));
		assert_delivered(state, frame(MACS, FROM_6, TUNNEL, INNER(inner_of(n))),
				 inner_of(n));
	}
	for (size_t n = 1400; n <= 1514; n += 19)
		assert_delivered(state, frame(MACS, FROM_4, TUNNEL, INNER(inner_of(n))),
				 inner_of(n));
}

static void what_stands_behind_the_datagram_is_cut_off(void **state)
{
	for (size_t n = 14; n < 70; n += 5)
		for (size_t extra = 1; extra < 50; extra += 6) {
			assert_delivered(
				state,
				frame(MACS, FROM_4, TUNNEL, INNER(inner_of(n)), trailer(extra)),
				inner_of(n));
			assert_delivered(
				state,
				frame(MACS, FROM_6, TUNNEL, INNER(inner_of(n)), trailer(extra)),
				inner_of(n));
		}
}

/* The inner packet is an Ethernet header that announces IPv4; the rest is padding of the wire. */
static void a_trailer_is_never_taken_for_the_inner_packet(void **state)
{
	const struct frame *bogus = frame(eth(), ip4(.tos = 0), udp(), payload(30));
	const struct frame *inner = frame(eth(.type = 0x0800));
	const struct frame *datagram =
		frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .tos = 3), TUNNEL, INNER(inner));

	assert_delivered(state, frame_join(datagram, frame_part(bogus, 14, FRAME_END)), inner);
}

static void a_datagram_too_short_for_its_header_is_dropped_whatever_follows_it(void **state)
{
	const struct frame *whole = frame(MACS, FROM_4, TUNNEL, INNER(inner_of(60)));

	for (uint16_t n = 8; n < 16; n++) {
		uint8_t length[2] = {0, (uint8_t)n};

		/* the IP packet is long enough, only the datagram is not */
		assert_dropped(run(state, frame_patch(whole, 38, length, 2)),
			       DROP_TRUNCATED_TUNNEL_HEADER);
	}
	for (uint16_t n = 16; n < 30; n++) {
		uint8_t length[2] = {0, (uint8_t)n};

		assert_dropped(run(state, frame_patch(whole, 38, length, 2)),
			       DROP_TRUNCATED_INNER_ETH);
	}
	for (uint16_t n = 0; n < 8; n++) {
		uint8_t length[2] = {0, (uint8_t)n};

		assert_dropped(run(state, frame_patch(whole, 38, length, 2)), DROP_BAD_UDP_LENGTH);
	}
}

static void right_outer_checksums_are_accepted_and_wrong_ones_dropped(void **state)
{
	for (size_t n = 14; n < 64; n++) {
		const struct frame *inner = inner_of(n);

		assert_delivered(state, envelope_from_summed(PEER_4, inner, (struct envelope){0}),
				 inner);
		assert_delivered(state, envelope_from_summed(PEER_6, inner, (struct envelope){0}),
				 inner);
		assert_dropped(run(state, frame(MACS, FROM_4,
						udp(.dport = 4789, .checksum = CHECKSUM_WRONG),
						vxlan(), INNER(inner))),
			       DROP_BAD_UDP_CHECKSUM);
		assert_dropped(run(state, frame(MACS, FROM_6,
						udp(.dport = 4789, .checksum = CHECKSUM_WRONG),
						vxlan(), INNER(inner))),
			       DROP_BAD_UDP_CHECKSUM);
	}
}

/* A sum over more than one of the chunks that the datapath adds up at a time, and odd ends. */
static void checksums_of_long_datagrams_are_verified_to_the_last_byte(void **state)
{
	for (size_t n = 480; n < 1500; n += 33) {
		const struct frame *inner = inner_of(n);
		const struct frame *right =
			envelope_from_summed(PEER_4, inner, (struct envelope){0});
		uint8_t flipped = right->bytes[right->length - 1] ^ 1;

		assert_delivered(state, right, inner);
		assert_dropped(run(state, frame_patch(right, right->length - 1, &flipped, 1)),
			       DROP_BAD_UDP_CHECKSUM);
	}
}

static void every_flipped_byte_of_a_summed_datagram_is_noticed(void **state)
{
	const struct frame *inner = frame(eth(), ip4(), udp(), payload(21));

	for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
		const struct frame *right = envelope_from_summed(peer, inner, (struct envelope){0});

		for (size_t i = 14; i < right->length; i++) {
			uint8_t flipped = right->bytes[i] ^ 0x10;
			const struct outcome *outcome =
				run(state, frame_patch(right, i, &flipped, 1));

			/* dropped by some name, or no longer for us: never delivered */
			assert_true(outcome->n_dropped == 1 || outcome->verdict == TC_ACT_UNSPEC ||
				    /* TOS, hop limit and flow label are in no checksum of IPv6 */
				    (peer == PEER_6 && i >= 14 && i < 22));
		}
	}
}

/* 0xffff stands for a computed sum of zero (RFC 768); the payload is chosen so that it is one. */
static void a_checksum_of_all_ones_is_a_right_one(void **state)
{
	const struct frame *inner = inner_of(60), *frame;
	uint16_t sum;
	uint8_t fix[2];

	frame = envelope_from_summed(PEER_4, inner, (struct envelope){0});
	sum = frame_u16(frame, 40);
	fix[0] = inner->bytes[40];
	fix[1] = inner->bytes[41];
	/* adding the old checksum to a word of the payload makes the new one zero */
	sum = frame_sum(fix, 2, sum);
	fix[0] = (uint8_t)(sum >> 8);
	fix[1] = (uint8_t)sum;
	inner = frame_patch(inner, 40, fix, 2);
	frame = envelope_from_summed(PEER_4, inner, (struct envelope){0});
	assert_int_equal(frame_u16(frame, 40), 0xffff);
	assert_delivered(state, frame, inner);
}

static void ipv4_headers_are_verified_with_their_options(void **state)
{
	const struct frame *inner = inner_of(60);

	for (uint8_t options = 0; options <= 40; options += 4) {
		const struct frame *right =
			frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .option_bytes = options),
			      TUNNEL, INNER(inner));

		assert_delivered(state, right, inner);
		assert_dropped(
			run(state, frame(MACS,
					 ip4(.src = REMOTE_4, .dst = LOCAL_4,
					     .option_bytes = options, .checksum = CHECKSUM_WRONG),
					 TUNNEL, INNER(inner))),
			DROP_BAD_IP_CHECKSUM);
		if (options)
			assert_dropped(run(state, frame_patch(right, 34 + options - 1, "\x07", 1)),
				       DROP_BAD_IP_CHECKSUM);
	}
}

static void ip_lengths_beyond_the_frame_are_dropped(void **state)
{
	assert_dropped(run(state, frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .length = 97),
					TUNNEL, INNER(inner_of(60)))),
		       DROP_BAD_IP_LENGTH);
	assert_dropped(run(state, frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .length = 19),
					TUNNEL, INNER(inner_of(60)))),
		       DROP_BAD_IP_LENGTH);
	assert_dropped(run(state, frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .length = 77),
					TUNNEL, INNER(inner_of(60)))),
		       DROP_BAD_IP_LENGTH);
}

static void a_zero_checksum_over_ipv6_needs_the_peer_s_flag(void **state)
{
	struct harness *harness = *state;
	struct table_peer peer = tables_peer(harness, PEER_6);
	const struct frame *inner = inner_of(60);

	assert_delivered(state, envelope_from(PEER_6, inner, (struct envelope){0}), inner);
	peer.flags &= (uint16_t)~PEER_ZERO_CHECKSUM6;
	tables_set_peer(harness, PEER_6, peer);
	assert_dropped(run(state, envelope_from(PEER_6, inner, (struct envelope){0})),
		       DROP_ZERO_UDP_CHECKSUM6);
	assert_delivered(state, envelope_from_summed(PEER_6, inner, (struct envelope){0}), inner);
}

/* Local checksum offload: the inner sum is left to a device, the outer is as if it were done. */
static void a_checksum_that_a_device_was_to_complete_is_right(void **state)
{
	const struct frame *partial[] = {
		frame(eth(), ip4(), tcp(.checksum = CHECKSUM_PSEUDO), payload(33)),
		frame(eth(), ip4(), udp(.checksum = CHECKSUM_PSEUDO), payload(32)),
		frame(eth(), ip6(), tcp(.checksum = CHECKSUM_PSEUDO), payload(31)),
	};
	const struct frame *complete[] = {
		frame(eth(), ip4(), tcp(), payload(33)),
		frame(eth(), ip4(), udp(), payload(32)),
		frame(eth(), ip6(), tcp(), payload(31)),
	};

	for (size_t i = 0; i < 3; i++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
			const struct frame *outer =
				envelope_from_summed(peer, complete[i], (struct envelope){0});
			size_t n = outer->length - complete[i]->length;

			assert_delivered(state, frame_join(frame_part(outer, 0, n), partial[i]),
					 partial[i]);
		}
}

static void the_outer_source_port_is_never_checked(void **state)
{
	static const uint16_t ports[] = {0, 1, 1023, 4789, 32768, 49151, 65535};
	const struct frame *inner = inner_of(60);

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		assert_delivered(
			state,
			frame(MACS, FROM_4,
			      udp(.sport = ports[i], .dport = 4789, .checksum = CHECKSUM_ZERO),
			      vxlan(), INNER(inner)),
			inner);
}

static void the_outer_ttl_and_dscp_do_not_reach_the_inner_packet(void **state)
{
	const struct frame *inner = frame(eth(), ip4(.tos = 0x28, .ttl = 9), udp(), payload(20));

	assert_delivered(state,
			 frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .ttl = 1, .tos = 0xb8),
			       TUNNEL, INNER(inner)),
			 inner);
	assert_delivered(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .ttl = 1, .tos = 0xb8),
			       TUNNEL, INNER(inner)),
			 inner);
}

static void ipv6_extension_headers_are_walked(void **state)
{
	static const uint8_t padding[8] = {IPPROTO_UDP, 0, 1, 4};
	static const uint8_t two_words[16] = {IPPROTO_UDP, 1, 1, 12};
	static const uint8_t chain[16] = {60, 0, 1, 4, 0, 0, 0, 0, IPPROTO_UDP, 0, 1, 4};
	const struct frame *inner = inner_of(60);

	assert_delivered(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 60),
			       bytes(padding, 8), TUNNEL, INNER(inner)),
			 inner);
	assert_delivered(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 60),
			       bytes(two_words, 16), TUNNEL, INNER(inner)),
			 inner);
	/* hop-by-hop options are protocol 0 */
	assert_delivered(state,
			 frame_patch(frame(MACS, FROM_6, bytes(chain, 16), TUNNEL, INNER(inner)),
				     20, "\0", 1),
			 inner);
}

static void a_peer_that_may_not_send_vxlan_is_refused(void **state)
{
	tables_set_accepts(*state, PEER_4, ACCEPTS_DEFAULT & ~(1u << ENCAP_VXLAN));
	assert_dropped(run(state, envelope_from(PEER_4, inner_of(60), (struct envelope){0})),
		       DROP_WRONG_ENCAPSULATION);
}

static void another_configured_port_is_the_only_one(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = inner_of(60);
	const struct frame *at_8472 = frame(
		MACS, FROM_4, udp(.dport = 8472, .checksum = CHECKSUM_ZERO), vxlan(), INNER(inner));
	const struct frame *at_4789 = envelope_from(PEER_4, inner, (struct envelope){0});

	assert_host(run(state, at_8472), at_8472);
	tables_set_vxlan_port(harness, 8472);
	assert_sent(run(state, at_8472));
	assert_host(run(state, at_4789), at_4789);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(inner_frames_of_every_size_are_delivered),
		harness_test(what_stands_behind_the_datagram_is_cut_off),
		harness_test(a_trailer_is_never_taken_for_the_inner_packet),
		harness_test(a_datagram_too_short_for_its_header_is_dropped_whatever_follows_it),
		harness_test(right_outer_checksums_are_accepted_and_wrong_ones_dropped),
		harness_test(checksums_of_long_datagrams_are_verified_to_the_last_byte),
		harness_test(every_flipped_byte_of_a_summed_datagram_is_noticed),
		harness_test(a_checksum_of_all_ones_is_a_right_one),
		harness_test(ipv4_headers_are_verified_with_their_options),
		harness_test(ip_lengths_beyond_the_frame_are_dropped),
		harness_test(a_zero_checksum_over_ipv6_needs_the_peer_s_flag),
		harness_test(a_checksum_that_a_device_was_to_complete_is_right),
		harness_test(the_outer_source_port_is_never_checked),
		harness_test(the_outer_ttl_and_dscp_do_not_reach_the_inner_packet),
		harness_test(ipv6_extension_headers_are_walked),
		harness_test(a_peer_that_may_not_send_vxlan_is_refused),
		harness_test(another_configured_port_is_the_only_one),
	};

	return harness_main(tests);
}
