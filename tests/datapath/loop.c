/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a frame come in again that this machine enveloped?  See loop.h.
 */
#include "loop.h"

#include <bpf/bpf.h>

#include "test.h"

static const struct {
	const char *ours, *theirs;
	uint32_t like; /* the peer whose envelope it is but for the addresses */
} ends[] = {
	[LOOP_4] = {"198.51.100.2", "198.51.100.1", PEER_4},
	[LOOP_6] = {"2001:db8:9::2", "2001:db8:9::1", PEER_6},
};

bool loop_open_tampered(struct harness *harness, int tamper)
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
	if (tamper >= 0 && !harness_attach_first(tamper, &inward)) {
		device_ip("link del loop0");
		return false;
	}
	harness_attach(harness, FROM_UNDERLAY, &inward);
	return true;
}

void loop_open(struct harness *harness)
{
	loop_open_tampered(harness, -1);
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
void loop_use(struct harness *harness, uint32_t slot)
{
	add_peer(harness, slot);
	tables_set_flood_peers(harness, BLUE, &slot, 1);
	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, SEGMENT_LEARN);
}

void loop_drain(struct harness *harness)
{
	for (uint32_t port = 0; port < N_PORTS; port++)
		device_drain(&harness->ports[port]);
}

void loop_check_super(struct harness *harness, struct super super)
{
	super.dst = BROADCAST_MAC;
	assert_no_drop(super_send(harness, &super));
	super_assert_received(&harness->ports[PORT_C], &super);
	device_wait(&harness->ports[PORT_C]);
	super_assert_received_right(&harness->ports[PORT_C], &super);
	/* the other ports' copies of the second, which port C's does not wait for */
	device_wait(&harness->ports[PORT_A]);
	assert_silent(&harness->ports[PORT_C]);
	loop_drain(harness);
}

/* Segments of a super-frame that were dropped for the reason, whenever the softirq ran. */
uint64_t loop_dropped(struct harness *harness, const struct super *super, enum drop_reason reason)
{
	const struct outcome *outcome = super_send(harness, super);

	if (!outcome->drops[reason])
		outcome = harness_await(harness);
	return outcome->drops[reason];
}

#define SET(reg, value)                                                                            \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), .imm = (value)              \
	}
#define CALL(function)                                                                             \
	{                                                                                          \
		.code = BPF_JMP | BPF_CALL, .imm = (function)                                      \
	}

int loop_tamper_fd(int offset, uint8_t value, uint16_t before, uint16_t after)
{
	struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1},
		{.code = BPF_ST | BPF_MEM | BPF_B, .dst_reg = 10, .off = -8, .imm = value},
		SET(2, offset),
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 3, .imm = -8},
		SET(4, 1),
		SET(5, 0),
		CALL(BPF_FUNC_skb_store_bytes),
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 6},
		SET(2, 24), /* of the checksum of IPv4 */
		SET(3, before),
		SET(4, after),
		SET(5, 2),
		CALL(BPF_FUNC_l3_csum_replace),
		SET(0, TC_ACT_UNSPEC),
		{.code = BPF_JMP | BPF_EXIT},
	};
	size_t n = sizeof(program) / sizeof(program[0]);

	if (before == after) { /* no checksum to mend */
		memmove(program + 8, program + 14, 2 * sizeof(program[0]));
		n -= 6;
	}
	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tamper", "GPL", program, n, NULL);
}

const char *loop_remote(uint32_t slot)
{
	return ends[slot].theirs;
}

void loop_remove(void)
{
	device_ip("link del loop0");
}
