/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a frame that this machine enveloped come in again in every envelope,
 * where the kernel has no device of the kind?  Super-frames arrive uncut, with
 * the kernel's marks of a tunnel, and are stripped here: what reaches the port
 * is complete, in one piece or in several.
 */
#include "kinds.h"
#include "loop.h"
#include "super.h"
#include "test.h"

/* From now on the loop's peer of this family speaks the kind, and there is no anchor. */
static void use(struct harness *harness, uint32_t slot, const struct spoken *kind)
{
	spoken_set(harness, slot == LOOP_4 ? PEER_4 : PEER_6, kind);
	tables_set_settings(harness, 0);
	tables_set_anchor(harness, 0);
	loop_use(harness, slot);
	tables_set_accepts(harness, slot, 1u << kind->envelope.kind);
}

/* One piece of the stream from byte `done` on; returns how many it has. */
static size_t check_piece(const struct super *super, const struct frame *whole, size_t done,
			  const struct frame *piece, const struct offload *offload)
{
	size_t header = super_header_bytes(super), l4 = super_l4_offset(super), n;

	assert_non_null(piece);
	assert_true(piece->length > header);
	n = piece->length - header;
	assert_true(done + n <= super->n);
	assert_memory_equal(piece->bytes, whole->bytes, super->tagged ? 18 : 14);
	assert_memory_equal(piece->bytes + header, whole->bytes + header + done, n);
	if (super->tcp)
		assert_int_equal(frame_u32(piece, l4 + 4), 1000 + done);
	if (!(offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		assert_true(frame_checksums_right(piece));
	else
		assert_int_equal(offload->csum_start, l4);
	return n;
}

static void check_super(struct harness *harness, struct super super)
{
	const struct device *port = &harness->ports[PORT_C];
	const struct frame *whole, *piece;
	struct offload offload;

	super.dst = BROADCAST_MAC;
	whole = super_frame(&super);
	assert_no_drop(super_send(harness, &super));
	super_assert_received(port, &super);
	for (size_t done = 0; done < super.n;) {
		device_wait(port);
		piece = device_receive_offloaded(port, &offload);
		done += check_piece(&super, whole, done, piece, &offload);
	}
	device_wait(&harness->ports[PORT_A]);
	assert_silent(port);
	loop_drain(harness);
}

/*
 * The kernel takes UDP in a stripped UDP tunnel for the tunnel and cuts it
 * wrongly, until DECAP_L4: such super-frames need the device of the kind.
 */
static bool is_cut_wrongly(const struct spoken *kind, const struct super *super)
{
	return !super->tcp &&
	       (kind->envelope.kind == ENCAP_VXLAN || kind->envelope.kind == ENCAP_GENEVE);
}

/* With checksum or sequence number super-frames are cut before they leave (test_kinds_offload.c). */
static void check_kind(struct harness *harness, uint32_t slot, const struct spoken *kind)
{
	use(harness, slot, kind);
	for (size_t k = 0; k < 2 * super_n_kinds(harness); k++) {
		struct super super = super_kinds[k / 2];

		super.tagged = k % 2;
		if (super.tagged && kind->envelope.kind == ENCAP_NVGRE)
			continue;
		if (is_cut_wrongly(kind, &super))
			continue;
		if (super.tcp) /* fits the path in the longest envelope */
			super.gso_size = 1000;
		check_super(harness, super);
	}
}

static void super_frames_come_in_complete_in_every_envelope(void **state)
{
	struct harness *harness = *state;

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++)
		for (size_t i = 0; i < N_SPOKEN; i++)
			if (!spoken[i].needs_cutter)
				check_kind(harness, slot, &spoken[i]);
	loop_remove();
}

static void unfinished_checksums_come_in_right_in_every_envelope(void **state)
{
	struct harness *harness = *state;

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++)
		for (size_t i = 0; i < N_SPOKEN; i++)
			for (size_t k = 0; k < 2 * N_SUPER_KINDS; k++) {
				struct super one = super_kinds[k / 2];

				one.tagged = k % 2;
				one.gso_size = 0;
				one.n = 300 + k;
				if (one.tagged && spoken[i].envelope.kind == ENCAP_NVGRE)
					continue;
				use(harness, slot, &spoken[i]);
				loop_check_super(harness, one);
			}
	loop_remove();
}

static void plain_frames_come_in_as_they_were_in_every_envelope(void **state)
{
	struct harness *harness = *state;
	struct layer all = eth(.dst = BROADCAST_MAC);
	const struct frame *frames[] = {
		frame(all, arp()),
		frame(all, payload(46)),
		frame(all, ip4(), udp(), payload(1100)),
		frame(all, ip6(), icmp6(), payload(33)),
		frame(all, vlan(), ip6(), tcp(), payload(1100)),
	};

	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++)
		for (size_t i = 0; i < N_SPOKEN; i++)
			for (size_t k = 0; k < sizeof(frames) / sizeof(frames[0]); k++) {
				if (k == 4 && spoken[i].envelope.kind == ENCAP_NVGRE)
					continue;
				use(harness, slot, &spoken[i]);
				assert_no_drop(harness_deliver(harness, &harness->ports[PORT_A],
							       frames[k]));
				for (int copy = 0; copy < 2; copy++) {
					device_wait(&harness->ports[PORT_C]);
					assert_received(&harness->ports[PORT_C], frames[k]);
				}
				device_wait(&harness->ports[PORT_A]);
				loop_drain(harness);
			}
	loop_remove();
}

/* The same rules as for single frames: of super-frames each segment counts. */
static void super_frames_that_may_not_come_in_are_dropped_by_name(void **state)
{
	static const size_t kinds[] = {SPOKEN_GENEVE_OPTIONS, SPOKEN_NVGRE, SPOKEN_GRE};
	struct harness *harness = *state;
	struct super super = super_kinds[0];

	super.dst = BROADCAST_MAC;
	loop_open(harness);
	for (uint32_t slot = LOOP_4; slot <= LOOP_6; slot++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			use(harness, slot, &spoken[kinds[i]]);
			tables_set_accepts(harness, slot, 1u << ENCAP_VXLAN);
			assert_int_equal(
				loop_dropped(harness, &super, DROP_WRONG_ENCAPSULATION) > 7, true);
			loop_drain(harness);
			use(harness, slot, &spoken[kinds[i]]);
			tables_remove_member(harness, BLUE_VNI, loop_remote(slot));
			assert_int_equal(
				loop_dropped(harness, &super, DROP_PEER_NOT_IN_SEGMENT) > 7, true);
			super_assert_received(&harness->ports[PORT_C], &super);
			assert_silent(&harness->ports[PORT_C]);
			loop_drain(harness);
		}
	loop_remove();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(super_frames_come_in_complete_in_every_envelope),
		harness_test(unfinished_checksums_come_in_right_in_every_envelope),
		harness_test(plain_frames_come_in_as_they_were_in_every_envelope),
		harness_test(super_frames_that_may_not_come_in_are_dropped_by_name),
	};

	return harness_main_offloads(tests);
}
