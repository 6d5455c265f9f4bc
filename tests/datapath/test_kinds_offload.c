/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do super-frames and checksums that are left to a device survive every
 * envelope?  The underlay is a plain wire: the kernel cuts super-frames for it,
 * in the envelope where it can, before it (on the relay) where it cannot.  Every
 * frame that leaves is checked: lengths, checksums inside and outside, bytes,
 * order.
 */
#include "kinds.h"
#include "super.h"
#include "test.h"

static const uint32_t families[] = {PEER_4, PEER_6};

/* Segments that fit the path to the peer with whatever its envelope costs. */
static struct super fitting(struct harness *harness, uint32_t peer, const struct super *kind,
			    bool tagged)
{
	struct super super = *kind;

	super.tagged = tagged;
	if (super.tcp)
		super.gso_size = (uint16_t)(tables_peer(harness, peer).limit -
					    super_header_bytes(&super) + 14);
	super.n = 7u * super.gso_size + 700u; /* the headers make no eighth of a frame */
	return super;
}

/* Also counts what softirqs did after the frame was handed in. */
static void assert_all_sent(struct harness *harness, const struct outcome *soon, uint32_t peer,
			    size_t n_frames)
{
	struct outcome late = {0};

	tables_read_counters(harness, &late);
	assert_int_equal(soon->n_dropped + late.n_dropped, 0);
	assert_int_equal(soon->peers[peer].tx_frames + late.peers[peer].tx_frames, n_frames);
	assert_int_equal(soon->segments[BLUE].tx_frames + late.segments[BLUE].tx_frames, n_frames);
	assert_int_equal(soon->segments[BLUE].via_anchor + late.segments[BLUE].via_anchor, 0);
}

static void check_to_peer(struct harness *harness, uint32_t peer, const struct spoken *kind,
			  const struct super *super)
{
	size_t n_frames = super->gso_size ? (super->n + super->gso_size - 1) / super->gso_size : 1;
	struct outcome soon;

	spoken_set_sequence(harness, peer, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
	soon = *super_send(harness, super);
	assert_int_equal(super_check_wire(harness, peer, super, super->gso_size ?: super->n,
					  &kind->envelope),
			 n_frames);
	assert_int_equal(soon.segments[BLUE].shrunk, 0);
	assert_all_sent(harness, &soon, peer, n_frames);
}

static void check_every_envelope(struct harness *harness, bool tagged)
{
	relay_open(harness);
	tables_set_anchor(harness, 0);
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t k = 0; k < 2 * super_n_kinds(harness); k++) {
			uint32_t peer = families[k % 2];
			struct super super;

			if (tagged && spoken[i].envelope.kind == ENCAP_NVGRE)
				continue;
			spoken_set(harness, peer, &spoken[i]);
			super = fitting(harness, peer, &super_kinds[k / 2], tagged);
			check_to_peer(harness, peer, &spoken[i], &super);
		}
}

static void a_super_frame_is_right_in_every_segment_of_every_envelope(void **state)
{
	check_every_envelope(*state, /* tagged= */ false);
}

static void a_tagged_super_frame_keeps_its_tag_in_every_envelope(void **state)
{
	tables_flag_segment(*state, BLUE, SEGMENT_CARRY_VLAN, 0);
	check_every_envelope(*state, /* tagged= */ true);
}

/* GRE's checksum covers a checksum that somebody else will fill in. */
static void a_checksum_left_to_the_device_is_complete_in_every_envelope(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t k = 0; k < 4 * N_SUPER_KINDS; k++) {
			struct super one = super_kinds[k / 4];
			uint32_t peer = families[k % 2];

			one.gso_size = 0;
			one.n = 701;
			one.tagged = k & 2;
			if (one.tagged && spoken[i].envelope.kind == ENCAP_NVGRE)
				continue;
			tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
			spoken_set(harness, peer, &spoken[i]);
			check_to_peer(harness, peer, &spoken[i], &one);
		}
}

/* Behind a tunnel of the VM's own or a second tag: only the kernel knows where it is. */
static void a_checksum_that_hides_is_finished_before_gre_s_covers_it(void **state)
{
	struct harness *harness = *state;
	const struct layer tunnel = udp(.sport = 50000, .dport = 4789, .checksum = CHECKSUM_ZERO);
	const struct layer tcp = tcp(.checksum = CHECKSUM_PSEUDO), data = payload(99);
	struct {
		const struct frame *frame, *finished;
		uint16_t l4;
	} cases[] = {
		{frame(eth(), ip4(), tunnel, vxlan(), eth(), ip4(), tcp, data),
		 frame(eth(), ip4(), tunnel, vxlan(), eth(), ip4(), tcp(), data), 84},
		{frame(eth(), vlan(.tpid = 0x88a8), vlan(), ip4(), tcp, data),
		 frame(eth(), vlan(.tpid = 0x88a8), vlan(), ip4(), tcp(), data), 42},
		{frame(eth(), vlan(.tpid = 0x88a8), vlan(), ip6(), tcp, data),
		 frame(eth(), vlan(.tpid = 0x88a8), vlan(), ip6(), tcp(), data), 62},
	};

	relay_open(harness);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	spoken_set(harness, PEER_4, &spoken[SPOKEN_GRE_CHECKSUM]);
	spoken_set(harness, PEER_6, &spoken[SPOKEN_GRE_CHECKSUM]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t f = 0; f < 2; f++) {
			struct offload offload = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
						  .csum_start = cases[i].l4,
						  .csum_offset = 16};

			tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, families[f],
				       FDB_STATIC);
			assert_no_drop(harness_deliver_offloaded(harness, &harness->ports[PORT_A],
								 cases[i].frame, &offload));
			device_wait(&harness->underlay);
			envelope_assert(device_receive(&harness->underlay), families[f],
					cases[i].finished, spoken[SPOKEN_GRE_CHECKSUM].envelope,
					__FILE__, __LINE__);
		}
}

