/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a frame that this very machine enveloped come in again as it was?  See
 * loop.h; what must not get in is in test_merged.c.
 */
#include "loop.h"
#include "super.h"
#include "test.h"

static void merged_frames_come_in_through_the_anchor_whole(void **state)
{
	struct harness *harness = *state;

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		loop_use(harness, slot);
		for (size_t i = 0; i < 2 * super_n_kinds(harness); i++) {
			struct super super = super_kinds[i / 2];

			super.tagged = i % 2;
			if (super.tcp)
				super.gso_size = 1300;
			loop_check_super(harness, super);
		}
	}
	loop_remove();
}

static void unfinished_checksums_come_in_unfinished_or_right(void **state)
{
	struct harness *harness = *state;

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		loop_use(harness, slot);
		for (size_t i = 0; i < 2 * N_SUPER_KINDS; i++) {
			struct super super = super_kinds[i / 2];

			super.tagged = i % 2;
			super.gso_size = 0;
			for (super.n = 1; super.n < 1200; super.n += 400)
				loop_check_super(harness, super);
		}
	}
	loop_remove();
}

static void check_frame(struct harness *harness, const struct frame *frame)
{
	assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A], frame));
	for (int copy = 0; copy < 2; copy++) {
		device_wait(&harness->ports[PORT_C]);
		assert_received(&harness->ports[PORT_C], frame);
	}
	device_wait(&harness->ports[PORT_A]);
	assert_silent(&harness->ports[PORT_C]);
	loop_drain(harness);
}

static void plain_frames_of_every_kind_and_size_come_in_as_they_were(void **state)
{
	struct harness *harness = *state;
	struct layer all = eth(.dst = BROADCAST_MAC);

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++) {
		loop_use(harness, slot);
		for (size_t n = 0; n < 70; n += 3)
			check_frame(harness, frame(all, payload(n)));
		check_frame(harness, frame(all, arp()));
		check_frame(harness, frame(all, vlan(), arp()));
		check_frame(harness, frame(all, vlan(.tpid = 0x88a8), vlan(), arp()));
		check_frame(harness, frame(all, ip4(), udp(), payload(1300)));
		check_frame(harness, frame(all, vlan(), ip6(), tcp(), payload(1300)));
	}
	loop_remove();
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
	loop_open(harness);
	loop_use(harness, LOOP_4);
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
	loop_remove();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(merged_frames_come_in_through_the_anchor_whole),
		harness_test(unfinished_checksums_come_in_unfinished_or_right),
		harness_test(plain_frames_of_every_kind_and_size_come_in_as_they_were),
		harness_test(without_an_anchor_merged_frames_come_in_cut_but_complete),
	};

	return harness_main_offloads(tests);
}
