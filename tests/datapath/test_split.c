/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step split: does an IPv4 packet without DF get over an IPv6 underlay that is
 * too small for it, as fragments that the VM's peer can put together?  Pieces
 * are compared on the wire, byte for byte.
 */
#include "test.h"

#include <netinet/in.h>

#define ID 0x4321

/* Bytes of payload in each piece but the last: whole words of eight below the limit. */
static size_t slice_of(size_t limit)
{
	return (limit - 20) & ~(size_t)7;
}

/* Piece number i of a packet whose IP payload is given; `fragment` is the packet's own field. */
static const struct frame *piece(const struct frame *payload_of_ip, size_t limit, size_t i,
				 uint16_t fragment, uint8_t protocol, bool tagged)
{
	size_t slice = slice_of(limit), from = i * slice;
	bool last = from + slice >= payload_of_ip->length;
	const struct frame *part = frame_part(payload_of_ip, from, last ? FRAME_END : from + slice);
	uint16_t more = last ? fragment & FRAGMENT_MF : FRAGMENT_MF;
	uint16_t offset = (uint16_t)((fragment & 0x1fff) + from / 8);
	struct layer ip = ip4(.id = ID, .fragment = (uint16_t)(more | offset), .protocol = protocol,
			      .tos = 0x28, .ttl = 63);
	struct layer data = bytes(part->bytes, part->length);

	return tagged ? frame(eth(), vlan(), ip, data) : frame(eth(), ip, data);
}

/* All pieces leave, the first one first; nothing else does. */
static void assert_pieces(struct harness *harness, const struct frame *payload_of_ip, size_t limit,
			  uint16_t fragment, uint8_t protocol, bool tagged)
{
	size_t n = (payload_of_ip->length + slice_of(limit) - 1) / slice_of(limit);

	for (size_t i = 0; i < n; i++) {
		device_wait(&harness->underlay);
		assert_enveloped(device_receive(&harness->underlay), PEER_6,
				 piece(payload_of_ip, limit, i, fragment, protocol, tagged));
	}
	assert_silent(&harness->underlay);
}

static void set_limit(struct harness *harness, uint16_t limit)
{
	struct table_peer peer = tables_peer(harness, PEER_6);

	peer.limit = limit;
	tables_set_peer(harness, PEER_6, peer);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_6, FDB_STATIC);
}

static struct layer ip(uint16_t fragment)
{
	return ip4(.id = ID, .fragment = fragment, .tos = 0x28, .ttl = 63,
		   .protocol = fragment ? IPPROTO_UDP : 0);
}

static void check_split(struct harness *harness, const struct frame *frame, size_t header,
			size_t limit, uint16_t fragment, uint8_t protocol)
{
	const struct outcome *outcome = harness_deliver(harness, &harness->ports[PORT_A], frame);

	assert_int_equal(outcome->n_dropped, 0);
	assert_pieces(harness, frame_part(frame, header, FRAME_END), limit, fragment, protocol,
		      header == 38);
	assert_int_equal(harness_outcome(harness)->n_dropped, 0);
}

static void a_packet_is_cut_in_two_at_a_multiple_of_eight_bytes(void **state)
{
	struct harness *harness = *state;

	set_limit(harness, LIMIT_6);
	for (size_t n = LIMIT_6 + 1; n <= 1500; n++)
		check_split(harness, frame(eth(), ip(0), udp(), payload(n - 28)), 34, LIMIT_6, 0,
			    IPPROTO_UDP);
	check_split(harness, frame(eth(), ip(0), tcp(), payload(1460)), 34, LIMIT_6, 0,
		    IPPROTO_TCP);
	check_split(harness, frame(eth(), ip(0), icmp4(), payload(1472)), 34, LIMIT_6, 0,
		    IPPROTO_ICMP);
}

