/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a VLAN tag put into a frame or taken out of it?  For the files of
 * stt/ alone.  The frame's virtio_net_hdr counts from the frame's start and
 * moves with it.
 */
#ifndef OVERLAID_STT_TAG_H
#define OVERLAID_STT_TAG_H

#include "stt/span.h"

#include <linux/if_ether.h>
#include <linux/virtio_net.h>
#include <string.h>

#define STT_TAG_BYTES 4

static inline void stt_tag_move_vnet(struct virtio_net_hdr *vnet, int by)
{
	if (vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		vnet->csum_start = (uint16_t)(vnet->csum_start + by);
	if (vnet->hdr_len)
		vnet->hdr_len = (uint16_t)(vnet->hdr_len + by);
}

/* The outermost tag goes; there is one. */
static inline void stt_tag_take(struct stt_span *frame, struct virtio_net_hdr *vnet)
{
	memmove(frame->at + STT_TAG_BYTES, frame->at, 2 * ETH_ALEN);
	frame->at += STT_TAG_BYTES;
	frame->n -= STT_TAG_BYTES;
	stt_tag_move_vnet(vnet, -STT_TAG_BYTES);
}

static inline void stt_tag_put(struct stt_span *frame, struct virtio_net_hdr *vnet, uint16_t type,
			       uint16_t tci)
{
	memmove(frame->at - STT_TAG_BYTES, frame->at, 2 * ETH_ALEN);
	frame->at -= STT_TAG_BYTES;
	frame->n += STT_TAG_BYTES;
	span_put16(frame->at + 2 * ETH_ALEN, type);
	span_put16(frame->at + 2 * ETH_ALEN + 2, tci);
	stt_tag_move_vnet(vnet, STT_TAG_BYTES);
}

#endif
