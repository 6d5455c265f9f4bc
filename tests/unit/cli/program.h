/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlayctl as a test's child: run by a shell against a server in the test,
 * with what it printed and how it ended.
 */
#ifndef OVERLAID_TESTS_CLI_PROGRAM_H
#define OVERLAID_TESTS_CLI_PROGRAM_H

#include "server.h"

#define PROGRAM_OUTPUT_MAX 65536

struct result {
	int status; /* 128 + the signal that ended it */
	char output[PROGRAM_OUTPUT_MAX], errors[PROGRAM_OUTPUT_MAX];
};

/* A server that overlayctl finds by its environment. */
struct server *program_start(void);
/* Where overlayctl is: the environment's OVERLAYCTL, or in the build folder. */
const char *program_path(void);
/* A line of shell in which `overlayctl` is the program under test. */
void program_run(struct result *ret, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, with what must come out of it. */
void program_expect(const char *line, int status, const char *output, const char *errors);
/* Words of a command that changes something and says nothing. */
void program_run_silently(const char *words);

#endif
