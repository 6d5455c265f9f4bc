/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step fit: is a frame that does not fit the path answered, fragmented or
 * dropped by name, so that no VM falls into a black hole?  ICMP answers are
 * compared byte for byte (RFC 1191, RFC 4443); super-frames are in
 * test_offload.c.
 */
#include "test.h"

#include <netinet/in.h>
#include <time.h>

#define QUOTE_4 (576 - 28)  /* RFC 1812 4.3.2.3: at most 576 bytes of IPv4 */
#define QUOTE_6 (1280 - 48) /* RFC 4443 2.4 (c): at most the minimum MTU */

#define DF .fragment = FRAGMENT_DF

static const struct outcome *run(void **state, uint32_t peer, const struct frame *frame)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
	return harness_run(harness, FROM_PORT, &harness->ports[PORT_A], frame);
}

/* The answer to a packet of VM A, from the packet's own destination. */
static const struct frame *answer4(const struct frame *frame, uint32_t mtu)
{
	const struct frame *quote = frame_part(frame, 14, 14 + QUOTE_4);

	return frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC), ip4(.src = VM_B_IP4, .dst = VM_A_IP4),
		     icmp4(.icmp_type = 3, .icmp_code = 4, .icmp_rest = mtu),
		     bytes(quote->bytes, quote->length));
}

static const struct frame *answer6(const struct frame *frame, uint32_t mtu)
{
	const struct frame *quote = frame_part(frame, 14, 14 + QUOTE_6);

	return frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC), ip6(.src = VM_B_IP6, .dst = VM_A_IP6),
		     icmp6(.icmp_type = 2, .icmp_rest = mtu), bytes(quote->bytes, quote->length));
}

static void assert_answered(void **state, uint32_t peer, const struct frame *frame,
			    const struct frame *answer)
{
	struct harness *harness = *state;
	const struct outcome *outcome = run(state, peer, frame);

	assert_counted(outcome, DROP_TOO_BIG_ANSWERED, TC_ACT_REDIRECT);
	assert_int_equal(outcome->drop.port, PORT_A);
	assert_int_equal(outcome->drop.peer, peer);
	assert_int_equal(outcome->peers[peer].tx_frames, 0);
	assert_frame(outcome->out, answer);
	assert_true(frame_checksums_right(answer));
	harness_deliver(harness, &harness->ports[PORT_A], frame);
	assert_received(&harness->ports[PORT_A], answer);
	assert_silent(&harness->underlay);
}

static void an_ipv4_packet_with_df_is_answered_from_one_byte_beyond_the_limit_on(void **state)
{
	const struct frame *fits = frame(eth(), ip4(DF), udp(), payload(LIMIT_4 - 28));
	const struct frame *exceeds = frame(eth(), ip4(DF), udp(), payload(LIMIT_4 + 1 - 28));
	const struct frame *longest = frame(eth(), ip4(DF), tcp(), payload(1500 - 40));

	assert_sent(run(state, PEER_4, fits));
	assert_answered(state, PEER_4, exceeds, answer4(exceeds, LIMIT_4));
	assert_answered(state, PEER_4, longest, answer4(longest, LIMIT_4));
	assert_answered(state, PEER_6, longest, answer4(longest, LIMIT_6));
}

static void an_ipv6_packet_is_answered_from_one_byte_beyond_the_limit_on(void **state)
{
	const struct frame *fits = frame(eth(), ip6(), udp(), payload(LIMIT_6 - 48));
	const struct frame *exceeds = frame(eth(), ip6(), udp(), payload(LIMIT_6 + 1 - 48));
	const struct frame *longest = frame(eth(), ip6(), tcp(), payload(1500 - 60));

	assert_sent(run(state, PEER_6, fits));
	assert_answered(state, PEER_6, exceeds, answer6(exceeds, LIMIT_6));
	assert_answered(state, PEER_6, longest, answer6(longest, LIMIT_6));
	assert_answered(state, PEER_4, longest, answer6(longest, LIMIT_4));
}

static void pings_of_every_size_get_an_answer(void **state)
{
	for (size_t n = LIMIT_4 + 1; n <= 1500; n++) {
		const struct frame *ping4 = frame(eth(), ip4(DF), icmp4(), payload(n - 28));
		const struct frame *ping6 = frame(eth(), ip6(), icmp6(), payload(n - 48));

		tables_clear_budgets(*state);
		assert_answered(state, PEER_4, ping4, answer4(ping4, LIMIT_4));
		assert_answered(state, PEER_4, ping6, answer6(ping6, LIMIT_4));
	}
}

