/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step encapsulate: is every kind of inner frame in the right envelope, byte
 * for byte, as it leaves the underlay device?  Golden frames; only IP ID,
 * source port and flow label are the datapath's to choose, and what it chooses
 * is checked too.
 */
#include "test.h"

#include <netinet/in.h>

static const struct frame *sent_frame(struct harness *harness, uint32_t peer,
				      const struct frame *frame)
{
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], frame));
	return device_receive(&harness->underlay);
}

/* Over both families; once each. */
static void assert_sent_in_envelopes(struct harness *harness, const struct frame *frame,
				     uint8_t tos)
{
	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		assert_enveloped(sent_frame(harness, peer, frame), peer, frame, .tos = tos);
		assert_silent(&harness->underlay);
	}
}

static void frames_of_every_protocol_are_enveloped(void **state)
{
	assert_sent_in_envelopes(*state, frame(eth(), ip4(), tcp(), payload(100)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip4(), udp(), payload(101)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip4(), icmp4(), payload(56)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip6(), tcp(), payload(100)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip6(), udp(), payload(101)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip6(), icmp6(), payload(56)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), arp()), 0);
	assert_sent_in_envelopes(*state, frame(eth(.type = 0x88b5), payload(46)), 0);
	assert_sent_in_envelopes(*state, frame(eth(.type = 0x0026), payload(38)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip4(.protocol = IPPROTO_SCTP), payload(40)),
				 0);
}

static void tagged_frames_of_every_protocol_are_enveloped_with_their_tag(void **state)
{
	struct harness *harness = *state;
	const struct layer tags[] = {vlan(.tci = 0x6064), vlan(.tci = 0xa000),
				     vlan(.tpid = 0x88a8, .tci = 4094)};

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (size_t i = 0; i < 3; i++) {
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], ip4(), tcp(), payload(9)),
					 0);
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], ip4(), udp(), payload(8)),
					 0);
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], ip4(), icmp4()), 0);
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], ip6(), tcp(), payload(9)),
					 0);
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], ip6(), icmp6()), 0);
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], arp()), 0);
		assert_sent_in_envelopes(harness, frame(eth(), tags[i], payload(46)), 0);
	}
}

static void frames_with_two_tags_are_enveloped_whole(void **state)
{
	struct harness *harness = *state;
	struct layer outer = vlan(.tpid = 0x88a8, .tci = 0x6064), inner = vlan(.tci = 0xa0c8);

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_sent_in_envelopes(harness, frame(eth(), outer, inner, ip4(), tcp(), payload(9)), 0);
	assert_sent_in_envelopes(harness, frame(eth(), outer, inner, ip6(), udp(), payload(9)), 0);
	assert_sent_in_envelopes(harness, frame(eth(), outer, inner, arp()), 0);
	assert_sent_in_envelopes(harness, frame(eth(), inner, inner, payload(46)), 0);
}

/* More tags than BPF can take out of the kernel's hands: a name, and no mangled frame. */
static void a_frame_with_three_tags_is_dropped_by_name(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), vlan(.tpid = 0x88a8), vlan(), vlan(), arp());

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], frame),
		       DROP_ENCAPSULATION_FAILED, VERDICT_UNKNOWN);
	assert_silent(&harness->underlay);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], frame));
	assert_received(&harness->ports[PORT_B], frame);
}

static void frames_of_every_size_are_enveloped(void **state)
{
	for (size_t n = 0; n < 40; n++)
		assert_sent_in_envelopes(*state, frame(eth(.type = 0x88b5), payload(n)), 0);
	for (size_t n = 28; n <= LIMIT_6; n += 61)
		assert_sent_in_envelopes(*state, frame(eth(), ip4(), udp(), payload(n - 28)), 0);
	assert_sent_in_envelopes(*state, frame(eth(), ip4(), udp(), payload(LIMIT_6 - 28)), 0);
}

static void cut_ip_headers_are_enveloped_as_they_are(void **state)
{
	const struct frame *ipv4 = frame(eth(), ip4(), udp(), payload(8));
	const struct frame *ipv6 = frame(eth(), ip6(), udp(), payload(8));

	for (size_t n = 14; n < ipv4->length; n += 3)
		assert_sent_in_envelopes(*state, frame_part(ipv4, 0, n), 0);
	for (size_t n = 14; n < ipv6->length; n += 5)
		assert_sent_in_envelopes(*state, frame_part(ipv6, 0, n), 0);
}

