/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a frame that is cut at any of its bytes?  From the underlay
 * it is dropped once or passed to the host unchanged, and never delivered;
 * from a port it is still a frame.
 */
#include "test.h"

#include "vector.h"

static void silence(struct harness *harness)
{
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
	assert_silent(&harness->underlay);
}

/* Through the device, which takes frames that a test run refuses, then through a test run. */
static void check_cut(struct harness *harness, const struct frame *cut)
{
	struct __sk_buff context = {.ifindex = (uint32_t)harness->underlay.ifindex};
	const struct outcome *outcome = harness_deliver(harness, &harness->underlay, cut);

	assert_in_range(outcome->n_dropped, 0, 1);
	assert_int_equal(outcome->segments[BLUE].tx_frames, 0);
	assert_int_equal(outcome->n_events, 0);
	silence(harness);
	if (harness_run_context(harness, FROM_UNDERLAY, context, cut))
		return;
	if (harness->outcome.verdict == TC_ACT_UNSPEC)
		assert_host(&harness->outcome, cut);
	else
		assert_dropped(&harness->outcome, harness->outcome.drop.reason);
}

static void check_all_cuts(struct harness *harness, const struct frame *whole)
{
	for (size_t n = 14; n < whole->length; n++)
		check_cut(harness, frame_part(whole, 0, n));
}

/* Which of the vectors that are delivered name BLUE, or can be made to. */
static void use(struct harness *harness, const struct vector *vector)
{
	tables_accept_only(harness, vector->kind);
	if (vector->vni == BLUE_VNI)
		return;
	tables_add_vni(harness, vector->vni, BLUE);
	tables_add_member(harness, vector->vni, REMOTE_4, PEER_4);
	tables_add_member(harness, vector->vni, REMOTE_6, PEER_6);
}

static void a_vector_cut_at_any_byte_is_never_delivered(void **state)
{
	struct harness *harness = *state;
	const char *const *names;
	size_t n_names = vector_names(VECTORS_OF_DATAPATH, &names);

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_true(n_names > 0);
	for (size_t i = 0; i < n_names; i++) {
		struct vector vector = vector_read(names[i]);

		/* what follows the datagram may be cut off without harm */
		if (!vector.ok || !strcmp(names[i], "vxlan-v4-udplen-short"))
			continue;
		use(harness, &vector);
		check_all_cuts(harness, vector.frame);
	}
}

static void a_summed_envelope_cut_at_any_byte_is_never_delivered(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), vlan(), ip6(), tcp(), payload(12));
	static const uint8_t options[] = {1, 7, 1, 1, 0, 0, 0, 0, 1, 7, 2, 0};
	const struct envelope envelopes[] = {
		{.kind = ENCAP_VXLAN},
		{.kind = ENCAP_GENEVE, .options = options, .n_options = sizeof(options)},
		{.kind = ENCAP_GRE, .gre_flags = GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE},
	};

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++) {
		check_all_cuts(harness, envelope_from_summed(PEER_4, inner, envelopes[i]));
		check_all_cuts(harness, envelope_from_summed(PEER_6, inner, envelopes[i]));
	}
}

/* The packet ends inside the header, so says its IP length, and padding follows. */
static void a_tunnel_header_that_the_packet_ends_in_is_cut_short_by_name(void **state)
{
	static const uint8_t options[] = {1, 7, 1, 1, 0, 0, 0, 0, 1, 7, 2, 0};
	const struct frame *inner = frame(eth(), arp());
	struct harness *harness = *state;
	const struct envelope envelopes[] = {
		{.kind = ENCAP_VXLAN},
		{.kind = ENCAP_GENEVE, .options = options, .n_options = sizeof(options)},
		{.kind = ENCAP_GRE, .gre_flags = GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE},
		{.kind = ENCAP_NVGRE},
	};

	for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++) {
		const struct frame *whole = envelope_from(PEER_4, inner, envelopes[i]);
		size_t end = whole->length - inner->length;
		bool has_udp = whole->bytes[23] == 17;

		tables_accept_only(harness, envelopes[i].kind);
		for (size_t n = has_udp ? 42 : 34; n < end; n++) {
			const struct frame *header = frame_part(whole, has_udp ? 42 : 34, n);
			struct layer l3 =
				ip4(.src = REMOTE_4, .dst = LOCAL_4, .protocol = whole->bytes[23]);
			struct layer l4 =
				udp(.dport = frame_u16(whole, 36), .checksum = CHECKSUM_ZERO);
			struct layer rest = bytes(header->bytes, header->length);
			struct layer l2 = eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC);
			const struct frame *cut = has_udp ? frame(l2, l3, l4, rest, trailer(80)) :
							    frame(l2, l3, rest, trailer(80));

			assert_dropped(harness_run(harness, FROM_UNDERLAY, &harness->underlay, cut),
				       DROP_TRUNCATED_TUNNEL_HEADER);
		}
	}
}

