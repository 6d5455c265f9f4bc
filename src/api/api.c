/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is the switch reached from outside the daemon?  Opens and closes the
 * HTTP server and runs it from the daemon's event loop: libmicrohttpd has an
 * epoll descriptor and says when it wants to be called next.  Never blocks,
 * never makes a thread.
 */
#include "api/api.h"

#include "api/connection.h"
#include "api/hub.h"
#include "api/listen.h"
#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#define CLIENTS_MAX 2048u
/* descriptors for everything else in the daemon */
#define DESCRIPTORS_SPARE 1024u
/* of one client's headers and of what it has not read yet */
#define CLIENT_BYTES 32768u
/* a client that moves no byte for so long is cut off */
#define STALL_SECONDS	    10u
#define TIMER_ACCURACY_USEC 100000u
/* rounds in which answers of the last moment are sent before the end */
#define LAST_ROUNDS 16

struct api {
	struct service service;
	char *path;
	int listen_fd;
	struct MHD_Daemon *server;
	/* soon: a timer would be late by its accuracy */
	sd_event_source *io, *timer, *soon;
};

static int plan_next_run(struct api *api)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;

	if (MHD_get_timeout(api->server, &milliseconds) != MHD_YES)
		return sd_event_source_set_enabled(api->timer, SD_EVENT_OFF);
	if (!milliseconds)
		return sd_event_source_set_enabled(api->soon, SD_EVENT_ONESHOT);
	if (milliseconds > STALL_SECONDS * 1000)
		milliseconds = STALL_SECONDS * 1000;
	sd_event_source_set_time_relative(api->timer, milliseconds * 1000);
	return sd_event_source_set_enabled(api->timer, SD_EVENT_ONESHOT);
}

static int run(struct api *api)
{
	if (MHD_run(api->server) != MHD_YES)
		log_warning("the API server could not look at its connections");
	return plan_next_run(api);
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	return run(arg);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	return run(arg);
}

static int on_soon(sd_event_source *source, void *arg)
{
	return run(arg);
}

static void run_soon(struct service *service)
{
	struct api *api = (struct api *)((char *)service - offsetof(struct api, service));

	if (api->soon)
		sd_event_source_set_enabled(api->soon, SD_EVENT_ONESHOT);
}

__attribute__((format(printf, 2, 0))) static void write_server_log(void *arg, const char *format,
								   va_list arguments)
{
	char line[512];

	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	log_debug("API: %s", line);
}

/* Each client is a descriptor; the usual soft limit is 1024. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	rlim_t wanted = CLIENTS_MAX + DESCRIPTORS_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int start_server(struct api *api, struct problem *problem)
{
	api->server = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, /* port= */ 0,
		/* accept policy= */ NULL, /* its argument= */ NULL, connection_handle,
		&api->service, MHD_OPTION_EXTERNAL_LOGGER, write_server_log, /* argument= */ NULL,
		MHD_OPTION_LISTEN_SOCKET, api->listen_fd, MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, STALL_SECONDS, MHD_OPTION_NOTIFY_COMPLETED,
		connection_completed, &api->service, MHD_OPTION_END);
	if (!api->server)
		return problem_set(problem, PROBLEM_SYSTEM, ENOMEM, /* field= */ NULL,
				   "the API server at %s does not start", api->path);
	return 0;
}

static int join_event_loop(struct api *api, sd_event *event, struct problem *problem)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(api->server, MHD_DAEMON_INFO_EPOLL_FD);
	int r = info ? 0 : -ENOTSUP;

	if (!r)
		r = sd_event_add_io(event, &api->io, info->epoll_fd, EPOLLIN, on_ready, api);
	if (r >= 0)
		r = sd_event_add_time(event, &api->timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC,
				      on_timer, api);
	if (r >= 0)
		r = sd_event_add_defer(event, &api->soon, on_soon, api);
	if (r >= 0)
		r = hub_open(event, &api->service);
	if (r >= 0)
		r = plan_next_run(api);
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, /* field= */ NULL,
				   "the API server cannot join the event loop: %s", strerror(-r));
	return 0;
}

int api_open(sd_event *event, const char *socket_path, const struct switch_ops *ops, void *self,
	     struct api **ret, struct problem *problem)
{
	_cleanup_api_ struct api *api = calloc(1, sizeof(*api));
	int r;

	if (!api)
		return request_no_memory(problem);
	api->listen_fd = -1;
	api->service = (struct service){
		.ops = ops,
		.self = self,
		.budget = {.maximum = REQUEST_BUDGET},
		.run_soon = run_soon,
	};
	api->path = strdup(socket_path);
	if (!api->path)
		return request_no_memory(problem);
	raise_descriptor_limit();
	r = listen_open(api->path, &api->listen_fd, problem);
	if (!r)
		r = start_server(api, problem);
	if (!r)
		r = join_event_loop(api, event, problem);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(api);
	return 0;
}

static void stop_server(struct api *api)
{
	/* libmicrohttpd must not be stopped while a watcher's connection is suspended */
	hub_end(&api->service);
	for (int i = 0; i < LAST_ROUNDS; i++)
		MHD_run(api->server);
	/* without this it would close listen_fd, whose file listen_close looks after */
	MHD_quiesce_daemon(api->server);
	MHD_stop_daemon(api->server);
}

void api_close(struct api *api)
{
	if (!api)
		return;
	api->io = sd_event_source_disable_unref(api->io);
	api->timer = sd_event_source_disable_unref(api->timer);
	api->soon = sd_event_source_disable_unref(api->soon);
	if (api->server)
		stop_server(api);
	hub_free(&api->service);
	if (api->listen_fd >= 0)
		listen_close(api->path, api->listen_fd);
	free(api->path);
	free(api);
}
