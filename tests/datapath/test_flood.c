/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step flood: does a frame for nobody or everybody reach each other port of
 * the segment once and each peer once, and nothing else?  Copies are counted
 * on the far ends of real devices.
 */
#include "test.h"

static const struct frame *broadcast(void)
{
	return frame(eth(.dst = BROADCAST_MAC), arp());
}

/* One copy to each peer and no more; those of another shape come first, by the kernel. */
static void assert_copies_to_peers(struct harness *harness, const struct frame *inner, uint32_t vni,
				   bool all_by_anchor)
{
	bool seen[N_PEERS] = {false};

	for (uint32_t i = 0; i < N_PEERS; i++) {
		const struct frame *copy;
		uint32_t peer;

		device_wait(&harness->underlay);
		copy = device_receive(&harness->underlay);
		assert_non_null(copy);
		if (frame_u16(copy, 12) == 0x86dd)
			peer = PEER_6;
		else
			peer = copy->bytes[33] == 1 ? PEER_4 : PEER_4B;
		assert_false(seen[peer]);
		seen[peer] = true;
		assert_enveloped(copy, peer, inner, .vni = vni,
				 .anchor = all_by_anchor || peer == PEER_6);
	}
	assert_silent(&harness->underlay);
}

/* counted: bytes of the frame without a tag that the kernel moved to the metadata. */
static void assert_flooded_counted(struct harness *harness, const struct frame *frame,
				   size_t counted)
{
	const struct outcome *outcome = harness_deliver(harness, &harness->ports[PORT_A], frame);

	assert_no_drop(outcome);
	assert_received(&harness->ports[PORT_B], frame);
	assert_received(&harness->ports[PORT_C], frame);
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
	assert_copies_to_peers(harness, frame, BLUE_VNI, /* all_by_anchor= */ false);
	assert_int_equal(outcome->segments[BLUE].flooded, 1);
	assert_int_equal(outcome->segments[BLUE].rx_frames, 1);
	assert_int_equal(outcome->segments[BLUE].tx_frames, 2 + N_PEERS);
	assert_int_equal(outcome->segments[GREEN].tx_frames, 0);
	assert_int_equal(outcome->ports[PORT_A].rx_frames, 1);
	assert_int_equal(outcome->ports[PORT_A].tx_frames, 0);
	assert_int_equal(outcome->ports[PORT_B].tx_frames, 1);
	assert_int_equal(outcome->ports[PORT_C].tx_bytes, counted);
	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		assert_int_equal(outcome->peers[peer].tx_frames, 1);
		assert_int_equal(outcome->peers[peer].tx_bytes, counted);
	}
}

static void assert_flooded(struct harness *harness, const struct frame *frame)
{
	assert_flooded_counted(harness, frame, frame->length);
}

static void a_broadcast_reaches_each_other_port_and_each_peer_once(void **state)
{
	assert_flooded(*state, broadcast());
}

static void a_multicast_and_an_unknown_unicast_are_flooded_alike(void **state)
{
	assert_flooded(*state, frame(eth(.dst = "01:00:5e:01:01:01"), ip4(.dst = "239.1.1.1"),
				     udp(), payload(100)));
	assert_flooded(*state, frame(eth(.dst = "33:33:ff:00:00:02"), ip6(.dst = "ff02::1:ff00:2"),
				     icmp6(.icmp_type = 135), payload(20)));
	assert_flooded(*state, frame(eth(), ip6(), tcp(), payload(1000)));
	assert_flooded(*state, frame(eth(.type = 0x88b5), payload(46)));
	assert_flooded(*state, frame(eth(.type = 0x88b5)));
}

static void verdict_of_a_flooded_frame_is_that_it_ends_here(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome =
		harness_run(harness, FROM_PORT, &harness->ports[PORT_A], broadcast());

	/* not "stolen": TCX knows no such thing and goes on to the host with it */
	assert_int_equal(outcome->verdict, TC_ACT_SHOT);
	assert_int_equal(outcome->n_dropped, 0);
}

static void a_flooded_frame_from_a_peer_reaches_the_ports_and_no_peer(void **state)
{
	struct harness *harness = *state;
	const struct frame *frames[] = {broadcast(), frame(eth(), ip4(), udp(), payload(10))};

	for (size_t i = 0; i < 2; i++)
		for (uint32_t peer = 0; peer < N_PEERS; peer++) {
			const struct outcome *outcome = harness_deliver(
				harness, &harness->underlay,
				envelope_from(peer, frames[i], (struct envelope){0}));

			assert_no_drop(outcome);
			for (uint32_t port = PORT_A; port <= PORT_C; port++)
				assert_received(&harness->ports[port], frames[i]);
			for (uint32_t port = 0; port < N_PORTS; port++)
				assert_silent(&harness->ports[port]);
			assert_silent(&harness->underlay);
			assert_int_equal(outcome->segments[BLUE].flooded, 1);
			assert_int_equal(outcome->peers[peer].rx_frames, 1);
		}
}

