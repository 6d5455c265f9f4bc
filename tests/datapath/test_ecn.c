/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is ECN carried across the tunnel as RFC 6040 says: normal mode on the way in
 * (section 4.1), figure 4 on the way out, for all 16 combinations of all four
 * pairs of IP versions, with and without a tag, DSCP untouched?
 */
#include "test.h"

enum { NOT_ECT, ECT_1, ECT_0, CE, N_ECN };

#define DROPPED (-1)

/* RFC 6040 figure 4: rows inner, columns outer; what the inner packet carries on. */
static const int figure_4[N_ECN][N_ECN] = {
	[NOT_ECT] = {[NOT_ECT] = NOT_ECT, [ECT_0] = NOT_ECT, [ECT_1] = NOT_ECT, [CE] = DROPPED},
	[ECT_0] = {[NOT_ECT] = ECT_0, [ECT_0] = ECT_0, [ECT_1] = ECT_1, [CE] = CE},
	[ECT_1] = {[NOT_ECT] = ECT_1, [ECT_0] = ECT_1, [ECT_1] = ECT_1, [CE] = CE},
	[CE] = {[NOT_ECT] = CE, [ECT_0] = CE, [ECT_1] = CE, [CE] = CE},
};

#define INNER_DSCP 0x2e /* expedited forwarding */
#define OUTER_DSCP 0x08

static const struct frame *inner(bool ipv4, bool tagged, int ecn)
{
	uint8_t tos = (uint8_t)(INNER_DSCP << 2 | ecn);

	if (ipv4)
		return tagged ? frame(eth(), vlan(), ip4(.tos = tos), tcp(), payload(33)) :
				frame(eth(), ip4(.tos = tos), tcp(), payload(33));
	return tagged ? frame(eth(), vlan(), ip6(.tos = tos, .flow = 0x12345), udp(), payload(32)) :
			frame(eth(), ip6(.tos = tos, .flow = 0x12345), udp(), payload(32));
}

static void check_exit(struct harness *harness, uint32_t peer, enum encap_kind kind, bool ipv4,
		       bool tagged)
{
	for (int in = 0; in < N_ECN; in++)
		for (int out = 0; out < N_ECN; out++) {
			struct envelope envelope = {.tos = (uint8_t)(OUTER_DSCP << 2 | out),
						    .kind = kind};
			const struct outcome *outcome =
				harness_run(harness, FROM_UNDERLAY, &harness->underlay,
					    envelope_from(peer, inner(ipv4, tagged, in), envelope));

			if (figure_4[in][out] == DROPPED) {
				assert_dropped(outcome, DROP_ECN_CE_ON_NOT_ECT);
				assert_int_equal(outcome->drop.peer, peer);
				continue;
			}
			assert_sent(outcome);
			assert_frame(outcome->out, inner(ipv4, tagged, figure_4[in][out]));
		}
}

/* STT's frames are put together elsewhere. */
static const enum encap_kind kinds[] = {ENCAP_VXLAN, ENCAP_GENEVE, ENCAP_NVGRE, ENCAP_GRE};

static void all_sixteen_combinations_leave_every_tunnel_as_figure_4_says(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		tables_accept_only(harness, kinds[i]);
		for (int tagged = 0; tagged < (kinds[i] == ENCAP_NVGRE ? 1 : 2); tagged++)
			for (int ipv4 = 0; ipv4 < 2; ipv4++) {
				check_exit(harness, PEER_4, kinds[i], ipv4, tagged);
				check_exit(harness, PEER_6, kinds[i], ipv4, tagged);
			}
	}
}

static void a_summed_envelope_makes_no_difference(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (int ipv4 = 0; ipv4 < 2; ipv4++) {
		outcome = harness_run(harness, FROM_UNDERLAY, &harness->underlay,
				      envelope_from_summed(PEER_6, inner(ipv4, false, ECT_0),
							   (struct envelope){.tos = CE}));
		assert_sent(outcome);
		assert_frame(outcome->out, inner(ipv4, false, CE));
	}
}

static void a_frame_that_is_not_ip_passes_with_any_outer_mark(void **state)
{
	struct harness *harness = *state;
	const struct frame *frames[] = {frame(eth(), arp()),
					frame(eth(.type = 0x88b5), payload(46))};

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	for (size_t i = 0; i < 2; i++)
		for (uint8_t out = 0; out < N_ECN; out++) {
			const struct outcome *outcome = harness_run(
				harness, FROM_UNDERLAY, &harness->underlay,
				envelope_from(PEER_4, frames[i], (struct envelope){.tos = out}));

			assert_sent(outcome);
			assert_frame(outcome->out, frames[i]);
		}
}

static void the_outer_packet_gets_the_inner_mark_on_the_way_in(void **state)
{
	struct harness *harness = *state;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
		tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
		for (int i = 0; i < 4 * N_ECN; i++) {
			int in = i % N_ECN;
			const struct frame *frame = inner(i & 4, i & 8, in);

			harness_deliver(harness, &harness->ports[PORT_A], frame);
			assert_enveloped(device_receive(&harness->underlay), peer, frame,
					 .tos = (uint8_t)in);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(all_sixteen_combinations_leave_every_tunnel_as_figure_4_says),
		harness_test(a_summed_envelope_makes_no_difference),
		harness_test(a_frame_that_is_not_ip_passes_with_any_outer_mark),
		harness_test(the_outer_packet_gets_the_inner_mark_on_the_way_in),
	};

	return harness_main(tests);
}
