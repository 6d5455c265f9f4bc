/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running switch: what is in force, what changes it, and what it reports.
 * Behind struct switch_ops for the API; daemon/ gives it life.  Knows nothing
 * of files: how a configuration is read and kept are functions of the daemon.
 */
#ifndef OVERLAID_CONTROL_CONTROL_H
#define OVERLAID_CONTROL_CONTROL_H

#include "model/model.h"
#include "model/switch.h"

#include <systemd/sd-event.h>

struct control;
struct problem;

struct control_options {
	const char *config_file;   /* for people */
	const char *pin_directory; /* of the datapath */
	int (*parse)(void *arg, const char *name, const char *text, size_t length,
		     struct model *ret, struct problem *problem);
	/* Keeps what is in force for the next start of the daemon. */
	int (*keep)(void *arg, const struct model *running, struct problem *problem);
	/* Writes it to the configuration file. */
	int (*save)(void *arg, const struct model *running, struct problem *problem);
	void *arg;
};

/* The API's view; self is the struct control. */
extern const struct switch_ops control_ops;

/*
 * 1. control_open    reads the kernel's state and loads or adopts the datapath;
 *                    frames flow as an earlier daemon left it.
 * 2. control_start   puts the wanted model in force and begins to follow events.
 * 3. control_reload  as often as the configuration file changes.
 * 4. control_close   lets go; the datapath goes on.
 * Strings of options must live until control_close.
 */
int control_open(sd_event *event, const struct control_options *options, uint32_t fdb_entries,
		 struct control **ret, struct problem *problem);
/* Takes over the contents of both models in any case. */
int control_start(struct control *control, struct model *want, struct model *declared,
		  struct problem *problem);
/* The file was read again: it is the declared state from now on, and becomes the running one. */
int control_reload(struct control *control, struct model *file, struct problem *problem);
/* Takes NULL. */
void control_close(struct control *control);

/*
 * Could this be put in force on this machine now?  For `overlaid --check`, and
 * before control_open.  Needs no right and changes nothing.
 */
int control_check(const struct model *model, struct problem *problem);

static inline void control_closep(struct control **control)
{
	control_close(*control);
}

#define _cleanup_control_ __attribute__((cleanup(control_closep)))

#endif
