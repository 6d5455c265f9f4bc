/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation on a peer do?  Finds the way to it and writes its
 * record; which segments it is in follows in apply_settle.c.
 */
#include "base/problem.h"
#include "kernel/apply_object.h"
#include "kernel/resolve.h"

#include <errno.h>
#include <string.h>

static struct host_peer *find_or_make(struct host *host, const struct peer *wanted)
{
	struct host_peer *peer = host_peer(host, &wanted->address);

	if (!peer) {
		peer = calloc(1, sizeof(*peer));
		if (!peer)
			return NULL;
		peer->address = wanted->address;
		HASH_ADD(hh, host->peers, address, sizeof(peer->address), peer);
	}
	peer->wanted = *wanted;
	peer->wanted.segments = NULL;
	peer->wanted.n_segments = 0;
	return peer;
}

int apply_peer(struct host *host, const struct peer *before, const struct peer *after,
	       struct problem *problem)
{
	struct host_peer *peer = before ? host_peer(host, &before->address) : NULL;
	char text[ADDRESS_TEXT_MAX];
	int error;

	if (before)
		apply_touch_peer(host, before);
	if (peer && (!after || !address_equal(&before->address, &after->address)))
		host_forget_peer(host, peer);
	if (!after)
		return 0;
	peer = find_or_make(host, after);
	if (!peer)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, NULL, "no memory");
	apply_touch_peer(host, after);
	error = resolve_peer(host, peer);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the route to peer %s cannot be found out: %s",
				   address_format(&after->address, text), strerror(-error));
	/* so that the first frames need not wait */
	resolve_probe(host, peer);
	return resolve_publish(host, peer, problem);
}
