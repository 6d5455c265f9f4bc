/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps find_path and send: does a frame for one receiver reach that one and
 * nobody else, byte for byte, and is it dropped by name where it cannot?
 */
#include "test.h"

static const struct frame *any_frame(void)
{
	return frame(eth(), ip4(.fragment = FRAGMENT_DF), udp(), payload(64));
}

static void assert_all_silent(struct harness *harness)
{
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
	assert_silent(&harness->underlay);
}

static void a_frame_to_a_mac_behind_a_port_reaches_that_port_alone(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_LEARNED);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], any_frame());
	assert_no_drop(outcome);
	assert_received(&harness->ports[PORT_B], any_frame());
	assert_all_silent(harness);
	assert_int_equal(outcome->ports[PORT_B].tx_frames, 1);
	assert_int_equal(outcome->ports[PORT_C].tx_frames, 0);
	assert_int_equal(outcome->segments[BLUE].flooded, 0);
}

static void a_frame_to_a_mac_behind_a_peer_leaves_by_the_underlay_alone(void **state)
{
	struct harness *harness = *state;

	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		const struct outcome *outcome;

		tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_LEARNED);
		outcome = harness_deliver(harness, &harness->ports[PORT_A], any_frame());
		assert_no_drop(outcome);
		assert_enveloped(device_receive(&harness->underlay), peer, any_frame());
		assert_all_silent(harness);
		assert_int_equal(outcome->peers[peer].tx_frames, 1);
		assert_int_equal(outcome->peers[peer].tx_bytes, any_frame()->length);
		assert_int_equal(outcome->ports[PORT_A].rx_bytes, any_frame()->length);
	}
}

static void a_frame_from_a_peer_reaches_the_port(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_LEARNED);
	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		const struct outcome *outcome =
			harness_deliver(harness, &harness->underlay,
					envelope_from(peer, any_frame(), (struct envelope){0}));

		assert_no_drop(outcome);
		assert_received(&harness->ports[PORT_B], any_frame());
		assert_all_silent(harness);
		assert_int_equal(outcome->peers[peer].rx_frames, 1);
		assert_int_equal(outcome->peers[peer].rx_bytes, any_frame()->length);
		assert_int_equal(outcome->ports[PORT_B].tx_bytes, any_frame()->length);
	}
}

static void the_same_mac_in_two_segments_reaches_two_ports(void **state)
{
	struct harness *harness = *state;
	const struct frame *from_green =
		envelope_from(PEER_4, any_frame(), (struct envelope){.vni = GREEN_VNI});
	const struct frame *from_blue = envelope_from(PEER_4, any_frame(), (struct envelope){0});

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	tables_set_fdb(harness, GREEN_VNI, VM_B_MAC, PATH_PORT, PORT_GREEN, FDB_STATIC);
	harness_deliver(harness, &harness->underlay, from_green);
	assert_received(&harness->ports[PORT_GREEN], any_frame());
	assert_all_silent(harness);
	harness_deliver(harness, &harness->underlay, from_blue);
	assert_received(&harness->ports[PORT_B], any_frame());
	assert_all_silent(harness);
}

static void an_entry_of_another_segment_is_not_used(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, GREEN_VNI, VM_B_MAC, PATH_PORT, PORT_GREEN, FDB_STATIC);
	tables_flag_segment(harness, BLUE, 0, SEGMENT_FLOOD_UNKNOWN);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], any_frame()),
		       DROP_UNKNOWN_UNICAST, VERDICT_UNKNOWN);
	assert_all_silent(harness);
}

static void an_unknown_destination_is_dropped_where_the_segment_says_so(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_flag_segment(harness, BLUE, 0, SEGMENT_FLOOD_UNKNOWN);
	outcome = harness_run(harness, FROM_PORT, &harness->ports[PORT_A], any_frame());
	assert_dropped(outcome, DROP_UNKNOWN_UNICAST);
	assert_int_equal(outcome->segments[BLUE].flooded, 0);
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				   envelope_from(PEER_4, any_frame(), (struct envelope){0})),
		       DROP_UNKNOWN_UNICAST);
	assert_all_silent(harness);
}

static void a_frame_never_goes_back_where_it_came_from(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], any_frame()),
		       DROP_SAME_PORT);
	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
		assert_dropped(
			harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				    envelope_from(PEER_4, any_frame(), (struct envelope){0})),
			DROP_SPLIT_HORIZON);
	}
	assert_all_silent(harness);
}