/* Linux 6.1 takes the outer ECN bits of the anchor's copies from a second tag: it has none set. */
static void a_carried_tag_is_in_every_copy(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_flooded_counted(harness,
			       frame(eth(.dst = BROADCAST_MAC), vlan(.tci = 0x6064), arp()), 42);
	assert_flooded_counted(harness,
			       frame(eth(.dst = BROADCAST_MAC), vlan(.tpid = 0x88a8, .tci = 7),
				     vlan(.tci = 8), ip4(), udp(), payload(60)),
			       14 + 4 + 28 + 60);
}

static void with_flood_none_only_the_ports_get_copies(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, 0, SEGMENT_FLOOD_PEERS);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], broadcast()));
	assert_received(&harness->ports[PORT_B], broadcast());
	assert_received(&harness->ports[PORT_C], broadcast());
	assert_silent(&harness->underlay);
	/* alone in its segment */
	tables_flag_segment(harness, GREEN, 0, SEGMENT_FLOOD_PEERS);
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_GREEN], broadcast()),
		       DROP_FLOOD_NONE);
	assert_silent(&harness->underlay);
}

static void a_frame_that_nobody_receives_is_dropped_by_name(void **state)
{
	struct harness *harness = *state;

	tables_set_flood_peers(harness, GREEN, NULL, 0);
	assert_dropped(harness_run(harness, FROM_PORT, &harness->ports[PORT_GREEN], broadcast()),
		       DROP_NO_RECEIVER);
	tables_set_flood_ports(harness, GREEN, NULL, 0);
	assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				   envelope_from(PEER_4, broadcast(),
						 (struct envelope){.vni = GREEN_VNI})),
		       DROP_NO_RECEIVER);
}

static void a_port_that_is_down_or_too_small_does_not_hinder_the_others(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(.dst = BROADCAST_MAC), ip4(), udp(), payload(1000));
	struct table_port port = tables_port(harness, PORT_B);
	const struct outcome *outcome;

	tables_flag_port(harness, PORT_B, 0, PORT_UP);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], frame);
	assert_no_drop(outcome);
	assert_silent(&harness->ports[PORT_B]);
	assert_received(&harness->ports[PORT_C], frame);
	assert_copies_to_peers(harness, frame, BLUE_VNI, /* all_by_anchor= */ false);
	port.mtu = 1000;
	tables_set_port(harness, PORT_B, port);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], frame);
	assert_counted(outcome, DROP_EXCEEDS_PORT_MTU, VERDICT_UNKNOWN);
	assert_silent(&harness->ports[PORT_B]);
	assert_received(&harness->ports[PORT_C], frame);
	assert_copies_to_peers(harness, frame, BLUE_VNI, /* all_by_anchor= */ false);
}

static void a_peer_without_a_route_does_not_hinder_the_others(void **state)
{
	struct harness *harness = *state;
	struct table_peer peer = tables_peer(harness, PEER_4);
	const struct outcome *outcome;

	peer.n_nexthops = 0;
	tables_set_peer(harness, PEER_4, peer);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_counted(outcome, DROP_PEER_UNREACHABLE, VERDICT_UNKNOWN);
	assert_int_equal(outcome->drop.peer, PEER_4);
	assert_received(&harness->ports[PORT_B], broadcast());
	assert_enveloped(device_receive(&harness->underlay), PEER_6, broadcast(), .anchor = true);
	assert_enveloped(device_receive(&harness->underlay), PEER_4B, broadcast());
	assert_silent(&harness->underlay);
}

/* The kernel resolves the next hop, so the copy is neither lost nor sent to a wrong MAC. */
static void a_peer_whose_next_hop_is_not_resolved_is_reached_through_the_anchor(void **state)
{
	struct harness *harness = *state;
	struct table_nexthop nexthop =
		tables_nexthop(harness, tables_peer(harness, PEER_4).nexthop_first);
	const struct outcome *outcome;

	nexthop.flags = 0;
	memset(nexthop.destination, 0, sizeof(nexthop.destination));
	tables_set_nexthop(harness, tables_peer(harness, PEER_4).nexthop_first, nexthop);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_no_drop(outcome);
	assert_int_equal(outcome->segments[BLUE].via_anchor, 2);
	assert_copies_to_peers(harness, broadcast(), BLUE_VNI, /* all_by_anchor= */ false);
}

