/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is every drop reason of abi/drop.h counted somewhere?  One function for each,
 * named drop_<SYMBOL>, shows the plainest way to it; the table below expands
 * the list, so that a reason without one does not compile.
 */
#include "test.h"

#include <netinet/in.h>

#define CASE(symbol) static void drop_##symbol(struct harness *harness)

#define MACS   eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC)
#define FROM_4 ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_DF)
#define FROM_6 ip6(.src = REMOTE_6, .dst = LOCAL_6)
#define UDP    udp(.dport = 4789, .checksum = CHECKSUM_ZERO)

static void known(struct harness *harness, enum table_path_kind kind, uint32_t path)
{
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, kind, path, FDB_STATIC);
}

static void from_underlay(struct harness *harness, const struct frame *frame,
			  enum drop_reason reason)
{
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame), reason);
}

static void from_peer(struct harness *harness, const struct frame *inner, enum drop_reason reason)
{
	from_underlay(harness, envelope_from(PEER_4, inner, (struct envelope){0}), reason);
}

static void from_port(struct harness *harness, const struct frame *frame, enum drop_reason reason)
{
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], frame), reason);
}

static const struct frame *any_frame(void)
{
	return frame(eth(), arp());
}

/* A test run refuses it (6.18), a device does not. */
CASE(TRUNCATED_OUTER_IP)
{
	assert_counted(harness_deliver(harness, &harness->underlay,
				       frame_part(frame(MACS, FROM_4, UDP), 0, 33)),
		       DROP_TRUNCATED_OUTER_IP, VERDICT_UNKNOWN);
}

CASE(BAD_IHL)
{
	from_underlay(harness,
		      frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .ihl = 4), UDP, vxlan()),
		      DROP_BAD_IHL);
}

CASE(BAD_IP_LENGTH)
{
	from_underlay(
		harness,
		frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .length = 999), UDP, vxlan()),
		DROP_BAD_IP_LENGTH);
}

CASE(BAD_IP_CHECKSUM)
{
	from_underlay(harness,
		      frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .checksum = CHECKSUM_WRONG),
			    UDP, vxlan()),
		      DROP_BAD_IP_CHECKSUM);
}

CASE(OUTER_FRAGMENT)
{
	tables_set_settings(harness, SETTING_DROP_FRAGMENTS);
	from_underlay(harness,
		      frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_MF),
			    UDP, vxlan()),
		      DROP_OUTER_FRAGMENT);
}

CASE(BAD_UDP_LENGTH)
{
	from_underlay(harness, frame(MACS, FROM_4, udp(.dport = 4789, .length = 7), vxlan()),
		      DROP_BAD_UDP_LENGTH);
}

CASE(BAD_UDP_CHECKSUM)
{
	from_underlay(harness,
		      frame(MACS, FROM_4, udp(.dport = 4789, .checksum = CHECKSUM_WRONG), vxlan(),
			    eth(), arp()),
		      DROP_BAD_UDP_CHECKSUM);
}

CASE(ZERO_UDP_CHECKSUM6)
{
	struct table_peer peer = tables_peer(harness, PEER_6);

	peer.flags &= (uint16_t)~PEER_ZERO_CHECKSUM6;
	tables_set_peer(harness, PEER_6, peer);
	from_underlay(harness, envelope_from(PEER_6, any_frame(), (struct envelope){0}),
		      DROP_ZERO_UDP_CHECKSUM6);
}

CASE(TRUNCATED_TUNNEL_HEADER)
{
	from_underlay(harness, frame(MACS, FROM_4, UDP, payload(7)), DROP_TRUNCATED_TUNNEL_HEADER);
}

CASE(VNI_NOT_VALID)
{
	from_underlay(harness, frame(MACS, FROM_4, UDP, vxlan(.vxlan_flags = 0), eth(), arp()),
		      DROP_VNI_NOT_VALID);
}

CASE(RESERVED_BITS)
{
	tables_set_settings(harness, SETTING_STRICT_RESERVED);
	from_underlay(harness, frame(MACS, FROM_4, UDP, vxlan(.reserved8 = 1), eth(), arp()),
		      DROP_RESERVED_BITS);
}

CASE(UNKNOWN_VNI)
{
	from_underlay(harness, frame(MACS, FROM_4, UDP, vxlan(.vni = 77), eth(), arp()),
		      DROP_UNKNOWN_VNI);
}

