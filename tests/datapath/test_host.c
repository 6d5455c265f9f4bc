/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the host's own traffic on the underlay left alone?  ssh, BGP, ARP,
 * neighbour discovery, IGMP, other tunnels, fragments: each passes untouched,
 * uncounted and unheard, also where it is malformed.
 */
#include "test.h"

#include <netinet/in.h>

#define MACS   eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC)
#define FROM_4 ip4(.src = REMOTE_4, .dst = LOCAL_4)
#define FROM_6 ip6(.src = REMOTE_6, .dst = LOCAL_6)

static void assert_untouched(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	assert_host(harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame), frame);
}

static void traffic_of_other_protocols_and_ports_passes(void **state)
{
	assert_untouched(state, frame(MACS, FROM_4, tcp(.dport = 22), payload(100)));
	assert_untouched(state, frame(MACS, FROM_6, tcp(.dport = 179), payload(100)));
	assert_untouched(state, frame(MACS, FROM_4, tcp(.dport = 4789), payload(100)));
	assert_untouched(state, frame(MACS, FROM_4, udp(.dport = 53), payload(100)));
	assert_untouched(state, frame(MACS, FROM_4, udp(.sport = 4789, .dport = 53), payload(9)));
	assert_untouched(state, frame(MACS, FROM_4, udp(.dport = 8472), vxlan(), eth(), arp()));
	assert_untouched(state, frame(MACS, FROM_6, udp(.dport = 6082), payload(100)));
	assert_untouched(state, frame(MACS, FROM_6, tcp(.sport = 7471, .dport = 22), payload(9)));
	assert_untouched(state, frame(MACS, FROM_4, icmp4(), payload(56)));
	assert_untouched(state, frame(MACS, FROM_6, icmp6(), payload(56)));
	assert_untouched(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = IPPROTO_ESP),
			       payload(40)));
}

/* GRE and STT are ours from peers alone, and to our address alone. */
static void gre_and_stt_of_strangers_pass(void **state)
{
	const struct layer ways[] = {
		ip4(.src = "192.0.2.77", .dst = LOCAL_4),
		ip4(.src = LOCAL_4, .dst = LOCAL_4),
		ip4(.src = REMOTE_4, .dst = "192.0.2.99"),
		ip6(.src = "2001:db8::77", .dst = LOCAL_6),
		ip6(.src = REMOTE_6, .dst = "2001:db8::99"),
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct layer fragment = ways[i];

		assert_untouched(state, frame(MACS, ways[i], gre(), eth(), arp()));
		assert_untouched(state, frame(MACS, ways[i], gre(.gre_flags = 0x3081), payload(9)));
		assert_untouched(state, frame(MACS, ways[i], gre(.type = 0x0800), ip4(), udp()));
		assert_untouched(state, frame(MACS, ways[i], tcp(.dport = 7471), payload(60)));
		fragment.fragment = FRAGMENT_MF;
		assert_untouched(state, frame(MACS, fragment, gre(), payload(64)));
		assert_untouched(state, frame(MACS, fragment, tcp(.dport = 7471), payload(64)));
	}
}

/* Nobody has asked that peer for STT: whatever it sends to the port is TCP. */
static void everything_to_the_port_of_stt_passes_from_a_peer_that_does_not_speak_it(void **state)
{
	tables_accept_only(*state, ENCAP_VXLAN);
	for (uint8_t flags = 0; flags < 64; flags++)
		assert_untouched(state, frame(MACS, FROM_4, tcp(.dport = 7471, .tcp_flags = flags),
					      payload(60)));
}

/* Another program's tunnels, until a peer of ours speaks Geneve too. */
static void geneve_of_strangers_passes_where_no_peer_speaks_it(void **state)
{
	static const uint8_t inner[60];
	const struct frame *frame =
		frame(MACS, ip4(.src = "192.0.2.99", .dst = LOCAL_4), udp(.dport = 6081), geneve(),
		      bytes(inner, sizeof(inner)));

	assert_dropped(
		harness_run(*state, FROM_UNDERLAY, &((struct harness *)*state)->underlay, frame),
		DROP_UNKNOWN_PEER);
	tables_clear_geneve(*state);
	assert_untouched(state, frame);
}

