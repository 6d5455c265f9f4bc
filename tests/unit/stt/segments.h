/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do the tests of stt/ send each other?  Frames with true checksums, a
 * cutter that does what a card's TCP segmentation does, and the receiver's
 * steps in their order.
 */
#ifndef OVERLAID_TESTS_STT_SEGMENTS_H
#define OVERLAID_TESTS_STT_SEGMENTS_H

#include "../cases.h"

#include "stt/build.h"
#include "stt/checksum.h"
#include "stt/open.h"
#include "stt/path_tag.h"
#include "stt/reassembly.h"
#include "wire/stt.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#define PORT	     STT_PORT
#define SECOND	     1000000000ull
#define SEGMENTS_MAX 256

struct packet {
	uint8_t bytes[9216];
	size_t n;
};

struct packets {
	size_t n;
	struct packet packets[SEGMENTS_MAX];
};

/* What was given up, by reason. */
struct losses {
	unsigned int by_reason[DROP_REASON_END];
	unsigned int of_source[256]; /* by the address' last byte */
};

static inline void note_loss(void *arg, enum drop_reason reason, const struct table_address *source,
			     uint32_t bytes)
{
	struct losses *losses = arg;

	(void)bytes;
	losses->by_reason[reason]++;
	losses->of_source[source->bytes[15]]++;
}

static inline struct table_address address4(uint8_t last)
{
	return (struct table_address){{[10] = 0xff, 0xff, 192, 0, 2, last}};
}

static inline struct table_address address6(uint8_t last)
{
	return (struct table_address){{0x20, 0x01, 0x0d, 0xb8, [15] = last}};
}

static inline struct stt_reassembly *make_table(uint32_t frames, uint32_t per_peer,
						struct losses *losses)
{
	const struct stt_limits limits = {
		.frames = frames,
		.frames_per_peer = per_peer,
		.timeout_ns = SECOND,
		.buffers = 1,
		.seed = 0x0123456789abcdef,
	};
	struct stt_reassembly *table = NULL;

	memset(losses, 0, sizeof(*losses));
	assert_int_equal(stt_reassembly_new(&limits, note_loss, losses, &table), 0);
	return table;
}

/* One received packet, as the thread treats it; ret_frame->n is 0 while nothing is whole. */
static inline enum drop_reason receive(struct stt_reassembly *table, uint8_t **buffer,
				       const void *bytes, size_t n, uint64_t now_ns,
				       struct stt_span *ret_frame, struct virtio_net_hdr *ret_vnet,
				       uint64_t *ret_context)
{
	struct virtio_net_hdr vnet = {0};
	struct stt_span packet = {.at = *buffer + STT_HEADROOM, .n = n};
	struct stt_segment segment;
	enum drop_reason reason;
	uint8_t ecn;

	memcpy(packet.at, bytes, n);
	ret_frame->n = 0;
	reason = stt_parse(&packet, &vnet, PORT, &segment);
	if (!reason)
		reason = stt_reassembly_add(table, &segment, now_ns, buffer, ret_frame, &ecn);
	if (!reason && ret_frame->n)
		reason = stt_open(ret_frame, ecn, ret_vnet, ret_context);
	return reason;
}

#endif
