/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with devices: the underlay's, the anchor, and those of ports?
 */
#include "control/finding.h"

#include <errno.h>
#include <string.h>

void finding_anchor(const struct host *host, struct finding_sink *sink)
{
	if (host->n_devices && host->anchor.complaint[0])
		finding_report(sink, FINDING_ERROR, "underlay.vxlan-port",
			       "there is no anchor device, so merged frames from peers and frames "
			       "that need the kernel's encapsulation are lost: %s",
			       host->anchor.complaint);
}

static void report_underlay(const struct host_device *device, const struct link *link,
			    struct finding_sink *sink)
{
	char field[64];

	snprintf(field, sizeof(field), "underlay.device %s", device->name);
	if (!link)
		finding_report(sink, FINDING_ERROR, field,
			       "there is no such device; peers that send to it are not heard");
	else if (device->error)
		finding_report(sink, FINDING_ERROR, field,
			       "the kernel refuses our program on it: %s",
			       strerror(-device->error));
	else if (!link->up)
		finding_report(sink, FINDING_ERROR, field, "is down; `ip link set %s up`",
			       device->name);
	else if (!link->carrier)
		finding_report(sink, FINDING_ERROR, field, "has no carrier");
}

void finding_devices(const struct host *host, struct finding_sink *sink)
{
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < host->n_devices; i++)
		report_underlay(&host->devices[i],
				link_by_name(&host->links, host->devices[i].name), sink);
	for (size_t i = 0; i < host->n_local; i++)
		if (!link_address_is_ours(&host->addresses, &host->local[i]))
			finding_report(sink, FINDING_ERROR, "underlay.address",
				       "%s is not an address of this machine any more",
				       address_format(&host->local[i], text));
}

static void report_port(const struct port *port, const struct host_port *known,
			const struct link *link, const struct segment *segment,
			struct finding_sink *sink)
{
	char field[64];

	snprintf(field, sizeof(field), "port %s", port->device);
	if (!link)
		finding_report(sink, FINDING_WARNING, field,
			       "waits for its device, which does not exist yet");
	else if (known && known->device.error)
		finding_report(sink, FINDING_ERROR, field,
			       "the kernel refuses our program on the device: %s",
			       strerror(-known->device.error));
	else if (!link->up)
		finding_report(sink, FINDING_WARNING, field, "is down; `ip link set %s up`",
			       port->device);
	else if (!link->carrier)
		finding_report(sink, FINDING_WARNING, field,
			       "has no carrier: nobody uses its other end");
	if (link && segment && link->mtu < segment->mtu)
		finding_report(sink, FINDING_WARNING, field,
			       "has MTU %u and segment %s %u: larger packets to it are dropped; "
			       "raise the device or lower the segment",
			       link->mtu, segment->name, segment->mtu);
}

void finding_ports(const struct host *host, const struct model *model, struct finding_sink *sink)
{
	for (size_t i = 0; i < model->n_ports; i++) {
		const struct port *port = &model->ports[i];

		report_port(port, host_port(host, port->device),
			    link_by_name(&host->links, port->device),
			    model_segment(model, port->segment), sink);
	}
}