/* A peer may be more than a peer: SYN, FIN and RST are never STT's. */
static void real_connections_of_peers_to_the_port_of_stt_pass(void **state)
{
	for (uint8_t flags = 1; flags < 64; flags++) {
		const struct frame *frame =
			frame(MACS, FROM_4, tcp(.dport = 7471, .tcp_flags = flags), payload(60));

		if (flags & 0x07)
			assert_untouched(state, frame);
		else
			assert_dropped(harness_run(*state, FROM_UNDERLAY,
						   &((struct harness *)*state)->underlay, frame),
				       DROP_STT_PAUSED);
	}
}

static void address_resolution_passes(void **state)
{
	assert_untouched(state, frame(eth(.src = NEXT_HOP_MAC, .dst = BROADCAST_MAC),
				      arp(.sender = REMOTE_4, .target = LOCAL_4)));
	assert_untouched(state, frame(eth(.src = NEXT_HOP_MAC, .dst = "33:33:ff:00:00:02"),
				      ip6(.src = REMOTE_6, .dst = "ff02::1:ff00:2", .ttl = 255),
				      icmp6(.icmp_type = 135), payload(24)));
}

static void multicast_control_with_router_alert_passes(void **state)
{
	static const uint8_t router_alert[8] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};

	assert_untouched(state, frame(eth(.src = NEXT_HOP_MAC, .dst = "01:00:5e:00:00:16"),
				      ip4(.src = REMOTE_4, .dst = "224.0.0.22", .ttl = 1,
					  .protocol = IPPROTO_IGMP, .option_bytes = 4),
				      payload(16)));
	assert_untouched(
		state,
		frame_patch(frame(eth(.src = NEXT_HOP_MAC, .dst = "33:33:00:00:00:16"),
				  ip6(.src = "fe80::1", .dst = "ff02::16", .ttl = 1),
				  bytes(router_alert, 8), icmp6(.icmp_type = 143), payload(24)),
			    20, "\0", 1));
	assert_untouched(state,
			 frame(eth(.src = NEXT_HOP_MAC, .dst = "01:00:5e:00:00:05"),
			       ip4(.src = REMOTE_4, .dst = "224.0.0.5", .ttl = 1, .protocol = 89),
			       payload(44)));
}

static void frames_that_are_not_ip_pass(void **state)
{
	assert_untouched(state,
			 frame(eth(.dst = "01:80:c2:00:00:0e", .type = 0x88cc), payload(60)));
	assert_untouched(state,
			 frame(eth(.dst = "01:80:c2:00:00:00", .type = 0x0026), payload(46)));
	assert_untouched(state, frame(MACS, payload(0)));
	assert_untouched(state, frame(eth(.type = 0x8847), payload(100)));
	assert_untouched(state, frame(eth(), vlan(), FROM_4, tcp()));
}

/* A tunnel of somebody else's through this host: right port, other address. */
static void vxlan_to_an_address_that_is_not_ours_passes(void **state)
{
	const struct frame *inner = frame(eth(), arp());

	assert_untouched(state, frame(MACS, ip4(.src = REMOTE_4, .dst = "192.0.2.99"),
				      udp(.dport = 4789, .checksum = CHECKSUM_ZERO), vxlan(),
				      bytes(inner->bytes, inner->length)));
	assert_untouched(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = "2001:db8:0:1::99"),
			       udp(.dport = 4789), vxlan(), bytes(inner->bytes, inner->length)));
	assert_untouched(state, frame(MACS, ip4(.src = "192.0.2.77", .dst = "203.0.113.9"),
				      udp(.dport = 4789, .checksum = CHECKSUM_ZERO), payload(2)));
}

static void fragments_pass(void **state)
{
	assert_untouched(state,
			 frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_MF),
			       udp(.dport = 4789, .length = 3000), vxlan(), payload(800)));
	assert_untouched(state, frame(MACS,
				      ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = 100,
					  .protocol = IPPROTO_UDP),
				      payload(800)));
	assert_untouched(state, frame(MACS,
				      ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = 100,
					  .protocol = IPPROTO_TCP),
				      payload(800)));
}

static void ipv6_fragments_pass(void **state)
{
	static const uint8_t first[8] = {IPPROTO_UDP, 0, 0, 1, 0, 0, 0xab, 0xcd};
	static const uint8_t later[8] = {IPPROTO_UDP, 0, 1, 0, 0, 0, 0xab, 0xcd};

	assert_untouched(state, frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 44),
				      bytes(first, 8), udp(.dport = 4789, .length = 3000), vxlan(),
				      payload(800)));
	assert_untouched(state, frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 44),
				      bytes(later, 8), payload(800)));
}

