/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which peers cannot be reached, or by a way that is not the underlay's?
 */
#include "control/finding.h"

#include "kernel/slots.h"
#include "outer/outer.h"

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

/* An envelope that cuts frames itself needs room for a piece; others for their header. */
static void report_width(const struct host_peer *peer, const char *field, struct finding_sink *sink)
{
	uint32_t least = outer_wanted_mtu(&peer->wanted, /* vm_mtu= */ 0, /* tagged= */ false);

	if (peer->path_mtu < least)
		finding_report(sink, FINDING_ERROR, field,
			       "is reached with packets of at most %u bytes, and its envelope "
			       "needs %u: nothing can be sent to it; raise the MTU of the device "
			       "or of the route",
			       peer->path_mtu, least);
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

/* RFC 7637 section 3.3: an NVGRE frame has no tag inside. */
static void report_tags(const struct host *host, const struct segment *segment,
			struct finding_sink *sink)
{
	const struct host_segment *known = host_segment_by_name(host, segment->name);
	char field[MODEL_NAME_MAX + 16];
	size_t n = 0;

	for (size_t i = 0; known && i < known->members.n; i++) {
		const struct host_peer *peer = host_peer_by_slot(host, known->members.slots[i]);

		n += peer && peer->wanted.encapsulation == ENCAP_NVGRE;
	}
	if (segment->vlan_tags != VLAN_CARRY || n == 0)
		return;
	snprintf(field, sizeof(field), "segment %s", segment->name);
	finding_report(sink, FINDING_WARNING, field,
		       "carries VLAN tags, and %zu of its peers are sent NVGRE, which cannot: "
		       "tagged frames to and from them are dropped",
		       n);
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
		if (peer->n_nexthops) {
			report_way(host, peer, field, sink);
			report_width(peer, field, sink);
		} else if (++n_unreachable <= NAMED_MAX)
			report_unreachable(host, peer, field, sink);
	}
	if (n_unreachable > NAMED_MAX)
		finding_report(sink, FINDING_ERROR, "peers",
			       "more than %u are unreachable; `overlayctl peer list` names them",
			       NAMED_MAX);
	for (size_t i = 0; i < model->n_segments; i++)
		report_tags(host, &model->segments[i], sink);
}
