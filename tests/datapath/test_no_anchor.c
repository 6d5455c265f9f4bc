/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes another way where the kernel has no tunnel device of the peer's
 * kind?  Frames too big for the path are split whatever the family, and what
 * the kernel's helper refuses to envelope twice is enveloped all the same.
 */
#include "kinds.h"
#include "super.h"
#include "test.h"

static const uint32_t families[] = {PEER_4, PEER_6};

static const struct frame *take_inner(struct harness *harness, uint32_t peer,
				      const struct spoken *kind, uint32_t sequence)
{
	size_t outer = spoken_outer_bytes(harness, peer);
	struct envelope envelope = kind->envelope;
	const struct frame *wire, *inner;

	device_wait(&harness->underlay);
	wire = device_receive(&harness->underlay);
	assert_non_null(wire);
	assert_in_range(wire->length, outer + 14, UNDERLAY_MTU + 14);
	inner = frame_part(wire, outer, FRAME_END);
	envelope.sequence = sequence;
	envelope_assert(wire, peer, inner, envelope, __FILE__, __LINE__);
	return inner;
}

static void check_two_pieces(struct harness *harness, uint32_t peer, const struct spoken *kind,
			     const struct frame *whole)
{
	/* the copy that becomes the rest overtakes nobody: the first leaves first */
	const struct frame *first = take_inner(harness, peer, kind, 0);
	const struct frame *rest = take_inner(harness, peer, kind, 1);

	assert_silent(&harness->underlay);
	assert_true(frame_checksums_right(first) && frame_checksums_right(rest));
	assert_int_equal(frame_u16(first, 20), FRAGMENT_MF);
	assert_int_equal(frame_u16(rest, 20), (first->length - 34) / 8);
	assert_int_equal(frame_u16(rest, 18), frame_u16(first, 18));
	assert_frame(frame_join(frame_part(first, 34, FRAME_END), frame_part(rest, 34, FRAME_END)),
		     frame_part(whole, 34, FRAME_END));
}

static void check_split(struct harness *harness)
{
	const struct frame *whole = frame(eth(), ip4(.id = 77), udp(), payload(1472));

	tables_set_anchor(harness, 0);
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t f = 0; f < 2; f++) {
			spoken_set(harness, families[f], &spoken[i]);
			tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, families[f],
				       FDB_STATIC);
			assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], whole));
			check_two_pieces(harness, families[f], &spoken[i], whole);
		}
}

static void a_packet_without_df_is_split_for_every_envelope_and_family(void **state)
{
	check_split(*state);
}

static void what_is_split_goes_over_the_relay_in_pieces(void **state)
{
	relay_open(*state);
	check_split(*state);
}

/*
 * A VM that tunnels itself: what BLUE envelopes enters GREEN by a veth, and
 * the kernel does not let BPF envelope it again as it would a plain frame.
 */
enum { OUTWARD = N_PEERS, INWARD = N_PORTS }; /* slots of our own */

static void open_tunnel_in_tunnel(struct harness *harness)
{
	struct table_peer peer = tables_peer(harness, PEER_4);
	struct table_port port = tables_port(harness, PORT_GREEN);
	struct table_nexthop nexthop = {.family = 4, .gateway = tables_address("198.51.100.1")};
	struct device inward = {.name = "veth1", .fd = -1};

	device_ip("link add veth0 address 02:aa:00:00:02:02 type veth peer name veth1");
	device_ip("link set veth0 mtu 2000 up");
	device_ip("link set veth1 mtu 2000 up");
	device_ip("neighbour add 198.51.100.1 lladdr " VM_B_MAC " dev veth0");
	inward.ifindex = (int)if_nametoindex("veth1");
	nexthop.ifindex = if_nametoindex("veth0");
	peer.nexthop_first = OUTWARD * TABLE_NEXTHOP_BANKS * TABLE_NEXTHOPS;
	tables_set_nexthop(harness, peer.nexthop_first, nexthop);
	tables_set_peer(harness, OUTWARD, peer);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PEER, OUTWARD, FDB_STATIC);
	port.ifindex = (uint32_t)inward.ifindex;
	tables_set_port(harness, INWARD, port);
	harness_attach(harness, FROM_PORT, &inward);
	tables_set_anchor(harness, 0);
}

static void what_has_been_in_a_tunnel_is_enveloped_again(void **state)
{
	struct harness *harness = *state;
	const struct frame *const inners[] = {frame(eth(), ip4(), udp(), payload(100)),
					      frame(eth(), ip6(), tcp(), payload(101))};

	open_tunnel_in_tunnel(harness);
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t f = 0; f < 4; f++) {
			uint32_t peer = families[f % 2];
			struct spoken kind = spoken[i];
			const struct frame *middle;

			kind.envelope.vni = GREEN_VNI;
			spoken_set(harness, peer, &kind);
			tables_set_fdb(harness, GREEN_VNI, VM_B_MAC, PATH_PEER, peer, FDB_STATIC);
			harness_deliver(harness, &harness->ports[PORT_A], inners[f / 2]);
			middle = take_inner(harness, peer, &kind, 0);
			assert_frame(frame_part(middle, OUTER4_BYTES, FRAME_END), inners[f / 2]);
			assert_silent(&harness->underlay);
		}
	device_ip("link del veth0");
}

/* Cut on the relay, because the kernel cannot cut it in two envelopes. */
static void a_super_frame_that_has_been_in_a_tunnel_is_cut_first(void **state)
{
	struct harness *harness = *state;
	struct super super = super_kinds[0];

	super.gso_size = 1000;
	super.n = 7700;
	open_tunnel_in_tunnel(harness);
	relay_open(harness);
	for (size_t i = 0; i < N_SPOKEN; i++)
		for (size_t f = 0; f < 2; f++) {
			const struct frame *whole = super_frame(&super);
			struct spoken kind = spoken[i];
			size_t done = 0;

			kind.envelope.vni = GREEN_VNI;
			spoken_set(harness, families[f], &kind);
			tables_set_fdb(harness, GREEN_VNI, VM_B_MAC, PATH_PEER, families[f],
				       FDB_STATIC);
			super_send(harness, &super);
			for (uint32_t n = 0; done < super.n; n++) {
				const struct frame *middle =
					take_inner(harness, families[f], &kind, n);
				size_t bytes = middle->length - OUTER4_BYTES - 54;

				assert_true(frame_checksums_right(middle));
				assert_memory_equal(middle->bytes + OUTER4_BYTES + 54,
						    whole->bytes + 54 + done, bytes);
				done += bytes;
			}
			assert_int_equal(done, super.n);
			assert_silent(&harness->underlay);
		}
	device_ip("link del veth0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_packet_without_df_is_split_for_every_envelope_and_family),
		harness_test(what_is_split_goes_over_the_relay_in_pieces),
		harness_test(what_has_been_in_a_tunnel_is_enveloped_again),
		harness_test(a_super_frame_that_has_been_in_a_tunnel_is_cut_first),
	};

	return harness_main_offloads(tests);
}