/* Dropping fragments is a setting about peers: nobody else's, and no other protocol's. */
static void with_fragments_dropped_those_of_strangers_still_pass(void **state)
{
	struct harness *harness = *state;
	static const uint8_t later[8] = {IPPROTO_UDP, 0, 1, 0, 0, 0, 0xab, 0xcd};

	tables_set_settings(harness, SETTING_DROP_FRAGMENTS);
	assert_untouched(state, frame(MACS,
				      ip4(.src = "192.0.2.77", .dst = LOCAL_4, .fragment = 100,
					  .protocol = IPPROTO_UDP),
				      payload(800)));
	assert_untouched(state, frame(MACS,
				      ip4(.src = REMOTE_4, .dst = "192.0.2.99", .fragment = 100,
					  .protocol = IPPROTO_UDP),
				      payload(800)));
	assert_untouched(state, frame(MACS,
				      ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = 100,
					  .protocol = IPPROTO_TCP),
				      payload(800)));
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				   frame(MACS,
					 ip4(.src = REMOTE_4, .dst = LOCAL_4,
					     .fragment = FRAGMENT_MF, .protocol = IPPROTO_UDP),
					 payload(800))),
		       DROP_OUTER_FRAGMENT);
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				   frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 44),
					 bytes(later, 8), payload(800))),
		       DROP_OUTER_FRAGMENT);
}

/* The host's own checks are the host's own. */
static void malformed_traffic_of_the_host_passes(void **state)
{
	const struct frame *ssh = frame(MACS, FROM_4, tcp(.dport = 22), payload(30));

	assert_untouched(
		state, frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .checksum = CHECKSUM_WRONG),
			     tcp(.dport = 22)));
	assert_untouched(state, frame(MACS, ip4(.src = REMOTE_4, .dst = LOCAL_4, .length = 2000),
				      tcp(.dport = 22)));
	assert_untouched(state, frame(MACS, FROM_4, udp(.dport = 53, .length = 3), payload(20)));
	assert_untouched(state, frame_patch(ssh, 14, "\x42", 1));
	assert_untouched(state, frame_patch(ssh, 14, "\x65", 1));
	assert_untouched(state, frame_patch(ssh, 14, "\x00", 1));
	for (size_t n = 34; n < ssh->length; n++)
		assert_untouched(state, frame_part(ssh, 0, n));
}

/* More extension headers than are walked, and routing headers that lie about their length. */
static void ipv6_packets_with_strange_extensions_pass(void **state)
{
	uint8_t chain[80];
	static const uint8_t endless[8] = {IPPROTO_UDP, 255, 1, 4};

	for (size_t i = 0; i < sizeof(chain); i += 8)
		memcpy(chain + i, (uint8_t[]){60, 0, 1, 4, 0, 0, 0, 0}, 8);
	chain[72] = IPPROTO_UDP;
	assert_untouched(state, frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 60),
				      bytes(chain, sizeof(chain)), udp(.dport = 4789), vxlan(),
				      eth(), arp()));
	assert_untouched(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 43),
			       bytes(endless, 8), udp(.dport = 4789), vxlan(), eth(), arp()));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(traffic_of_other_protocols_and_ports_passes),
		harness_test(gre_and_stt_of_strangers_pass),
		harness_test(
			everything_to_the_port_of_stt_passes_from_a_peer_that_does_not_speak_it),
		harness_test(geneve_of_strangers_passes_where_no_peer_speaks_it),
		harness_test(real_connections_of_peers_to_the_port_of_stt_pass),
		harness_test(address_resolution_passes),
		harness_test(multicast_control_with_router_alert_passes),
		harness_test(frames_that_are_not_ip_pass),
		harness_test(vxlan_to_an_address_that_is_not_ours_passes),
		harness_test(fragments_pass),
		harness_test(ipv6_fragments_pass),
		harness_test(with_fragments_dropped_those_of_strangers_still_pass),
		harness_test(malformed_traffic_of_the_host_passes),
		harness_test(ipv6_packets_with_strange_extensions_pass),
	};

	return harness_main(tests);
}
