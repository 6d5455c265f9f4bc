/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do super-frames and checksums that are left to a device survive the switch?
 * Ports speak vnet_hdr, as QEMU's taps do; the underlay is a plain wire, so
 * what the kernel cuts for it can be checked frame by frame: every length,
 * every checksum, every byte of the payload, in order.
 */
#include "test.h"

#include <netinet/in.h>

#define GSO_UDP 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, Linux 6.2 */

/* A stream's piece in one frame, as a VM hands it to its NIC. */
struct super {
	bool ipv4, tcp, tagged;
	uint16_t gso_size; /* 0: one segment, checksum left to the device */
	size_t n;	   /* bytes of payload */
	const char *dst;   /* MAC; NULL: VM B */
	uint16_t fragment; /* IPv4 */
	uint8_t tcp_options;
};

static size_t l4_offset(const struct super *super)
{
	return 14u + (super->tagged ? 4 : 0) + (super->ipv4 ? 20 : 40);
}

static size_t header_bytes(const struct super *super)
{
	return l4_offset(super) + (super->tcp ? 20u + super->tcp_options : 8u);
}

static const struct frame *super_frame(const struct super *super)
{
	const char *dst = super->dst ?: VM_B_MAC;
	struct layer l2 = eth(.dst = dst), tag = vlan(), data = payload(super->n);
	struct layer l3 = super->ipv4 ? ip4(.id = 500, .fragment = super->fragment) : ip6();
	struct layer l4 =
		super->tcp ? tcp(.seq = 1000, .tcp_flags = 0x18, .option_bytes = super->tcp_options,
				 .checksum = CHECKSUM_PSEUDO) :
			     udp(.checksum = CHECKSUM_PSEUDO);

	return super->tagged ? frame(l2, tag, l3, l4, data) : frame(l2, l3, l4, data);
}

static struct offload super_offload(const struct super *super)
{
	struct offload offload = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)l4_offset(super),
		.csum_offset = super->tcp ? 16 : 6,
	};

	if (!super->gso_size)
		return offload;
	offload.gso_size = super->gso_size;
	offload.header_bytes = (uint16_t)header_bytes(super);
	if (!super->tcp)
		offload.gso_type = GSO_UDP;
	else
		offload.gso_type =
			super->ipv4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	return offload;
}

static const struct outcome *send_super(struct harness *harness, const struct super *super)
{
	struct offload offload = super_offload(super);

	return harness_deliver_offloaded(harness, &harness->ports[PORT_A], super_frame(super),
					 &offload);
}

/* The device transmitted the frame as one, for its reader to cut and sum as the sender asked. */
static void assert_received_whole(const struct device *device, const struct super *super)
{
	struct offload expected = super_offload(super), offload;

	assert_frame(device_receive_offloaded(device, &offload), super_frame(super));
	assert_int_equal(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(offload.gso_type, expected.gso_type);
	assert_int_equal(offload.gso_size, expected.gso_size);
	assert_int_equal(offload.csum_start, expected.csum_start);
	assert_int_equal(offload.csum_offset, expected.csum_offset);
}

static const struct super kinds[] = {
	{.ipv4 = true, .tcp = true, .gso_size = 1390, .n = 10000, .fragment = FRAGMENT_DF},
	{.ipv4 = false, .tcp = true, .gso_size = 1370, .n = 10000},
	{.ipv4 = true, .tcp = false, .gso_size = 1000, .n = 5500, .fragment = FRAGMENT_DF},
	{.ipv4 = false, .tcp = false, .gso_size = 1000, .n = 5500},
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void a_super_frame_between_two_ports_stays_whole(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < N_KINDS; i++) {
		const struct outcome *outcome = send_super(harness, &kinds[i]);
		uint64_t n_frames = (kinds[i].n + kinds[i].gso_size - 1) / kinds[i].gso_size;

		assert_no_drop(outcome);
		assert_received_whole(&harness->ports[PORT_B], &kinds[i]);
		assert_silent(&harness->ports[PORT_B]);
		assert_int_equal(outcome->ports[PORT_A].rx_frames, n_frames);
		assert_int_equal(outcome->ports[PORT_B].tx_frames, n_frames);
	}
}

static void a_checksum_left_to_the_device_stays_so_between_two_ports(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < N_KINDS; i++) {
		struct super one = kinds[i];

		one.gso_size = 0;
		one.n = 700;
		assert_no_drop(send_super(harness, &one));
		assert_received_whole(&harness->ports[PORT_B], &one);
	}
}

