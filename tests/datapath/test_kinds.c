/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does every kind of inner frame leave in every envelope over both families,
 * byte for byte?  The expected frame is composed by the test; the datapath
 * chooses IP ID, source port, flow label and flow ID only.
 */
#include "kinds.h"
#include "test.h"

#include <netinet/in.h>

/* One peer of each family. */
static const uint32_t families[] = {PEER_4, PEER_6};

static const struct frame *sent_frame(struct harness *harness, uint32_t peer,
				      const struct frame *frame)
{
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], frame));
	return device_receive(&harness->underlay);
}

/* In the envelope as it is set for the peer; *sequence counts on. */
static void check_sent(struct harness *harness, uint32_t peer, const struct spoken *kind,
		       const struct frame *frame, uint32_t *sequence)
{
	struct envelope envelope = kind->envelope;
	const struct frame *sent = sent_frame(harness, peer, frame);

	envelope.sequence = (*sequence)++;
	envelope_assert(sent, peer, frame, envelope, __FILE__, __LINE__);
	assert_silent(&harness->underlay);
	assert_int_equal(harness->outcome.peers[peer].tx_frames, 1);
}

static void assert_sent_in_every_envelope(struct harness *harness, const struct frame **frames,
					  size_t n, bool tagged)
{
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t f = 0; f < 2; f++) {
			uint32_t peer = families[f];

			uint32_t sequence = 0;

			if (tagged && spoken[i].envelope.kind == ENCAP_NVGRE)
				continue;
			spoken_set(harness, peer, &spoken[i]);
			for (size_t k = 0; k < n; k++)
				check_sent(harness, peer, &spoken[i], frames[k], &sequence);
		}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void untagged_frames_of_every_protocol_leave_in_every_envelope(void **state)
{
	const struct frame *frames[] = {
		frame(eth(), arp()),
		frame(eth(), payload(0)),
		frame(eth(.type = 0x88b5), payload(1)),
		frame(eth(.type = 0x0026), payload(38)),
		frame(eth(), ip4(), icmp4(), payload(56)),
		frame(eth(), ip4(), tcp(), payload(101)),
		frame(eth(), ip4(), udp(), payload(100)),
		frame(eth(), ip6(), icmp6(), payload(57)),
		frame(eth(), ip6(), tcp(), payload(100)),
		frame(eth(), ip6(), udp(), payload(101)),
		frame(eth(), ip4(.protocol = IPPROTO_SCTP), payload(40)),
		frame(eth(), ip4(), udp(), payload(1150 - 28)),
		frame(eth(), ip4(.fragment = FRAGMENT_MF), udp(), payload(600)),
		frame(eth(), ip4(.fragment = 100, .protocol = IPPROTO_UDP), payload(601)),
	};

	assert_sent_in_every_envelope(*state, frames, COUNT(frames), /* tagged= */ false);
}

static void tagged_frames_leave_with_their_tags_in_every_envelope_but_nvgre(void **state)
{
	const struct frame *frames[] = {
		frame(eth(), vlan(.tci = 0x6064), arp()),
		frame(eth(), vlan(.tci = 0x6064), ip4(), icmp4(), payload(56)),
		frame(eth(), vlan(.tci = 0xa000), ip4(), tcp(), payload(101)),
		frame(eth(), vlan(.tpid = 0x88a8, .tci = 4094), ip4(), udp(), payload(100)),
		frame(eth(), vlan(), ip6(), tcp(), payload(100)),
		frame(eth(), vlan(.tpid = 0x88a8), vlan(.tci = 7), ip6(), udp(), payload(33)),
	};
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_sent_in_every_envelope(harness, frames, COUNT(frames), /* tagged= */ true);
}

/* RFC 7637 section 3.3, whatever the segment says. */
static void a_tagged_frame_never_leaves_in_nvgre(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	spoken_set(harness, PEER_4, &spoken[SPOKEN_NVGRE]);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, PEER_4, FDB_STATIC);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], frame(eth(), vlan(), arp()));
	assert_counted(outcome, DROP_INNER_VLAN, VERDICT_UNKNOWN);
	assert_int_equal(outcome->drop.peer, PEER_4);
	assert_silent(&harness->underlay);
}

/* The largest frame that the formula lets through fills the underlay's MTU, the next is told. */
static void the_largest_frame_fills_the_path_in_every_envelope(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t f = 0; f < 2; f++) {
			uint32_t peer = families[f];

			uint32_t sequence = 0;
			size_t limit;
			const struct frame *frame;

			spoken_set(harness, peer, &spoken[i]);
			limit = tables_peer(harness, peer).limit;
			frame = frame(eth(), ip4(.fragment = FRAGMENT_DF), udp(),
				      payload(limit - 28));
			assert_int_equal(frame->length + spoken_outer_bytes(harness, peer),
					 UNDERLAY_MTU + 14);
			check_sent(harness, peer, &spoken[i], frame, &sequence);
			harness_deliver(harness, &harness->ports[PORT_A],
					frame(eth(), ip4(.fragment = FRAGMENT_DF), udp(),
					      payload(limit - 27)));
			assert_int_equal(harness->outcome.drops[DROP_TOO_BIG_ANSWERED], 1);
			assert_silent(&harness->underlay);
			device_drain(&harness->ports[PORT_A]);
		}
}

