/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that the functions of stt/ pass on: a frame or packet in a buffer
 * with room before it, so that headers come and go without a copy.
 */
#ifndef OVERLAID_STT_SPAN_H
#define OVERLAID_STT_SPAN_H

#include <stddef.h>
#include <stdint.h>

struct stt_span {
	uint8_t *at;
	size_t n;
};

/* Before a frame that is to be sent: Ethernet, IPv6, segment and frame header are 92 bytes. */
#define STT_HEADROOM 128
/* A frame of the largest STT length with all outer headers and both tags. */
#define STT_BUFFER_BYTES (STT_HEADROOM + 65536 + 256)

/* The largest inner frame that is sent: one IPv4 packet before the kernel cuts it. */
#define STT_INNER_MAX 65477

static inline uint16_t span_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void span_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

#endif