/* One frame on the wire: the envelope of the peer around segment number i of the super-frame. */
static size_t check_segment(const struct frame *wire, uint32_t peer, const struct super *super,
			    size_t i, size_t done, size_t most)
{
	size_t outer = peer == PEER_6 ? OUTER6_BYTES : OUTER4_BYTES;
	size_t header = header_bytes(super), l4 = l4_offset(super);
	const struct frame *inner, *whole = super_frame(super);
	size_t n;

	assert_non_null(wire);
	assert_true(wire->length > outer + header);
	inner = frame_part(wire, outer, FRAME_END);
	assert_enveloped(wire, peer, inner);
	assert_true(frame_checksums_right(wire));
	n = inner->length - header;
	assert_in_range(n, 1, most);
	assert_true(done + n <= super->n);
	assert_memory_equal(inner->bytes + header, whole->bytes + header + done, n);
	assert_memory_equal(inner->bytes, whole->bytes, l4 - (super->ipv4 ? 20 : 40));
	if (super->ipv4)
		assert_int_equal(frame_u16(inner, l4 - 20 + 4), 500 + i);
	if (super->tcp) {
		bool last = done + n == super->n;

		assert_int_equal(frame_u32(inner, l4 + 4), 1000 + done);
		assert_int_equal(inner->bytes[l4 + 13], last ? 0x18 : 0x10);
	}
	return n;
}

/* The whole super-frame is on the wire in segments of at most `most` bytes; returns how many. */
static size_t check_wire(struct harness *harness, uint32_t peer, const struct super *super,
			 size_t most)
{
	size_t done = 0, i = 0;
	uint16_t id = 0, port = 0;

	for (; done < super->n; i++) {
		const struct frame *wire = device_receive(&harness->underlay);

		done += check_segment(wire, peer, super, i, done, most);
		assert_true(wire->length <= UNDERLAY_MTU + 14);
		if (i == 0) {
			id = frame_u16(wire, 18);
			port = envelope_source_port(wire);
		}
		assert_int_equal(envelope_source_port(wire), port);
		if (peer != PEER_6)
			assert_int_equal(frame_u16(wire, 18), (uint16_t)(id + i));
	}
	assert_silent(&harness->underlay);
	return i;
}

static void check_to_peer(struct harness *harness, uint32_t peer, const struct super *super)
{
	size_t n_frames = (super->n + super->gso_size - 1) / super->gso_size;
	const struct outcome *outcome;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
	outcome = send_super(harness, super);
	assert_no_drop(outcome);
	assert_int_equal(outcome->segments[BLUE].shrunk, 0);
	assert_int_equal(outcome->segments[BLUE].via_anchor, 0);
	assert_int_equal(outcome->peers[peer].tx_frames, n_frames);
	assert_int_equal(check_wire(harness, peer, super, super->gso_size), n_frames);
}

static void a_super_frame_to_a_peer_is_right_in_every_segment_on_the_wire(void **state)
{
	for (size_t i = 0; i < N_KINDS; i++) {
		check_to_peer(*state, PEER_4, &kinds[i]);
		check_to_peer(*state, PEER_6, &kinds[i]);
	}
}

static void a_tagged_super_frame_keeps_its_tag_in_every_segment(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (size_t i = 0; i < N_KINDS; i++) {
		struct super tagged = kinds[i];

		tagged.tagged = true;
		if (tagged.tcp)
			tagged.gso_size = 1350;
		check_to_peer(harness, PEER_4, &tagged);
		check_to_peer(harness, PEER_6, &tagged);
	}
}