static void ip_options_and_other_fields_are_quoted_and_not_copied(void **state)
{
	const struct frame *frame = frame(eth(),
					  ip4(.fragment = FRAGMENT_DF, .option_bytes = 40,
					      .tos = 0xb9, .ttl = 1, .id = 0x1234),
					  udp(), payload(1400));

	assert_answered(state, PEER_4, frame, answer4(frame, LIMIT_4));
}

/* Four bytes of the path are the tag's; it is in the metadata, so the answer has it again. */
static void a_tagged_packet_is_answered_with_its_tag_and_four_bytes_less(void **state)
{
	struct harness *harness = *state;
	const struct frame *fits = frame(eth(), vlan(), ip4(DF), udp(), payload(LIMIT_4 - 32));
	const struct frame *exceeds = frame(eth(), vlan(), ip4(DF), udp(), payload(LIMIT_4 - 31));
	const struct frame *quote = frame_part(exceeds, 18, 18 + QUOTE_4);

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], fits));
	assert_enveloped(device_receive(&harness->underlay), PEER_4, fits);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], exceeds),
		       DROP_TOO_BIG_ANSWERED, VERDICT_UNKNOWN);
	assert_received(&harness->ports[PORT_A],
			frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC), vlan(),
			      ip4(.src = VM_B_IP4, .dst = VM_A_IP4),
			      icmp4(.icmp_type = 3, .icmp_code = 4, .icmp_rest = LIMIT_4 - 4),
			      bytes(quote->bytes, quote->length)));
	assert_silent(&harness->underlay);
}

static void icmp_errors_are_never_answered(void **state)
{
	static const uint8_t errors4[] = {3, 4, 5, 11, 12};
	static const uint8_t errors6[] = {1, 2, 3, 4, 100, 127};

	for (size_t i = 0; i < sizeof(errors4); i++)
		assert_dropped(
			run(state, PEER_4,
			    frame(eth(), ip4(DF), icmp4(.icmp_type = errors4[i]), payload(1450))),
			DROP_TOO_BIG_SILENT);
	for (size_t i = 0; i < sizeof(errors6); i++)
		assert_dropped(
			run(state, PEER_6,
			    frame(eth(), ip6(), icmp6(.icmp_type = errors6[i]), payload(1440))),
			DROP_TOO_BIG_SILENT);
}

static void an_icmpv6_error_behind_an_extension_header_is_not_answered(void **state)
{
	static const uint8_t options[8] = {IPPROTO_ICMPV6, 0, 1, 4};

	assert_dropped(run(state, PEER_6,
			   frame(eth(), ip6(.protocol = 60), bytes(options, 8),
				 icmp6(.icmp_type = 1), payload(1430))),
		       DROP_TOO_BIG_SILENT);
}

static void group_destinations_and_strange_sources_are_never_answered(void **state)
{
	static const char *const sources4[] = {"0.0.0.0", "127.0.0.1", "224.0.0.1",
					       "255.255.255.255"};
	static const char *const sources6[] = {"::", "::1", "ff02::1"};

	assert_dropped(
		run(state, PEER_4, frame(eth(), ip4(DF, .dst = "239.1.1.1"), udp(), payload(1450))),
		DROP_TOO_BIG_SILENT);
	assert_dropped(run(state, PEER_4,
			   frame(eth(), ip4(DF, .dst = "255.255.255.255"), udp(), payload(1450))),
		       DROP_TOO_BIG_SILENT);
	assert_dropped(
		run(state, PEER_6, frame(eth(), ip6(.dst = "ff0e::1"), udp(), payload(1440))),
		DROP_TOO_BIG_SILENT);
	for (size_t i = 0; i < 4; i++)
		assert_dropped(run(state, PEER_4,
				   frame(eth(), ip4(DF, .src = sources4[i]), udp(), payload(1450))),
			       DROP_TOO_BIG_SILENT);
	for (size_t i = 0; i < 3; i++)
		assert_dropped(run(state, PEER_6,
				   frame(eth(), ip6(.src = sources6[i]), udp(), payload(1440))),
			       DROP_TOO_BIG_SILENT);
}

