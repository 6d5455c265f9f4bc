/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the command line ask for?
 */
#ifndef OVERLAID_DAEMON_OPTIONS_H
#define OVERLAID_DAEMON_OPTIONS_H

#include "base/log.h"

#include <stdbool.h>

struct options {
	const char *config_file;
	const char *runtime_directory;
	enum log_level log_level;
	bool check_only;
};

#define OPTIONS_EXIT_USAGE 2

/* Returns -1 to go on, or the exit status: 0 after --help and --version, 2 after a mistake. */
int options_parse(int argc, char **argv, struct options *ret);

#endif
