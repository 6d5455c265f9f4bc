/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of congestion marks?  RFC 6040 section 4.2, figure 4.
 */
#ifndef OVERLAID_STT_CONGESTION_H
#define OVERLAID_STT_CONGESTION_H

#include "abi/drop.h"
#include "stt/span.h"

#define STT_ECN_MASK	3
#define STT_ECN_NOT_ECT 0
#define STT_ECN_ECT1	1
#define STT_ECN_ECT0	2
#define STT_ECN_CE	3

/* Carries the outer packet's mark into the frame.  DROP_NONE, or DROP_ECN_CE_ON_NOT_ECT. */
enum drop_reason stt_merge_ecn(struct stt_span *frame, uint8_t outer);

#endif
