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
