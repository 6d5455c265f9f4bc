/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a flooded frame reach every peer exactly once, each in its own
 * envelope, when the peers of a segment are of several kinds and families?
 * What one run of from_port cannot send goes over the relay (abi/relay.h).
 */
#include "kinds.h"
#include "test.h"

#include <netinet/in.h>

#include "abi/relay.h"

enum { PEER_5 = N_PEERS, PEER_6B, PEER_8, N_MIXED }; /* slots of our own */

/* A further peer with an address of its own, reached like its model. */
static void add_peer(struct harness *harness, uint32_t slot, uint32_t like, const char *remote)
{
	struct table_peer record = tables_peer(harness, like);

	record.remote = tables_address(remote);
	tables_set_peer(harness, slot, record);
	tables_add_member(harness, BLUE_VNI, remote, slot);
}

static void no_anchor(struct harness *harness)
{
	relay_open(harness);
	tables_set_anchor(harness, 0);
}

static const struct frame *broadcast(void)
{
	return frame(eth(.dst = BROADCAST_MAC), arp());
}

/* How many of the frames that have left are this one in the peer's envelope. */
struct wire {
	const struct frame *frames[64];
	bool taken[64];
	size_t n;
};

/* Waits for n of them: what crosses the veth takes a softirq. */
static void read_wire(struct harness *harness, struct wire *wire, size_t n)
{
	const struct frame *frame;

	memset(wire, 0, sizeof(*wire));
	while (wire->n < n) {
		device_wait(&harness->underlay);
		wire->frames[wire->n] = device_receive(&harness->underlay);
		assert_non_null(wire->frames[wire->n++]);
	}
	while ((frame = device_receive(&harness->underlay)) != NULL && wire->n < 64)
		wire->frames[wire->n++] = frame;
}

/* The first frame to the peer's address that nobody has claimed. */
static const struct frame *take(struct harness *harness, struct wire *wire, uint32_t peer)
{
	struct table_peer record = tables_peer(harness, peer);
	bool ipv4 = record.family == 4;
	size_t at = ipv4 ? 30 : 38, n = ipv4 ? 4 : 16;

	for (size_t i = 0; i < wire->n; i++) {
		const struct frame *frame = wire->frames[i];

		if (wire->taken[i] || frame_u16(frame, 12) != (ipv4 ? 0x0800 : 0x86dd) ||
		    memcmp(frame->bytes + at, record.remote.bytes + 16 - n, n) != 0)
			continue;
		wire->taken[i] = true;
		return frame;
	}
	return NULL;
}

/* Exactly one copy to each of the world's peers in its kind's envelope, and nothing else. */
static void assert_one_each(struct harness *harness, const struct frame *inner,
			    const struct spoken *const kinds[N_PEERS])
{
	struct wire wire;

	read_wire(harness, &wire, N_PEERS);
	assert_int_equal(wire.n, N_PEERS);
	for (uint32_t peer = 0; peer < N_PEERS; peer++)
		envelope_assert(take(harness, &wire, peer), peer, inner, kinds[peer]->envelope,
				__FILE__, __LINE__);
}

/* What was counted at once, and after the last frame had left. */
static void assert_counted_one_each(struct harness *harness, const struct outcome *soon)
{
	struct outcome late = {0};

	tables_read_counters(harness, &late);
	assert_int_equal(soon->n_dropped + late.n_dropped, 0);
	for (uint32_t peer = 0; peer < N_PEERS; peer++)
		assert_int_equal(soon->peers[peer].tx_frames + late.peers[peer].tx_frames, 1);
	assert_int_equal(soon->segments[BLUE].flooded, 1);
	assert_int_equal(soon->segments[BLUE].rx_frames, 1);
	assert_int_equal(soon->ports[PORT_A].rx_frames, 1);
	/* the ports' copies are counted in the segment too */
	assert_int_equal(soon->segments[BLUE].tx_frames + late.segments[BLUE].tx_frames,
			 N_PEERS + 2);
	assert_int_equal(soon->segments[BLUE].via_anchor + late.segments[BLUE].via_anchor, 0);
}