/* VM MTU 1500 over an underlay of 1500: TCP goes on, in smaller segments. */
static void tcp_segments_that_are_too_big_are_made_to_fit_every_envelope(void **state)
{
	struct harness *harness = *state;

	relay_open(harness);
	tables_set_anchor(harness, 0);
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t k = 0; k < 4; k++) {
			struct super super = super_kinds[k / 2];
			uint32_t peer = families[k % 2];
			size_t most;
			struct outcome soon;

			super.gso_size = super.ipv4 ? 1460 : 1440;
			spoken_set(harness, peer, &spoken[i]);
			most = tables_peer(harness, peer).limit - (super.ipv4 ? 40u : 60u);
			tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
			soon = *super_send(harness, &super);
			assert_int_equal(
				super_check_wire(harness, peer, &super, most, &spoken[i].envelope),
				(super.n + most - 1) / most);
			assert_int_equal(soon.n_dropped, 0);
			assert_int_equal(soon.segments[BLUE].shrunk, 1);
		}
}

/* Each piece has the next number, and the next frame the one behind the last piece. */
static void sequence_numbers_go_on_from_piece_to_piece(void **state)
{
	struct harness *harness = *state;
	struct envelope envelope = spoken[SPOKEN_GRE_SEQUENCE].envelope;
	const struct frame *after = frame(eth(), arp());
	struct super super;

	relay_open(harness);
	spoken_set(harness, PEER_4, &spoken[SPOKEN_GRE_SEQUENCE]);
	super = fitting(harness, PEER_4, &super_kinds[0], /* tagged= */ false);
	check_to_peer(harness, PEER_4, &spoken[SPOKEN_GRE_SEQUENCE], &super);
	harness_deliver(harness, &harness->ports[PORT_A], after);
	device_wait(&harness->underlay);
	envelope.sequence = (uint32_t)((super.n + super.gso_size - 1) / super.gso_size);
	envelope_assert(device_receive(&harness->underlay), PEER_4, after, envelope, __FILE__,
			__LINE__);
}

static void without_a_relay_what_must_be_cut_is_named_and_the_rest_goes_on(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	for (size_t i = 0; i < N_SPOKEN; i++) {
		struct super super;

		spoken_set(harness, PEER_4, &spoken[i]);
		tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
		super = fitting(harness, PEER_4, &super_kinds[0], /* tagged= */ false);
		outcome = super_send(harness, &super);
		assert_int_equal(outcome->n_dropped != 0, spoken[i].needs_cutter);
		assert_int_equal(outcome->drops[DROP_NO_RELAY], outcome->n_dropped);
		device_drain(&harness->underlay);
		super.gso_size = 0;
		super.n = 700;
		spoken_set_sequence(harness, PEER_4, 0);
		assert_no_drop(super_send(harness, &super));
		assert_int_equal(
			super_check_wire(harness, PEER_4, &super, super.n, &spoken[i].envelope), 1);
	}
}

/* Unknown unicast: ports get it whole, each peer its segments in its own envelope. */
static void a_flooded_super_frame_reaches_peers_of_every_kind(void **state)
{
	struct harness *harness = *state;

	relay_open(harness);
	tables_set_anchor(harness, 0);
	tables_set_flood_peers(harness, BLUE, (uint32_t[]){PEER_4, PEER_6}, 2);
	for (size_t i = 0; i < N_SPOKEN; i++) {
		struct super super = super_kinds[0];
		struct outcome soon, late = {0};
		size_t n = 0;

		super.gso_size = 1100;
		super.n = 7 * 1100 + 700;
		spoken_set(harness, PEER_4, &spoken[i]);
		spoken_set(harness, PEER_6, &spoken[(i + 4) % N_SPOKEN]);
		soon = *super_send(harness, &super);
		super_assert_received(&harness->ports[PORT_B], &super);
		super_assert_received(&harness->ports[PORT_C], &super);
		for (; n < 16; n++) {
			device_wait(&harness->underlay);
			assert_non_null(device_receive(&harness->underlay));
		}
		assert_silent(&harness->underlay);
		tables_read_counters(harness, &late);
		assert_int_equal(soon.n_dropped + late.n_dropped, 0);
		assert_int_equal(soon.peers[PEER_4].tx_frames + late.peers[PEER_4].tx_frames, 8);
		assert_int_equal(soon.peers[PEER_6].tx_frames + late.peers[PEER_6].tx_frames, 8);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_super_frame_is_right_in_every_segment_of_every_envelope),
		harness_test(a_tagged_super_frame_keeps_its_tag_in_every_envelope),
		harness_test(a_checksum_left_to_the_device_is_complete_in_every_envelope),
		harness_test(a_checksum_that_hides_is_finished_before_gre_s_covers_it),
		harness_test(tcp_segments_that_are_too_big_are_made_to_fit_every_envelope),
		harness_test(sequence_numbers_go_on_from_piece_to_piece),
		harness_test(without_a_relay_what_must_be_cut_is_named_and_the_rest_goes_on),
		harness_test(a_flooded_super_frame_reaches_peers_of_every_kind),
	};

	return harness_main_offloads(tests);
}
