/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in a whole STT frame?  The inner Ethernet frame as a VM's device
 * wants it: VLAN tag in its place, congestion marks merged, and a
 * virtio_net_hdr that says what is left to do.
 */
#ifndef OVERLAID_STT_OPEN_H
#define OVERLAID_STT_OPEN_H

#include "abi/drop.h"
#include "stt/span.h"

#include <linux/virtio_net.h>

/* Below this a super-frame would burst into thousands of segments. */
#define STT_MSS_MIN 48

/*
 * frame: the STT frame from its header on; becomes the inner frame.  The
 * header's bytes before it are free then, so stt_path_put finds room.  ecn: of
 * the outer packets, CE if any had it.
 */
enum drop_reason stt_open(struct stt_span *frame, uint8_t ecn, struct virtio_net_hdr *ret_vnet,
			  uint64_t *ret_context);

#endif
