/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a burst of events answered once?  Work is done a little after the
 * first event of a burst, and never takes more than a fifth of the time.
 */
#ifndef OVERLAID_CONTROL_DEBOUNCE_H
#define OVERLAID_CONTROL_DEBOUNCE_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct debounce;

typedef void (*debounce_work)(void *arg);

/* 0 or -errno. */
int debounce_open(sd_event *event, uint64_t delay_us, debounce_work work, void *arg,
		  struct debounce **ret);
/* Work will be done after the delay, once for all pokes until then.  Takes NULL. */
void debounce_poke(struct debounce *debounce);
/* Takes NULL. */
void debounce_close(struct debounce *debounce);

#endif
