/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do the rules hold for super-frames, which take another way in?  The kernel's
 * receiver strips them on the anchor; whom they come from, what congestion they
 * met, reserved bits and missing checksums must count there as they do for
 * single frames.
 */
#include <arpa/inet.h>

#include "loop.h"
#include "super.h"
#include "test.h"

static void merged_frames_of_a_peer_that_is_not_in_the_segment_are_dropped(void **state)
{
	struct harness *harness = *state;

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		struct super super = super_kinds[0];

		super.dst = BROADCAST_MAC;
		loop_use(harness, slot);
		tables_remove_member(harness, BLUE_VNI, loop_remote(slot));
		assert_int_equal(loop_dropped(harness, &super, DROP_PEER_NOT_IN_SEGMENT), 8);
		super_assert_received(&harness->ports[PORT_C], &super);
		assert_silent(&harness->ports[PORT_C]);
		assert_silent(&harness->ports[PORT_A]);
		loop_drain(harness);
	}
	loop_remove();
}

/* Frames of the loop meet congestion on the way. */
static bool add_congested_veth(struct harness *harness, uint32_t slot)
{
	if (slot == LOOP_4)
		return loop_open_tampered(harness,
					  loop_tamper_fd(15, 3, htons(0x4502), htons(0x4503)));
	return loop_open_tampered(harness, loop_tamper_fd(15, 0x30, 0, 0));
}

static void skip_without_two_programs(void)
{
	print_message("skipped: this kernel has one program per device (6.6)\n");
	skip();
}

static void congestion_is_passed_on_to_merged_frames(void **state)
{
	struct harness *harness = *state;

	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		struct super super = super_kinds[0], marked;

		super.dst = BROADCAST_MAC;
		super.tos = 2; /* ECT(0) */
		marked = super;
		marked.tos = 3;
		if (!add_congested_veth(harness, slot))
			skip_without_two_programs();
		loop_use(harness, slot);
		assert_no_drop(super_send(harness, &super));
		super_assert_received(&harness->ports[PORT_C], &super);
		device_wait(&harness->ports[PORT_C]);
		super_assert_received(&harness->ports[PORT_C], &marked);
		device_wait(&harness->ports[PORT_A]);
		loop_drain(harness);
	}
	loop_remove();
}

static void merged_frames_that_met_congestion_and_speak_no_ecn_are_dropped_by_name(void **state)
{
	struct harness *harness = *state;

	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		struct super super = super_kinds[0];
		int tamper = slot == LOOP_4 ? loop_tamper_fd(15, 3, htons(0x4500), htons(0x4503)) :
					      loop_tamper_fd(15, 0x30, 0, 0);

		super.dst = BROADCAST_MAC;
		if (!loop_open_tampered(harness, tamper))
			skip_without_two_programs();
		loop_use(harness, slot);
		assert_int_equal(loop_dropped(harness, &super, DROP_ECN_CE_ON_NOT_ECT), 8);
		super_assert_received(&harness->ports[PORT_C], &super);
		assert_silent(&harness->ports[PORT_C]);
		loop_drain(harness);
	}
	loop_remove();
}

/* RFC 7348: ignored on receipt.  The kernel's own receiver would drop the frame. */
static void reserved_bits_of_merged_frames_are_ignored_unless_strict(void **state)
{
	struct harness *harness = *state;

	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		struct super super = super_kinds[0];
		int vxlan_at = slot == LOOP_4 ? 42 : 62;

		super.dst = BROADCAST_MAC;
		for (int i = 1; i < 8; i += i == 3 ? 4 : 1) { /* all but the flags and the VNI */
			if (!loop_open_tampered(harness, loop_tamper_fd(vxlan_at + i, 0xff, 0, 0)))
				skip_without_two_programs();
			tables_set_settings(harness, 0);
			loop_use(harness, slot);
			loop_check_super(harness, super);
			tables_set_settings(harness, SETTING_STRICT_RESERVED);
			assert_int_equal(loop_dropped(harness, &super, DROP_RESERVED_BITS), 8);
			loop_drain(harness);
		}
	}
	loop_remove();
}

static void merged_frames_without_a_checksum_over_ipv6_need_the_peer_s_flag(void **state)
{
	struct harness *harness = *state;
	struct super super = super_kinds[0];
	struct table_peer peer;

	super.dst = BROADCAST_MAC;
	loop_open(harness);
	loop_use(harness, LOOP_6);
	peer = tables_peer(harness, LOOP_6);
	peer.flags &= (uint16_t)~PEER_ZERO_CHECKSUM6;
	tables_set_peer(harness, LOOP_6, peer);
	assert_int_equal(loop_dropped(harness, &super, DROP_ZERO_UDP_CHECKSUM6), 8);
	super_assert_received(&harness->ports[PORT_C], &super);
	assert_silent(&harness->ports[PORT_C]);
	loop_drain(harness);
	loop_remove();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(merged_frames_of_a_peer_that_is_not_in_the_segment_are_dropped),
		harness_test(congestion_is_passed_on_to_merged_frames),
		harness_test(
			merged_frames_that_met_congestion_and_speak_no_ecn_are_dropped_by_name),
		harness_test(reserved_bits_of_merged_frames_are_ignored_unless_strict),
		harness_test(merged_frames_without_a_checksum_over_ipv6_need_the_peer_s_flag),
	};

	return harness_main_offloads(tests);
}
