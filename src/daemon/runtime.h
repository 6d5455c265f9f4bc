/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept in the runtime directory, and which state does a start begin
 * with?
 *
 *   lock           held while a daemon runs on the directory
 *   overlaid.sock  the API
 *   running.yaml   what is in force, with the changes made through the API
 *   declared.yaml  the configuration file as it was last read
 *   bpf/           the datapath's pins
 */
#ifndef OVERLAID_DAEMON_RUNTIME_H
#define OVERLAID_DAEMON_RUNTIME_H

#include "model/model.h"

struct problem;

#define RUNTIME_PATH_MAX 108 /* the socket's: sun_path */

struct runtime {
	int lock; /* -1: not open */
	char directory[RUNTIME_PATH_MAX];
	char socket[RUNTIME_PATH_MAX];
	char bpf[RUNTIME_PATH_MAX];
	char running[RUNTIME_PATH_MAX];
	char declared[RUNTIME_PATH_MAX];
};

/* Makes the directory and locks it: -EBUSY with the other daemon's pid in the problem. */
int runtime_open(const char *directory, struct runtime *ret, struct problem *problem);
void runtime_close(struct runtime *runtime);

/*
 * The state to begin with: what an earlier daemon kept, unless the file was
 * edited since; then the file, with one log line for each change made through
 * the API that this undoes.  *ret_kept: it is what an earlier daemon kept.
 * 0 or -ENOMEM.
 */
int runtime_choose(const struct runtime *runtime, const struct model *file, struct model *ret,
		   bool *ret_kept);

int runtime_keep_running(const struct runtime *runtime, const struct model *running,
			 struct problem *problem);
int runtime_keep_declared(const struct runtime *runtime, const struct model *declared,
			  struct problem *problem);

#define _cleanup_runtime_ __attribute__((cleanup(runtime_close)))

#endif
