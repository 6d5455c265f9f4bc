/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step parse: is every Ethernet frame of a port a frame to the switch, however
 * strange its contents, and is nothing else one?
 */
#include "test.h"

/* VM_B behind port B, so that a frame that passes is redirected. */
static const struct outcome *run(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	return harness_run(harness, FROM_PORT, &harness->ports[PORT_A], frame);
}

static void assert_switched(void **state, const struct frame *frame)
{
	const struct outcome *outcome = run(state, frame);

	assert_sent(outcome);
	assert_frame(outcome->out, frame);
	assert_int_equal(outcome->ports[PORT_A].rx_frames, 1);
	assert_int_equal(outcome->ports[PORT_A].rx_bytes, frame->length);
	assert_int_equal(outcome->ports[PORT_B].tx_frames, 1);
	assert_int_equal(outcome->ports[PORT_B].tx_bytes, frame->length);
	assert_int_equal(outcome->segments[BLUE].rx_frames, 1);
	assert_int_equal(outcome->segments[BLUE].tx_frames, 1);
}

/* The kernel takes IP frames with a cut header from a device, not for a test run (6.18). */
static void assert_delivered(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], frame));
	assert_received(&harness->ports[PORT_B], frame);
}

static void a_frame_of_an_ethernet_header_alone_is_switched(void **state)
{
	assert_switched(state, frame(eth(.type = 0x88b5)));
}

static void ip_frames_are_switched_unchanged(void **state)
{
	assert_switched(state, frame(eth(), ip4(), udp(), payload(18)));
	assert_switched(state, frame(eth(), ip4(.option_bytes = 40), tcp(), payload(0)));
	assert_switched(state, frame(eth(), ip6(), tcp(), payload(1000)));
	assert_switched(state, frame(eth(), ip4(), udp(), payload(1472)));
}

static void frames_that_are_not_ip_are_switched_unchanged(void **state)
{
	assert_switched(state, frame(eth(), arp()));
	assert_switched(state, frame(eth(.type = 0x88b5), payload(46)));
	assert_switched(state, frame(eth(.type = 0x0003), payload(46))); /* 802.3 length */
}

static void a_cut_or_nonsensical_ip_header_does_not_stop_the_frame(void **state)
{
	const struct frame *ipv4 = frame(eth(), ip4(), udp(), payload(18));
	const struct frame *ipv6 = frame(eth(), ip6(), udp(), payload(18));

	for (size_t n = 14; n < ipv4->length; n++)
		assert_delivered(state, frame_part(ipv4, 0, n));
	for (size_t n = 14; n < ipv6->length; n++)
		assert_delivered(state, frame_part(ipv6, 0, n));
	for (unsigned int first = 0; first < 256; first++) {
		uint8_t byte = (uint8_t)first;

		assert_switched(state, frame_patch(ipv4, 14, &byte, 1));
		assert_switched(state, frame_patch(ipv6, 14, &byte, 1));
	}
}

static void a_wrong_checksum_inside_is_not_the_switch_s_business(void **state)
{
	assert_switched(state, frame(eth(), ip4(.checksum = CHECKSUM_WRONG), udp(), payload(18)));
	assert_switched(state, frame(eth(), ip4(), udp(.checksum = CHECKSUM_WRONG), payload(18)));
	assert_switched(state, frame(eth(), ip4(.length = 2000), udp(), payload(18)));
}

static void a_cut_vlan_tag_is_dropped_by_name(void **state)
{
	static const uint16_t types[] = {0x8100, 0x88a8};
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (size_t i = 0; i < 2; i++) {
		for (size_t n = 0; n < 4; n++)
			assert_dropped(run(state, frame(eth(.type = types[i]), payload(n))),
				       DROP_TRUNCATED_INNER_VLAN);
		assert_switched(state, frame(eth(), vlan(.tpid = types[i])));
	}
}

static void a_device_that_is_no_port_cannot_send_into_any_segment(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome =
		harness_run(harness, FROM_PORT, &harness->underlay, frame(eth(), arp()));

	assert_dropped(outcome, DROP_UNKNOWN_PORT);
	assert_int_equal(outcome->drop.port, TABLE_NO_SLOT);
	assert_int_equal(outcome->drop.segment, TABLE_NO_SLOT);
	assert_int_equal(outcome->drop.peer, TABLE_NO_SLOT);
	assert_int_equal(outcome->n_events, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_frame_of_an_ethernet_header_alone_is_switched),
		harness_test(ip_frames_are_switched_unchanged),
		harness_test(frames_that_are_not_ip_are_switched_unchanged),
		harness_test(a_cut_or_nonsensical_ip_header_does_not_stop_the_frame),
		harness_test(a_wrong_checksum_inside_is_not_the_switch_s_business),
		harness_test(a_cut_vlan_tag_is_dropped_by_name),
		harness_test(a_device_that_is_no_port_cannot_send_into_any_segment),
	};

	return harness_main(tests);
}
