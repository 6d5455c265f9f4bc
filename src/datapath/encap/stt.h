/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STT's bytes (draft-davie-stt-08): none are stamped here.  Frames go plain to
 * the tap behind which STT is spoken, because a header in front of a
 * super-frame would have to move the place where its checksum starts.
 */
#ifndef OVERLAID_DATAPATH_ENCAP_STT_H
#define OVERLAID_DATAPATH_ENCAP_STT_H

#include "datapath/frame_tc.h"

#define STT_TUNNEL_BYTES 0
#define STT_HAS_REST	 0
#define STT_GROW	 0
#define STT_STAMP	 stt_stamp

__step void stt_stamp(void *tunnel, __u32 vni, __u32 hash, __u32 length)
{
}

#endif