static void a_port_that_is_down_absent_or_gone_takes_nothing(void **state)
{
	struct harness *harness = *state;
	struct table_port port = tables_port(harness, PORT_B), gone = {0};

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	port.flags &= ~(uint32_t)PORT_UP;
	tables_set_port(harness, PORT_B, port);
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], any_frame()),
		       DROP_PORT_DOWN);
	tables_set_port(harness, PORT_B, gone);
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], any_frame()),
		       DROP_PORT_DOWN);
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				   envelope_from(PEER_4, any_frame(), (struct envelope){0})),
		       DROP_PORT_DOWN);
}

static void a_frame_longer_than_the_port_s_mtu_is_dropped(void **state)
{
	struct harness *harness = *state;
	const struct frame *fits = frame(eth(), ip4(), udp(), payload(1000 - 28));
	const struct frame *exceeds = frame(eth(), ip4(), udp(), payload(1001 - 28));
	struct table_port port = tables_port(harness, PORT_B);

	port.mtu = 1000;
	tables_set_port(harness, PORT_B, port);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_sent(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], fits));
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], exceeds),
		       DROP_EXCEEDS_PORT_MTU);
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				   envelope_from(PEER_4, exceeds, (struct envelope){0})),
		       DROP_EXCEEDS_PORT_MTU);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_sent(harness_run(harness, FROM_PORT, &harness->ports[PORT_A],
				frame(eth(), vlan(), ip4(), udp(), payload(1000 - 28))));
}

static void a_peer_without_a_route_is_unreachable(void **state)
{
	struct harness *harness = *state;
	struct table_peer peer = tables_peer(harness, PEER_4), gone = {0};
	const struct outcome *outcome;

	peer.n_nexthops = 0;
	tables_set_peer(harness, PEER_4, peer);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	outcome = harness_run(harness, FROM_PORT, &harness->ports[PORT_A], any_frame());
	assert_dropped(outcome, DROP_PEER_UNREACHABLE);
	assert_int_equal(outcome->drop.peer, PEER_4);
	assert_int_equal(outcome->drop.port, PORT_A);
	tables_set_peer(harness, PEER_4, gone);
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_A], any_frame()),
		       DROP_PEER_UNREACHABLE);
}

static struct device second_underlay(struct harness *harness)
{
	struct device device;

	device_open_underlay(&device, "underlay2", "02:aa:00:00:01:02");
	device_ip("neighbour add 198.51.100.1 lladdr 02:aa:00:00:01:01 dev underlay2");
	device_ip("neighbour add 2001:db8:9::1 lladdr 02:aa:00:00:01:06 dev underlay2");
	return device;
}

/* A gateway of the other family carries IPv4 just as well (RFC 5549). */
static void the_next_hop_of_the_bank_in_use_takes_the_frame(void **state)
{
	static const struct {
		const char *gateway, *mac;
		uint8_t family;
	} gateways[] = {{"198.51.100.1", "02:aa:00:00:01:01", 4},
			{"2001:db8:9::1", "02:aa:00:00:01:06", 6}};
	struct harness *harness = *state;
	struct table_peer peer = tables_peer(harness, PEER_4);
	struct device second = second_underlay(harness);

	peer.nexthop_first += TABLE_NEXTHOPS;
	tables_set_peer(harness, PEER_4, peer);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	for (size_t i = 0; i < 2; i++) {
		struct table_nexthop nexthop = {
			.ifindex = (uint32_t)second.ifindex,
			.family = gateways[i].family,
			.gateway = tables_address(gateways[i].gateway),
		};
		const struct frame *sent;

		tables_set_nexthop(harness, peer.nexthop_first, nexthop);
		device_drain(&second);
		assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], any_frame()));
		sent = device_receive(&second);
		assert_non_null(sent);
		assert_frame(frame_part(sent, 0, 14),
			     frame(eth(.dst = gateways[i].mac, .src = "02:aa:00:00:01:02",
				       .type = 0x0800)));
		assert_frame(frame_part(sent, OUTER4_BYTES, FRAME_END), any_frame());
		assert_all_silent(harness);
	}
	device_close(&second);
}

