/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tags before a frame, put and taken by moving the MAC addresses alone.
 */
#include "stt/path_tag.h"

#include "stt/tag.h"

#include <linux/if_ether.h>

uint16_t stt_path_take(struct stt_span *frame, struct virtio_net_hdr *vnet)
{
	uint16_t path;

	if (frame->n < ETH_HLEN + STT_TAG_BYTES ||
	    span_get16(frame->at + 2 * ETH_ALEN) != ETH_P_8021AD)
		return 0;
	path = span_get16(frame->at + 2 * ETH_ALEN + 2);
	stt_tag_take(frame, vnet);
	return path;
}

void stt_path_put(struct stt_span *frame, struct virtio_net_hdr *vnet, uint16_t path)
{
	stt_tag_put(frame, vnet, ETH_P_8021AD, path);
}
