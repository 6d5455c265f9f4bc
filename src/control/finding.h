/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not as good as it could be?  One sentence per complaint, with the
 * numbers and what would end it.
 */
#ifndef OVERLAID_CONTROL_FINDING_H
#define OVERLAID_CONTROL_FINDING_H

#include "kernel/host.h"
#include "model/model.h"
#include "model/switch.h"

/* Where findings go; the first visitor's result that is not 0 ends the walk. */
struct finding_sink {
	finding_visit visit;
	void *arg;
	int result;
};

void finding_report(struct finding_sink *sink, int level, const char *field, const char *format,
		    ...) __attribute__((format(printf, 4, 5)));

/* finding_device.c */
void finding_anchor(const struct host *host, struct finding_sink *sink);
void finding_devices(const struct host *host, struct finding_sink *sink);
void finding_ports(const struct host *host, const struct model *model, struct finding_sink *sink);
/* finding_peer.c */
void finding_peers(const struct host *host, const struct model *model, struct finding_sink *sink);
/* finding_mtu.c */
void finding_mtus(const struct host *host, const struct model *model, struct finding_sink *sink);

#endif