/* The daemon was killed: the kernel's own neighbour code finds every next hop. */
static void once_nobody_watches_the_next_hops_every_copy_goes_through_the_anchor(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_set_heartbeat(harness, 1);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_no_drop(outcome);
	assert_int_equal(outcome->segments[BLUE].via_anchor, N_PEERS);
	assert_copies_to_peers(harness, broadcast(), BLUE_VNI, /* all_by_anchor= */ true);
}

static void without_anchor_and_relay_peers_of_the_second_family_are_named_as_dropped(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_set_anchor(harness, 0);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_counted(outcome, DROP_NO_RELAY, VERDICT_UNKNOWN);
	assert_int_equal(outcome->drop.peer, PEER_6);
	assert_enveloped(device_receive(&harness->underlay), PEER_4, broadcast());
	assert_enveloped(device_receive(&harness->underlay), PEER_4B, broadcast());
	assert_silent(&harness->underlay);
}

/*
 * A VM that tunnels itself: the frame that BLUE encapsulates enters GREEN by a
 * veth.  The kernel lets BPF encapsulate only once (-EALREADY).
 */
static void what_bpf_cannot_encapsulate_goes_through_the_anchor_once_per_peer(void **state)
{
	enum { OUTWARD = N_PEERS, INWARD = N_PORTS }; /* slots of our own */
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), ip4(), udp(), payload(100)), *middle;
	struct table_peer peer = tables_peer(harness, PEER_4);
	struct table_port port = tables_port(harness, PORT_GREEN);
	struct table_nexthop nexthop = {.family = 4, .gateway = tables_address("198.51.100.1")};
	struct device inward = {.name = "veth1", .fd = -1};

	device_ip("link add veth0 address 02:aa:00:00:02:02 type veth peer name veth1");
	device_ip("link set veth0 up");
	device_ip("link set veth1 up");
	device_ip("neighbour add 198.51.100.1 lladdr " VM_B_MAC " dev veth0");
	inward.ifindex = (int)if_nametoindex("veth1");
	nexthop.ifindex = if_nametoindex("veth0");
	peer.nexthop_first = OUTWARD * TABLE_NEXTHOP_BANKS * TABLE_NEXTHOPS;
	tables_set_nexthop(harness, peer.nexthop_first, nexthop);
	tables_set_peer(harness, OUTWARD, peer);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, OUTWARD, FDB_STATIC);
	port.ifindex = (uint32_t)inward.ifindex;
	tables_set_port(harness, INWARD, port);
	tables_set_flood_peers(harness, GREEN, (uint32_t[]){PEER_4, PEER_4B, PEER_6}, 3);
	harness_attach(harness, FROM_PORT, &inward);

	harness_deliver(harness, &harness->ports[PORT_A], inner);
	device_wait(&harness->ports[PORT_GREEN]);
	middle = device_receive(&harness->ports[PORT_GREEN]);
	assert_non_null(middle);
	assert_frame(frame_part(middle, OUTER4_BYTES, FRAME_END), inner);
	assert_copies_to_peers(harness, middle, GREEN_VNI, /* all_by_anchor= */ true);
	device_ip("link del veth0");
}

/* The flow decides which of two next hops, for both ways of making the copy alike. */
static void a_peer_with_two_next_hops_gets_one_copy_whichever_is_resolved(void **state)
{
	struct harness *harness = *state;
	struct table_peer peer = tables_peer(harness, PEER_4);
	struct table_nexthop nexthop = tables_nexthop(harness, peer.nexthop_first);
	unsigned int n_by_anchor = 0;

	peer.n_nexthops = 2;
	tables_set_peer(harness, PEER_4, peer);
	nexthop.flags = 0;
	tables_set_nexthop(harness, peer.nexthop_first + 1, nexthop);
	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4B, PEER_4}, 2);
	for (uint16_t i = 0; i < 32; i++) {
		const struct frame *frame =
			frame(eth(.dst = BROADCAST_MAC), ip4(), udp(.sport = i), payload(20));
		const struct outcome *outcome =
			harness_deliver(harness, &harness->ports[PORT_A], frame);

		assert_no_drop(outcome);
		assert_int_equal(device_drain(&harness->underlay), 2);
		n_by_anchor += (unsigned int)outcome->segments[BLUE].via_anchor;
		device_drain(&harness->ports[PORT_B]);
		device_drain(&harness->ports[PORT_C]);
	}
	assert_in_range(n_by_anchor, 1, 31);
}