/* Every pair of kinds for the two IPv4 peers, and every kind for the one of IPv6. */
static void every_mixture_gets_each_peer_one_copy_in_its_own_envelope(void **state)
{
	struct harness *harness = *state;
	const struct frame *frames[] = {
		broadcast(), frame(eth(.dst = BROADCAST_MAC), ip4(), udp(), payload(77)),
		frame(eth(.dst = "33:33:00:00:00:01"), ip6(), icmp6(), payload(40))};

	no_anchor(harness);
	for (size_t a = 0; a < N_SPOKEN; a++)
		for (size_t b = 0; b < N_SPOKEN; b++) {
			const struct spoken *const kinds[] = {&spoken[a], &spoken[b],
							      &spoken[(a + b) % N_SPOKEN]};
			const struct frame *inner = frames[(a + b) % 3];
			struct outcome soon;

			for (uint32_t peer = 0; peer < N_PEERS; peer++)
				spoken_set(harness, peer, kinds[peer]);
			soon = *harness_deliver(harness, &harness->ports[PORT_A], inner);
			assert_received(&harness->ports[PORT_B], inner);
			assert_received(&harness->ports[PORT_C], inner);
			assert_silent(&harness->ports[PORT_A]);
			assert_silent(&harness->ports[PORT_B]);
			assert_silent(&harness->ports[PORT_C]);
			assert_one_each(harness, inner, kinds);
			assert_counted_one_each(harness, &soon);
		}
}

static void six_peers_of_five_shapes_get_one_copy_each(void **state)
{
	static const uint32_t peers[] = {PEER_4, PEER_4B, PEER_5, PEER_6, PEER_6B, PEER_8};
	struct harness *harness = *state;
	struct wire wire;

	add_peer(harness, PEER_5, PEER_4, "192.0.2.5");
	add_peer(harness, PEER_6B, PEER_6, "2001:db8:0:1::6");
	add_peer(harness, PEER_8, PEER_6, "2001:db8:0:1::8");
	spoken_set(harness, PEER_4B, &spoken[SPOKEN_NVGRE]);
	spoken_set(harness, PEER_5, &spoken[SPOKEN_GRE_CHECKSUM]);
	spoken_set(harness, PEER_6, &spoken[SPOKEN_GENEVE_OPTIONS]);
	spoken_set(harness, PEER_6B, &spoken[SPOKEN_GENEVE]);
	spoken_set(harness, PEER_8, &spoken[SPOKEN_GRE]);
	tables_set_flood_peers(harness, BLUE, peers, 6);
	no_anchor(harness);
	for (int i = 0; i < 3; i++) {
		assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], broadcast()));
		read_wire(harness, &wire, 6);
		assert_int_equal(wire.n, 6);
		for (size_t k = 0; k < 6; k++)
			assert_non_null(take(harness, &wire, peers[k]));
	}
}

static void a_tagged_frame_is_flooded_to_all_but_nvgre_peers(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner =
		frame(eth(.dst = BROADCAST_MAC), vlan(), ip4(), udp(), payload(50));
	const struct outcome *outcome;
	struct wire wire;

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	spoken_set(harness, PEER_4B, &spoken[SPOKEN_NVGRE]);
	spoken_set(harness, PEER_6, &spoken[SPOKEN_GRE_BOTH]);
	no_anchor(harness);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], inner);
	assert_counted(outcome, DROP_INNER_VLAN, VERDICT_UNKNOWN);
	assert_int_equal(outcome->drop.segment, BLUE);
	assert_int_equal(outcome->drop.port, PORT_A);
	read_wire(harness, &wire, 2);
	assert_int_equal(wire.n, 2);
	assert_enveloped(take(harness, &wire, PEER_4), PEER_4, inner, 0);
	envelope_assert(take(harness, &wire, PEER_6), PEER_6, inner,
			spoken[SPOKEN_GRE_BOTH].envelope, __FILE__, __LINE__);
}

/* Fragments of the outer packet are the kernel's to make, and not over IPv6. */
static void a_frame_too_big_for_some_is_named_for_each_that_cannot_have_it(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	spoken_set(harness, PEER_4B, &spoken[SPOKEN_GENEVE]);
	spoken_set(harness, PEER_6, &spoken[SPOKEN_NVGRE]);
	no_anchor(harness);
	outcome = harness_deliver(harness, &harness->ports[PORT_A],
				  frame(eth(.dst = BROADCAST_MAC), ip4(), udp(), payload(1472)));
	assert_int_equal(outcome->drops[DROP_NO_ANCHOR], 2);
	assert_int_equal(outcome->drops[DROP_TOO_BIG], 1);
	assert_int_equal(outcome->n_dropped, 3);
	assert_silent(&harness->underlay);
}

/* A peer that cannot be reached costs the others nothing, whichever way they are served. */
static void an_unreachable_peer_on_the_relay_is_named(void **state)
{
	struct harness *harness = *state;
	struct table_peer record;
	const struct outcome *outcome;
	struct wire wire;

	spoken_set(harness, PEER_6, &spoken[SPOKEN_GENEVE]);
	record = tables_peer(harness, PEER_6);
	record.n_nexthops = 0;
	tables_set_peer(harness, PEER_6, record);
	no_anchor(harness);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_counted(outcome, DROP_PEER_UNREACHABLE, VERDICT_UNKNOWN);
	assert_int_equal(outcome->drop.peer, PEER_6);
	assert_int_equal(outcome->drop.port, PORT_A);
	read_wire(harness, &wire, 2);
	assert_int_equal(wire.n, 2);
}

