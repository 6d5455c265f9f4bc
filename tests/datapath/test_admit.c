/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step admit: who may send, into which segment, and what is refused by name
 * whoever sends it?  Every case on the way from a port and from a peer.
 */
#include "test.h"

static const struct outcome *run_port(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	return harness_run(harness, FROM_PORT, &harness->ports[PORT_A], frame);
}

/* The inner frame in an envelope of the peer, through from_underlay. */
static const struct outcome *run_peer(void **state, const char *remote, uint32_t vni,
				      const struct frame *inner)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	return harness_run(harness, FROM_UNDERLAY, &harness->underlay,
			   frame(eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC),
				 ip4(.src = remote, .dst = LOCAL_4, .fragment = FRAGMENT_DF),
				 udp(.sport = 50000, .dport = 4789, .checksum = CHECKSUM_ZERO),
				 vxlan(.vni = vni), bytes(inner->bytes, inner->length)));
}

/* Dropped from both sides, counted at the right port, segment and peer, and nothing learned. */
static void assert_refused(void **state, enum drop_reason reason, const struct frame *frame)
{
	struct harness *harness = *state;
	const struct outcome *outcome = run_port(state, frame);

	assert_dropped(outcome, reason);
	assert_int_equal(outcome->bytes_dropped, frame->length);
	assert_int_equal(outcome->drop.port, PORT_A);
	assert_int_equal(outcome->drop.segment, BLUE);
	assert_int_equal(outcome->drop.peer, TABLE_NO_SLOT);
	assert_int_equal(outcome->ports[PORT_A].rx_frames, 1);
	outcome = run_peer(state, REMOTE_4, BLUE_VNI, frame);
	assert_dropped(outcome, reason);
	assert_int_equal(outcome->drop.peer, PEER_4);
	assert_int_equal(outcome->drop.segment, BLUE);
	assert_int_equal(outcome->drop.port, TABLE_NO_SLOT);
	assert_int_equal(outcome->n_events, 0);
	assert_int_equal(tables_count_fdb(harness), 1);
}

static void assert_admitted(void **state, const struct frame *frame)
{
	assert_sent(run_port(state, frame));
	assert_sent(run_peer(state, REMOTE_4, BLUE_VNI, frame));
}

static void a_group_source_is_refused_and_never_learned(void **state)
{
	assert_refused(state, DROP_INNER_SRC_MULTICAST,
		       frame(eth(.src = "03:bb:00:00:00:01"), ip4(), udp()));
	assert_refused(state, DROP_INNER_SRC_MULTICAST, frame(eth(.src = BROADCAST_MAC), arp()));
	assert_refused(state, DROP_INNER_SRC_MULTICAST,
		       frame(eth(.src = "01:00:5e:00:00:01"), ip4(), udp()));
}

static void a_source_of_zeros_is_refused(void **state)
{
	assert_refused(state, DROP_INNER_SRC_ZERO,
		       frame(eth(.src = "00:00:00:00:00:00"), ip4(), udp()));
	assert_admitted(state, frame(eth(.src = "00:00:00:00:00:02"), ip4(), udp()));
}

static void the_sixteen_link_local_addresses_stay_on_their_link(void **state)
{
	for (unsigned int last = 0; last < 16; last++) {
		char mac[18];

		snprintf(mac, sizeof(mac), "01:80:c2:00:00:%02x", last);
		assert_refused(state, DROP_LINK_LOCAL_CONTROL,
			       frame(eth(.dst = mac, .type = 0x88cc), payload(46)));
	}
}

static void the_address_after_them_is_flooded(void **state)
{
	const struct outcome *outcome =
		run_port(state, frame(eth(.dst = "01:80:c2:00:00:10", .type = 0x88b5)));

	assert_int_equal(outcome->n_dropped, 0);
	assert_int_equal(outcome->segments[BLUE].flooded, 1);
}

static void tags_are_refused_unless_the_segment_carries_them(void **state)
{
	struct harness *harness = *state;
	const struct frame *tagged = frame(eth(), vlan(), ip4(), udp(), payload(18));

	assert_refused(state, DROP_INNER_VLAN, tagged);
	assert_refused(state, DROP_INNER_VLAN, frame(eth(), vlan(.tpid = 0x88a8), vlan(), arp()));
	assert_refused(state, DROP_INNER_VLAN, frame(eth(), vlan(.tci = 0), ip4(), udp()));
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_admitted(state, tagged);
	assert_admitted(state, frame(eth(), vlan(.tpid = 0x88a8), vlan(), arp()));
}

