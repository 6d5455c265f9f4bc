/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a VM with offloads hand to its NIC?  See super.h.
 */
#include "super.h"

#include "test.h"

#define GSO_UDP 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, Linux 6.2 */

const struct super super_kinds[N_SUPER_KINDS] = {
	{.ipv4 = true, .tcp = true, .gso_size = 1390, .n = 10000, .fragment = FRAGMENT_DF},
	{.ipv4 = false, .tcp = true, .gso_size = 1370, .n = 10000},
	{.ipv4 = true, .tcp = false, .gso_size = 1000, .n = 5500, .fragment = FRAGMENT_DF},
	{.ipv4 = false, .tcp = false, .gso_size = 1000, .n = 5500},
};

size_t super_n_kinds(const struct harness *harness)
{
	return harness->ports[PORT_A].udp_offload ? N_SUPER_KINDS : 2;
}

size_t super_l4_offset(const struct super *super)
{
	return 14u + (super->tagged ? 4 : 0) + (super->ipv4 ? 20 : 40);
}

size_t super_header_bytes(const struct super *super)
{
	return super_l4_offset(super) + (super->tcp ? 20u + super->tcp_options : 8u);
}

const struct frame *super_frame(const struct super *super)
{
	const char *dst = super->dst ?: VM_B_MAC;
	struct layer l2 = eth(.dst = dst), tag = vlan(), data = payload(super->n);
	struct layer l3 = super->ipv4 ?
				  ip4(.id = 500, .fragment = super->fragment, .tos = super->tos) :
				  ip6(.tos = super->tos);
	struct layer l4 =
		super->tcp ? tcp(.seq = 1000, .tcp_flags = 0x18, .option_bytes = super->tcp_options,
				 .checksum = CHECKSUM_PSEUDO) :
			     udp(.checksum = CHECKSUM_PSEUDO);

	return super->tagged ? frame(l2, tag, l3, l4, data) : frame(l2, l3, l4, data);
}

struct offload super_offload(const struct super *super)
{
	struct offload offload = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)super_l4_offset(super),
		.csum_offset = super->tcp ? 16 : 6,
	};

	if (!super->gso_size)
		return offload;
	offload.gso_size = super->gso_size;
	offload.header_bytes = (uint16_t)super_header_bytes(super);
	if (!super->tcp)
		offload.gso_type = GSO_UDP;
	else
		offload.gso_type =
			super->ipv4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	return offload;
}

const struct outcome *super_send(struct harness *harness, const struct super *super)
{
	struct offload offload = super_offload(super);

	return harness_deliver_offloaded(harness, &harness->ports[PORT_A], super_frame(super),
					 &offload);
}

static void assert_unfinished(const struct super *super, const struct frame *received,
			      const struct offload *offload)
{
	struct offload expected = super_offload(super);

	assert_frame(received, super_frame(super));
	assert_int_equal(offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(offload->gso_type, expected.gso_type);
	assert_int_equal(offload->gso_size, expected.gso_size);
	assert_int_equal(offload->csum_start, expected.csum_start);
	assert_int_equal(offload->csum_offset, expected.csum_offset);
}

void super_assert_received(const struct device *device, const struct super *super)
{
	struct offload offload;
	const struct frame *received = device_receive_offloaded(device, &offload);

	assert_unfinished(super, received, &offload);
}

void super_assert_received_right(const struct device *device, const struct super *super)
{
	struct offload offload;
	const struct frame *received = device_receive_offloaded(device, &offload);
	size_t sum_at = super_l4_offset(super) + (super->tcp ? 16 : 6);

	if (!received || super->gso_size || offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		assert_unfinished(super, received, &offload);
		return;
	}
	assert_true(frame_checksums_right(received));
	assert_frame(frame_patch(received, sum_at, super_frame(super)->bytes + sum_at, 2),
		     super_frame(super));
}

/* One frame on the wire: the envelope of the peer around segment number i of the super-frame. */
static size_t check_segment(const struct frame *wire, uint32_t peer, size_t outer,
			    const struct super *super, size_t i, size_t done, size_t most,
			    struct envelope envelope)
{
	size_t header = super_header_bytes(super), l4 = super_l4_offset(super);
	const struct frame *inner, *whole = super_frame(super);
	size_t n;

	assert_non_null(wire);
	assert_true(wire->length > outer + header);
	inner = frame_part(wire, outer, FRAME_END);
	envelope.sequence += (uint32_t)i;
	envelope_assert(wire, peer, inner, envelope, __FILE__, __LINE__);
	assert_true(frame_checksums_right(inner));
	n = inner->length - header;
	assert_in_range(n, 1, most);
	assert_true(done + n <= super->n);
	assert_memory_equal(inner->bytes + header, whole->bytes + header + done, n);
	assert_memory_equal(inner->bytes, whole->bytes, l4 - (super->ipv4 ? 20 : 40));
	if (super->ipv4)
		assert_int_equal(frame_u16(inner, l4 - 20 + 4), 500 + i);
	if (super->tcp) {
		bool last = done + n == super->n;

		assert_int_equal(frame_u32(inner, l4 + 4), 1000 + done);
		assert_int_equal(inner->bytes[l4 + 13], last ? 0x18 : 0x10);
	}
	return n;
}

/* The outer headers of one super-frame's segments differ in IP ID only: one flow, one path. */
static void check_outer(const struct frame *first, const struct frame *wire, uint32_t peer,
			size_t i, bool has_port)
{
	assert_true(wire->length <= UNDERLAY_MTU + 14);
	if (has_port)
		assert_int_equal(envelope_source_port(wire), envelope_source_port(first));
	if (peer == PEER_6)
		assert_int_equal(frame_u32(wire, 14), frame_u32(first, 14));
	else
		assert_int_equal(frame_u16(wire, 18), (uint16_t)(frame_u16(first, 18) + i));
}

size_t super_check_wire(struct harness *harness, uint32_t peer, const struct super *super,
			size_t most, const struct envelope *envelope)
{
	bool has_port = envelope->kind == ENCAP_VXLAN || envelope->kind == ENCAP_GENEVE;
	size_t outer = 14u + tables_peer(harness, peer).header_bytes, done = 0, i = 0;
	const struct frame *first = NULL;

	for (; done < super->n; i++) {
		const struct frame *wire;

		device_wait(&harness->underlay);
		wire = device_receive(&harness->underlay);
		done += check_segment(wire, peer, outer, super, i, done, most, *envelope);
		first = first ?: wire;
		check_outer(first, wire, peer, i, has_port);
	}
	assert_silent(&harness->underlay);
	return i;
}