/* The kernel asks, keeps the frame meanwhile, and sends it when the answer comes. */
static void a_next_hop_that_is_not_resolved_yet_costs_no_frame(void **state)
{
	struct harness *harness = *state;

	tables_set_heartbeat(harness, 0);
	device_ip("neighbour del " REMOTE_4B " dev underlay");
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4B, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], any_frame()));
	assert_received(&harness->underlay, frame(eth(.src = UNDERLAY_MAC, .dst = BROADCAST_MAC),
						  arp(.sender_mac = UNDERLAY_MAC, .sender = LOCAL_4,
						      .target = REMOTE_4B)));
	assert_silent(&harness->underlay);
	assert_no_drop(harness_deliver(
		harness, &harness->underlay,
		frame(eth(.src = NEXT_HOP_4B_MAC, .dst = UNDERLAY_MAC),
		      arp(.arp_op = 2, .sender_mac = NEXT_HOP_4B_MAC, .sender = REMOTE_4B,
			  .target_mac = UNDERLAY_MAC, .target = LOCAL_4))));
	device_wait(&harness->underlay);
	assert_enveloped(device_receive(&harness->underlay), PEER_4B, any_frame());
	device_ip("neighbour replace " REMOTE_4B " lladdr " NEXT_HOP_4B_MAC
		  " dev underlay nud permanent");
}

/* What the daemon keeps up to date is used as it is; the kernel's table is not asked. */
static void a_resolved_next_hop_takes_the_frame_while_somebody_watches_it(void **state)
{
	struct harness *harness = *state;

	device_ip("neighbour del " REMOTE_4B " dev underlay");
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4B, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], any_frame()));
	assert_enveloped(device_receive(&harness->underlay), PEER_4B, any_frame());
	assert_silent(&harness->underlay);
	device_ip("neighbour replace " REMOTE_4B " lladdr " NEXT_HOP_4B_MAC
		  " dev underlay nud permanent");
}

static const struct frame *flow(unsigned int i)
{
	return frame(eth(), ip4(.fragment = FRAGMENT_DF), udp(.sport = (uint16_t)(1000 + i)),
		     payload(20));
}

static void flows_spread_over_equal_next_hops_and_each_stays_on_one(void **state)
{
	struct harness *harness = *state;
	struct table_peer peer = tables_peer(harness, PEER_4);
	struct device second = second_underlay(harness);
	struct table_nexthop nexthop = {
		.ifindex = (uint32_t)second.ifindex,
		.family = 4,
		.gateway = tables_address("198.51.100.1"),
	};
	unsigned int n_first = 0, n_second = 0;

	tables_set_nexthop(harness, peer.nexthop_first + 1, nexthop);
	peer.n_nexthops = 2;
	tables_set_peer(harness, PEER_4, peer);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	device_drain(&second);
	for (unsigned int i = 0; i < 64; i++) {
		size_t first_was, second_was;

		harness_deliver(harness, &harness->ports[PORT_A], flow(i));
		first_was = device_drain(&harness->underlay);
		second_was = device_drain(&second);
		assert_int_equal(first_was + second_was, 1);
		harness_deliver(harness, &harness->ports[PORT_A], flow(i));
		assert_int_equal(device_drain(&harness->underlay), first_was);
		assert_int_equal(device_drain(&second), second_was);
		n_first += (unsigned int)first_was;
		n_second += (unsigned int)second_was;
	}
	/* a fair coin falls outside of this once in a million runs */
	assert_in_range(n_first, 12, 52);
	assert_int_equal(n_first + n_second, 64);
	device_close(&second);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_frame_to_a_mac_behind_a_port_reaches_that_port_alone),
		harness_test(a_frame_to_a_mac_behind_a_peer_leaves_by_the_underlay_alone),
		harness_test(a_frame_from_a_peer_reaches_the_port),
		harness_test(the_same_mac_in_two_segments_reaches_two_ports),
		harness_test(an_entry_of_another_segment_is_not_used),
		harness_test(an_unknown_destination_is_dropped_where_the_segment_says_so),
		harness_test(a_frame_never_goes_back_where_it_came_from),
		harness_test(a_port_that_is_down_absent_or_gone_takes_nothing),
		harness_test(a_frame_longer_than_the_port_s_mtu_is_dropped),
		harness_test(a_peer_without_a_route_is_unreachable),
		harness_test(the_next_hop_of_the_bank_in_use_takes_the_frame),
		harness_test(a_next_hop_that_is_not_resolved_yet_costs_no_frame),
		harness_test(a_resolved_next_hop_takes_the_frame_while_somebody_watches_it),
		harness_test(flows_spread_over_equal_next_hops_and_each_stays_on_one),
	};

	return harness_main(tests);
}
