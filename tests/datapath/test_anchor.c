/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does from_anchor admit, learn, switch and drop what the kernel's receiver
 * stripped, as from_underlay does what it stripped itself?  Fragments are the
 * way there: from_underlay leaves them to the kernel, which puts them together
 * and gives the packet to the anchor.
 */
#include "test.h"

#include <netinet/in.h>

#define CUT 64 /* bytes of the IP payload in the first fragment */

static void put_u16_at(const struct frame **frame, size_t offset, uint16_t value)
{
	uint8_t wire[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	*frame = frame_patch(*frame, offset, wire, 2);
}

/* One fragment of an IPv4 packet in a frame: payload bytes from..to. */
static const struct frame *fragment4(const struct frame *whole, size_t from, size_t to)
{
	bool last = 34 + to == whole->length;
	const struct frame *part =
		frame_join(frame_part(whole, 0, 34), frame_part(whole, 34 + from, 34 + to));

	put_u16_at(&part, 16, (uint16_t)(20 + to - from));
	put_u16_at(&part, 20, (uint16_t)((last ? 0 : FRAGMENT_MF) | from / 8));
	put_u16_at(&part, 24, 0);
	put_u16_at(&part, 24, (uint16_t)~frame_sum(part->bytes + 14, 20, 0));
	return part;
}

static const struct frame *fragment6(const struct frame *whole, size_t from, size_t to)
{
	bool last = 54 + to == whole->length;
	uint16_t offset = (uint16_t)(from | !last);
	const uint8_t header[8] = {IPPROTO_UDP, 0,   (uint8_t)(offset >> 8), (uint8_t)offset, 0, 0,
				   0x12,	0x34};
	const struct frame *part =
		frame_join(frame_join(frame_part(whole, 0, 54), frame_copy(header, sizeof(header))),
			   frame_part(whole, 54 + from, 54 + to));

	put_u16_at(&part, 18, (uint16_t)(8 + to - from));
	return frame_patch(part, 20, (const uint8_t[]){IPPROTO_FRAGMENT}, 1);
}

/* The enveloped frame arrives in two pieces; the second completes it. */
static const struct outcome *deliver(struct harness *harness, const struct frame *whole)
{
	bool ipv4 = frame_u16(whole, 12) == 0x0800;
	size_t end = whole->length - (ipv4 ? 34 : 54);
	const struct outcome *outcome =
		harness_deliver(harness, &harness->underlay,
				ipv4 ? fragment4(whole, 0, CUT) : fragment6(whole, 0, CUT));

	assert_no_drop(outcome);
	assert_int_equal(device_send(&harness->underlay, ipv4 ? fragment4(whole, CUT, end) :
								fragment6(whole, CUT, end)),
			 0);
	return harness_await(harness);
}

/* The port transmits it when the program has ended, which is after it counted. */
static void assert_arrives(const struct device *device, const struct frame *frame)
{
	device_wait(device);
	assert_received(device, frame);
}

static const struct frame *from(uint32_t peer, const struct frame *inner)
{
	return envelope_from_summed(peer, inner, (struct envelope){0});
}

static const struct frame *any_frame(void)
{
	return frame(eth(), ip4(), udp(), payload(200));
}

static void a_reassembled_frame_reaches_its_port_and_its_sender_is_learned(void **state)
{
	struct harness *harness = *state;
	struct table_fdb entry;

	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		const struct outcome *outcome;

		tables_fill(harness);
		tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
		outcome = deliver(harness, from(peer, any_frame()));
		assert_no_drop(outcome);
		assert_arrives(&harness->ports[PORT_B], any_frame());
		assert_true(tables_fdb(harness, BLUE_VNI, VM_A_MAC, &entry));
		assert_int_equal(entry.path_kind, PATH_PEER);
		assert_int_equal(entry.path, peer);
		assert_int_equal(outcome->peers[peer].rx_frames, 1);
		assert_int_equal(outcome->peers[peer].rx_bytes, any_frame()->length);
		assert_int_equal(outcome->peers[peer].via_anchor, 1);
		assert_int_equal(outcome->segments[BLUE].via_anchor, 1);
	}
}

