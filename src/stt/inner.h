/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is the inner frame?  As much as STT has to know of it: where its IP
 * header is behind any tags, its congestion bits, and which flow it is of.
 */
#ifndef OVERLAID_STT_INNER_H
#define OVERLAID_STT_INNER_H

#include <stdint.h>

#include "stt/span.h"

struct stt_inner {
	uint8_t ip_version; /* 4, 6, or 0: not IP, or its header is not whole */
	uint8_t tos;	    /* IPv4 TOS or IPv6 traffic class */
	uint8_t protocol;   /* IPv4 protocol or IPv6 next header */
	uint16_t l3_offset;
	uint16_t l4_offset; /* behind the IP header without IPv6 extensions */
	uint32_t flow;	    /* the same for every frame of a flow */
};

/* frame->n >= 14. */
void stt_inner_read(const struct stt_span *frame, struct stt_inner *ret);

#endif
