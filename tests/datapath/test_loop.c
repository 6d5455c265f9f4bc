/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a frame that this very machine enveloped come in again as it was?  Two
 * hypervisors on one machine, joined by a veth: super-frames arrive uncut,
 * checksums unfinished, and the kernel remembers that a tunnel made them.
 */
#include "super.h"
#include "test.h"

enum { LOOP_4 = N_PEERS, LOOP_6 }; /* peer slots of our own, outward and inward at once */

static const struct {
	const char *ours, *theirs;
	uint32_t like; /* the peer whose envelope it is but for the addresses */
} ends[] = {
	[LOOP_4] = {"198.51.100.2", "198.51.100.1", PEER_4},
	[LOOP_6] = {"2001:db8:9::2", "2001:db8:9::1", PEER_6},
};

static void add_veth(struct harness *harness)
{
	struct device inward = {.name = "loop1", .fd = -1};

	if (if_nametoindex("loop0")) /* of a test that failed */
		device_ip("link del loop0");
	device_ip("link add loop0 address 02:aa:00:00:03:01 type veth "
		  "peer name loop1 address 02:aa:00:00:03:02");
	device_write_sysctl("net/ipv6/conf/loop1/disable_ipv6", "0");
	device_ip("link set loop0 up");
	device_ip("link set loop1 up");
	device_ip("address add 198.51.100.2/24 dev loop1");
	device_ip("address add 2001:db8:9::2/64 dev loop1 nodad");
	inward.ifindex = (int)if_nametoindex("loop1");
	harness_attach(harness, FROM_UNDERLAY, &inward);
}

static uint32_t header_sum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < 20; i += 2) {
		uint16_t word;

		memcpy(&word, header + i, sizeof(word));
		sum += word;
	}
	return sum;
}

/* Outward its frames go to our own address over there, inward they come from the peer's. */
static void add_peer(struct harness *harness, uint32_t slot)
{
	struct table_peer peer = tables_peer(harness, ends[slot].like);
	struct table_nexthop nexthop = {.ifindex = if_nametoindex("loop0"),
					.family = peer.family,
					.flags = NEXTHOP_RESOLVED,
					.gateway = tables_address(ends[slot].ours)};
	const struct frame *macs =
		frame(eth(.dst = "02:aa:00:00:03:02", .src = "02:aa:00:00:03:01"));
	struct table_address ours = nexthop.gateway, theirs = tables_address(ends[slot].theirs);

	memcpy(nexthop.destination, macs->bytes, 6);
	memcpy(nexthop.source, macs->bytes + 6, 6);
	peer.nexthop_first = slot * TABLE_NEXTHOP_BANKS * TABLE_NEXTHOPS;
	peer.remote = theirs;
	if (slot == LOOP_4) {
		memcpy(peer.header + 12, theirs.bytes + 12, 4);
		memcpy(peer.header + 16, ours.bytes + 12, 4);
		peer.ip_sum = header_sum(peer.header);
	} else {
		memcpy(peer.header + 8, theirs.bytes, 16);
		memcpy(peer.header + 24, ours.bytes, 16);
	}
	tables_set_nexthop(harness, peer.nexthop_first, nexthop);
	tables_set_peer(harness, slot, peer);
	tables_add_member(harness, BLUE_VNI, ends[slot].theirs, slot);
	tables_add_local_address(harness, ends[slot].ours);
}

/* Port A's broadcast reaches port C twice: at once, and as the peer's. */
static void close_the_loop(struct harness *harness, uint32_t slot)
{
	add_peer(harness, slot);
	tables_set_flood_peers(harness, BLUE, &slot, 1);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, SEGMENT_LEARN);
}

static void drain_ports(struct harness *harness)
{
	for (uint32_t port = 0; port < N_PORTS; port++)
		device_drain(&harness->ports[port]);
}

static void check_super(struct harness *harness, struct super super)
{
	super.dst = BROADCAST_MAC;
	assert_no_drop(super_send(harness, &super));
	super_assert_received(&harness->ports[PORT_C], &super);
	device_wait(&harness->ports[PORT_C]);
	super_assert_received_right(&harness->ports[PORT_C], &super);
	/* the other ports' copies of the second, which port C's does not wait for */
	device_wait(&harness->ports[PORT_A]);
	drain_ports(harness);
}

