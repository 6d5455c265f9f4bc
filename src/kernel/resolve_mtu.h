/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What did routers say about the MTU of the path to one peer, and for how long
 * is it believed?  RFC 1191 and RFC 8201, as values; no clock, no kernel.
 */
#ifndef OVERLAID_KERNEL_RESOLVE_MTU_H
#define OVERLAID_KERNEL_RESOLVE_MTU_H

#include <stdbool.h>
#include <stdint.h>

#define RESOLVE_MTU_LIFETIME_SECONDS                                                               \
	600u			     /* RFC 1191 section 6.3: try a larger one after ten minutes */
#define RESOLVE_MTU_FLOOR_IPV4 552u  /* as the kernel's min_pmtu: nobody shrinks us to death */
#define RESOLVE_MTU_FLOOR_IPV6 1280u /* RFC 8201 section 4 */

struct resolve_mtu {
	uint32_t mtu; /* 0: nothing was said */
	uint64_t expires_ns;
};

/*
 * A router said "too big"; told is the MTU in its message, 0 from routers
 * older than RFC 1191: then the next plateau below `present`, the path MTU
 * that was in force.  A message that does not lower it is ignored.  True when
 * the path MTU has become smaller.
 */
bool resolve_mtu_tell(struct resolve_mtu *state, bool ipv6, uint32_t told, uint32_t present,
		      uint64_t now_ns);
/* The smaller of mtu and what is still believed. */
uint32_t resolve_mtu_apply(const struct resolve_mtu *state, uint32_t mtu, uint64_t now_ns);

#endif