static void a_reassembled_broadcast_reaches_every_port_and_no_peer(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(.dst = BROADCAST_MAC), ip4(), udp(), payload(99));
	uint64_t before = device_host_packets();

	assert_no_drop(deliver(harness, from(PEER_4, frame)));
	/* the two fragments, and not the frame that was in them */
	assert_int_equal(device_host_packets() - before, 2);
	for (uint32_t port = PORT_A; port <= PORT_C; port++)
		assert_arrives(&harness->ports[port], frame);
	assert_silent(&harness->ports[PORT_GREEN]);
	assert_silent(&harness->underlay);
}

static void only_configured_peers_may_send_on_the_anchor_s_path_too(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = any_frame();
	const struct frame *stranger =
		frame(eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC),
		      ip4(.src = "192.0.2.77", .dst = LOCAL_4), udp(.dport = 4789), vxlan(),
		      bytes(inner->bytes, inner->length));

	assert_counted(deliver(harness, stranger), DROP_UNKNOWN_PEER, VERDICT_UNKNOWN);
	assert_counted(deliver(harness,
			       envelope_from(PEER_4B, inner, (struct envelope){.vni = GREEN_VNI})),
		       DROP_PEER_NOT_IN_SEGMENT, VERDICT_UNKNOWN);
	assert_counted(
		deliver(harness, envelope_from(PEER_4, inner, (struct envelope){.vni = 9999})),
		DROP_UNKNOWN_VNI, VERDICT_UNKNOWN);
	assert_int_equal(tables_count_fdb(harness), 0);
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
}

static void bad_inner_frames_are_dropped_by_the_same_names(void **state)
{
	struct harness *harness = *state;
	const struct {
		const struct frame *frame;
		enum drop_reason reason;
	} cases[] = {
		{frame(eth(.src = BROADCAST_MAC), ip4(), udp(), payload(90)),
		 DROP_INNER_SRC_MULTICAST},
		{frame(eth(.src = "00:00:00:00:00:00"), ip4(), udp(), payload(90)),
		 DROP_INNER_SRC_ZERO},
		{frame(eth(.dst = "01:80:c2:00:00:00"), ip4(), udp(), payload(90)),
		 DROP_LINK_LOCAL_CONTROL},
		{frame(eth(), vlan(), ip4(), udp(), payload(90)), DROP_INNER_VLAN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct outcome *outcome = deliver(harness, from(PEER_4, cases[i].frame));

		assert_counted(outcome, cases[i].reason, VERDICT_UNKNOWN);
		assert_int_equal(outcome->drop.peer, PEER_4);
		assert_int_equal(outcome->drop.segment, BLUE);
	}
	assert_int_equal(tables_count_fdb(harness), 0);
}

static void a_carried_tag_survives_the_anchor(void **state)
{
	struct harness *harness = *state;
	const struct frame *tagged = frame(eth(), vlan(.tci = 0x6064), ip6(), tcp(), payload(90));

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_no_drop(deliver(harness, from(PEER_4, tagged)));
	assert_arrives(&harness->ports[PORT_B], tagged);
}

static void split_horizon_holds_on_the_anchor_s_path_too(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4B, FDB_STATIC);
	assert_counted(deliver(harness, from(PEER_4, any_frame())), DROP_SPLIT_HORIZON,
		       VERDICT_UNKNOWN);
	assert_silent(&harness->underlay);
}

/* Nothing but the kernel's receiver may speak here: a frame without its note is nobody's. */
static void a_frame_without_a_tunnel_key_goes_nowhere_not_even_to_the_host(void **state)
{
	struct harness *harness = *state;

	assert_dropped(harness_run(harness, FROM_ANCHOR, &harness->anchor, any_frame()),
		       DROP_UNKNOWN_PEER);
	assert_dropped(harness_run(harness, FROM_ANCHOR, &harness->anchor,
				   frame(eth(.dst = BROADCAST_MAC), arp())),
		       DROP_UNKNOWN_PEER);
}

