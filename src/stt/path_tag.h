/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do datapath and daemon tell each other a frame's segment and peer?  By
 * an 802.1ad tag before all others, whose 16 bits are an index into the map
 * `stt_paths` (abi/table.h).  A packet without one comes from the underlay, or
 * goes there.
 */
#ifndef OVERLAID_STT_PATH_TAG_H
#define OVERLAID_STT_PATH_TAG_H

#include "stt/span.h"

#include <linux/virtio_net.h>

/* Takes the tag off and returns what it says; 0: there is none, the frame is as it was. */
uint16_t stt_path_take(struct stt_span *frame, struct virtio_net_hdr *vnet);
/* Four bytes before the frame are overwritten. */
void stt_path_put(struct stt_span *frame, struct virtio_net_hdr *vnet, uint16_t path);

#endif
