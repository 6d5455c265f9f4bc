/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlaid: the order of birth and death, and what signals mean.  Everything
 * else is somebody else's.  The datapath goes on when the daemon ends, however
 * it ends.
 */
#include "api/api.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/problem.h"
#include "config/config.h"
#include "control/control.h"
#include "daemon/options.h"
#include "daemon/privilege.h"
#include "daemon/runtime.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <time.h>

#define PROBLEM_TEXT_MAX 1024

struct daemon {
	struct options options;
	struct runtime runtime;
	sd_event *event;
	struct control *control;
	struct api *api;
};

static int refuse(const struct problem *problem)
{
	char text[PROBLEM_TEXT_MAX];

	problem_format(problem, text, sizeof(text));
	log_error("%s", text);
	return EXIT_FAILURE;
}

/* A full disk is no reason to be without a daemon, nor to undo what is in force. */
static void keep_declared(const struct daemon *daemon, const struct model *file)
{
	struct problem problem = {0};
	char text[PROBLEM_TEXT_MAX];

	if (runtime_keep_declared(&daemon->runtime, file, &problem) == 0)
		return;
	problem_format(&problem, text, sizeof(text));
	log_warning("the configuration file is not kept for comparison at the next start: %s",
		    text);
}

/* The functions that control/ may not have itself. */

static int parse(void *arg, const char *name, const char *text, size_t length, struct model *ret,
		 struct problem *problem)
{
	return config_parse(name, text, length, ret, problem);
}

static int keep(void *arg, const struct model *running, struct problem *problem)
{
	const struct daemon *daemon = arg;

	return runtime_keep_running(&daemon->runtime, running, problem);
}

static int save(void *arg, const struct model *running, struct problem *problem)
{
	const struct daemon *daemon = arg;
	int error = config_save(daemon->options.config_file, running, problem);

	if (!error)
		keep_declared(daemon, running);
	return error;
}

static int check(const struct options *options)
{
	_cleanup_model_ struct model model = {0};
	struct problem problem = {0};
	char text[PROBLEM_TEXT_MAX];

	if (config_load(options->config_file, &model, &problem) < 0)
		return refuse(&problem);
	if (control_check(&model, &problem) < 0) {
		config_locate(options->config_file, &problem);
		problem_format(&problem, text, sizeof(text));
		log_warning("on this machine, now: %s", text);
	}
	printf("%s is valid\n", options->config_file);
	return EXIT_SUCCESS;
}

static void notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(/* unset_environment= */ 0, "RELOADING=1\nMONOTONIC_USEC=%llu",
			 (unsigned long long)now.tv_sec * 1000000u +
				 (unsigned long long)now.tv_nsec / 1000u);
}

static int reload(struct daemon *daemon, struct problem *problem)
{
	_cleanup_model_ struct model file = {0}, declared = {0};
	int error = config_load(daemon->options.config_file, &file, problem);

	if (!error)
		error = model_copy(&file, &declared);
	if (!error)
		error = control_reload(daemon->control, &file, problem);
	if (error && problem->field[0])
		config_locate(daemon->options.config_file, problem);
	if (!error)
		keep_declared(daemon, &declared);
	return error;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct daemon *daemon = arg;
	struct problem problem = {0};
	char text[PROBLEM_TEXT_MAX];

	notify_reloading();
	if (reload(daemon, &problem) < 0) {
		problem_format(&problem, text, sizeof(text));
		log_error("reload refused, nothing has changed: %s", text);
	} else {
		log_info("%s is in force", daemon->options.config_file);
	}
	(void)sd_notify(0, "READY=1");
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct daemon *daemon = arg;

	log_info("ending; the datapath goes on");
	return sd_event_exit(daemon->event, EXIT_SUCCESS);
}

static int follow_signals(struct daemon *daemon)
{
	sigset_t signals;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	(void)signal(SIGPIPE, SIG_IGN);
	error = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_end, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->event, NULL, SIGINT, on_end, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->event, NULL, SIGHUP, on_reload, daemon);
	if (error >= 0)
		error = sd_event_set_watchdog(daemon->event, true);
	return error < 0 ? error : 0;
}

static int open_event_loop(struct daemon *daemon, struct problem *problem)
{
	int error = sd_event_default(&daemon->event);

	if (error >= 0)
		error = follow_signals(daemon);
	if (error < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL,
				   "the event loop cannot be made: %s", strerror(-error));
	return 0;
}

/* Takes over file's contents. */
static int start_switch(struct daemon *daemon, struct model *file, struct problem *problem)
{
	const struct control_options options = {
		.config_file = daemon->options.config_file,
		.pin_directory = daemon->runtime.bpf,
		.parse = parse,
		.keep = keep,
		.save = save,
		.arg = daemon,
	};
	_cleanup_model_ struct model want = {0}, declared = {0};
	bool kept = false;
	int error = runtime_choose(&daemon->runtime, file, &want, &kept);

	if (!error)
		error = model_copy(file, &declared);
	if (error)
		return problem_set(problem, PROBLEM_SYSTEM, -error, NULL, "no memory");
	/* before anything is loaded into the kernel that would stay there */
	error = control_check(&want, problem);
	if (!error)
		error = control_open(daemon->event, &options, want.limits.fdb_entries,
				     &daemon->control, problem);
	if (!error)
		error = control_start(daemon->control, &want, &declared, problem);
	if (error && problem->field[0])
		config_locate(kept ? daemon->runtime.running : daemon->options.config_file,
			      problem);
	if (!error)
		keep_declared(daemon, file);
	return error;
}

static int start(struct daemon *daemon, struct problem *problem)
{
	_cleanup_model_ struct model file = {0};
	int error = privilege_check(problem);

	if (!error)
		error = config_load(daemon->options.config_file, &file, problem);
	if (!error)
		error = runtime_open(daemon->options.runtime_directory, &daemon->runtime, problem);
	if (!error)
		error = open_event_loop(daemon, problem);
	if (!error)
		error = start_switch(daemon, &file, problem);
	if (!error)
		error = api_open(daemon->event, daemon->runtime.socket, &control_ops,
				 daemon->control, &daemon->api, problem);
	return error ? error : privilege_drop(problem);
}

static void end(struct daemon *daemon)
{
	api_close(daemon->api);
	control_close(daemon->control);
	sd_event_unref(daemon->event);
	runtime_close(&daemon->runtime);
}

static int run(struct daemon *daemon)
{
	struct problem problem = {0};
	int status;

	if (start(daemon, &problem) < 0) {
		status = refuse(&problem);
		end(daemon);
		return status;
	}
	log_info("overlaid " OVERLAID_VERSION " serves %s", daemon->runtime.socket);
	(void)sd_notify(0, "READY=1");
	status = sd_event_loop(daemon->event);
	(void)sd_notify(0, "STOPPING=1");
	end(daemon);
	return status < 0 ? EXIT_FAILURE : status;
}

int main(int argc, char **argv)
{
	struct daemon daemon = {.runtime.lock = -1};
	int status = options_parse(argc, argv, &daemon.options);

	if (status >= 0)
		return status;
	log_set_level(daemon.options.log_level);
	umask(0027);
	privilege_raise_files();
	return daemon.options.check_only ? check(&daemon.options) : run(&daemon);
}