static void only_first_fragments_are_answered(void **state)
{
	static const uint8_t first6[8] = {IPPROTO_UDP, 0, 0, 1};
	static const uint8_t later6[8] = {IPPROTO_UDP, 0, 0, 8};
	const struct frame *first4 =
		frame(eth(), ip4(.fragment = FRAGMENT_DF | FRAGMENT_MF), udp(), payload(1450));
	const struct frame *first =
		frame(eth(), ip6(.protocol = 44), bytes(first6, 8), udp(), payload(1430));

	assert_answered(state, PEER_4, first4, answer4(first4, LIMIT_4));
	assert_answered(state, PEER_6, first, answer6(first, LIMIT_6));
	assert_dropped(run(state, PEER_4,
			   frame(eth(), ip4(.fragment = FRAGMENT_DF | 100), udp(), payload(1450))),
		       DROP_TOO_BIG_SILENT);
	assert_dropped(run(state, PEER_6,
			   frame(eth(), ip6(.protocol = 44), bytes(later6, 8), payload(1430))),
		       DROP_TOO_BIG_SILENT);
}

static void a_broadcast_packet_is_never_answered(void **state)
{
	struct harness *harness = *state;

	assert_counted(harness_run(harness, FROM_PORT, &harness->ports[PORT_A],
				   frame(eth(.dst = BROADCAST_MAC), ip4(DF), udp(), payload(1450))),
		       DROP_TOO_BIG_SILENT, TC_ACT_SHOT);
	assert_silent(&harness->ports[PORT_A]);
	assert_silent(&harness->underlay);
}

static void a_frame_that_is_not_ip_is_dropped(void **state)
{
	const struct outcome *outcome =
		run(state, PEER_4, frame(eth(.type = 0x88b5), payload(LIMIT_4 + 1)));

	assert_dropped(outcome, DROP_TOO_BIG);
	assert_int_equal(outcome->drop.peer, PEER_4);
	assert_int_equal(outcome->drop.port, PORT_A);
	assert_sent(run(state, PEER_4, frame(eth(.type = 0x88b5), payload(LIMIT_4))));
}

/*
 * Hosts ignore messages that say less than IPv6's minimum MTU (RFC 8201
 * section 4).  Nobody fragments IPv6 over IPv6: that path is named.
 */
static void ipv6_over_a_path_below_its_minimum_mtu_is_fragmented_on_the_outside(void **state)
{
	static const uint32_t peers[] = {PEER_4, PEER_6};
	struct harness *harness = *state;
	const struct frame *smallest = frame(eth(), ip6(), udp(), payload(1280 - 48));
	const struct frame *exceeds = frame(eth(), ip6(), udp(), payload(1281 - 48));

	for (size_t i = 0; i < 2; i++) {
		struct table_peer peer = tables_peer(harness, peers[i]);

		peer.limit = 1200;
		tables_set_peer(harness, peers[i], peer);
		assert_answered(state, peers[i], exceeds, answer6(exceeds, 1280));
	}
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], smallest));
	assert_enveloped(device_receive(&harness->underlay), PEER_4, smallest, .fragments = true,
			 .anchor = true);
	assert_dropped(run(state, PEER_6, smallest), DROP_TOO_BIG);
	tables_flag_segment(harness, BLUE, 0, SEGMENT_FRAGMENT);
	assert_dropped(run(state, PEER_4, smallest), DROP_TOO_BIG);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* How many of n frames were answered; 0 when that took so long that a second may have passed. */
static int count_answers(void **state, uint32_t port, int n)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), ip4(DF), udp(), payload(1450));
	uint64_t start = now_ms();
	int answered = 0;

	for (int i = 0; i < n; i++) {
		const struct outcome *outcome =
			harness_run(harness, FROM_PORT, &harness->ports[port], frame);

		assert_int_equal(outcome->n_dropped, 1);
		assert_int_equal(outcome->drops[DROP_TOO_BIG_ANSWERED] +
					 outcome->drops[DROP_TOO_BIG_SILENT],
				 1);
		answered += (int)outcome->drops[DROP_TOO_BIG_ANSWERED];
	}
	return now_ms() - start < 900 ? answered : 0;
}

static void a_port_gets_a_hundred_answers_a_second_and_no_more(void **state)
{
	struct harness *harness = *state;
	uint64_t deadline = now_ms() + 30000;
	int answered = 0;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	/* a busy machine may need more than a second for the frames: once more then */
	while (!answered && now_ms() < deadline) {
		tables_clear_budgets(harness);
		answered = count_answers(state, PORT_A, TABLE_ANSWERS_PER_SECOND + 50);
	}
	assert_int_equal(answered, TABLE_ANSWERS_PER_SECOND);
	/* the other port's budget is its own */
	assert_int_equal(count_answers(state, PORT_B, 1), 1);
	/* and a new second is a new budget */
	tables_age_budget(harness, PORT_A, 1000000000ull);
	assert_int_equal(count_answers(state, PORT_A, 1), 1);
}

