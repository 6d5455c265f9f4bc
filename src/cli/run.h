/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens when a command that asks the daemon is run?
 */
#ifndef OVERLAID_CLI_RUN_H
#define OVERLAID_CLI_RUN_H

#include "cli/client.h"
#include "cli/command.h"

/* Prints the answer, as the API's JSON or for people, and errors to stderr; an exit status. */
int run_command(const struct invocation *invocation, const struct place *place, bool json);
/* Prints the names of all segments, ports or peers, one a line, for completion. */
int run_names(const char *object, const struct place *place);

#endif
