/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much moved since the last look?  Keeps the last counters of every port,
 * segment, peer and drop, and turns the next ones into rates.
 */
#ifndef OVERLAID_API_RATES_H
#define OVERLAID_API_RATES_H

#include "api/request.h"

struct rates;

/*
 * Reads all counters at now_usec (any clock that does not jump).  The first
 * call makes *rates and gives *ret = NULL; later ones give a new reference to
 * {"seconds", "ports", "segments", "peers", "drops"}, with what stood still
 * left out.  0 or -ENOMEM.
 */
int rates_step(struct rates **rates, const struct service *service, uint64_t now_usec,
	       json_t **ret);
void rates_free(struct rates *rates);

#endif