CASE(UNKNOWN_PEER)
{
	from_underlay(
		harness,
		frame(MACS, ip4(.src = "192.0.2.77", .dst = LOCAL_4), UDP, vxlan(), eth(), arp()),
		DROP_UNKNOWN_PEER);
}

CASE(PEER_NOT_IN_SEGMENT)
{
	from_underlay(harness,
		      frame(MACS, ip4(.src = REMOTE_4B, .dst = LOCAL_4), UDP,
			    vxlan(.vni = GREEN_VNI), eth(), arp()),
		      DROP_PEER_NOT_IN_SEGMENT);
}

CASE(WRONG_ENCAPSULATION)
{
	tables_set_accepts(harness, PEER_4, 1u << ENCAP_GENEVE);
	from_peer(harness, any_frame(), DROP_WRONG_ENCAPSULATION);
}

CASE(OWN_ADDRESS)
{
	from_underlay(harness,
		      frame(MACS, ip4(.src = LOCAL_4, .dst = LOCAL_4), UDP, vxlan(), eth(), arp()),
		      DROP_OWN_ADDRESS);
}

CASE(ECN_CE_ON_NOT_ECT)
{
	from_underlay(
		harness,
		envelope_from(PEER_4, frame(eth(), ip4(), udp()), (struct envelope){.tos = 3}),
		DROP_ECN_CE_ON_NOT_ECT);
}

/* A super-frame of no kind that the kernel's helper can shrink, and no anchor to give it to. */
CASE(DECAPSULATION_FAILED)
{
	struct __sk_buff context = {
		.ifindex = (uint32_t)harness->underlay.ifindex, .gso_size = 100, .gso_segs = 2};

	tables_set_anchor(harness, 0);
	assert_int_equal(
		harness_run_context(harness, FROM_UNDERLAY, context,
				    envelope_from(PEER_4, frame(eth(), ip4(), udp(), payload(100)),
						  (struct envelope){0})),
		0);
	assert_int_equal(harness->outcome.verdict, TC_ACT_SHOT);
	assert_int_equal(harness->outcome.drops[DROP_DECAPSULATION_FAILED], 2);
	assert_int_equal(harness->outcome.n_dropped, 2);
}

#define GENEVE udp(.dport = 6081, .checksum = CHECKSUM_ZERO)

CASE(GENEVE_VERSION)
{
	from_underlay(harness,
		      frame(MACS, FROM_4, GENEVE, geneve(.geneve_version = 1), eth(), arp()),
		      DROP_GENEVE_VERSION);
}

CASE(CONTROL_PACKET)
{
	from_underlay(harness,
		      frame(MACS, FROM_4, GENEVE, geneve(.geneve_flags = 0x80), eth(), arp()),
		      DROP_CONTROL_PACKET);
}

CASE(PROTOCOL_TYPE)
{
	from_underlay(harness, frame(MACS, FROM_4, GENEVE, geneve(.type = 0x0800), ip4(), udp()),
		      DROP_PROTOCOL_TYPE);
}

CASE(UNKNOWN_CRITICAL_OPTION)
{
	static const uint8_t option[] = {0x01, 0x02, 0x80, 0};

	from_underlay(harness,
		      frame(MACS, FROM_4, GENEVE,
			    geneve(.geneve_flags = 0x40, .options = option, .n_options = 4), eth(),
			    arp()),
		      DROP_UNKNOWN_CRITICAL_OPTION);
}

CASE(BAD_GENEVE_OPTIONS)
{
	static const uint8_t option[] = {0x01, 0x02, 0x03, 1};

	from_underlay(harness,
		      frame(MACS, FROM_4, GENEVE, geneve(.options = option, .n_options = 4), eth(),
			    arp()),
		      DROP_BAD_GENEVE_OPTIONS);
}

CASE(GRE_VERSION)
{
	from_underlay(harness, frame(MACS, FROM_4, gre(.gre_flags = GRE_KEY | 1), eth(), arp()),
		      DROP_GRE_VERSION);
}

CASE(GRE_FLAGS)
{
	from_underlay(harness,
		      frame(MACS, FROM_4, gre(.gre_flags = GRE_KEY | 0x4000), eth(), arp()),
		      DROP_GRE_FLAGS);
}

CASE(GRE_PROTOCOL)
{
	from_underlay(harness, frame(MACS, FROM_4, gre(.type = 0x0800), ip4(), udp()),
		      DROP_GRE_PROTOCOL);
}

