/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with devices: the underlay's, the anchor, and those of ports?
 */
#include "control/finding.h"

#include "kernel/anchor_kind.h"
#include "kernel/stt.h"

#include <errno.h>
#include <string.h>

static void report_anchor(const struct anchor_kind *kind, const struct host_anchor *anchor,
			  struct finding_sink *sink)
{
	const char *field = kind->port_name ? kind->port_name : kind->device;

	if (!anchor->complaint[0])
		return;
	if (anchor->kind_missing && (anchor->is_waker || !kind->port_name))
		finding_report(sink, FINDING_NOTE, field,
			       "%s: frames of that envelope are stripped and made without the "
			       "kernel's help, which costs some speed",
			       anchor->complaint);
	else
		finding_report(sink, FINDING_ERROR, field,
			       "there is no anchor device, so merged frames from peers and frames "
			       "that need the kernel's encapsulation are lost: %s",
			       anchor->complaint);
}

void finding_anchor(const struct host *host, struct finding_sink *sink)
{
	for (size_t row = 0; row < N_ANCHORS; row++)
		if (host->wanted_anchors & 1u << row)
			report_anchor(&anchor_kinds[row], &host->anchors[row], sink);
	if (host->n_devices && stt_is_wanted(host) && stt_complaint(host)[0])
		finding_report(sink, FINDING_ERROR, "underlay.stt-port",
			       "STT does not run, so what its peers send and are sent is lost: %s",
			       stt_complaint(host));
	if (host->relay.wanted && host->relay.complaint[0])
		finding_report(sink, FINDING_ERROR, "relay",
			       "is missing, so floods reach the peers of one envelope only, and "
			       "super-frames that an envelope cannot take whole are lost: %s",
			       host->relay.complaint);
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