static void the_anchor_s_copies_are_marked_like_the_others(void **state)
{
	struct harness *harness = *state;
	struct table_segment segment = tables_segment(harness, BLUE);
	const struct frame *frame =
		frame(eth(.dst = BROADCAST_MAC), ip4(.tos = 0x29), udp(), payload(20));

	segment.dscp = 0x2e;
	tables_set_segment(harness, BLUE, segment);
	for (int copy = 0; copy < 2; copy++) {
		uint8_t tos = copy ? 0x29 : 0xb9;

		harness_deliver(harness, &harness->ports[PORT_A], frame);
		assert_enveloped(device_receive(&harness->underlay), PEER_6, frame, .tos = tos,
				 .anchor = true);
		assert_enveloped(device_receive(&harness->underlay), PEER_4, frame, .tos = tos);
		assert_enveloped(device_receive(&harness->underlay), PEER_4B, frame, .tos = tos);
		tables_flag_segment(harness, BLUE, SEGMENT_COPY_DSCP, 0);
	}
}

static void a_list_of_many_peers_gives_as_many_copies(void **state)
{
	enum { MANY = 200 };
	struct harness *harness = *state;
	uint32_t peers[MANY];
	const struct outcome *outcome;

	for (uint32_t i = 0; i < MANY; i++)
		peers[i] = i % 2 ? PEER_4B : PEER_4;
	tables_set_flood_peers(harness, BLUE, peers, MANY);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_no_drop(outcome);
	for (uint32_t i = 0; i < MANY; i++)
		assert_enveloped(device_receive(&harness->underlay), peers[i], broadcast());
	assert_silent(&harness->underlay);
	assert_int_equal(outcome->peers[PEER_4].tx_frames, MANY / 2);
	assert_int_equal(outcome->segments[BLUE].tx_frames, 2 + MANY);
}

static void every_copy_to_peers_has_an_ip_id_of_its_own(void **state)
{
	struct harness *harness = *state;
	uint16_t first, second;

	harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	device_receive(&harness->underlay); /* PEER_6's */
	first = frame_u16(device_receive(&harness->underlay), 18);
	second = frame_u16(device_receive(&harness->underlay), 18);
	assert_int_equal((uint16_t)(first + 1), second);
}

static void a_frame_that_fits_not_every_peer_is_dropped_for_all_of_them(void **state)
{
	struct harness *harness = *state;
	const struct frame *fits =
		frame(eth(.dst = BROADCAST_MAC, .type = 0x88b5), payload(LIMIT_6));
	const struct frame *exceeds =
		frame(eth(.dst = BROADCAST_MAC, .type = 0x88b5), payload(LIMIT_6 + 1));

	assert_flooded(harness, fits);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], exceeds), DROP_TOO_BIG,
		       VERDICT_UNKNOWN);
	assert_received(&harness->ports[PORT_B], exceeds);
	assert_silent(&harness->underlay);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_broadcast_reaches_each_other_port_and_each_peer_once),
		harness_test(a_multicast_and_an_unknown_unicast_are_flooded_alike),
		harness_test(verdict_of_a_flooded_frame_is_that_it_ends_here),
		harness_test(a_flooded_frame_from_a_peer_reaches_the_ports_and_no_peer),
		harness_test(a_carried_tag_is_in_every_copy),
		harness_test(with_flood_none_only_the_ports_get_copies),
		harness_test(a_frame_that_nobody_receives_is_dropped_by_name),
		harness_test(a_port_that_is_down_or_too_small_does_not_hinder_the_others),
		harness_test(a_peer_without_a_route_does_not_hinder_the_others),
		harness_test(a_peer_whose_next_hop_is_not_resolved_is_reached_through_the_anchor),
		harness_test(once_nobody_watches_the_next_hops_every_copy_goes_through_the_anchor),
		harness_test(
			without_anchor_and_relay_peers_of_the_second_family_are_named_as_dropped),
		harness_test(what_bpf_cannot_encapsulate_goes_through_the_anchor_once_per_peer),
		harness_test(a_peer_with_two_next_hops_gets_one_copy_whichever_is_resolved),
		harness_test(the_anchor_s_copies_are_marked_like_the_others),
		harness_test(a_list_of_many_peers_gives_as_many_copies),
		harness_test(every_copy_to_peers_has_an_ip_id_of_its_own),
		harness_test(a_frame_that_fits_not_every_peer_is_dropped_for_all_of_them),
	};

	return harness_main(tests);
}