CASE(GRE_KEY_MISSING)
{
	from_underlay(harness, frame(MACS, FROM_4, gre(.gre_flags = 0), eth(), arp()),
		      DROP_GRE_KEY_MISSING);
}

CASE(BAD_GRE_CHECKSUM)
{
	from_underlay(harness,
		      frame(MACS, FROM_4,
			    gre(.gre_flags = GRE_CHECKSUM | GRE_KEY, .checksum = CHECKSUM_WRONG),
			    eth(), arp()),
		      DROP_BAD_GRE_CHECKSUM);
}

CASE(NVGRE_FLAGS)
{
	tables_set_accepts(harness, PEER_4, 1u << ENCAP_NVGRE);
	from_underlay(harness,
		      frame(MACS, FROM_4,
			    gre(.gre_flags = GRE_CHECKSUM | GRE_KEY, .key = BLUE_VNI << 8), eth(),
			    arp()),
		      DROP_NVGRE_FLAGS);
}

CASE(RESERVED_VSID)
{
	tables_set_accepts(harness, PEER_4, 1u << ENCAP_NVGRE);
	from_underlay(harness, frame(MACS, FROM_4, nvgre(0xfff, 0), eth(), arp()),
		      DROP_RESERVED_VSID);
}

/* Nobody reads the tap: it was never made, or the daemon is gone. */
CASE(STT_PAUSED)
{
	from_underlay(harness, frame(MACS, FROM_4, tcp(.dport = 7471), payload(60)),
		      DROP_STT_PAUSED);
}

CASE(STT_TCP_DATA_OFFSET)
{
	from_underlay(harness,
		      frame(MACS, FROM_4, tcp(.dport = 7471, .option_bytes = 4), payload(60)),
		      DROP_STT_TCP_DATA_OFFSET);
}

CASE(TRUNCATED_INNER_ETH)
{
	from_underlay(harness, frame(MACS, FROM_4, UDP, vxlan(), payload(13)),
		      DROP_TRUNCATED_INNER_ETH);
}

CASE(TRUNCATED_INNER_VLAN)
{
	from_port(harness, frame(eth(.type = 0x8100), payload(3)), DROP_TRUNCATED_INNER_VLAN);
}

CASE(INNER_VLAN)
{
	from_port(harness, frame(eth(), vlan(), arp()), DROP_INNER_VLAN);
}

CASE(INNER_SRC_MULTICAST)
{
	from_port(harness, frame(eth(.src = BROADCAST_MAC), arp()), DROP_INNER_SRC_MULTICAST);
}

CASE(INNER_SRC_ZERO)
{
	from_port(harness, frame(eth(.src = "00:00:00:00:00:00"), arp()), DROP_INNER_SRC_ZERO);
}

CASE(LINK_LOCAL_CONTROL)
{
	from_port(harness, frame(eth(.dst = "01:80:c2:00:00:00"), arp()), DROP_LINK_LOCAL_CONTROL);
}

CASE(UNKNOWN_PORT)
{
	assert_dropped(harness_run(harness, FROM_PORT, &harness->underlay, any_frame()),
		       DROP_UNKNOWN_PORT);
}

CASE(MAC_NOT_ALLOWED)
{
	tables_flag_port(harness, PORT_A, PORT_CHECK_SOURCE, 0);
	from_port(harness, any_frame(), DROP_MAC_NOT_ALLOWED);
}

CASE(UNKNOWN_UNICAST)
{
	tables_flag_segment(harness, BLUE, 0, SEGMENT_FLOOD_UNKNOWN);
	from_port(harness, any_frame(), DROP_UNKNOWN_UNICAST);
}

CASE(FLOOD_NONE)
{
	tables_flag_segment(harness, BLUE, 0, SEGMENT_FLOOD_PEERS);
	tables_set_flood_ports(harness, BLUE, NULL, 0);
	from_port(harness, any_frame(), DROP_FLOOD_NONE);
}

CASE(NO_RECEIVER)
{
	tables_set_flood_ports(harness, BLUE, NULL, 0);
	from_peer(harness, any_frame(), DROP_NO_RECEIVER);
}

CASE(SAME_PORT)
{
	known(harness, PATH_PORT, PORT_A);
	from_port(harness, any_frame(), DROP_SAME_PORT);
}

