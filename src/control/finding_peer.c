/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which peers cannot be reached, or by a way that is not the underlay's?
 */
#include "control/finding.h"

#include <sys/socket.h>

#define NAMED_MAX 16u /* with a thousand peers behind one cut cable the rest is only counted */

static bool is_underlay(const struct host *host, uint32_t ifindex)
{
	for (size_t i = 0; i < host->n_devices; i++)
		if (host->devices[i].ifindex == ifindex)
			return true;
	return false;
}

static bool has_local(const struct host *host, int family)
{
	for (size_t i = 0; i < host->n_local; i++)
		if (address_family(&host->local[i]) == family)
			return true;
	return false;
}

static void report_unreachable(const struct host *host, const struct host_peer *peer,
			       const char *field, struct finding_sink *sink)
{
	int family = address_family(&peer->address);

	if (!has_local(host, family))
		finding_report(sink, FINDING_ERROR, field,
			       "is an %s peer, and underlay.address has no %s address",
			       family == AF_INET ? "IPv4" : "IPv6",
			       family == AF_INET ? "IPv4" : "IPv6");
	else if (peer->route.kind == ROUTE_LOCAL)
		finding_report(sink, FINDING_ERROR, field, "is an address of this machine now");
	else
		finding_report(sink, FINDING_ERROR, field,
			       "is unreachable: the kernel has no route to it");
}

static void report_way(const struct host *host, const struct host_peer *peer, const char *field,
		       struct finding_sink *sink)
{
	for (size_t i = 0; i < peer->route.n_nexthops; i++) {
		uint32_t ifindex = peer->route.nexthops[i].ifindex;
		const struct link *link = link_by_ifindex(&host->links, ifindex);

		if (!link || is_underlay(host, ifindex))
			continue;
		finding_report(sink, FINDING_WARNING, field,
			       "is sent to by %s, which is not in underlay.device: what comes "
			       "back that way is not heard; add %s there or change the route",
			       link->name, link->name);
		return;
	}
}

void finding_peers(const struct host *host, const struct model *model, struct finding_sink *sink)
{
	char field[64], text[ADDRESS_TEXT_MAX];
	size_t n_unreachable = 0;

	for (size_t i = 0; i < model->n_peers; i++) {
		const struct host_peer *peer = host_peer(host, &model->peers[i].address);

		if (!peer)
			continue;
		snprintf(field, sizeof(field), "peer %s", address_format(&peer->address, text));
		if (peer->n_nexthops)
			report_way(host, peer, field, sink);
		else if (++n_unreachable <= NAMED_MAX)
			report_unreachable(host, peer, field, sink);
	}
	if (n_unreachable > NAMED_MAX)
		finding_report(sink, FINDING_ERROR, "peers",
			       "more than %u are unreachable; `overlayctl peer list` names them",
			       NAMED_MAX);
}
