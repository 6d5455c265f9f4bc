/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What did routers say about the MTU of the path to one peer?
 */
#include "kernel/resolve_mtu.h"

#include <stddef.h>

/* RFC 1191 section 7.1, without those below our floors. */
static const uint32_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 0};

static uint32_t plateau_below(uint32_t mtu)
{
	size_t i = 0;

	while (plateaus[i] >= mtu && plateaus[i] != 0)
		i++;
	return plateaus[i];
}

bool resolve_mtu_tell(struct resolve_mtu *state, bool ipv6, uint32_t told, uint32_t present,
		      uint64_t now_ns)
{
	uint32_t floor = ipv6 ? RESOLVE_MTU_FLOOR_IPV6 : RESOLVE_MTU_FLOOR_IPV4;
	uint32_t mtu = told ? told : plateau_below(present);

	/* RFC 8201: a message below 1280 is not to be believed at all */
	if (ipv6 && told && told < floor)
		return false;
	if (mtu < floor)
		mtu = floor;
	if (mtu >= present)
		return false;
	state->mtu = mtu;
	state->expires_ns = now_ns + RESOLVE_MTU_LIFETIME_SECONDS * 1000000000ull;
	return true;
}

uint32_t resolve_mtu_apply(const struct resolve_mtu *state, uint32_t mtu, uint64_t now_ns)
{
	if (state->mtu == 0 || now_ns >= state->expires_ns || state->mtu >= mtu)
		return mtu;
	return state->mtu;
}