/* At a device's own ingress the kernel has moved the tag out of the bytes. */
static void a_tag_in_the_metadata_is_refused_too(void **state)
{
	struct harness *harness = *state;
	const struct frame *tagged = frame(eth(), vlan(), ip4(), udp(), payload(18));

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], tagged), DROP_INNER_VLAN,
		       VERDICT_UNKNOWN);
	assert_silent(&harness->ports[PORT_B]);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], tagged));
	assert_received(&harness->ports[PORT_B], tagged);
	assert_silent(&harness->ports[PORT_B]);
}

static void only_the_listed_macs_may_send_from_a_port_that_has_a_list(void **state)
{
	struct harness *harness = *state;
	struct table_port port = tables_port(harness, PORT_A);

	port.flags |= PORT_CHECK_SOURCE;
	tables_set_port(harness, PORT_A, port);
	assert_dropped(run_port(state, frame(eth(), arp())), DROP_MAC_NOT_ALLOWED);
	for (unsigned int i = 0; i < TABLE_MACS_PER_PORT; i++)
		memcpy(port.macs[i], (uint8_t[]){2, 0xdd, 0, 0, 0, (uint8_t)i}, 6);
	port.n_macs = TABLE_MACS_PER_PORT - 1;
	tables_set_port(harness, PORT_A, port);
	for (unsigned int i = 0; i < TABLE_MACS_PER_PORT; i++) {
		char mac[18];

		snprintf(mac, sizeof(mac), "02:dd:00:00:00:%02x", i);
		if (i < port.n_macs)
			assert_sent(run_port(state, frame(eth(.src = mac), arp())));
		else
			assert_dropped(run_port(state, frame(eth(.src = mac), arp())),
				       DROP_MAC_NOT_ALLOWED);
	}
	assert_dropped(run_port(state, frame(eth(), arp())), DROP_MAC_NOT_ALLOWED);
}

static void a_port_whose_segment_is_gone_cannot_send(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, 0, SEGMENT_IN_USE);
	assert_dropped(run_port(state, frame(eth(), arp())), DROP_UNKNOWN_PORT);
}

static void strangers_and_peers_of_other_segments_are_told_apart(void **state)
{
	const struct frame *inner = frame(eth(), arp());
	const struct outcome *outcome;

	assert_dropped(run_peer(state, "192.0.2.77", BLUE_VNI, inner), DROP_UNKNOWN_PEER);
	assert_dropped(run_peer(state, "192.0.2.77", 9999, inner), DROP_UNKNOWN_PEER);
	assert_dropped(run_peer(state, LOCAL_4, BLUE_VNI, inner), DROP_OWN_ADDRESS);
	assert_dropped(run_peer(state, REMOTE_4, 9999, inner), DROP_UNKNOWN_VNI);
	outcome = run_peer(state, REMOTE_4B, GREEN_VNI, inner);
	assert_dropped(outcome, DROP_PEER_NOT_IN_SEGMENT);
	assert_int_equal(outcome->drop.peer, PEER_4B);
}

static void a_member_that_is_removed_may_not_send_any_more(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), arp());

	assert_sent(run_peer(state, REMOTE_4, BLUE_VNI, inner));
	tables_remove_member(harness, BLUE_VNI, REMOTE_4);
	assert_dropped(run_peer(state, REMOTE_4, BLUE_VNI, inner), DROP_PEER_NOT_IN_SEGMENT);
}

/* The slot was given to another segment, and the list of members has not followed yet. */
static void a_member_of_a_segment_that_is_another_now_may_not_send(void **state)
{
	struct harness *harness = *state;
	struct table_segment segment = tables_segment(harness, BLUE);

	segment.vni = 7777;
	tables_set_segment(harness, BLUE, segment);
	assert_dropped(run_peer(state, REMOTE_4, BLUE_VNI, frame(eth(), arp())), DROP_UNKNOWN_VNI);
}

/* What a VM sends is a frame of its segment, whatever it says inside. */
static void a_vm_cannot_forge_underlay_traffic(void **state)
{
	struct harness *harness = *state;
	const struct frame *forged =
		frame(eth(.dst = UNDERLAY_MAC), ip4(.src = REMOTE_4, .dst = LOCAL_4),
		      udp(.dport = 4789, .checksum = CHECKSUM_ZERO), vxlan(.vni = GREEN_VNI),
		      eth(.dst = BROADCAST_MAC), arp());

	tables_set_fdb(harness, BLUE_VNI, UNDERLAY_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], forged));
	assert_received(&harness->ports[PORT_B], forged);
	assert_silent(&harness->ports[PORT_GREEN]);
}

/* From the port that has no other port or peer in its segment, and from one that has. */
static void check_host_unreached(struct harness *harness, const struct frame *frame)
{
	uint64_t before = device_host_packets();

	harness_deliver(harness, &harness->ports[PORT_A], frame);
	harness_deliver(harness, &harness->ports[PORT_GREEN], frame);
	assert_int_equal(device_host_packets(), before);
	/* nor does it answer ARP */
	assert_silent(&harness->ports[PORT_A]);
	assert_silent(&harness->ports[PORT_GREEN]);
}

