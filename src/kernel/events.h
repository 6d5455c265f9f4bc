/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What did the datapath just learn?  The ring buffer `events` as a descriptor
 * for the event loop and a callback.
 */
#ifndef OVERLAID_KERNEL_EVENTS_H
#define OVERLAID_KERNEL_EVENTS_H

#include "abi/event.h"

struct datapath;
struct events;

typedef void (*events_visit)(void *arg, const struct event *event);

/* 0 or -errno.  May outlive neither dp nor arg. */
int events_open(const struct datapath *dp, events_visit visit, void *arg, struct events **ret);
/* Readable when there is something to consume; owned by events. */
int events_fd(const struct events *events);
/*
 * Calls visit for everything that is there, at most EVENTS_PER_CALL so that
 * the event loop is not starved; returns how many, or -errno.  The descriptor
 * stays readable while more is waiting.
 */
#define EVENTS_PER_CALL 4096
int events_consume(struct events *events);
/* Takes NULL. */
void events_close(struct events *events);

#endif