static void the_next_frame_s_ip_id_comes_after_those_of_the_segments(void **state)
{
	struct harness *harness = *state;
	const struct frame *first, *after;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	send_super(harness, &kinds[0]);
	first = device_receive(&harness->underlay);
	device_drain(&harness->underlay);
	harness_deliver(harness, &harness->ports[PORT_A], frame(eth(), arp()));
	after = device_receive(&harness->underlay);
	assert_int_equal(frame_u16(after, 18),
			 (uint16_t)(frame_u16(first, 18) + (kinds[0].n + 1389) / 1390));
}

static void a_checksum_left_to_the_device_is_complete_on_the_wire(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < N_KINDS; i++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
			struct super one = kinds[i];

			one.gso_size = 0;
			one.n = 701;
			tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
			assert_no_drop(send_super(harness, &one));
			assert_int_equal(check_wire(harness, peer, &one, one.n), 1);
		}
}

/* VM MTU 1500 over an underlay of 1500: TCP goes on, in smaller segments. */
static void tcp_segments_that_are_too_big_are_made_to_fit(void **state)
{
	struct harness *harness = *state;

	for (int i = 0; i < 16; i++) {
		struct super super = {.ipv4 = i & 1,
				      .tcp = true,
				      .tagged = i & 4,
				      .n = 20000,
				      .tcp_options = i & 8 ? 12 : 0, /* as timestamps take */
				      .fragment = FRAGMENT_DF};
		uint32_t peer = i & 2 ? PEER_6 : PEER_4;
		size_t limit = (peer == PEER_6 ? LIMIT_6 : LIMIT_4) - (super.tagged ? 4u : 0);
		size_t most = limit - (super.ipv4 ? 40u : 60u) - super.tcp_options;
		const struct outcome *outcome;

		super.gso_size = (uint16_t)((super.ipv4 ? 1460 : 1440) - super.tcp_options);
		tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
		tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
		outcome = send_super(harness, &super);
		assert_no_drop(outcome);
		assert_int_equal(outcome->segments[BLUE].shrunk, 1);
		assert_int_equal(check_wire(harness, peer, &super, most),
				 (super.n + most - 1) / most);
	}
}

static void a_udp_super_frame_whose_segments_are_too_big_is_answered(void **state)
{
	struct harness *harness = *state;
	struct super super = {.ipv4 = true, .gso_size = 1472, .n = 5000, .fragment = FRAGMENT_DF};
	const struct frame *quote = frame_part(super_frame(&super), 14, 14 + 548);
	struct offload offload;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	assert_int_equal(send_super(harness, &super)->drops[DROP_TOO_BIG_ANSWERED], 4);
	assert_frame(device_receive_offloaded(&harness->ports[PORT_A], &offload),
		     frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC),
			   ip4(.src = VM_B_IP4, .dst = VM_A_IP4),
			   icmp4(.icmp_type = 3, .icmp_code = 4, .icmp_rest = LIMIT_4),
			   bytes(quote->bytes, quote->length)));
	assert_int_equal(offload.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	assert_int_equal(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
	assert_silent(&harness->underlay);
}

/* The answer's own checksum must not be left to anybody, although the quoted packet's is. */
static void an_answer_to_a_frame_with_a_partial_checksum_is_complete(void **state)
{
	struct harness *harness = *state;
	struct super v4 = {.ipv4 = true, .tcp = true, .n = 1460, .fragment = FRAGMENT_DF};
	struct super v6 = {.tcp = true, .n = 1440};
	const struct frame *quote4 = frame_part(super_frame(&v4), 14, 14 + 548);
	const struct frame *quote6 = frame_part(super_frame(&v6), 14, 14 + 1232);
	struct offload offload;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	send_super(harness, &v4);
	assert_frame(device_receive_offloaded(&harness->ports[PORT_A], &offload),
		     frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC),
			   ip4(.src = VM_B_IP4, .dst = VM_A_IP4),
			   icmp4(.icmp_type = 3, .icmp_code = 4, .icmp_rest = LIMIT_4),
			   bytes(quote4->bytes, quote4->length)));
	assert_int_equal(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
	send_super(harness, &v6);
	assert_frame(device_receive_offloaded(&harness->ports[PORT_A], &offload),
		     frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC),
			   ip6(.src = VM_B_IP6, .dst = VM_A_IP6),
			   icmp6(.icmp_type = 2, .icmp_rest = LIMIT_4),
			   bytes(quote6->bytes, quote6->length)));
	assert_int_equal(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
	assert_silent(&harness->underlay);
}