/* RFC 2890: each peer has a row of its own, which goes round after 2^32. */
static void sequence_numbers_count_each_peer_s_packets(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), arp());
	uint32_t first = 0, second = 0xfffffffe;

	spoken_set(harness, PEER_4, &spoken[SPOKEN_GRE_BOTH]);
	spoken_set(harness, PEER_6, &spoken[SPOKEN_GRE_SEQUENCE]);
	spoken_set_sequence(harness, PEER_6, second);
	for (int i = 0; i < 4; i++) {
		check_sent(harness, PEER_4, &spoken[SPOKEN_GRE_BOTH], frame, &first);
		check_sent(harness, PEER_6, &spoken[SPOKEN_GRE_SEQUENCE], frame, &second);
	}
	assert_int_equal(first, 4);
	assert_int_equal(second, 2);
}

static uint8_t flow_id(struct harness *harness, uint32_t peer, uint16_t sport)
{
	const struct frame *sent =
		sent_frame(harness, peer, frame(eth(), ip4(), udp(.sport = sport), payload(9)));

	return sent->bytes[peer == PEER_6 ? 61 : 41];
}

/* 64 flows over 256 values: fewer than 40 distinct ones would be less likely than one in 10^8. */
static void nvgre_s_flow_id_is_the_flow_s(void **state)
{
	struct harness *harness = *state;

	for (size_t f = 0; f < 2; f++) {
		uint32_t peer = families[f];

		bool seen[256] = {false};
		unsigned int distinct = 0;

		spoken_set(harness, peer, &spoken[SPOKEN_NVGRE]);
		for (uint16_t i = 0; i < 64; i++) {
			uint8_t id = flow_id(harness, peer, i);

			assert_int_equal(flow_id(harness, peer, i), id);
			distinct += !seen[id];
			seen[id] = true;
		}
		assert_true(distinct >= 40);
	}
}

/* Over IPv6 the flow label spreads what has no port (RFC 6438). */
static void the_flow_label_spreads_flows_in_gre(void **state)
{
	struct harness *harness = *state;
	unsigned int same = 0;
	uint32_t last = 0;

	spoken_set(harness, PEER_6, &spoken[SPOKEN_GRE]);
	for (uint16_t i = 0; i < 32; i++) {
		const struct frame *frame = frame(eth(), ip4(), udp(.sport = i), payload(9));
		uint32_t label = frame_u32(sent_frame(harness, PEER_6, frame), 14) & 0xfffff;

		assert_int_equal(frame_u32(sent_frame(harness, PEER_6, frame), 14) & 0xfffff,
				 label);
		same += label == last;
		last = label;
	}
	assert_true(same <= 1);
}

/* DSCP and ECN are the segment's and the inner packet's, as with VXLAN. */
static void every_envelope_carries_the_inner_marks(void **state)
{
	struct harness *harness = *state;
	const struct frame *frame = frame(eth(), ip4(.tos = 0xb9), udp(), payload(20));

	tables_flag_segment(harness, BLUE, SEGMENT_COPY_DSCP, 0);
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t f = 0; f < 2; f++) {
			uint32_t peer = families[f];

			struct envelope envelope = spoken[i].envelope;

			spoken_set(harness, peer, &spoken[i]);
			envelope.tos = 0xb9;
			envelope_assert(sent_frame(harness, peer, frame), peer, frame, envelope,
					__FILE__, __LINE__);
		}
}

/* The daemon writes a new record; the next frame is in the new envelope. */
static void a_peer_s_kind_changes_between_two_frames(void **state)
{
	struct harness *harness = *state;

	for (size_t i = 0; i < 2 * N_SPOKEN; i++) {
		uint32_t sequence = 0;

		spoken_set(harness, PEER_4, &spoken[i * 2 % N_SPOKEN]);
		check_sent(harness, PEER_4, &spoken[i * 2 % N_SPOKEN], frame(eth(), arp()),
			   &sequence);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(untagged_frames_of_every_protocol_leave_in_every_envelope),
		harness_test(tagged_frames_leave_with_their_tags_in_every_envelope_but_nvgre),
		harness_test(a_tagged_frame_never_leaves_in_nvgre),
		harness_test(the_largest_frame_fills_the_path_in_every_envelope),
		harness_test(sequence_numbers_count_each_peer_s_packets),
		harness_test(nvgre_s_flow_id_is_the_flow_s),
		harness_test(the_flow_label_spreads_flows_in_gre),
		harness_test(every_envelope_carries_the_inner_marks),
		harness_test(a_peer_s_kind_changes_between_two_frames),
	};

	return harness_main(tests);
}