/* The device stands for one of another kind: the kernel of the test need not have it. */
static void pretend(struct harness *harness, enum encap_kind kind)
{
	tables_set_settings(harness, 0);
	tables_set_anchor_of(harness, ENCAP_VXLAN, TABLE_ANCHOR4, 0);
	tables_set_anchor_of(harness, ENCAP_VXLAN, TABLE_ANCHOR6, 0);
	tables_set_anchor_of(harness, kind, TABLE_ANCHOR4, harness->anchor.ifindex);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
}

/* The frame as the kernel's VXLAN receiver strips it, noted as from PEER_4; later fragments pass. */
static const struct outcome *strip(struct harness *harness, uint32_t vni, const struct frame *inner)
{
	const struct frame *whole =
		envelope_from_summed(PEER_4, inner, (struct envelope){.vni = vni});

	harness_forget_counters(harness);
	/* with no anchor of VXLAN's own from_underlay would end the first fragment */
	tables_set_vxlan_port(harness, 1);
	assert_int_equal(device_send(&harness->underlay, fragment4(whole, 0, CUT)), 0);
	assert_int_equal(device_send(&harness->underlay, fragment4(whole, CUT, whole->length - 34)),
			 0);
	return harness_await(harness);
}

static void a_peer_needs_to_be_permitted_the_kind_of_the_device(void **state)
{
	static const enum encap_kind kinds[] = {ENCAP_GENEVE, ENCAP_GRE};
	struct harness *harness = *state;

	tables_set_accepts(harness, PEER_4, ACCEPTS_DEFAULT & ~(1u << ENCAP_VXLAN));
	assert_counted(deliver(harness, from(PEER_4, any_frame())), DROP_WRONG_ENCAPSULATION,
		       VERDICT_UNKNOWN);
	for (size_t i = 0; i < 2; i++) {
		pretend(harness, kinds[i]);
		tables_accept_only(harness, kinds[i]);
		assert_no_drop(strip(harness, BLUE_VNI, any_frame()));
		assert_arrives(&harness->ports[PORT_B], any_frame());
		tables_accept_only(harness, ENCAP_VXLAN);
		assert_counted(strip(harness, BLUE_VNI, any_frame()), DROP_WRONG_ENCAPSULATION,
			       VERDICT_UNKNOWN);
	}
}

/* One device for both: whoever may send NVGRE has its key read as VSID and flow ID. */
static void a_key_is_nvgre_s_where_the_peer_may_send_that(void **state)
{
	struct harness *harness = *state;
	const struct frame *tagged = frame(eth(), vlan(), ip4(), udp(), payload(200));

	pretend(harness, ENCAP_GRE);
	tables_set_anchor_of(harness, ENCAP_NVGRE, TABLE_ANCHOR4, harness->anchor.ifindex);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	tables_accept_only(harness, ENCAP_NVGRE);
	assert_no_drop(strip(harness, BLUE_VNI << 8 | 0x77, any_frame()));
	assert_arrives(&harness->ports[PORT_B], any_frame());
	assert_counted(strip(harness, 0xfff << 8, any_frame()), DROP_RESERVED_VSID,
		       VERDICT_UNKNOWN);
	assert_counted(strip(harness, BLUE_VNI << 8, tagged), DROP_INNER_VLAN, VERDICT_UNKNOWN);
	tables_accept_only(harness, ENCAP_GRE);
	assert_counted(strip(harness, BLUE_VNI << 8, any_frame()), DROP_UNKNOWN_VNI,
		       VERDICT_UNKNOWN);
	assert_no_drop(strip(harness, BLUE_VNI, tagged));
	assert_arrives(&harness->ports[PORT_B], tagged);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_reassembled_frame_reaches_its_port_and_its_sender_is_learned),
		harness_test(a_reassembled_broadcast_reaches_every_port_and_no_peer),
		harness_test(only_configured_peers_may_send_on_the_anchor_s_path_too),
		harness_test(bad_inner_frames_are_dropped_by_the_same_names),
		harness_test(a_carried_tag_survives_the_anchor),
		harness_test(split_horizon_holds_on_the_anchor_s_path_too),
		harness_test(a_frame_without_a_tunnel_key_goes_nowhere_not_even_to_the_host),
		harness_test(a_peer_needs_to_be_permitted_the_kind_of_the_device),
		harness_test(a_key_is_nvgre_s_where_the_peer_may_send_that),
	};

	return harness_main(tests);
}