CASE(SPLIT_HORIZON)
{
	known(harness, PATH_PEER, PEER_4);
	from_peer(harness, any_frame(), DROP_SPLIT_HORIZON);
}

CASE(PORT_DOWN)
{
	known(harness, PATH_PORT, PORT_B);
	tables_flag_port(harness, PORT_B, 0, PORT_UP);
	from_port(harness, any_frame(), DROP_PORT_DOWN);
}

/* An FDB entry that is older than the port's move to another segment. */
CASE(PORT_MOVED)
{
	struct table_port port = tables_port(harness, PORT_B);

	port.segment = GREEN;
	tables_set_port(harness, PORT_B, port);
	known(harness, PATH_PORT, PORT_B);
	from_port(harness, any_frame(), DROP_PORT_MOVED);
}

CASE(PEER_UNREACHABLE)
{
	struct table_peer peer = tables_peer(harness, PEER_4);

	peer.n_nexthops = 0;
	tables_set_peer(harness, PEER_4, peer);
	known(harness, PATH_PEER, PEER_4);
	from_port(harness, any_frame(), DROP_PEER_UNREACHABLE);
}

CASE(TOO_BIG)
{
	known(harness, PATH_PEER, PEER_4);
	from_port(harness, frame(eth(), payload(LIMIT_4 + 1)), DROP_TOO_BIG);
}

CASE(TOO_BIG_ANSWERED)
{
	known(harness, PATH_PEER, PEER_4);
	assert_counted(
		harness_run(harness, FROM_PORT, &harness->ports[PORT_A],
			    frame(eth(), ip4(.fragment = FRAGMENT_DF), udp(), payload(LIMIT_4))),
		DROP_TOO_BIG_ANSWERED, TC_ACT_REDIRECT);
}

CASE(TOO_BIG_SILENT)
{
	known(harness, PATH_PEER, PEER_4);
	from_port(
		harness,
		frame(eth(), ip4(.fragment = FRAGMENT_DF), icmp4(.icmp_type = 3), payload(LIMIT_4)),
		DROP_TOO_BIG_SILENT);
}

CASE(EXCEEDS_PORT_MTU)
{
	struct table_port port = tables_port(harness, PORT_B);

	port.mtu = 100;
	tables_set_port(harness, PORT_B, port);
	known(harness, PATH_PORT, PORT_B);
	from_port(harness, frame(eth(), payload(101)), DROP_EXCEEDS_PORT_MTU);
}

CASE(ENCAPSULATION_FAILED)
{
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	known(harness, PATH_PEER, PEER_4);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A],
				       frame(eth(), vlan(), vlan(), vlan(), arp())),
		       DROP_ENCAPSULATION_FAILED, VERDICT_UNKNOWN);
}

/* The device went away and the daemon has not said so yet. */
CASE(SEND_FAILED)
{
	struct table_port port = tables_port(harness, PORT_B);

	port.ifindex = 99999;
	tables_set_port(harness, PORT_B, port);
	tables_set_flood_peers(harness, BLUE, NULL, 0);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], any_frame()),
		       DROP_SEND_FAILED, VERDICT_UNKNOWN);
	assert_received(&harness->ports[PORT_C], any_frame());
}

/* A copy that must be cut in fragments; to a single receiver it could be split. */
CASE(NO_ANCHOR)
{
	tables_set_anchor(harness, 0);
	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4}, 1);
	assert_counted(
		harness_deliver(harness, &harness->ports[PORT_A],
				frame(eth(.dst = BROADCAST_MAC), ip4(), udp(), payload(LIMIT_4))),
		DROP_NO_ANCHOR, VERDICT_UNKNOWN);
}

CASE(NO_RELAY)
{
	tables_set_anchor(harness, 0);
	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4, PEER_6}, 2);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A],
				       frame(eth(.dst = BROADCAST_MAC), arp())),
		       DROP_NO_RELAY, VERDICT_UNKNOWN);
}

#define X(symbol, number, name, sentence)                                                          \
	static void test_##symbol(void **state)                                                    \
	{                                                                                          \
		drop_##symbol(*state);                                                             \
	}
DROP_REASONS_OF_DATAPATH(X)
#undef X

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define X(symbol, number, name, sentence)                                                          \
	{name "_is_counted_where_it_happens", test_##symbol, harness_reset, harness_forget, NULL},
		DROP_REASONS_OF_DATAPATH(X)
#undef X
	};

	return harness_main(tests);
}