static void check_host_unreached_by_all(struct harness *harness)
{
	static const char *const macs[] = {BROADCAST_MAC,	UNDERLAY_MAC,
					   "02:cc:00:00:00:00", "02:cc:00:00:00:03",
					   "01:00:5e:00:00:01", VM_B_MAC};

	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		struct layer to = eth(.dst = macs[i]);

		check_host_unreached(harness, frame(to, arp(.target = LOCAL_4)));
		check_host_unreached(harness, frame(to, ip4(.dst = LOCAL_4), icmp4(), payload(8)));
		check_host_unreached(harness, frame(to, ip4(.dst = "127.0.0.1"), icmp4()));
		check_host_unreached(harness, frame(to, ip4(.dst = "255.255.255.255"), udp()));
		check_host_unreached(harness, frame(to, ip4(.dst = "224.0.0.1"), udp()));
		check_host_unreached(harness, frame(to, ip6(.dst = LOCAL_6), icmp6(), payload(8)));
		check_host_unreached(harness, frame(to, ip6(.dst = "ff02::1"), icmp6()));
	}
	device_drain(&harness->underlay);
}

/* The host's own stack sees nothing of a VM: not by address, not by broadcast, on no device. */
static void the_host_s_own_addresses_are_not_reachable_through_a_port(void **state)
{
	struct harness *harness = *state;

	check_host_unreached_by_all(harness);
	tables_flag_segment(harness, BLUE, 0, SEGMENT_FLOOD_PEERS);
	tables_flag_segment(harness, GREEN, 0, SEGMENT_FLOOD_PEERS);
	check_host_unreached_by_all(harness);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	tables_set_fdb(harness, GREEN_VNI, VM_B_MAC, PATH_PEER, PEER_6, FDB_STATIC);
	check_host_unreached_by_all(harness);
}

static void nor_through_the_underlay_inside_an_envelope(void **state)
{
	struct harness *harness = *state;
	const struct frame *frames[] = {
		frame(eth(.dst = BROADCAST_MAC), arp(.target = LOCAL_4)),
		frame(eth(.dst = BROADCAST_MAC), ip4(.dst = LOCAL_4), icmp4(), payload(8)),
		frame(eth(.dst = UNDERLAY_MAC), ip4(.dst = LOCAL_4), icmp4(), payload(8)),
		frame(eth(.dst = BROADCAST_MAC), ip6(.dst = LOCAL_6), icmp6(), payload(8)),
		frame(eth(), ip4(.dst = LOCAL_4), icmp4(), payload(8)),
	};
	uint64_t before = device_host_packets();

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		for (uint32_t peer = 0; peer < N_PEERS; peer++)
			harness_deliver(harness, &harness->underlay,
					envelope_from(peer, frames[i], (struct envelope){0}));
	assert_int_equal(device_host_packets(), before);
	assert_silent(&harness->underlay);
}

/* More combinations than the table holds must not lose a frame's reason. */
static void a_full_table_of_drops_still_counts_by_reason(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_fill_drops(harness);
	assert_int_equal(device_send(&harness->ports[PORT_A], frame(eth(), vlan(), arp())), 0);
	outcome = harness_outcome(harness);
	assert_counted(outcome, DROP_INNER_VLAN, VERDICT_UNKNOWN);
	assert_int_equal(outcome->bytes_dropped, 42);
	assert_int_equal(outcome->drop.segment, TABLE_NO_SLOT);
	assert_int_equal(outcome->drop.port, TABLE_NO_SLOT);
	assert_int_equal(outcome->drop.peer, TABLE_NO_SLOT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_group_source_is_refused_and_never_learned),
		harness_test(a_source_of_zeros_is_refused),
		harness_test(the_sixteen_link_local_addresses_stay_on_their_link),
		harness_test(the_address_after_them_is_flooded),
		harness_test(tags_are_refused_unless_the_segment_carries_them),
		harness_test(a_tag_in_the_metadata_is_refused_too),
		harness_test(only_the_listed_macs_may_send_from_a_port_that_has_a_list),
		harness_test(a_port_whose_segment_is_gone_cannot_send),
		harness_test(strangers_and_peers_of_other_segments_are_told_apart),
		harness_test(a_member_that_is_removed_may_not_send_any_more),
		harness_test(a_member_of_a_segment_that_is_another_now_may_not_send),
		harness_test(a_vm_cannot_forge_underlay_traffic),
		harness_test(the_host_s_own_addresses_are_not_reachable_through_a_port),
		harness_test(nor_through_the_underlay_inside_an_envelope),
		harness_test(a_full_table_of_drops_still_counts_by_reason),
	};

	return harness_main(tests);
}