static void a_packet_that_fits_is_left_alone(void **state)
{
	struct harness *harness = *state;
	const struct frame *fits = frame(eth(), ip(0), udp(), payload(LIMIT_6 - 28));

	set_limit(harness, LIMIT_6);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], fits));
	assert_enveloped(device_receive(&harness->underlay), PEER_6, fits);
	assert_silent(&harness->underlay);
}

static void a_small_path_makes_more_than_two_pieces(void **state)
{
	struct harness *harness = *state;

	for (uint16_t limit = 500; limit < 1400; limit += 123) {
		set_limit(harness, limit);
		check_split(harness, frame(eth(), ip(0), udp(), payload(1472)), 34, limit, 0,
			    IPPROTO_UDP);
	}
}

static void a_fragment_is_cut_into_fragments_of_the_same_packet(void **state)
{
	struct harness *harness = *state;
	const uint16_t later = 185, first = FRAGMENT_MF, middle = FRAGMENT_MF | 185;

	set_limit(harness, LIMIT_6);
	check_split(harness, frame(eth(), ip(first), payload(1480)), 34, LIMIT_6, first,
		    IPPROTO_UDP);
	check_split(harness, frame(eth(), ip(middle), payload(1480)), 34, LIMIT_6, middle,
		    IPPROTO_UDP);
	check_split(harness, frame(eth(), ip(later), payload(1479)), 34, LIMIT_6, later,
		    IPPROTO_UDP);
}

static void a_carried_tag_is_on_every_piece(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	set_limit(harness, LIMIT_6);
	check_split(harness, frame(eth(), vlan(), ip(0), udp(), payload(1472)), 38, LIMIT_6 - 4, 0,
		    IPPROTO_UDP);
}

/* The sum covers the whole packet, so it must be there before the packet is cut. */
static void a_checksum_left_to_the_device_is_complete_in_the_pieces(void **state)
{
	struct harness *harness = *state;
	const struct layer partial[] = {udp(.checksum = CHECKSUM_PSEUDO),
					tcp(.checksum = CHECKSUM_PSEUDO)};
	const struct layer complete[] = {udp(), tcp()};

	set_limit(harness, LIMIT_6);
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 1450; n < 1456; n++) {
			const struct offload offload = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
							.csum_start = 34,
							.csum_offset = i ? 16 : 6};
			const struct frame *whole = frame(eth(), ip(0), complete[i], payload(n));

			assert_no_drop(harness_deliver_offloaded(
				harness, &harness->ports[PORT_A],
				frame(eth(), ip(0), partial[i], payload(n)), &offload));
			assert_pieces(harness, frame_part(whole, 34, FRAME_END), LIMIT_6, 0,
				      i ? IPPROTO_TCP : IPPROTO_UDP, false);
		}
}

/* Zero means no checksum to UDP, so a sum of zero is sent as its other form (RFC 768). */
static void a_udp_checksum_that_comes_out_as_zero_is_sent_as_all_ones(void **state)
{
	struct harness *harness = *state;
	const struct offload offload = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 6};
	const struct frame *whole = frame(eth(), ip(0), udp(), payload(1472)), *partial;
	uint32_t old = (uint32_t)frame_u16(whole, 100), sum = frame_u16(whole, 40);
	uint16_t word = frame_sum(NULL, 0, old + sum);
	const uint8_t wire[2] = {(uint8_t)(word >> 8), (uint8_t)word}, ones[2] = {0xff, 0xff};

	/* adding the old checksum to a word of the payload makes the new one zero */
	partial = frame_patch(frame(eth(), ip(0), udp(.checksum = CHECKSUM_PSEUDO), payload(1472)),
			      100, wire, 2);
	whole = frame_patch(frame_patch(whole, 100, wire, 2), 40, ones, 2);
	assert_true(frame_checksums_right(whole));
	set_limit(harness, LIMIT_6);
	assert_no_drop(
		harness_deliver_offloaded(harness, &harness->ports[PORT_A], partial, &offload));
	assert_pieces(harness, frame_part(whole, 34, FRAME_END), LIMIT_6, 0, IPPROTO_UDP, false);
}