/* Puts the two fragments of an IPv4 packet together; NULL when they do not fit. */
static const struct frame *reassemble(const struct frame *first, const struct frame *second)
{
	uint16_t offset = (uint16_t)((frame_u16(second, 20) & 0x1fff) * 8);
	uint8_t length[2];
	const struct frame *whole;

	if (frame_u16(first, 20) != FRAGMENT_MF || first->length != 34u + offset ||
	    frame_u16(first, 18) != frame_u16(second, 18))
		return NULL;
	whole = frame_join(first, frame_part(second, 34, FRAME_END));
	length[0] = (uint8_t)((whole->length - 14) >> 8);
	length[1] = (uint8_t)(whole->length - 14);
	whole = frame_patch(frame_patch(whole, 16, length, 2), 20, "\0\0\0", 2);
	/* the header checksum was each fragment's own */
	whole = frame_patch(whole, 24, "\0\0", 2);
	length[0] = (uint8_t)(~frame_sum(whole->bytes + 14, 20, 0) >> 8);
	length[1] = (uint8_t)~frame_sum(whole->bytes + 14, 20, 0);
	return frame_patch(whole, 24, length, 2);
}

static void an_ipv4_packet_without_df_is_fragmented_on_the_outside(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), ip4(), udp(), payload(1472));
	const struct frame *first, *second;
	const struct outcome *outcome;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], frame);
	assert_no_drop(outcome);
	assert_int_equal(outcome->peers[PEER_4].via_anchor, 1);
	assert_int_equal(outcome->segments[BLUE].via_anchor, 1);
	assert_int_equal(outcome->peers[PEER_4].tx_frames, 1);
	first = device_receive(&harness->underlay);
	second = device_receive(&harness->underlay);
	assert_non_null(first);
	assert_non_null(second);
	assert_enveloped(reassemble(first, second), PEER_4, frame, .fragments = true,
			 .anchor = true);
	assert_silent(&harness->underlay);
}

static void an_ipv4_packet_without_df_is_dropped_where_the_segment_says_so(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), ip4(), udp(), payload(1472));

	tables_flag_segment(harness, BLUE, 0, SEGMENT_FRAGMENT);
	assert_dropped(run(state, PEER_4, frame), DROP_TOO_BIG);
}

/* What the anchor sends has the segment's DSCP and the inner ECN too. */
static void the_anchor_s_envelope_is_marked_like_any_other(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), ip4(.tos = 0xb9), udp(), payload(1472));
	const struct frame *first, *second;

	tables_flag_segment(harness, BLUE, SEGMENT_COPY_DSCP, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	harness_deliver(harness, &harness->ports[PORT_A], frame);
	first = device_receive(&harness->underlay);
	second = device_receive(&harness->underlay);
	assert_non_null(first);
	assert_non_null(second);
	assert_enveloped(reassemble(first, second), PEER_4, frame, .tos = 0xb9, .fragments = true,
			 .anchor = true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(an_ipv4_packet_with_df_is_answered_from_one_byte_beyond_the_limit_on),
		harness_test(an_ipv6_packet_is_answered_from_one_byte_beyond_the_limit_on),
		harness_test(pings_of_every_size_get_an_answer),
		harness_test(ip_options_and_other_fields_are_quoted_and_not_copied),
		harness_test(a_tagged_packet_is_answered_with_its_tag_and_four_bytes_less),
		harness_test(icmp_errors_are_never_answered),
		harness_test(an_icmpv6_error_behind_an_extension_header_is_not_answered),
		harness_test(group_destinations_and_strange_sources_are_never_answered),
		harness_test(only_first_fragments_are_answered),
		harness_test(a_broadcast_packet_is_never_answered),
		harness_test(a_frame_that_is_not_ip_is_dropped),
		harness_test(ipv6_over_a_path_below_its_minimum_mtu_is_fragmented_on_the_outside),
		harness_test(a_port_gets_a_hundred_answers_a_second_and_no_more),
		harness_test(an_ipv4_packet_without_df_is_fragmented_on_the_outside),
		harness_test(an_ipv4_packet_without_df_is_dropped_where_the_segment_says_so),
		harness_test(the_anchor_s_envelope_is_marked_like_any_other),
	};

	return harness_main(tests);
}