/*
 * What the underlay's NIC verified is the envelope's checksum.  The inner one
 * may be wrong all the same, and the VM must not be told that it is right.
 */
static void a_verified_envelope_is_no_verified_inner_frame(void **state)
{
	struct harness *harness = *state;
	const struct offload verified = {.flags = VIRTIO_NET_HDR_F_DATA_VALID};
	const struct frame *inner =
		frame(eth(), ip4(), tcp(.checksum = CHECKSUM_WRONG), payload(50));
	struct offload offload;
	struct device nic;

	device_open_tap(&nic, "nic", UNDERLAY_MAC, /* offloads= */ true);
	harness_attach(harness, FROM_UNDERLAY, &nic);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		assert_no_drop(harness_deliver_offloaded(
			harness, &nic, envelope_from_summed(peer, inner, (struct envelope){0}),
			&verified));
		assert_frame(device_receive_offloaded(&harness->ports[PORT_B], &offload), inner);
		assert_int_equal(offload.flags, 0);
	}
	device_close(&nic);
}

static void a_super_frame_exceeds_no_port_s_mtu_by_being_long(void **state)
{
	struct harness *harness = *state;
	struct super longest = {
		.ipv4 = true, .tcp = true, .gso_size = 1448, .n = 64000, .fragment = FRAGMENT_DF};

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	assert_no_drop(send_super(harness, &longest));
	assert_received_whole(&harness->ports[PORT_B], &longest);
}

static void a_flooded_super_frame_reaches_ports_whole_and_peers_in_segments(void **state)
{
	struct harness *harness = *state;
	struct super super = kinds[0];

	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4}, 1);
	assert_no_drop(send_super(harness, &super));
	assert_received_whole(&harness->ports[PORT_B], &super);
	assert_received_whole(&harness->ports[PORT_C], &super);
	assert_int_equal(check_wire(harness, PEER_4, &super, 1390), 8);
}

/*
 * Out and in again: port A's broadcast leaves over a veth, which carries
 * super-frames uncut as a host's own wires do, and comes back as a peer's.
 */
static void loop_back(struct harness *harness)
{
	enum { LOOP = N_PEERS }; /* a peer slot of our own, outward and inward */
	struct table_peer peer = tables_peer(harness, PEER_4);
	struct table_nexthop nexthop = {
		.family = 4, .flags = NEXTHOP_RESOLVED, .gateway = tables_address("198.51.100.2")};
	const struct frame *macs =
		frame(eth(.dst = "02:aa:00:00:03:02", .src = "02:aa:00:00:03:01"));
	const struct frame *outer = frame(eth(), ip4(.src = "198.51.100.1", .dst = "198.51.100.2"));
	struct device inward = {.name = "loop1", .fd = -1};

	device_ip("link add loop0 address 02:aa:00:00:03:01 type veth "
		  "peer name loop1 address 02:aa:00:00:03:02");
	device_ip("link set loop0 up");
	device_ip("link set loop1 up");
	device_ip("address add 198.51.100.2/24 dev loop1");
	inward.ifindex = (int)if_nametoindex("loop1");
	harness_attach(harness, FROM_UNDERLAY, &inward);

	nexthop.ifindex = if_nametoindex("loop0");
	memcpy(nexthop.destination, macs->bytes, 6);
	memcpy(nexthop.source, macs->bytes + 6, 6);
	peer.nexthop_first = LOOP * TABLE_NEXTHOP_BANKS * TABLE_NEXTHOPS;
	peer.remote = tables_address("198.51.100.1"); /* whose frames come back */
	peer.limit = 1450;
	memcpy(peer.header + 12, outer->bytes + 26, 8);
	peer.ip_sum = 0;
	for (size_t i = 0; i < 20; i += 2) {
		uint16_t word;

		memcpy(&word, peer.header + i, sizeof(word));
		peer.ip_sum += word;
	}
	tables_set_nexthop(harness, peer.nexthop_first, nexthop);
	tables_set_peer(harness, LOOP, peer);
	tables_add_member(harness, BLUE_VNI, "198.51.100.1", LOOP);
	tables_add_local_address(harness, "198.51.100.2");
	tables_set_flood_peers(harness, BLUE, (uint32_t[]){LOOP}, 1);
	tables_flag_segment(harness, BLUE, 0, SEGMENT_LEARN);
}