/* The cut was made before the envelope: its lengths and sums are right. */
static void an_inner_frame_that_was_cut_before_is_delivered_as_it_is(void **state)
{
	struct harness *harness = *state;
	const struct frame *inners[] = {
		frame(eth(), ip4(), tcp(), payload(12)),
		frame(eth(), vlan(), ip6(), udp(), payload(12)),
		frame(eth(), arp()),
	};

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n < inners[i]->length; n++) {
			const struct frame *cut = frame_part(inners[i], 0, n);
			const struct outcome *outcome =
				harness_run(harness, FROM_UNDERLAY, &harness->underlay,
					    envelope_from_summed(i % 2 ? PEER_6 : PEER_4, cut,
								 (struct envelope){0}));

			if (n < 14) {
				assert_dropped(outcome, DROP_TRUNCATED_INNER_ETH);
			} else if (i == 1 && n < 18) {
				assert_dropped(outcome, DROP_TRUNCATED_INNER_VLAN);
			} else {
				assert_sent(outcome);
				assert_frame(outcome->out, cut);
			}
		}
}

static void the_host_s_frames_cut_at_any_byte_stay_the_host_s(void **state)
{
	const struct frame *frames[] = {
		frame(eth(), ip4(.src = REMOTE_4, .dst = LOCAL_4), tcp(.dport = 22), payload(9)),
		frame(eth(), ip6(.src = REMOTE_6, .dst = LOCAL_6), tcp(.dport = 22), payload(9)),
		frame(eth(), ip4(.src = REMOTE_4, .dst = LOCAL_4), icmp4(), payload(9)),
		frame(eth(), ip4(.src = REMOTE_4, .dst = "192.0.2.99"), udp(.dport = 4789), vxlan(),
		      eth(), arp()),
		frame(eth(), arp(.sender = REMOTE_4, .target = LOCAL_4)),
	};
	struct harness *harness = *state;

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		size_t least = frame_u16(frames[i], 12) == 0x86dd ? 54 : 34;

		for (size_t n = least; n <= frames[i]->length; n++) {
			const struct frame *cut = frame_part(frames[i], 0, n);

			assert_host(harness_run(harness, FROM_UNDERLAY, &harness->underlay, cut),
				    cut);
		}
	}
}

static void a_frame_of_a_port_cut_at_any_byte_is_still_a_frame(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), ip4(), tcp(), payload(12));
	const struct frame *frames[] = {
		inner,
		frame(eth(), vlan(), ip6(), udp(), payload(12)),
		/* an envelope is nothing special here */
		frame(eth(), ip4(.src = REMOTE_4, .dst = LOCAL_4), udp(.dport = 4789), vxlan(),
		      bytes(inner->bytes, inner->length)),
	};

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		for (size_t n = 14; n < frames[i]->length; n++) {
			const struct frame *cut = frame_part(frames[i], 0, n);

			/* the kernel frees a frame whose tag it cannot move to the metadata */
			if (i == 1 && n < 20)
				continue;
			assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], cut));
			assert_received(&harness->ports[PORT_B], cut);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_vector_cut_at_any_byte_is_never_delivered),
		harness_test(a_summed_envelope_cut_at_any_byte_is_never_delivered),
		harness_test(a_tunnel_header_that_the_packet_ends_in_is_cut_short_by_name),
		harness_test(an_inner_frame_that_was_cut_before_is_delivered_as_it_is),
		harness_test(the_host_s_frames_cut_at_any_byte_stay_the_host_s),
		harness_test(a_frame_of_a_port_cut_at_any_byte_is_still_a_frame),
	};

	return harness_main(tests);
}
