/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can become of a frame, as one assertion each.  On failure they print
 * what became of it instead.
 */
#ifndef OVERLAID_TESTS_ASSERT_H
#define OVERLAID_TESTS_ASSERT_H

#include "harness.h"

/*
 * The program left it as it was to other filters and the host's stack, counted
 * nothing and said nothing.
 */
#define assert_host(outcome, frame) outcome_assert_host(outcome, frame, __FILE__, __LINE__)
void outcome_assert_host(const struct outcome *outcome, const struct frame *frame, const char *file,
			 int line);

/* It was dropped and counted once, for this reason alone. */
#define assert_dropped(outcome, reason)                                                            \
	outcome_assert_dropped(outcome, reason, TC_ACT_SHOT, __FILE__, __LINE__)
/* The same where the verdict is not known (delivered, not run) or another. */
#define assert_counted(outcome, reason, verdict)                                                   \
	outcome_assert_dropped(outcome, reason, verdict, __FILE__, __LINE__)
#define VERDICT_UNKNOWN (-1)
void outcome_assert_dropped(const struct outcome *outcome, enum drop_reason reason, int verdict,
			    const char *file, int line);

/* It was redirected, and nothing was dropped. */
#define assert_sent(outcome) outcome_assert_sent(outcome, TC_ACT_REDIRECT, __FILE__, __LINE__)
/* Nothing was dropped; of a frame that was delivered, not run. */
#define assert_no_drop(outcome) outcome_assert_sent(outcome, VERDICT_UNKNOWN, __FILE__, __LINE__)
void outcome_assert_sent(const struct outcome *outcome, int verdict, const char *file, int line);

/* The device transmitted this frame next, or nothing. */
#define assert_received(device, frame)                                                             \
	frame_assert(device_receive(device), frame, __FILE__, __LINE__)
#define assert_silent(device) device_assert_silent(device, __FILE__, __LINE__)
void device_assert_silent(const struct device *device, const char *file, int line);

/* The name of abi/drop.h, or "none". */
const char *drop_name(uint32_t reason);
/* The reason of a name; DROP_NONE when there is none. */
enum drop_reason drop_by_name(const char *name);

#endif
