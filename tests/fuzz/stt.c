/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does any sequence of packets upset STT's receiver?  An input is packets,
 * each with four bytes before it: its length (big-endian), what its device
 * says of it, and how much time has passed.
 *
 * What must hold: a frame that comes out lies in the buffer, what is said of
 * it lies in the frame, and no buffer is lost.
 */
#include "fuzz.h"

#include "stt/open.h"
#include "stt/parse.h"
#include "stt/path_tag.h"
#include "stt/reassembly.h"
#include "wire/stt.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES	      4
#define PER_PEER      2
#define PREFIX	      4
#define VALID_BIT     0x01
#define LEFT_BIT      0x02 /* the checksum is left to a device, which it almost always is */
#define TIME_UNIT_NS  100000000ull
#define CHECKSUM_AT   16
#define IP4_L4_OFFSET 34

static unsigned int n_lost;

static void note_loss(void *arg, enum drop_reason reason, const struct table_address *source,
		      uint32_t bytes)
{
	if (reason != DROP_REASSEMBLY_TIMEOUT && reason != DROP_STT_TOO_MANY_FRAMES)
		abort();
	n_lost++;
}

static void assert_frame(const struct stt_span *frame, const struct virtio_net_hdr *vnet,
			 const uint8_t *buffer)
{
	if (frame->at < buffer || frame->at + frame->n > buffer + STT_BUFFER_BYTES || frame->n < 14)
		abort();
	if (vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
	    (size_t)vnet->csum_start + vnet->csum_offset + 2 > frame->n)
		abort();
	if (vnet->gso_type && (!vnet->gso_size || vnet->hdr_len >= frame->n))
		abort();
}

static void try_packet(struct stt_reassembly *table, uint8_t **buffer, const uint8_t *bytes,
		       size_t n, uint8_t flags, uint64_t now_ns)
{
	struct stt_span packet = {.at = *buffer + STT_HEADROOM, .n = n}, frame;
	struct virtio_net_hdr vnet = {0};
	struct stt_segment segment;
	uint64_t context;
	uint8_t ecn;

	memcpy(packet.at, bytes, n);
	if (flags & VALID_BIT)
		vnet.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	if (flags & LEFT_BIT) {
		vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vnet.csum_start = IP4_L4_OFFSET;
		vnet.csum_offset = CHECKSUM_AT;
	}
	if (stt_parse(&packet, &vnet, STT_PORT, &segment) ||
	    stt_reassembly_add(table, &segment, now_ns, buffer, &frame, &ecn) || !frame.n)
		return;
	if (stt_open(&frame, ecn, &vnet, &context))
		return;
	assert_frame(&frame, &vnet, *buffer);
	stt_path_put(&frame, &vnet, 1);
	assert_frame(&frame, &vnet, *buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct stt_limits limits = {
		.frames = FRAMES,
		.frames_per_peer = PER_PEER,
		.timeout_ns = 10 * TIME_UNIT_NS,
		.buffers = 1,
	};
	struct stt_reassembly *table;
	uint64_t now_ns = 0;
	uint8_t *buffer;

	if (stt_reassembly_new(&limits, note_loss, NULL, &table) < 0)
		return 0;
	buffer = stt_buffer_take(table);
	while (size > PREFIX) {
		size_t n = span_get16(data);
		uint8_t flags = data[2];

		now_ns += data[3] * TIME_UNIT_NS;
		stt_reassembly_expire(table, now_ns);
		data += PREFIX;
		size -= PREFIX;
		n = n < size ? n : size;
		try_packet(table, &buffer, data, n, flags, now_ns);
		data += n;
		size -= n;
	}
	stt_reassembly_expire(table, UINT64_MAX / 2);
	if (stt_reassembly_count(table) || stt_buffer_take(table))
		abort();
	stt_reassembly_free(table);
	return 0;
}
