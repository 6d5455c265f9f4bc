/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who watches, and what are they told?  Fans the switch's one event listener
 * and one look a second at the counters out to all watchers; each line is
 * made once.  Opened by api.c, joined by GET /v1/watch.
 */
#include "api/hub.h"

#include "api/handlers.h"
#include "api/rates.h"
#include "api/view.h"
#include "api/watcher.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

#define INTERVAL_USEC 1000000u
#define ACCURACY_USEC 10000u

struct hub {
	struct service *service;
	sd_event_source *timer;
	struct watcher *watchers;
	struct rates *rates;
};

static const char *const event_names[] = {
#define X(symbol, number, name) [number] = name,
	EVENT_KINDS(X)
#undef X
};

/* "2025-01-31T12:00:00.123Z" */
static json_t *time_json(void)
{
	char text[64], whole[40];
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s.%03ldZ", whole, now.tv_nsec / 1000000);
	return json_string(text);
}

/* Takes over json; a line that there is no memory for is lost. */
static void tell(struct hub *hub, json_t *json)
{
	_cleanup_json_ json_t *line = json;
	_cleanup_free_ char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	struct watcher *watcher, *next;
	size_t length;

	if (!text)
		return;
	length = strlen(text);
	text[length] = '\n'; /* in place of the final NUL */
	DL_FOREACH_SAFE(hub->watchers, watcher, next)
		watcher_push(watcher, text, length + 1);
}

static void on_event(void *arg, const struct event_view *event)
{
	size_t n_names = sizeof(event_names) / sizeof(event_names[0]);
	const char *name = event->kind < n_names ? event_names[event->kind] : NULL;
	json_t *json =
		json_pack("{s:o, s:s}", "time", time_json(), "event", name ? name : "unknown");

	if (event->segment[0])
		json_object_set_new(json, "segment", reply_text(event->segment));
	if (event->vni)
		json_object_set_new(json, "vni", json_integer(event->vni));
	if (!mac_is_zero(&event->mac))
		json_object_set_new(json, "mac", view_mac(&event->mac));
	view_set_path(json, &event->path);
	if (event->old_path.kind != PATH_NONE) {
		json_t *from = json_object();

		view_set_path(from, &event->old_path);
		json_object_set_new(json, "from", from);
	}
	if (event->mtu)
		json_object_set_new(json, "mtu", json_integer(event->mtu));
	tell(arg, json);
}

static int look(struct hub *hub)
{
	json_t *rates = NULL;
	uint64_t now;
	int r = sd_event_now(sd_event_source_get_event(hub->timer), CLOCK_MONOTONIC, &now);

	if (r >= 0)
		r = rates_step(&hub->rates, hub->service, now, &rates);
	if (r < 0)
		return r;
	if (rates)
		tell(hub, json_pack("{s:o, s:o}", "time", time_json(), "rates", rates));
	return sd_event_source_set_time(hub->timer, now + INTERVAL_USEC);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct hub *hub = arg;

	/* watchers miss a second when memory is short; the daemon goes on */
	if (look(hub) < 0)
		sd_event_source_set_time(source, usec + INTERVAL_USEC);
	return 0;
}

static void start(struct hub *hub)
{
	const struct service *service = hub->service;

	service->ops->listen(service->self, on_event, hub);
	if (look(hub) < 0)
		sd_event_source_set_time_relative(hub->timer, INTERVAL_USEC);
	sd_event_source_set_enabled(hub->timer, SD_EVENT_ON);
}

static void stop(struct hub *hub)
{
	const struct service *service = hub->service;

	service->ops->listen(service->self, /* listener= */ NULL, /* arg= */ NULL);
	sd_event_source_set_enabled(hub->timer, SD_EVENT_OFF);
	rates_free(TAKE_PTR(hub->rates));
}

static void leave(struct watcher *watcher, void *arg)
{
	struct hub *hub = arg;

	DL_DELETE2(hub->watchers, watcher, previous, next);
	if (!hub->watchers)
		stop(hub);
}

int hub_join(struct hub *hub, struct stream **ret, struct problem *problem)
{
	struct watcher *watcher = watcher_new(&hub->service->budget);

	if (!watcher)
		return request_no_memory(problem);
	watcher->left = leave;
	watcher->hub = hub;
	DL_APPEND2(hub->watchers, watcher, previous, next);
	if (hub->watchers == watcher)
		start(hub);
	*ret = &watcher->stream;
	return 0;
}

int hub_open(sd_event *event, struct service *service)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	int r;

	if (!hub)
		return -ENOMEM;
	hub->service = service;
	r = sd_event_add_time(event, &hub->timer, CLOCK_MONOTONIC, 0, ACCURACY_USEC, on_timer, hub);
	if (r >= 0)
		r = sd_event_source_set_enabled(hub->timer, SD_EVENT_OFF);
	if (r < 0) {
		sd_event_source_unref(hub->timer);
		free(hub);
		return r;
	}
	service->hub = hub;
	return 0;
}

void hub_end(struct service *service)
{
	struct watcher *watcher;

	if (!service->hub)
		return;
	DL_FOREACH(service->hub->watchers, watcher)
		watcher_end(watcher);
}

void hub_free(struct service *service)
{
	struct hub *hub = TAKE_PTR(service->hub);

	if (!hub)
		return;
	sd_event_source_disable_unref(hub->timer);
	rates_free(hub->rates);
	free(hub);
}

int watch_open(struct request *request, struct reply *reply, struct problem *problem)
{
	struct hub *hub = request->service->hub;
	int r;

	if (!hub)
		return problem_set(problem, PROBLEM_BUSY, EBUSY, /* field= */ NULL,
				   "the daemon is about to end");
	r = hub_join(hub, &reply->stream, problem);
	if (r < 0)
		return r;
	reply->status = 200;
	return 0;
}
