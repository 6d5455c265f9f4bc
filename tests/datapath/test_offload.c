/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do super-frames and checksums that are left to a device survive the switch?
 * Ports speak vnet_hdr, as QEMU's taps do; the underlay is a plain wire, so
 * what the kernel cuts for it can be checked frame by frame: every length,
 * every checksum, every byte of the payload, in order.
 */
#include "super.h"
#include "test.h"

#include <bpf/bpf.h>

static void a_super_frame_between_two_ports_stays_whole(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < super_n_kinds(harness); i++) {
		const struct outcome *outcome = super_send(harness, &super_kinds[i]);
		uint64_t n_frames =
			(super_kinds[i].n + super_kinds[i].gso_size - 1) / super_kinds[i].gso_size;

		assert_no_drop(outcome);
		super_assert_received(&harness->ports[PORT_B], &super_kinds[i]);
		assert_silent(&harness->ports[PORT_B]);
		assert_int_equal(outcome->ports[PORT_A].rx_frames, n_frames);
		assert_int_equal(outcome->ports[PORT_B].tx_frames, n_frames);
	}
}

static void a_checksum_left_to_the_device_stays_so_between_two_ports(void **state)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < N_SUPER_KINDS; i++) {
		struct super one = super_kinds[i];

		one.gso_size = 0;
		one.n = 700;
		assert_no_drop(super_send(harness, &one));
		super_assert_received(&harness->ports[PORT_B], &one);
	}
}

/* In VXLAN, as the world's peers are sent it. */
static size_t check_wire(struct harness *harness, uint32_t peer, const struct super *super,
			 size_t most)
{
	return super_check_wire(harness, peer, super, most,
				&(struct envelope){.kind = ENCAP_VXLAN});
}

static void check_to_peer(struct harness *harness, uint32_t peer, const struct super *super)
{
	size_t n_frames = (super->n + super->gso_size - 1) / super->gso_size;
	const struct outcome *outcome;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
	outcome = super_send(harness, super);
	assert_no_drop(outcome);
	assert_int_equal(outcome->segments[BLUE].shrunk, 0);
	assert_int_equal(outcome->segments[BLUE].via_anchor, 0);
	assert_int_equal(outcome->peers[peer].tx_frames, n_frames);
	assert_int_equal(check_wire(harness, peer, super, super->gso_size), n_frames);
}

static void a_super_frame_to_a_peer_is_right_in_every_segment_on_the_wire(void **state)
{
	for (size_t i = 0; i < super_n_kinds(*state); i++) {
		check_to_peer(*state, PEER_4, &super_kinds[i]);
		check_to_peer(*state, PEER_6, &super_kinds[i]);
	}
}

static void a_tagged_super_frame_keeps_its_tag_in_every_segment(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (size_t i = 0; i < super_n_kinds(harness); i++) {
		struct super tagged = super_kinds[i];

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
	super_send(harness, &super_kinds[0]);
	first = device_receive(&harness->underlay);
	device_drain(&harness->underlay);
	harness_deliver(harness, &harness->ports[PORT_A], frame(eth(), arp()));
	after = device_receive(&harness->underlay);
	assert_int_equal(frame_u16(after, 18),
			 (uint16_t)(frame_u16(first, 18) + (super_kinds[0].n + 1389) / 1390));
}

static void a_checksum_left_to_the_device_is_complete_on_the_wire(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < N_SUPER_KINDS; i++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
			struct super one = super_kinds[i];

			one.gso_size = 0;
			one.n = 701;
			tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
			assert_no_drop(super_send(harness, &one));
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
		outcome = super_send(harness, &super);
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

	if (!harness->ports[PORT_A].udp_offload) {
		print_message("skipped: this kernel's taps take no UDP super-frames (6.2)\n");
		skip();
	}
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	assert_int_equal(super_send(harness, &super)->drops[DROP_TOO_BIG_ANSWERED], 4);
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
	super_send(harness, &v4);
	assert_frame(device_receive_offloaded(&harness->ports[PORT_A], &offload),
		     frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC),
			   ip4(.src = VM_B_IP4, .dst = VM_A_IP4),
			   icmp4(.icmp_type = 3, .icmp_code = 4, .icmp_rest = LIMIT_4),
			   bytes(quote4->bytes, quote4->length)));
	assert_int_equal(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
	super_send(harness, &v6);
	assert_frame(device_receive_offloaded(&harness->ports[PORT_A], &offload),
		     frame(eth(.src = VM_B_MAC, .dst = VM_A_MAC),
			   ip6(.src = VM_B_IP6, .dst = VM_A_IP6),
			   icmp6(.icmp_type = 2, .icmp_rest = LIMIT_4),
			   bytes(quote6->bytes, quote6->length)));
	assert_int_equal(offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
	assert_silent(&harness->underlay);
}

/* Says of each frame that its first checksum has been verified, as a NIC's driver would. */
static int verifier_fd(void)
{
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = BPF_CSUM_LEVEL_INC},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_csum_level},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = TC_ACT_UNSPEC},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "verifier", "GPL", instructions, 4, NULL);
}

/*
 * What the underlay's NIC verified is the envelope's checksum.  The inner one
 * may be wrong all the same, and the VM must not be told that it is right.
 */
static void a_verified_envelope_is_no_verified_inner_frame(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner =
		frame(eth(), ip4(), tcp(.checksum = CHECKSUM_WRONG), payload(50));
	struct offload offload;
	struct device nic;

	device_open_tap(&nic, "nic", UNDERLAY_MAC, /* offloads= */ false);
	if (!harness_attach_first(verifier_fd(), &nic)) {
		print_message("skipped: this kernel has one program per device (6.6)\n");
		skip();
	}
	harness_attach(harness, FROM_UNDERLAY, &nic);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (uint32_t peer = 0; peer < N_PEERS; peer++) {
		assert_no_drop(harness_deliver(
			harness, &nic, envelope_from_summed(peer, inner, (struct envelope){0})));
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
	assert_no_drop(super_send(harness, &longest));
	super_assert_received(&harness->ports[PORT_B], &longest);
}

static void a_flooded_super_frame_reaches_ports_whole_and_peers_in_segments(void **state)
{
	struct harness *harness = *state;
	struct super super = super_kinds[0];

	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4}, 1);
	assert_no_drop(super_send(harness, &super));
	super_assert_received(&harness->ports[PORT_B], &super);
	super_assert_received(&harness->ports[PORT_C], &super);
	assert_int_equal(check_wire(harness, PEER_4, &super, 1390), 8);
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
	};

	return harness_main_offloads(tests);
}