static void every_frame_has_the_next_ip_id(void **state)
{
	struct harness *harness = *state;
	uint16_t last = frame_u16(sent_frame(harness, PEER_4, frame(eth(), arp())), 18);

	for (int i = 0; i < 5; i++) {
		uint16_t next = frame_u16(sent_frame(harness, PEER_4B, frame(eth(), arp())), 18);

		assert_int_equal(next, (uint16_t)(last + 1));
		last = next;
	}
}

static uint16_t source_port(struct harness *harness, const struct frame *frame)
{
	return envelope_source_port(sent_frame(harness, PEER_4, frame));
}

/* 64 of 16384: more than four collisions would be less likely than one in 10^8. */
static void assert_spread(struct harness *harness, const struct frame *(*flow)(unsigned int i))
{
	unsigned int distinct = 0;
	uint16_t seen[64];

	for (unsigned int i = 0; i < 64; i++) {
		bool repeated = false;

		seen[i] = source_port(harness, flow(i));
		assert_int_equal(source_port(harness, flow(i)), seen[i]);
		for (unsigned int j = 0; j < i; j++)
			repeated |= seen[j] == seen[i];
		distinct += !repeated;
	}
	assert_in_range(distinct, 60, 64);
}

static const struct frame *by_port4(unsigned int i)
{
	return frame(eth(), ip4(), tcp(.sport = (uint16_t)i), payload(10));
}

static const struct frame *by_port6(unsigned int i)
{
	return frame(eth(), ip6(), udp(.dport = (uint16_t)(5000 + i)), payload(10));
}

static const struct frame *by_address4(unsigned int i)
{
	char source[16];

	snprintf(source, sizeof(source), "10.1.0.%u", i & 255);
	return frame(eth(), ip4(.src = source), icmp4(), payload(10));
}

static const struct frame *by_address6(unsigned int i)
{
	char source[16];

	snprintf(source, sizeof(source), "fd00:1::%x", i & 255);
	return frame(eth(), ip6(.src = source), icmp6(), payload(10));
}

static const struct frame *by_mac(unsigned int i)
{
	char source[18];

	snprintf(source, sizeof(source), "02:bb:00:00:01:%02x", i & 255);
	return frame(eth(.src = source, .type = 0x88b5), payload(46));
}

static void the_source_port_spreads_over_flows(void **state)
{
	assert_spread(*state, by_port4);
	assert_spread(*state, by_port6);
	assert_spread(*state, by_address4);
	assert_spread(*state, by_address6);
	assert_spread(*state, by_mac);
}

static void the_source_port_is_one_for_all_packets_of_a_flow(void **state)
{
	struct harness *harness = *state;
	uint16_t port = source_port(harness, frame(eth(), ip4(), tcp(), payload(10)));

	assert_int_equal(source_port(harness, frame(eth(), ip4(.id = 9, .tos = 1, .ttl = 3),
						    tcp(.seq = 77, .ack = 5), payload(900))),
			 port);
	/* of TCP, and not of UDP with the same ports */
	assert_int_not_equal(source_port(harness, frame(eth(), ip4(), udp(), payload(10))), port);
	port = source_port(harness, frame(eth(), ip6(), udp(), payload(10)));
	assert_int_equal(source_port(harness, frame(eth(), ip6(.tos = 1, .ttl = 3, .flow = 0x777),
						    udp(), payload(900))),
			 port);
}

static void all_fragments_of_a_datagram_have_one_source_port(void **state)
{
	struct harness *harness = *state;
	static const uint8_t first6[8] = {IPPROTO_UDP, 0, 0, 1, 0, 0, 0, 7};
	static const uint8_t later6[8] = {IPPROTO_UDP, 0, 3, 0x20, 0, 0, 0, 7};
	uint16_t port = source_port(harness, frame(eth(), ip4(.id = 7, .fragment = FRAGMENT_MF),
						   udp(.length = 1608), payload(792)));

	assert_int_equal(
		source_port(harness,
			    frame(eth(), ip4(.id = 7, .fragment = 100, .protocol = IPPROTO_UDP),
				  payload(808))),
		port);
	port = source_port(harness, frame(eth(), ip6(.protocol = 44), bytes(first6, 8),
					  udp(.length = 1608), payload(792)));
	assert_int_equal(source_port(harness, frame(eth(), ip6(.protocol = 44), bytes(later6, 8),
						    payload(808))),
			 port);
}