/* Port C hears it twice, from port A and from the peer; the second is what matters. */
static void check_loop(struct harness *harness, const struct super *super)
{
	assert_no_drop(send_super(harness, super));
	assert_received_whole(&harness->ports[PORT_C], super);
	device_wait(&harness->ports[PORT_C]);
	assert_received_whole(&harness->ports[PORT_C], super);
}

/* Contents are right, only the work is done early: the kernel cuts what it cannot pass on. */
static void without_an_anchor_merged_frames_come_in_cut_but_complete(void **state)
{
	struct harness *harness = *state;
	struct super super = kinds[0];
	size_t header = header_bytes(&super), done = 0;
	const struct frame *whole;

	super.dst = BROADCAST_MAC;
	whole = super_frame(&super);
	loop_back(harness);
	tables_set_anchor(harness, 0);
	assert_no_drop(send_super(harness, &super));
	assert_received_whole(&harness->ports[PORT_C], &super);
	while (done < super.n) {
		struct offload offload;
		const struct frame *part;

		device_wait(&harness->ports[PORT_C]);
		part = device_receive_offloaded(&harness->ports[PORT_C], &offload);
		assert_non_null(part);
		assert_true(part->length > header);
		assert_int_equal(frame_u32(part, 38), 1000 + done);
		assert_true(done + part->length - header <= super.n);
		assert_memory_equal(part->bytes + header, whole->bytes + header + done,
				    part->length - header);
		if (!(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
			assert_true(frame_checksums_right(part));
		done += part->length - header;
	}
	device_ip("link del loop0");
}

static void merged_frames_come_in_through_the_anchor_whole(void **state)
{
	struct harness *harness = *state;

	loop_back(harness);
	for (size_t i = 0; i < N_KINDS; i++) {
		struct super super = kinds[i];

		super.dst = BROADCAST_MAC;
		if (super.tcp)
			super.gso_size = 1300;
		check_loop(harness, &super);
		for (uint32_t port = 0; port < N_PORTS; port++)
			device_drain(&harness->ports[port]);
	}
	device_ip("link del loop0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_super_frame_between_two_ports_stays_whole),
		harness_test(a_checksum_left_to_the_device_stays_so_between_two_ports),
		harness_test(a_super_frame_to_a_peer_is_right_in_every_segment_on_the_wire),
		harness_test(a_tagged_super_frame_keeps_its_tag_in_every_segment),
		harness_test(the_next_frame_s_ip_id_comes_after_those_of_the_segments),
		harness_test(a_checksum_left_to_the_device_is_complete_on_the_wire),
		harness_test(tcp_segments_that_are_too_big_are_made_to_fit),
		harness_test(a_udp_super_frame_whose_segments_are_too_big_is_answered),
		harness_test(an_answer_to_a_frame_with_a_partial_checksum_is_complete),
		harness_test(a_verified_envelope_is_no_verified_inner_frame),
		harness_test(a_super_frame_exceeds_no_port_s_mtu_by_being_long),
		harness_test(a_flooded_super_frame_reaches_ports_whole_and_peers_in_segments),
		harness_test(merged_frames_come_in_through_the_anchor_whole),
		harness_test(without_an_anchor_merged_frames_come_in_cut_but_complete),
	};

	return harness_main_offloads(tests);
}
