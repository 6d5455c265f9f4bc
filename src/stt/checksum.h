/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One's complement sums (RFC 1071).  Sums are of 16-bit words as they stand in
 * memory, so a folded one can be stored as it is.
 */
#ifndef OVERLAID_STT_CHECKSUM_H
#define OVERLAID_STT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Adds n bytes to sum; an odd end is padded with zero, so only the last piece may be odd. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t n);
/* Not complemented. */
uint16_t checksum_fold(uint64_t sum);

/* RFC 9293 section 3.1, RFC 8200 section 8.1; addresses: 2 * 4 or 2 * 16 bytes, in any order. */
uint64_t checksum_pseudo(const void *addresses, size_t n, uint32_t l4_bytes, uint8_t protocol);

#endif