static void merged_frames_come_in_through_the_anchor_whole(void **state)
{
	struct harness *harness = *state;

	add_veth(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		close_the_loop(harness, slot);
		for (size_t i = 0; i < 2 * super_n_kinds(harness); i++) {
			struct super super = super_kinds[i / 2];

			super.tagged = i % 2;
			if (super.tcp)
				super.gso_size = 1300;
			check_super(harness, super);
		}
	}
	device_ip("link del loop0");
}

/* Super-frames take another way in, but no way around the list of peers. */
static void merged_frames_of_a_peer_that_is_not_in_the_segment_are_dropped(void **state)
{
	struct harness *harness = *state;

	add_veth(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		struct super super = super_kinds[0];
		const struct outcome *outcome;
		uint64_t n_dropped;

		super.dst = BROADCAST_MAC;
		close_the_loop(harness, slot);
		tables_remove_member(harness, BLUE_VNI, ends[slot].theirs);
		outcome = super_send(harness, &super);
		n_dropped = outcome->drops[DROP_PEER_NOT_IN_SEGMENT];
		if (!n_dropped)
			n_dropped = harness_await(harness)->drops[DROP_PEER_NOT_IN_SEGMENT];
		assert_int_equal(n_dropped, (super.n + super.gso_size - 1) / super.gso_size);
		super_assert_received(&harness->ports[PORT_C], &super);
		assert_silent(&harness->ports[PORT_C]);
		assert_silent(&harness->ports[PORT_A]);
		drain_ports(harness);
	}
	device_ip("link del loop0");
}

static void unfinished_checksums_come_in_unfinished_or_right(void **state)
{
	struct harness *harness = *state;

	add_veth(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		close_the_loop(harness, slot);
		for (size_t i = 0; i < 2 * N_SUPER_KINDS; i++) {
			struct super super = super_kinds[i / 2];

			super.tagged = i % 2;
			super.gso_size = 0;
			for (super.n = 1; super.n < 1200; super.n += 400)
				check_super(harness, super);
		}
	}
	device_ip("link del loop0");
}

static void check_frame(struct harness *harness, const struct frame *frame)
{
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], frame));
	for (int copy = 0; copy < 2; copy++) {
		device_wait(&harness->ports[PORT_C]);
		assert_received(&harness->ports[PORT_C], frame);
	}
	device_wait(&harness->ports[PORT_A]);
	drain_ports(harness);
}

static void plain_frames_of_every_kind_and_size_come_in_as_they_were(void **state)
{
	struct harness *harness = *state;
	struct layer all = eth(.dst = BROADCAST_MAC);

	add_veth(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		close_the_loop(harness, slot);
		for (size_t n = 0; n < 70; n += 3)
			check_frame(harness, frame(all, payload(n)));
		check_frame(harness, frame(all, arp()));
		check_frame(harness, frame(all, vlan(), arp()));
		check_frame(harness, frame(all, vlan(.tpid = 0x88a8), vlan(), arp()));
		check_frame(harness, frame(all, ip4(), udp(), payload(1300)));
		check_frame(harness, frame(all, vlan(), ip6(), tcp(), payload(1300)));
	}
	device_ip("link del loop0");
}

/* Contents are right, only the work is done early: the kernel cuts what it cannot pass on. */
static void without_an_anchor_merged_frames_come_in_cut_but_complete(void **state)
{
	struct harness *harness = *state;
	struct super super = super_kinds[0];
	size_t header = super_header_bytes(&super), done = 0;
	const struct frame *whole;

	super.dst = BROADCAST_MAC;
	whole = super_frame(&super);
	add_veth(harness);
	close_the_loop(harness, LOOP_4);
	tables_set_anchor(harness, 0);
	assert_no_drop(super_send(harness, &super));
	super_assert_received(&harness->ports[PORT_C], &super);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(merged_frames_come_in_through_the_anchor_whole),
		harness_test(merged_frames_of_a_peer_that_is_not_in_the_segment_are_dropped),
		harness_test(unfinished_checksums_come_in_unfinished_or_right),
		harness_test(plain_frames_of_every_kind_and_size_come_in_as_they_were),
		harness_test(without_an_anchor_merged_frames_come_in_cut_but_complete),
	};

	return harness_main_offloads(tests);
}
