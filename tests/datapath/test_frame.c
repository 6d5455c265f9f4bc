/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the tests' own tools to be believed?  Frames against bytes that were
 * made elsewhere (tests/vectors), wrong sums, and the harness's refusals.
 */
#include "test.h"

static const char arp_vector[] =
	"02aa0000000202aa0000000108004500004e000040004011b69bc0000201c0000202c0a912b5003a0000"
	"0800000000138900ffffffffffff02bb000000010806000108000604000102bb000000010a010001"
	"0000000000000a010002";

static void composed_layers_are_the_bytes_of_a_foreign_frame(void **state)
{
	const struct frame *composed =
		frame(eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC),
		      ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_DF),
		      udp(.sport = 0xc0a9, .dport = 4789, .checksum = CHECKSUM_ZERO), vxlan(),
		      eth(.dst = BROADCAST_MAC), arp());

	(void)state;
	assert_frame(composed, frame_from_hex(arp_vector));
}

static void composed_checksums_are_right_and_a_flipped_bit_is_seen(void **state)
{
	static const uint8_t flipped = 0x55;
	const struct frame *frames[] = {
		frame(eth(), ip4(), udp(), payload(31)),
		frame(eth(), ip4(), tcp(), payload(30)),
		frame(eth(), ip4(.option_bytes = 8), icmp4(), payload(1)),
		frame(eth(), vlan(), ip6(), udp(), payload(2)),
		frame(eth(), vlan(.tpid = 0x88a8), vlan(), ip6(), tcp(), payload(3)),
		frame(eth(), ip6(), icmp6(), payload(4)),
		frame(eth(), ip6(), udp(.dport = 4789), vxlan(), eth(), ip4(), tcp(), payload(9)),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		assert_true(frame_checksums_right(frames[i]));
		assert_false(frame_checksums_right(
			frame_patch(frames[i], frames[i]->length - 1, &flipped, 1)));
	}
}

static void frames_can_be_cut_patched_and_joined(void **state)
{
	const struct frame *whole = frame(eth(), payload(20));
	const struct frame *joined =
		frame_join(frame_part(whole, 0, 14), frame_part(whole, 14, FRAME_END));

	(void)state;
	assert_true(frame_equal(whole, joined));
	assert_false(frame_equal(whole, frame_part(whole, 0, 33)));
	assert_false(frame_equal(whole, frame_patch(whole, 33, "", 1)));
}

/* vector vxlan-v4-trunc-eth: no program ever sees such a frame. */
static void the_kernel_refuses_a_frame_without_an_ethernet_header(void **state)
{
	struct harness *harness = *state;
	struct __sk_buff context = {.ifindex = (uint32_t)harness->underlay.ifindex};
	const struct frame *whole = frame(eth(), payload(0));

	assert_int_equal(
		harness_run_context(harness, FROM_UNDERLAY, context, frame_part(whole, 0, 13)),
		-EINVAL);
	assert_int_equal(harness_run_context(harness, FROM_UNDERLAY, context, whole), 0);
	assert_int_equal(device_send(&harness->underlay, frame_part(whole, 0, 13)), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(composed_layers_are_the_bytes_of_a_foreign_frame),
		harness_test(composed_checksums_are_right_and_a_flipped_bit_is_seen),
		harness_test(frames_can_be_cut_patched_and_joined),
		harness_test(the_kernel_refuses_a_frame_without_an_ethernet_header),
	};

	return harness_main(tests);
}