static void dscp_is_the_segment_s_own_where_it_is_fixed(void **state)
{
	struct harness *harness = *state;
	struct table_segment segment = tables_segment(harness, BLUE);

	segment.dscp = 0x2e;
	tables_set_segment(harness, BLUE, segment);
	assert_sent_in_envelopes(harness, frame(eth(), ip4(.tos = 0x28), tcp()), 0xb8);
	assert_sent_in_envelopes(harness, frame(eth(), ip6(.tos = 0x29), tcp()), 0xb9);
	assert_sent_in_envelopes(harness, frame(eth(), arp()), 0xb8);
}

static void dscp_is_the_inner_packet_s_where_it_is_copied(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_COPY_DSCP | SEGMENT_CARRY_VLAN, 0);
	for (unsigned int tos = 0; tos < 256; tos += 17) {
		uint8_t value = (uint8_t)tos;

		assert_sent_in_envelopes(harness, frame(eth(), ip4(.tos = value), tcp()), value);
		assert_sent_in_envelopes(harness, frame(eth(), ip6(.tos = value), udp()), value);
		assert_sent_in_envelopes(harness, frame(eth(), vlan(), ip6(.tos = value), udp()),
					 value);
	}
	assert_sent_in_envelopes(harness, frame(eth(), arp()), 0);
}

static void what_the_daemon_prebuilt_is_stamped_as_it_is(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), ip4(), udp(), payload(20)), *sent;
	struct table_peer peer = tables_peer(harness, PEER_4);

	peer.header[8] = 7; /* TTL */
	peer.header[22] = 0x21;
	peer.header[23] = 0x18; /* port 8472 */
	peer.ip_sum += 7 - 64;
	tables_set_peer(harness, PEER_4, peer);
	sent = sent_frame(harness, PEER_4, inner);
	assert_frame(sent, frame(eth(.src = UNDERLAY_MAC, .dst = NEXT_HOP_MAC),
				 ip4(.src = LOCAL_4, .dst = REMOTE_4, .ttl = 7,
				     .id = frame_u16(sent, 18), .fragment = FRAGMENT_DF),
				 udp(.sport = envelope_source_port(sent), .dport = 8472,
				     .checksum = CHECKSUM_ZERO),
				 vxlan(), bytes(inner->bytes, inner->length)));
}

static void the_whole_range_of_vnis_is_stamped(void **state)
{
	static const uint32_t vnis[] = {1, 255, 256, 65536, 0x800000, 16777215};
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), arp());

	for (size_t i = 0; i < sizeof(vnis) / sizeof(vnis[0]); i++) {
		struct table_segment segment = tables_segment(harness, BLUE);

		segment.vni = vnis[i];
		tables_set_segment(harness, BLUE, segment);
		for (uint32_t peer = 0; peer < N_PEERS; peer++) {
			tables_set_fdb(harness, vnis[i], VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
			harness_deliver(harness, &harness->ports[PORT_A], inner);
			assert_enveloped(device_receive(&harness->underlay), peer, inner,
					 .vni = vnis[i]);
		}
	}
}

static void what_one_side_sends_the_other_side_receives(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), vlan(), ip6(), udp(), payload(77)), *sent;
	static const uint8_t macs[12] = {2, 0xaa, 0, 0, 0, 2, 2, 0xaa, 0, 0, 0, 1};
	uint8_t addresses[8];

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	sent = sent_frame(harness, PEER_4, inner);
	/* the same packet, as the peer would have sent it */
	memcpy(addresses, sent->bytes + 30, 4);
	memcpy(addresses + 4, sent->bytes + 26, 4);
	sent = frame_patch(frame_patch(sent, 26, addresses, 8), 0, macs, 12);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_C, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->underlay, sent));
	assert_received(&harness->ports[PORT_C], inner);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(frames_of_every_protocol_are_enveloped),
		harness_test(tagged_frames_of_every_protocol_are_enveloped_with_their_tag),
		harness_test(frames_with_two_tags_are_enveloped_whole),
		harness_test(a_frame_with_three_tags_is_dropped_by_name),
		harness_test(frames_of_every_size_are_enveloped),
		harness_test(cut_ip_headers_are_enveloped_as_they_are),
		harness_test(every_frame_has_the_next_ip_id),
		harness_test(the_source_port_spreads_over_flows),
		harness_test(the_source_port_is_one_for_all_packets_of_a_flow),
		harness_test(all_fragments_of_a_datagram_have_one_source_port),
		harness_test(dscp_is_the_segment_s_own_where_it_is_fixed),
		harness_test(dscp_is_the_inner_packet_s_where_it_is_copied),
		harness_test(what_the_daemon_prebuilt_is_stamped_as_it_is),
		harness_test(the_whole_range_of_vnis_is_stamped),
		harness_test(what_one_side_sends_the_other_side_receives),
	};

	return harness_main(tests);
}
