/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does a segment's MTU not fit through the underlay, and which larger
 * MTU would end that?  One line for a segment and a device, one for a segment
 * and the paths beyond the devices.
 */
#include "control/finding.h"

#include "kernel/slots.h"
#include "outer/outer.h"

#include <string.h>

#define DEVICES_MAX 16 /* that peers are reached by; more are not told apart */

struct narrow_device {
	const struct link *link;
	uint32_t wanted, limit;
};

struct narrow_paths {
	size_t n;
	const struct host_peer *narrowest;
	uint32_t wanted;
};

struct survey {
	const struct host *host;
	const struct segment *segment;
	struct narrow_device devices[DEVICES_MAX];
	size_t n_devices;
	struct narrow_paths paths;
};

static void note_device(struct survey *survey, const struct link *link, uint32_t wanted,
			uint32_t limit)
{
	size_t i = 0;

	while (i < survey->n_devices && survey->devices[i].link != link)
		i++;
	if (i == DEVICES_MAX)
		return;
	if (i == survey->n_devices)
		survey->devices[survey->n_devices++] =
			(struct narrow_device){.link = link, .limit = UINT32_MAX};
	if (wanted > survey->devices[i].wanted)
		survey->devices[i].wanted = wanted;
	if (limit < survey->devices[i].limit)
		survey->devices[i].limit = limit;
}

static void note_path(struct survey *survey, const struct host_peer *peer, uint32_t wanted)
{
	struct narrow_paths *paths = &survey->paths;

	paths->n++;
	if (!paths->narrowest || peer->path_mtu < paths->narrowest->path_mtu) {
		paths->narrowest = peer;
		paths->wanted = wanted;
	}
}

static void look_at(struct survey *survey, const struct host_peer *peer)
{
	bool tagged = survey->segment->vlan_tags == VLAN_CARRY;
	uint32_t wanted = outer_wanted_mtu(&peer->wanted, survey->segment->mtu, tagged);
	uint32_t narrowest = UINT32_MAX;

	/* where nothing fits at all finding_peers says so */
	if (peer->n_nexthops == 0 || peer->path_mtu >= wanted ||
	    peer->path_mtu < outer_wanted_mtu(&peer->wanted, /* vm_mtu= */ 0, tagged))
		return;
	for (size_t i = 0; i < peer->route.n_nexthops; i++) {
		const struct link *link =
			link_by_ifindex(&survey->host->links, peer->route.nexthops[i].ifindex);

		if (link && link->mtu < narrowest)
			narrowest = link->mtu;
		if (link && link->mtu < wanted)
			note_device(survey, link, wanted,
				    outer_limit(&peer->wanted, link->mtu, tagged));
	}
	if (peer->path_mtu < narrowest)
		note_path(survey, peer, wanted);
}

static const char *fate_of_the_rest(const struct segment *segment)
{
	return segment->too_big == TOO_BIG_FRAGMENT ?
		       "others are answered with ICMP, or cut in fragments where they permit it" :
		       "others are answered with ICMP, or dropped where they permit fragments";
}

static void report(const struct survey *survey, struct finding_sink *sink)
{
	const struct segment *segment = survey->segment;
	const struct narrow_paths *paths = &survey->paths;
	char field[MODEL_NAME_MAX + 16], text[ADDRESS_TEXT_MAX];

	snprintf(field, sizeof(field), "segment %s", segment->name);
	for (size_t i = 0; i < survey->n_devices; i++) {
		const struct narrow_device *device = &survey->devices[i];

		finding_report(sink, FINDING_WARNING, field,
			       "wants %u on the underlay for its MTU %u; %s has %u: of packets "
			       "above %u bytes TCP super-frames are cut smaller, %s; raising %s "
			       "to %u ends that",
			       device->wanted, segment->mtu, device->link->name, device->link->mtu,
			       device->limit, fate_of_the_rest(segment), device->link->name,
			       device->wanted);
	}
	if (paths->n)
		finding_report(sink, FINDING_WARNING, field,
			       "wants %u on the underlay for its MTU %u; the path to %zu of its "
			       "peers takes less than the devices, the narrowest, to %s, %u: TCP "
			       "super-frames are cut smaller, %s; a larger MTU of the route or of "
			       "the routers ends that",
			       paths->wanted, segment->mtu, paths->n,
			       address_format(&paths->narrowest->address, text),
			       paths->narrowest->path_mtu, fate_of_the_rest(segment));
}

void finding_mtus(const struct host *host, const struct model *model, struct finding_sink *sink)
{
	for (size_t i = 0; i < model->n_segments; i++) {
		struct survey survey = {.host = host, .segment = &model->segments[i]};
		const struct host_segment *known = host_segment_by_name(host, survey.segment->name);

		for (size_t k = 0; known && k < known->members.n; k++) {
			const struct host_peer *peer =
				host_peer_by_slot(host, known->members.slots[k]);

			if (peer)
				look_at(&survey, peer);
		}
		report(&survey, sink);
	}
}
