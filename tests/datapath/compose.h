/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do frame.c, compose.c and checksum.c share?  Nothing for tests: they
 * include frame.h.
 */
#ifndef OVERLAID_TESTS_COMPOSE_H
#define OVERLAID_TESTS_COMPOSE_H

#include "frame.h"

/* A frame of the arena, bytes not set. */
struct frame *frame_allocate(size_t length);
void frame_give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* One's complement sum of a pseudo header; version is 4 or 6, ip its header. */
uint32_t checksum_pseudo(int version, const uint8_t *ip, uint8_t protocol, size_t length);

static inline void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
	put_u16(at, (uint16_t)(value >> 16));
	put_u16(at + 2, (uint16_t)value);
}

#endif
