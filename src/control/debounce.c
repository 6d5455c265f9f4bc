/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a burst of events answered once?  A one-shot timer; later pokes do
 * not put it off, so that a steady stream of events is answered too.
 */
#include "control/debounce.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define REST_PER_WORK 4 /* times as long as the work took */

struct debounce {
	sd_event *event;
	sd_event_source *timer;
	uint64_t delay_us;
	uint64_t not_before_us;
	bool pending;
	debounce_work work;
	void *arg;
};

/* sd_event_now would be the time at which this round of the loop began. */
static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static int on_timer(sd_event_source *source, uint64_t scheduled_us, void *arg)
{
	struct debounce *debounce = arg;
	uint64_t start = now_us(), end;

	debounce->pending = false;
	debounce->work(debounce->arg);
	end = now_us();
	debounce->not_before_us = end + REST_PER_WORK * (end - start);
	return 0;
}

int debounce_open(sd_event *event, uint64_t delay_us, debounce_work work, void *arg,
		  struct debounce **ret)
{
	struct debounce *debounce = calloc(1, sizeof(*debounce));
	int error;

	if (!debounce)
		return -ENOMEM;
	error = sd_event_add_time(event, &debounce->timer, CLOCK_MONOTONIC, 0, /* accuracy= */ 1,
				  on_timer, debounce);
	if (error >= 0)
		error = sd_event_source_set_enabled(debounce->timer, SD_EVENT_OFF);
	if (error < 0) {
		debounce_close(debounce);
		return error;
	}
	debounce->event = event;
	debounce->delay_us = delay_us;
	debounce->work = work;
	debounce->arg = arg;
	*ret = debounce;
	return 0;
}

void debounce_poke(struct debounce *debounce)
{
	uint64_t at;

	if (!debounce || debounce->pending)
		return;
	at = now_us() + debounce->delay_us;
	debounce->pending = true;
	if (at < debounce->not_before_us)
		at = debounce->not_before_us;
	(void)sd_event_source_set_time(debounce->timer, at);
	(void)sd_event_source_set_enabled(debounce->timer, SD_EVENT_ONESHOT);
}

void debounce_close(struct debounce *debounce)
{
	if (!debounce)
		return;
	sd_event_source_disable_unref(debounce->timer);
	free(debounce);
}
