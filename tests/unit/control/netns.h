/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace of the test's own, and ip(8) in it.  Needs root: a test
 * program that uses it calls netns_or_skip first, which ends it with meson's
 * "skipped" and the reason when that is not possible.
 */
#ifndef OVERLAID_TESTS_UNIT_CONTROL_NETNS_H
#define OVERLAID_TESTS_UNIT_CONTROL_NETNS_H

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline void netns_or_skip(void)
{
	if (unshare(CLONE_NEWNET) == 0)
		return;
	printf("1..0 # SKIP a network namespace of its own needs root: %s\n", strerror(errno));
	exit(77);
}

/* A fresh, empty namespace for the next test. */
static inline int netns_fresh(void **state)
{
	return unshare(CLONE_NEWNET);
}

__attribute__((format(printf, 1, 2))) static inline int sh(const char *format, ...)
{
	char command[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return system(command);
}

static inline double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of this process, in the kernel too: other work on the machine does not count. */
static inline double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