/* Without the relay the first shape is served, and who is not is named. */
static void without_a_relay_the_first_shape_goes_on(void **state)
{
	struct harness *harness = *state;
	const struct outcome *outcome;

	spoken_set(harness, PEER_4B, &spoken[SPOKEN_GENEVE]);
	spoken_set(harness, PEER_6, &spoken[SPOKEN_GRE]);
	tables_set_anchor(harness, 0);
	outcome = harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	assert_int_equal(outcome->drops[DROP_NO_RELAY], 2);
	assert_int_equal(outcome->n_dropped, 2);
	assert_enveloped(device_receive(&harness->underlay), PEER_4, broadcast());
	assert_silent(&harness->underlay);
	assert_received(&harness->ports[PORT_B], broadcast());
}

/* Where no kernel device could look for the next hop's MAC, the relay has the kernel do so. */
static void a_next_hop_that_is_not_resolved_is_found_without_an_anchor(void **state)
{
	struct harness *harness = *state;
	const struct spoken *const kinds[] = {&spoken[SPOKEN_GENEVE], &spoken[SPOKEN_GRE],
					      &spoken[SPOKEN_NVGRE]};
	struct outcome soon, late = {0};
	struct wire wire;

	for (uint32_t peer = 0; peer < N_PEERS; peer++)
		spoken_set(harness, peer, kinds[peer]);
	no_anchor(harness);
	tables_set_heartbeat(harness, 1);
	device_drain(&harness->underlay);
	soon = *harness_deliver(harness, &harness->ports[PORT_A], broadcast());
	read_wire(harness, &wire, N_PEERS);
	for (uint32_t peer = 0; peer < N_PEERS; peer++)
		envelope_assert(take(harness, &wire, peer), peer, broadcast(),
				kinds[peer]->envelope, __FILE__, __LINE__);
	assert_silent(&harness->underlay);
	tables_read_counters(harness, &late);
	assert_int_equal(soon.n_dropped + late.n_dropped, 0);
	for (uint32_t peer = 0; peer < N_PEERS; peer++)
		assert_int_equal(soon.peers[peer].tx_frames + late.peers[peer].tx_frames, 1);
}

/* Nothing that carries no mark of ours gets anywhere over the relay. */
static void what_is_not_marked_ends_on_the_relay(void **state)
{
	struct harness *harness = *state;
	uint64_t before = device_host_packets();

	relay_open(harness);
	assert_int_equal(relay_run(harness, /* far_end= */ false, 0, broadcast()), TC_ACT_SHOT);
	assert_int_equal(relay_run(harness, /* far_end= */ true, 0, broadcast()), TC_ACT_SHOT);
	assert_int_equal(relay_run(harness, /* far_end= */ true, RELAY_MARK, broadcast()),
			 TC_ACT_SHOT);
	assert_silent(&harness->underlay);
	assert_int_equal(device_host_packets(), before);
}

/* The daemon has taken the segment away while the frame was on its way. */
static void a_segment_that_is_gone_is_named(void **state)
{
	struct harness *harness = *state;
	uint32_t mark =
		RELAY_MARK | 77u << RELAY_SEGMENT_SHIFT | (2u * ENCAP_VXLAN) << RELAY_SHAPE_SHIFT;

	relay_open(harness);
	assert_int_equal(relay_run(harness, /* far_end= */ false, mark, broadcast()), TC_ACT_SHOT);
	assert_counted(harness_outcome(harness), DROP_UNKNOWN_VNI, VERDICT_UNKNOWN);
	harness_forget_counters(harness);
	mark |= RELAY_TO_PEER;
	assert_int_equal(relay_run(harness, /* far_end= */ false, mark, broadcast()), TC_ACT_OK);
	assert_int_equal(relay_run(harness, /* far_end= */ true, mark, broadcast()), TC_ACT_SHOT);
	assert_counted(harness_outcome(harness), DROP_UNKNOWN_VNI, VERDICT_UNKNOWN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(every_mixture_gets_each_peer_one_copy_in_its_own_envelope),
		harness_test(six_peers_of_five_shapes_get_one_copy_each),
		harness_test(a_tagged_frame_is_flooded_to_all_but_nvgre_peers),
		harness_test(a_frame_too_big_for_some_is_named_for_each_that_cannot_have_it),
		harness_test(an_unreachable_peer_on_the_relay_is_named),
		harness_test(without_a_relay_the_first_shape_goes_on),
		harness_test(a_next_hop_that_is_not_resolved_is_found_without_an_anchor),
		harness_test(what_is_not_marked_ends_on_the_relay),
		harness_test(a_segment_that_is_gone_is_named),
	};

	return harness_main(tests);
}