static void assert_too_big(struct harness *harness, const struct frame *frame)
{
	assert_counted(harness_deliver(harness, &harness->ports[PORT_A], frame), DROP_TOO_BIG,
		       VERDICT_UNKNOWN);
	assert_silent(&harness->underlay);
}

static void what_cannot_be_cut_is_dropped_by_name(void **state)
{
	struct harness *harness = *state;

	set_limit(harness, LIMIT_6);
	assert_too_big(harness, frame(eth(), ip4(.option_bytes = 4), udp(), payload(1460)));
	set_limit(harness, 50);
	assert_too_big(harness, frame(eth(), ip(0), udp(), payload(1460)));
	set_limit(harness, LIMIT_6);
	tables_flag_segment(harness, BLUE, 0, SEGMENT_FRAGMENT);
	assert_too_big(harness, frame(eth(), ip(0), udp(), payload(1460)));
}

static void a_packet_with_padding_behind_it_makes_no_fragments_of_padding(void **state)
{
	struct harness *harness = *state;
	const struct frame *padded = frame(eth(), ip(0), udp(), payload(72), trailer(1400));

	set_limit(harness, LIMIT_6);
	assert_too_big(harness, padded);
}

/* Over IPv4 the kernel fragments the envelope; over IPv6 nobody does, and the copies are out. */
static void a_flooded_packet_is_dropped_for_peers_over_ipv6_alone(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(.dst = BROADCAST_MAC), ip4(), udp(), payload(1472));
	const struct outcome *outcome = harness_deliver(harness, &harness->ports[PORT_A], frame);

	assert_counted(outcome, DROP_TOO_BIG, VERDICT_UNKNOWN);
	assert_int_equal(outcome->drop.peer, PEER_6);
	assert_received(&harness->ports[PORT_B], frame);
	assert_received(&harness->ports[PORT_C], frame);
	assert_int_equal(outcome->peers[PEER_4].tx_frames, 1);
	assert_int_equal(outcome->peers[PEER_4B].tx_frames, 1);
	assert_int_equal(outcome->peers[PEER_6].tx_frames, 0);
	/* two fragments of the envelope for each of the two */
	assert_int_equal(device_drain(&harness->underlay), 4);
}

/* The copy that becomes the rest passes admission like any frame of the port. */
static void the_port_s_rules_hold_for_every_piece(void **state)
{
	struct harness *harness = *state;
	struct table_port port = tables_port(harness, PORT_A);
	const struct frame *allowed = frame(eth());

	port.flags |= PORT_CHECK_SOURCE;
	port.n_macs = 1;
	memcpy(port.macs[0], allowed->bytes + 6, 6);
	tables_set_port(harness, PORT_A, port);
	set_limit(harness, LIMIT_6);
	check_split(harness, frame(eth(), ip(0), udp(), payload(1472)), 34, LIMIT_6, 0,
		    IPPROTO_UDP);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_packet_is_cut_in_two_at_a_multiple_of_eight_bytes),
		harness_test(a_packet_that_fits_is_left_alone),
		harness_test(a_small_path_makes_more_than_two_pieces),
		harness_test(a_fragment_is_cut_into_fragments_of_the_same_packet),
		harness_test(a_carried_tag_is_on_every_piece),
		harness_test(a_checksum_left_to_the_device_is_complete_in_the_pieces),
		harness_test(a_udp_checksum_that_comes_out_as_zero_is_sent_as_all_ones),
		harness_test(what_cannot_be_cut_is_dropped_by_name),
		harness_test(a_packet_with_padding_behind_it_makes_no_fragments_of_padding),
		harness_test(a_flooded_packet_is_dropped_for_peers_over_ipv6_alone),
		harness_test(the_port_s_rules_hold_for_every_piece),
	};

	return harness_main_offloads(tests);
}
