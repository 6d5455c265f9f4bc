/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who watches?  Everything that is to be told goes through the hub once and
 * reaches every watcher; it listens to the switch only while there is one.
 */
#ifndef OVERLAID_API_HUB_H
#define OVERLAID_API_HUB_H

#include "api/request.h"

#include <systemd/sd-event.h>

struct hub;

/* service->hub is set and outlives every watcher. */
int hub_open(sd_event *event, struct service *service);
/* Ends every watcher's stream; they are freed by their connections, before hub_free. */
void hub_end(struct service *service);
void hub_free(struct service *service);

/* A new watcher's stream: lines from now on.  PROBLEM_SYSTEM when there is no memory. */
int hub_join(struct hub *hub, struct stream **ret, struct problem *problem);

#endif
